import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { onEveryEngine } from "../../test/engines.ts";
import { seedOrganization } from "../../test/seed.ts";
import { rememberAssertion } from "./replay.ts";
import { migrate, type Store, type StoreOptions } from "./store.ts";

const child = join(import.meta.dirname, "../../test/fixtures/store-child.ts");

onEveryEngine("a process that is killed while it writes", (engine) => {
  for (const acknowledgements of [1, 60, 200]) {
    test(`loses none of ${acknowledgements} acknowledged sign-ons and half-applies none`, async () => {
      const options = await engine.create();
      const store = await engine.openAt(options);
      await migrate(store);
      const id = await seedOrganization(store);
      const acknowledged = await killAfter(acknowledgements, options, id);
      await untilAlone(store);

      const tables = await keysByTable(store);
      const [first = new Set<string>()] = tables;
      for (const keys of tables) assert.deepEqual(keys, first);
      for (const key of acknowledged) assert.ok(first.has(key), `${key} was lost`);
      const organization = await store.db
        .selectFrom("organizations")
        .select("seats_used")
        .executeTakeFirstOrThrow();
      assert.equal(organization.seats_used, first.size);

      const remember = (assertionId: string) =>
        rememberAssertion(store.db, { organizationId: id, assertionId, expiresAt: 10 });
      for (const key of acknowledged) assert.equal(await remember(key), false);
      assert.equal(await remember("key-of-nobody"), true);
    });
  }
});

/** Keys of the sign-ins that the process acknowledged before SIGKILL ended it. */
async function killAfter(
  acknowledgements: number,
  { databaseUrl, dataDir }: StoreOptions,
  organizationId: number,
): Promise<readonly string[]> {
  const arguments_ = [child, "write", databaseUrl, dataDir, String(organizationId)];
  const writer = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > acknowledgements) writer.kill("SIGKILL");
  });
  const signal = await new Promise((resolve) => {
    writer.once("close", (_code, received) => resolve(received));
  });
  assert.equal(signal, "SIGKILL");
  // The last line may be cut off; what is whole was acknowledged.
  return output
    .split("\n")
    .slice(0, -1)
    .map((number) => `key-${number}`);
}

/** PostgreSQL notices the end of its client a little later, and rolls back what was open. */
async function untilAlone(store: Store): Promise<void> {
  if (store.dialect === "sqlite") return;
  for (;;) {
    const { rows } = await sql`
      select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and application_name = 'labelgate' and state <> 'idle'`.execute(store.db);
    if (rows.length === 0) return;
    await wait(20);
  }
}

async function keysByTable(store: Store): Promise<readonly ReadonlySet<string>[]> {
  const { db } = store;
  const rows = await Promise.all([
    db
      .selectFrom("users")
      .select(sql<string>`replace(email, '@example.com', '')`.as("key"))
      .execute(),
    db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .select(sql<string>`replace(email, '@example.com', '')`.as("key"))
      .execute(),
    db
      .selectFrom("workspace_members")
      .innerJoin("workspaces", "workspaces.id", "workspace_members.workspace_id")
      .select("title as key")
      .execute(),
    db.selectFrom("replay_ids").select("assertion_id as key").execute(),
    db.selectFrom("sessions").select("token_hash as key").execute(),
    db.selectFrom("sign_in_log").select("reference as key").execute(),
    db.selectFrom("audit_log").select("request_id as key").execute(),
    db.selectFrom("pending_logins").select("request_id as key").execute(),
  ]);
  return rows.map((table) => new Set(table.map(({ key }) => key ?? "")));
}
