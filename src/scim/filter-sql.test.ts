import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import fc from "fast-check";
import { sql } from "kysely";
import { costOf } from "../../test/cost.ts";
import { onEveryEngine } from "../../test/engines.ts";
import { AppError } from "../errors.ts";
import type { Db } from "../store/store.ts";
import { type BoundFilter, bindFilter, bindTarget } from "./bind.ts";
import { evaluate } from "./evaluate.ts";
import { type Comparator, type Filter, parseFilter, printFilter } from "./filter.ts";
import { type FilterSource, renderFilter, renderSortKey } from "./filter-sql.ts";
import { parseInstant } from "./instant.ts";
import { isObject, type Json, type JsonObject, parseObject, type Scalar } from "./json.ts";
import { parseAttributeName } from "./schema.ts";
import { fold, foldName, toSearchDocument } from "./search-document.ts";
import { type SqlFragment, sqlText } from "./sql.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** A table with a few columns of its own and the rest in the search document. */
const sourceOf = (dialect: FilterSource["dialect"]): FilterSource => ({
  dialect,
  document: dialect === "sqlite" ? "u.search" : "cast(u.search as jsonb)",
  columns: {
    username: { expression: "u.user_name", comparison: "folded", isNullable: false },
    externalid: { expression: "u.external_id", comparison: "exact", isNullable: true },
    active: { expression: "u.active", comparison: "boolean", isNullable: true },
    "meta.created": { expression: "u.created_at", comparison: "instant", isNullable: false },
  },
  lists: {
    emails: {
      from: "scim_probe_emails e",
      where: "e.user_id = u.id",
      columns: {
        value: { expression: "e.value", comparison: "folded", isNullable: true },
        type: { expression: "e.type", comparison: "folded", isNullable: true },
        primary: { expression: "e.is_primary", comparison: "boolean", isNullable: true },
      },
    },
  },
});

// Few texts, so that filters meet what documents hold; among them what SQL, LIKE, JSON and
// JavaScript treat in ways of their own.
const texts = [
  ...["alice", "Alice", "ALICE", "al", "bob", "a%b", "a_b", "A%", "%", "_", "\\", "a\\b", "'", '"'],
  ...[
    "ß",
    "SS",
    "İ",
    "é",
    "É",
    "😀",
    "\uffee",
    "\ud7ff",
    "\u{10ffff}",
    "true",
    "5",
    "1e3",
    "{}",
    " ",
  ],
];
const text = fc.constantFrom(...texts);
const number = fc.constantFrom(0, -1, 5, 5.5, 1000, 1e21, 0.1, 9007199254740991);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean());
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const label = fc.constantFrom("work", "Work", "home");

const plural = fc.array(
  fc.record(
    { value: optional(text), type: optional(label), primary: optional(fc.boolean()) },
    { noNullPrototype: true },
  ),
  { maxLength: 3 },
);
const created = fc.constantFrom("2026-01-02T03:04:05.678Z", "2020-02-29T00:00:00.000Z");

const document: fc.Arbitrary<JsonObject> = fc
  .record({
    userName: text,
    externalId: optional(text),
    active: optional(fc.boolean()),
    title: optional(text),
    name: optional(fc.record({ givenName: optional(text) }, { noNullPrototype: true })),
    emails: plural,
    phoneNumbers: plural,
    foo: optional(
      fc.oneof(
        scalar,
        fc.array(scalar, { maxLength: 3 }),
        fc.record({ Bar: scalar, deep: fc.constant([1]) }, { noNullPrototype: true }),
        fc.constant({}),
      ),
    ),
    meta: created.map((at) => ({ created: at })),
    [enterprise]: optional(
      fc.record(
        { department: optional(text), manager: optional(text.map((value) => ({ value }))) },
        { noNullPrototype: true },
      ),
    ),
  })
  .map((value) => parseObject(JSON.parse(JSON.stringify(value))));

