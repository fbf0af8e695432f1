/**
 * Former settings (PRODUCT 8.6): who saved when, what it changed, and how to have it back.
 *
 * Restoring is saving: every field of the former settings, checked as any patch is, so that a project
 * that is gone or a domain that another organization claims by now is refused and nothing is saved.
 */
import { z } from "zod";
import {
  defaultSamlSettings,
  noScimSettings,
  type SamlSettings,
  type ScimSettings,
} from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  latestRevisionIds,
  listRevisionHeads,
  loadRevision,
  type Revision,
  type RevisionHead,
} from "../store/revisions.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { renderSamlFields, renderScim } from "./answer.ts";
import { differenceOf } from "./difference.ts";
import { describeSaml, describeScim } from "./load.ts";
import type { FetchMetadata } from "./metadata-source.ts";
import { parseFields } from "./parse.ts";
import { addressOf, pageSize, parseQuery, querySchema, rowId } from "./query.ts";
import { type Saver, saveSaml, saveScim } from "./save.ts";
import { samlPatchSchema, scimPatchSchema } from "./schema.ts";

const path = "/api/saml/settings/revisions";

/** The parameters of `GET /api/saml/settings/revisions`. */
export const revisionQuerySchema = querySchema({
  kind: z.enum(["saml", "scim"], { error: "Choose saml or scim." }).optional(),
  before: rowId.optional(),
  page_size: pageSize(50, 20),
});

/** The parameters of `POST /api/saml/settings/revisions/{id}/restore`. */
export const restoreQuerySchema = querySchema({
  state: z.enum(["after", "before"], { error: "Choose after or before." }).default("after"),
});

/** One page of the organization's saves, latest first, with the address of the next one. */
export async function describeRevisions(deps: Deps, organizationId: number, sent: unknown) {
  const query = parseQuery(revisionQuerySchema, sent);
  const { db } = deps.store;
  const { kind, before: beforeId, page_size: size } = query;
  // One more than the page holds tells whether there is another page.
  const heads = await listRevisionHeads(db, { organizationId, kind, beforeId, limit: size + 1 });
  const latest = await latestRevisionIds(db, organizationId);
  const results = [];
  for (const head of heads.slice(0, size)) {
    // One may hold megabytes, and a page fifty; whatever else there is to do has its turn in between.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    const revision = await loadRevision(db, { organizationId, id: head.id });
    if (revision !== null) results.push(renderRevision(head, revision, latest.has(head.id)));
  }
  const last = heads[size - 1];
  const hasMore = heads.length > size && last !== undefined;
  return {
    next: hasMore ? addressOf(deps.config.baseUrl, path, { ...query, before: last.id }) : null,
    results,
  };
}

function renderRevision(head: RevisionHead, revision: Revision, isCurrent: boolean) {
  const { id, kind, at, actor } = head;
  return {
    id,
    kind,
    at: new Date(at).toISOString(),
    actor:
      actor === null
        ? null
        : {
            id: personNumber(actor.id),
            email: actor.email,
            name: `${actor.firstName} ${actor.lastName}`.trim(),
          },
    changes: differenceOf(fieldsOf(kind, revision.before), fieldsOf(kind, revision.after)),
    is_current: isCurrent,
  };
}

/** The settings of a revision in the wire spelling; fields younger than it have their defaults. */
function fieldsOf(kind: Revision["kind"], state: unknown) {
  return kind === "saml"
    ? renderSamlFields({ ...defaultSamlSettings, ...(state as Partial<SamlSettings>) })
    : renderScim({ ...noScimSettings, ...(state as Partial<ScimSettings>) });
}

/** The fields with internal numbers, as they stand in the revision. */
const plain = (fields: object): unknown => JSON.parse(JSON.stringify(fields));

/** The revision to restore, and whether to the state after it or before it. */
export interface Restoring {
  readonly id: number;
  /** As it came in the address. */
  readonly query: unknown;
}

/**
 * Saves the settings as they were after the revision, or before it; answers the whole record of its
 * kind.
 * @throws AppError `not_found`, and `validation_failed` as saving would
 */
export async function restoreRevision(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  saver: Saver,
  { id, query }: Restoring,
) {
  const { organizationId } = saver.principal;
  const { state } = parseQuery(restoreQuerySchema, query);
  const revision = await loadRevision(deps.store.db, { organizationId, id });
  if (revision === null) throw new AppError("not_found");
  const fields = fieldsOf(revision.kind, revision[state]);
  const restoring = { ...saver, restores: id };
  if (revision.kind === "scim") {
    await saveScim(deps, restoring, parseFields(scimPatchSchema, plain(fields)));
    return await describeScim(deps, organizationId);
  }
  await saveSaml(deps, fetchMetadata, restoring, parseFields(samlPatchSchema, plain(fields)));
  return await describeSaml(deps, saver.principal);
}
