import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { promisify } from "node:util";
import { sql } from "kysely";
import { onEveryEngine } from "../../test/engines.ts";
import { seedMember, seedOrganization } from "../../test/seed.ts";
import { applyMigrations, type Migration, pendingAfter, timeline } from "./migrate.ts";
import { OpenError } from "./open-error.ts";
import { countOwners, loadOrganization, updateOrganization } from "./organizations.ts";
import { TransactionRace } from "./race.ts";
import { migrate, openStore } from "./store.ts";

const child = join(import.meta.dirname, "../../test/fixtures/store-child.ts");

onEveryEngine("a transaction", (engine) => {
  test("that throws leaves nothing", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store, "Before");
    await assert.rejects(
      store.transaction(async (tx) => {
        await updateOrganization(tx, id, { title: "After" });
        throw new Error("stop");
      }),
      /stop/,
    );
    assert.equal((await loadOrganization(store.db, id))?.title, "Before");
  });

  test("is not seen from outside before it ends, and keeps nobody from reading", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store, "Before");
    await store.transaction(async (tx) => {
      await updateOrganization(tx, id, { title: "After" });
      assert.equal((await loadOrganization(store.db, id))?.title, "Before");
      assert.equal((await loadOrganization(tx, id))?.title, "After");
    });
    assert.equal((await loadOrganization(store.db, id))?.title, "After");
  });

  test("keeps its statements to itself while others run beside it", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const addresses = Array.from({ length: 20 }, (_, index) => `person${index}@example.com`);
    const outcomes = await Promise.allSettled(
      addresses.map((email, index) =>
        index % 2 === 0
          ? seedMember(store, id, email)
          : store.transaction(async (tx) => {
              await updateOrganization(tx, id, { title: "never" });
              await new Promise((resolve) => setImmediate(resolve));
              throw new Error("stop");
            }),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 10);
    const organization = await loadOrganization(store.db, id);
    assert.equal(organization?.title, "Contoso");
    assert.equal(organization.seatsUsed, 10);
  });

  test("that others overtook runs again, and gives up after a while with a conflict", async () => {
    const store = await engine.open();
    let attempts = 0;
    const value = await store.transaction(async () => {
      attempts += 1;
      if (attempts < 3) throw new TransactionRace("somebody was faster");
      return "done";
    });
    assert.deepEqual([value, attempts], ["done", 3]);
    await assert.rejects(
      store.transaction(async () => {
        throw new TransactionRace("somebody is always faster");
      }),
      { code: "conflict" },
    );
  });

  test("whose connection is lost fails, and the next one works", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store, "Before");
    if (engine.name === "sqlite") {
      // The file cannot hang up; a statement that fails is the nearest thing.
      const broken = store.transaction((tx) => sql`select * from nowhere`.execute(tx));
      await assert.rejects(broken, /no such table/);
    } else {
      const broken = store.transaction(async (tx) => {
        await updateOrganization(tx, id, { title: "After" });
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(store.db);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await loadOrganization(tx, id);
      });
      await assert.rejects(broken);
    }
    assert.equal((await loadOrganization(store.db, id))?.title, "Before");
    await store.transaction((tx) => updateOrganization(tx, id, { title: "Later" }));
    assert.equal((await loadOrganization(store.db, id))?.title, "Later");
  });

  test("cannot be used after it has ended", async () => {
    const store = await engine.open();
    const leaked = await store.transaction(async (tx) => tx);
    await assert.rejects(loadOrganization(leaked, 1));
  });
});

