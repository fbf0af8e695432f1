/** Groups that are known of: counted by the database, whoever writes members (PRODUCT 8). */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { applyChanges, seedMember, seedOrganization } from "../../test/seed.ts";
import { deleteExpired } from "./cleanup.ts";
import { listKnownGroups } from "./known-groups.ts";
import { applyMigrations, timeline } from "./migrate.ts";
import { noteSignIn } from "./noted-sign-ins.ts";
import type { Store } from "./store.ts";

onEveryEngine("known groups", (engine) => {
  let store: Store;
  let organizationId = 0;
  beforeEach(async () => {
    store = await engine.open();
    organizationId = await seedOrganization(store);
  });

  const signOn = async (name: string, groups: readonly string[], at = 1000) => {
    const email = `${name}@example.com`;
    const user = await store.db
      .selectFrom("users")
      .where("email", "=", email)
      .select("id")
      .executeTakeFirst();
    const userId = user?.id ?? (await seedMember(store, organizationId, email));
    await noteSignIn(store.db, { organizationId, userId, groups, at, accepts: true });
    return email;
  };
  /** As a program wrote it that knew the older tables alone. */
  const insertMember = async (name: string, groups: readonly string[], at: number) => {
    const { id: userId } = await store.db
      .insertInto("users")
      .values({ email: `${name}@example.com`, first_name: "", last_name: "", created_at: at })
      .returning("id")
      .executeTakeFirstOrThrow();
    const times = { role_set_at: at, created_at: at, last_sign_in_at: at };
    await store.db
      .insertInto("memberships")
      .values({
        ...{ organization_id: organizationId, user_id: userId, role: "AN", role_source: "saml" },
        ...{ ...times, last_groups: JSON.stringify(groups) },
      })
      .execute();
  };
  const known = async (search = "", limit = 20) => {
    const found = await listKnownGroups(store.db, { organizationId, search, limit });
    return found.map(({ name, members }) => `${name} ${members}`);
  };

  test("each group counts its members once, those with the most first", async () => {
    await signOn("ada", ["staff", "admins", "staff"]);
    await signOn("ben", ["staff"]);
    assert.deepEqual(await known(), ["staff 2", "admins 1"]);
  });

  test("a changed list counts what came and what went; the same list changes nothing", async () => {
    await signOn("ada", ["staff", "admins"]);
    await signOn("ada", ["managers", "staff"], 2000);
    await signOn("ada", ["staff", "managers"], 3000);
    await signOn("ada", ["staff", "managers"], 4000);
    assert.deepEqual(await known(), ["managers 1", "staff 1", "admins 0"]);
    const found = await listKnownGroups(store.db, { organizationId, search: "", limit: 9 });
    assert.deepEqual(
      found.map(({ lastSeenAt }) => lastSeenAt),
      [2000, 1000, 1000],
    );
  });

  test("somebody who leaves the organization leaves its groups", async () => {
    await signOn("ben", ["staff"]);
    const email = await signOn("ada", ["staff"]);
    await store.transaction((tx) =>
      applyChanges(tx, organizationId, email, {
        changes: [{ kind: "access_ended" }, { kind: "membership_removed", role: "AN" }],
      }),
    );
    assert.deepEqual(await known(), ["staff 1"]);
    await store.db.deleteFrom("users").where("email", "=", "ben@example.com").execute();
    assert.deepEqual(await known(), ["staff 0"]);
    const day = 24 * 3_600_000;
    await deleteExpired(store.db, 89 * day);
    assert.deepEqual(await known(), ["staff 0"]);
    await deleteExpired(store.db, 91 * day);
    assert.deepEqual(await known(), []);
  });

  test("a name of any letters is found by its parts, and signs of patterns mean themselves", async () => {
    await signOn("ada", ["100% Ärzte", "a_b", "axb", 'Zoë\'s "team"', "\\slash", "🦊"]);
    assert.deepEqual(await known("100%"), ["100% Ärzte 1"]);
    assert.deepEqual(await known("a_B"), ["a_b 1"]);
    assert.deepEqual(await known("Ärz"), ["100% Ärzte 1"]);
    assert.deepEqual(await known("\\"), ["\\slash 1"]);
    assert.deepEqual(await known("🦊"), ["🦊 1"]);
    assert.deepEqual(await known("'s \"t"), ['Zoë\'s "team" 1']);
    assert.equal((await known("", 3)).length, 3);
  });

  test("a name too long to be mapped is left out, and stops no sign-on", async () => {
    await signOn("ada", ["x".repeat(60_000), "ä".repeat(600), "staff"]);
    assert.deepEqual(await known(), ["staff 1"]);
    await signOn("ada", []);
    assert.deepEqual(await known(), ["staff 0"]);
  });

  test("another organization's groups are its own", async () => {
    await signOn("ada", ["staff"]);
    const other = await seedOrganization(store, "Fabrikam");
    assert.deepEqual(
      await listKnownGroups(store.db, { organizationId: other, search: "", limit: 9 }),
      [],
    );
    await store.db.deleteFrom("organizations").where("id", "=", organizationId).execute();
    assert.deepEqual(await known(), []);
  });

  test("many sign-ons with the same groups at once count every one", async () => {
    const people = Array.from({ length: 12 }, (_, number) => `person${number}`);
    for (const name of people) await signOn(name, []);
    await Promise.all(
      people.map(async (name, number) => {
        const groups = number % 2 === 0 ? ["a", "b", "c"] : ["c", "b", "a"];
        await signOn(name, groups);
      }),
    );
    assert.deepEqual(await known(), ["a 12", "b 12", "c 12"]);
  });

  test("members who signed on before there were counts are counted", async () => {
    const options = await engine.create();
    const old = await engine.openAt(options);
    const at = 1;
    const { dialect } = old;
    const until = timeline.findIndex(({ name }) => name === "0007-known-groups");
    const migrations = timeline.slice(0, until);
    await old.transaction((tx) => applyMigrations(tx, { dialect, at, migrations }));
    store = old;
    organizationId = await seedOrganization(store);
    await insertMember("ada", ["staff", "staff", "x".repeat(5000)], 500);
    await insertMember("ben", ["staff", "admins"], 900);
    await old.transaction((tx) => applyMigrations(tx, { dialect, at, migrations: timeline }));
    assert.deepEqual(await known(), ["staff 2", "admins 1"]);
    const [staff] = await listKnownGroups(store.db, { organizationId, search: "", limit: 1 });
    assert.equal(staff?.lastSeenAt, 900);
  });
});