const names = [
  ...["userName", "externalId", "active", "title", "name.givenName", "name", "emails", "foo"],
  ...["emails.type", "emails.primary", "emails.display", "phoneNumbers", "phoneNumbers.type"],
  ...["phoneNumbers.primary", "foo.bar", "nothing", "meta.created", "meta"],
  ...[`${enterprise}:department`, "department", "manager", `${enterprise}:manager.value`],
];
const nameOf = (written: string) => {
  const name = parseAttributeName(written);
  assert.ok(name);
  return name;
};
const operator = fc.constantFrom<Comparator>("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le");
const literal: fc.Arbitrary<Scalar | null> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 2, arbitrary: fc.oneof(number, fc.boolean(), label) },
  {
    weight: 1,
    arbitrary: fc.oneof(created, fc.constantFrom("2026-01-02T04:04:05.678+01:00", "", null)),
  },
);
const leafOf = (written: readonly string[]): fc.Arbitrary<Filter> => {
  const name = fc.constantFrom(...written).map(nameOf);
  return fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("present" as const), name }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("compare" as const),
        name,
        operator,
        value: literal,
      }),
    },
  );
};
const grow = (inner: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.oneof(
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      terms: fc.array(inner, { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not" as const), term: inner }),
  );
const inBrackets = leafOf(["value", "type", "primary", "bar", "nothing"]);
const some: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant("some" as const),
  name: fc.constantFrom("emails", "phoneNumbers", "foo", "nothing").map(nameOf),
  filter: fc.oneof(inBrackets, grow(inBrackets)),
});
const leaf = fc.oneof({ weight: 3, arbitrary: leafOf(names) }, { weight: 1, arbitrary: some });
const filters = fc.oneof(leaf, grow(leaf), grow(grow(leaf)));

const asKysely = ({ parts, parameters }: SqlFragment) =>
  sql(parts as unknown as TemplateStringsArray, ...parameters);

async function createTables(db: Db): Promise<void> {
  await sql`create table scim_probe (id integer primary key, user_name text not null,
    external_id text, active integer, created_at bigint not null, search text not null)`.execute(
    db,
  );
  await sql`create table scim_probe_emails (user_id integer not null, value text, type text,
    is_primary integer)`.execute(db);
}

const textAt = (value: Json | undefined) =>
  typeof value === "string" && value !== "" ? value : null;
const foldedAt = (value: Json | undefined, by = fold) => {
  const found = textAt(value);
  return found === null ? null : by(found);
};
const flagAt = (value: Json | undefined) => (typeof value === "boolean" ? Number(value) : null);

async function insert(db: Db, id: number, user: JsonObject): Promise<void> {
  const { meta, emails } = user;
  const at = isObject(meta) ? parseInstant(String(meta["created"])) : null;
  const search = JSON.stringify(toSearchDocument("User", user, ["emails", "meta"]));
  await sql`insert into scim_probe values (${id}, ${foldName(String(user["userName"] ?? ""))},
    ${textAt(user["externalId"])}, ${flagAt(user["active"])}, ${at}, ${search})`.execute(db);
  for (const email of Array.isArray(emails) ? emails : []) {
    const address = foldedAt(email["value"], foldName);
    const values = [address, foldedAt(email["type"]), flagAt(email["primary"])];
    if (values.every((value) => value === null)) continue;
    await sql`insert into scim_probe_emails values (${id}, ${sql.join(values)})`.execute(db);
  }
}

/** The bound filter, or null where the filter makes no sense. */
function bound(filter: Filter): BoundFilter | null {
  try {
    return bindFilter(filter, "User");
  } catch (error) {
    if (error instanceof AppError && error.code === "scim_invalid_filter") return null;
    throw error;
  }
}

onEveryEngine("filters as SQL", (engine) => {
  const users = fc.sample(document, { numRuns: 60, seed: 7643 });
  const source = sourceOf(engine.name);
  let db: Db;

  before(async () => {
    ({ db } = await engine.open());
    await createTables(db);
    await db.transaction().execute(async (tx) => {
      for (const [id, user] of users.entries()) await insert(tx, id, user);
    });
  });

  const found = async (filter: BoundFilter): Promise<readonly number[]> => {
    const condition = asKysely(renderFilter(filter, source));
    const { rows } = await sql<{
      id: number;
    }>`select u.id as id from scim_probe u where ${condition}
      order by u.id`.execute(db);
    return rows.map(({ id }) => id);
  };
  const expected = (filter: BoundFilter): readonly number[] =>
    users.flatMap((user, id) => (evaluate(filter, "User", user) ? [id] : []));

  test("SQL finds exactly what the evaluator in memory finds", async () => {
    let compared = 0;
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const meaning = bound(filter);
        fc.pre(meaning !== null);
        const ids = await found(meaning);
        assert.deepEqual(ids, expected(meaning), printFilter(filter));
        compared += 1;
        if (ids.length > 0 && ids.length < users.length) matched += 1;
      }),
      { numRuns: 1500 },
    );
    assert.ok(matched > compared / 4, `${matched} of ${compared} filters told users apart`);
  });

  test("every operator on a column, a table and the document finds what it should", async () => {
    const operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
    for (const name of ["userName", "externalId", "title", "emails", "phoneNumbers.value", "foo"]) {
      for (const comparator of operators) {
        for (const value of texts) {
          const filter = bindFilter(
            parseFilter(`${name} ${comparator} ${JSON.stringify(value)}`),
            "User",
          );
          assert.deepEqual(await found(filter), expected(filter), `${name} ${comparator} ${value}`);
        }
      }
    }
  });

  test("a text that looks like SQL is a value and nothing else", async () => {
    for (const value of ["' or 1=1 --", '" or ""="', "'); drop table scim_probe; --", "$1", "?"]) {
      for (const name of ["userName", "title", "emails.value", "foo"]) {
        const filter = bindFilter(parseFilter(`${name} eq ${JSON.stringify(value)}`), "User");
        assert.deepEqual(await found(filter), []);
      }
    }
    assert.equal(
      (await found(bindFilter(parseFilter("userName pr"), "User"))).length,
      users.length,
    );
  });

  test("a filter of the largest size is one statement that runs", async () => {
    const many = Array.from({ length: 100 }, (_, at) => `emails[value sw "${at}"]`).join(" or ");
    const filter = bindFilter(parseFilter(many), "User");
    assert.deepEqual(await found(filter), expected(filter));
    const deep = `${"not (".repeat(31)}title pr${")".repeat(31)}`;
    const nested = bindFilter(parseFilter(deep), "User");
    assert.deepEqual(await found(nested), expected(nested));
  });

  test("sorting goes by the primary or first value, by code point", async () => {
    for (const [name, keyOf] of [
      ["title", (user: JsonObject) => foldedAt(user["title"])],
      ["userName", (user: JsonObject) => foldName(String(user["userName"] ?? ""))],
      ["phoneNumbers", primaryValue],
    ] as const) {
      const key = asKysely(renderSortKey(bindTarget(nameOf(name), "User"), source));
      const { rows } = await sql<{ value: string | null }>`select ${key} as value from scim_probe u
        where ${key} is not null order by ${key}`.execute(db);
      const values = users.map(keyOf).filter((value) => value !== null);
      const bytes = (value: string) => Buffer.from(value);
      assert.deepEqual(
        rows.map(({ value }) => value),
        values.sort((left, right) => Buffer.compare(bytes(left), bytes(right))),
        name,
      );
    }
  });
});

