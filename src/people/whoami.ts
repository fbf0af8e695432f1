/**
 * The caller, as the original's `GET /api/current-user/whoami` words them. Wire spelling lives here.
 * Fields that the original fills from parts that Labelgate does not have are there and empty, so
 * that its SDK's types hold.
 */
import { type Action, authorize, type Principal, permissions } from "../access/authorize.ts";
import { roleRank } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listOwners, loadOrganization } from "../store/organizations.ts";
import { loadMembership, loadUserIn } from "../store/people.ts";
import { answerPerson, answerStanding } from "./person-answer.ts";

/**
 * The caller's account, active organization and role.
 * @throws AppError `not_authenticated` where the account or the membership is gone
 */
export async function whoami(deps: Deps, principal: Principal) {
  const { db } = deps.store;
  const user = await loadUserIn(db, principal.organizationId, principal.userId);
  const membership = await loadMembership(db, principal.organizationId, principal.userId);
  const organization = await loadOrganization(db, principal.organizationId);
  if (user === null || membership === null || organization === null)
    throw new AppError("not_authenticated");
  const [owner] = await listOwners(db, principal.organizationId);
  const { role } = membership;
  return {
    ...answerPerson({
      ...user,
      userId: user.id,
      accountCreatedAt: user.createdAt,
      lastActivityAt: deps.now(),
    }),
    active_organization: principal.organizationId,
    active_organization_meta: { title: organization.title, email: owner?.email ?? "" },
    organization_membership: answerStanding(principal.organizationId, role),
    org_membership: [answerStanding(principal.organizationId, role)],
    is_superuser: false,
    is_staff: false,
    can_manage: roleRank(role) >= roleRank("AD"),
    permissions: permissionsOf(principal),
    social_accounts: [] as readonly unknown[],
    lse_fields: { onboarding_state: "not_started", email_notification_settings: null },
  };
}

/** The actions of the permission table that the caller may do. */
function permissionsOf(principal: Principal): readonly Action[] {
  const actions = Object.keys(permissions) as Action[];
  return actions.filter((action) => authorize(principal, action).allow);
}
