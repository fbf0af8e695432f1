/**
 * Sets people to what their pushed groups grant (PRODUCT 6.5, 7.5): load → plan → apply for each
 * person concerned, in the caller's transaction. Provisioning runs it where members of groups change,
 * settings where mappings do; so it stands where both can use it. What is decided, access/ decides.
 *
 * On PostgreSQL the person is locked before their groups are read: of two requests that put one
 * person into two groups at once, the second sees both.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Change } from "../access/changes.ts";
import {
  type Grants,
  indexMappings,
  type MappingIndex,
  resolveGrants,
} from "../access/mappings.ts";
import { type OthersInCharge, planScimGroups } from "../access/plan-scim-groups.ts";
import type { AccessPolicy, PersonSnapshot } from "../access/snapshot.ts";
import { accessPolicyOf, type PolicyFlags } from "./access-policy.ts";
import { applyPlan, applyPlans, type Batch, seatsTaken } from "./apply.ts";
import type { Actor } from "./audit.ts";
import { type BatchMember, loadBatch } from "./batches.ts";
import { fromJson } from "./json.ts";
import { loadTargets } from "./mapping-targets.ts";
import { loadAdministration } from "./members.ts";
import { isOperators } from "./newcomers.ts";
import { loadSnapshot, lockAccount } from "./people.ts";
import { loadLockedSaml, loadSamlByOrganization, type SamlRecord } from "./saml-settings.ts";
import { lockedAccount, lockedSeats } from "./snapshot-statements.ts";
import { type Db, dialectOf, isListed, statement } from "./statement.ts";

/** The rules' facts about an organization, for one transaction. */
export interface ScimRules {
  readonly organizationId: number;
  readonly policy: AccessPolicy;
  readonly index: MappingIndex;
  /** True for the operator's own organization (newcomers.ts). */
  readonly isOperators: boolean;
}

interface MappingTexts {
  readonly roles: string;
  readonly workspaces: string;
  readonly projects: string;
}

const mappingTexts = statement<{ organizationId: number }, MappingTexts>((db, value) =>
  db
    .selectFrom("scim_settings")
    .where("organization_id", "=", value("organizationId"))
    .select([
      "roles_groups as roles",
      "workspaces_groups as workspaces",
      "projects_groups as projects",
    ]),
);

const noMappings: MappingTexts = { roles: "[]", workspaces: "[]", projects: "[]" };

/** Locked as saving the settings locks it, but shared: many requests may go by the same settings. */
const lockedVersion = statement<{ organizationId: number }, { version: number }>((db, value) =>
  db
    .selectFrom("saml_settings")
    .where("organization_id", "=", value("organizationId"))
    .select("version")
    .forShare(),
);

/**
 * The organization's rules. Until the transaction ends nobody saves other mappings, so that whoever
 * joins a group is judged by the mappings that stand, or is found there by who saves new ones.
 * `isFirst` says that the transaction has written no settings yet, so that what is read may be kept.
 */
export async function loadScimRules(
  tx: Db,
  organizationId: number,
  { isFirst = false, ...flags }: PolicyFlags & { readonly isFirst?: boolean },
): Promise<ScimRules> {
  const record = await lockSamlShared(tx, organizationId, isFirst);
  // Read after the wait for the lock, by a statement of its own, and so as it was left.
  const texts = (await mappingTexts.first(tx, { organizationId })) ?? noMappings;
  return {
    organizationId,
    index: indexOf(organizationId, texts),
    policy: accessPolicyOf(flags, record),
    isOperators: isOperators(flags, record),
  };
}

async function lockSamlShared(
  tx: Db,
  organizationId: number,
  isFirst: boolean,
): Promise<SamlRecord> {
  if (dialectOf(tx) === "sqlite") return await loadSamlByOrganization(tx, organizationId);
  const locked = await lockedVersion.first(tx, { organizationId });
  if (locked === null || !isFirst) return await loadSamlByOrganization(tx, organizationId);
  return await loadLockedSaml(tx, { organizationId, version: locked.version });
}

/** Organizations whose index is kept; the oldest goes first. */
const maxIndexes = 1000;
const indexes = new Map<number, { readonly texts: MappingTexts; readonly index: MappingIndex }>();

/** The index of these very mappings, made once while they stand. */
function indexOf(organizationId: number, texts: MappingTexts): MappingIndex {
  const known = indexes.get(organizationId);
  const isSame =
    known !== undefined &&
    known.texts.roles === texts.roles &&
    known.texts.workspaces === texts.workspaces &&
    known.texts.projects === texts.projects;
  if (isSame) return known.index;
  const index = indexMappings({
    roles: trimmed(fromJson(texts.roles)),
    workspaces: trimmed(fromJson(texts.workspaces)),
    projects: trimmed(fromJson(texts.projects)),
  });
  const [oldest] = indexes.keys();
  if (indexes.size >= maxIndexes && oldest !== undefined) indexes.delete(oldest);
  indexes.set(organizationId, { texts, index });
  return index;
}

