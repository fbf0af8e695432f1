/**
 * The preview (PRODUCT 8.1): who would gain or lose what under settings that are not saved, over the
 * last known groups of every member. Nothing is saved, and no code of an administrator's is run.
 *
 *   check the patch as saving does ─ every member in batches: plan, count, remember whom it concerns ─
 *   sort those who lose to the front ─ plan once more for the page that is shown
 *
 * However many members there are, what is kept of each is a few numbers; and after each batch
 * whatever else the process has to do gets its turn.
 */

import { type Effect, effectOf } from "../access/effects.ts";
import { roleName } from "../access/roles.ts";
import type { SamlPatch, ScimPatch } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { confirmedFor } from "../saml/vouching.ts";
import { accessPolicyOf } from "../store/access-policy.ts";
import { type BatchMember, everyBatch, loadBatch } from "../store/batches.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { readRecordMetadata } from "./answer.ts";
import { askMetadataUrl, recordOfCandidate, samlCandidate, scimCandidate } from "./candidate.ts";
import { warningsOf } from "./load.ts";
import { groupWarnings, namedGroups } from "./mapping-warnings.ts";
import type { FetchMetadata } from "./metadata-source.ts";
import { foreseeOwner } from "./owner-confirmation.ts";
import type { Parsed } from "./parse.ts";
import {
  type Counts,
  type Planned,
  type Planner,
  samlPlanner,
  scimPlanner,
} from "./preview-planner.ts";
import { addressOf, pageSize, parseQuery, querySchema, wholeNumber } from "./query.ts";
import { TenantQueue } from "./tenant-queue.ts";
import type { Warning } from "./warnings.ts";

/** Losing more people's access than this asks for a typed confirmation (PRODUCT 8.1). */
const maxLosingAccess = 10;
/** The words to type. */
const confirmation = "remove access";
/** More changes or reasons of one person are cut, which a warning tells. */
const maxPerPerson = 200;

/** A few administrators who turn pages; the next one is told to come back. */
const queue = new TenantQueue(6);

/** The parameters of both previews. */
export const previewQuerySchema = querySchema({
  page: wholeNumber(1_000_000, "Send the number of a page, from 1.").default(1),
  page_size: pageSize(200, 50),
});

/** The organization, the settings, and the page of the answer. */
export interface PreviewRequest {
  readonly organizationId: number;
  /** The person who would save. */
  readonly userId: number;
  /** As it came in the address. */
  readonly query: unknown;
}

/**
 * Previews the next sign-ins, were the patch saved.
 * @throws AppError `validation_failed` as saving would
 */
export async function previewSaml(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  { organizationId, userId: saverId, query }: PreviewRequest,
  parsed: Parsed<SamlPatch>,
) {
  const { db } = deps.store;
  const part = parseQuery(previewQuerySchema, query);
  const nowMs = deps.now();
  const answer = await askMetadataUrl(deps, fetchMetadata, parsed.patch.metadata_url);
  const saved = await loadSamlByOrganization(db, organizationId);
  const candidate = await samlCandidate(deps, db, { record: saved, parsed, answer, saverId });
  const after = recordOfCandidate(candidate);
  const record = await foreseeOwner(deps, { after, patch: parsed.patch, saverId });
  const planner = await samlPlanner(db, {
    organizationId,
    mappings: record.settings,
    policy: accessPolicyOf(deps.config, record),
    confirmedFor: confirmedFor(record),
  });
  const read = readRecordMetadata(record, nowMs);
  return await answerPreview(deps, planner, {
    ...{ part, path: "/api/saml/settings/preview" },
    warnings: await warningsOf(deps, { record, read, nowMs }),
    unknown: (members) =>
      `${members === 1 ? "One member has" : `${members} members have`} never signed on by SAML, so that their groups are not known. They are left out.`,
  });
}

/**
 * Previews what saving the mappings would do at once, and what provisioning would do from then on.
 * @throws AppError `validation_failed` as saving would
 */
export async function previewScim(
  deps: Deps,
  { organizationId, query }: Omit<PreviewRequest, "userId">,
  parsed: Parsed<ScimPatch>,
) {
  const { db } = deps.store;
  const part = parseQuery(previewQuerySchema, query);
  const { settings } = await scimCandidate(db, organizationId, parsed);
  const record = await loadSamlByOrganization(db, organizationId);
  const planner = await scimPlanner(db, {
    organizationId,
    mappings: settings,
    policy: accessPolicyOf(deps.config, record),
  });
  return await answerPreview(deps, planner, {
    ...{ part, path: "/api/scim/settings/preview" },
    warnings: groupWarnings(namedGroups(settings)),
    unknown: (members) =>
      `${members === 1 ? "One member is" : `${members} members are`} in no pushed group. Saving leaves them as they are, and so does this preview.`,
  });
}

interface Asked {
  readonly part: { readonly page: number; readonly page_size: number };
  readonly path: string;
  readonly warnings: readonly Warning[];
  /** The sentence about members who are left out. */
  readonly unknown: (members: number) => string;
}

async function answerPreview(deps: Deps, planner: Planner, asked: Asked) {
  const { organizationId } = planner.scope;
  return await queue.run(organizationId, async () => await buildPreview(deps, planner, asked));
}

