/**
 * A real Label Studio for the runs: the pinned version, installed once per checkout into `.cache/`, with
 * an SQLite data folder that is made once and copied for each start.
 * It is asked directly, as any of its accounts, to lay things out and to see what the gateway did; the
 * runs never speak to it but through these functions or through Labelgate.
 */
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { installEnvironment } from "../../src/cli/embedded/environment.ts";
import { install, isInstalled, shipped } from "../../src/cli/embedded/install.ts";
import { freePort, run, type Server, startServer, waitForAnswer } from "./process.ts";

/** The version that everything of GATEWAY was tried on. */
const version = "1.23.2";
const cache = fileURLToPath(new URL("../../.cache/label-studio", import.meta.url));
const fixture = join(cache, `data-${version}`);
const databaseName = "label_studio.sqlite3";
/** Label Studio's SECRET_KEY in every run. */
const secretKey = "label-studio's secret key in these runs, and nowhere else";

/** Label Studio's own first account: owner of its organization, and the gateway's service account. */
export const serviceUser = { id: 1, email: "service@labelgate.example" } as const;

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Where a Label Studio is started, and on which data. */
export interface LabelStudioOptions {
  /** The port; a free one unless given. */
  readonly port?: number;
  /** A data folder that stays; a copy of the fixture unless given. */
  readonly dataDir?: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of gunicorn after ours. */
  readonly gunicorn?: readonly string[];
}

