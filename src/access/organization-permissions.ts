/**
 * Permissions that an organization's Owner gives to roles otherwise than the permission table does (the
 * original's Permissions page). The Owner's own are not configurable. Only what Labelgate itself decides
 * stands here; a rule that nobody follows would be no rule.
 */
import type { OrgRole } from "./roles.ts";

/** The roles of whom it may be decided. */
export const configurableRoles = ["AD", "MA", "RE", "AN"] as const satisfies readonly OrgRole[];
export type ConfigurableRole = (typeof configurableRoles)[number];

/** A permission, and what is decided of it unless somebody says otherwise. */
export interface ConfigurablePermission {
  /** As Label Studio's open-source edition names it. */
  readonly permission: string;
  readonly group: string;
  readonly label: string;
  readonly tooltip: string;
  readonly default: readonly ConfigurableRole[];
  /** To whom it may be given. */
  readonly options: readonly ConfigurableRole[];
}

/** Making API tokens, of either kind, and making them anew; those that are there go on. */
export const makesTokens = {
  permission: "users.token.any",
  group: "Organization",
  label: "Create API tokens",
  tooltip: "Who may make personal API tokens and personal access tokens of their own.",
  default: configurableRoles,
  options: configurableRoles,
} as const satisfies ConfigurablePermission;

/** Every permission that may be configured. */
export const configurablePermissions: readonly ConfigurablePermission[] = [makesTokens];

/**
 * Checks the role's permission: by the override where there is one (null where none), else by the
 * default.
 */
export function hasPermission(
  role: OrgRole,
  { default: usual }: ConfigurablePermission,
  override: readonly OrgRole[] | null,
): boolean {
  return role === "OW" || (override ?? usual).includes(role);
}
