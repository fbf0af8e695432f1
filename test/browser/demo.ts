/** The demo as a person starts it: a process of its own, ready when it prints its address. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunningDemo {
  /** The Login URL that the demo prints. */
  readonly loginUrl: string;
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts `demo/main.ts` on a port from 18080 up. */
export async function startDemo(): Promise<RunningDemo> {
  const child = spawn(process.execPath, ["demo/main.ts"], {
    env: { ...process.env, PORT: "18080" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const loginUrl = /^\s+(http:\S+\/saml\/\S+\/login)\s*$/.exec(line)?.[1];
    if (loginUrl === undefined) continue;
    child.stdout.resume();
    return { loginUrl, origin: new URL(loginUrl).origin, stop };
  }
  throw new Error("the demo ended without printing an address");
}
