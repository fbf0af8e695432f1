import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Kysely, type LogEvent, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { type Engine, onEveryEngine } from "../../test/engines.ts";
import { seedMember, seedOrganization } from "../../test/seed.ts";
import type { Change } from "../access/changes.ts";
import { createApiToken, loadApiToken } from "./api-tokens.ts";
import { applyPlan } from "./apply.ts";
import { listAudit } from "./audit.ts";
import { NodeSqliteDialect } from "./dialects/node-sqlite.ts";
import { SqliteFile } from "./dialects/sqlite-file.ts";
import { noteSignIn } from "./noted-sign-ins.ts";
import { listOrganizationsOf } from "./organizations.ts";
import { insertPendingLogin, takePendingLogin } from "./pending-logins.ts";
import { findUserByEmail, loadAccess, loadMembership, loadSnapshot } from "./people.ts";
import { createProject } from "./projects.ts";
import { rememberAssertion } from "./replay.ts";
import { findOrganizationByDomain, loadSamlByToken } from "./saml-settings.ts";
import type { Database } from "./schema.ts";
import {
  createSession,
  deleteSession,
  listSessions,
  loadSession,
  touchSession,
} from "./sessions.ts";
import { findSignIn, listSignIns, recordSignIn } from "./sign-in-log.ts";
import { loadSpKeys } from "./sp-keys.ts";
import { type Db, migrate } from "./store.ts";
import {
  answerTestSignIn,
  beginTestSignIn,
  findTestSignInByRequest,
  insertTestSignIn,
  loadTestSignIn,
} from "./trials.ts";

const email = "ada@example.com";

onEveryEngine("statements", (engine) => {
  let db: Db;
  let organizationId = 0;
  let token = "";
  let projectId = 0;
  const seen = new Set<string>();

  before(async () => {
    const options = await engine.create();
    const store = await engine.openAt(options);
    await migrate(store);
    organizationId = await seedOrganization(store);
    await seedMember(store, organizationId, email);
    const project = { organizationId, title: "Birds", workspaceId: null, at: 1 };
    projectId = await createProject(store.db, project);
    const saml = store.db.selectFrom("saml_settings").select("token");
    ({ token } = await saml.executeTakeFirstOrThrow());
    db = openLogging(engine, options, ({ query }) => {
      if (/^(select|insert|update|delete)/.test(query.sql)) seen.add(query.sql);
    });
  });
  after(() => db.destroy());

  const signOn = (changes: readonly Change[]) =>
    signOnAs(db, { organizationId, token, projectId, changes });

  test("of a sign-on are ten where nothing changes, one that began it, and PostgreSQL's lock", async () => {
    await signOn([]);
    seen.clear();
    await signOn([]);
    assert.equal(seen.size, engine.name === "sqlite" ? 11 : 12, [...seen].join("\n"));
  });

  test("find every row by index, so that an organization's size costs nothing", async () => {
    await signOn(everyChange(projectId));
    await otherStatements(db, organizationId);
    assert.ok(seen.size > 40);
    for (const text of seen) {
      const plan = await explain(db, engine, text);
      assert.doesNotMatch(plan, scansTable, `${text}\n${plan}`);
    }
  });
});

/** A plan line that reads a whole table; lists given with the statement are no tables. */
const scansTable = /^\s*(?:->\s*)?(?:SCAN (?!json_each|\d+ CONSTANT|CONSTANT)|Seq Scan)/m;

suite("the check of plans", () => {
  test("tells a scan from a search", () => {
    assert.match("SCAN users", scansTable);
    assert.match("Limit\n  ->  Seq Scan on users", scansTable);
    assert.doesNotMatch("SEARCH users USING INDEX x (email=?)", scansTable);
    assert.doesNotMatch("SCAN json_each VIRTUAL TABLE INDEX 1:", scansTable);
  });
});

function openLogging(
  engine: Engine,
  options: { readonly databaseUrl: string; readonly dataDir: string },
  log: (event: LogEvent) => void,
): Kysely<Database> {
  if (engine.name === "postgres") {
    const pool = new pg.Pool({ connectionString: options.databaseUrl, max: 1 });
    // The database is dropped while the connection is still being closed.
    pool.on("error", () => undefined);
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool }), log });
  }
  const path = join(options.dataDir, "labelgate.db");
  const files = { reader: new SqliteFile(path, 5000), writer: new SqliteFile(path, 5000) };
  return new Kysely<Database>({ dialect: new NodeSqliteDialect(files), log });
}

