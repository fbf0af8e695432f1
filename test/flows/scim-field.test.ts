/**
 * What clients in the field send, and what attackers try, beyond each provider's own tests: names in
 * every form, filters on everything that is shown, ETags, limits, and errors in SCIM's own form
 * (RFC 7643, RFC 7644, RFC 9865, scim-clients 1.9 and 6).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { scimSpellings } from "../../src/store/migrations/0016-scim-spellings.ts";
import { findUserByEmail } from "../../src/store/people.ts";
import { onEveryEngine } from "../engines.ts";
import { type ScimAnswer, type ScimClient, type ScimMethod, ScimWorld } from "./scim-world.ts";

const errorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const custom = "urn:example:params:desk:1.0:User";

interface Named {
  readonly id: string;
  readonly displayName: string;
  readonly userName: string;
}

const isScimError = ({ status, body, headers }: ScimAnswer, expected: number, about: string) => {
  assert.equal(status, expected, about);
  assert.equal(headers["content-type"], "application/scim+json", about);
  assert.deepEqual(body.schemas, [errorUrn], about);
  assert.equal(body.status, String(expected), about);
  assert.equal(typeof body.detail, "string", about);
};

onEveryEngine("what the field sends to SCIM", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine);
    ({ client } = world);
  });
  after(() => world.close());
  const refused = async (method: ScimMethod, path: string, body: unknown, type: string) => {
    const answer = await client.send(method, path, body);
    isScimError(answer, 400, `${method} ${path} ${JSON.stringify(body ?? null).slice(0, 200)}`);
    assert.equal(answer.body.scimType, type, answer.text);
    return answer.body.detail as string;
  };
  const idsOf = async (type: "Users" | "Groups", filter: string) =>
    (await client.find(type, filter)).map(({ id }: Named) => id);

  test("of groups that differ by case alone, the one of that very name comes first", async () => {
    await client.addGroup("ls-admins");
    await client.addGroup("LS-ADMINS");
    await client.addGroup("LS-Admins");
    const firsts = async (more: string) => {
      const found: string[] = [];
      for (const name of ["LS-Admins", "ls-admins", "LS-ADMINS", " LS-Admins "]) {
        const groups: Named[] = await client.find("Groups", `displayName eq "${name}"`, more);
        assert.equal(new Set(groups.map(({ id }) => id)).size, groups.length);
        found.push(groups[0]?.displayName ?? "");
      }
      return found;
    };
    const expected = ["LS-Admins", "ls-admins", "LS-ADMINS", "LS-Admins"];
    for (const more of ["", "&count=1", "&startIndex=1&count=1", "&cursor&count=1"]) {
      assert.deepEqual(await firsts(more), expected, more);
    }
    const both = 'displayName eq "LS-Admins" and not (displayName co "x")';
    assert.equal((await client.find("Groups", both))[0].displayName, "LS-Admins");
    const search = { filter: 'displayName eq "LS-Admins"', count: 1 };
    for (const path of ["/Groups/.search", "/.search"]) {
      const { body } = await client.expect(200, "POST", path, search);
      assert.equal(body.Resources[0].displayName, "LS-Admins", path);
    }
    const seen: string[] = [];
    let cursor = "";
    do {
      const query = `?filter=${encodeURIComponent(search.filter)}&count=1&cursor=${cursor}`;
      const { body } = await client.expect(200, "GET", `/Groups${query}`);
      seen.push(...body.Resources.map(({ displayName }: Named) => displayName));
      cursor = body.nextCursor ?? "";
    } while (cursor !== "");
    assert.deepEqual(seen, ["LS-Admins", "ls-admins", "LS-ADMINS"]);
  });

  test("every text with an index has a limit that says so, on POST, PUT and PATCH alike", async () => {
    const user = await client.addUser("limits@contoso.com");
    const group = await client.addGroup("Limits");
    // Words that no compression makes short enough for an index by luck.
    const long = (bytes: number) =>
      Array.from({ length: bytes }, (_, at) => ((at * at * 31 + at * 7) % 36).toString(36)).join(
        "",
      );
    const fits = long(1024);
    const cases = [
      ["/Users", `/Users/${user}`, { userName: long(1025) }],
      ["/Users", `/Users/${user}`, { userName: "long@contoso.com", externalId: long(3000) }],
      ["/Users", `/Users/${user}`, { userName: "ä".repeat(513) }],
      // One character that is eighteen once it is folded (U+FDFA).
      ["/Users", `/Users/${user}`, { userName: "\ufdfa".repeat(200) }],
      ["/Groups", `/Groups/${group}`, { displayName: long(9000) }],
      ["/Groups", `/Groups/${group}`, { displayName: "Long", externalId: long(1025) }],
    ] as const;
    for (const [all, one, body] of cases) {
      const patch = { Operations: [{ op: "replace", value: body }] };
      for (const [method, path, sent] of [
        ["POST", all, body],
        ["PUT", one, body],
        ["PATCH", one, patch],
      ] as const) {
        assert.match(await refused(method, path, sent, "invalidValue"), /at most 1024 bytes/);
      }
    }
    await client.expect(201, "POST", "/Groups", { displayName: fits, externalId: fits });
    const person = await client.expect(201, "POST", "/Users", { userName: fits, externalId: fits });
    assert.deepEqual(await idsOf("Users", `externalId eq "${fits}"`), [person.body.id]);
    assert.deepEqual(await client.find("Users", `userName eq "${long(3900)}"`), []);
    await client.expect(404, "GET", `/Groups/${long(3000)}`);
    await refused(
      "PATCH",
      `/Groups/${group}`,
      add("members", [{ value: long(5000) }]),
      "invalidValue",
    );
  });

  const add = (path: string, value: unknown) => ({ Operations: [{ op: "add", path, value }] });

  test("a path-less value in a list is that value", async () => {
    const id = await client.addUser("listed@contoso.com");
    const value = [{ active: false, title: "Nurse" }, { "name.givenName": "Lis" }];
    const { body } = await client.patch(200, `/Users/${id}`, { op: "replace", value });
    assert.deepEqual([body.active, body.title, body.name.givenName], [false, "Nurse", "Lis"]);
    assert.equal(await world.roleOf("listed@contoso.com"), "DI scim");
    const nested = { Operations: [{ op: "replace", value: [["x"]] }] };
    await refused("PATCH", `/Users/${id}`, nested, "invalidValue");
    const group = await client.addGroup("Listed");
    const members = [{ members: [{ value: id }] }, { externalId: "listed" }];
    await client.patch(204, `/Groups/${group}`, { op: "add", value: members });
    assert.deepEqual(await world.membersOf(group), [id]);
    // Members without the name of the attribute: taken as an attribute "value" they would add nobody.
    for (const value of [[{ value: id }], { value: id, type: "User" }, [{ Value: id }]]) {
      const bare = { Operations: [{ op: "add", value }] };
      assert.match(await refused("PATCH", `/Groups/${group}`, bare, "invalidValue"), /attributes/);
    }
  });

  test("whatever an answer shows can be filtered by", async () => {
    const boss = await client.addUser("boss@contoso.com");
    const id = await client.addUser("shown@contoso.com", {
      name: { givenName: "Sho", familyName: "Wn", formatted: "Sho Wn" },
      ...{
        displayName: "Sho",
        nickName: "S",
        title: "Nurse",
        externalId: "Ext-1",
        locale: "en-GB",
      },
      emails: [{ value: "shown@contoso.com", type: "work", primary: true }],
      addresses: [{ country: "NL", type: "home" }],
      x509Certificates: [{ value: "QUJD" }],
      roles: [{ value: "r", display: "R" }],
      [enterprise]: { department: "Care", manager: { value: boss } },
      [custom]: { desk: 7, isWindow: true },
      unknown: { a: "b" },
    });
    const inner = await client.addGroup("Inner", id);
    const outer = await client.addGroup("Outer", id, inner);
    for (const [type, key] of [
      ["Users", id],
      ["Groups", outer],
    ] as const) {
      const query = "?attributes=&excludedAttributes=";
      const { body } = await client.expect(200, "GET", `/${type}/${key}${query}`);
      const leaves = leavesOf(body);
      assert.ok(leaves.length > 8);
      for (const [path, value] of leaves) {
        const filter = `${path} eq ${JSON.stringify(value)}`;
        const found = await idsOf(type, filter);
        assert.ok(found.includes(key), `${filter} finds ${JSON.stringify(found)}`);
        const present = await idsOf(type, `id eq "${key}" and ${path} pr`);
        assert.deepEqual(present, [key], `${path} pr`);
        const other = await idsOf(type, `id eq "${key}" and not (${filter})`);
        assert.deepEqual(other, [], `not (${filter})`);
      }
    }
  });

  /** Paths of all scalars of a resource, those of extensions with their URN. */
  function leavesOf(value: unknown, prefix = ""): readonly (readonly [string, unknown])[] {
    if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, prefix));
    if (typeof value !== "object" || value === null) return [[prefix.slice(0, -1), value]];
    return Object.entries(value).flatMap(([name, part]) =>
      leavesOf(part, `${prefix}${name}${name.startsWith("urn:") ? ":" : "."}`),
    );
  }

  test("values in other quotes are those values, and never silently nobody", async () => {
    const id = await client.addUser("quoted@contoso.com");
    const dutch = await client.addUser("'thooft");
    for (const value of ["'quoted@contoso.com'", "\u201cquoted@contoso.com\u201d"]) {
      assert.deepEqual(await idsOf("Users", `userName eq ${value}`), [id], value);
    }
    assert.deepEqual(await idsOf("Users", "userName eq 'thooft"), [dutch], "a bare word");
    assert.deepEqual(await idsOf("Users", `userName eq "'quoted@contoso.com'"`), []);
    const query = `?filter=${encodeURIComponent("userName eq 'two words'")}`;
    await refused("GET", `/Users${query}`, undefined, "invalidFilter");
    const group = await client.addGroup("Quoted", id, dutch);
    await client.patch(204, `/Groups/${group}`, {
      op: "remove",
      path: `members[value eq '${id}']`,
    });
    assert.deepEqual(await world.membersOf(group), [dutch]);
  });

  test("meta and schemas are compared as they are shown, with every operator", async () => {
    const id = await client.addUser("meta@contoso.com", { [enterprise]: { department: "Meta" } });
    const { body } = await client.expect(200, "GET", `/Users/${id}`);
    const { location, version, created } = body.meta;
    const mine = `id eq "${id}" and `;
    for (const filter of [
      `meta.location ew "${id}"`,
      `meta.location sw "${location.slice(0, 30)}"`,
      `meta[location eq "${location}" and resourceType eq "User"]`,
      `meta.version eq ${JSON.stringify(version)}`,
      `meta.created ge "${created}"`,
      `schemas co "enterprise"`,
      `schemas eq "${enterprise}" and schemas pr and meta pr`,
      `schemas[value eq "${enterprise}"]`,
      `schemas.value eq "${enterprise}" and userName.value eq "META@contoso.com"`,
      'active.value eq "True" and active.value pr and id.value sw ""',
      `${enterprise}.department eq "meta"`,
    ]) {
      assert.deepEqual(await idsOf("Users", mine + filter), [id], filter);
    }
    assert.deepEqual(await idsOf("Users", `${mine}schemas eq "${custom}"`), []);
    const { body: sorted } = await client.expect(
      200,
      "GET",
      "/Users?sortBy=meta.location&count=200",
    );
    const ids = sorted.Resources.map((one: Named) => one.id);
    const inOrder = ids.every((one: string, at: number) => at === 0 || ids[at - 1] < one);
    assert.ok(inOrder, ids.join(" "));
  });

  test("a filter that nothing could fulfil is refused and not silently empty", async () => {
    for (const filter of [
      'password eq "x"',
      "password pr",
      'userName.part eq "x"',
      'meta.colour eq "x"',
      'groups.colour eq "x"',
      'groups[colour eq "x"]',
      "groups.colour pr",
      `${enterprise}:manager.displayName eq "x"`,
      '$ref eq "x"',
      '$schema eq "x"',
    ]) {
      const query = `?filter=${encodeURIComponent(filter)}`;
      await refused("GET", `/Users${query}`, undefined, "invalidFilter");
    }
    const members = `?filter=${encodeURIComponent('members[colour eq "x"]')}`;
    await refused("GET", `/Groups${members}`, undefined, "invalidFilter");
  });

  test("white space around names is nobody's intention, in what is written and in what is looked for", async () => {
    const group = await client.expect(201, "POST", "/Groups", { displayName: "  Padded\t" });
    assert.equal(group.body.displayName, "Padded");
    assert.deepEqual(await idsOf("Groups", 'displayName eq " padded "'), [group.body.id]);
    await client.expect(409, "POST", "/Groups", { displayName: "Padded " });
    for (const key of ["%20Padded%20", "padded%20"]) {
      assert.equal((await client.expect(200, "GET", `/Groups/${key}`)).body.id, group.body.id);
    }
    const user = await client.expect(201, "POST", "/Users", { userName: " padded@contoso.com " });
    assert.equal(user.body.userName, "padded@contoso.com");
    assert.deepEqual(await idsOf("Users", 'userName eq " PADDED@contoso.com"'), [user.body.id]);
    const value = { displayName: " Renamed ", members: [{ value: " padded@contoso.com " }] };
    await client.patch(204, `/Groups/${group.body.id}`, { op: "replace", value });
    const { body } = await client.expect(200, "GET", `/Groups/${group.body.id}`);
    assert.deepEqual([body.displayName, body.members.length], ["Renamed", 1]);
    await world.map({ roles: [{ role: "MA", group: " Renamed  " }] });
    assert.equal(await world.roleOf("padded@contoso.com"), "MA scim");
    await world.map({});
  });

  test("a group and a workspace of the longest names that a mapping takes fit together", async () => {
    // Two bytes each, in no order that could be made short.
    const words = (bytes: number) =>
      Array.from({ length: bytes / 2 }, (_, at) =>
        String.fromCodePoint(0x100 + ((at * at * 31 + at * 7) % 97)),
      ).join("");
    const [name, title] = [words(1000), words(1500)];
    await world.api("POST", "/api/workspaces", { title });
    await world.map({ workspaces: [{ workspace: title, group: name }] });
    const id = await client.addUser("longest@contoso.com");
    await client.addGroup(name, id);
    assert.deepEqual(await world.accessOf("longest@contoso.com"), [`${title} scim`]);
    await assert.rejects(
      world.map({ workspaces: [{ workspace: title, group: `${name}x` }] }),
      /at most 2500 bytes together/,
    );
    await world.map({});
  });

  test("names are compared by their letters, not by width or composition, and keep their spelling", async () => {
    const written = "Jose\u0301\uff20Contoso"; // decomposed é, full-width at sign
    const { body } = await client.expect(201, "POST", "/Users", { userName: written });
    assert.equal(body.userName, written);
    for (const same of ["jos\u00e9@contoso", "JOS\u00c9@CONTOSO", "\uff4aos\u00e9@contoso"]) {
      assert.deepEqual(await idsOf("Users", `userName eq "${same}"`), [body.id], same);
      const again = await client.send("POST", "/Users", { userName: same });
      assert.deepEqual([again.status, again.body.scimType], [409, "uniqueness"], same);
      const { body: read } = await client.expect(200, "GET", `/Users/${encodeURIComponent(same)}`);
      assert.equal(read.id, body.id);
    }
    assert.deepEqual(await idsOf("Users", 'userName sw "jos\u00e9"'), [body.id]);
    assert.deepEqual(
      await idsOf("Users", 'userName co "\uff20c"'),
      await idsOf("Users", 'userName co "@c"'),
    );
    const word = await client.addUser("\u039f\u0394\u039f\u03a3 \u0391");
    for (const filter of ["sw", "co"]) {
      const found = await idsOf("Users", `userName ${filter} "\u03bf\u03b4\u039f\u03a3"`);
      assert.deepEqual(found, [word], "a sigma is one wherever the part of the name ends");
    }
    const group = await client.addGroup("Tea\u0301m");
    assert.deepEqual(await idsOf("Groups", 'displayName eq "te\u00e1m"'), [group]);
  });

  test("both spellings of an internationalized domain are one person", async () => {
    const [read, sent] = ["Ida@B\u00fccher.example", "ida@xn--bcher-kva.example"];
    const id = await client.addUser(read);
    for (const name of [sent, "IDA@XN--BCHER-KVA.example", "ida@bu\u0308cher.EXAMPLE"]) {
      assert.deepEqual(await idsOf("Users", `userName eq "${name}"`), [id], name);
      const { body } = await client.expect(200, "GET", `/Users/${encodeURIComponent(name)}`);
      assert.equal(body.userName, read, "the spelling stays as it was written");
      const again = await client.send("POST", "/Users", { userName: name });
      assert.deepEqual([again.status, again.body.scimType], [409, "uniqueness"], name);
    }
    assert.deepEqual(await idsOf("Users", 'userName ew "@b\u00fccher.example"'), [id]);
    const other = await client.addUser("ida@xn--bcher-kva.example.org");
    assert.deepEqual(await idsOf("Users", `userName eq "${sent}"`), [id]);
    const group = await client.addGroup("Spelled", sent, other);
    assert.deepEqual(new Set(await world.membersOf(group)), new Set([id, other]));
  });

  test("people who were there before that are found so as well", async () => {
    const address = "eva@xn--mller-kva.example";
    const id = await client.addUser(address, {
      emails: [{ value: address, type: "work", primary: true }],
    });
    const group = await client.addGroup("\u03a3\u03bf\u03c6\u03cc\u03c2");
    const { store } = world.test;
    // As they were kept before: with this spelling of the domain, and with this sigma.
    await store.transaction(async (tx) => {
      await sql`update scim_users set user_name_key = ${address},
        search = replace(search, 'm\u00fcller', 'xn--mller-kva') where id = ${id}`.execute(tx);
      await sql`update scim_groups set display_name_key = ${"\u03c3\u03bf\u03c6\u03cc\u03c2"}
        where id = ${group}`.execute(tx);
    });
    const filters = [
      ["Users", 'userName eq "eva@m\u00fcller.example"', id],
      ["Users", 'emails.value eq "eva@m\u00fcller.example"', id],
      ["Groups", 'displayName eq "\u03c3\u03bf\u03c6\u03cc\u03c3"', group],
    ] as const;
    for (const [type, filter] of filters) assert.deepEqual(await idsOf(type, filter), [], filter);
    await store.transaction(async (tx) => {
      await scimSpellings.up(tx as unknown as Kysely<unknown>, store.dialect);
    });
    for (const [type, filter, one] of filters) {
      assert.deepEqual(await idsOf(type, filter), [one], filter);
    }
  });

  test("e-mail addresses of a profile are found however they are padded or spelled", async () => {
    const id = await client.addUser("profile", {
      emails: [{ value: " Profile@B\u00fccher.example ", type: "home", primary: true }],
    });
    for (const filter of [
      'emails eq "profile@b\u00fccher.example"',
      'emails.value eq "PROFILE@xn--bcher-kva.example "',
      'emails[type eq "home"].value eq "profile@bu\u0308cher.example"',
      'emails[value ew "@B\u00dcCHER.example" and primary eq true]',
    ]) {
      assert.deepEqual(await idsOf("Users", filter), [id], filter);
    }
    const path = 'emails[value eq "profile@b\u00fccher.example"].type';
    const { body } = await client.patch(200, `/Users/${id}`, {
      op: "replace",
      path,
      value: "work",
    });
    assert.equal(body.emails[0].type, "work");
  });

  test("a cursor at the root leads through people and groups once, and is bound to its query", async () => {
    const { body: all } = await client.expect(200, "GET", "/?count=200");
    const expected = all.Resources.map(({ id }: Named) => id);
    for (const [count, sort] of [
      [1, ""],
      [7, ""],
      [7, "&sortBy=id"],
    ] as const) {
      const seen: string[] = [];
      let cursor = "";
      let last = "";
      do {
        const { body } = await client.expect(
          200,
          "GET",
          `/?count=${count}${sort}&cursor=${cursor}`,
        );
        seen.push(...body.Resources.map(({ id }: Named) => id));
        [last, cursor] = [cursor, body.nextCursor ?? ""];
        assert.equal(body.Resources.length === count || cursor === "", true);
      } while (cursor !== "");
      assert.deepEqual(
        sort === "" ? seen : new Set(seen),
        sort === "" ? expected : new Set(expected),
      );
      const foreign = await client.send("GET", `/Users?count=${count}${sort}&cursor=${last}`);
      assert.equal(foreign.body.scimType, "invalidCursor");
    }
    const { body: posted } = await client.expect(200, "POST", "/.search", { count: 2, cursor: "" });
    assert.ok(posted.nextCursor);
    await refused("POST", "/.search", { count: 3, cursor: posted.nextCursor }, "invalidCount");
    await refused("POST", "/.search", { count: 2, cursor: "x.y" }, "invalidCursor");
  });

  test("the ETag of a person is that of what is shown, groups included", async () => {
    const id = await client.addUser("tagged@contoso.com");
    const path = `/Users/${id}`;
    const tag = async (query = "") => {
      const answer = await client.expect(200, "GET", path + query);
      if (query === "") assert.equal(answer.body.meta.version, answer.headers["etag"]);
      return String(answer.headers["etag"]);
    };
    const tags = [await tag()];
    const group = await client.addGroup("Tagged", id);
    tags.push(await tag());
    await client.patch(204, `/Groups/${group}`, {
      op: "replace",
      path: "displayName",
      value: "Tag 2",
    });
    tags.push(await tag());
    assert.equal(await tag("?excludedAttributes=groups"), tags[2]);
    const other = await client.addUser("other-tagged@contoso.com");
    await client.patch(204, `/Groups/${group}`, {
      op: "add",
      path: "members",
      value: [{ value: other }],
    });
    assert.equal(await tag(), tags[2], "another member is not shown");
    assert.equal(new Set(tags).size, 3, tags.join(" "));
    const [stale = "", , fresh = ""] = tags;
    const patch = { Operations: [{ op: "replace", path: "title", value: "T" }] };
    await client.as({ headers: { "if-match": stale } }).expect(412, "PATCH", path, patch);
    await client.as({ headers: { "if-none-match": stale } }).expect(200, "GET", path);
    await client.as({ headers: { "if-none-match": fresh } }).expect(304, "GET", path);
    const done = await client
      .as({ headers: { "if-match": fresh } })
      .expect(200, "PATCH", path, patch);
    assert.equal(done.headers["etag"], await tag());
    const listed = await client.find("Users", 'userName eq "tagged@contoso.com"');
    assert.equal(listed[0].meta.version, done.headers["etag"]);
    await client.expect(204, "DELETE", `/Groups/${group}`);
    assert.notEqual(await tag(), done.headers["etag"]);
  });

  test("the ETag of a group changes with a group inside it that goes, and names of members are never a former copy's", async () => {
    const child = await client.addGroup("Child");
    const user = await client.addUser("display@contoso.com");
    const parent = await client.addGroup("Parent", child, user);
    const path = `/Groups/${parent}`;
    const first = await client.expect(200, "GET", path);
    await client.expect(204, "DELETE", `/Groups/${child}`);
    const second = await client.expect(200, "GET", path);
    assert.equal(second.body.members.length, 1);
    assert.notEqual(second.headers["etag"], first.headers["etag"]);
    const known = client.as({ headers: { "if-none-match": String(second.headers["etag"]) } });
    await known.expect(304, "GET", path);
    const { body } = await known.expect(200, "GET", `${path}?attributes=members.display`);
    assert.equal(body.members[0].display, "display@contoso.com");
  });

  test("of e-mail addresses only the one to sign in with is unique", async () => {
    const shared = { value: "team@contoso.com", type: "other" };
    const own = (name: string) => ({ value: `${name}@contoso.com`, type: "work", primary: true });
    const people = [
      { userName: "one@contoso.com", emails: [own("one"), shared] },
      { userName: "two@contoso.com", emails: [own("two"), shared] },
      { userName: "three", emails: [own("three"), shared] },
      { userName: "four", emails: [shared] },
      { userName: "five", emails: [shared] },
    ];
    for (const person of people) await client.expect(201, "POST", "/Users", person);
    assert.equal((await client.find("Users", 'emails.value eq "team@contoso.com"')).length, 5);
    const taken = { userName: "six", emails: [own("three")] };
    assert.equal((await client.expect(409, "POST", "/Users", taken)).body.scimType, "uniqueness");
    const [five] = await client.find("Users", 'userName eq "five"');
    await client.expect(200, "PUT", `/Users/${five.id}`, { ...people[4], title: "T" });
    const account = await findUserByEmail(world.test.store.db, "team@contoso.com");
    assert.ok(account, "the first of the two signs in with it");
  });

  test("204 says its content type, which some clients look for on every answer", async () => {
    const id = await client.addUser("nothing@contoso.com");
    const group = await client.addGroup("Nothing");
    const patched = await client.patch(204, `/Groups/${group}`, {
      op: "add",
      path: "externalId",
      value: "e",
    });
    const answers = [
      patched,
      await client.expect(204, "DELETE", `/Groups/${group}`),
      await client.expect(204, "DELETE", `/Users/${id}`),
    ];
    for (const { headers, text } of answers) {
      assert.deepEqual([headers["content-type"], text], ["application/scim+json", ""]);
    }
    assert.match(String(patched.headers["etag"]), /^W\/"2"$/);
  });

  test("every address below /scim answers errors in SCIM's form", async () => {
    const nobody = client.as({ headers: { authorization: "" } });
    const cases: readonly (readonly [ScimClient, ScimMethod, string, number, unknown?])[] = [
      [client, "GET", "/scim/v2/Nothing", 404],
      [client, "GET", "/scim/v3/Users", 404],
      [client, "GET", "/scim/v1/Users", 404],
      [client, "GET", "/scim/v2/Users/a/b/c", 404],
      [client, "POST", "/scim/nothing", 404, {}],
      [nobody, "GET", "/scim/v2/Nothing", 404],
      [nobody, "GET", "/scim/v2/Users", 401],
      [nobody, "POST", "/scim/Users", 401, {}],
      [client, "DELETE", "/scim/v2/Users", 405],
      [client, "PUT", "/scim/v2/Schemas", 405, {}],
      [client, "POST", "/scim/v2/", 405, {}],
      [client, "DELETE", "/scim/v2/Me", 501],
      [client, "GET", "/scim/v2/%zz", 400],
      [client, "GET", "/scim/v2/Users/%zz", 400],
      [client, "GET", "/scim/v2/Users/%ff", 400],
      [client, "GET", "/scim/v2/Users?filter=userName%20eq%20%22%ff%22", 400],
      [client, "GET", `/scim/v2/Users/${"x".repeat(5000)}`, 404],
      [client, "POST", "/scim/v2/Users", 400, "{"],
      [client, "POST", "/scim/v2/Users", 413, `{"x":"${"x".repeat(1_100_000)}"}`],
    ];
    for (const [who, method, path, status, body] of cases) {
      const answer = await who.as({ prefix: "" }).send(method, path, body);
      isScimError(answer, status, `${method} ${path.slice(0, 60)}: ${answer.text.slice(0, 200)}`);
    }
    const text = client.as({ type: "text/plain" });
    isScimError(await text.send("POST", "/Users", "x"), 415, "text/plain");
    const zipped = client.as({ headers: { "content-encoding": "gzip" } });
    const unread = await zipped.send("POST", "/Users", { userName: "zipped@contoso.com" });
    isScimError(unread, 415, "gzip");
    assert.match(unread.body.detail, /Content-Encoding/);
    for (const method of ["OPTIONS", "TRACE"] as const) {
      const answer = await client.send(method, "/Users");
      isScimError(answer, 405, method);
      assert.equal(answer.headers["allow"], "GET, HEAD, POST");
    }
    {
      const method = "PROPFIND";
      const url = "/scim/v2/Users";
      const headers = { authorization: `Bearer ${client.token}` };
      const answer = await world.test.app.inject({ method: method as "OPTIONS", url, headers });
      assert.ok([404, 405].includes(answer.statusCode), method);
      assert.deepEqual(answer.json().schemas, [errorUrn], method);
    }
  });

  test("a base address that ends with a slash makes two, which are one", async () => {
    const id = await client.addUser("slashes@contoso.com");
    const plain = client.as({ prefix: "" });
    for (const path of [
      `/scim/v2//Users/${id}`,
      `/scim//v2///Users//${id}/`,
      `/scim//Users/${id}`,
    ]) {
      assert.equal((await plain.expect(200, "GET", path)).body.id, id, path);
    }
    const query = "?filter=profileUrl%20eq%20%22https://x//y%22";
    assert.equal((await plain.expect(200, "GET", `/scim/v2//Users${query}`)).body.totalResults, 0);
    for (const path of ["//scim/v2/Users", "/api//scim/tokens", "/scimmer//v2/Users"]) {
      assert.equal((await plain.send("GET", path)).status, 404, path);
    }
  });

  test("what is not UTF-8 is refused, and a byte order mark is none of the client's intention", async () => {
    const send = async (payload: Buffer) => {
      const headers = {
        authorization: `Bearer ${client.token}`,
        "content-type": "application/scim+json",
      };
      return await world.test.app.inject({
        method: "POST",
        url: "/scim/v2/Users",
        headers,
        payload,
      });
    };
    const latin = await send(Buffer.from('{"userName":"ren\u00e9@contoso.com"}', "latin1"));
    assert.deepEqual([latin.statusCode, latin.json().scimType], [400, "invalidSyntax"]);
    assert.match(latin.json().detail, /UTF-8/);
    const marked = await send(Buffer.from('\ufeff{"userName":"marked@contoso.com"}'));
    assert.equal(marked.statusCode, 201);
    assert.deepEqual(await client.find("Users", 'userName co "ren"'), []);
  });

  test("blank names and $ paths are refused", async () => {
    const id = await client.addUser("dollar@contoso.com");
    const named = await client.addGroup("Named");
    const unseen = ["\u200b", "\u2060 \u00ad", "\ufeff", "\u3164", "\u2800"];
    for (const blank of ["", "   ", "\u00a0\u3000", ...unseen]) {
      for (const [method, group, user] of [
        ["POST", "/Groups", "/Users"],
        ["PUT", `/Groups/${named}`, `/Users/${id}`],
      ] as const) {
        await refused(method, group, { displayName: blank }, "invalidValue");
        await refused(method, user, { userName: blank }, "invalidValue");
      }
      const type = blank === "" ? "mutability" : "invalidValue";
      await refused("PATCH", `/Groups/${named}`, add("displayName", blank), type);
      await refused("PATCH", `/Users/${id}`, add("userName", blank), type);
    }
    for (const path of [
      ...["$", "$ref", "$foo", "name.$x", "$..*", 'emails[type eq "work"].$x'],
      ...["$.active", "$['active']", "$[0]", '[type eq "work"]', "/active", "#/active"],
    ]) {
      await refused("PATCH", `/Users/${id}`, add(path, "x"), "invalidPath");
    }
    await refused("GET", "/Users?attributes=$ref", undefined, "invalidValue");
    await refused("GET", "/Users?sortBy=$ref", undefined, "invalidFilter");
    const group = await client.addGroup("Dollar", id);
    const [{ groups }] = await client.find("Users", `groups[$ref ew "${group}"]`);
    assert.equal(groups[0].value, group);
  });

  test("null for active keeps what was, whoever sends it", async () => {
    const id = await client.addUser("null@contoso.com");
    const path = `/Users/${id}`;
    await client.patch(200, path, { op: "replace", path: "active", value: false });
    for (const operation of [
      { op: "replace", path: "active", value: null },
      { op: "add", path: "active", value: null },
      { op: "replace", value: { active: null } },
      { op: "replace", path: "active", value: "" },
    ]) {
      const { body } = await client.patch(200, path, operation);
      assert.equal(body.active, false, JSON.stringify(operation));
    }
    const put = await client.expect(200, "PUT", path, {
      userName: "null@contoso.com",
      active: null,
    });
    assert.equal(put.body.active, false);
    assert.equal(await world.roleOf("null@contoso.com"), "DI scim");
    const made = await client.expect(201, "POST", "/Users", {
      userName: "new-null@contoso.com",
      active: null,
    });
    assert.equal(made.body.active, true);
  });

  test("limits are alike on POST, PUT and PATCH", async () => {
    const many = Array.from({ length: 50_001 }, (_, at) => ({ value: `u${at}` }));
    const group = await client.addGroup("Alike");
    const body = { displayName: "Alike too", members: many };
    const answers = [
      await client.send("POST", "/Groups", body),
      await client.send("PUT", `/Groups/${group}`, body),
      await client.send("PATCH", `/Groups/${group}`, add("members", many)),
    ];
    for (const answer of answers) isScimError(answer, 413, answer.text.slice(0, 100));
    const id = await client.addUser("grows@contoso.com");
    const large = "x".repeat(600_000);
    await client.patch(200, `/Users/${id}`, { op: "add", path: "nickName", value: large });
    const grown = await client.send("PATCH", `/Users/${id}`, add("title", large));
    isScimError(grown, 413, "what grew by one PATCH after the other");
    const { body: kept } = await client.expect(200, "GET", `/Users/${id}?attributes=title`);
    assert.equal(kept.title, undefined);
  });

  test("members are taken out by filters that say more than their id", async () => {
    const people = new Map<string, string>();
    for (const name of ["ann", "bob", "cid", "dot"]) {
      people.set(name, await client.addUser(`${name}@filters.com`));
    }
    const child = await client.addGroup("Filtered child");
    const idOf = (name: string) => people.get(name) ?? "";
    const remaining = async (...paths: readonly string[]) => {
      const group = await client.addGroup(`Filtered ${paths.join()}`, child, ...people.values());
      const operations = paths.map((path) => ({ op: "remove", path }));
      await client.patch(204, `/Groups/${group}`, ...operations);
      const left = new Set(await world.membersOf(group));
      const names = [...people].filter(([, id]) => left.has(id)).map(([name]) => name);
      return [...names, ...(left.has(child) ? ["child"] : [])].join(" ");
    };
    const { membersOf } = world;
    world.membersOf = async (id) => await membersOf.call(world, id).catch(() => []);
    assert.equal(
      await remaining(`members[value eq "${idOf("ann")}" and type eq "User"]`),
      "bob cid dot child",
    );
    assert.equal(
      await remaining(`members[value eq "${idOf("ann")}" and type eq "Group"]`),
      "ann bob cid dot child",
    );
    assert.equal(await remaining('members[type eq "Group"]'), "ann bob cid dot");
    assert.equal(await remaining('members[display sw "a" or display sw "B"]'), "cid dot child");
    assert.equal(await remaining(`members[not (value eq "${idOf("dot")}")]`), "dot");
    assert.equal(
      await remaining(
        'members[display eq "ann@filters.com"]',
        `members[value eq "${idOf("bob")}"]`,
      ),
      "cid dot child",
    );
    assert.equal(await remaining("members[value pr]"), "");
    const group = await client.addGroup("Ordered", idOf("ann"));
    await client.patch(
      204,
      `/Groups/${group}`,
      { op: "add", path: "members", value: [{ value: idOf("bob") }] },
      { op: "remove", path: 'members[type eq "User"]' },
      { op: "add", path: "members", value: [{ value: idOf("cid") }] },
    );
    assert.deepEqual(await world.membersOf(group), [idOf("cid")]);
  });
});

