/**
 * A type of SCIM resource that Labelgate does not have, with attributes of every type, mutability and
 * returned rule, for tests: people and groups never show most of what RFC 7643 2.2 and 7 say. It goes
 * through the same routes and rules, into a table of its own.
 */
import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { Deps } from "../../src/deps.ts";
import { AppError } from "../../src/errors.ts";
import { metaOf } from "../../src/provisioning/answer.ts";
import type { Done, KeptResource, Named, ResourceKind } from "../../src/provisioning/kind.ts";
import { complex, define, plural } from "../../src/scim/attribute.ts";
import { replaceDocument, requireAll } from "../../src/scim/document-rules.ts";
import { checkMatch, etagOfResource } from "../../src/scim/etag.ts";
import { type FilterSource, renderFilter, renderSortKey } from "../../src/scim/filter-sql.ts";
import { isSameJson, type JsonObject, parseObject } from "../../src/scim/json.ts";
import { parsePatch } from "../../src/scim/patch.ts";
import { applyPatch } from "../../src/scim/patch-apply.ts";
import { project } from "../../src/scim/projection.ts";
import { parseDocument, renderResource } from "../../src/scim/resources.ts";
import { defineResourceType } from "../../src/scim/schema.ts";
import { toSearchDocument } from "../../src/scim/search-document.ts";
import type { SqlFragment } from "../../src/scim/sql.ts";
import type { ScimList } from "../../src/store/scim-search.ts";
import type { Db, Store } from "../../src/store/store.ts";

export const specimenUrn = "urn:example:params:scim:schemas:core:2.0:Specimen";
export const labUrn = "urn:example:params:scim:schemas:extension:2.0:Lab";

const readOnly = { mutability: "readOnly" } as const;
const immutable = { mutability: "immutable" } as const;

export const specimenType = defineResourceType({
  name: "Specimen",
  endpoint: "Specimens",
  schemas: [
    {
      urn: specimenUrn,
      name: "Specimen",
      description: "Something that was found.",
      attributes: [
        define("label", "Its label.", { required: true }),
        define("serial", "Its number.", { ...immutable, caseExact: true, uniqueness: "server" }),
        define("weight", "Grams.", { type: "decimal" }),
        define("pieces", "How many pieces.", { type: "integer" }),
        define("isRare", "True for rare ones.", { type: "boolean" }),
        define("foundAt", "When it was found.", { type: "dateTime" }),
        define("scan", "A picture.", { type: "binary", caseExact: true }),
        define("page", "An address.", { type: "reference", referenceTypes: ["external"] }),
        define("tags", "Words.", { multiValued: true }),
        define("secret", "Never kept.", { mutability: "writeOnly", returned: "never" }),
        define("checksum", "The server's.", readOnly),
        define("notes", "Long, and so shown on request.", { returned: "request" }),
        define("badge", "Always shown.", { returned: "always" }),
        define("sealedBy", "Set once.", immutable),
        complex("origin", "Where it is from.", [
          define("place", "The place.", { required: true }),
          define("code", "Set once.", immutable),
          define("key", "Always shown.", { returned: "always" }),
          define("detail", "Shown on request.", { returned: "request" }),
          define("hush", "Never kept.", { mutability: "writeOnly", returned: "never" }),
          define("grade", "The server's.", readOnly),
        ]),
        plural("parts", "Its parts.", { types: ["stem", "leaf"] }),
      ],
    },
    {
      urn: labUrn,
      name: "Lab",
      description: "What the laboratory knows.",
      attributes: [
        define("bench", "The bench."),
        define("lot", "Set once.", immutable),
        define("stamp", "Always shown.", { returned: "always" }),
        define("hint", "Shown on request.", { returned: "request" }),
        define("assayer", "Whoever assayed it.", { required: true }),
      ],
    },
  ],
});

interface Specimen extends KeptResource {
  readonly document: JsonObject;
}

interface Row extends KeptResource {
  readonly document: string;
}

/** Makes the table; once for a database. */
export async function createSpecimens({ db, dialect }: Store): Promise<void> {
  const seq = dialect === "sqlite" ? "integer primary key" : "serial primary key";
  await sql`create table specimens (seq ${sql.raw(seq)}, id text not null unique,
    organization_id integer not null, serial text, version integer not null, created_at bigint not null,
    modified_at bigint not null, document text not null, search text not null,
    unique (organization_id, serial))`.execute(db);
}

const columns = sql`seq, id, version, created_at as "createdAt", modified_at as "modifiedAt", document`;
const specimenOf = ({ document, ...row }: Row): Specimen => ({
  ...row,
  document: parseObject(JSON.parse(document)),
});

