/**
 * Statements and the transactions they belong to: what is late for its own never runs by itself, nor
 * in somebody else's (DESIGN 5).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createOrganization } from "../../src/store/organizations.ts";
import { type Db, statement } from "../../src/store/statement.ts";
import type { Store } from "../../src/store/store.ts";
import { onEveryEngine } from "../engines.ts";

const rename = statement<{ from: string; to: string }, unknown>((db, value) =>
  db
    .updateTable("organizations")
    .where("title", "=", value("from"))
    .set({ title: value("to") }),
);

onEveryEngine("attacks on transactions", (engine) => {
  let store: Store;
  before(async () => {
    store = await engine.open();
    const made = { title: "Contoso", at: 1, samlToken: "saml", inviteToken: "invite" };
    await createOrganization(store.db, made);
  });
  const titles = async () =>
    (await store.db.selectFrom("organizations").select("title").execute()).map((row) => row.title);

  test("a statement that is late for a transaction which failed writes nothing", async () => {
    for (let wait = 0; wait < 12; wait += 1) {
      let late: Promise<unknown> = Promise.resolve();
      const work = async (tx: Db): Promise<void> => {
        late = (async () => {
          for (let at = 0; at < wait; at += 1) await Promise.resolve();
          await rename.run(tx, { from: "Contoso", to: "Mallory" });
        })();
        late.catch(() => undefined);
        throw new Error("refused");
      };
      await assert.rejects(store.transaction(work), /refused/);
      await Promise.allSettled([late]);
      await turn();
      assert.deepEqual(await titles(), ["Contoso"], `after ${wait} steps`);
    }
  });
});