async function buildPreview(deps: Deps, planner: Planner, asked: Asked) {
  const { part, path } = asked;
  const survey = await surveyMembers(deps, planner);
  const { summary, groupsUnknown } = survey;
  const offset = (part.page - 1) * part.page_size;
  const shown = survey.concerned.slice(offset, offset + part.page_size);
  const results = await planShown(deps, planner, shown);
  const hasMore = offset + shown.length < summary.changed && shown.length > 0;
  const needsConfirmation =
    summary.losing_administrator > 0 || summary.losing_access > maxLosingAccess;
  const isCut = results.some(({ cut }) => cut);
  return {
    summary,
    needs_confirmation: needsConfirmation,
    confirmation: needsConfirmation ? confirmation : null,
    count: summary.changed,
    next: hasMore ? addressOf(deps.config.baseUrl, path, { ...part, page: part.page + 1 }) : null,
    results: results.map(({ cut: _cut, ...result }) => result),
    groups_unknown: groupsUnknown,
    warnings: [
      ...asked.warnings,
      ...(groupsUnknown === 0 ? [] : [warning("groups_unknown", asked.unknown(groupsUnknown))]),
      ...(isCut ? [warning("results_cut", cutSentence)] : []),
    ],
  };
}

const cutSentence = `Of a person with more than ${maxPerPerson} changes or reasons the first ${maxPerPerson} are shown.`;

function warning(code: string, message: string): Warning {
  return { code, field: "non_field_errors", message };
}

interface Summary {
  /** The number of members whose groups are known. */
  members: number;
  changed: number;
  gaining: number;
  losing: number;
  losing_access: number;
  losing_administrator: number;
}

/** A member whom it concerns, and how it stood when they were looked at. */
interface Concerned {
  readonly userId: number;
  /** Lower comes first. */
  readonly gravity: number;
  readonly counts: Counts;
}

interface Survey {
  readonly summary: Readonly<Summary>;
  /** Those who lose the most first, then by id. */
  readonly concerned: readonly Concerned[];
  readonly groupsUnknown: number;
}

/** After so many groups, of however few members, everybody else has a turn: some ten milliseconds. */
const maxGroupsAtOnce = 10_000;

async function surveyMembers(deps: Deps, planner: Planner): Promise<Survey> {
  const summary: Summary = {
    members: 0,
    changed: 0,
    gaining: 0,
    losing: 0,
    losing_access: 0,
    losing_administrator: 0,
  };
  const concerned: Concerned[] = [];
  let groupsUnknown = 0;
  let counts = planner.start;
  let lookedAt = 0;
  for await (const batch of everyBatch(deps.store.db, planner.scope)) {
    for (const member of batch) {
      const planned = planner.plan(member, counts);
      if (planned === null) {
        groupsUnknown += 1;
        continue;
      }
      summary.members += 1;
      lookedAt += planned.groups.length;
      if (lookedAt >= maxGroupsAtOnce) {
        lookedAt = 0;
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
      }
      if (planned.changes.length === 0) continue;
      const effect = effectOf(planned.snapshot, planned.changes);
      addTo(summary, effect);
      concerned.push({ userId: member.userId, gravity: gravityOf(effect), counts });
      counts = planner.count(counts, planned);
    }
  }
  concerned.sort((a, b) => a.gravity - b.gravity || a.userId - b.userId);
  return { summary, concerned, groupsUnknown };
}

function addTo(summary: Summary, effect: Effect): void {
  summary.changed += 1;
  if (effect.gains) summary.gaining += 1;
  if (effect.loses) summary.losing += 1;
  if (effect.losesAccess) summary.losing_access += 1;
  if (effect.losesAdministrator) summary.losing_administrator += 1;
}

function gravityOf({ losesAdministrator, losesAccess, loses }: Effect): number {
  if (losesAdministrator) return 0;
  if (losesAccess) return 1;
  return loses ? 2 : 3;
}

/** The people of one page, planned once more, with all that is told of them. */
async function planShown(deps: Deps, planner: Planner, shown: readonly Concerned[]) {
  const userIds = shown.map(({ userId }) => userId);
  const members = await loadBatch(deps.store.db, { ...planner.scope, userIds });
  const byId = new Map(members.map((member) => [member.userId, member]));
  return shown.flatMap(({ userId, counts }) => {
    const member = byId.get(userId);
    const planned = member === undefined ? null : planner.plan(member, counts);
    return member === undefined || planned === null ? [] : [renderResult(member, planned)];
  });
}

function renderResult({ userId, email, snapshot }: BatchMember, planned: Planned) {
  const { groups, changes, reasons } = planned;
  const { role, losesAccess } = effectOf(planned.snapshot, changes);
  return {
    user_id: personNumber(userId),
    email,
    first_name: snapshot.user?.firstName ?? "",
    last_name: snapshot.user?.lastName ?? "",
    groups,
    role: role === null ? null : { from: roleName(role.from), to: roleName(role.to) },
    loses_access: losesAccess,
    changes: changes.slice(0, maxPerPerson),
    reasons: reasons.slice(0, maxPerPerson),
    cut: changes.length > maxPerPerson || reasons.length > maxPerPerson,
  };
}
