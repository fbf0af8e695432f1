/**
 * Installs Label Studio and gunicorn into a Python environment of their own, from lock files with the
 * hash of every file (GATEWAY 10.1): by uv of the PATH, else by a pinned uv of PyPI, else by pip. Four packages are
 * built from source; what builds them (setuptools) is pinned too, so that nothing unpinned runs.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countPackages, createProgressReader } from "./progress.ts";
import { findPython, pythonMissing, pythonVersions } from "./python.ts";
import { type CommandOptions, runCommand } from "./run-command.ts";

/** Label Studio cannot be installed; the message is a sentence for an administrator. */
export class InstallFailure extends Error {}

/** One installation. */
export interface InstallOptions {
  /** The folder of the Python environment; made anew where it is not complete. */
  readonly venv: string;
  /** A folder of wheels to install from without a network, or "". */
  readonly wheels: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly onPercent: (percent: number) => void;
}

/** Path of a file that ships beside this one. */
export const shipped = (name: string): string =>
  fileURLToPath(new URL(`./${name}`, import.meta.url));

const locks = {
  build: shipped("build.lock"),
  uv: shipped("uv.lock"),
  requirements: shipped("requirements.lock"),
};

/** The Python of an environment. */
export const pythonOf = (venv: string): string => join(venv, "bin", "python");

/** True where `venv` holds exactly what the lock file pins. */
export function isInstalled(venv: string): boolean {
  const stamp = stampOf(venv);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash();
}

/** The version of Label Studio in `venv`, or null where there is none. */
export function installedVersion(venv: string): string | null {
  const lib = join(venv, "lib");
  if (!existsSync(lib)) return null;
  const packages = readdirSync(lib)
    .filter((name) => name.startsWith("python3"))
    .flatMap((name) => readdirSync(join(lib, name, "site-packages")));
  const found = packages.map((name) => /^label_studio-([\w.+]+)\.dist-info$/.exec(name)?.[1]);
  return found.find((version) => version !== undefined) ?? null;
}

/** Installs into `venv`. @throws InstallFailure with a sentence */
export async function install(options: InstallOptions): Promise<void> {
  const { venv } = options;
  rmSync(venv, { recursive: true, force: true });
  const command: CommandOptions = options;
  const isUvThere = (await runCommand("uv", ["--version"], command)).code === 0;
  const installWith = isUvThere ? await byUv(options, "uv") : await byPython(options);
  await installWith(locks.build);
  const progress = createProgressReader(countPackages(readFileSync(locks.requirements, "utf8")));
  await installWith(locks.requirements, (line) => options.onPercent(progress.read(line)));
  writeFileSync(stampOf(venv), lockHash());
}

type InstallLock = (lock: string, onLine?: (line: string) => void) => Promise<void>;

async function byUv(options: InstallOptions, uv: string): Promise<InstallLock> {
  await runOrFail(options, uv, ["venv", "--quiet", "--python", pythonVersions, options.venv]);
  return uvInstaller(options, uv);
}

async function byPython(options: InstallOptions): Promise<InstallLock> {
  const python = await findPython(options);
  if (python === null) throw new InstallFailure(pythonMissing);
  const { venv } = options;
  await runOrFail(options, python, ["-m", "venv", venv]);
  const pip: InstallLock = async (lock, onLine) => {
    const asked = [...pinned(options, lock), "--progress-bar", "off"];
    await runOrFail(options, pythonOf(venv), ["-m", "pip", "install", ...asked], onLine);
  };
  // uv is quicker; where it has no wheel for this machine, pip does all of it.
  try {
    await pip(locks.uv);
  } catch (error) {
    if (error instanceof InstallFailure && !options.signal.aborted) return pip;
    throw error;
  }
  return uvInstaller(options, join(venv, "bin", "uv"));
}

function uvInstaller(options: InstallOptions, uv: string): InstallLock {
  return async (lock, onLine) => {
    const asked = ["--python", pythonOf(options.venv), ...pinned(options, lock)];
    await runOrFail(options, uv, ["pip", "install", ...asked], onLine);
  };
}

/** The arguments that uv and pip share: exactly the files of `lock`, from the index or from a folder. */
export function pinned({ wheels }: Pick<InstallOptions, "wheels">, lock: string): string[] {
  const from = wheels === "" ? [] : ["--no-index", "--find-links", wheels];
  return ["--require-hashes", "--no-deps", "--no-build-isolation", ...from, "--requirement", lock];
}

async function runOrFail(
  options: InstallOptions,
  command: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): Promise<void> {
  const { code, lines } = await runCommand(command, args, {
    ...options,
    onLine: (line) => {
      options.onLine(line);
      onLine?.(line);
    },
  });
  if (code === 0) return;
  const reason = lines
    .filter((line) => line.trim() !== "")
    .slice(-3)
    .join(" ");
  throw new InstallFailure(`Label Studio could not be installed: ${reason.slice(0, 500)}`);
}

const stampOf = (venv: string): string => join(venv, "labelgate-installed");

const lockHash = (): string =>
  createHash("sha256").update(readFileSync(locks.requirements)).digest("hex");