/** A running Label Studio. */
export interface LabelStudio {
  readonly origin: string;
  readonly port: number;
  readonly secretKey: string;
  readonly dataDir: string;
  /** The SQLite file. */
  readonly database: string;
  /** What it printed. */
  output(): string;
  /** Asks it as an account, without any gateway; `body` is sent as JSON. */
  ask(as: number, method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same, with the parsed answer; rejects unless the status is 2xx. */
  json<Type = Record<string, unknown>>(
    as: number,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Type>;
  /** Sends every process of it a signal: SIGSTOP makes it hang, SIGCONT goes on, SIGKILL ends it. */
  signal(name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void>;
  /** Ends it; its data stay for `startLabelStudio({dataDir})`. */
  halt(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** The folder of the installed programs; installs them where no run has yet. */
async function installLabelStudio(): Promise<string> {
  const own = process.env["LABELGATE_TEST_LABEL_STUDIO"];
  if (own !== undefined && own !== "") return join(own, "bin");
  const venv = fileURLToPath(new URL(`../../.cache/label-studio-${version}`, import.meta.url));
  if (!isInstalled(venv)) {
    const { signal } = new AbortController();
    let lines = "";
    const onLine = (line: string): void => {
      lines += `${line}\n`;
    };
    await mkdir(cache, { recursive: true });
    await install({
      ...{ venv, wheels: "", signal, onLine, onPercent: () => undefined },
      env: installEnvironment(process.env),
    }).catch((error: unknown) => {
      throw new Error(`Label Studio could not be installed:\n${lines}`, { cause: error });
    });
  }
  return join(venv, "bin");
}

/** The folder that holds Label Studio's Python modules. */
async function modulesOf(bin: string): Promise<string> {
  const lib = join(bin, "../lib");
  const python = (await readdir(lib)).find((name) => name.startsWith("python3"));
  if (python === undefined) throw new Error(`${lib} holds no Python`);
  return join(lib, python, "site-packages/label_studio");
}

function environment(modules: string, dataDir: string): Record<string, string> {
  return {
    PYTHONPATH: modules,
    DJANGO_SETTINGS_MODULE: "core.settings.label_studio",
    SECRET_KEY: secretKey,
    LABEL_STUDIO_BASE_DATA_DIR: dataDir,
    DJANGO_DB: "sqlite",
    LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK: "true",
    COLLECT_ANALYTICS: "false",
    LATEST_VERSION_CHECK: "false",
    SENTRY_DSN: "",
    FRONTEND_SENTRY_DSN: "",
    LOG_LEVEL: "WARNING",
    // Storages of the runs are nowhere; no cloud's own address is to be waited for.
    AWS_EC2_METADATA_DISABLED: "true",
    NO_GCE_CHECK: "true",
  };
}

const firstAccount = `
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from organizations.models import Organization
from users.models import User
user = User.objects.create_user(email="${serviceUser.email}", password=None)
user.is_staff = user.is_superuser = True
user.active_organization = Organization.create_organization(created_by=user, title="Label Studio")
user.save()
assert user.id == ${serviceUser.id}
`;

/**
 * The data folder of a Label Studio that has one account and nothing else: from the schema that ships
 * with Labelgate, so that its migrations have nothing to do.
 */
async function makeFixture(bin: string, modules: string): Promise<void> {
  if (existsSync(fixture)) return;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, "making-"));
  const database = new DatabaseSync(join(made, databaseName), {
    enableForeignKeyConstraints: false,
  });
  database.exec(await readFile(shipped("schema.sql"), "utf8"));
  database.close();
  await run(join(bin, "python"), ["-c", firstAccount], {
    cwd: modules,
    env: environment(modules, made),
  });
  await rename(made, fixture);
}

/** Starts Label Studio under gunicorn on loopback and waits until it answers. */
export async function startLabelStudio(options: LabelStudioOptions = {}): Promise<LabelStudio> {
  const bin = await installLabelStudio();
  const modules = await modulesOf(bin);
  await makeFixture(bin, modules);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "label-studio-")));
  if (options.dataDir === undefined) await cp(fixture, dataDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const pidFile = join(dataDir, "gunicorn.pid");
  const server = startServer(
    join(bin, "gunicorn"),
    [
      ...["core.wsgi:application", "--workers", "1", "--threads", "8", "--pid", pidFile],
      ...["--bind", `127.0.0.1:${port}`, "--graceful-timeout", "2", ...(options.gunicorn ?? [])],
    ],
    { cwd: modules, env: { ...environment(modules, dataDir), ...options.env } },
  );
  await waitForAnswer(server, `${origin}/health`, 120_000);
  return running({ server, origin, port, dataDir, pidFile });
}

interface Started {
  readonly server: Server;
  readonly origin: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pidFile: string;
}

function running({ server, origin, port, dataDir, pidFile }: Started): LabelStudio {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ask: LabelStudio["ask"] = async (as, method, path, body) =>
    await send(agent, `${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${mintToken(as)}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const signal: LabelStudio["signal"] = async (name) => {
    for (const pid of await processesOf(pidFile)) process.kill(pid, name);
  };
  const halt = async (): Promise<void> => {
    agent.destroy();
    if (server.hasExited()) return;
    await signal("SIGCONT").catch(() => undefined);
    await server.stop();
  };
  return {
    ...{ origin, port, secretKey, dataDir, ask, signal, halt },
    database: join(dataDir, databaseName),
    output: () => server.output(),
    json: async <Type>(as: number, method: string, path: string, body?: unknown) => {
      const answer = await ask(as, method, path, body);
      if (answer.status >= 300) {
        throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 2_000)}`);
      }
      return (answer.text === "" ? null : JSON.parse(answer.text)) as Type;
    },
    stop: async () => {
      await halt();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Gunicorn's master and its workers, as the kernel lists them. */
async function processesOf(pidFile: string): Promise<readonly number[]> {
  const master = (await readFile(pidFile, "utf8")).trim();
  const children = await readFile(`/proc/${master}/task/${master}/children`, "utf8");
  return [master, ...children.split(" ").filter(Boolean)].map(Number);
}

/** Label Studio's credential for an account, as an administrator who knows its key could make it. */
export function mintToken(userId: number, atMs = Date.now()): string {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(atMs / 1_000);
  const claims = { token_type: "access", user_id: String(userId), jti: randomUUID() };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, iat, exp: iat + 60 })}`;
  return `${text}.${createHmac("sha256", secretKey).update(text).digest("base64url")}`;
}

/** One request, sent as it stands: target, headers and body are nobody's to correct. */
export interface RawRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** Sends one request and reads its whole answer; a path is not normalized on the way. */
export async function send(
  agent: Agent,
  url: string,
  { method, headers = {}, body }: RawRequest,
): Promise<Answer> {
  const [, host = "", port = "", path = "/"] = /^http:\/\/([^/:]+):(\d+)(.*)$/s.exec(url) ?? [];
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return await new Promise((resolve, reject) => {
    const sent = request(
      { agent, host, port, path, method, headers: { ...length, ...headers } as never },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers: received } = answer;
          resolve({ status, headers: received, bytes, text: bytes.toString("utf8") });
        });
      },
    );
    // Longer than Labelgate waits for Label Studio.
    sent.setTimeout(90_000, () => sent.destroy(new Error(`${method} ${path} took 90 s`)));
    sent.on("error", (error) => reject(new Error(`${method} ${path}: ${error}`, { cause: error })));
    sent.end(body);
  });
}

/** Letters that occur nowhere else, so that where they are found they leaked. */
export function secretWord(): string {
  return `zq${randomBytes(6)
    .toString("hex")
    .replaceAll(/\d/g, (digit) => "ghijklmnop"[Number(digit)] ?? "")}`;
}
