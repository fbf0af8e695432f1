/**
 * Plans the effect of changed settings on one member, by the very functions that a sign-in and
 * provisioning run (PRODUCT 4.11, 8.1). Owns what these functions are told; walking over the members is
 * preview.ts's.
 *
 * One person's plan may depend on those before: a seat taken is not free for the next, and the last
 * Administrator stays. For SCIM, saving goes through the people in order of id, as the preview does.
 * Nobody knows who signs in first, so of SAML only seats that are taken count, none that become free.
 */

import type { Change, Reason } from "../access/changes.ts";
import { type Grants, indexMappings, resolveGrants } from "../access/mappings.ts";
import { planSignIn } from "../access/plan.ts";
import { planScimGroups } from "../access/plan-scim-groups.ts";
import { hasAccess, type OrgRole } from "../access/roles.ts";
import type { ScimSettings } from "../access/settings-table.ts";
import type { AccessPolicy, PersonSnapshot } from "../access/snapshot.ts";
import type { BatchMember, BatchScope } from "../store/batches.ts";
import { loadTargets, type MappingTargets } from "../store/mapping-targets.ts";
import { countAdministration } from "../store/members.ts";
import { loadOrganization } from "../store/organizations.ts";
import type { Db } from "../store/store.ts";

/** Totals as they stood before a member was planned. */
export interface Counts {
  readonly seatsUsed: number;
  readonly administrators: number;
}

/** The plan of one member. */
export interface Planned {
  readonly groups: readonly string[];
  readonly snapshot: PersonSnapshot;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** Plans for members of one organization under settings that are not saved. */
export interface Planner {
  /** Totals before any member was planned. */
  readonly start: Counts;
  /** The members to plan for, and the facts to load of them. */
  readonly scope: BatchScope;
  /** Null for a member of whom no groups are known. */
  plan(member: BatchMember, counts: Counts): Planned | null;
  /** Totals after the member. */
  count(counts: Counts, planned: Planned): Counts;
}

/** The mappings and switches to plan by. */
export interface PlannerRules {
  readonly organizationId: number;
  readonly mappings: ScimSettings;
  readonly policy: AccessPolicy;
}

/** Plans of the next sign-in, over the groups that the identity provider sent last. */
export async function samlPlanner(
  db: Db,
  rules: PlannerRules & { readonly confirmedFor: number | null },
): Promise<Planner> {
  const facts = await loadFacts(db, rules);
  return {
    start: facts.start,
    scope: { organizationId: rules.organizationId, withPushedGroups: false },
    plan: (member, counts) => {
      const { samlGroups: groups, email, snapshot: held } = member;
      if (groups === null) return null;
      const grants = facts.grantsOf(groups);
      const snapshot = { ...held, ...facts.targetsOf(grants), seats: facts.seatsAt(counts) };
      // Names are not remembered beside the groups, and stay as they are.
      const identity = { email, groups, groupsState: "present" } as const;
      const { changes, reasons } = planSignIn({
        identity,
        snapshot,
        grants,
        policy: rules.policy,
        confirmedFor: rules.confirmedFor,
      });
      return { groups, snapshot, changes, reasons };
    },
    count: (counts, planned) => {
      const { seats } = deltasOf(planned.changes);
      return { ...counts, seatsUsed: counts.seatsUsed + Math.max(0, seats) };
    },
  };
}

/** Plans of saving the SCIM mappings, over the pushed groups. */
export async function scimPlanner(db: Db, rules: PlannerRules): Promise<Planner> {
  const facts = await loadFacts(db, rules);
  return {
    start: facts.start,
    scope: { organizationId: rules.organizationId, withPushedGroups: true },
    plan: (member, counts) => {
      const { scimGroups: groups, email, snapshot: held, isActive: active } = member;
      if (groups.length === 0 && held.assignments.length === 0) return null;
      const grants = facts.grantsOf(groups);
      const snapshot = { ...held, ...facts.targetsOf(grants), seats: facts.seatsAt(counts) };
      const others = {
        otherOwners: facts.owners,
        otherAdministrators: counts.administrators - (member.membership.role === "AD" ? 1 : 0),
      };
      const { changes, reasons } = planScimGroups({
        email,
        snapshot,
        grants,
        policy: rules.policy,
        active,
        others,
      });
      return { groups, snapshot, changes, reasons };
    },
    count: (counts, planned) => {
      const { seats, administrators } = deltasOf(planned.changes);
      return {
        seatsUsed: counts.seatsUsed + seats,
        administrators: counts.administrators + administrators,
      };
    },
  };
}

/** The facts that all members' plans share, loaded once. */
interface Facts {
  readonly start: Counts;
  readonly owners: number;
  grantsOf(groups: readonly string[]): Grants;
  targetsOf(grants: Grants): Pick<PersonSnapshot, "workspaces" | "projectIds">;
  seatsAt(counts: Counts): PersonSnapshot["seats"];
}

async function loadFacts(db: Db, { organizationId, mappings }: PlannerRules): Promise<Facts> {
  const organization = await loadOrganization(db, organizationId);
  if (organization === null) throw new Error(`there is no organization ${organizationId}`);
  const targets = await loadTargets(db, organizationId, {
    titles: mappings.workspaces.map(({ workspace }) => workspace),
    projectIds: mappings.projects.map(({ projectId }) => projectId),
  });
  const { owners, administrators } = await countAdministration(db, organizationId);
  return {
    start: { seatsUsed: organization.seatsUsed, administrators },
    owners,
    grantsOf: rememberGrants(mappings),
    targetsOf: (grants) => targetsAmong(targets, grants),
    seatsAt: ({ seatsUsed: used }) => ({ limit: organization.seatLimit, used }),
  };
}

/** Many members are in the very same groups; what these grant is looked up once. */
function rememberGrants(mappings: ScimSettings): Facts["grantsOf"] {
  const index = indexMappings(mappings);
  const known = new Map<string, Grants>();
  return (groups) => {
    const key = JSON.stringify(groups);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const grants = resolveGrants(groups, index);
    if (known.size >= maxRemembered) known.clear();
    known.set(key, grants);
    return grants;
  };
}

const maxRemembered = 500;

/** Of what the grants name, what exists: a snapshot of one person holds no more. */
function targetsAmong(
  { workspaceIds, projectIds }: MappingTargets,
  grants: Grants,
): Pick<PersonSnapshot, "workspaces" | "projectIds"> {
  const workspaces: { id: number; title: string }[] = [];
  for (const { title } of grants.workspaces) {
    const id = workspaceIds.get(title);
    if (id !== undefined) workspaces.push({ id, title });
  }
  return {
    workspaces,
    projectIds: grants.projects
      .map(({ projectId }) => projectId)
      .filter((id) => projectIds.has(id)),
  };
}

function deltasOf(changes: readonly Change[]): { seats: number; administrators: number } {
  let seats = 0;
  let administrators = 0;
  const seat = (role: OrgRole) => (hasAccess(role) ? 1 : 0);
  for (const change of changes) {
    if (change.kind !== "role_changed") continue;
    seats += seat(change.to) - seat(change.from);
    administrators += (change.to === "AD" ? 1 : 0) - (change.from === "AD" ? 1 : 0);
  }
  return { seats, administrators };
}
