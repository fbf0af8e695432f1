import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, suite, test } from "node:test";
import { type Kysely, sql } from "kysely";
import type { Database } from "../schema.ts";
import { openSqlite } from "./sqlite.ts";

suite("transactions on one SQLite file", () => {
  const folder = mkdtempSync(join(tmpdir(), "labelgate-dialect-"));
  const opened: Kysely<Database>[] = [];
  let number = 0;
  let path = "";
  let db: Kysely<Database>;

  const open = async (): Promise<Kysely<Database>> => {
    const database = await openSqlite(path);
    opened.push(database);
    return database;
  };
  beforeEach(async () => {
    number += 1;
    path = join(folder, `${number}.db`);
    db = await open();
    await sql`create table notes (id integer primary key, text text not null)`.execute(db);
  });
  after(async () => {
    await Promise.all(opened.map((database) => database.destroy()));
    rmSync(folder, { recursive: true, force: true });
  });

  const insert = (on: Kysely<Database>, id: number, text = "x") =>
    sql`insert into notes (id, text) values (${id}, ${text})`.execute(on);
  const ids = async (on: Kysely<Database> = db): Promise<readonly number[]> => {
    const rows = await on
      .selectFrom(sql<{ id: number }>`notes`.as("notes"))
      .select("notes.id")
      .orderBy("notes.id")
      .execute();
    return rows.map(({ id }) => id);
  };
  const all = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test("that arrive together are committed together, and each is there once it is acknowledged", async () => {
    const other = await open();
    const acknowledged: number[] = [];
    await Promise.all(
      all(1, 50).map(async (id) => {
        await db.transaction().execute((tx) => insert(tx, id));
        acknowledged.push(id);
        assert.ok((await ids(other)).includes(id));
      }),
    );
    assert.deepEqual(acknowledged, all(1, 50));
  });

  test("are seen by nobody before they are acknowledged", async () => {
    let seen: readonly number[] = [];
    const first = db.transaction().execute((tx) => insert(tx, 1));
    const second = db.transaction().execute(async (tx) => {
      // The first has ended by now and shares its commit with this one.
      assert.deepEqual(await ids(tx), [1]);
      seen = await ids();
      await insert(tx, 2);
    });
    await Promise.all([first, second]);
    assert.deepEqual(seen, []);
    assert.deepEqual(await ids(), [1, 2]);
  });

  test("that fail among others take nothing of the others back", async () => {
    const outcomes = await Promise.allSettled(
      all(1, 60).map((id) =>
        db.transaction().execute(async (tx) => {
          await insert(tx, id);
          if (id % 3 === 0) await insert(tx, id);
          if (id % 5 === 0) throw new Error("stop");
        }),
      ),
    );
    const stands = all(1, 60).filter((id) => id % 3 !== 0 && id % 5 !== 0);
    const fulfilled = all(1, 60).filter((id) => outcomes[id - 1]?.status === "fulfilled");
    assert.deepEqual(fulfilled, stands);
    assert.deepEqual(await ids(), stands);
  });

  test("and single statements beside them, failing or not, keep out of each other's way", async () => {
    const outcomes = await Promise.allSettled([
      insert(db, 1),
      insert(db, 1),
      db.transaction().execute((tx) => insert(tx, 2)),
      insert(db, 2),
      insert(db, 3),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await ids(), [1, 2, 3]);
  });

  test("that end when the event loop has turned are committed too", async () => {
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all(
      all(1, 5).map((id) =>
        db.transaction().execute(async (tx) => {
          await insert(tx, id);
          await turn();
        }),
      ),
    );
    assert.deepEqual(await ids(), all(1, 5));
  });

  test("on a full disk are acknowledged or leave nothing, and later ones work again", async () => {
    await sql`pragma max_page_count = 40`.execute(db);
    const outcomes = await Promise.allSettled(
      all(1, 30).map((id) =>
        db.transaction().execute((tx) => insert(tx, id, id % 4 === 0 ? "x".repeat(40_000) : "x")),
      ),
    );
    const fulfilled = all(1, 30).filter((id) => outcomes[id - 1]?.status === "fulfilled");
    assert.ok(fulfilled.length < 30);
    assert.deepEqual(await ids(), fulfilled);
    await sql`pragma max_page_count = 100000`.execute(db);
    await insert(db, 100);
    assert.ok((await ids()).includes(100));
  });

  test("after a failure of the disk write nothing that its own transaction does not hold", async () => {
    await sql`pragma max_page_count = 20`.execute(db);
    await assert.rejects(
      db.transaction().execute(async (tx) => {
        await insert(tx, 1);
        await insert(tx, 2, "x".repeat(400_000)).catch(() => undefined);
        // Where SQLite has taken the transaction back, this must not stand by itself.
        await insert(tx, 3);
        throw new Error("stop");
      }),
    );
    assert.deepEqual(await ids(), []);
  });

  test("of two processes at full speed both get on", async () => {
    const other = await open();
    const counts = [0, 0];
    let next = 0;
    const write = async (on: Kysely<Database>, at: 0 | 1): Promise<void> => {
      while (next < 5_000 && counts.some((count) => count <= 5)) {
        next += 1;
        const id = next;
        await on.transaction().execute((tx) => insert(tx, id));
        counts[at] = (counts[at] ?? 0) + 1;
      }
    };
    await Promise.all([write(db, 0), write(other, 1)]);
    assert.ok(
      counts.every((count) => count > 5),
      counts.join(" and "),
    );
    assert.equal((await ids()).length, next);
  });

  test("columns that come in meanwhile, here or in another process, move no value to another's name", async () => {
    const read = async () => (await sql`select *, 7 as last from notes`.execute(db)).rows;
    await insert(db, 1);
    assert.deepEqual(await read(), [{ id: 1, text: "x", last: 7 }]);
    await sql`alter table notes add column kind text`.execute(await open());
    assert.deepEqual(await read(), [{ id: 1, text: "x", kind: null, last: 7 }]);
    await sql`alter table notes drop column text`.execute(db);
    assert.deepEqual(await read(), [{ id: 1, kind: null, last: 7 }]);
  });
});
