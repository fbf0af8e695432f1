/**
 * An organization of a given size behind a running application, and batches of genuine sign-ons into
 * it: what bench/login.ts measures. Responses are signed, and pending logins stored, outside the
 * measured time.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { createSigner } from "../demo/signer.ts";
import { parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createApp } from "../src/http/app.ts";
import { randomToken } from "../src/random.ts";
import { serviceProviderUrls } from "../src/saml/urls.ts";
import { hashBrowserKey } from "../src/sso/begin-login.ts";
import { createOrganization } from "../src/store/organizations.ts";
import { insertPendingLogin, newRequestId } from "../src/store/pending-logins.ts";
import {
  defaultSamlSettings,
  loadSamlByOrganization,
  saveIdpMetadata,
  saveSaml,
} from "../src/store/saml-settings.ts";
import { type Db, migrate, openStore, type Store } from "../src/store/store.ts";
import { paceMicroseconds } from "./pace.ts";

export interface Size {
  readonly members: number;
  readonly rules: number;
}

/** Who signs on, and how many at once. */
export interface Load {
  /** Members whose access is as their groups say, or people whom nobody knows yet. */
  readonly people: "returning" | "new";
  readonly atOnce: number;
}

export interface BenchWorld {
  /** Signs `count` people on, `atOnce` at a time, and tells what that cost. */
  signOnBatch(count: number, load: Load): Promise<BatchCost>;
  close(): Promise<void>;
}

const rowsAtOnce = 1_000;
const groupsOfAPerson = Array.from({ length: 20 }, (_, index) => `group-${index}`);
const workspaceTitles = ["Workspace 0", "Workspace 1"];
const signer = createSigner({
  entityId: "https://idp.example/metadata",
  ssoUrl: "https://idp.example/sso",
});

/** Which database, and how large an organization. */
export interface WorldOptions {
  readonly engine: "sqlite" | "postgres";
  /** Of a PostgreSQL server; empty for SQLite. */
  readonly databaseUrl: string;
  /** Where SQLite's files go. */
  readonly folder: string;
  readonly size: Size;
}

/** What a batch of sign-ons cost. */
export interface BatchCost {
  readonly cpuMicroseconds: number;
  readonly wallMs: number;
  /** Of the slower of the fixed pieces of work before and after it (pace.ts). */
  readonly paceMicroseconds: number;
}

/** Fills a fresh database and opens the application on it. */
export async function openBenchWorld(options: WorldOptions): Promise<BenchWorld> {
  const { size } = options;
  const dataDir = join(options.folder, `${options.engine}-${size.members}-${size.rules}`);
  mkdirSync(dataDir, { recursive: true });
  const databaseUrl = options.engine === "postgres" ? await freshDatabase(options.databaseUrl) : "";
  const store = await openStore({ databaseUrl, dataDir });
  await migrate(store);
  const config = parseConfig({
    BASE_URL: "http://localhost:8080",
    SECRET_KEY: randomBytes(32).toString("hex"),
    DATA_DIR: dataDir,
    ...(databaseUrl === "" ? {} : { DATABASE_URL: databaseUrl }),
  });
  const deps: Deps = {
    config,
    store,
    now: Date.now,
    randomToken,
    log: pino({ level: "silent" }),
  };
  const organizationId = await fill(store, size);
  const record = await loadSamlByOrganization(store.db, organizationId);
  const { acs } = serviceProviderUrls(config.baseUrl, record.token);
  const app = await createApp(deps, {
    fetchMetadata: () => Promise.reject(new Error("no metadata is fetched here")),
  });

  let turn = 0;
  const signOn = async ({ payload, cookie }: Prepared): Promise<void> => {
    const response = await app.inject({
      method: "POST",
      url: acs,
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      payload,
    });
    if (response.statusCode !== 303 || response.headers["location"] !== "/") {
      throw new Error(`a sign-on failed: ${response.statusCode} ${response.headers["location"]}`);
    }
  };
  const signOnBatch = async (count: number, { people, atOnce }: Load) => {
    const prepared = await store.transaction(async (tx) => {
      const list: Prepared[] = [];
      for (let index = 0; index < count; index++) {
        turn += 1;
        // A prime step goes through all members in an order that has nothing to do with the tables'.
        const email =
          people === "new" ? `new-${turn}@contoso.com` : emailOf((turn * 7919) % size.members);
        list.push(await prepare(deps, tx, { organizationId, acs, email }));
      }
      return list;
    });
    const queue = prepared.values();
    const paceBefore = paceMicroseconds();
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const one of queue) await signOn(one);
      }),
    );
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      cpuMicroseconds: user + system,
      wallMs: performance.now() - wallBefore,
      paceMicroseconds: Math.max(paceBefore, paceMicroseconds()),
    };
  };
  return {
    signOnBatch,
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}

