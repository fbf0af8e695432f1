/**
 * Java programs for the runs against real clients: the libraries that a pom.xml names, fetched once per
 * machine and kept between runs, and single source files run with them.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";

/** Fetches what `pom` depends on; returns the class path. Needs mvn and a JDK. */
export async function installJava(pom: string): Promise<string> {
  const name = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex")
    .slice(0, 12);
  const folder = join(tmpdir(), "labelgate-java", name);
  const classPath = join(folder, "*");
  // Written last, so that an installation that broke off is made again.
  const done = join(folder, "installed");
  if (existsSync(done)) return classPath;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${folder}`];
  await run("mvn", ["--quiet", "--batch-mode", "--file", pom, ...goal]);
  await writeFile(done, name);
  return classPath;
}

/** Runs the program in one source file; resolves with what it printed, rejects unless it exits with 0. */
export async function runJava(
  classPath: string,
  source: string,
  args: readonly string[],
): Promise<string> {
  return await run("java", ["-cp", classPath, source, ...args]);
}
