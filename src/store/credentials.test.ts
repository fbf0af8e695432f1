import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { seedMember, seedOrganization } from "../../test/seed.ts";
import {
  createApiToken,
  deleteApiTokens,
  listApiTokens,
  loadApiToken,
  touchApiToken,
} from "./api-tokens.ts";
import { deleteExpired } from "./cleanup.ts";
import { insertPendingLogin } from "./pending-logins.ts";
import { rememberAssertion } from "./replay.ts";
import { seal, tryUnseal, unseal } from "./seal.ts";
import {
  createSession,
  deleteSession,
  deleteSessions,
  listSessions,
  loadSession,
  sessionIdleMs,
  touchSession,
} from "./sessions.ts";
import { findSignIn, listSignIns, recordSignIn, type SignInRecord } from "./sign-in-log.ts";
import { activateNextSpKey, insertSpKey, loadSpKeys } from "./sp-keys.ts";
import type { Store } from "./store.ts";

const email = "ada@example.com";
const dayMs = 24 * 3_600_000;

async function openSession(store: Store, key: string, at = 0): Promise<[number, number]> {
  const organizationId = await seedOrganization(store);
  const userId = await seedMember(store, organizationId, email);
  const browser = { ip: "192.0.2.1", userAgent: "Mozilla" };
  const who = { userId, organizationId, method: "saml", at } as const;
  const life = { tokenHash: key, id: `id-${key}`, expiresAt: at + 14 * dayMs };
  await createSession(store.db, { ...who, ...life, ...browser });
  return [organizationId, userId];
}

onEveryEngine("a session", (engine) => {
  test("speaks for the person with their present role", async () => {
    const store = await engine.open();
    const [organizationId, userId] = await openSession(store, "key");
    assert.deepEqual(await loadSession(store.db, "key", 1), {
      id: "id-key",
      userId,
      organizationId,
      method: "saml",
      createdAt: 0,
      lastSeenAt: 0,
      expiresAt: 14 * dayMs,
      ip: "192.0.2.1",
      userAgent: "Mozilla",
      email,
      firstName: "Ada",
      lastName: "Byron",
      role: "AN",
      idleMs: 5 * dayMs,
    });
    await store.db.updateTable("memberships").set({ role: "NO" }).execute();
    assert.equal((await loadSession(store.db, "key", 1))?.role, "NO");
  });

  test("ends after five idle days, and after its absolute life however busy", async () => {
    const store = await engine.open();
    await openSession(store, "key");
    assert.notEqual(await loadSession(store.db, "key", sessionIdleMs - 1), null);
    assert.equal(await loadSession(store.db, "key", sessionIdleMs), null);
    for (let day = 1; day < 14; day += 1) {
      const session = await loadSession(store.db, "key", day * dayMs);
      assert.ok(session);
      await touchSession(store.db, session, day * dayMs);
    }
    assert.notEqual(await loadSession(store.db, "key", 14 * dayMs - 1), null);
    assert.equal(await loadSession(store.db, "key", 14 * dayMs), null);
  });

  test("is noted as in use at most every five minutes", async () => {
    const store = await engine.open();
    await openSession(store, "key");
    const seenAfterTouch = async (nowMs: number) => {
      const session = await loadSession(store.db, "key", nowMs);
      assert.ok(session);
      await touchSession(store.db, session, nowMs);
      return (await loadSession(store.db, "key", nowMs))?.lastSeenAt;
    };
    assert.equal(await seenAfterTouch(299_999), 0);
    assert.equal(await seenAfterTouch(300_000), 300_000);
  });

  test("is ended by its secret, by its id, or with all others of the person", async () => {
    const store = await engine.open();
    const [organizationId, userId] = await openSession(store, "one");
    const elsewhere = await seedOrganization(store);
    await seedMember(store, elsewhere, email);
    const add = (key: string, where: number) =>
      createSession(store.db, {
        tokenHash: key,
        id: `id-${key}`,
        userId,
        organizationId: where,
        method: "password",
        at: 0,
        expiresAt: dayMs,
        ip: "",
        userAgent: "",
      });
    await add("two", organizationId);
    await add("three", organizationId);
    await add("four", elsewhere);
    const left = async () =>
      (await listSessions(store.db, { userId, now: 1 })).map(({ id }) => id).sort();
    await deleteSession(store.db, "one");
    assert.deepEqual(await left(), ["id-four", "id-three", "id-two"]);
    assert.equal(await deleteSessions(store.db, { userId, id: "id-two" }), 1);
    assert.equal(await deleteSessions(store.db, { userId: userId + 1, id: "id-three" }), 0);
    assert.equal(await deleteSessions(store.db, { userId, organizationId }), 1);
    assert.deepEqual(await left(), ["id-four"]);
    assert.equal(await deleteSessions(store.db, { userId, exceptId: "id-four" }), 0);
  });

  test("cannot outlive the membership, nor begin without one", async () => {
    const store = await engine.open();
    const [, userId] = await openSession(store, "key");
    await store.db.deleteFrom("memberships").where("user_id", "=", userId).execute();
    assert.equal(await loadSession(store.db, "key", 1), null);
    const stranger = {
      userId,
      organizationId: await seedOrganization(store),
      method: "saml",
    } as const;
    const rest = { tokenHash: "k", id: "i", at: 0, expiresAt: 1, ip: "", userAgent: "" };
    await assert.rejects(createSession(store.db, { ...stranger, ...rest }), /constraint/i);
  });
});

