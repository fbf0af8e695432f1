/**
 * Tags of members: made, renamed and deleted, given to members and taken from them, imported from a file.
 * A tag gives nobody anything, so that whoever changes members changes them by hand whatever groups say,
 * the Owner's and those of deactivated people too. Each change is one transaction with its row in the
 * audit log, by the caller as they are at that moment.
 */
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import { findMembersByEmail, recordTagImport } from "../store/member-tag-imports.ts";
import {
  countTags,
  deleteTags,
  findTags,
  loadTag,
  type MemberTag,
  makeTags,
  renameTag,
  type TagRecord,
  tagKey,
  tagMembers,
  untagMembers,
} from "../store/member-tags.ts";
import { listMemberIds, type MemberFilter } from "../store/members.ts";
import type { Db } from "../store/store.ts";
import type { Acting } from "./caller.ts";
import { distinctLabels, type NamedMember } from "./member-tag-fields.ts";

/** As many tags as an organization has at most. */
const maxTags = 1_000;
/** As many assignments as one request makes at most; more would hold everybody else up. */
const maxAssignments = 200_000;

/** Makes a tag. @throws AppError `validation_failed` for a label in use */
export async function makeTag(deps: Deps, acting: Acting, label: string): Promise<TagRecord> {
  return await change(deps, acting, async (tx, organizationId) => {
    const [made] = await makeMissing(deps, tx, { acting, labels: [label] });
    if (made === undefined) throw labelTaken();
    return {
      answer: await tagOf(tx, organizationId, made.id),
      audit: { action: "member_tag_made", tags: [made] },
    };
  });
}

/** Makes tags of those labels that no tag has; returns how many there were. */
export async function makeManyTags(
  deps: Deps,
  acting: Acting,
  labels: readonly string[],
): Promise<number> {
  return await change(deps, acting, async (tx) => {
    const made = await makeMissing(deps, tx, { acting, labels: distinctLabels(labels) });
    return { answer: made.length, audit: { action: "member_tags_made", tags: made } };
  });
}

/** Renames a tag. @throws AppError `not_found`, `validation_failed` for a label of another one */
export async function changeTag(
  deps: Deps,
  acting: Acting,
  { id, label }: { readonly id: number; readonly label: string | undefined },
): Promise<TagRecord> {
  return await change(deps, acting, async (tx, organizationId) => {
    const before = await tagOf(tx, organizationId, id);
    if (label === undefined || label === before.label) return { answer: before, audit: null };
    const same = await findTags(tx, organizationId, { keys: [tagKey(label)] });
    if (same.some((tag) => tag.id !== id)) throw labelTaken();
    await renameTag(tx, { organizationId, id }, { label, at: deps.now() });
    const tags = [{ id, label: before.label }];
    return {
      answer: await tagOf(tx, organizationId, id),
      audit: { action: "member_tag_renamed", tags, label },
    };
  });
}

/** Deletes a tag; members lose it. @throws AppError `not_found` */
export async function removeTag(deps: Deps, acting: Acting, id: number): Promise<void> {
  if ((await removeManyTags(deps, acting, [id])) === 0) throw new AppError("not_found");
}

/** Deletes the organization's tags among these; returns how many there were. */
export async function removeManyTags(
  deps: Deps,
  acting: Acting,
  ids: readonly number[],
): Promise<number> {
  return await change(deps, acting, async (tx, organizationId) => {
    const tags = await deleteTags(tx, organizationId, ids);
    return { answer: tags.length, audit: { action: "member_tags_deleted", tags } };
  });
}

/** Members and the tags to assign to them. */
export interface Assignment {
  /** Everybody whom the filter finds, but the excluded; else those of the included whom it finds. */
  readonly all: boolean;
  readonly included: readonly number[];
  readonly excluded: readonly number[];
  readonly filter: MemberFilter;
  readonly tagIds: readonly number[];
  /** True where every other tag of these members goes. */
  readonly overwrites: boolean;
}

/**
 * Gives members tags; returns how many assignments are new.
 * @throws AppError `validation_failed` for tags and people that the organization does not have
 */
export async function assignTags(
  deps: Deps,
  acting: Acting,
  assignment: Assignment,
): Promise<number> {
  return await change(deps, acting, async (tx, organizationId) => {
    const tags = await namedTags(tx, organizationId, assignment.tagIds);
    const userIds = await namedMembers(tx, assignment);
    const tagging = { organizationId, userIds, tagIds: assignment.tagIds };
    const taken = assignment.overwrites ? await untagMembers(tx, tagging) : 0;
    const given = await tagMembers(tx, tagging);
    return { answer: given, audit: { action: "member_tags_assigned", tags, given, taken } };
  });
}

async function namedTags(
  tx: Db,
  organizationId: number,
  ids: readonly number[],
): Promise<readonly MemberTag[]> {
  const found = await findTags(tx, organizationId, { ids });
  const missing = ids.filter((id) => !found.some((tag) => tag.id === id));
  if (missing.length === 0) return found;
  throw refusal("tags", `There is no such tag in this organization. (${listOf(missing)})`);
}

async function namedMembers(
  tx: Db,
  { all, included, excluded, filter, tagIds }: Assignment,
): Promise<readonly number[]> {
  const most = Math.floor(maxAssignments / Math.max(1, tagIds.length));
  if (!all) await refuseStrangers(tx, filter.organizationId, included);
  const among = all ? filter : { ...filter, userIds: filter.userIds ?? included };
  const found = await listMemberIds(tx, among, most + excluded.length + 1);
  const left = new Set(excluded);
  const named = found.filter((id) => !left.has(id));
  if (named.length > most) {
    const sentence = `These tags go to at most ${most} people at once; narrow the selection.`;
    throw refusal("all", sentence);
  }
  return named;
}

