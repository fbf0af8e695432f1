/**
 * Python programs for the runs against real clients: a virtual environment with exactly the packages
 * named, made once per machine and kept between runs, since the network is the slow part.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";

/**
 * Installs `packages` and returns the folder of their programs. Each is name==version, or the text of a
 * requirements file; where one of them has hashes, pip takes nothing that has none.
 */
export async function installPython(packages: readonly string[]): Promise<string> {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const parent = join(tmpdir(), "labelgate-python");
  const folder = join(parent, name);
  const bin = join(folder, "bin");
  // Written last, so that an installation that broke off is made again.
  const done = join(folder, "installed");
  if (existsSync(done)) return bin;
  await mkdir(parent, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  const list = join(folder, "requirements.txt");
  await writeFile(list, packages.join("\n"));
  const options = ["--quiet", "--disable-pip-version-check", "--requirement", list];
  await run(join(bin, "pip"), ["install", ...options]);
  await writeFile(done, packages.join("\n"));
  return bin;
}
