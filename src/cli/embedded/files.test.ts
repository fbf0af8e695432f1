/** What embedded Label Studio keeps on disk: folders, lock, log and backups. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { backUpBeforeUpgrade, noteVersion } from "./backup.ts";
import { takeFileLock } from "./file-lock.ts";
import { makePlaces, makeSocketPath } from "./folders.ts";
import { openBoundedLog } from "./log-file.ts";

const temporary = mkdtempSync(join(tmpdir(), "labelgate-embedded-"));
after(() => rmSync(temporary, { recursive: true, force: true }));
const fresh = (): string => mkdtempSync(join(temporary, "d"));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("folders", () => {
  test("all are for this user alone, also where they were open before", () => {
    const places = makePlaces(fresh());
    for (const folder of [places.root, places.data, places.home, places.work, places.backups]) {
      assert.equal(modeOf(folder), 0o700);
    }
    assert.deepEqual(readdirSync(places.work), []);
  });

  test("the socket's folder is for this user alone, and its path fits the kernel's 103 bytes", () => {
    const near = makeSocketPath("/tmp/short".replace("/tmp/short", fresh()), temporary);
    assert.equal(modeOf(dirname(near)), 0o700);
    const far = makeSocketPath(join(fresh(), "é".repeat(60)), temporary);
    assert.ok(Buffer.byteLength(far) <= 103);
    assert.equal(modeOf(dirname(far)), 0o700);
    assert.notEqual(far, makeSocketPath(join(fresh(), "é".repeat(60)), temporary));
  });

  test("a long temporary folder does not make the path long", () => {
    const path = makeSocketPath(join(fresh(), "x".repeat(90)), `/tmp/${"y".repeat(100)}`);
    assert.ok(Buffer.byteLength(path) <= 103);
    rmSync(dirname(path), { recursive: true });
  });
});

describe("the lock", () => {
  test("one holds it, and the next gets it when it is released", () => {
    const path = join(fresh(), "lock");
    const first = takeFileLock(path);
    assert.ok(first);
    assert.equal(takeFileLock(path), null);
    first.release();
    const second = takeFileLock(path);
    assert.ok(second);
    second.release();
  });

  test("it keeps other processes out, and ends with a process that is killed", async () => {
    const path = join(fresh(), "lock");
    const module = new URL("./file-lock.ts", import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then(({ takeFileLock }) => { takeFileLock(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1e6); })`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    assert.equal(takeFileLock(path), null);
    child.kill("SIGKILL");
    await once(child, "close");
    const lock = takeFileLock(path);
    assert.ok(lock);
    lock.release();
  });
});

describe("the log", () => {
  test("it never grows beyond its bound, keeps one before, and is for this user alone", () => {
    const path = join(fresh(), "log");
    const log = openBoundedLog(path, 100);
    for (let line = 0; line < 50; line += 1) log.write(`line ${line}\n`);
    log.close();
    assert.ok(statSync(path).size <= 100);
    assert.ok(statSync(`${path}.1`).size <= 100);
    assert.match(readFileSync(path, "utf8"), /line 49\n$/);
    assert.equal(modeOf(path), 0o600);
    assert.deepEqual(log.tail().slice(-2), ["line 48", "line 49"]);
  });
});

describe("the backup before an upgrade", () => {
  const withDatabase = () => {
    const places = makePlaces(fresh());
    const database = new DatabaseSync(places.database);
    database.exec("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (42)");
    return { places, database };
  };

  test("another version's start copies the database, with what stands in its write-ahead log", () => {
    const { places, database } = withDatabase();
    noteVersion(places, "1.22.0");
    const path = backUpBeforeUpgrade(places, "1.23.2", Date.UTC(2026, 0, 2));
    database.close();
    assert.ok(path);
    assert.equal(modeOf(path), 0o600);
    assert.match(path, /label_studio-1\.22\.0-2026-01-02T00-00-00-000Z\.sqlite3$/);
    const copy = new DatabaseSync(path);
    assert.deepEqual({ ...copy.prepare("SELECT x FROM t").get() }, { x: 42 });
    copy.close();
    noteVersion(places, "1.23.2");
    assert.equal(backUpBeforeUpgrade(places, "1.23.2", 0), null);
  });

  test("a database of an unknown version is copied, and a new one needs no copy", () => {
    const { places, database } = withDatabase();
    database.close();
    assert.match(backUpBeforeUpgrade(places, "1.23.2", 0) ?? "", /label_studio-unknown-/);
    const empty = makePlaces(fresh());
    assert.equal(backUpBeforeUpgrade(empty, "1.23.2", 0), null);
    assert.equal(existsSync(empty.database), false);
  });

  test("a version file that somebody wrote does not choose the copy's path", () => {
    const { places, database } = withDatabase();
    database.close();
    noteVersion(places, "../../../etc/x");
    assert.equal(dirname(backUpBeforeUpgrade(places, "1.23.2", 0) ?? ""), places.backups);
  });
});