async function refuseStrangers(tx: Db, organizationId: number, ids: readonly number[]) {
  const here = new Set(await listMemberIds(tx, { organizationId, userIds: ids }, ids.length));
  const strangers = ids.filter((id) => !here.has(id));
  if (strangers.length === 0) return;
  const sentence = `There is no such person in this organization. (${listOf(strangers)})`;
  throw refusal("included", sentence);
}

/**
 * Gives the members whom a file names the tags that stand beside them, and those for everybody in it;
 * tags that are missing are made. Whoever is no member is left out and named.
 * @returns the number of the import
 */
export async function importTags(
  deps: Deps,
  acting: Acting,
  { members, labels }: { members: readonly NamedMember[]; labels: readonly string[] },
): Promise<number> {
  return await change(deps, acting, async (tx, organizationId) => {
    const emails = members.flatMap(({ email }) => (email === null ? [] : [email]));
    const known = await findMembersByEmail(tx, organizationId, emails);
    const isKnown = (email: string | null) => email !== null && known.has(email);
    const here = members.filter(({ email }) => isKnown(email));
    const usersByLabel = groupByTag(here, { known, labels });
    const all = [...usersByLabel.values()].map(({ label }) => label);
    const made = await makeMissing(deps, tx, { acting, labels: all });
    let given = 0;
    for (const tag of await findTags(tx, organizationId, { keys: [...usersByLabel.keys()] })) {
      const userIds = [...(usersByLabel.get(tag.key)?.userIds ?? [])];
      given += await tagMembers(tx, { organizationId, userIds, tagIds: [tag.id] });
    }
    const skipped = members.filter(({ email }) => !isKnown(email));
    const done = {
      createdAt: deps.now(),
      tagsCreated: made.length,
      assignmentsCreated: given,
      usersSkipped: [...new Set(skipped.map(({ written }) => written.slice(0, 320)))],
    };
    return {
      answer: await recordTagImport(tx, organizationId, done),
      audit: { action: "member_tags_imported", tags: made, given },
    };
  });
}

/** Tags by their keys, with their people: no list of every pair is ever made. */
function groupByTag(
  members: readonly NamedMember[],
  { known, labels }: { known: ReadonlyMap<string, number>; labels: readonly string[] },
) {
  const groups = new Map<string, { readonly label: string; readonly userIds: Set<number> }>();
  const give = (label: string, userId: number) => {
    const key = tagKey(label);
    const group = groups.get(key) ?? { label, userIds: new Set() };
    groups.set(key, group);
    group.userIds.add(userId);
  };
  for (const member of members) {
    const userId = known.get(member.email ?? "") ?? 0;
    for (const label of [...member.labels, ...labels]) give(label, userId);
  }
  return groups;
}

/** Makes tags of those of the labels, which differ, that no tag has. */
async function makeMissing(
  deps: Deps,
  tx: Db,
  { acting, labels }: { readonly acting: Acting; readonly labels: readonly string[] },
): Promise<readonly MemberTag[]> {
  const { organizationId, userId: createdBy } = acting.principal;
  const keys = labels.map(tagKey);
  const there = new Set((await findTags(tx, organizationId, { keys })).map(({ key }) => key));
  const missing = labels.filter((label) => !there.has(tagKey(label)));
  if (missing.length > 0 && (await countTags(tx, organizationId)) + missing.length > maxTags) {
    throw refusal("label", `An organization has at most ${maxTags} tags.`);
  }
  return await makeTags(tx, missing, { organizationId, createdBy, at: deps.now() });
}

async function tagOf(tx: Db, organizationId: number, id: number): Promise<TagRecord> {
  const tag = await loadTag(tx, organizationId, id);
  if (tag === null) throw new AppError("not_found");
  return tag;
}

const labelTaken = () => refusal("label", "There is a tag with this label already.");

function refusal(field: string, sentence: string): AppError {
  return new AppError("validation_failed", { fields: { [field]: [sentence] } });
}

function listOf(ids: readonly number[]): string {
  const shown = ids.slice(0, 20).join(", ");
  return ids.length > 20 ? `${shown} and ${ids.length - 20} more` : shown;
}

/** Contents of the audit event; of many tags it names the first. */
interface TagAudit {
  readonly action: string;
  readonly tags: readonly MemberTag[];
  readonly label?: string;
  /** Numbers of assignments added (`given`) and removed (`taken`). */
  readonly given?: number;
  readonly taken?: number;
}

const maxNamed = 100;

const isNothing = ({ tags, given, taken = 0 }: TagAudit) => (given ?? tags.length) + taken === 0;

/** One change in its transaction; `audit` is null, or says of nothing, where nothing changed. */
async function change<Answer>(
  deps: Deps,
  { principal, ip, requestId }: Acting,
  work: (
    tx: Db,
    organizationId: number,
  ) => Promise<{ readonly answer: Answer; readonly audit: TagAudit | null }>,
): Promise<Answer> {
  const { organizationId, userId } = principal;
  return await deps.store.transaction(async (tx) => {
    await callerNow(tx, principal, "member_tags:write");
    const { answer, audit } = await work(tx, organizationId);
    if (audit === null || isNothing(audit)) return answer;
    const { action, tags, ...rest } = audit;
    const named = tags.slice(0, maxNamed).map(({ id, label }) => ({ id, label }));
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor: { kind: "person", userId },
      action,
      changes: [{ kind: action, tags: named, tags_count: tags.length, ...rest }],
      ip,
      requestId,
    });
    return answer;
  });
}
