/**
 * Groups by SCIM, one flow per verb (PRODUCT 7.5):
 *
 *   parsed body ─ transaction { group, locked → set of members changed → people touched set to
 *                 what their groups grant }
 *
 * 1. Members are changed by sets and never read, so that one more costs the same in every group.
 * 2. Only people who joined or left are planned for, and nobody where no mapping names the group.
 * 3. Nothing is rewritten, and no version raised, where nothing changed (scim-clients 1.9.8).
 */
import { randomUUID } from "node:crypto";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { BoundFilter } from "../scim/bind.ts";
import { invalidValue } from "../scim/coerce.ts";
import { checkMatch, etagOfResource } from "../scim/etag.ts";
import { isSameJson } from "../scim/json.ts";
import { applyPatch } from "../scim/patch-apply.ts";
import type { GroupPatch, MemberDelta, MemberStep } from "../scim/patch-group.ts";
import { groupOf, type ScimGroup } from "../scim/resources.ts";
import {
  deleteScimGroup,
  findScimGroup,
  insertScimGroup,
  isGroupNameTaken,
  noteSubgroupLeft,
  type ScimGroupContent,
  type ScimGroupRecord,
  updateScimGroup,
} from "../store/scim-groups.ts";
import {
  type ChangedMembers,
  changeMembers,
  loadMemberIds,
  type ResolvedMembers,
  resolveMembers,
} from "../store/scim-members.ts";
import { selectMembers } from "../store/scim-search.ts";
import { isMapped, type ScimRules, syncPeople } from "../store/scim-sync.ts";
import type { Db } from "../store/store.ts";
import { scimUrl } from "./answer.ts";
import { occasionOf, rulesOf, type ScimCaller } from "./caller.ts";
import type { Done, Named } from "./kind.ts";

/**
 * A new group with its members.
 * @throws AppError `scim_uniqueness`, `scim_invalid_value` for a member that does not exist
 */
export async function createGroup(
  deps: Deps,
  caller: ScimCaller,
  { displayName, externalId, document, members }: ScimGroup,
): Promise<Done<ScimGroupRecord>> {
  const { organizationId } = caller;
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, organizationId);
    await refuseTaken(tx, organizationId, { displayName, seq: null });
    const content = { displayName, externalId, document };
    const made = { ...content, id: randomUUID(), organizationId, at: deps.now() };
    const group = await insertScimGroup(tx, made);
    const steps = [{ replacesAll: false, add: members ?? [], remove: [] }];
    const { userIds } = await applySteps(deps, tx, { caller, group, steps });
    const action = "scim_group_created";
    await sync(deps, tx, { caller, rules, action, userIds, names: [displayName] });
    return {
      resource: group,
      summary: told("Group created", userIds.length, isMapped(rules, displayName)),
    };
  });
}

/**
 * The group with this content and these very members in place of what it had.
 * @throws AppError `not_found`, `scim_precondition_failed`, and as `createGroup`
 */
export async function replaceGroup(
  deps: Deps,
  caller: ScimCaller,
  { wanted, ...named }: Named & { readonly wanted: ScimGroup },
): Promise<Done<ScimGroupRecord>> {
  const { displayName, externalId, document, members } = wanted;
  return await changeGroup(deps, caller, {
    named,
    steps: [{ replacesAll: true, add: members ?? [], remove: [] }],
    contentOf: () => ({ displayName, externalId, document }),
    action: "scim_group_replaced",
  });
}

/**
 * The group after these operations.
 * @throws AppError `not_found`, `scim_precondition_failed`, `scim_no_target`, and as `createGroup`
 */
export async function patchGroup(
  deps: Deps,
  caller: ScimCaller,
  { patch, ...named }: Named & { readonly patch: GroupPatch },
): Promise<Done<ScimGroupRecord>> {
  return await changeGroup(deps, caller, {
    named,
    steps: patch.members,
    contentOf: (before) => {
      const document = applyPatch(before.document, patch.operations);
      return groupOf(document);
    },
    action: "scim_group_patched",
  });
}

interface GroupChange {
  readonly named: Named;
  readonly steps: readonly MemberStep[];
  readonly contentOf: (before: ScimGroupRecord) => ScimGroupContent;
  readonly action: string;
}

async function changeGroup(
  deps: Deps,
  caller: ScimCaller,
  { named, steps, contentOf, action }: GroupChange,
): Promise<Done<ScimGroupRecord>> {
  const { organizationId } = caller;
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, organizationId);
    const before = await lockGroup(tx, caller, named);
    const content = contentOf(before);
    const { displayName } = content;
    const isRenamed = displayName !== before.displayName;
    if (isRenamed) await refuseTaken(tx, organizationId, { displayName, seq: before.seq });
    const { userIds, isChanged } = await applySteps(deps, tx, { caller, group: before, steps });
    const isSame = !isChanged && isSameJson(content.document, before.document);
    const group = isSame
      ? before
      : await updateScimGroup(tx, before, { ...content, at: deps.now() });
    // A new name is worth something else to everybody in the group, not only to who joined or left.
    const stayed = isRenamed
      ? await membersIfMapped(tx, { caller, rules, before, displayName })
      : [];
    await sync(deps, tx, {
      caller,
      rules,
      action,
      userIds: [...new Set([...userIds, ...stayed])],
      names: [before.displayName, displayName],
    });
    const what = isRenamed ? "Group renamed" : "Group changed";
    return {
      resource: group,
      summary: isSame
        ? "Nothing changed."
        : told(what, userIds.length, isMapped(rules, displayName)),
    };
  });
}

