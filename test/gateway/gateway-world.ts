/**
 * The whole server with a stub in Label Studio's place, for tests of the gateway: the real front, the
 * real policy, the real caches, on a real database; and a client that sends exactly what it is told.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrgRole } from "../../src/access/roles.ts";
import { defaultLimits, type UpstreamLimits } from "../../src/gateway/exchange.ts";
import { KeptLookups } from "../../src/gateway/lookups.ts";
import { createStep } from "../../src/gateway/step.ts";
import { projectFields } from "../../src/gateway/studio-records.ts";
import { createUpstream } from "../../src/gateway/upstream.ts";
import type { EmbeddedUpstream } from "../../src/gateway/upstream-state.ts";
import { KeptViewers } from "../../src/gateway/viewers.ts";
import { migrate, openStore } from "../../src/store/store.ts";
import { openTestApp, type TestApp } from "../app.ts";
import type { Engine } from "../engines.ts";
import { type Stub, startStub } from "./stub.ts";

export const publicHost = "labels.test:8080";
export const origin = `http://${publicHost}`;
export const upstreamSecret = "the secret key of a Label Studio";

/** A small Label Studio's patience, for tests. */
export const quickLimits: UpstreamLimits = {
  ...defaultLimits,
  ...{ connectMs: 300, firstByteMs: 400, slowFirstByteMs: 3000, idleMs: 400, lookEveryMs: 20 },
};

/** An answer as it came. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly text: string;
}

/** What is asked. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** The world of a test. */
export interface GatewayWorld {
  readonly t: TestApp;
  readonly stub: Stub;
  readonly port: number;
  /** Cookie headers of people in project 3 (but the Owner, who sees all), by role. */
  readonly cookies: Readonly<Record<"OW" | "MA" | "RE" | "AN", string>>;
  readonly token: string;
  /** Sends a request with the usual headers of a browser's page, and takes the answer. */
  ask(path: string, asked?: Asked): Promise<Got>;
  /** The same, still open. */
  open(path: string, asked?: Asked): ClientRequest;
  /** Sends text as it is on a connection of its own and takes all that comes until it closes. */
  raw(text: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens a world. */
export async function openGatewayWorld(
  engine: Pick<Engine, "open">,
  {
    env = {},
    limits = quickLimits,
    embedded,
  }: {
    env?: Readonly<Record<string, string>>;
    limits?: UpstreamLimits;
    /** The stub is the embedded Label Studio then, on its socket. */
    embedded?: EmbeddedUpstream;
  } = {},
): Promise<GatewayWorld> {
  const stub = await startStub(embedded?.socketPath);
  const stops: (() => Promise<void>)[] = [];
  const t = await openTestApp(engine, {
    env: {
      BASE_URL: origin,
      ALLOW_INSECURE_HTTP: "1",
      ...(embedded === undefined
        ? { UPSTREAM_URL: stub.url, UPSTREAM_SECRET_KEY: upstreamSecret }
        : { UPSTREAM_URL: "embedded" }),
      UPSTREAM_SERVICE_USER: "1",
      ...env,
    },
    studio: (deps) => {
      const upstream = createUpstream(deps, {
        limits,
        ...(embedded !== undefined && { embedded }),
      });
      const viewers = new KeptViewers(deps);
      viewers.start();
      stops.push(
        () => viewers.stop(),
        () => upstream.close(),
      );
      const inStep = createStep(deps, upstream);
      return { upstream, viewers, inStep, lookups: new KeptLookups(upstream, inStep) };
    },
  });
  const madeAt = new Date(t.clock.nowMs).toISOString();
  // What look-ups compare (GATEWAY 10.5).
  const record = `/api/projects/3/?include=${projectFields}`;
  stub.own((url) => (url === record ? { id: 3, title: "Otters", created_at: madeAt } : null));
  await t.app.listen({ port: 0, host: "127.0.0.1" });
  const address = t.app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const people = await seed(t);
  const open = (path: string, { method = "GET", headers = {}, body }: Asked = {}) => {
    const sent = httpRequest({
      ...{ host: "127.0.0.1", port, path, method, agent: false },
      headers: { host: publicHost, ...headers },
    });
    if (body !== undefined) sent.end(body);
    return sent;
  };
  return {
    ...{ t, stub, port, open, ...people },
    ask: (path, asked = {}) =>
      new Promise((resolve, reject) => {
        const sent = open(path, asked);
        sent.on("error", reject);
        sent.on("response", (response) => void take(response).then(resolve, reject));
        if (asked.body === undefined) sent.end();
      }),
    raw: (text) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        let got = "";
        socket.on("data", (chunk) => {
          got += chunk.toString("latin1");
        });
        socket.on("error", reject);
        socket.on("close", () => resolve(got));
        socket.setTimeout(2000, () => socket.destroy());
      }),
    close: async () => {
      await stub.close();
      t.app.server.closeAllConnections();
      await t.close();
      for (const stop of stops) await stop();
    },
  };
}

async function take(response: IncomingMessage): Promise<Got> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    text: body.toString("utf8"),
  };
}

/** Four people linked to Label Studio's accounts 1 to 4, and its project 3. */
async function seed(t: TestApp) {
  const { organizationId, email } = await t.createOrganizationWithOwner({ title: "Contoso" });
  const roles: readonly (readonly [OrgRole, string])[] = [
    ["MA", "mia@contoso.com"],
    ["RE", "rex@contoso.com"],
    ["AN", "anna@contoso.com"],
  ];
  for (const [role, address] of roles) await t.addMember({ organizationId, email: address, role });
  const { db } = t.store;
  const users = await db.selectFrom("users").select(["id", "email"]).orderBy("id").execute();
  for (const [index, user] of users.entries()) {
    await db
      .updateTable("users")
      .set({ upstream_id: index + 1, upstream_email: user.email })
      .where("id", "=", user.id)
      .execute();
  }
  const project = await db
    .insertInto("projects")
    .values({
      ...{ organization_id: organizationId, title: "Otters", created_at: t.clock.nowMs },
      ...{ upstream_id: 3, upstream_created_at: t.clock.nowMs * 1000 },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (const user of users.slice(1)) {
    await db
      .insertInto("project_members")
      .values({
        ...{ project_id: project.id, user_id: user.id, source: "manual", role: "IN" },
        ...{ organization_id: organizationId, is_pending: 0, granted_at: t.clock.nowMs },
      })
      .execute();
  }
  const cookie = (address: string) => t.signedInCookie(address, organizationId);
  return {
    cookies: {
      OW: await cookie(email),
      MA: await cookie("mia@contoso.com"),
      RE: await cookie("rex@contoso.com"),
      AN: await cookie("anna@contoso.com"),
    },
    token: await t.apiToken("anna@contoso.com", organizationId),
  };
}

/** An engine for tests in which the database does not matter: SQLite, closed with the world. */
export function sqliteAlone(): Pick<Engine, "open"> {
  return {
    open: async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "labelgate-gateway-"));
      const store = await openStore({ databaseUrl: "", dataDir });
      await migrate(store);
      return {
        ...store,
        close: async () => {
          await store.close();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
  };
}
