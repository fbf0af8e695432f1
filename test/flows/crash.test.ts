/**
 * The server is killed without warning while people sign in (PRODUCT 2.2, DESIGN 5): no accepted
 * sign-in's changes are lost, none is half applied, and no assertion is accepted twice.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { serviceProviderUrls } from "../../src/saml/urls.ts";
import { createOrganization } from "../../src/store/organizations.ts";
import { saveIdpMetadata, saveSaml } from "../../src/store/saml-save.ts";
import { loadSamlByOrganization } from "../../src/store/saml-settings.ts";
import { migrate, type Store, type StoreOptions } from "../../src/store/store.ts";
import { onEveryEngine } from "../engines.ts";
import { idpEntityId, newSigner } from "./sso-world.ts";

const signer = newSigner(idpEntityId);
const rounds = 3;
const lanes = 8;
const workspaces = ["Alpha", "Beta", "Gamma"];

onEveryEngine("a server that is killed under load", (engine) => {
  let place: StoreOptions;
  let store: Store;
  let organizationId: number;
  let acs: URL;
  let baseUrl: string;

  before(async () => {
    baseUrl = `http://localhost:${await freePort()}`;
    place = await engine.create();
    store = await engine.openAt(place);
    await migrate(store);
    organizationId = await seed(store);
    const record = await loadSamlByOrganization(store.db, organizationId);
    acs = new URL(serviceProviderUrls(baseUrl, record.token).acs);
  });
  after(() => store.close());

  test("keeps every accepted sign-on whole, and accepts no assertion twice", async () => {
    const accepted: { email: string; response: string }[] = [];
    const sent: { email: string; response: string }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const server = await startServer(baseUrl, place);
      const lastOfRound = accepted.length + lanes + round * 5;
      await Promise.all(
        Array.from({ length: lanes }, async (_, lane) => {
          for (let turn = 0; ; turn += 1) {
            const email = `p${round}-${lane}-${turn}@contoso.com`;
            const attempt = { email, response: respond(email) };
            sent.push(attempt);
            const status = await post(attempt.response);
            if (status === null) return;
            assert.equal(status, 303);
            accepted.push(attempt);
            if (accepted.length === lastOfRound) server.kill("SIGKILL");
          }
        }),
      );
    }
    assert.ok(accepted.length > lanes, `only ${accepted.length} sign-ons were accepted`);

    const people = await rowsByEmail(store, organizationId);
    for (const { email } of accepted) {
      assert.ok(people.has(email), `${email} was accepted and is lost`);
    }
    for (const [email, rows] of people) {
      const whole = { role: "AN", workspaces: workspaces.length, replays: 1, sessions: 1, log: 1 };
      assert.deepEqual(rows, whole, `${email} is half applied`);
    }

    const server = await startServer(baseUrl, place);
    try {
      for (const { email, response } of sent) {
        const isKnown = people.has(email);
        const location = await postLocation(response);
        assert.equal(
          location === "/",
          !isKnown,
          `${email} was ${isKnown ? "" : "not "}accepted before`,
        );
      }
    } finally {
      server.kill("SIGKILL");
    }
  });

  function respond(email: string): string {
    return signer.respondBase64({
      acsUrl: acs.href,
      nowMs: Date.now(),
      inResponseTo: null,
      // The ids bear the address, so that the rows of one sign-in can be told together.
      assertionId: `_${Buffer.from(email).toString("hex")}`,
      email,
      groups: ["everything"],
    });
  }

  async function post(response: string): Promise<number | null> {
    try {
      return (await send(response)).status;
    } catch {
      return null;
    }
  }

  async function postLocation(response: string): Promise<string | null> {
    return (await send(response)).headers.get("location");
  }

  function send(response: string): Promise<Response> {
    return fetch(acs, {
      method: "POST",
      body: new URLSearchParams({ SAMLResponse: response }),
      redirect: "manual",
    });
  }
});

async function seed(store: Store): Promise<number> {
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
        allowUnsolicited: true,
        domain: "contoso.com",
        domains: ["contoso.com"],
        roles: [{ role: "AN", group: "everything" }],
        workspaces: workspaces.map((workspace) => ({ workspace, group: "everything" })),
      },
      actorUserId: null,
      at,
    });
    return id;
  });
  const xml = signer.metadataXml();
  await saveIdpMetadata(store.db, { organizationId, metadataUrl: "", xml, at, error: null });
  return organizationId;
}

/** What each person has of all that one sign-in writes. */
async function rowsByEmail(store: Store, organizationId: number) {
  const { db } = store;
  const users = await db.selectFrom("users").select(["id", "email"]).execute();
  const members = await db
    .selectFrom("memberships")
    .where("organization_id", "=", organizationId)
    .select(["user_id", "role"])
    .execute();
  const joined = await db.selectFrom("workspace_members").select("user_id").execute();
  const sessions = await db.selectFrom("sessions").select("user_id").execute();
  const replays = await db.selectFrom("replay_ids").select("assertion_id").execute();
  const log = await db
    .selectFrom("sign_in_log")
    .where("outcome", "=", "admitted")
    .select("user_id")
    .execute();
  const count = (rows: readonly { user_id: number | null }[], id: number) =>
    rows.filter((row) => row.user_id === id).length;
  return new Map(
    users.map(({ id, email }) => [
      email,
      {
        role: members.find((member) => member.user_id === id)?.role,
        workspaces: count(joined, id),
        sessions: count(sessions, id),
        replays: replays.filter(
          ({ assertion_id: key }) => key === `_${Buffer.from(email).toString("hex")}`,
        ).length,
        log: count(log, id),
      },
    ]),
  );
}

/** `labelgate serve` as a process of its own; ready when it answers. */
async function startServer(baseUrl: string, place: StoreOptions): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["src/main.ts", "serve"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      BASE_URL: baseUrl,
      PORT: new URL(baseUrl).port,
      LISTEN_ADDRESS: "127.0.0.1",
      SECRET_KEY: "a secret key for tests, of sufficient length",
      LABELGATE_OWNER_EMAIL: "",
      LOG_LEVEL: "error",
      ...(place.databaseUrl === ""
        ? { DATA_DIR: place.dataDir }
        : { DATABASE_URL: place.databaseUrl }),
    },
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${complaint}`);
    const isReady = await fetch(`${baseUrl}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return child;
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error(`the server was not ready within a minute: ${complaint}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