/**
 * Ends the group; who belonged to it loses what it alone gave (PRODUCT 7.5).
 * @throws AppError `not_found`, `scim_precondition_failed`
 */
export async function deleteGroup(deps: Deps, caller: ScimCaller, named: Named): Promise<string> {
  const { organizationId } = caller;
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, organizationId);
    const before = await lockGroup(tx, caller, named);
    const { displayName, seq } = before;
    const userIds = isMapped(rules, displayName)
      ? await loadMemberIds(tx, { organizationId, seq })
      : [];
    await noteSubgroupLeft(tx, before, deps.now());
    await deleteScimGroup(tx, before);
    const action = "scim_group_deleted";
    await sync(deps, tx, { caller, rules, action, userIds, names: [displayName] });
    return told("Group deleted", userIds.length, isMapped(rules, displayName));
  });
}

async function lockGroup(tx: Db, caller: ScimCaller, named: Named): Promise<ScimGroupRecord> {
  const { organizationId } = caller;
  const found = await findScimGroup(tx, { organizationId, key: named.key, lock: true });
  if (found === null) throw new AppError("not_found", { detail: "There is no such group." });
  checkMatch(named.ifMatch, etagOfResource(found));
  return found;
}

/** Mappings name groups by their very name, so LS-Admins and ls-admins may both be there. */
async function refuseTaken(
  tx: Db,
  organizationId: number,
  { displayName, seq }: { readonly displayName: string; readonly seq: number | null },
): Promise<void> {
  if (!(await isGroupNameTaken(tx, { organizationId, key: displayName }, seq))) return;
  const detail = "A group with this displayName exists already.";
  throw new AppError("scim_uniqueness", { detail });
}

const nobody: ResolvedMembers = { userIds: [], groupSeqs: [], unknown: [] };

interface Steps {
  readonly caller: ScimCaller;
  readonly group: ScimGroupRecord;
  readonly steps: readonly MemberStep[];
}

/** @throws AppError `scim_invalid_value` where somebody to add does not exist; then nothing is changed */
async function applySteps(
  deps: Deps,
  tx: Db,
  { caller, group, steps }: Steps,
): Promise<ChangedMembers> {
  const { organizationId } = caller;
  const { seq } = group;
  const touched = new Set<number>();
  let isChanged = false;
  for (const step of steps) {
    const delta = "selected" in step ? await selectedDelta(deps, tx, { seq, step }) : step;
    const resolve = async (ids: readonly string[]) =>
      ids.length === 0 ? nobody : await resolveMembers(tx, organizationId, ids);
    const add = await resolve(delta.add.map(({ id }) => id));
    refuseMembers(add, seq);
    const remove = await resolve(delta.remove);
    const of = { organizationId, seq };
    const done = await changeMembers(tx, of, { replacesAll: delta.replacesAll, add, remove });
    for (const userId of done.userIds) touched.add(userId);
    isChanged ||= done.isChanged;
  }
  return { userIds: [...touched], isChanged };
}

function refuseMembers({ unknown: [unknown], groupSeqs }: ResolvedMembers, seq: number): void {
  if (unknown !== undefined) {
    throw invalidValue(`There is no user or group with the id "${unknown.slice(0, 100)}".`);
  }
  if (groupSeqs.includes(seq)) throw invalidValue("A group cannot be in itself.");
}

async function selectedDelta(
  deps: Deps,
  tx: Db,
  {
    seq,
    step,
  }: { readonly seq: number; readonly step: MemberStep & { readonly selected: BoundFilter } },
): Promise<MemberDelta> {
  const remove = await selectMembers(tx, { seq, baseUrl: scimUrl(deps) }, step.selected);
  return { replacesAll: false, add: [], remove };
}

async function membersIfMapped(
  tx: Db,
  {
    caller,
    rules,
    before,
    displayName,
  }: {
    readonly caller: ScimCaller;
    readonly rules: ScimRules;
    readonly before: ScimGroupRecord;
    readonly displayName: string;
  },
): Promise<readonly number[]> {
  if (!isMapped(rules, before.displayName) && !isMapped(rules, displayName)) return [];
  return await loadMemberIds(tx, { organizationId: caller.organizationId, seq: before.seq });
}

async function sync(
  deps: Deps,
  tx: Db,
  of: {
    readonly caller: ScimCaller;
    readonly rules: ScimRules;
    readonly action: string;
    readonly userIds: readonly number[];
    /** The names that the group had and has. */
    readonly names: readonly string[];
  },
): Promise<void> {
  const { caller, rules, action, userIds, names } = of;
  if (!names.some((name) => isMapped(rules, name))) return;
  await syncPeople(tx, rules, {
    userIds,
    occasion: occasionOf(caller, { action, at: deps.now() }),
  });
}

function told(what: string, people: number, isNamed: boolean): string {
  const who = people === 1 ? "1 person joined or left" : `${people} people joined or left`;
  const worth = isNamed ? "" : "; no mapping names the group, so that it gives nothing";
  return `${what}; ${who}${worth}.`;
}