onEveryEngine("migrations", (engine) => {
  test("bring an empty database to the present and then find nothing to do", async () => {
    const store = await engine.openAt(await engine.create());
    assert.equal(await store.isMigrated(), false);
    const names = timeline.map(({ name }) => name);
    assert.deepEqual(await migrate(store), names);
    assert.equal(await store.isMigrated(), true);
    assert.deepEqual(await migrate(store), []);
    assert.equal(await countOwners(store.db), 0);
  });

  test("are applied once by processes that start together", async () => {
    const options = await engine.create();
    const start = () =>
      promisify(execFile)(process.execPath, [
        child,
        "migrate",
        options.databaseUrl,
        options.dataDir,
      ]);
    const outputs = await Promise.all([start(), start(), start()]);
    const applied = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    assert.deepEqual(
      applied,
      timeline.map(({ name }) => name),
    );
  });

  test("that fail leave nothing behind", async () => {
    const store = await engine.openAt(await engine.create());
    const broken: Migration = {
      name: "0003-broken",
      up: async (db) => {
        await db.schema.createTable("half").addColumn("id", "integer").execute();
        throw new Error("the disk is full");
      },
    };
    const run = (migrations: readonly Migration[]) =>
      store.transaction((tx) => applyMigrations(tx, { dialect: store.dialect, at: 1, migrations }));
    await assert.rejects(run([...timeline, broken]), /disk is full/);
    assert.equal(await store.isMigrated(), false);
    assert.equal((await run(timeline)).length, timeline.length);
    const tables = await store.db.introspection.getTables();
    assert.equal(
      tables.some(({ name }) => name === "half"),
      false,
    );
  });

  test("a database of a newer version is refused by name", async () => {
    const store = await engine.open();
    await store.db
      .insertInto("migrations")
      .values({ name: "9999-future", applied_at: 1 })
      .execute();
    assert.equal(await store.isMigrated(), false);
    await assert.rejects(migrate(store), (error: Error) => {
      assert.ok(error instanceof OpenError);
      assert.match(error.message, /"9999-future", which this version of Labelgate does not know/);
      return true;
    });
  });
});

suite("the migration timeline", () => {
  const up = async (): Promise<void> => assert.fail("is not run here");
  const steps = ["1", "2", "3"].map((name) => ({ name, up }));

  test("what comes after the recorded part is pending", () => {
    assert.deepEqual(
      pendingAfter(["1"], steps).map(({ name }) => name),
      ["2", "3"],
    );
  });

  test("a gap in the recorded part is refused", () => {
    assert.throws(() => pendingAfter(["1", "3"], steps), /lacks the migration "2"/);
  });

  test("a renamed migration is refused", () => {
    assert.throws(() => pendingAfter(["1", "two"], steps), /migrated by "two"/);
  });
});

suite("a database that cannot be opened is told in one sentence", () => {
  const folder = mkdtempSync(join(tmpdir(), "labelgate-open-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const refused = async (databaseUrl: string, dataDir: string, sentence: RegExp): Promise<void> => {
    await assert.rejects(openStore({ databaseUrl, dataDir }), (error: Error) => {
      assert.ok(error instanceof OpenError, String(error));
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /secret|\n/);
      return true;
    });
  };

  test("where the data folder cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    await refused("", join(folder, "file", "data"), /data folder .* cannot be made \(ENOTDIR\)/);
  });

  test("where the file is no database", async () => {
    const dataDir = join(folder, "text");
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "labelgate.db"), "this is a text and no database ".repeat(100));
    await refused("", dataDir, /is not an SQLite database/);
  });

  test("where a folder stands in the file's place", async () => {
    const dataDir = join(folder, "folder");
    mkdirSync(join(dataDir, "labelgate.db"), { recursive: true });
    await refused("", dataDir, /cannot be opened/);
  });

  test("where the URL is none, or names another product", async () => {
    await refused("not a url", folder, /looks like postgres:\/\/user:password@host/);
    await refused("mysql://user:secret@localhost/db", folder, /is not a PostgreSQL URL/);
  });

  test("where nothing listens", async () => {
    const url = "postgres://user:secret@127.0.0.1:1/db";
    await refused(url, folder, /No database answers at 127\.0\.0\.1:1/);
  });

  test("where the host has no address", async () => {
    const url = "postgres://user:secret@database.invalid/db";
    await refused(url, folder, /database\.invalid:5432, (which no name server knows|and the name)/);
  });

  /** What a server does that takes one connection, answers with `bytes` and hangs up. */
  const answering = async (bytes: Buffer, sentence: RegExp): Promise<void> => {
    const server = createServer((socket) => socket.once("data", () => socket.end(bytes)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await refused(`postgres://ada:secret@127.0.0.1:${port}/db`, folder, sentence);
    await new Promise((resolve) => server.close(resolve));
  };
  /** PostgreSQL's ErrorResponse. */
  const failure = (code: string): Buffer => {
    const fields = Buffer.from(`SFATAL\0C${code}\0Mmessage\0\0`);
    const length = Buffer.alloc(4);
    length.writeInt32BE(fields.length + 4);
    return Buffer.concat([Buffer.from("E"), length, fields]);
  };

  test("where something else than PostgreSQL answers", async () => {
    await answering(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /127\.0\.0\.1:\d+/);
  });

  test("where the password is wrong, the user unknown, or the server full", async () => {
    await answering(failure("28P01"), /refuses the password of ada\./);
    await answering(failure("28000"), /does not let ada in\./);
    await answering(failure("53300"), /has no connection left to give\./);
  });
});

