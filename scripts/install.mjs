/**
 * Installs the dependencies that package-lock.json pins, where they are not installed already.
 * Runs on any Node from 18 (a fresh machine has no other), before `start`, `demo` and `test`:
 * the npm package `node` among the dependencies then brings the Node that Labelgate runs on.
 *
 * A node_modules that is a link belongs to another checkout, and `npm ci` would empty it under whoever
 * works there: it is left as it is.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".labelgate-installed");
const lock = readFileSync(join(root, "package-lock.json"));
const wanted = createHash("sha256").update(lock).digest("hex");

if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) process.exit(0);

if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
  process.stderr.write(
    "node_modules is a link to packages of another lock file. They are used as they are; install them where they belong, if something is missing.\n",
  );
  process.exit(0);
}

process.stderr.write("Installing dependencies (once)…\n");
const npm = process.env.npm_execpath;
const [command, first] = npm ? [process.execPath, [npm]] : ["npm", []];
const result = spawnSync(command, [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
});
if (result.status !== 0) {
  process.stderr.write(
    "Installing the dependencies failed. The lines above say why; mend that and run the command again.\n",
  );
  process.exit(1);
}
writeFileSync(stamp, wanted);
