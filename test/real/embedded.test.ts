/**
 * Embedded Label Studio for real (GATEWAY 10.1): installed from the lock files into a folder that is kept
 * (.cache/), started on a socket, asked with a minted credential, killed and back again; it dies with
 * its parent, and one database has one Label Studio.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createEmbedded, type Embedded } from "../../src/cli/embedded/embedded.ts";
import { serviceAccount } from "../../src/cli/embedded/label-studio.ts";
import { parseConfig } from "../../src/config.ts";
import type { UpstreamPhase } from "../../src/gateway/upstream-state.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const venv = join(root, ".cache", "label-studio-1.23.2");
const temporary = mkdtempSync(join(tmpdir(), "lg-emb-"));
after(() => rmSync(temporary, { recursive: true, force: true }));

function embeddedIn(dataDir: string, env: Readonly<Record<string, string>> = {}): Embedded {
  const config = parseConfig({ DATA_DIR: dataDir, UPSTREAM_URL: "embedded", ...env });
  return createEmbedded({
    config,
    environment: process.env,
    log: pino({ level: "silent" }),
    now: Date.now,
    venv,
  });
}

/** Resolves once the phase is reached. */
async function reach(
  { state }: Embedded,
  phase: UpstreamPhase,
  timeoutMs = 600_000,
): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (state.current().phase !== phase) {
    if (phase === "ready")
      assert.notEqual(state.current().phase, "failed", state.current().message);
    if (Date.now() > until) assert.fail(`not ${phase}: ${JSON.stringify(state.current())}`);
    await sleep(50);
  }
}

