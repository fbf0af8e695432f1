/**
 * An organization of a given size behind a running application: what bench/login.ts measures, by the
 * sign-ins of sign-ons.ts.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { defaultSamlSettings } from "../src/access/settings-table.ts";
import { parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createApp } from "../src/http/app.ts";
import { randomToken } from "../src/random.ts";
import { serviceProviderUrls } from "../src/saml/urls.ts";
import { createOrganization } from "../src/store/organizations.ts";
import { saveIdpMetadata, saveSaml } from "../src/store/saml-save.ts";
import { loadSamlByOrganization } from "../src/store/saml-settings.ts";
import { migrate, openStore, type Store } from "../src/store/store.ts";
import { emailOf, groupsOfAPerson, type SignOnBatch, signer, signOnsInto } from "./sign-ons.ts";

export interface Size {
  readonly members: number;
  readonly rules: number;
}

export interface BenchWorld {
  readonly signOnBatch: SignOnBatch;
  close(): Promise<void>;
}

const rowsAtOnce = 1_000;
const workspaceTitles = ["Workspace 0", "Workspace 1"];

/** Which database, and how large an organization. */
export interface WorldOptions {
  readonly engine: "sqlite" | "postgres";
  /** Of a PostgreSQL server; empty for SQLite. */
  readonly databaseUrl: string;
  /** Where SQLite's files go. */
  readonly folder: string;
  readonly size: Size;
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

  await app.ready();
  const signOnBatch = signOnsInto({ deps, app, organizationId, acs, members: size.members });
  return {
    signOnBatch,
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}

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
