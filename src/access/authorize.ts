/**
 * The permission table: what each organization role may do (PRODUCT 1.6, 6; the matrix of Label
 * Studio's own roles page).
 *
 * Owns the question "may somebody of this role do this at all?". Which rows a role that sees only
 * its own then gets is the query's business: `reach` says which kind of query to run. Whether a
 * MANUAL flag forbids a change by hand, and whom a person may raise, are rules about the change
 * and not about the role.
 */
import { type OrgRole, roleName } from "./roles.ts";

/** The caller: one person in the one organization that their credential opened (PRODUCT 4.10). */
export interface Principal {
  readonly userId: number;
  readonly organizationId: number;
  readonly email: string;
  readonly role: OrgRole;
  readonly via: "session" | "token" | "bearer";
  /** The session's public id, null for tokens. */
  readonly sessionId: string | null;
}

/**
 * Reach of a permission: everything in the organization, or only what the person belongs to (their
 * account, their workspaces, the projects in them).
 */
export type Reach = "organization" | "own";

/** The answer, with a whole sentence on why. `code` stands in the error table. */
export type Decision =
  | { readonly allow: true; readonly code: null; readonly reason: string; readonly reach: Reach }
  | {
      readonly allow: false;
      readonly code: "not_authenticated" | "permission_denied";
      readonly reason: string;
    };

interface Permission {
  /** Words that complete "… may <does>." */
  readonly does: string;
  readonly roles: Readonly<Partial<Record<OrgRole, Reach>>>;
}

type Reaches = Permission["roles"];

const owner = { OW: "organization" } as const satisfies Reaches;
const administrators = { OW: "organization", AD: "organization" } as const satisfies Reaches;
/** Managers act in the workspaces they made or joined, and in the projects there. */
const managers = { ...administrators, MA: "own" } as const satisfies Reaches;
const reviewers = { ...managers, RE: "own" } as const satisfies Reaches;
const annotators = { ...reviewers, AN: "own" } as const satisfies Reaches;
const tagReaders = { ...administrators, MA: "organization" } as const satisfies Reaches;
/** Managers, to find whom they assign; below them, only what is one's own (PRODUCT 1.6). */
const finders = {
  ...administrators,
  MA: "organization",
  RE: "own",
  AN: "own",
} as const satisfies Reaches;
const everybodyActive = {
  OW: "own",
  AD: "own",
  MA: "own",
  RE: "own",
  AN: "own",
} as const satisfies Reaches;
/** Not Activated and Deactivated people see a page that says so, and may leave (PRODUCT 1.6). */
const everybody = { ...everybodyActive, NO: "own", DI: "own" } as const satisfies Reaches;

