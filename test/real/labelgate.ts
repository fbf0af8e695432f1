/**
 * A Labelgate server as its users start it: a process of its own, configured by environment variables,
 * with a fresh database. The Owner takes an API token on the account page, as the documentation says.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { freePort, runToEnd, type Server, startServer, waitForAnswer } from "./process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const owner = { email: "owner@contoso.com", password: "an owner's long password" } as const;

/** The fields of `GET /api/saml/settings` that the runs read (PRODUCT 6.1). */
export interface SamlSettingsAnswer {
  readonly acs_url: string;
  readonly login_url: string;
  readonly logout_url: string;
  readonly sp_metadata_url: string;
  readonly warnings: readonly unknown[];
}

/** One attempt as `GET /api/saml/sign-ins` tells it. */
export interface SignInRow {
  readonly reference: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly email: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface Labelgate {
  readonly baseUrl: string;
  /** The Owner's personal API token. */
  readonly ownerToken: string;
  /** Saves settings by the API with the Owner's token; rejects, with the answer, unless it is 2xx. */
  saveSettings(settings: Readonly<Record<string, unknown>>): Promise<SamlSettingsAnswer>;
  /** The sign-in log, latest first. */
  signIns(): Promise<readonly SignInRow[]>;
  /** The service provider metadata that an administrator downloads for the identity provider. */
  spMetadata(): Promise<string>;
  /** A project of the organization; making projects by the API is another milestone's. */
  addProject(title: string): number;
  /**
   * Runs another command of Labelgate's on the same data; resolves with its exit code and output.
   * `env` adds to the environment that the server has.
   */
  command(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Stops the server and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** What the server printed since it was last started. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts Labelgate on `http://localhost:<port>`; `env` adds to its environment. */
export async function startLabelgate(
  browser: Browser,
  env: Readonly<Record<string, string>> = {},
): Promise<Labelgate> {
  const port = await freePort();
  const baseUrl = `http://localhost:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-real-"));
  const variables = {
    PORT: String(port),
    BASE_URL: baseUrl,
    DATA_DIR: dataDir,
    LABELGATE_OWNER_EMAIL: owner.email,
    LABELGATE_OWNER_PASSWORD: owner.password,
    ...env,
  };
  const start = (): Server =>
    startServer(process.execPath, ["src/main.ts", "serve"], { cwd: root, env: variables });
  let server = start();
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await waitForAnswer(server, `${baseUrl}/ready`, 60_000);
    const token = await takeApiToken(browser, baseUrl);
    return {
      baseUrl,
      ownerToken: token,
      ...apiOf(baseUrl, token),
      addProject: projectCreator(dataDir),
      command: async (args, more = {}) =>
        await runToEnd(process.execPath, ["src/main.ts", ...args], {
          cwd: root,
          env: { ...variables, ...more },
        }),
      restart: async () => {
        await server.stop();
        server = start();
        await waitForAnswer(server, `${baseUrl}/ready`, 60_000);
      },
      output: () => server.output(),
      stop,
    };
  } catch (error) {
    const output = server.output().slice(-4_000);
    await stop();
    throw new Error(`Labelgate could not be set up; it printed:\n${output}`, { cause: error });
  }
}

/** Signs the Owner in by password and makes a personal API token, all by the pages. */
async function takeApiToken(browser: Browser, baseUrl: string): Promise<string> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${baseUrl}/user/login`);
    await page.fill('input[name="email"]', owner.email);
    await page.fill('input[name="password"]', owner.password);
    await page.press('input[name="password"]', "Enter");
    await page.waitForURL((url) => url.pathname !== "/user/login");
    await page.goto(`${baseUrl}/user/account`);
    await page.getByRole("button", { name: /API token/i }).click();
    const shown = (await page.textContent("code.secret")) ?? "";
    if (!/^[0-9a-f]{40}$/.test(shown)) throw new Error("the account page shows no API token");
    return shown;
  } finally {
    await context.close();
  }
}

function apiOf(
  baseUrl: string,
  token: string,
): Pick<Labelgate, "saveSettings" | "signIns" | "spMetadata"> {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Token ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  const settings = async (): Promise<SamlSettingsAnswer> =>
    (await call("GET", "/api/saml/settings")) as SamlSettingsAnswer;
  return {
    saveSettings: async (changed) =>
      (await call("POST", "/api/saml/settings", changed)) as SamlSettingsAnswer,
    signIns: async () =>
      ((await call("GET", "/api/saml/sign-ins")) as { results: SignInRow[] }).results,
    spMetadata: async () => {
      const { sp_metadata_url: url } = await settings();
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      return await answer.text();
    },
  };
}

function projectCreator(dataDir: string): (title: string) => number {
  return (title) => {
    const database = new DatabaseSync(join(dataDir, "labelgate.db"), { timeout: 5_000 });
    try {
      const made = database
        .prepare(
          "INSERT INTO projects (organization_id, title, created_at) SELECT id, ?, ? FROM organizations LIMIT 1",
        )
        .run(title, Date.now());
      return Number(made.lastInsertRowid);
    } finally {
      database.close();
    }
  };
}
