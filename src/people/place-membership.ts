/**
 * Changes the members of a workspace or a project manually: one person, or many at once.
 *
 *   transaction ─ place as the caller sees it ─ people locked ─ plan-places.ts ─ apply
 *
 * 1. A MANUAL flag that leaves this to groups is told before anything is looked up (PRODUCT 5).
 * 2. Whoever is not a member of the organization reads as nobody, whichever organization has them.
 * 3. Many at once is one transaction; who cannot be changed is left out and named.
 */
import type { Action } from "../access/authorize.ts";
import type { Plan } from "../access/changes.ts";
import {
  type PlaceOutcome,
  type PlacePerson,
  planGrant,
  planProjectRole,
  planProjectRoleRevoke,
  planRevoke,
} from "../access/plan-places.ts";
import type { ProjectRole } from "../access/roles.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { applyPlan } from "../store/apply.ts";
import {
  listPlaceMemberIds,
  loadPlacePeople,
  type PlaceMemberFilter,
} from "../store/place-members.ts";
import type { Db } from "../store/store.ts";
import { type Acting, sourceOf } from "./caller.ts";
import { type FoundPlace, findPlace, type PlaceName, requireManual, viewerOf } from "./places.ts";

/** More at once would hold everybody else up. */
const maxAtOnce = 10_000;

/** One person and one place. */
export interface PlaceAndUser {
  readonly place: PlaceName;
  readonly userId: number;
}

/** Adds the person by hand. @throws AppError `not_found`, `validation_failed`, `…_managed_by_groups` */
export async function addToPlace(deps: Deps, acting: Acting, named: PlaceAndUser): Promise<void> {
  const source = sourceOf(acting.principal);
  await changeOne(deps, acting, {
    ...named,
    action: `${named.place.kind}_member_added`,
    decide: (person, place) => added(planGrant(person, place, source)),
  });
}

/** Takes what was given by hand. @throws AppError `not_found`, `conflict`, `…_managed_by_groups` */
export async function removeFromPlace(
  deps: Deps,
  acting: Acting,
  named: PlaceAndUser,
): Promise<void> {
  await changeOne(deps, acting, {
    ...named,
    action: `${named.place.kind}_member_removed`,
    decide: (person, place) => taken(planRevoke(person, place)),
  });
}

/** Gives the person a role in the project. @throws AppError as `addToPlace` */
export async function setProjectRole(
  deps: Deps,
  acting: Acting,
  { projectId, userId, role }: { projectId: number; userId: number; role: ProjectRole },
): Promise<void> {
  const given = { role, source: sourceOf(acting.principal) };
  await changeOne(deps, acting, {
    place: { kind: "project", id: projectId },
    userId,
    action: "project_role_set",
    decide: (person, place) => added(planProjectRole(person, place, given)),
  });
}

/** Takes the role given by hand; the membership stays. @throws AppError as `removeFromPlace` */
export async function removeProjectRole(
  deps: Deps,
  acting: Acting,
  { projectId, userId }: { projectId: number; userId: number },
): Promise<void> {
  await changeOne(deps, acting, {
    place: { kind: "project", id: projectId },
    userId,
    action: "project_role_removed",
    decide: (person, place) => taken(planProjectRoleRevoke(person, place)),
  });
}

interface OneChange extends PlaceAndUser {
  readonly action: string;
  readonly decide: (person: PlacePerson, place: FoundPlace) => Plan;
}

async function changeOne(
  deps: Deps,
  acting: Acting,
  { place: named, userId, action, decide }: OneChange,
): Promise<void> {
  requireManual(deps.config, named.kind);
  await deps.store.transaction(async (tx) => {
    const viewer = await viewerNow(tx, acting, named.kind);
    const place = await findPlace(tx, viewer, named);
    const [person] = await loadPlacePeople(tx, place.key, [userId]);
    if (person === undefined) throw notHere(action);
    await applyPlans(deps, tx, { acting, action, plans: [decide(person, place)] });
  });
}

/**
 * Refuses a person who is not in the organization. An addition names them in its body, a removal in
 * its address.
 */
function notHere(action: string): AppError {
  if (action.endsWith("_removed")) return new AppError("not_found");
  return new AppError("validation_failed", { fields: { user: [noSuchPerson] } });
}

const noSuchPerson = "There is no such person in this organization.";

function added(outcome: PlaceOutcome): Plan {
  if (outcome.outcome === "planned") return outcome.plan;
  throw new AppError("validation_failed", { fields: { user: [outcome.reason.text] } });
}

function taken(outcome: PlaceOutcome): Plan {
  if (outcome.outcome === "planned") return outcome.plan;
  const code = outcome.outcome === "absent" ? "not_found" : "conflict";
  throw new AppError(code, { detail: outcome.reason.text });
}

/** People that a bulk request selects. */
export interface Selection {
  /** Everybody whom the filter finds, but the excluded; else those included. */
  readonly all: boolean;
  readonly included: readonly number[];
  readonly excluded: readonly number[];
  readonly filter: Omit<PlaceMemberFilter, "among" | "exceptUserIds">;
}