suite("processes that share an SQLite file", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-shared-"));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  test("wait for each other's transactions, and go on with everything else meanwhile", async () => {
    const one = await openStore({ databaseUrl: "", dataDir });
    await migrate(one);
    const id = await seedOrganization(one, "Before");
    const two = await openStore({ databaseUrl: "", dataDir });
    const order: string[] = [];
    let waiting: Promise<void> = Promise.resolve();
    await one.transaction(async (tx) => {
      await updateOrganization(tx, id, { title: "One" });
      waiting = two.transaction(async (other) => {
        order.push(`two sees ${(await loadOrganization(other, id))?.title}`);
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      order.push(`outside sees ${(await loadOrganization(two.db, id))?.title}`);
    });
    await waiting;
    assert.deepEqual(order, ["outside sees Before", "two sees One"]);
    await one.close();
    await two.close();
  });

  test("are told after five seconds that another one keeps the file locked", async () => {
    const one = await openStore({ databaseUrl: "", dataDir });
    const two = await openStore({ databaseUrl: "", dataDir });
    await one.transaction(async () => {
      const locked = { code: "not_ready", message: /kept the database locked for 5 seconds/ };
      await assert.rejects(
        two.transaction(async () => undefined),
        locked,
      );
    });
    await two.transaction(async () => undefined);
    await one.close();
    await two.close();
  });
});

onEveryEngine("a store", (engine) => {
  test("answers a ping until it is closed", async () => {
    const store = await engine.open();
    await store.ping();
    await store.close();
    await assert.rejects(store.ping());
  });

  test("of a database that is not there names it, and a file is made where it is missing", async () => {
    const { databaseUrl, dataDir } = await engine.create();
    if (engine.name === "sqlite") {
      const store = await engine.openAt({ databaseUrl, dataDir: join(dataDir, "deeper", "still") });
      await store.ping();
      return;
    }
    const url = new URL(databaseUrl);
    url.pathname = "/nowhere";
    await assert.rejects(openStore({ databaseUrl: url.href, dataDir }), {
      message: /There is no database "nowhere" at 127\.0\.0\.1:\d+; create it first\./,
    });
  });
});

suite("the files of an SQLite database", () => {
  const root = mkdtempSync(join(tmpdir(), "labelgate-modes-"));
  const before = process.umask(0);
  after(() => {
    process.umask(before);
    rmSync(root, { recursive: true, force: true });
  });
  const modesIn = (dataDir: string) =>
    ["", "-wal", "-shm"].map((end) => statSync(join(dataDir, `labelgate.db${end}`)).mode & 0o777);

  test("are this user's alone, however they came to be, and so is a folder that is made for them", async () => {
    const dataDir = join(root, "new");
    const first = await openStore({ databaseUrl: "", dataDir });
    await migrate(first);
    assert.deepEqual(modesIn(dataDir), [0o600, 0o600, 0o600]);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);

    // As an earlier version, or a restored backup, left them.
    for (const end of ["", "-wal", "-shm"]) chmodSync(join(dataDir, `labelgate.db${end}`), 0o644);
    const second = await openStore({ databaseUrl: "", dataDir });
    await second.ping();
    assert.deepEqual(modesIn(dataDir), [0o600, 0o600, 0o600]);
    await Promise.all([first.close(), second.close()]);
  });

  test("keep the folder that was there as it was", async () => {
    const dataDir = join(root, "given");
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o750);
    const store = await openStore({ databaseUrl: "", dataDir });
    await store.close();
    assert.equal(statSync(dataDir).mode & 0o777, 0o750);
    assert.equal(statSync(join(dataDir, "labelgate.db")).mode & 0o777, 0o600);
  });
});
