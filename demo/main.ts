/**
 * `npm run demo`: Labelgate on SQLite with an organization, two projects and group mappings, and an
 * identity provider beside it where one picks whom to be. Everything is made anew at each start, in
 * data/demo-<port>; nothing of it is for production. Never imported by src.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createApp } from "../src/http/app.ts";
import { ensureFirstOwner } from "../src/people/first-owner.ts";
import { randomToken } from "../src/random.ts";
import { serviceProviderUrls } from "../src/saml/urls.ts";
import { fetchMetadata } from "../src/settings/fetch-metadata.ts";
import { loadSamlByOrganization } from "../src/store/saml-settings.ts";
import { migrate, openStore } from "../src/store/store.ts";
import { type DemoIdentityProvider, startIdentityProvider } from "./identity-provider.ts";
import { demoDomain, demoSettings } from "./people.ts";
import { seedOrganization } from "./seed.ts";

const usualPort = 8080;
const ownerEmail = `owner@${demoDomain}`;

/** Starts both servers and tells where to go. */
async function startDemo(): Promise<void> {
  const port = await freePort(Number(process.env["PORT"] ?? usualPort));
  const dataDir = join("data", `demo-${port}`);
  rmSync(dataDir, { recursive: true, force: true });
  const ownerPassword = randomBytes(9).toString("base64url");
  const config = parseConfig({
    BASE_URL: `http://localhost:${port}`,
    PORT: String(port),
    DATA_DIR: dataDir,
    SECRET_KEY: randomBytes(32).toString("hex"),
    LABELGATE_OWNER_EMAIL: ownerEmail,
    LABELGATE_OWNER_PASSWORD: ownerPassword,
    SAML_ALLOW_UNSOLICITED: process.env["SAML_ALLOW_UNSOLICITED"],
    MANUAL_ROLE_MANAGEMENT: process.env["MANUAL_ROLE_MANAGEMENT"],
    MANUAL_WORKSPACE_MANAGEMENT: process.env["MANUAL_WORKSPACE_MANAGEMENT"],
    MANUAL_PROJECT_MEMBER_MANAGEMENT: process.env["MANUAL_PROJECT_MEMBER_MANAGEMENT"],
  });
  const store = await openStore({ databaseUrl: config.databaseUrl, dataDir });
  await migrate(store);
  const deps: Deps = {
    config,
    store,
    now: Date.now,
    randomToken,
    log: pino({ level: process.env["LOG_LEVEL"] ?? "warn" }),
  };
  await ensureFirstOwner(deps);
  const { organizationId, projectIds, apiToken } = await seedOrganization(deps, ownerEmail);
  const app = await createApp(deps, { fetchMetadata: (url) => fetchMetadata(config, url) });

  const record = await loadSamlByOrganization(store.db, organizationId);
  const { acs, login } = serviceProviderUrls(config.baseUrl, record.token);
  const idp = await startIdentityProvider({
    port: await freePort(port + 1),
    acsUrl: () => acs,
  });
  const saved = await app.inject({
    method: "POST",
    url: "/api/saml/settings",
    headers: { authorization: `Token ${apiToken}` },
    payload: demoSettings(idp.metadataUrl, projectIds),
  });
  if (saved.statusCode !== 200) throw new Error(`The settings were refused: ${saved.body}`);
  await app.listen({ port, host: "127.0.0.1" });
  stopOnSignal([() => app.close(), () => idp.close(), () => store.close()]);
  tell({ login, baseUrl: config.baseUrl, idp, ownerPassword, apiToken });
}

function tell(demo: {
  login: string;
  baseUrl: string;
  idp: DemoIdentityProvider;
  ownerPassword: string;
  apiToken: string;
}): void {
  console.log(`
  Labelgate demo is ready. Open this and pick whom to be:

      ${demo.login}

  Other doors
      ${demo.baseUrl}/user/login      sign in as ${ownerEmail} with ${demo.ownerPassword},
                                       or by single sign-on with any address @${demoDomain}
      ${demo.idp.origin}                 the identity provider's own page (IdP-initiated sign-on)

  The settings behind it
      curl -H "Authorization: Token ${demo.apiToken}" ${demo.baseUrl}/api/saml/settings

  Everything here is made anew at each start. Stop with Ctrl-C.
`);
}

function stopOnSignal(steps: readonly (() => Promise<unknown>)[]): void {
  const stop = async (): Promise<void> => {
    for (const step of steps) await step();
    process.exit(0);
  };
  process.once("SIGINT", () => void stop());
  process.once("SIGTERM", () => void stop());
}

/** `wanted`, or the next port that nobody listens on. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 50; port++) {
    if (await isFree(port)) return port;
  }
  throw new Error(`The ports from ${wanted} to ${wanted + 49} are all in use.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

await startDemo();