export interface BulkResult {
  /** Number of people who were changed. */
  readonly changed: number;
  /** People who were selected and cannot be changed manually. */
  readonly skippedUserIds: readonly number[];
}

/** Adds the selected people, some with a project role. @throws AppError as `addToPlace` */
export async function addManyToPlace(
  deps: Deps,
  acting: Acting,
  many: {
    readonly place: PlaceName;
    readonly selection: Selection;
    readonly roles: ReadonlyMap<number, ProjectRole>;
  },
): Promise<BulkResult> {
  const source = sourceOf(acting.principal);
  return await changeMany(deps, acting, {
    ...many,
    among: "organization",
    action: `${many.place.kind}_members_added`,
    decide: (person, place) => {
      const role = many.roles.get(person.userId);
      return role === undefined
        ? planGrant(person, place, source)
        : planProjectRole(person, place, { role, source });
    },
  });
}

/** Removes the selected people, as `removeFromPlace`. */
export async function removeManyFromPlace(
  deps: Deps,
  acting: Acting,
  many: { readonly place: PlaceName; readonly selection: Selection },
): Promise<BulkResult> {
  return await changeMany(deps, acting, {
    ...many,
    roles: new Map(),
    among: "explicit",
    action: `${many.place.kind}_members_removed`,
    decide: planRevoke,
  });
}

interface ManyChange {
  readonly place: PlaceName;
  readonly selection: Selection;
  readonly roles: ReadonlyMap<number, ProjectRole>;
  /** Set of people that "all" selects from. */
  readonly among: PlaceMemberFilter["among"];
  readonly action: string;
  readonly decide: (person: PlacePerson, place: FoundPlace) => PlaceOutcome;
}

async function changeMany(deps: Deps, acting: Acting, change: ManyChange): Promise<BulkResult> {
  requireManual(deps.config, change.place.kind);
  return await deps.store.transaction(async (tx) => {
    const viewer = await viewerNow(tx, acting, change.place.kind);
    const place = await findPlace(tx, viewer, change.place);
    const userIds = await selectedIds(tx, place, change);
    const people = await loadPlacePeople(tx, place.key, userIds);
    refuseUnknown(change, userIds, people);
    const outcomes = people.map((person) => ({ person, outcome: change.decide(person, place) }));
    const plans = outcomes.flatMap(({ outcome }) =>
      outcome.outcome === "planned" && outcome.plan.changes.length > 0 ? [outcome.plan] : [],
    );
    await applyPlans(deps, tx, { acting, action: change.action, plans });
    const skipped = outcomes.filter(({ outcome }) => outcome.outcome !== "planned");
    return {
      changed: plans.length,
      skippedUserIds: skipped.map(({ person }) => person.userId),
    };
  });
}

async function selectedIds(
  tx: Db,
  { key }: FoundPlace,
  { selection, among }: ManyChange,
): Promise<readonly number[]> {
  const { all, included, excluded, filter } = selection;
  const kept = new Set(excluded);
  if (!all) return included.filter((id) => !kept.has(id));
  const found = await listPlaceMemberIds(tx, {
    place: key,
    filter: { ...filter, among, exceptUserIds: excluded },
    limit: maxAtOnce + 1,
  });
  if (found.length > maxAtOnce) {
    const sentence = `This means more than ${maxAtOnce} people; narrow the selection.`;
    throw new AppError("validation_failed", { fields: { all: [sentence] } });
  }
  return found;
}

function refuseUnknown(
  { roles, selection }: ManyChange,
  userIds: readonly number[],
  people: readonly PlacePerson[],
): void {
  const here = new Set(people.map(({ userId }) => userId));
  const unknown = selection.all ? [] : userIds.filter((id) => !here.has(id));
  const selected = new Set(userIds);
  const unselected = [...roles.keys()].filter((id) => !selected.has(id));
  const fields = {
    ...(unknown.length > 0 && { included: [`${noSuchPerson} (${list(unknown)})`] }),
    ...(unselected.length > 0 && {
      roles: [`Roles are for those who are selected; these are not: ${list(unselected)}.`],
    }),
  };
  if (Object.keys(fields).length > 0) throw new AppError("validation_failed", { fields });
}

function list(ids: readonly number[]): string {
  const shown = ids.slice(0, 20).join(", ");
  return ids.length > 20 ? `${shown} and ${ids.length - 20} more` : shown;
}

/** The caller as they are now, as somebody who looks at places of this kind to change them. */
async function viewerNow(tx: Db, { principal }: Acting, kind: PlaceName["kind"]) {
  const action: Action = kind === "workspace" ? "workspace_members:write" : "project_members:write";
  return viewerOf(await callerNow(tx, principal, action), action);
}

/** Makes the plans true, each with its audit row. */
export async function applyPlans(
  deps: Deps,
  tx: Db,
  { acting, action, plans }: { acting: Acting; action: string; plans: readonly Plan[] },
): Promise<void> {
  const { principal, ip, requestId } = acting;
  for (const plan of plans) {
    await applyPlan(tx, {
      organizationId: principal.organizationId,
      plan,
      actor: { kind: "person", userId: principal.userId },
      at: deps.now(),
      action,
      ip,
      requestId,
    });
  }
}