function primaryValue(user: JsonObject): string | null {
  const list = (Array.isArray(user["phoneNumbers"]) ? user["phoneNumbers"] : []).filter(
    (item) => Object.keys(item).length > 0 && Object.keys(item).some((key) => item[key] !== ""),
  );
  const first = list.find((item) => item["primary"] === true) ?? list[0];
  return foldedAt(first?.["value"]);
}

describe("the shape of the SQL", () => {
  const render = (filter: string, dialect: FilterSource["dialect"] = "sqlite") =>
    renderFilter(bindFilter(parseFilter(filter), "User"), sourceOf(dialect));

  test("a look-up by userName is a plain comparison that an index serves", () => {
    const found = render('userName eq "Alice"');
    assert.equal(sqlText(found), "u.user_name = ?");
    assert.deepEqual(found.parameters, ["alice"]);
  });

  test("a prefix is a range that an index serves", () => {
    const found = render('userName sw "Al"');
    assert.equal(sqlText(found), "(u.user_name >= ? and u.user_name < ?)");
    assert.deepEqual(found.parameters, ["al", "am"]);
  });

  test("PostgreSQL sorts by code point, whatever language the database speaks", () => {
    assert.equal(
      sqlText(render('userName gt "a"', "postgres"), "$"),
      '(u.user_name collate "C") > $1',
    );
  });

  test("an attribute whose value may be missing equals nothing, and differs from everything", () => {
    assert.equal(
      sqlText(render('externalId eq "a"')),
      "(u.external_id is not null and u.external_id = ?)",
    );
    assert.equal(
      sqlText(render('externalId ne "a"')),
      "(u.external_id is null or u.external_id <> ?)",
    );
  });

  test("no filter of legal size costs much to become SQL", async () => {
    const wide = Array.from({ length: 100 }, (_, at) => `emails[value sw "${at}"] ne "x"`);
    const deep = `${"not (".repeat(31)}foo co "x"${")".repeat(31)}`;
    const texts = [
      wide.map((term) => term.slice(0, -7)).join(" or "),
      `phoneNumbers ne "${"x".repeat(4070)}"`,
      deep,
    ];
    for (const one of texts) {
      for (const dialect of ["sqlite", "postgres"] as const) {
        const cost = await costOf(() =>
          renderFilter(bindFilter(parseFilter(one), "User"), sourceOf(dialect)),
        );
        assert.ok(cost < 50, `${one.slice(0, 30)} costs ${cost}`);
      }
    }
  });

  test("nothing that a client sent stands in the text", () => {
    fc.assert(
      fc.property(
        filters,
        fc.constantFrom("sqlite" as const, "postgres" as const),
        (filter, dialect) => {
          const meaning = bound(filter);
          fc.pre(meaning !== null);
          const { parts, parameters } = renderFilter(meaning, sourceOf(dialect));
          assert.equal(parts.length, parameters.length + 1);
          assert.doesNotMatch(parts.join(""), /alice|foo|nothing|department|😀/i);
        },
      ),
    );
  });
});
