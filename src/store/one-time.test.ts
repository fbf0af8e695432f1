import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { seedMember, seedOrganization } from "../../test/seed.ts";
import { clearAttempts, countAttempt } from "./attempts.ts";
import { createInvite, deleteInvite, listInvites, loadInvite, takeInvite } from "./invites.ts";
import { releaseLease, takeLease } from "./leases.ts";
import { insertLink, loadLink, takeLink } from "./links.ts";
import { insertPendingLogin, takePendingLogin } from "./pending-logins.ts";
import { rememberAssertion } from "./replay.ts";
import type { Db, Store } from "./store.ts";

/** How many of 20 transactions at once get a thing that is there once. */
async function winners(store: Store, take: (tx: Db) => Promise<unknown>): Promise<number> {
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.transaction(take)));
  return outcomes.filter((outcome) => outcome !== null && outcome !== false).length;
}

onEveryEngine("what may be used once", (engine) => {
  test("a pending login is taken by exactly one of many", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const login = {
      requestId: "_request",
      organizationId,
      browserHash: "hash",
      next: "/projects",
      createdAt: 1,
      expiresAt: 2,
    };
    await insertPendingLogin(store.db, login);
    assert.equal(await winners(store, (tx) => takePendingLogin(tx, "_request")), 1);
    await insertPendingLogin(store.db, login);
    assert.deepEqual(await takePendingLogin(store.db, "_request"), login);
    assert.equal(await takePendingLogin(store.db, "_request"), null);
  });

  test("a pending login whose transaction failed can be taken again", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const login = { requestId: "_request", organizationId, browserHash: "", next: "/" };
    await insertPendingLogin(store.db, { ...login, createdAt: 1, expiresAt: 2 });
    await assert.rejects(
      store.transaction(async (tx) => {
        await takePendingLogin(tx, "_request");
        throw new Error("stop");
      }),
      /stop/,
    );
    assert.notEqual(await takePendingLogin(store.db, "_request"), null);
  });

  test("an assertion is accepted by exactly one of many, in each organization", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    const remember = (organizationId: number, assertionId: string) => (tx: Db) =>
      rememberAssertion(tx, { organizationId, assertionId, expiresAt: 1 });
    assert.equal(await winners(store, remember(here, "_a")), 1);
    assert.equal(await winners(store, remember(elsewhere, "_a")), 1);
    // Longer than any index takes; both differ only at the end.
    const long = "_".repeat(5000);
    assert.equal(await winners(store, remember(here, `${long}1`)), 1);
    assert.equal(await winners(store, remember(here, `${long}2`)), 1);
  });

  test("an invite is used by exactly one of many, and not after it expired", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const invite = {
      organizationId,
      email: "ada@example.com",
      role: "RE",
      createdBy: null,
    } as const;
    const make = (tokenHash: string) =>
      createInvite(store.db, { ...invite, tokenHash, at: 1, expiresAt: 10 });
    await make("former");
    const id = await make("hash");
    assert.equal(await loadInvite(store.db, { tokenHash: "former", now: 2 }), null);
    assert.equal(await loadInvite(store.db, { tokenHash: "hash", now: 10 }), null);
    const places = { workspaces: [], projects: [] };
    const expected = { id, ...invite, ...places, createdAt: 1, expiresAt: 10, isMailed: 0 };
    assert.deepEqual(await loadInvite(store.db, { tokenHash: "hash", now: 9 }), expected);
    assert.deepEqual(await listInvites(store.db, { organizationId, now: 9 }), [expected]);
    assert.equal(await winners(store, (tx) => takeInvite(tx, { tokenHash: "hash", now: 9 })), 1);
    const next = await make("next");
    const elsewhere = await seedOrganization(store);
    assert.equal(await deleteInvite(store.db, { organizationId: elsewhere, id: next }), false);
    assert.equal(await deleteInvite(store.db, { organizationId, id: next }), true);
  });

  test("a one-time link is used by exactly one of many, and the newest replaces the former", async () => {
    const store = await engine.open();
    const organizationId = await seedOrganization(store);
    const userId = await seedMember(store, organizationId, "ada@example.com");
    const link = { kind: "recover", userId, organizationId, data: { makesOwner: true } } as const;
    await insertLink(store.db, { ...link, tokenHash: "former", expiresAt: 10 });
    await insertLink(store.db, { ...link, tokenHash: "hash", expiresAt: 10 });
    const setup = { kind: "setup", userId: null, organizationId: null, data: {} } as const;
    await insertLink(store.db, { ...setup, tokenHash: "setup", expiresAt: 10 });
    assert.equal(await loadLink(store.db, { tokenHash: "former", now: 1 }), null);
    assert.equal(await loadLink(store.db, { tokenHash: "hash", now: 10 }), null);
    const expected = { ...link, tokenHash: "hash", expiresAt: 10 };
    assert.deepEqual(await loadLink(store.db, { tokenHash: "hash", now: 9 }), expected);
    assert.equal(await winners(store, (tx) => takeLink(tx, { tokenHash: "hash", now: 9 })), 1);
    assert.notEqual(await takeLink(store.db, { tokenHash: "setup", now: 9 }), null);
  });

  test("a lease is held by exactly one of many, who may renew it until it runs out", async () => {
    const store = await engine.open();
    const take = (holder: string, now: number) =>
      takeLease(store.db, { name: "refresh", holder, now, until: now + 10 });
    const taken = await Promise.all(["a", "b", "c", "d"].map((holder) => take(holder, 0)));
    assert.equal(taken.filter(Boolean).length, 1);
    const holder = ["a", "b", "c", "d"][taken.indexOf(true)] ?? "";
    assert.equal(await take(holder, 5), true);
    assert.equal(await take("other", 14), false);
    assert.equal(await take("other", 15), true);
    await releaseLease(store.db, { name: "refresh", holder });
    assert.equal(await take("third", 16), false);
    await releaseLease(store.db, { name: "refresh", holder: "other" });
    assert.equal(await take("third", 16), true);
  });

  test("attempts are counted one by one, a hundred at once too, until their window is over", async () => {
    const store = await engine.open();
    const count = (at: number) => countAttempt(store.db, { key: "k", at, windowMs: 100 });
    const counts = await Promise.all(Array.from({ length: 100 }, () => count(1)));
    assert.equal(new Set(counts).size, 100);
    assert.equal(Math.max(...counts), 100);
    assert.equal(await count(100), 101);
    assert.equal(await count(101), 1);
    await clearAttempts(store.db, "k");
    assert.equal(await count(102), 1);
  });
});
