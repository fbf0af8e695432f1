/**
 * Other SCIM servers beside ours, for bench/scim.ts: each behind an HTTP server of its own on loopback,
 * asked by the same client in the same process. What each of them does for a request differs, and
 * `does` says so: a figure is not a like for a like.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { scim } from "@better-auth/scim";
import { type BetterAuthPlugin, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { makeScimToken } from "../src/provisioning/tokens.ts";
import { openTestApp } from "../test/app.ts";
import type { Engine } from "../test/engines.ts";

/** A running SCIM server. */
export interface Peer {
  readonly name: string;
  /** What it keeps, and what a figure of it therefore does not say. */
  readonly does: string;
  /** Sends a request; the answer's JSON. Throws where it is no success. */
  send(method: string, path: string, body?: object): Promise<Answer>;
  close(): Promise<void>;
}

/** As much of answers as is read. */
export interface Answer {
  readonly id?: string;
  readonly Resources?: readonly Answer[];
}

const token = "a".repeat(40);

function clientOf(baseUrl: string, credential: string): Peer["send"] {
  return async (method, path, body) => {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`);
    return (text === "" ? {} : JSON.parse(text)) as Answer;
  };
}

async function listen(handler: RequestListener): Promise<{ server: Server; origin: string }> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Ours, with the whole application around it. */
export async function labelgate(engine: Engine): Promise<Peer> {
  const t = await openTestApp(engine);
  const { organizationId } = await t.createOrganizationWithOwner({ title: "Peers" });
  const holder = { organizationId, actor: { kind: "system" } } as const;
  const made = await makeScimToken(t.deps, holder, { name: "bench", days: null });
  const origin = await t.app.listen({ port: 0, host: "127.0.0.1" });
  return {
    name: "labelgate",
    does: "accounts, roles, an audit row and a request log; SQLite, each answer after its commit has reached the disk",
    send: clientOf(`${origin}/scim/v2`, made.token),
    close: () => t.close(),
  };
}

/** @better-auth/scim on better-auth's own adapter for SQLite. */
export async function betterAuthScim(folder: string): Promise<Peer> {
  const database = new DatabaseSync(join(folder, "better-auth.db"));
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  const credentials = [{ type: "bearer", id: "bench", token } as const];
  // Its types leave out that an optional property may be undefined, as this compiler wants it said.
  const plugin = scim({ connections: [{ id: "bench", credentials }] }) as unknown;
  const options = {
    baseURL: "http://127.0.0.1",
    secret: "b".repeat(40),
    database,
    // The check of the schema at the start comes before there is one, and only says so.
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [plugin as BetterAuthPlugin],
  };
  await (await getMigrations(options)).runMigrations();
  const { server, origin } = await listen(toNodeHandler(betterAuth(options)));
  return {
    name: "@better-auth/scim",
    does: "accounts in its own tables; SQLite with the same pragmas; no Bulk, no sorting, no cursors, ETags or request log",
    send: clientOf(`${origin}/api/auth/scim/v2`, token),
    close: async () => {
      await close(server);
      database.close();
    },
  };
}

interface Kept {
  readonly id: string;
  readonly userName?: string;
}

/** The store that scimmy leaves to who uses it: two maps in memory, and an index of the user names. */
function declareResources(): void {
  const users = new Map<string, Kept>();
  const names = new Map<string, string>();
  const groups = new Map<string, Kept>();
  const missing = () => new SCIMMY.Types.Error(404, "", "There is no such resource.");
  const keep = (rows: Map<string, Kept>, id: string | undefined, data: object): Kept => {
    if (id !== undefined && !rows.has(id)) throw missing();
    // What scimmy hands over are its own objects, checked at every access.
    const row: Kept = { ...JSON.parse(JSON.stringify(data)), id: id ?? randomUUID() };
    rows.set(row.id, row);
    return row;
  };
  const find = (rows: Map<string, Kept>, id: string): Kept => {
    const row = rows.get(id);
    if (row === undefined) throw missing();
    return row;
  };
  const declare = (type: unknown) =>
    SCIMMY.Resources.declare(type as typeof SCIMMY.Resources.User) as unknown as Declared;
  declare(SCIMMY.Resources.User)
    .ingress((resource, data) => {
      const name = data.userName?.toLowerCase() ?? "";
      const taken = names.get(name);
      if (taken !== undefined && taken !== resource.id) {
        throw new SCIMMY.Types.Error(409, "uniqueness", "The userName is taken.");
      }
      const row = keep(users, resource.id, data);
      names.set(name, row.id);
      return row;
    })
    .egress((resource) => {
      if (resource.id !== undefined) return find(users, resource.id);
      const [term] = [...(resource.filter ?? [])];
      const id = term?.userName?.[0] === "eq" ? names.get(term.userName[1].toLowerCase()) : null;
      if (id === null) return [...users.values()];
      return id === undefined ? [] : [find(users, id)];
    })
    .degress((resource) => void users.delete(resource.id ?? ""));
  declare(SCIMMY.Resources.Group)
    .ingress((resource, data) => keep(groups, resource.id, data))
    .egress((resource) =>
      resource.id === undefined ? [...groups.values()] : find(groups, resource.id),
    )
    .degress((resource) => void groups.delete(resource.id ?? ""));
}

/** What scimmy asks the store: the resource with this id, or those that a filter finds. */
interface Asked {
  readonly id?: string;
  readonly filter?: Iterable<{ readonly userName?: readonly [string, string] }>;
}

/** A resource type while its store is given; scimmy's own types want every attribute of it. */
interface Declared {
  ingress(keep: (resource: Asked, data: Kept) => Kept): Declared;
  egress(find: (resource: Asked) => Kept | Kept[]): Declared;
  degress(remove: (resource: Asked) => void): Declared;
}

interface Express extends RequestListener {
  use(path: string, router: unknown): void;
}

/** scimmy behind its routers for express, which brings no types. */
export async function scimmy(): Promise<Peer> {
  const express = createRequire(import.meta.url)("express") as () => Express;
  declareResources();
  const app = express();
  const handler = (request: { header(name: string): string | undefined }) => {
    if (request.header("authorization") !== `Bearer ${token}`) throw new Error("unknown");
    return "bench";
  };
  app.use("/scim/v2", new SCIMMYRouters({ type: "bearer", handler }));
  const { server, origin } = await listen(app);
  return {
    name: "scimmy",
    does: "the protocol alone: what it is told is kept in two maps in memory, nothing reaches a disk; a group is read and written with all its members",
    send: clientOf(`${origin}/scim/v2`, token),
    close: () => close(server),
  };
}