/** Pushed groups are kept without white space around their names. */
function trimmed<Mapping extends { readonly group: string }>(list: readonly Mapping[]): Mapping[] {
  return list.map((mapping) => ({ ...mapping, group: mapping.group.trim() }));
}

/** A person as the rules see them. */
export interface ScimPerson {
  readonly snapshot: PersonSnapshot;
  /** The grants of the pushed groups that they belong to. */
  readonly grants: Grants;
  readonly others: OthersInCharge;
}

const groupNames = statement<{ organizationId: number; email: string }, { name: string }>(
  (db, value) =>
    db
      .selectFrom("users")
      .innerJoin("scim_group_members", "scim_group_members.user_id", "users.id")
      .innerJoin("scim_groups", "scim_groups.seq", "scim_group_members.group_seq")
      .where("users.email", "=", value("email"))
      .where("scim_group_members.organization_id", "=", value("organizationId"))
      .select("scim_groups.display_name as name"),
);

const groupIds = statement<
  { organizationId: number; email: string },
  { name: string; externalId: string | null }
>((db, value) =>
  db
    .selectFrom("users")
    .innerJoin("scim_group_members", "scim_group_members.user_id", "users.id")
    .innerJoin("scim_groups", "scim_groups.seq", "scim_group_members.group_seq")
    .where("users.email", "=", value("email"))
    .where("scim_group_members.organization_id", "=", value("organizationId"))
    .select(["scim_groups.display_name as name", "scim_groups.external_id as externalId"]),
);

/**
 * The pushed groups of the person with this address, by their names and by the ids that the identity
 * provider has for them: a claim of groups holds either. With `lock` nobody else plans for them until the
 * transaction ends.
 */
export async function loadPushedGroups(
  tx: Db,
  { organizationId, email, lock }: { organizationId: number; email: string; lock: boolean },
): Promise<readonly string[]> {
  if (lock && dialectOf(tx) === "postgres") await lockedAccount.first(tx, { email });
  const groups = await groupIds.all(tx, { organizationId, email });
  return groups.flatMap(({ name, externalId }) =>
    externalId === null || externalId === name ? [name] : [name, externalId],
  );
}

/**
 * The person with this address, for whom nobody else plans until the transaction ends.
 * `isGroupless` says that they cannot be in a group, as before they are provisioned or after.
 */
export async function loadScimPerson(
  tx: Db,
  { organizationId, index }: ScimRules,
  { email, isGroupless = false }: { readonly email: string; readonly isGroupless?: boolean },
): Promise<ScimPerson> {
  if (dialectOf(tx) === "postgres" && !isGroupless) await lockedAccount.first(tx, { email });
  const groups = isGroupless ? [] : await groupNames.all(tx, { organizationId, email });
  const grants = resolveGrants(
    groups.map(({ name }) => name),
    index,
  );
  const snapshot = await loadSnapshot(tx, {
    organizationId,
    email,
    workspaceTitles: grants.workspaces.map(({ title }) => title),
    projectIds: grants.projects.map(({ projectId }) => projectId),
    lock: true,
  });
  return { snapshot, grants, others: await loadOthers(tx, organizationId, snapshot) };
}

/** In charge beside somebody who is no Administrator: it does not matter who. */
const anybody: OthersInCharge = { otherOwners: 1, otherAdministrators: 0 };

/** Only an Administrator's going can leave nobody behind; for others it is not worth the lock. */
async function loadOthers(
  tx: Db,
  organizationId: number,
  { user, membership }: PersonSnapshot,
): Promise<OthersInCharge> {
  if (user === null || membership?.role !== "AD") return anybody;
  return await loadAdministration(tx, { organizationId, exceptUserId: user.id });
}

/** In whose name people are synced, and in which request. */
export interface SyncOccasion {
  readonly actor: Actor;
  readonly at: number;
  readonly action: string;
  readonly requestId: string | null;
  readonly ip: string | null;
}

const lastWord = statement<{ organizationId: number; userId: number }, { active: number }>(
  (db, value) =>
    db
      .selectFrom("scim_users")
      .where("organization_id", "=", value("organizationId"))
      .where("user_id", "=", value("userId"))
      .select("active"),
);

/** So many people are loaded, planned and written together; others have their turn in between. */
const chunkSize = 200;

interface Syncing {
  readonly userIds: readonly number[];
  readonly occasion: SyncOccasion;
}

/** Brings these people of the directory to what their groups grant; whoever is there already costs no write. */
export async function syncPeople(
  tx: Db,
  rules: ScimRules,
  { userIds, occasion }: Syncing,
): Promise<void> {
  // In one order, so that two requests about the same people wait for one another instead of dying.
  const sorted = userIds.toSorted((left, right) => left - right);
  for (let from = 0; from < sorted.length; from += chunkSize) {
    if (from > 0) await turn();
    await syncChunk(tx, rules, { userIds: sorted.slice(from, from + chunkSize), occasion });
  }
}

