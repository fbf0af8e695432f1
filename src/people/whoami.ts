/**
 * The caller, as the original's `GET /api/current-user/whoami` words them. Wire spelling lives here.
 * Fields that the original fills from parts that Labelgate does not have are there and empty, so
 * that its SDK's types hold.
 */
import type { Principal } from "../access/authorize.ts";
import { hasAccess, roleRank } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listOwners, loadOrganization } from "../store/organizations.ts";
import { loadMembership, loadUser } from "../store/people.ts";

/**
 * The caller's account, active organization and role.
 * @throws AppError `not_authenticated` where the account or the membership is gone
 */
export async function whoami(deps: Deps, principal: Principal) {
  const { db } = deps.store;
  const user = await loadUser(db, principal.userId);
  const membership = await loadMembership(db, principal.organizationId, principal.userId);
  const organization = await loadOrganization(db, principal.organizationId);
  if (user === null || membership === null || organization === null)
    throw new AppError("not_authenticated");
  const [owner] = await listOwners(db, principal.organizationId);
  const { role } = membership;
  return {
    id: user.id,
    email: user.email,
    username: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    initials: initialsOf(user),
    phone: "",
    avatar: null,
    date_joined: new Date(user.createdAt).toISOString(),
    last_activity: new Date(deps.now()).toISOString(),
    allow_newsletters: null,
    active_organization: principal.organizationId,
    active_organization_meta: { title: organization.title, email: owner?.email ?? "" },
    organization_membership: {
      organization_id: principal.organizationId,
      role,
      active: hasAccess(role),
      user_type: "regular",
    },
    is_superuser: false,
    is_staff: false,
    can_manage: roleRank(role) >= roleRank("AD"),
    permissions: [] as readonly string[],
    social_accounts: [] as readonly unknown[],
    lse_fields: { onboarding_state: "not_started", email_notification_settings: null },
  };
}

/** First letters of the names, else the first two of the address. */
function initialsOf(user: {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}): string {
  const first = ([text = ""]: Iterable<string>) => text;
  const initials = first(user.firstName) + first(user.lastName);
  return (initials === "" ? user.email.slice(0, 2) : initials).toUpperCase();
}
