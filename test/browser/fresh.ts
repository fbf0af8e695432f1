/**
 * A server that nobody has set up yet, as `labelgate serve` starts it for the first time, and the demo's
 * identity provider beside it, which nothing there knows of.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type DemoIdentityProvider, startIdentityProvider } from "../../demo/identity-provider.ts";
import { freePort } from "./free-port.ts";

export interface FreshServer {
  readonly origin: string;
  /** The first-run link that the server printed. */
  readonly setupUrl: string;
  readonly idp: DemoIdentityProvider;
  /** What somebody does at the identity provider with the address that they carried there. */
  registerAcsUrl(url: string): void;
  stop(): Promise<void>;
}

/** Starts both; the database is made for it and goes with it. */
export async function startFresh(): Promise<FreshServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-fresh-"));
  let acsUrl = "";
  const idp = await startIdentityProvider({ port: 0, acsUrl: () => acsUrl });
  const registerAcsUrl = (url: string): void => {
    acsUrl = url;
  };
  const child = spawn(process.execPath, ["src/main.ts", "serve"], {
    env: {
      ...process.env,
      ...{ BASE_URL: origin, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: "" },
      ...{ SECRET_KEY: "a secret key for tests, of sufficient length", LOG_LEVEL: "warn" },
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await Promise.all([exited, idp.close()]);
    rmSync(dataDir, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stderr })) {
    const [setupUrl] = /http:\S+\/setup\?token=\S+/.exec(line) ?? [];
    if (setupUrl === undefined) continue;
    child.stderr.resume();
    await answering(origin);
    return { origin, setupUrl, idp, registerAcsUrl, stop };
  }
  throw new Error("the server ended without printing a set-up link");
}

/** The link is printed just before the server listens. */
async function answering(origin: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      if ((await fetch(`${origin}/ready`)).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server does not answer");
}
