/**
 * What every test file keeps to: each test asserts something, none is skipped, and none depends on how
 * fast the machine is. Reads the files as text, whose layout the formatter holds.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { groupsOf, lanes, testFiles } from "./lanes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const byName = (a: string, b: string): number => a.localeCompare(b);

/** A named piece of a file: a function or a test, with the text of it. */
interface Piece {
  readonly name: string;
  readonly text: string;
}

const testRe = /^(\s*)(?:test|it)\((.*)$/;
const functionRe = /^(\s*)(?:export )?(?:(?:async )?function (\w+)|const (\w+) = )/;

/** The pieces that begin with `pattern`, each as far as the line that closes at its indentation. */
function piecesOf(text: string, pattern: RegExp): readonly Piece[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const [match, indent = "", first, second] = pattern.exec(line) ?? [];
    if (match === undefined) return [];
    const closing = new RegExp(`^${indent}[)}\\]]`);
    const isWhole = line.endsWith(";");
    const end = isWhole ? at : lines.findIndex((each, n) => n > at && closing.test(each));
    return [{ name: first ?? second ?? "", text: lines.slice(at, end + 1).join("\n") }];
  });
}

const importRe = /import (?:type )?\{([^}]*)\} from "(\.[^"]+\.ts)"/g;

/** The functions that a file may call to assert something: its own, and those that it imports. */
function assertingNames(path: string, seen: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const text = read(path);
  const names = new Set<string>();
  for (const [, list = "", target = ""] of text.matchAll(importRe)) {
    const other = relative(root, join(root, dirname(path), target));
    if (!/^test\//.test(other) || seen.has(other) || !existsSync(join(root, other))) continue;
    const theirs = assertingNames(other, new Set([...seen, path]));
    for (const name of list.split(",").map((each) => each.trim())) {
      if (theirs.has(name)) names.add(name);
    }
  }
  const functions = piecesOf(text, functionRe);
  for (let before = -1; before < names.size; ) {
    before = names.size;
    for (const each of functions) if (asserts(each.text, names)) names.add(each.name);
  }
  return names;
}

/** Says that something holds: by node:assert, by waiting in a browser for what must come, or by a helper. */
function asserts(text: string, names: ReadonlySet<string>): boolean {
  if (/\b(?:assert|expect)(?:\b|[A-Z])|\.waitFor(?:URL)?\(/.test(text)) return true;
  return [...text.matchAll(/\b(\w+)(?:<[^>(]*>)?\(/g)].some(([, name = ""]) => names.has(name));
}

describe("every test file", () => {
  const files = testFiles().map(({ path }) => path);
  const helpers = globSync("test/**/*.ts", { cwd: root }).map((path) => path.replaceAll("\\", "/"));

  test("has tests that assert something", () => {
    assert.ok(files.length > 200);
    const idle = files.flatMap((path) => {
      const names = assertingNames(path);
      return piecesOf(read(path), testRe)
        .filter(({ text }) => !asserts(text, names))
        .map(({ name }) => `${path}: ${name}`);
    });
    assert.deepEqual(idle, []);
  });

  test("such a test is seen", () => {
    const text = [
      'test("idle", async () => {',
      "  await work();",
      "});",
      'test("busy", () => assert.ok(true));',
      'test("by a helper", () => {',
      "  check(1);",
      "});",
    ].join("\n");
    const found = piecesOf(text, testRe).filter((each) => !asserts(each.text, new Set(["check"])));
    assert.deepEqual(
      found.map(({ name }) => name),
      ['"idle", async () => {'],
    );
  });

  test("skips nothing and leaves nothing for later", () => {
    const skipped = /\b(?:test|it|describe|suite)\.(?:skip|todo|only)\b|\{ (?:skip|todo|only)[:,]/;
    assert.deepEqual(
      files.filter((path) => path !== "test/tests.test.ts" && skipped.test(read(path))),
      [],
    );
  });

  test("measures by test/cost.ts, beside other work, and never by the clock", () => {
    const clock = /\bperformance\.now\b|\bhrtime\b|\bcpuUsage\b|\bassert\.ok\([^;]*\bDate\.now\(\)/;
    const own = ["test/cost.ts", "test/tests.test.ts"];
    const found = [...new Set([...files, ...helpers])].filter(
      (path) => !own.includes(path) && clock.test(read(path)),
    );
    assert.deepEqual(found, []);
  });

  test("belongs to a lane, which `npm run` runs by itself", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    for (const lane of lanes)
      assert.match(scripts[`test:${lane}`] ?? "", new RegExp(`-- ${lane}$`));
    for (const lane of lanes) assert.ok(testFiles().some((file) => file.lane === lane));
  });

  test("runs once, in one process", () => {
    assert.deepEqual(groupsOf(testFiles()).flat().toSorted(byName), files.toSorted(byName));
  });
});
