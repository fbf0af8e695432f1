/**
 * Java programs for the runs against real clients: the libraries that a pom.xml names, fetched once per
 * machine and kept between runs, and single source files run with them. What is fetched must be what
 * jars.sha256 beside the pom.xml lists, as `sha256sum *.jar` writes it: nothing else, and nothing more.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./process.ts";

/** Fetches what `pom` depends on; returns the class path. Needs mvn and a JDK. */
export async function installJava(pom: string): Promise<string> {
  const listed = await readFile(join(dirname(pom), "jars.sha256"), "utf8");
  const name = sha256(`${await readFile(pom, "utf8")}${listed}`).slice(0, 12);
  const folder = join(tmpdir(), "labelgate-java", name);
  const classPath = join(folder, "*");
  // Written last, so that an installation that broke off is made again.
  const done = join(folder, "installed");
  if (existsSync(done)) return classPath;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
  const goal = [`${plugin}:copy-dependencies`, `-DoutputDirectory=${folder}`];
  await run("mvn", ["--quiet", "--batch-mode", "--file", pom, ...goal]);
  const found = await sumsOf(folder);
  if (found !== listed) throw new Error(`The libraries are not those of jars.sha256:\n${found}`);
  await writeFile(done, name);
  return classPath;
}

/** What is in the folder, as `sha256sum *.jar` writes it. */
async function sumsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort((left, right) => (left < right ? -1 : 1));
  const lines = names.map(
    async (name) => `${sha256(await readFile(join(folder, name)))}  ${name}\n`,
  );
  return (await Promise.all(lines)).join("");
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Runs the program in one source file; resolves with what it printed, rejects unless it exits with 0. */
export async function runJava(
  classPath: string,
  source: string,
  args: readonly string[],
): Promise<string> {
  return await run("java", ["-cp", classPath, source, ...args]);
}
