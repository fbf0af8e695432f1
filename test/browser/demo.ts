/** The demo as a person starts it: a process of its own, ready when it prints its address. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunningDemo {
  /** The Login URL that the demo prints. */
  readonly loginUrl: string;
  readonly origin: string;
  readonly owner: { readonly email: string; readonly password: string };
  /** A token of the Owner's for the API. */
  readonly apiToken: string;
  stop(): Promise<void>;
}

/** Variables of the server (PRODUCT 5), as far as the demo passes them on. */
export type DemoVariables = Readonly<Record<string, string>>;

/** Starts `demo/main.ts` on a port from `port` up; without a Label Studio unless the variables ask for one. */
export async function startDemo(
  port = 18_080,
  variables: DemoVariables = {},
): Promise<RunningDemo> {
  const child = spawn(process.execPath, ["demo/main.ts"], {
    env: {
      ...process.env,
      LABELGATE_DEMO_LABEL_STUDIO: "0",
      ...variables,
      PORT: String(port),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  let printed = "";
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    const told = readPrinted(printed);
    if (told === null) continue;
    child.stdout.resume();
    return { ...told, stop };
  }
  throw new Error("the demo ended without printing an address");
}

/** What the demo printed, once it has printed everything that tests want. */
function readPrinted(text: string): Omit<RunningDemo, "stop"> | null {
  const loginUrl = /^\s+(http:\S+\/saml\/\S+\/login)\s*$/m.exec(text)?.[1];
  const owner = /sign in as (\S+) with (\S+),/.exec(text);
  const apiToken = /Authorization: Token (\w+)/.exec(text)?.[1];
  if (loginUrl === undefined || owner === null || apiToken === undefined) return null;
  const [, email = "", password = ""] = owner;
  return { loginUrl, origin: new URL(loginUrl).origin, owner: { email, password }, apiToken };
}