/** Action → what it does and who may, how far. A role that is not named may not. */
export const permissions = {
  // Single sign-on and provisioning (PRODUCT 6, 8.4)
  "saml_settings:read": { does: "read the SAML settings", roles: administrators },
  "saml_settings:write": { does: "change the SAML settings", roles: administrators },
  "saml_metadata:read": {
    does: "read the identity provider's metadata on record",
    roles: administrators,
  },
  "scim_settings:read": { does: "read the SCIM settings", roles: administrators },
  "scim_settings:write": { does: "change the SCIM settings", roles: administrators },
  "sign_in_log:read": { does: "read the sign-in log", roles: administrators },

  // The person's own account
  "own_account:read": { does: "read their own account", roles: everybody },
  "own_account:write": { does: "change their own account", roles: everybodyActive },
  "own_sessions:write": { does: "end their own sessions", roles: everybody },
  "own_tokens:write": { does: "make and see their own API tokens", roles: everybodyActive },

  // Organization and people
  "own_organizations:read": {
    does: "see the organization that their credential opened",
    roles: everybodyActive,
  },
  "organization:read": { does: "see the organization page", roles: administrators },
  // "Organization settings: Administrators partly, the Owner wholly" (the roles matrix).
  "organization:write": { does: "change the organization's title and seats", roles: owner },
  "default_role:write": { does: "choose the role of new members", roles: administrators },
  "organization:transfer": { does: "hand the organization to a new Owner", roles: owner },
  "permissions:write": { does: "change the organization's permissions", roles: owner },
  "billing:read": { does: "see the billing page", roles: owner },
  "members:read": { does: "see the members", roles: administrators },
  "members:write": { does: "change roles and remove members", roles: administrators },
  // Managers find whom they assign by them, as the lists of a project's members show them.
  "member_tags:read": { does: "see the members' tags", roles: tagReaders },
  "member_tags:write": { does: "change the members' tags", roles: administrators },
  "users:read": { does: "see people's accounts", roles: finders },
  "users:write": { does: "make and change other people's accounts", roles: administrators },
  "sessions:read": { does: "see other people's sessions", roles: administrators },
  "sessions:write": { does: "end other people's sessions", roles: administrators },
  "invites:read": { does: "see the invitations", roles: administrators },
  "invites:write": { does: "invite people", roles: administrators },
  "tokens_settings:read": { does: "see the rules for API tokens", roles: administrators },
  "tokens_settings:write": { does: "change the rules for API tokens", roles: administrators },
  "activity_log:read": { does: "read the activity log", roles: administrators },
  "upstream:read": { does: "see how Label Studio is connected", roles: administrators },
  "upstream:write": { does: "link people and projects to Label Studio", roles: administrators },
  "model_providers:write": { does: "change model providers", roles: administrators },

  // Workspaces and projects. "own": what the person belongs to, or made.
  "workspaces:read": { does: "see workspaces", roles: annotators },
  "workspaces:write": { does: "make, change and delete workspaces", roles: managers },
  "workspace_members:read": { does: "see workspace members", roles: managers },
  "workspace_members:write": { does: "add and remove workspace members", roles: managers },
  "projects:read": { does: "see projects", roles: annotators },
  "projects:write": { does: "make, change and delete projects", roles: managers },
  "project_members:read": { does: "see project members and their roles", roles: managers },
  "project_members:write": { does: "assign people to projects", roles: managers },
  "project_data:write": { does: "import, export and change project data", roles: managers },
  "dashboards:read": { does: "see project and member dashboards", roles: managers },
  "annotations:write": { does: "label", roles: annotators },
  "reviews:write": { does: "review annotations", roles: reviewers },
} as const satisfies Record<string, Permission>;

/** An action of the permission table. */
export type Action = keyof typeof permissions;

/** The roles that may do `action` at all. */
export function rolesThatMay(action: Action): readonly OrgRole[] {
  return Object.keys(permissions[action].roles) as OrgRole[];
}

/**
 * Why this credential makes no other one that outlives it, as a sentence, or null where it may. An
 * access token lives five minutes: whoever came by one must not turn it into the account for good.
 */
export function refuseLastingCredential({ via }: Pick<Principal, "via">): string | null {
  if (via !== "bearer") return null;
  return "An access token, which lives five minutes, makes no lasting token. Sign in, or send the API token; a personal access token is renewed at /api/token/rotate/.";
}

/**
 * Decides whether `principal` may do `action`, and why. Null is somebody without a valid credential,
 * who may do nothing here; what is public needs no question.
 */
export function authorize(principal: Principal | null, action: Action): Decision {
  const permission: Permission = permissions[action];
  if (principal === null) {
    const reason = `Nobody may ${permission.does} without a valid credential.`;
    return { allow: false, code: "not_authenticated", reason };
  }
  const reach = permission.roles[principal.role];
  const who = `Somebody with the role ${roleName(principal.role)}`;
  if (reach === undefined) {
    const reason = `${who} may not ${permission.does}.`;
    return { allow: false, code: "permission_denied", reason };
  }
  return { allow: true, code: null, reason: `${who} may ${permission.does}.`, reach };
}
