/**
 * The operations of a PATCH on a group → what happens to the set of its members, without reading a
 * single one of them: cost follows the request, never the size of the group (DESIGN invariant 8).
 * Everything else about the group is left as operations on its small document.
 */
import { AppError } from "../errors.ts";
import type { BoundFilter } from "./bind.ts";
import { invalidValue } from "./coerce.ts";
import type { Filter } from "./filter.ts";
import { isList, isObject, type Json } from "./json.ts";
import type { PatchOperation } from "./patch.ts";

/** A member as a request names it. */
export interface ScimMember {
  readonly id: string;
  /** null where the client does not say; then the id may be a person's or a group's. */
  readonly type: "User" | "Group" | null;
}

/** Members: those there are, or none where all are replaced, without `remove`, then with `add`. */
export interface MemberDelta {
  readonly replacesAll: boolean;
  readonly add: readonly ScimMember[];
  readonly remove: readonly string[];
}

/** One step of what happens to the members; `selected` go, whoever they are when it comes to it. */
export type MemberStep = MemberDelta | { readonly selected: BoundFilter };

/** A PATCH on a group. */
export interface GroupPatch {
  /** In their order; none where the members stay as they are. Nearly always there is one. */
  readonly members: readonly MemberStep[];
  /** For `applyPatch` on the group's document, which holds no members; often none. */
  readonly operations: readonly PatchOperation[];
}

/** Members that one request may name; more are 413. */
export const maxMembers = 50_000;

/**
 * The set changes that the operations come to, in their order: one where members are named by their
 * value. A filter that asks anything else of them is a step of its own, for which the store looks at the
 * members of this one group.
 * @throws AppError `scim_invalid_value` for a member without value, `scim_no_target`,
 * `payload_too_large`
 */
export function compileGroupPatch(operations: readonly PatchOperation[]): GroupPatch {
  const isAboutMembers = ({ path }: PatchOperation) => path.ref.attribute?.name === "members";
  const members: MemberStep[] = [];
  let named = 0;
  let draft = emptyDraft();
  const close = () => {
    const delta = deltaOf(draft);
    if (delta !== null) members.push(delta);
    draft = emptyDraft();
  };
  for (const operation of operations.filter(isAboutMembers)) {
    const { filter } = operation.path;
    if (operation.op === "remove" && filter !== null && selectedIds(filter.tree) === null) {
      close();
      members.push({ selected: filter.bound });
    } else {
      named += applyStep(draft, operation);
    }
  }
  close();
  refuseMany(named);
  const others = operations.filter((operation) => !isAboutMembers(operation));
  return { members, operations: others };
}

/** State of the fold; `add` and `remove` never share an id. */
interface Draft {
  replacesAll: boolean;
  readonly add: Map<string, ScimMember>;
  readonly remove: Set<string>;
}

const emptyDraft = (): Draft => ({ replacesAll: false, add: new Map(), remove: new Set() });

function deltaOf({ replacesAll, add, remove }: Draft): MemberDelta | null {
  if (!replacesAll && add.size === 0 && remove.size === 0) return null;
  return { replacesAll, add: [...add.values()], remove: [...remove] };
}

function applyStep(draft: Draft, { op, path, value }: PatchOperation): number {
  if (op === "remove") return applyRemoval(draft, path.filter?.tree ?? null, value);
  if (path.filter !== null) {
    const detail = "Members are added by their value, not by a filter.";
    throw new AppError("scim_invalid_path", { detail });
  }
  const members = parseMembers(value);
  if (op === "replace") clear(draft);
  for (const member of members) {
    draft.remove.delete(member.id);
    draft.add.set(member.id, member);
  }
  return members.length;
}

function applyRemoval(draft: Draft, filter: Filter | null, value: Json): number {
  if (filter === null && value === null) {
    clear(draft);
    return 0;
  }
  const ids =
    filter === null ? parseMembers(value).map(({ id }) => id) : (selectedIds(filter) ?? []);
  for (const id of ids) {
    draft.add.delete(id);
    if (!draft.replacesAll) draft.remove.add(id);
  }
  return ids.length;
}

function clear(draft: Draft): void {
  draft.replacesAll = true;
  draft.add.clear();
  draft.remove.clear();
}

/** The ids in `value eq "a" or value eq "b"`, for which no member need be read; null for other filters. */
function selectedIds(filter: Filter): readonly string[] | null {
  if (filter.kind === "or") {
    const parts = filter.terms.map(selectedIds);
    return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
  }
  const isValue =
    filter.kind === "compare" &&
    filter.operator === "eq" &&
    filter.name.urn === null &&
    filter.name.name.toLowerCase() === "value" &&
    filter.value !== null;
  return isValue ? [String(filter.value)] : null;
}

function refuseMany(count: number): void {
  if (count <= maxMembers) return;
  const detail = `A request names at most ${maxMembers} members.`;
  throw new AppError("payload_too_large", { detail });
}

/**
 * Members from a coerced value.
 * @throws AppError `scim_invalid_value` where one has no value, `payload_too_large`
 */
export function parseMembers(value: Json): readonly ScimMember[] {
  const items = isList(value) ? value : [];
  refuseMany(items.length);
  return items.map((item) => {
    const id = isObject(item) ? item["value"] : undefined;
    if (typeof id !== "string")
      throw invalidValue('Each member needs a "value", the id of a user.');
    return { id, type: memberType(isObject(item) ? item["type"] : undefined) };
  });
}

function memberType(type: Json | undefined): ScimMember["type"] {
  const name = typeof type === "string" ? type.toLowerCase() : "";
  if (name === "user") return "User";
  return name === "group" ? "Group" : null;
}