onEveryEngine("SCIM in bulk", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine);
    ({ client } = world);
  });
  after(() => world.close());
  const bulk = async (operations: readonly unknown[], more: object = {}) => {
    const { body } = await client.expect(200, "POST", "/Bulk", { ...more, Operations: operations });
    return body.Operations as readonly Record<string, string>[];
  };
  const statuses = (results: readonly Record<string, string>[]) =>
    results.map(({ status }) => status).join(" ");
  const user = (bulkId: string, more: object = {}) => ({
    ...{ method: "POST", path: "/Users", bulkId },
    data: { userName: `${bulkId}@bulk.com`, ...more },
  });
  const group = (bulkId: string, ...members: readonly string[]) => ({
    ...{ method: "POST", path: "/Groups", bulkId },
    data: { displayName: bulkId, members: members.map((value) => ({ value: `bulkId:${value}` })) },
  });
  const bad = { method: "DELETE", path: "/Users/00000000-0000-4000-8000-000000000000" };
  const unreadable = { method: "GET", path: "/Users" };

  test("the data of a PATCH may be the operations alone, as the RFC's example has them", async () => {
    const id = await client.addUser("patched@bulk.com");
    const operation = { op: "replace", path: "title", value: "Nurse" };
    const patch = (data: unknown) => ({ method: "PATCH", path: `/Users/${id}`, data });
    const nick = { op: "add", path: "nickName", value: "N" };
    assert.equal(statuses(await bulk([patch([operation]), patch(nick)])), "200 200");
    const { body } = await client.expect(200, "GET", `/Users/${id}`);
    assert.deepEqual([body.title, body.nickName], ["Nurse", "N"]);
    assert.equal(statuses(await bulk([patch(["x"]), patch("x"), patch(null)])), "400 400 400");
  });

  test("a group with itself as member is refused and leaves nothing behind", async () => {
    const results = await bulk([group("Self", "Self"), user("after")]);
    assert.equal(statuses(results), "400 201");
    assert.equal(results[0]?.["location"], undefined);
    assert.deepEqual(await client.find("Groups", 'displayName eq "Self"'), []);
  });

  test("a failure names the address of what was made before it", async () => {
    const itself = [{ op: "add", path: "members", value: [{ value: "bulkId:Made" }] }];
    const results = await bulk([
      group("Made"),
      { method: "PATCH", path: "/Groups/bulkId:Made", data: itself },
      { method: "PATCH", path: "/Groups/bulkId:Never", data: itself },
    ]);
    assert.equal(statuses(results), "201 400 409");
    assert.equal(results[1]?.["location"], results[0]?.["location"]);
    assert.equal(results[2]?.["location"], undefined);
  });

  test("what a circle cannot close leaves no group behind", async () => {
    await client.addGroup("Taken");
    const results = await bulk([group("Taken", "Ring"), group("Ring", "Taken")]);
    assert.equal(statuses(results), "409 409");
    assert.equal(results[1]?.["location"], undefined);
    assert.deepEqual(await client.find("Groups", 'displayName eq "Ring"'), []);
  });

  test("circles close: three groups, and people who manage each other or themselves", async () => {
    const manager = (bulkId: string) => ({
      [enterprise]: { manager: { value: `bulkId:${bulkId}` } },
    });
    const results = await bulk([
      group("A", "B", "first"),
      group("B", "C"),
      group("C", "A"),
      user("first", { ...manager("second"), title: "Nurse" }),
      user("second", manager("first")),
      user("alone", manager("alone")),
    ]);
    assert.equal(statuses(results), "201 201 201 201 201 201");
    const read = async (path: string) => (await client.expect(200, "GET", path)).body;
    const [a, b, c] = [await read("/Groups/A"), await read("/Groups/B"), await read("/Groups/C")];
    const members = (one: { members: { value: string }[] }) =>
      one.members.map(({ value }) => value);
    const first = await read("/Users/first@bulk.com");
    const second = await read("/Users/second@bulk.com");
    const alone = await read("/Users/alone@bulk.com");
    assert.deepEqual([members(a), members(b), members(c)], [[first.id, b.id], [c.id], [a.id]]);
    assert.deepEqual([first[enterprise].manager.value, first.title], [second.id, "Nurse"]);
    assert.equal(second[enterprise].manager.value, first.id);
    assert.equal(alone[enterprise].manager.value, alone.id);
    assert.equal(results[0]?.["version"], a.meta.version, "the version is that of the end");
  });

  test("failOnErrors counts failures in the order of the request, and leaves the rest undone", async () => {
    const names = ["f1", "f2", "f3"];
    const run = async (failOnErrors: number) =>
      statuses(await bulk([user("f1"), unreadable, user("f2"), bad, user("f3")], { failOnErrors }));
    const made = async () => {
      const found: string[] = [];
      for (const name of names) {
        const [one] = await client.find("Users", `userName eq "${name}@bulk.com"`);
        if (one !== undefined) found.push(name);
        if (one !== undefined) await client.expect(204, "DELETE", `/Users/${one.id}`);
      }
      return found.join(" ");
    };
    assert.deepEqual([await run(1), await made()], ["201 400", "f1"]);
    assert.deepEqual([await run(2), await made()], ["201 400 201 404", "f1 f2"]);
    assert.deepEqual([await run(3), await made()], ["201 400 201 404 201", "f1 f2 f3"]);
    const ring = [group("P", "Q"), group("Q", "P"), bad, user("never")];
    assert.equal(statuses(await bulk(ring, { failOnErrors: 1 })), "201 201 404");
    const { body } = await client.expect(200, "GET", "/Groups/Q");
    assert.equal(body.members.length, 1, "what was made before is made whole");
  });
});
