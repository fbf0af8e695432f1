/**
 * What an administrator of one organization can make the server spend, and what they can have back
 * that is not theirs any more: previews, former settings, groups by the thousand (PRODUCT 8.1, 8.6).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ratioOf } from "../cost.ts";
import { onEveryEngine } from "../engines.ts";
import { SettingsWorld, scimPath, settingsPath } from "../flows/settings-world.ts";

onEveryEngine("attacks by administrators", (engine) => {
  let world: SettingsWorld;
  before(async () => {
    world = await SettingsWorld.open(engine);
  });
  after(() => world.test.close());

  test("of fifty previews at once a few are made one after the other, and the rest is told to come back", async () => {
    await addCrowd(world, 300);
    const patch = { roles_groups: [["Reviewer", "r"]] };
    for (const path of [settingsPath, scimPath]) {
      const asked = Array.from({ length: 50 }, () => world.post(patch, `${path}/preview`));
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      const made = statuses.filter((status) => status === 200).length;
      assert.ok(made >= 1 && made <= 10, `${made} were made`);
      assert.equal(statuses.filter((status) => status === 429).length, 50 - made);
      assert.equal((await world.post(patch, `${path}/preview`)).status, 200);
    }
  });

  test("one organization's previews do not keep another's waiting for a place in the line", async () => {
    const other = await SettingsWorld.inside(world.test, "Fabrikam");
    const many = Array.from({ length: 50 }, () => world.post({}, `${settingsPath}/preview`));
    assert.equal((await other.post({}, `${settingsPath}/preview`)).status, 200);
    await Promise.all(many);
  });

  test("members with thousands of groups each do not make the preview hold everybody else up", async () => {
    const crowded = await SettingsWorld.inside(world.test, "Tailspin");
    const groups = JSON.stringify(Array.from({ length: 2000 }, (_, at) => `group ${at}`));
    await addCrowd(crowded, 100, groups);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const patch = { roles_groups: [["Reviewer", "group 7"]] };
    const { body } = await crowded.post(patch, `${settingsPath}/preview`);
    clearImmediate(next);
    assert.equal(body.summary.changed, 100);
    assert.ok(turns >= 15, `${turns} turns`);
  });

  test("a page of former settings leaves everybody else their turn between two of them", async () => {
    const saves = 20;
    for (let at = 0; at < saves; at += 1) await world.save({ mapping_email: `mail ${at}` });
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const { body } = await world.get(`${settingsPath}/revisions?page_size=${saves}`);
    clearImmediate(next);
    assert.equal(body.results.length, saves);
    assert.ok(turns >= saves, `${turns} turns`);
  });

  test("thousands of groups that are all others at the next sign-on do not hold the database", async () => {
    const userId = await world.addMember("RE");
    const became = async (name: string, many: number): Promise<void> => {
      const groups = Array.from({ length: many }, (_, at) => `${name} ${at}`);
      await world.test.store.db
        .updateTable("memberships")
        .where("user_id", "=", userId)
        .where("organization_id", "=", world.organizationId)
        .set({ last_groups: JSON.stringify(groups) })
        .execute();
    };
    const turns = async (many: number): Promise<void> => {
      for (const name of ["first", "second"]) await became(name, many);
    };
    // PostgreSQL plans a statement for good once it has run some times.
    for (let at = 0; at < 6; at += 1) await turns(10);
    const ratio = await ratioOf(
      async () => await turns(7000),
      async () => {
        for (let at = 0; at < 10; at += 1) await turns(700);
      },
    );
    assert.ok(ratio < 4, `as many in ten parts take ${ratio} times less`);
  });
});

/** So many members that looking at all of them takes several batches. */
async function addCrowd(
  { test: { store }, organizationId }: SettingsWorld,
  people: number,
  groups = '["r"]',
) {
  const users = Array.from({ length: people }, (_, at) => ({
    email: `crowd${at}@${organizationId}.example`,
    first_name: "",
    last_name: "",
    created_at: 1,
  }));
  const made = await store.db.insertInto("users").values(users).returning("id").execute();
  const members = made.map(({ id }) => ({
    organization_id: organizationId,
    user_id: id,
    role: "AN" as const,
    role_source: "saml" as const,
    role_set_at: 1,
    created_at: 1,
    last_groups: groups,
  }));
  await store.db.insertInto("memberships").values(members).execute();
}