/** What a browser posts. */
interface Prepared {
  /** Bytes, as a network brings them: a text would be work of the collector's that no server has. */
  readonly payload: Buffer;
  readonly cookie: string;
}

/** A genuine response to a pending login of one member, as the browser would post it. */
async function prepare(
  deps: Deps,
  tx: Db,
  { organizationId, acs, email }: { organizationId: number; acs: string; email: string },
): Promise<Prepared> {
  const browserKey = deps.randomToken();
  const requestId = newRequestId(deps);
  const nowMs = Date.now();
  await insertPendingLogin(tx, {
    requestId,
    organizationId,
    browserHash: hashBrowserKey(browserKey),
    next: "/",
    createdAt: nowMs,
    expiresAt: nowMs + 900_000,
  });
  const samlResponse = signer.respondBase64({
    acsUrl: acs,
    nowMs,
    inResponseTo: requestId,
    email,
    firstName: "Given",
    lastName: "Family",
    groups: groupsOfAPerson,
    sign: "assertion",
  });
  return {
    payload: Buffer.from(new URLSearchParams({ SAMLResponse: samlResponse }).toString()),
    cookie: `labelgate_login=${browserKey}`,
  };
}

const emailOf = (member: number): string => `person-${member}@contoso.com`;

/** Members straight into the tables: a hundred thousand plans would take the bench's whole time. */
async function fill(store: Store, { members, rules }: Size): Promise<number> {
  const at = Date.now();
  const organizationId = await store.transaction(async (tx) => {
    const id = await createOrganization(tx, {
      title: "Contoso",
      at,
      samlToken: randomBytes(16).toString("hex"),
      inviteToken: randomBytes(16).toString("hex"),
    });
    await saveSaml(tx, {
      organizationId: id,
      settings: {
        ...defaultSamlSettings,
        domain: "contoso.com",
        domains: ["contoso.com"],
        roles: Array.from({ length: Math.ceil(rules / 2) }, (_, index) => ({
          role: "AN" as const,
          group: `group-${index}`,
        })),
        // A person's twenty groups give the same two workspaces, however many rules there are.
        workspaces: Array.from({ length: Math.floor(rules / 2) }, (_, index) => ({
          workspace: workspaceTitles[index % 2] ?? "",
          group: index < 2 ? `group-${index}` : `other-group-${index}`,
        })),
      },
      actorUserId: null,
      at,
    });
    return id;
  });
  await saveIdpMetadata(store.db, {
    organizationId,
    metadataUrl: "",
    xml: signer.metadataXml(),
    at,
    error: null,
  });
  const workspaceIds = await insertWorkspaces(store, organizationId, at);
  for (let start = 0; start < members; start += rowsAtOnce) {
    await insertMembers(store, workspaceIds, {
      organizationId,
      start,
      count: Math.min(rowsAtOnce, members - start),
      at,
    });
  }
  return organizationId;
}

async function insertWorkspaces(store: Store, organizationId: number, at: number) {
  const rows = await store.db
    .insertInto("workspaces")
    .values(
      workspaceTitles.map((title) => ({
        organization_id: organizationId,
        title,
        created_by: null,
        created_at: at,
      })),
    )
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

async function insertMembers(
  store: Store,
  workspaceIds: readonly number[],
  rows: { organizationId: number; start: number; count: number; at: number },
): Promise<void> {
  const { organizationId, start, count, at } = rows;
  await store.transaction(async (tx) => {
    const inserted = await tx
      .insertInto("users")
      .values(
        Array.from({ length: count }, (_, index) => ({
          email: emailOf(start + index),
          first_name: "Given",
          last_name: "Family",
          password_hash: null,
          created_at: at,
        })),
      )
      .returning("id")
      .execute();
    await tx
      .insertInto("memberships")
      .values(
        inserted.map(({ id }) => ({
          organization_id: organizationId,
          user_id: id,
          role: "AN" as const,
          role_source: "saml" as const,
          role_set_at: at,
          created_at: at,
          last_groups: JSON.stringify(groupsOfAPerson),
          last_sign_in_at: at,
        })),
      )
      .execute();
    await tx
      .insertInto("workspace_members")
      .values(
        workspaceIds.flatMap((workspaceId) =>
          inserted.map(({ id }) => ({
            workspace_id: workspaceId,
            user_id: id,
            source: "saml" as const,
            organization_id: organizationId,
            granted_at: at,
          })),
        ),
      )
      .execute();
  });
}

let databases = 0;

async function freshDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${process.pid}_${databases++}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