async function syncChunk(tx: Db, rules: ScimRules, { userIds, occasion }: Syncing): Promise<void> {
  const syncAlone = async (ids: readonly number[]): Promise<void> => {
    for (const userId of ids) await syncPerson(tx, rules, { userId, occasion });
  };
  if (userIds.length === 1) return await syncAlone(userIds);
  const people = await loadScimPeople(tx, rules, userIds);
  // An Administrator may be the last one, depending on what became of those before; so they come alone.
  const [alone, together] = partition(people, ({ membership }) => membership.role === "AD");
  const plans = planTogether(rules, together);
  const creator = plans.find(({ plan }) => plan.changes.some(isWorkspaceMade))?.plan.userId ?? null;
  if (creator !== null) {
    // Who is first makes the workspace; for the others it is there then.
    await syncAlone([creator]);
    const others = userIds.filter((id) => id !== creator);
    return await syncChunk(tx, rules, { userIds: others, occasion });
  }
  const { organizationId } = rules;
  if (plans.length > 0) await applyPlans(tx, { ...occasion, organizationId, plans });
  await syncAlone(alone.map(({ userId }) => userId));
}

function partition<Item>(
  items: readonly Item[],
  test: (item: Item) => boolean,
): readonly [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

const isWorkspaceMade = ({ kind }: Change): boolean => kind === "workspace_created";

interface ScimMember extends BatchMember {
  readonly grants: Grants;
  readonly snapshot: PersonSnapshot;
}

const lockedPeople = statement<{ list: string }, unknown>((db, value, dialect) =>
  db
    .selectFrom("users")
    .where(isListed("id", value("list"), { dialect, type: "integer" }))
    .orderBy("id")
    .select("id")
    .forNoKeyUpdate(),
);

/**
 * The members among these people, for whom nobody else plans until the transaction ends. The seats are
 * as they are before any of them takes one.
 */
async function loadScimPeople(
  tx: Db,
  { organizationId, index }: ScimRules,
  userIds: readonly number[],
): Promise<readonly ScimMember[]> {
  if (dialectOf(tx) === "postgres") await lockedPeople.run(tx, { list: JSON.stringify(userIds) });
  const people = (await loadBatch(tx, { organizationId, userIds })).map((member) => ({
    ...member,
    grants: resolveGrants(member.scimGroups, index),
  }));
  const named = people.map(({ grants }) => grants);
  const { workspaceIds, projectIds } = await loadTargets(tx, organizationId, {
    titles: named.flatMap(({ workspaces }) => workspaces.map(({ title }) => title)),
    projectIds: named.flatMap(({ projects }) => projects.map(({ projectId }) => projectId)),
  });
  const shared = {
    workspaces: [...workspaceIds].map(([title, id]) => ({ id, title })),
    projectIds: [...projectIds],
    seats: (await lockedSeats.first(tx, { organizationId })) ?? { limit: null, used: 0 },
  };
  return people.map((member) => ({ ...member, snapshot: { ...member.snapshot, ...shared } }));
}

/** Plans with changes; each counts the seats that those before it take. */
function planTogether({ policy }: ScimRules, members: readonly ScimMember[]): Batch["plans"] {
  const plans: Batch["plans"][number][] = [];
  let taken = 0;
  for (const { email, isActive: active, grants, membership, snapshot } of members) {
    const seats = { ...snapshot.seats, used: snapshot.seats.used + taken };
    const now = { ...snapshot, seats };
    const plan = planScimGroups({ email, policy, active, grants, snapshot: now, others: anybody });
    if (plan.changes.length === 0) continue;
    taken += seatsTaken(plan.changes);
    plans.push({ plan, closesByPassword: membership.role === "NO" });
  }
  return plans;
}

async function syncPerson(
  tx: Db,
  rules: ScimRules,
  { userId, occasion }: { readonly userId: number; readonly occasion: SyncOccasion },
): Promise<void> {
  const { organizationId, policy } = rules;
  // Locked before anything is read of the person: else a deactivation that ends while this waits would
  // be judged by what the client said before it, and be undone.
  const email = await lockAccount(tx, userId);
  if (email === null) return;
  const said = await lastWord.first(tx, { organizationId, userId });
  const person = await loadScimPerson(tx, rules, { email });
  const { membership } = person.snapshot;
  if (membership === null) return;
  const plan = planScimGroups({ email, policy, active: said?.active !== 0, ...person });
  if (plan.changes.length === 0) return;
  await applyPlan(tx, {
    ...occasion,
    organizationId,
    plan,
    closesByPassword: membership.role === "NO",
  });
}

/** True where the group's name is worth anything here, so that its members are concerned. */
export function isMapped({ index }: ScimRules, displayName: string): boolean {
  return index.byGroup.has(displayName);
}
