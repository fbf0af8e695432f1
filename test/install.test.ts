/** What scripts/install.mjs installs, and what it leaves alone; in folders of their own, without npm. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../scripts/install.mjs", import.meta.url));
const lock = '{ "lockfileVersion": 3, "packages": {} }';

describe("scripts/install.mjs", () => {
  const folder = mkdtempSync(join(tmpdir(), "labelgate-install-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A checkout with a program in place of npm, which tells what it was asked. */
  function checkout(name: string): string {
    const root = join(folder, name);
    mkdirSync(join(root, "scripts"), { recursive: true });
    copyFileSync(script, join(root, "scripts", "install.mjs"));
    writeFileSync(join(root, "package-lock.json"), lock);
    writeFileSync(join(root, "npm.cjs"), "console.log(process.argv.slice(2, 3).join());");
    return root;
  }

  function install(root: string) {
    return spawnSync(process.execPath, [join(root, "scripts", "install.mjs")], {
      encoding: "utf8",
      env: { ...process.env, npm_execpath: join(root, "npm.cjs") },
    });
  }

  test("asks npm for the packages of the lock file, once", () => {
    const root = checkout("fresh");
    mkdirSync(join(root, "node_modules"));
    const { status, stderr, stdout } = install(root);
    assert.deepEqual([status, stdout, stderr], [0, "ci\n", "Installing dependencies (once)…\n"]);
    const again = install(root);
    assert.deepEqual([again.status, again.stdout, again.stderr], [0, "", ""]);
  });

  test("empties no folder of another checkout's packages", () => {
    const root = checkout("linked");
    const others = join(folder, "others");
    mkdirSync(join(others, "kysely"), { recursive: true });
    symlinkSync(others, join(root, "node_modules"));
    const { status, stdout, stderr } = install(root);
    assert.deepEqual([status, stdout], [0, ""]);
    assert.match(stderr, /^node_modules is a link to packages of another lock file\./);
    assert.deepEqual(readdirSync(others), ["kysely"]);
  });

  test("says nothing of a link to the very packages of the lock file", () => {
    const root = checkout("same");
    const others = join(folder, "same-packages");
    mkdirSync(others);
    const stamp = createHash("sha256").update(lock).digest("hex");
    writeFileSync(join(others, ".labelgate-installed"), stamp);
    symlinkSync(others, join(root, "node_modules"));
    const { status, stderr } = install(root);
    assert.deepEqual([status, stderr], [0, ""]);
  });
});
