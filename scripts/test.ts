/**
 * Runs the test suite: every test file of src/ and test/ but test/real/, against one PostgreSQL that
 * is started for the run, two files at a time. `npm test -- <path>…` runs the files named. The
 * administrators' app is built first, where its sources changed.
 */
import { spawn, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { startPostgres } from "../test/postgres.ts";

const named = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const files =
  named.length > 0
    ? named.flatMap((pattern) => globSync(pattern))
    : globSync(["src/**/*.test.ts", "test/**/*.test.ts"]).filter(
        (file) => !file.startsWith("test/real/"),
      );
if (files.length === 0) throw new Error(`no test file matches ${named.join(" ")}`);

const { status } = spawnSync(process.execPath, ["scripts/build-web.mjs"], { stdio: "inherit" });
if (status !== 0) process.exit(1);

const postgres = await startPostgres();
const child = spawn(
  process.execPath,
  ["--test", "--test-concurrency=2", "--test-timeout=300000", ...options, ...files.sort()],
  {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, LABELGATE_TEST_POSTGRES_URL: postgres.url, NODE_ENV: "test" },
  },
);
const stopChild = (): void => {
  child.kill("SIGTERM");
};
process.once("SIGINT", stopChild);
process.once("SIGTERM", stopChild);
child.once("close", (code) => {
  void postgres.stop().finally(() => {
    process.exitCode = code ?? 1;
  });
});
