/** Lists, searches, pages, projections, discovery and Bulk (RFC 7644 3.4, 3.7, 4; RFC 9865). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

interface Listed {
  readonly id: string;
  readonly userName: string;
}

const names = (resources: readonly Listed[]) =>
  resources.map(({ userName }) => userName[0]).join("");

onEveryEngine("SCIM lists", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  const ids: string[] = [];
  before(async () => {
    world = await ScimWorld.open(engine);
    ({ client } = world);
    const people = [
      { userName: "b@contoso.com", title: "Nurse", name: { familyName: "Zed" } },
      { userName: "a@contoso.com", title: "Doctor", name: { familyName: "Young" } },
      { userName: "d@contoso.com", active: false, name: { familyName: "Xu" } },
      { userName: "c@contoso.com", title: "nurse" },
    ];
    for (const { userName, ...more } of people) ids.push(await client.addUser(userName, more));
    await client.addGroup("Staff", ...ids.slice(0, 2));
  });
  after(() => world.close());
  const list = async (query: string) => (await client.expect(200, "GET", `/Users?${query}`)).body;

  test("filters find what they say, on columns, documents and groups", async () => {
    const cases: readonly (readonly [filter: string, found: string])[] = [
      ['userName sw "a"', "a"],
      ['title eq "NURSE"', "bc"],
      ['title pr and not (title eq "doctor")', "bc"],
      ["active eq false", "d"],
      ['name.familyName gt "y" or userName eq "c@contoso.com"', "bac"],
      ['groups.display eq "staff"', "ba"],
      [`id eq "${ids[3]}"`, "c"],
      ['meta.created gt "2020-01-01T00:00:00Z" and title co "urs"', "bc"],
      ['urn:ietf:params:scim:schemas:core:2.0:User:userName ew "contoso.com"', "badc"],
      ['title eq "x\' or 1=1 --"', ""],
    ];
    for (const [filter, found] of cases) {
      assert.equal(names(await client.find("Users", filter)), found, filter);
    }
    for (const filter of ["userName eq", 'userName xx "a"', "active gt true", "((userName pr"]) {
      const answer = await client.send("GET", `/Users?filter=${encodeURIComponent(filter)}`);
      assert.deepEqual([answer.status, answer.body.scimType], [400, "invalidFilter"], filter);
    }
  });

  test("sorting puts those without a value last, or first when descending", async () => {
    assert.equal(names((await list("sortBy=userName")).Resources), "abcd");
    assert.equal(names((await list("sortBy=userName&sortOrder=descending")).Resources), "dcba");
    assert.equal(names((await list("sortBy=name.familyName")).Resources), "dabc");
    const down = await list("sortBy=name.familyName&sortOrder=descending");
    assert.equal(names(down.Resources), "cbad");
  });

  test("index pages: from below one is one, below nothing is nothing, past the end is empty", async () => {
    const first = await list("startIndex=0&count=3");
    assert.deepEqual([first.startIndex, first.itemsPerPage, first.totalResults], [1, 3, 4]);
    const none = await list("count=-1");
    assert.deepEqual([none.itemsPerPage, none.totalResults, none.Resources], [0, 4, []]);
    const past = await list("startIndex=9");
    assert.deepEqual([past.itemsPerPage, past.totalResults], [0, 4]);
    await client.expect(400, "GET", "/Users?count=many");
  });

  test("a cursor leads through the whole list once, sorted or not, and is bound to its query", async () => {
    for (const sort of ["", "&sortBy=userName"]) {
      let seen = "";
      let cursor = "";
      do {
        const page = await list(`count=3&cursor=${cursor}${sort}`);
        seen += names(page.Resources);
        cursor = page.nextCursor ?? "";
        assert.match(cursor, /^[\w.~-]*$/);
      } while (cursor !== "");
      assert.equal(seen, sort === "" ? "badc" : "abcd");
    }
    const { nextCursor } = await list("count=3&cursor");
    const cases: readonly (readonly [query: string, scimType: string])[] = [
      [`count=2&cursor=${nextCursor}`, "invalidCount"],
      [`count=3&cursor=${nextCursor}&sortBy=userName`, "invalidCursor"],
      [`count=3&cursor=${nextCursor}x`, "invalidCursor"],
    ];
    for (const [query, scimType] of cases) {
      const { body } = await client.expect(400, "GET", `/Users?${query}`);
      assert.equal(body.scimType, scimType, query);
    }
    const other = await (await world.neighbour("Cursors")).client.send(
      "GET",
      `/Users?count=3&cursor=${nextCursor}`,
    );
    assert.equal(other.body.scimType, "invalidCursor");
    world.test.clock.advance(3_601_000);
    const late = await client.expect(400, "GET", `/Users?count=3&cursor=${nextCursor}`);
    assert.equal(late.body.scimType, "expiredCursor");
  });

  test("attributes and excludedAttributes shape every answer, a PATCH's too", async () => {
    const path = `/Users/${ids[0]}`;
    const { body } = await client.expect(200, "GET", `${path}?attributes=name.familyName`);
    assert.deepEqual(new Set(Object.keys(body)), new Set(["id", "name", "schemas"]));
    const without = await client.expect(200, "GET", `${path}?excludedAttributes=groups,title`);
    assert.deepEqual([without.body.groups, without.body.title], [undefined, undefined]);
    await client.expect(400, "GET", `${path}?attributes=id&excludedAttributes=title`);
    const [group] = await client.find("Groups", 'displayName eq "Staff"');
    const operations = { Operations: [] };
    const answer = await client.expect(
      200,
      "PATCH",
      `/Groups/${group.id}?attributes=displayName`,
      operations,
    );
    assert.deepEqual([answer.body.displayName, answer.body.members], ["Staff", undefined]);
  });

  test("searches by POST, for one type and for both", async () => {
    const { body } = await client.expect(200, "POST", "/Users/.search", {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      filter: 'title eq "nurse"',
      sortBy: "userName",
      attributes: ["userName"],
      startIndex: 2,
      count: 1,
    });
    assert.deepEqual([body.totalResults, names(body.Resources)], [2, "c"]);
    const all = await client.expect(200, "POST", "/.search", { count: 50, startIndex: 4 });
    const types = all.body.Resources.map((one: { meta: { resourceType: string } }) => one.meta);
    assert.deepEqual(
      types.map(({ resourceType }: { resourceType: string }) => resourceType),
      ["User", "Group"],
    );
    assert.equal(all.body.totalResults, 5);
  });

  test("discovery is open to everybody, and has no other method", async () => {
    const nobody = client.as({ headers: { authorization: "" } });
    for (const path of [
      "/ServiceProviderConfig",
      "/ResourceTypes",
      "/ResourceTypes/User",
      "/Schemas",
    ]) {
      const answer = await nobody.expect(200, "GET", path);
      assert.equal(answer.headers["content-type"], "application/scim+json");
      const refused = await nobody.expect(405, "POST", path, {});
      assert.match(String(refused.headers["allow"]), /GET/);
    }
    await nobody.expect(404, "GET", "/Schemas/urn:none");
    await client.expect(501, "GET", "/Me");
    await client.expect(404, "GET", "/Nothing");
    await client.expect(405, "DELETE", "/Users");
  });

  test("the alias /scim and trailing slashes answer alike", async () => {
    const alias = client.as({ prefix: "/scim" });
    const { body } = await alias.expect(200, "GET", `/Users/${ids[0]}/`);
    assert.equal(body.meta.location, `http://localhost:8080/scim/v2/Users/${ids[0]}`);
    await alias.expect(200, "GET", "/Users/?count=1");
    await alias.expect(200, "GET", "/ServiceProviderConfig/");
  });

  test("Bulk makes people and the groups that name them, circles included, and goes on after a failure", async () => {
    const { body } = await client.expect(200, "POST", "/Bulk", {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      Operations: [
        {
          method: "POST",
          path: "/Groups",
          bulkId: "g1",
          data: {
            displayName: "Outer",
            members: [{ value: "bulkId:u1" }, { value: "bulkId:g2" }],
          },
        },
        {
          method: "POST",
          path: "/Groups",
          bulkId: "g2",
          data: { displayName: "Inner", members: [{ value: "bulkId:g1" }] },
        },
        { method: "POST", path: "/Users", bulkId: "u1", data: { userName: "bulk@contoso.com" } },
        { method: "POST", path: "/Users", bulkId: "u2", data: { userName: "bulk@contoso.com" } },
        { method: "DELETE", path: "/Users/00000000-0000-4000-8000-000000000000" },
        {
          method: "PATCH",
          path: "/Users/bulkId:u1",
          data: { Operations: [{ op: "replace", path: "title", value: "Bulk" }] },
        },
      ],
    });
    assert.deepEqual(
      body.Operations.map(({ bulkId, status }: Record<string, string>) => [bulkId, status]),
      [
        ["g1", "201"],
        ["g2", "201"],
        ["u1", "201"],
        ["u2", "409"],
        [undefined, "404"],
        [undefined, "200"],
      ],
    );
    assert.equal(body.Operations[3].response.scimType, "uniqueness");
    const outer = await client.expect(200, "GET", "/Groups/Outer");
    const inner = await client.expect(200, "GET", "/Groups/Inner");
    assert.equal(outer.body.members.length, 2);
    assert.equal(inner.body.members[0].value, outer.body.id);
    assert.equal(await world.roleOf("bulk@contoso.com"), "AN scim");
  });

  test("Bulk stops after as many failures as it was told to", async () => {
    const bad = { method: "DELETE", path: "/Users/00000000-0000-4000-8000-000000000000" };
    const { body } = await client.expect(200, "POST", "/Bulk", {
      failOnErrors: 1,
      Operations: [
        bad,
        { method: "POST", path: "/Users", bulkId: "x", data: { userName: "never@contoso.com" } },
      ],
    });
    assert.equal(body.Operations.length, 1);
    assert.equal(await world.roleOf("never@contoso.com"), null);
  });
});
