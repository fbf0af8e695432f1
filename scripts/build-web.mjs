/**
 * Builds the administrators' app into dist/web where its sources have changed since the last time,
 * which a stamp by hash tells. Runs on any Node from 18, before `start`, `demo` and `test`; the build
 * itself runs on the Node among the dependencies.
 *
 * Every file is left beside its Brotli and gzip form. The folder is swapped in whole, so that a server
 * never finds half a build, whoever else builds at the same time.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "dist", "web");
const stamp = join(target, ".sources");

/** Everything that the build reads; the app shares a few files with the server. */
const sources = [
  "package-lock.json",
  "scripts/build-web.mjs",
  "src/settings/schema.ts",
  ...filesUnder("src/access").filter((path) => !path.endsWith(".test.ts")),
  ...filesUnder("web"),
];

const wanted = hashOf(sources);
if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) process.exit(0);

process.stderr.write("Building the administrators' app (its sources have changed)…\n");
const fresh = join(root, "dist", `web-${process.pid}`);
build(fresh);
for (const name of readdirSync(fresh)) compress(join(fresh, name));
writeFileSync(join(fresh, ".sources"), wanted);
swapIn(fresh);

function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths)
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)));
  return hash.digest("hex");
}

function build(folder) {
  const executable = process.platform === "win32" ? "node.exe" : "bin/node";
  const pinned = join(root, "node_modules", "node", executable);
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const config = join(root, "web", "vite.config.ts");
  const asked = ["build", "--config", config, "--outDir", folder, "--emptyOutDir"];
  const { status } = spawnSync(
    existsSync(pinned) ? pinned : process.execPath,
    [vite, ...asked, "--logLevel", "warn"],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
  );
  if (status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  process.stderr.write("Building the administrators' app failed. The lines above say why.\n");
  process.exit(1);
}

function compress(path) {
  if (!/\.(?:js|css|svg|json)$/.test(path)) return;
  const content = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

function swapIn(folder) {
  const old = `${folder}-old`;
  mkdirSync(dirname(target), { recursive: true });
  // Somebody else may swap at the same moment; then their build stands, which is of the same sources.
  try {
    if (existsSync(target)) renameSync(target, old);
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(join(target, "manifest.json"))) throw error;
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
}
