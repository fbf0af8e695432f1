/**
 * `npm run lock:label-studio`: makes what embedded Label Studio is installed from, after a change of the
 * versions in src/cli/embedded/*.in: lock files with the hash of every file, for Python 3.10 to 3.13 on Linux
 * and macOS, and the schema that its migrations make, so that a first start need not run them. Needs uv.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { embeddedEnvironment } from "../src/cli/embedded/environment.ts";
import { makePlaces } from "../src/cli/embedded/folders.ts";
import { installedVersion, pythonOf } from "../src/cli/embedded/install.ts";

const folder = "src/cli/embedded";

const uv = (...args: string[]): void => {
  execFileSync("uv", args, { stdio: ["ignore", "ignore", "inherit"] });
};

const dumpSchema = `
import sqlite3, sys
print("-- label-studio " + sys.argv[2])
for line in sqlite3.connect(sys.argv[1]).iterdump():
    print(line)
`;

for (const name of ["requirements", "build", "uv"]) {
  const lock = join(folder, `${name}.lock`);
  rmSync(lock, { force: true });
  uv(
    ...["pip", "compile", "--quiet", "--generate-hashes", "--universal", "--no-annotate"],
    ...["--python-version", "3.10", "--custom-compile-command", "npm run lock:label-studio"],
    ...["--output-file", lock, join(folder, `${name}.in`)],
  );
}

const temporary = mkdtempSync(join(tmpdir(), "labelgate-lock-"));
try {
  const venv = join(temporary, "venv");
  uv("venv", "--quiet", "--python", "3.11", venv);
  uv(
    ...["pip", "install", "--quiet", "--python", pythonOf(venv), "--require-hashes"],
    ...["--requirement", join(folder, "requirements.lock")],
  );
  const places = makePlaces(temporary);
  const asked = { lock: places.dataLockFile, database: places.database };
  const secrets = {
    secretKey: "a key that signs nothing, for the making of a schema",
    maxUploadBytes: 1,
  };
  // Its standard input stays open, since run.py ends with it.
  const child = spawn(pythonOf(venv), ["-I", resolve(folder, "run.py"), JSON.stringify(asked)], {
    cwd: places.work,
    env: embeddedEnvironment(places, secrets),
    stdio: ["pipe", "ignore", "inherit", "ignore"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error("the migrations failed; the lines above say why");
  const version = installedVersion(venv) ?? "";
  const schema = execFileSync(pythonOf(venv), ["-c", dumpSchema, places.database, version], {
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(join(folder, "schema.sql"), schema);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
console.log(`Locked: ${readFileSync(join(folder, "requirements.in"), "utf8").trim()}`);