function credential(secretKey: string, userId: number): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { token_type: "access", user_id: String(userId), jti: randomUUID() };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, iat: now, exp: now + 60 })}`;
  return `${text}.${createHmac("sha256", secretKey).update(text).digest("base64url")}`;
}

async function ask(
  { socketPath, secretKey }: Embedded,
  path: string,
  authorization = `Bearer ${credential(secretKey, 1)}`,
): Promise<{ status: number; text: string }> {
  const asked = request({ socketPath, path, headers: { authorization } });
  asked.end();
  const [answer] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode ?? 0, text };
}

/** Processes of run.py whose socket is this one. */
async function processesOf(socketPath: string): Promise<number[]> {
  const child = spawn("ps", ["-eo", "pid=,args="], { stdio: ["ignore", "pipe", "inherit"] });
  const found: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("run.py") && line.includes(socketPath)) found.push(Number.parseInt(line, 10));
  }
  return found;
}

async function untilGone(socketPath: string, timeoutMs = 15_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  while ((await processesOf(socketPath)).length > 0) {
    if (Date.now() > until) assert.fail("Label Studio still runs");
    await sleep(100);
  }
}

describe("embedded Label Studio", () => {
  const dataDir = join(temporary, "data");
  const told: string[] = [];
  let embedded: Embedded;
  before(async () => {
    embedded = embeddedIn(dataDir);
    embedded.state.onChange(({ message }) => told.push(message));
    embedded.start();
    await reach(embedded, "ready");
  });
  after(() => embedded.stop());

  test("a minted credential is taken on the socket, and its account is the service account", async () => {
    const { status, text } = await ask(embedded, "/api/current-user/whoami");
    assert.equal(status, 200);
    const { email, id } = JSON.parse(text) as { email: string; id: number };
    assert.deepEqual({ email, id }, { email: serviceAccount, id: 1 });
  });

  test("no credential, one of another key and a legacy token open nothing", async () => {
    const forged = `Bearer ${credential("another key that nobody knows", 1)}`;
    for (const authorization of ["", forged, `Token ${"a".repeat(40)}`]) {
      assert.equal((await ask(embedded, "/api/current-user/whoami", authorization)).status, 401);
    }
  });

  test("the first start ran no migration: the schema that ships is what they make", async () => {
    assert.ok(told.length > 0);
    for (const message of told) assert.doesNotMatch(message, /being prepared/);
    const { status, text } = await ask(embedded, "/api/projects?page=1");
    assert.equal(status, 200);
    assert.equal((JSON.parse(text) as { count: number }).count, 0);
  });

  test("socket, key and folders are for this user alone, and no port is open", async () => {
    assert.equal(statSync(dirname(embedded.socketPath)).mode & 0o777, 0o700);
    assert.equal(statSync(join(dataDir, "label-studio", "secret_key")).mode & 0o777, 0o600);
    assert.equal(statSync(join(dataDir, "label-studio", "data")).mode & 0o777, 0o700);
  });

  test("files of this machine are not served", async () => {
    assert.equal((await ask(embedded, "/data/local-files/?d=etc/passwd")).status, 403);
  });

  test("a second Labelgate on the same data says so, and starts none", async () => {
    const second = embeddedIn(dataDir);
    second.start();
    await reach(second, "failed", 20_000);
    assert.match(second.state.current().message, /Another Labelgate runs the Label Studio in/);
    await second.stop();
    assert.equal((await ask(embedded, "/health")).status, 200);
  });

  test("killed, it comes back by itself with the same data", async () => {
    const [pid] = await processesOf(embedded.socketPath);
    assert.ok(pid);
    const heard: UpstreamPhase[] = [];
    const leave = embedded.state.onChange(({ phase }) => heard.push(phase));
    for (const each of await processesOf(embedded.socketPath)) process.kill(each, "SIGKILL");
    await reach(embedded, "away", 20_000);
    await reach(embedded, "ready", 120_000);
    leave();
    assert.deepEqual([...new Set(heard)], ["away", "starting", "ready"]);
    assert.equal((await ask(embedded, "/api/current-user/whoami")).status, 200);
  });

  test("a request line of 14,000 characters is taken", async () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => 100_000 + index).join(",");
    assert.equal((await ask(embedded, `/api/projects/?ids=${ids}`)).status, 200);
  });

  test("stopped, nothing of it is left", async () => {
    await embedded.stop();
    await untilGone(embedded.socketPath, 2_000);
    embedded = embeddedIn(dataDir);
    embedded.start();
    await reach(embedded, "ready", 120_000);
  });
});

describe("a Labelgate that is killed", () => {
  test("takes Label Studio with it, and the next one starts on the same data", async () => {
    const dataDir = join(temporary, "killed");
    const parent = spawn(process.execPath, ["src/main.ts", "serve"], {
      cwd: root,
      env: {
        ...process.env,
        DATA_DIR: dataDir,
        PORT: "18931",
        UPSTREAM_URL: "embedded",
        LABEL_STUDIO_PATH: venv,
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await untilLogged(parent, /Label Studio is ready/);
    const socketPath = join(dataDir, "label-studio", "run", "ls.sock");
    assert.ok((await processesOf(socketPath)).length >= 2);
    parent.kill("SIGKILL");
    await untilGone(socketPath);
    const next = embeddedIn(dataDir);
    next.start();
    await reach(next, "ready", 120_000);
    await next.stop();
  });
});

async function untilLogged(child: ChildProcess, pattern: RegExp): Promise<void> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    if (pattern.test(line)) {
      child.stdout.resume();
      return;
    }
  }
  assert.fail("the process ended before");
}

describe("what cannot run", () => {
  test("without Python and without uv one sentence says what to install, and Labelgate goes on", async () => {
    const embedded = createEmbedded({
      config: parseConfig({ DATA_DIR: join(temporary, "bare"), UPSTREAM_URL: "embedded" }),
      environment: { PATH: join(temporary, "nothing") },
      log: pino({ level: "silent" }),
      now: Date.now,
    });
    embedded.start();
    await reach(embedded, "failed", 20_000);
    assert.match(embedded.state.current().message, /needs Python 3\.10 to 3\.13 with venv, or uv/);
    await embedded.stop();
  });

  test("a LABEL_STUDIO_PATH without Label Studio is named", async () => {
    const embedded = embeddedIn(join(temporary, "wrong"), { LABEL_STUDIO_PATH: temporary });
    embedded.start();
    await reach(embedded, "failed", 20_000);
    assert.match(embedded.state.current().message, /LABEL_STUDIO_PATH .* is no Python environment/);
    await embedded.stop();
    assert.equal(existsSync(embedded.socketPath), false);
  });

  test("on Windows one sentence says that it is not offered", async () => {
    const embedded = createEmbedded({
      config: parseConfig({ DATA_DIR: join(temporary, "windows"), UPSTREAM_URL: "embedded" }),
      environment: process.env,
      log: pino({ level: "silent" }),
      now: Date.now,
      platform: "win32",
    });
    embedded.start();
    await reach(embedded, "failed", 5_000);
    assert.match(embedded.state.current().message, /not offered on Windows/);
    await embedded.stop();
  });
});