onEveryEngine("an API token", (engine) => {
  test("speaks for its holder until it expires or is ended", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const userId = await seedMember(store, organizationId, email);
    const holder = { userId, organizationId };
    const make = (kind: "legacy" | "pat", expiresAt: number | null) =>
      createApiToken(store.db, { ...holder, kind, tokenHash: kind, at: 1, expiresAt });
    const id = await make("legacy", null);
    await make("pat", 10);
    assert.deepEqual(await loadApiToken(store.db, "legacy", 2), {
      id,
      ...holder,
      kind: "legacy",
      createdAt: 1,
      lastUsedAt: null,
      expiresAt: null,
      email,
      role: "AN",
    });
    assert.equal((await listApiTokens(store.db, { ...holder, now: 9 })).length, 2);
    assert.equal((await listApiTokens(store.db, { ...holder, now: 10 })).length, 1);
    assert.equal(await loadApiToken(store.db, "pat", 10), null);
    const lastUsed = async () => (await loadApiToken(store.db, "legacy", 2))?.lastUsedAt;
    await touchApiToken(store.db, { id, at: 5, lastUsedAt: null });
    assert.equal(await lastUsed(), 5);
    await touchApiToken(store.db, { id, at: 300_004, lastUsedAt: 5 });
    assert.equal(await lastUsed(), 5);
    await touchApiToken(store.db, { id, at: 300_005, lastUsedAt: 5 });
    assert.equal(await lastUsed(), 300_005);
    await deleteApiTokens(store.db, { ...holder, kind: "legacy" });
    assert.equal(await loadApiToken(store.db, "legacy", 2), null);
    assert.equal((await loadApiToken(store.db, "pat", 2))?.kind, "pat");
    await deleteApiTokens(store.db, holder);
    assert.equal(await loadApiToken(store.db, "pat", 2), null);
  });
});

onEveryEngine("SP keys", (engine) => {
  test("are active, next or retired, at most one of the first two, whoever makes them", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const make = (state: "active" | "next", certificatePem: string) =>
      insertSpKey(store.db, {
        organizationId,
        state,
        certificatePem,
        privateKeySealed: "s",
        at: 1,
      });
    const seen = async () =>
      (await loadSpKeys(store.db, organizationId)).map(
        ({ state, certificatePem }) => `${state} ${certificatePem}`,
      );
    assert.equal(await store.transaction((tx) => activateNextSpKey(tx, organizationId)), false);
    await Promise.all(["one", "one", "one"].map((pem) => make("active", pem)));
    await make("next", "two");
    assert.deepEqual(await seen(), ["active one", "next two"]);
    assert.equal(await store.transaction((tx) => activateNextSpKey(tx, organizationId)), true);
    await make("next", "three");
    assert.deepEqual(await seen(), ["active two", "next three", "retired one"]);
    assert.deepEqual(await loadSpKeys(store.db, await seedOrganization(store)), []);
  });
});

onEveryEngine("the sign-in log", (engine) => {
  const attempt = (organizationId: number, reference: string): SignInRecord => ({
    reference,
    organizationId,
    at: 1,
    outcome: "refused",
    code: "saml_expired",
    signed: true,
    email,
    userId: null,
    requestId: "request",
    ip: "192.0.2.1",
    userAgent: "Mozilla",
    evidence: { expected: 1, found: ["größer", "\u0000"] },
    attributeNames: ["Email"],
    identity: { email, firstName: null, lastName: "B", groups: ["g"], groupsState: "present" },
    changes: [{ kind: "access_ended" }],
    reasons: [],
  });

  test("returns an attempt as it was, to its own organization alone", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    await recordSignIn(store.db, attempt(here, "ONE"));
    const found = await findSignIn(store.db, { organizationId: here, reference: "ONE" });
    assert.deepEqual(found, { id: found?.id, ...attempt(here, "ONE") });
    const foreign = { organizationId: elsewhere, reference: "ONE" };
    assert.equal(await findSignIn(store.db, foreign), null);
    assert.deepEqual(await listSignIns(store.db, { organizationId: elsewhere }), []);
  });

  test("is listed latest first, by pages and filters", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const userId = await seedMember(store, organizationId, email);
    for (const reference of ["A", "B", "C"]) {
      await recordSignIn(store.db, attempt(organizationId, reference));
    }
    const other = { ...attempt(organizationId, "D"), outcome: "admitted", code: null } as const;
    await recordSignIn(store.db, { ...other, userId, email: "x@example.com" });
    const list = async (filter: object) =>
      (await listSignIns(store.db, { organizationId, ...filter })).map((row) => row.reference);
    assert.deepEqual(await list({}), ["D", "C", "B", "A"]);
    const [, second] = await listSignIns(store.db, { organizationId, limit: 2 });
    assert.deepEqual(await list({ beforeId: second?.id, limit: 1 }), ["B"]);
    assert.deepEqual(await list({ userId }), ["D"]);
    assert.deepEqual(await list({ outcome: "admitted" }), ["D"]);
    assert.deepEqual(await list({ email, code: "saml_expired" }), ["C", "B", "A"]);
  });
});

