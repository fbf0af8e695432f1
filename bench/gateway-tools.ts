/**
 * The programs that bench:gateway compares with and npm does not bring: nginx from Debian's packages and
 * oauth2-proxy from Go's module proxy, each fetched once into `.cache/` of the repository and pinned where
 * its source can pin. Where one cannot be had, the reason comes back in place of the path.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A program, or why it is not there. */
export type Tool = { readonly path: string } | { readonly missing: string };

export const oauth2ProxyVersion = "7.15.6";

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));
const run = promisify(execFile);

/** nginx that is installed, else unpacked from Debian's package, which needs no rights. */
export async function findNginx(): Promise<Tool> {
  const installed = firstExisting(["/usr/sbin/nginx", "/usr/local/sbin/nginx"]);
  if (installed !== null) return { path: installed };
  const folder = join(cache, "nginx");
  const unpacked = join(folder, "usr/sbin/nginx");
  return await fetched(unpacked, async () => {
    await mkdir(folder, { recursive: true });
    await run("apt-get", ["download", "nginx"], { cwd: folder });
    const deb = (await readdir(folder)).find((name) => name.endsWith(".deb")) ?? "";
    await run("dpkg", ["-x", join(folder, deb), folder]);
  });
}

/** oauth2-proxy, built by Go. */
export async function findOauth2Proxy(): Promise<Tool> {
  const folder = join(cache, `oauth2-proxy-${oauth2ProxyVersion}`);
  return await fetched(join(folder, "oauth2-proxy"), async () => {
    const go = firstExisting(["/usr/local/go/bin/go", "/usr/bin/go", join(homedir(), "go/bin/go")]);
    const source = `github.com/oauth2-proxy/oauth2-proxy/v7@v${oauth2ProxyVersion}`;
    console.log("building oauth2-proxy, which takes some minutes once…");
    await run(go ?? "go", ["install", source], { env: { ...process.env, GOBIN: folder } });
  });
}

async function fetched(path: string, fetch: () => Promise<void>): Promise<Tool> {
  if (existsSync(path)) return { path };
  try {
    await fetch();
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split("\n")[0] ?? "") : "" };
  }
  return existsSync(path) ? { path } : { missing: `${path} was not made` };
}

function firstExisting(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}
