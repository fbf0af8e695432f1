/**
 * Runs the test suite in its lanes (test/lanes.ts): `npm test` all but `real`, `npm test -- flows` one
 * of them (as `npm run test:flows` does), `npm test -- <path>…` the files named. What a lane needs is
 * started once for the run: one PostgreSQL with a migrated database to copy, one browser. The
 * administrators' app is built first, where its sources changed.
 *
 * One process more than the machine has processors run groups of files, since each waits now and then;
 * each file is a suite of its own in them, and one that cannot be loaded fails as a test does. Real
 * products run one after the other.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { serveBrowser } from "../test/browser/browser.ts";
import { makeTemplate, quickFolder } from "../test/databases.ts";
import { groupsOf, type Lane, lanes, type TestFile, testFiles } from "../test/lanes.ts";
import { startPostgres } from "../test/postgres.ts";

/** Far beyond what a process takes: they end what hangs, and are no limits that a test comes near. */
const hangsMs = 600_000;
const realHangsMs = 1_200_000;

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith("-"));
const files = chosen(given.filter((argument) => !argument.startsWith("-")));
const needed: ReadonlySet<Lane> = new Set(files.map(({ lane }) => lane));

const folder = mkdtempSync(join(tmpdir(), "labelgate-test-"));
const data = mkdtempSync(join(quickFolder(), "labelgate-data-"));
// PostgreSQL may run as somebody else.
chmodSync(data, 0o755);
const environment: Record<string, string> = {
  NODE_ENV: "test",
  LABELGATE_TEST_FOLDER: data,
  NODE_COMPILE_CACHE: resolve(".cache", "compiled"),
};
const stops: (() => Promise<void>)[] = [];

try {
  if (needed.has("flows") || needed.has("browser") || needed.has("real")) {
    const { status } = spawnSync(process.execPath, ["scripts/build-web.mjs"], { stdio: "inherit" });
    if (status !== 0) throw new Error("the administrators' app could not be built");
  }
  if (needed.has("flows") || needed.has("browser")) {
    const postgres = await startPostgres(data);
    stops.push(postgres.stop);
    environment["LABELGATE_TEST_POSTGRES_URL"] = postgres.url;
    environment["LABELGATE_TEST_POSTGRES_TEMPLATE"] = await makeTemplate(postgres.url);
  }
  if (needed.has("browser") || needed.has("real")) {
    const browser = await serveBrowser();
    stops.push(browser.stop);
    environment["LABELGATE_TEST_BROWSER"] = browser.url;
  }
  process.exitCode = await run(groupsOf(files).map(entryOf));
} finally {
  for (const stop of stops) await stop();
  for (const path of [folder, data]) rmSync(path, { recursive: true, force: true });
}

/** The files of the lanes or paths named; of every lane but `real` where nothing is named. */
function chosen(named: readonly string[]): readonly TestFile[] {
  const isLane = (name: string): name is Lane => lanes.some((lane) => lane === name);
  const wanted = new Set(named.length === 0 ? ["pure", "flows", "browser"] : named.filter(isLane));
  const paths = named.filter((name) => !isLane(name));
  const found = [
    ...testFiles().filter(({ lane }) => wanted.has(lane)),
    ...(paths.length === 0 ? [] : testFiles(paths)),
  ];
  if (found.length === 0) throw new Error(`no test file matches ${named.join(" ")}`);
  return found;
}

/** A module that runs these files one after the other. */
function entryOf(paths: readonly string[], index: number): string {
  const loads = paths.map((path) => {
    const url = pathToFileURL(resolve(path)).href;
    return `describe(${JSON.stringify(path)}, async () => {
  try {
    await import(${JSON.stringify(url)});
  } catch (error) {
    test("can be loaded", () => { throw error; });
  }
});`;
  });
  const entry = join(folder, `${String(index).padStart(3, "0")}.test.mjs`);
  writeFileSync(entry, `import { describe, test } from "node:test";\n${loads.join("\n")}\n`);
  return entry;
}

async function run(entries: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      "--test",
      `--test-concurrency=${needed.has("real") ? 1 : availableParallelism() + 1}`,
      `--test-timeout=${needed.has("real") ? realHangsMs : hangsMs}`,
      ...options,
      ...entries,
    ],
    { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...environment } },
  );
  const stopChild = (): void => {
    child.kill("SIGTERM");
  };
  process.once("SIGINT", stopChild);
  process.once("SIGTERM", stopChild);
  return await new Promise((done) => child.once("close", (code) => done(code ?? 1)));
}