onEveryEngine("clean-up", (engine) => {
  test("takes what has expired and leaves what has not", async () => {
    const store = await engine.open();
    const now = 200 * dayMs;
    const [organizationId, userId] = await openSession(store, "old", now - 20 * dayMs);
    const session = { userId, organizationId, method: "saml", ip: "", userAgent: "" } as const;
    const open = (key: string, at: number) =>
      createSession(store.db, {
        ...session,
        tokenHash: key,
        id: key,
        at,
        expiresAt: at + 14 * dayMs,
      });
    await open("idle", now - 6 * dayMs);
    await open("live", now - dayMs);
    for (const [name, expiresAt] of [
      ["old", now - dayMs],
      ["live", now + 1],
    ] as const) {
      const login = { requestId: name, organizationId, browserHash: "", next: "/" };
      await insertPendingLogin(store.db, { ...login, createdAt: 1, expiresAt });
      await rememberAssertion(store.db, { organizationId, assertionId: name, expiresAt });
    }
    for (let number = 0; number < 1001; number += 1) {
      await recordSignIn(store.db, {
        reference: `R${number}`,
        organizationId,
        at: now - (number < 1000 ? 91 : 89) * dayMs,
        outcome: "admitted",
        code: null,
        signed: true,
        email: null,
        userId: null,
        requestId: null,
        ip: null,
        userAgent: null,
        evidence: {},
        attributeNames: [],
        identity: null,
        changes: [],
        reasons: [],
      });
    }
    assert.equal(await deleteExpired(store.db, now), 1004);
    const ids = (await listSessions(store.db, { userId, now })).map(({ id }) => id);
    assert.deepEqual(ids, ["live"]);
    const left = await listSignIns(store.db, { organizationId });
    assert.deepEqual(
      left.map(({ reference }) => reference),
      ["R1000"],
    );
    assert.equal(await deleteExpired(store.db, now), 0);
    const replay = { organizationId, assertionId: "live", expiresAt: now };
    assert.equal(await rememberAssertion(store.db, replay), false);
  });
});

suite("a sealed secret", () => {
  const server = { secretKey: "server secret", secretKeyPrevious: "" };
  const another = { secretKey: "another secret", secretKeyPrevious: "a third one" };
  const sealed = seal("server secret", "the key", "sp-key:1");

  test("opens with the secret and the context that sealed it", () => {
    assert.equal(unseal(server, sealed, "sp-key:1"), "the key");
    assert.notEqual(seal("server secret", "the key", "sp-key:1"), sealed);
    assert.doesNotMatch(sealed, /key/);
  });

  test("opens with the former secret while it is being changed, and says so", () => {
    const changing = { secretKey: "another secret", secretKeyPrevious: "server secret" };
    assert.equal(unseal(changing, sealed, "sp-key:1"), "the key");
    assert.equal(tryUnseal(changing, sealed, "sp-key:1")?.by, "previous");
    assert.equal(tryUnseal(server, sealed, "sp-key:1")?.by, "current");
    assert.throws(() => unseal(changing, sealed, "sp-key:2"), /does not open/);
  });

  test("opens with no other", () => {
    assert.throws(() => unseal(another, sealed, "sp-key:1"), /does not open/);
    assert.throws(() => unseal(server, sealed, "sp-key:2"), /does not open/);
  });

  test("that was changed does not open", () => {
    const bytes = Buffer.from(sealed.slice(3), "base64url");
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const text = `v1.${changed.toString("base64url")}`;
      assert.throws(() => unseal(server, text, "sp-key:1"), /does not open/);
    }
    assert.throws(() => unseal(server, "v1.AAAA", "sp-key:1"), /does not open/);
    assert.throws(() => unseal(server, sealed.replace("v1", "v2"), "sp-key:1"), /does not open/);
  });
});
