/**
 * The lanes of the test suite, and which process runs which file.
 *
 * A lane follows from what a test file reaches by its imports, so that no list has to be kept: a
 * browser, a database, or neither. What runs the lanes, scripts/test.ts says.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What a test needs: nothing, both databases, a browser, or a product besides Labelgate. */
export type Lane = "pure" | "flows" | "browser" | "real";

/** Every lane, the quickest first. */
export const lanes: readonly Lane[] = ["pure", "flows", "browser", "real"];

/** A test file and where it belongs. */
export interface TestFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly lane: Lane;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The test files, sorted by path; `patterns` are globs of their paths. */
export function testFiles(
  patterns: readonly string[] = ["{src,test}/**/*.test.ts"],
): readonly TestFile[] {
  const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  const paths = [...new Set(found.map((path) => relative(root, join(root, path))))];
  return paths
    .toSorted((a, b) => a.localeCompare(b))
    .map((path) => {
      const posix = path.replaceAll("\\", "/");
      return { path: posix, lane: laneOf(posix) };
    });
}

function laneOf(path: string): Lane {
  if (path.startsWith("test/real/")) return "real";
  const reached = reachedFrom(path);
  if (reached.has("test/browser/browser.ts")) return "browser";
  return reached.has("test/engines.ts") ? "flows" : "pure";
}

/** The modules of test/ that a file reaches by its imports, itself included. */
function reachedFrom(path: string): ReadonlySet<string> {
  const reached = new Set([path]);
  for (const each of reached) {
    for (const target of importsOf(each)) if (target.startsWith("test/")) reached.add(target);
  }
  return reached;
}

const importRe = /\bfrom\s+"(\.[^"]+\.ts)"/g;

function importsOf(path: string): readonly string[] {
  const file = join(root, path);
  if (!existsSync(file)) return [];
  return [...readFileSync(file, "utf8").matchAll(importRe)].map(([, target = ""]) =>
    relative(root, join(dirname(file), target)).replaceAll("\\", "/"),
  );
}

/**
 * Deals the files of a lane out to processes. Starting one and loading the application costs more than
 * most files' tests, so a process runs many; there are several for each processor, so that none waits
 * long for the last. A file of the browser lane waits for its own server, and has a process of its own;
 * they come first, since what is left at the end should be short.
 */
export function groupsOf(files: readonly TestFile[]): readonly (readonly string[])[] {
  return lanes.toReversed().flatMap((lane) => {
    const own = files.filter((file) => file.lane === lane).map(({ path }) => path);
    return dealt(own, processes[lane]);
  });
}

const processes: Readonly<Record<Lane, number>> = {
  pure: 4,
  flows: 12,
  browser: Number.POSITIVE_INFINITY,
  real: Number.POSITIVE_INFINITY,
};

/** The longest files first, each to the group that has least so far. */
function dealt(paths: readonly string[], most: number): readonly (readonly string[])[] {
  const sized = paths.map((path) => ({ path, size: statSync(join(root, path)).size }));
  const groups = Array.from({ length: Math.min(most, paths.length) }, () => ({
    paths: [] as string[],
    size: 0,
  }));
  for (const { path, size } of sized.sort((a, b) => b.size - a.size)) {
    const [least] = groups.toSorted((a, b) => a.size - b.size);
    least?.paths.push(path);
    if (least) least.size += size;
  }
  return groups.map((group) => group.paths);
}
