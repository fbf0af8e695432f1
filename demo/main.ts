/**
 * `npm run demo`: Labelgate on SQLite with an organization, group mappings and a Label Studio behind it,
 * and an identity provider beside it where one picks whom to be. Everything is made anew at each start,
 * in data/demo-<port>; Label Studio itself is installed once. Nothing of it is for production. Never
 * imported by src.
 *
 * LABELGATE_DEMO_LABEL_STUDIO=0 leaves Label Studio out: nothing is installed then.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { createEmbedded, type Embedded } from "../src/cli/embedded/embedded.ts";
import { startJobs } from "../src/cli/jobs.ts";
import { startStudio } from "../src/cli/studio.ts";
import { type Config, parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createApp } from "../src/http/app.ts";
import { createMetrics } from "../src/http/metrics.ts";
import { ensureFirstOwner } from "../src/people/first-owner.ts";
import { randomToken } from "../src/random.ts";
import { serviceProviderUrls } from "../src/saml/urls.ts";
import { fetchMetadata } from "../src/settings/fetch-metadata.ts";
import { loadSamlByOrganization } from "../src/store/saml-settings.ts";
import { migrate, openStore } from "../src/store/store.ts";
import { type DemoIdentityProvider, startIdentityProvider } from "./identity-provider.ts";
import { demoDomain, demoSettings } from "./people.ts";
import { seedOrganization } from "./seed.ts";
import { describeStudio, fillWhenReady } from "./studio.ts";

const defaultPort = 8080;
const ownerEmail = `owner@${demoDomain}`;
/** Kept over starts: the installation is the slow part. */
const studioVenv = join("data", "label-studio-1.23.2");

/** Variables of the server (PRODUCT 5, GATEWAY 10.1) that one may set for the demo as well. */
const passedOn = [
  "SAML_ALLOW_UNSOLICITED",
  "MANUAL_ROLE_MANAGEMENT",
  "MANUAL_WORKSPACE_MANAGEMENT",
  "MANUAL_PROJECT_MEMBER_MANAGEMENT",
  "UPSTREAM_WHEELS",
  "LABEL_STUDIO_PATH",
  "ANNOTATORS_SEE_OTHERS",
  "REVIEWERS_MAY_EXPORT",
] as const;

/** Starts both servers and tells where to go; Label Studio follows. */
async function startDemo(): Promise<void> {
  const port = await freePort(Number(process.env["PORT"] ?? defaultPort));
  const ownerPassword = randomBytes(9).toString("base64url");
  const config = demoConfig(port, ownerPassword);
  const deps = await openDemo(config);
  const { organizationId, projectIds, apiToken } = await seedOrganization(deps, ownerEmail, {
    withProjects: config.upstreamUrl === "",
  });
  const embedded = embeddedOf(deps);
  const running = await startStudio(deps, embedded === null ? {} : { embedded });
  const metrics = createMetrics({ withProcess: false });
  const wiring = { fetchMetadata: (url: string) => fetchMetadata(config, url), metrics };
  const app = await createApp(deps, {
    ...wiring,
    ...(running !== null && { studio: running.studio }),
  });

  const record = await loadSamlByOrganization(deps.store.db, organizationId);
  const { acs, login } = serviceProviderUrls(config.baseUrl, record.token);
  const idp = await startIdentityProvider({ port: await freePort(port + 1), acsUrl: () => acs });
  const save = settingsSaver(app, apiToken, idp.metadataUrl);
  await save(projectIds[0] ?? null);
  await app.listen({ port, host: "127.0.0.1" });
  const stopJobs = startJobs(deps, { ...wiring, step: running?.step ?? null });
  stopOnSignal([
    async () => await Promise.all([app.close(), idp.close(), stopJobs()]),
    async () => await running?.stop(),
    async () => await embedded?.stop(),
    () => deps.store.close(),
  ]);
  tell({ login, baseUrl: config.baseUrl, idp, ownerPassword, apiToken });
  if (embedded !== null) {
    describeStudio(embedded.state);
    embedded.start();
    await fillWhenReady(embedded.state, { baseUrl: config.baseUrl, apiToken, login, save });
  }
}

function demoConfig(port: number, ownerPassword: string): Config {
  const dataDir = join("data", `demo-${port}`);
  rmSync(dataDir, { recursive: true, force: true });
  const isWithStudio = process.env["LABELGATE_DEMO_LABEL_STUDIO"] !== "0";
  return parseConfig({
    ...Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
    BASE_URL: `http://localhost:${port}`,
    PORT: String(port),
    DATA_DIR: dataDir,
    SECRET_KEY: randomBytes(32).toString("hex"),
    LABELGATE_OWNER_EMAIL: ownerEmail,
    LABELGATE_OWNER_PASSWORD: ownerPassword,
    UPSTREAM_URL: isWithStudio ? "embedded" : undefined,
  });
}

async function openDemo(config: Config): Promise<Deps> {
  const { databaseUrl, dataDir } = config;
  const store = await openStore({ databaseUrl, dataDir });
  await migrate(store);
  const log = pino({ level: process.env["LOG_LEVEL"] ?? "error" });
  const deps: Deps = { config, store, now: Date.now, randomToken, log };
  await ensureFirstOwner(deps);
  return deps;
}

function embeddedOf({ config, log, now }: Deps): Embedded | null {
  if (config.upstreamUrl !== "embedded") return null;
  return createEmbedded({ config, environment: process.env, log, now, venv: studioVenv });
}

/** Saves the demo's settings by the API; again once the mapped project is there. */
function settingsSaver(app: FastifyInstance, apiToken: string, metadataUrl: string) {
  return async (chestXRay: number | null): Promise<void> => {
    const saved = await app.inject({
      method: "POST",
      url: "/api/saml/settings",
      headers: { authorization: `Token ${apiToken}` },
      payload: demoSettings(metadataUrl, chestXRay),
    });
    if (saved.statusCode !== 200) throw new Error(`The settings were refused: ${saved.body}`);
  };
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