async function explain(db: Db, engine: Engine, text: string): Promise<string> {
  if (engine.name === "sqlite") {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(text)}`.execute(db);
    return rows.map(({ detail }) => detail).join("\n");
  }
  // Tables of a test are so small that reading them whole is quickest; forbidding it shows whether
  // there is another way.
  return await db.connection().execute(async (connection) => {
    await sql`set enable_seqscan = off`.execute(connection);
    const { rows } = await sql<Record<string, string>>`
      explain (generic_plan, costs off) ${sql.raw(text)}`.execute(connection);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
}

let number = 0;

/** All that a sign-in asks of the store, in its order. */
async function signOnAs(
  db: Db,
  on: { organizationId: number; token: string; projectId: number; changes: readonly Change[] },
): Promise<void> {
  number += 1;
  const key = `key-${number}`;
  const { organizationId, changes } = on;
  const browser = { ip: "192.0.2.1", userAgent: "Mozilla" };
  const login = { requestId: key, organizationId, browserHash: "", next: "/" };
  await insertPendingLogin(db, { ...login, createdAt: 1, expiresAt: 2 });
  await loadSamlByToken(db, on.token);
  await db.transaction().execute(async (tx) => {
    await takePendingLogin(tx, key);
    await rememberAssertion(tx, { organizationId, assertionId: key, expiresAt: 1 });
    const snapshot = await loadSnapshot(tx, {
      organizationId,
      email,
      workspaceTitles: ["Zoo", "Park"],
      projectIds: [on.projectId],
      lock: true,
    });
    const plan = { email, userId: snapshot.user?.id ?? null, changes, reasons: [] };
    const { userId } = await applyPlan(tx, {
      organizationId,
      plan,
      actor: { kind: "saml" },
      at: 1,
      action: "sign_in",
      passwordHash: "hash",
    });
    await noteSignIn(tx, { organizationId, userId, groups: ["g"], at: 1, accepts: true });
    await recordSignIn(tx, {
      reference: key,
      organizationId,
      at: 1,
      outcome: "admitted",
      code: null,
      signed: true,
      email,
      userId,
      requestId: key,
      ...browser,
      evidence: {},
      attributeNames: [],
      identity: null,
      changes: [],
      reasons: [],
    });
    const session = { tokenHash: key, id: key, userId, organizationId, method: "saml" } as const;
    await createSession(tx, { ...session, at: 1, expiresAt: 1_000_000, ...browser });
  });
}

function everyChange(projectId: number): readonly Change[] {
  const zoo = { id: null, title: "Zoo" };
  const member = { projectId, source: "saml" } as const;
  const assignment = { scope: "organization", group: "g", role: "AN" } as const;
  const row = { role: "AN", isPending: false } as const;
  return [
    { kind: "password_set" },
    {
      kind: "user_renamed",
      from: { firstName: "", lastName: "" },
      to: { firstName: "A", lastName: "B" },
    },
    { kind: "role_changed", from: "AN", to: "RE", source: "saml" },
    { kind: "workspace_created", title: "Zoo" },
    { kind: "workspace_member_added", workspace: zoo, source: "saml" },
    { kind: "workspace_member_removed", workspace: zoo, source: "saml" },
    { kind: "project_member_added", ...member, ...row },
    { kind: "project_member_changed", ...member, from: row, to: row },
    { kind: "project_member_removed", ...member },
    { kind: "assignment_added", assignment },
    { kind: "assignment_removed", assignment },
    ...(["organization", "workspace", "project"] as const).map(
      (scope): Change => ({
        kind: "grant_source_changed",
        grant: { scope, workspaceId: 1, projectId },
        from: "scim",
        to: "manual",
      }),
    ),
    { kind: "access_ended" },
    { kind: "membership_removed", role: "RE" },
    { kind: "membership_created", role: "AN", source: "saml" },
  ];
}

/** What every request of a signed-in person, and the pages about one person, ask. */
async function otherStatements(db: Db, organizationId: number): Promise<void> {
  const user = await findUserByEmail(db, email);
  assert.ok(user);
  const userId = user.id;
  const session = await loadSession(db, `key-${number}`, 2);
  assert.ok(session);
  await touchSession(db, session, 400_000);
  await listSessions(db, { userId, organizationId, now: 2 });
  await deleteSession(db, "unknown");
  const token = { userId, organizationId, kind: "legacy", tokenHash: "hash" } as const;
  await createApiToken(db, { ...token, at: 1, expiresAt: null });
  await loadApiToken(db, "hash", 2);
  await loadMembership(db, organizationId, userId);
  await loadAccess(db, organizationId, userId);
  await listOrganizationsOf(db, userId);
  await loadSpKeys(db, organizationId);
  await findOrganizationByDomain(db, "example.com");
  await findSignIn(db, { organizationId, reference: "key-1" });
  await listSignIns(db, { organizationId, userId, limit: 20 });
  await listSignIns(db, { organizationId });
  await listAudit(db, { organizationId });
  await listAudit(db, { organizationId, subjectUserId: userId });
  await testSignInStatements(db, { organizationId, userId });
}

/** A test sign-in from beginning to end; a response of every stranger may ask for one. */
async function testSignInStatements(
  db: Db,
  person: { organizationId: number; userId: number },
): Promise<void> {
  const times = { at: 1, expiresAt: 2 };
  for (let made = 0; made < 11; made += 1) {
    const testSignIn = {
      ...person,
      id: `trial-${made}`,
      unsaved: null,
      createdAt: made,
      expiresAt: 2,
    };
    await insertTestSignIn(db, testSignIn);
  }
  await loadTestSignIn(db, { ...person, id: "trial-10" });
  await beginTestSignIn(db, { id: "trial-10", requestId: "r", browserHash: "", ...times });
  await findTestSignInByRequest(db, "r");
  await answerTestSignIn(db, { requestId: "r", story: {}, ...times });
}