/** What the routes serve under /Specimens. */
export function specimenKind(deps: Deps): ResourceKind<Specimen> {
  const { store } = deps;
  const find = async (db: Db, organizationId: number, key: string) => {
    const { rows } = await sql<Row>`select ${columns} from specimens
      where organization_id = ${organizationId} and id = ${key}`.execute(db);
    return rows[0] === undefined ? null : specimenOf(rows[0]);
  };
  const lock = async (db: Db, organizationId: number, { key, ifMatch }: Named) => {
    const found = await find(db, organizationId, key);
    if (found === null) throw new AppError("not_found", { detail: "There is no such specimen." });
    checkMatch(ifMatch, etagOfResource(found));
    return found;
  };
  const change = async (
    organizationId: number,
    named: Named,
    documentOf: (before: JsonObject) => JsonObject,
  ): Promise<Done<Specimen>> =>
    await store.transaction(async (tx) => {
      const before = await lock(tx, organizationId, named);
      const document = documentOf(before.document);
      requireAll(document, specimenType);
      if (isSameJson(document, before.document)) return { resource: before, summary: "Same." };
      const resource = { ...before, document, version: before.version + 1 };
      await sql`update specimens set document = ${JSON.stringify(document)},
        search = ${searchOf(document)}, version = ${resource.version}
        where seq = ${before.seq}`.execute(tx);
      return { resource, summary: "Changed." };
    });
  return {
    type: specimenType,
    noun: "specimen",
    bodyLimit: 1_048_576,
    showsPatched: true,
    create: async ({ organizationId }, body) => {
      const document = parseDocument(body, specimenType);
      requireAll(document, specimenType);
      const { rows } = await sql<Row>`insert into specimens
        (id, organization_id, serial, version, created_at, modified_at, document, search)
        values (${randomUUID()}, ${organizationId}, ${document["serial"] ?? null}, 1, ${deps.now()},
          ${deps.now()}, ${JSON.stringify(document)}, ${searchOf(document)})
        on conflict do nothing returning ${columns}`.execute(store.db);
      if (rows[0] === undefined) throw new AppError("scim_uniqueness");
      return { resource: specimenOf(rows[0]), summary: "Made." };
    },
    replace: async ({ organizationId }, named, body) =>
      await change(organizationId, named, (before) =>
        replaceDocument(before, parseDocument(body, specimenType), specimenType),
      ),
    patch: async ({ organizationId }, named, body) => {
      const operations = parsePatch(body, specimenType);
      return await change(organizationId, named, (before) => applyPatch(before, operations));
    },
    remove: async ({ organizationId }, named) =>
      await store.transaction(async (tx) => {
        const { seq } = await lock(tx, organizationId, named);
        await sql`delete from specimens where seq = ${seq}`.execute(tx);
        return "Gone.";
      }),
    find: (organizationId, key) => find(store.db, organizationId, key),
    list: async ({ sort, page, ...list }) => {
      const source = sourceOf(store, list.baseUrl);
      const key = sort === null ? sql`seq` : rawOf(renderSortKey(sort.target, source));
      const direction = sort?.isDescending === true ? sql`desc` : sql`asc`;
      const { rows } = await sql<Row>`select ${columns} from specimens
        where ${conditionOf(store, list)} and seq > ${page.afterSeq ?? 0}
        order by (${key}) is null ${direction}, (${key}) ${direction}, seq
        limit ${page.limit} offset ${page.offset}`.execute(store.db);
      return rows.map(specimenOf);
    },
    count: async (list) => {
      const { rows } = await sql<{ count: number }>`select count(*) as count from specimens
        where ${conditionOf(store, list)}`.execute(store.db);
      return Number(rows[0]?.count);
    },
    show: async (_organizationId, { resources, projection }) =>
      resources.map((specimen) => {
        const meta = metaOf(deps, specimenType.endpoint, specimen);
        const parts = { checksum: `sum-${specimen.version}` };
        const whole = renderResource(specimenType, specimen.document, { meta, parts });
        return project(whole, specimenType, projection);
      }),
    showsMoreThanTag: () => false,
  };
}

const searchOf = (document: JsonObject) => JSON.stringify(toSearchDocument(specimenType, document));

function sourceOf({ dialect }: Store, baseUrl: string): FilterSource {
  const exact = (expression: string) => ({
    ...({ expression, comparison: "exact", isNullable: false } as const),
  });
  return {
    dialect,
    document: dialect === "sqlite" ? "specimens.search" : "cast(specimens.search as jsonb)",
    columns: {
      id: exact("specimens.id"),
      checksum: { ...exact("('sum-' || specimens.version)"), comparison: "folded" },
      "meta.location": exact(`('${baseUrl}/Specimens/' || specimens.id)`),
    },
    lists: {},
  };
}

function conditionOf(
  store: Store,
  { organizationId, filter, baseUrl }: Pick<ScimList, "organizationId" | "filter" | "baseUrl">,
): RawBuilder<boolean> {
  const mine = sql<boolean>`organization_id = ${organizationId}`;
  if (filter === null) return mine;
  return sql<boolean>`${mine} and ${rawOf(renderFilter(filter, sourceOf(store, baseUrl)))}`;
}

function rawOf({ parts, parameters }: SqlFragment): RawBuilder<unknown> {
  const strings = Object.assign([...parts], { raw: [...parts] });
  return sql(strings as unknown as TemplateStringsArray, ...parameters);
}
