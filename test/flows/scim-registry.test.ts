/**
 * The rules of RFC 7643 2.2, 2.3 and 7 that people and groups never show, by a type of resource with
 * every attribute type, mutability and returned rule, through the routes of all types.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { renderResourceTypes } from "../../src/scim/discovery.ts";
import { onEveryEngine } from "../engines.ts";
import { createSpecimens, labUrn, specimenKind, specimenUrn } from "./scim-specimen.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

onEveryEngine("a further type of resource", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      wiring: { scimKinds: (deps) => [specimenKind(deps)] },
    });
    ({ client } = world);
    await createSpecimens(world.test.store);
  });
  after(() => world.close());

  const make = async (body: object): Promise<string> =>
    (await client.expect(201, "POST", "/Specimens", body)).body.id;
  const read = async (id: string, query = "") =>
    (await client.expect(200, "GET", `/Specimens/${id}${query}`)).body;
  const patch = (status: number, id: string, ...operations: readonly object[]) =>
    client.patch(status, `/Specimens/${id}`, ...operations);
  const refused = async (type: string, answer: Promise<{ body: { scimType?: string } }>) =>
    assert.equal((await answer).body.scimType, type);
  const labels = async (filter: string, more = "") => {
    const query = `?filter=${encodeURIComponent(filter)}${more}`;
    const { body } = await client.expect(200, "GET", `/Specimens${query}`);
    return body.Resources.map(({ label }: { label: string }) => label).join(" ");
  };
  const refusedFilter = async (filter: string) => {
    const path = `/Specimens?filter=${encodeURIComponent(filter)}`;
    await refused("invalidFilter", client.expect(400, "GET", path));
  };

  test("discovery tells of the type and of every characteristic of its attributes", async () => {
    const { body: type } = await client.expect(200, "GET", "/ResourceTypes/Specimen");
    assert.deepEqual(
      [type.endpoint, type.schema, type.schemaExtensions],
      ["/Specimens", specimenUrn, [{ schema: labUrn, required: false }]],
    );
    const { body: schema } = await client.expect(200, "GET", `/Schemas/${specimenUrn}`);
    const said = new Set<string>();
    for (const attribute of schema.attributes) {
      said.add(attribute.type).add(attribute.mutability).add(attribute.returned);
      assert.equal(attribute.isName, undefined);
    }
    const every = [
      ...["string", "decimal", "integer", "boolean", "dateTime", "binary", "reference", "complex"],
      ...["readWrite", "readOnly", "immutable", "writeOnly"],
      ...["default", "always", "never", "request"],
    ];
    assert.deepEqual(
      every.filter((word) => !said.has(word)),
      [],
    );
    assert.equal((await client.expect(200, "GET", "/Schemas")).body.totalResults, 8);
  });

  test("values come in their types however they are written, and others are refused", async () => {
    const id = await make({
      ...{ label: "Typed", weight: "1.50", pieces: "3", isRare: "True", tags: "one" },
      ...{ foundAt: "2026-01-02T03:04:05+01:00", scan: "QUJD", page: ["https://x.example/"] },
      ...{ checksum: "mine", secret: "s", parts: { value: "p", type: "stem" } },
      origin: '{"place":"Here","hush":"s","grade":"mine"}',
      [labUrn.toUpperCase()]: { BENCH: "b", assayer: "A" },
    });
    const body = await read(id);
    assert.deepEqual(
      [body.weight, body.pieces, body.isRare, body.tags, body.foundAt, body.scan, body.page],
      [1.5, 3, true, ["one"], "2026-01-02T03:04:05+01:00", "QUJD", "https://x.example/"],
    );
    assert.deepEqual(
      [body.parts, body.origin],
      [[{ value: "p", type: "stem" }], { place: "Here" }],
    );
    assert.deepEqual([body.checksum, body.secret], ["sum-1", undefined]);
    assert.deepEqual(body[labUrn], { bench: "b", assayer: "A" });
    assert.deepEqual(body.schemas, [specimenUrn, labUrn]);
    for (const wrong of [
      { weight: "heavy" },
      { pieces: 1.5 },
      { pieces: "many" },
      { isRare: "perhaps" },
      { foundAt: "2026-02-30" },
      { foundAt: "yesterday" },
      { label: ["a", "b"] },
      { origin: "Here" },
      { origin: [{ place: "a" }, { place: "b" }] },
      {
        parts: [
          { value: "a", primary: true },
          { value: "b", primary: true },
        ],
      },
    ]) {
      const sent = { label: "Wrong", ...wrong };
      await refused("invalidValue", client.expect(400, "POST", "/Specimens", sent));
      await refused("invalidValue", client.expect(400, "PUT", `/Specimens/${id}`, sent));
      const operation = { op: "replace", value: wrong };
      await refused("invalidValue", patch(400, id, operation));
    }
  });

  test("what is required is there, in values and extensions too, whichever way they came", async () => {
    const lacking = [
      {},
      { label: "" },
      { label: null },
      { label: "L", origin: { key: "k" } },
      { label: "L", [labUrn]: { bench: "b" } },
    ];
    const id = await make({
      label: "Required",
      origin: { place: "p" },
      [labUrn]: { assayer: "A" },
    });
    for (const body of lacking) {
      await refused("invalidValue", client.expect(400, "POST", "/Specimens", body));
      await refused("invalidValue", client.expect(400, "PUT", `/Specimens/${id}`, body));
    }
    await refused("mutability", patch(400, id, { op: "remove", path: "label" }));
    await refused("mutability", patch(400, id, { op: "replace", path: "label", value: null }));
    await refused("mutability", patch(400, id, { op: "remove", path: `${labUrn}:assayer` }));
    const key = { op: "add", path: "origin.key", value: "k" };
    await refused("invalidValue", patch(400, id, key, { op: "remove", path: "origin.place" }));
    await patch(200, id, { op: "remove", path: "origin" }, { op: "remove", path: labUrn });
    const body = await read(id);
    assert.deepEqual(
      [body.origin, body[labUrn], body.schemas],
      [undefined, undefined, [specimenUrn]],
    );
    await refused("invalidValue", patch(400, id, key));
  });

  test("what may be set once stays as it was set", async () => {
    const id = await make({ label: "Once", serial: "S-1", origin: { place: "p", code: "c" } });
    const put = (status: number, body: object) =>
      client.expect(status, "PUT", `/Specimens/${id}`, { label: "Once", ...body });
    await refused("mutability", put(400, { serial: "S-2" }));
    await refused("mutability", put(400, { origin: { place: "p", code: "d" } }));
    const kept = await put(200, { origin: { place: "q" } });
    assert.deepEqual([kept.body.serial, kept.body.origin], ["S-1", { place: "q", code: "c" }]);
    await put(200, { serial: "S-1", origin: { place: "q", code: "c" } });
    for (const operation of [
      { op: "replace", path: "serial", value: "S-2" },
      { op: "add", value: { serial: "S-2" } },
      { op: "remove", path: "serial" },
      { op: "replace", path: "origin.code", value: "d" },
      { op: "remove", path: "origin.code" },
      { op: "remove", path: "origin" },
      { op: "replace", path: "origin", value: { place: "p", code: "d" } },
    ]) {
      await refused("mutability", patch(400, id, operation));
    }
    const first = { op: "add", path: "sealedBy", value: "Ada" };
    const { body } = await patch(
      200,
      id,
      first,
      { op: "replace", path: "serial", value: "S-1" },
      { op: "replace", value: { [`${labUrn}:lot`]: "7", [`${labUrn}:assayer`]: "A" } },
    );
    assert.deepEqual([body.sealedBy, body[labUrn].lot], ["Ada", "7"]);
    await refused("mutability", patch(400, id, { ...first, value: "Bob" }));
    await refused(
      "mutability",
      patch(400, id, { op: "replace", path: `${labUrn}:lot`, value: "8" }),
    );
    const without = await put(200, { serial: "S-1" });
    assert.deepEqual([without.body.sealedBy, without.body[labUrn]?.lot], ["Ada", "7"]);
    await refused(
      "uniqueness",
      client.expect(409, "POST", "/Specimens", { label: "x", serial: "S-1" }),
    );
    await make({ label: "Other case", serial: "s-1" });
  });

  test("what the server writes is ignored in bodies and refused by its path; secrets are kept nowhere", async () => {
    const id = await make({ label: "Own" });
    for (const path of ["checksum", "origin.grade", "id", "meta", "meta.version"]) {
      await refused("mutability", patch(400, id, { op: "replace", path, value: "x" }));
    }
    const value = {
      checksum: "x",
      id: "x",
      secret: "hidden",
      origin: { place: "p", hush: "hidden" },
    };
    await patch(200, id, { op: "replace", value }, { op: "add", path: "secret", value: "hidden" });
    await patch(200, id, { op: "add", path: "origin.hush", value: "hidden" });
    const body = await read(id, "?attributes=secret,origin.hush,checksum,origin");
    assert.deepEqual(
      [body.secret, body.checksum, body.origin],
      [undefined, "sum-2", { place: "p" }],
    );
    const { rows } = await sql`select * from specimens`.execute(world.test.store.db);
    assert.doesNotMatch(JSON.stringify(rows), /hidden/);
  });

  test("each returned rule holds under each projection, of parts and extensions too", async () => {
    const id = await make({
      ...{ label: "Shown", notes: "n", badge: "b", tags: ["t"] },
      origin: { place: "p", key: "k", detail: "d" },
      [labUrn]: { bench: "b", stamp: "s", hint: "h", assayer: "A" },
    });
    const shown = async (query: string) => {
      const { schemas: _, meta: __, id: ___, ...rest } = await read(id, query);
      return rest;
    };
    const lab = { [labUrn]: { bench: "b", stamp: "s", assayer: "A" } };
    const always = { badge: "b", [labUrn]: { stamp: "s" } };
    const whole = {
      ...{ label: "Shown", badge: "b", tags: ["t"], checksum: "sum-1" },
      ...{ origin: { place: "p", key: "k" }, ...lab },
    };
    const { label: _, ...unlabelled } = whole;
    const { origin: __, ...placeless } = whole;
    const cases: readonly (readonly [query: string, expected: object])[] = [
      ["", whole],
      ["?attributes=label", { label: "Shown", ...always }],
      ["?attributes=notes", { notes: "n", ...always }],
      ["?attributes=origin", { origin: { place: "p", key: "k" }, ...always }],
      ["?attributes=origin.place", { origin: { place: "p", key: "k" }, ...always }],
      ["?attributes=origin.detail", { origin: { key: "k", detail: "d" }, ...always }],
      [`?attributes=${labUrn}`, { badge: "b", ...lab }],
      [`?attributes=${labUrn}:hint`, { badge: "b", [labUrn]: { stamp: "s", hint: "h" } }],
      [`?attributes=${specimenUrn.toUpperCase()}:LABEL`, { label: "Shown", ...always }],
      ["?excludedAttributes=label", unlabelled],
      ["?excludedAttributes=badge", whole],
      ["?excludedAttributes=notes", whole],
      ["?excludedAttributes=origin", placeless],
      ["?excludedAttributes=origin.key", whole],
      ["?excludedAttributes=origin.place", { ...whole, origin: { key: "k" } }],
      [`?excludedAttributes=${labUrn}`, { ...whole, [labUrn]: { stamp: "s" } }],
    ];
    for (const [query, expected] of cases) assert.deepEqual(await shown(query), expected, query);
    const operation = { op: "replace", path: "notes", value: "m" };
    const { body } = await client.patch(200, `/Specimens/${id}?attributes=notes`, operation);
    assert.deepEqual([body.notes, body.label], ["m", undefined]);
  });

  test("filters compare each type as it is, and refuse what it cannot be compared by", async () => {
    const tag = "Filter";
    for (const [label, weight, foundAt, more] of [
      ["F1", 9.5, "2026-01-01T00:30:00+01:00", { isRare: true, tags: ["Red", "Round"] }],
      ["F2", 10, "2026-01-01T00:00:00Z", { isRare: false, scan: "QUJD", notes: "Note" }],
      ["F3", 100, "2026-01-01T00:00:01.5Z", { serial: "CaSe", page: "https://x.example/A" }],
    ] as const) {
      await make({ label, weight, foundAt, badge: tag, ...more });
    }
    const found = (filter: string) => labels(`badge eq "${tag}" and (${filter})`);
    const cases: readonly (readonly [filter: string, expected: string])[] = [
      ["weight gt 9.5", "F2 F3"],
      ["weight le 10.0", "F1 F2"],
      ['weight eq "10"', "F2"],
      ["pieces pr", ""],
      ['foundAt lt "2026-01-01T00:00:00Z"', "F1"],
      ['foundAt eq "2025-12-31T23:30:00.000Z"', "F1"],
      ['foundAt ge "2026-01-01T01:00:00+01:00"', "F2 F3"],
      ["isRare eq true", "F1"],
      ['isRare eq "False"', "F2"],
      ["isRare ne true", "F2 F3"],
      ["not (isRare eq true)", "F2 F3"],
      ['scan eq "QUJD"', "F2"],
      ['scan eq "qujd"', ""],
      ['serial eq "CaSe"', "F3"],
      ['serial eq "case"', ""],
      ['page eq "HTTPS://X.EXAMPLE/a"', "F3"],
      ['tags eq "red"', "F1"],
      ['tags[value sw "ro"]', "F1"],
      ['tags eq "red" and tags eq "round"', "F1"],
      ['notes eq "note"', "F2"],
      [`${specimenUrn}:label eq "f3"`, "F3"],
      [`${specimenUrn.toLowerCase()}:weight eq 100`, "F3"],
      ['checksum sw "SUM-"', "F1 F2 F3"],
    ];
    for (const [filter, expected] of cases) assert.equal(await found(filter), expected, filter);
    for (const filter of [
      "isRare gt true",
      'isRare co "t"',
      'scan gt "A"',
      'weight sw "1"',
      'weight eq "heavy"',
      'foundAt eq "yesterday"',
      'foundAt co "2026"',
      "origin eq 1",
      'secret eq "x"',
      'origin.hush eq "x"',
      'label.part eq "x"',
      'label[value eq "x"]',
      'tags[type eq "x"]',
    ]) {
      await refusedFilter(filter);
    }
    const sorted = async (by: string) =>
      await labels(`badge eq "${tag}"`, `&sortBy=${by}&sortOrder=descending`);
    assert.equal(await sorted("weight"), "F3 F2 F1", "numbers as numbers");
    assert.equal(await sorted("foundAt"), "F3 F2 F1");
    assert.equal(await sorted("serial"), "F1 F2 F3", "what has none goes first, descending");
  });

  test("PATCH reaches values by filters of each kind, and keeps one primary", async () => {
    const id = await make({
      label: "Parts",
      tags: ["a", "b", "b"],
      parts: [
        { value: "1", type: "stem", primary: true },
        { value: "2", type: "leaf" },
      ],
    });
    assert.deepEqual((await read(id)).tags, ["a", "b"]);
    const { body } = await patch(
      200,
      id,
      { op: "remove", path: 'tags[value eq "A"]' },
      { op: "add", path: "tags", value: ["c", "b"] },
      { op: "replace", path: 'parts[type eq "leaf"].primary', value: true },
      { op: "add", path: "parts", value: { value: "3", display: "Third" } },
      { op: "remove", path: 'parts[value eq "1" or display eq "third"]' },
    );
    assert.deepEqual(body.tags, ["b", "c"]);
    assert.deepEqual(body.parts, [{ value: "2", type: "leaf", primary: true }]);
    await refused(
      "noTarget",
      patch(400, id, { op: "replace", path: 'tags[value eq "x"]', value: "y" }),
    );
    await refused("invalidPath", patch(400, id, { op: "replace", path: "label.part", value: "y" }));
  });

  test("lists, searches, cursors, bulk, ETags and methods are those of every type", async () => {
    const { body: root } = await client.expect(200, "GET", "/?count=200");
    const types = root.Resources.map(
      (one: { meta: { resourceType: string } }) => one.meta.resourceType,
    );
    assert.ok(types.includes("Specimen"));
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await client.expect(200, "GET", `/?count=3&cursor=${cursor}`);
      seen.push(...body.Resources.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor ?? "";
    } while (cursor !== "");
    assert.deepEqual(
      seen,
      root.Resources.map(({ id }: { id: string }) => id),
    );
    const search = { filter: 'label eq "f1"', attributes: ["label"] };
    const { body: found } = await client.expect(200, "POST", "/Specimens/.search", search);
    assert.deepEqual([found.totalResults, found.Resources[0].label], [1, "F1"]);
    const { body: bulk } = await client.expect(200, "POST", "/Bulk", {
      Operations: [
        { method: "POST", path: "/Specimens", bulkId: "a", data: { label: "Bulk" } },
        {
          method: "PATCH",
          path: "/Specimens/bulkId:a",
          data: [{ op: "add", path: "pieces", value: 2 }],
        },
        { method: "POST", path: "/Nothings", bulkId: "b", data: {} },
      ],
    });
    const [made, patched, unknown] = bulk.Operations;
    assert.deepEqual([made.status, patched.status, unknown.status], ["201", "200", "400"]);
    const id = made.location.replace(/.*\//, "");
    assert.match(made.location, /\/scim\/v2\/Specimens\/[0-9a-f-]{36}$/);
    const stale = client.as({ headers: { "if-match": 'W/"1"' } });
    await stale.expect(412, "DELETE", `/Specimens/${id}`);
    await client
      .as({ headers: { "if-none-match": 'W/"2"' } })
      .expect(304, "GET", `/Specimens/${id}`);
    await client.expect(405, "DELETE", "/Specimens");
    await client.expect(204, "DELETE", `/Specimens/${id}`);
    await client.expect(404, "GET", `/Specimens/${id}`);
  });
});

test("a server without the type knows nothing of it", () => {
  assert.equal(renderResourceTypes("https://x.example")["totalResults"], 2);
});
