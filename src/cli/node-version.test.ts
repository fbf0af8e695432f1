import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { neededNode, nodeProblem } from "./node-version.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Runs a command of Labelgate's that takes Node for another version. */
function runOn(version: string, command: string) {
  const told = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  const preload = `data:text/javascript,${encodeURIComponent(told)}`;
  return spawnSync(process.execPath, ["--import", preload, main, command], { encoding: "utf8" });
}

describe("the version of Node", () => {
  test("is enough from the needed one on", () => {
    assert.equal(nodeProblem(`${neededNode}.0.0`), null);
    assert.equal(nodeProblem(`${neededNode + 74}.1.0`), null);
    assert.match(nodeProblem(`${neededNode - 1}.99.9`) ?? "", /needs Node 26 or later/);
    assert.match(nodeProblem("9.0.0") ?? "", /this is Node 9\.0\.0\./);
  });

  test("is told in a sentence where it is too old, before a command does anything", () => {
    const { status, stdout, stderr } = runOn("20.20.2", "check");
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.equal(stderr, `${nodeProblem("20.20.2")}\n`);
  });

  test("does not matter to whoever asks for help", () => {
    const { status, stdout } = runOn("20.20.2", "--help");
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: labelgate <command>/);
  });
});
