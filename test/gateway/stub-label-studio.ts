/**
 * A Label Studio for tests of the gateway: people, projects and their lists, as measured on CE 1.23.2.
 * It takes credentials signed with its secret key, knows `include`, `ids` (the last one wins, an empty
 * one means all), pages of at most 100, its default order, and a request line of at most 4,094
 * characters; whoever has no active organization gets a 500. It owns no annotations but their authors.
 */
import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A user of the stub. */
export interface StubUser {
  id: number;
  email: string;
  username: string;
  first_name: string;
  last_name: string;
  active_organization: number | null;
  /** Not in the organization: another one's, or taken out of the database. */
  isElsewhere?: boolean;
  /** The membership was taken (soft deletion). */
  isDeleted?: boolean;
}

/** A project of the stub. */
export interface StubProject {
  id: number;
  title: string;
  description: string;
  created_at: string;
  created_by: number;
  is_draft: boolean;
  pinned_at: string | null;
  /** Who made annotations in it. */
  annotators: number[];
}

/** What was asked. */
export interface StubRequest {
  readonly method: string;
  readonly target: string;
  readonly user: number | null;
}

/** The stub's state, which tests change as they like, and where it listens. */
export interface StubLabelStudio {
  readonly url: string;
  readonly secretKey: string;
  readonly users: StubUser[];
  readonly projects: StubProject[];
  readonly requests: StubRequest[];
  readonly settings: StubSettings;
  addUser(email: string, rest?: Partial<StubUser>): StubUser;
  addProject(title: string, rest?: Partial<StubProject>): StubProject;
  /** Starts listening again, on the same port. */
  start(): Promise<void>;
  /** Takes no connection any more. */
  stop(): Promise<void>;
}

/** What a test may set about the server itself. */
export interface StubSettings {
  version: string;
  apiTokens: boolean;
  legacyTokens: boolean;
  /** Shown by /version/ to a superuser. */
  server: Record<string, string>;
  /** The value of LABEL_STUDIO_HOST, as the pages show it. */
  host: string;
  /** How far its clock is ahead. */
  clockAheadMs: number;
  /** Answers every list of projects short: fewer than its count says. */
  isShort: boolean;
  /** Answers this to everything but /health. */
  failsWith: number | null;
}

interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly html?: string;
}

const organizationId = 1;
const maxRequestLine = 4094;

/** A running stub with its owner, account 1. */
export async function startStubLabelStudio(): Promise<StubLabelStudio> {
  const state = new Stub();
  await state.start();
  return state;
}

class Stub implements StubLabelStudio {
  url = "";
  readonly secretKey = "the secret key of the stub";
  readonly users: StubUser[] = [];
  readonly projects: StubProject[] = [];
  readonly requests: StubRequest[] = [];
  readonly settings: StubSettings = {
    version: "1.23.2",
    apiTokens: true,
    legacyTokens: false,
    server: {
      DISABLE_SIGNUP_WITHOUT_LINK: "True",
      DJANGO_DB: "default",
      SSRF_PROTECTION_ENABLED: "True",
      ML_BLOCK_LOCAL_IP: "True",
      LOCAL_FILES_SERVING_ENABLED: "False",
      USE_NGINX_FOR_UPLOADS: "False",
      USE_NGINX_FOR_EXPORT_DOWNLOADS: "False",
      SECRET_KEY: "the secret key of the stub",
    },
    host: "",
    clockAheadMs: 0,
    isShort: false,
    failsWith: null,
  };
  #lastUser = 0;
  #lastProject = 0;
  #port = 0;
  #server: ReturnType<typeof createServer> | null = null;

  constructor() {
    this.addUser("owner@label-studio.test");
  }

  addUser(email: string, rest: Partial<StubUser> = {}): StubUser {
    this.#lastUser = Math.max(this.#lastUser + 1, rest.id ?? 0);
    const user: StubUser = {
      ...{ id: this.#lastUser, email, username: email, first_name: "", last_name: "" },
      active_organization: organizationId,
      ...rest,
    };
    this.users.push(user);
    return user;
  }

  addProject(title: string, rest: Partial<StubProject> = {}): StubProject {
    this.#lastProject = Math.max(this.#lastProject + 1, rest.id ?? 0);
    // Microseconds that tell each apart.
    const micro = String(this.#lastProject % 1_000_000).padStart(6, "0");
    const project: StubProject = {
      ...{ id: this.#lastProject, title, description: "" },
      created_at: `2026-01-05T09:30:00.${micro}Z`,
      ...{ created_by: 1, is_draft: false, pinned_at: null, annotators: [] },
      ...rest,
    };
    this.projects.push(project);
    return project;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { status, json, html } = this.#answer(request, Buffer.concat(chunks).toString());
        const text = html ?? (json === undefined ? "" : JSON.stringify(json));
        response.writeHead(status, {
          "content-type": html === undefined ? "application/json" : "text/html; charset=utf-8",
          "content-length": Buffer.byteLength(text),
          date: new Date(Date.now() + this.settings.clockAheadMs).toUTCString(),
          "set-cookie": "sessionid=stub; Path=/",
          "access-control-allow-origin": "*",
        });
        response.end(text);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.#port}`;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, body: string): Answer {
    const { method = "GET", url: target = "/" } = request;
    if (`${method} ${target} HTTP/1.1`.length > maxRequestLine) {
      return { status: 400, html: "<h1>Bad Request</h1>Request Line is too large" };
    }
    const { pathname, searchParams } = new URL(target, "http://stub");
    if (pathname === "/health") return { status: 200, json: { status: "UP" } };
    if (this.settings.failsWith !== null) return refusal(this.settings.failsWith, "failing");
    const user = this.#userOf(request.headers.authorization ?? "");
    this.requests.push({ method, target, user: user?.id ?? null });
    if (pathname === "/api/version") {
      return { status: 200, json: { release: this.settings.version, edition: "Community" } };
    }
    if (user === null) return refusal(401, "Authentication credentials were not provided.");
    if (user.active_organization === null) return refusal(500, "'NoneType' has no attribute 'pk'");
    const path = pathname.replace(/\/$/, "");
    return this.#route({ method, path, query: searchParams, user, body });
  }

  #userOf(header: string): StubUser | null {
    const [, head = "", claims = "", signature = ""] =
      /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(header) ?? [];
    const signed = createHmac("sha256", this.secretKey).update(`${head}.${claims}`);
    if (!this.settings.apiTokens || signed.digest("base64url") !== signature) return null;
    const { user_id: id, exp, iat } = JSON.parse(Buffer.from(claims, "base64url").toString());
    const now = (Date.now() + this.settings.clockAheadMs) / 1000;
    if (exp <= now || iat > now) return null;
    return this.users.find((user) => String(user.id) === id) ?? null;
  }

  #route(asked: Asked): Answer {
    const { method, path } = asked;
    const one = /^\/api\/(users|projects)\/(\d+)(?:\/(\w+))?$/.exec(path);
    const [, kind = "", digits = "", part = ""] = one ?? [];
    if (kind === "users") return this.#oneUser(asked, Number(digits));
    if (kind === "projects") return this.#oneProject(asked, Number(digits), part);
    if (path === "/api/users")
      return method === "POST" ? this.#makeUser(asked) : this.#users(asked);
    if (path === "/api/projects" && method === "POST") return this.#makeProject(asked);
    if (path === "/api/projects" || path === "/api/projects/counts") return this.#list(asked);
    return this.#aboutTheServer(asked);
  }

  #users({ query }: Asked): Answer {
    const found = this.users.filter((each) => each.isElsewhere !== true);
    return { status: 200, json: found.map((each) => only(this.#userJson(each), query)) };
  }

  #aboutTheServer({ path, user }: Asked): Answer {
    const { apiTokens, legacyTokens } = this.settings;
    switch (path) {
      case "/api/current-user/whoami":
        return { status: 200, json: { ...this.#userJson(user), permissions: ["projects.view"] } };
      case "/api/jwt/settings": {
        const json = { api_tokens_enabled: apiTokens, legacy_api_tokens_enabled: legacyTokens };
        return { status: 200, json };
      }
      case "/api/organizations":
        return { status: 200, json: [{ id: organizationId, title: "Label Studio" }] };
      case `/api/organizations/${organizationId}`:
        return { status: 200, json: { id: organizationId, title: "Label Studio", created_by: 1 } };
      case "/version":
        return this.#versionPage(user);
      case "/projects":
        return this.#page();
      default:
        return refusal(404, "Not found.");
    }
  }

  #page(): Answer {
    const { host } = this.settings;
    const html = `<html><head><script src="${host}/react-app/main.js?v=1"></script></head><body></body></html>`;
    return { status: 200, html };
  }

  #versionPage(user: StubUser): Answer {
    const json = {
      release: this.settings.version,
      ...(user.id === 1 && { settings: this.settings.server }),
    };
    const text = JSON.stringify(json, null, 2);
    return { status: 200, html: `<pre>${text}</pre>` };
  }

  #userJson(user: StubUser) {
    const { isElsewhere: _elsewhere, isDeleted, ...fields } = user;
    const deleted = { username: "Deleted", email: "Deleted", first_name: "Deleted" };
    return { ...fields, avatar: null, initials: "xx", ...(isDeleted === true && deleted) };
  }

  #makeUser({ body }: Asked): Answer {
    const given = JSON.parse(body) as Partial<StubUser>;
    const { email = "", username } = given;
    if (username === undefined) return invalid("username", "This field is required.");
    if (this.users.some((user) => user.email === email)) {
      return invalid("email", "user with this email address already exists.");
    }
    const { first_name = "", last_name = "", active_organization = null } = given;
    const user = this.addUser(email, { username, first_name, last_name, active_organization });
    return { status: 201, json: this.#userJson(user) };
  }

  #oneUser({ method, query, body }: Asked, id: number): Answer {
    const found = this.users.find((user) => user.id === id && user.isElsewhere !== true);
    if (found === undefined) return refusal(404, "No User matches the given query.");
    if (method === "PATCH") {
      const { email, ...rest } = JSON.parse(body) as Partial<StubUser>;
      Object.assign(found, rest);
      if (email !== undefined) return refusal(405, "Cannot update read-only field: email");
    }
    return { status: 200, json: only(this.#userJson(found), query) };
  }

  #projectJson(project: StubProject) {
    const { annotators: _annotators, created_by: creator, ...fields } = project;
    const user = this.users.find(({ id }) => id === creator);
    const created_by = { id: creator, email: user?.email ?? "", first_name: "", last_name: "" };
    return { ...fields, organization: organizationId, created_by, task_number: 0 };
  }

  #makeProject({ body, user }: Asked): Answer {
    const { title = "", is_draft = false } = JSON.parse(body) as Partial<StubProject>;
    if (title.length < 3) return invalid("title", "Ensure this field has at least 3 characters.");
    const project = this.addProject(title, { created_by: user.id, is_draft });
    return { status: 201, json: this.#projectJson(project) };
  }

  #oneProject({ method, query, body }: Asked, id: number, part: string): Answer {
    const at = this.projects.findIndex((project) => project.id === id);
    const found = this.projects[at];
    if (found === undefined) return refusal(404, "No Project matches the given query.");
    if (part === "annotators") {
      const users = this.users.filter((user) => found.annotators.includes(user.id));
      return { status: 200, json: users.map((user) => this.#userJson(user)) };
    }
    if (method === "DELETE") {
      this.projects.splice(at, 1);
      return { status: 204 };
    }
    if (method === "PATCH") Object.assign(found, JSON.parse(body));
    return { status: 200, json: only(this.#projectJson(found), query) };
  }

  #list({ path, query }: Asked): Answer {
    const ids = query.getAll("ids").at(-1) ?? "";
    const parts = ids.split(",");
    if (ids !== "" && !parts.every((part) => /^\d+$/.test(part))) {
      return refusal(500, "Field 'id' expected a number");
    }
    const asked = ids === "" ? null : new Set(parts.map(Number));
    const title = (query.get("title") ?? "").toLowerCase();
    const filter = query.get("filter");
    const found = this.projects.filter(
      (project) =>
        (asked === null || asked.has(project.id)) &&
        project.title.toLowerCase().includes(title) &&
        (filter !== "pinned_only" || project.pinned_at !== null) &&
        (filter !== "exclude_pinned" || project.pinned_at === null),
    );
    const isCounts = path.endsWith("/counts");
    const sorted = found.toSorted(isCounts ? byId : orderOf(query.get("ordering")));
    return this.#paged(sorted, path, query);
  }

  #paged(found: readonly StubProject[], path: string, query: URLSearchParams): Answer {
    const told = Number(query.get("page_size") ?? "");
    const size = Math.min(Number.isInteger(told) && told > 0 ? told : 30, 100);
    const pages = Math.max(1, Math.ceil(found.length / size));
    const page = query.get("page") === "last" ? pages : Number(query.get("page") ?? 1);
    if (!(page >= 1 && page <= pages)) return refusal(404, "Invalid page.");
    const link = (to: number) => {
      const next = new URLSearchParams(query);
      next.set("page", String(to));
      return `${this.url}${path}/?${next}`;
    };
    const shown = found.slice((page - 1) * size, page * size);
    const results = this.settings.isShort ? shown.slice(0, -1) : shown;
    return {
      status: 200,
      json: {
        count: found.length,
        next: page < pages ? link(page + 1) : null,
        previous: page > 1 ? link(page - 1) : null,
        results: results.map((project) => only(this.#projectJson(project), query)),
      },
    };
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: StubUser;
  readonly body: string;
}

const byId = (a: StubProject, b: StubProject): number => a.id - b.id;

function orderOf(ordering: string | null): (a: StubProject, b: StubProject) => number {
  const sign = ordering?.startsWith("-") === true ? -1 : 1;
  const field = ordering?.replace(/^-/, "") ?? "";
  if (field === "id") return (a, b) => sign * byId(a, b);
  if (field === "title" || field === "created_at") {
    return (a, b) => sign * (a[field] < b[field] ? -1 : 1);
  }
  // Pinned first, the latest pin before; then the newest.
  return (a, b) => {
    const [pinA, pinB] = [a.pinned_at ?? "", b.pinned_at ?? ""];
    if (pinA !== pinB) return pinA > pinB ? -1 : 1;
    return a.created_at > b.created_at ? -1 : 1;
  };
}

/** Of a record, what `include` names; all of it without. */
function only<Fields extends object>(fields: Fields, query: URLSearchParams) {
  const include = query.get("include") ?? "";
  if (include === "") return fields;
  const names = include.split(",");
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

function refusal(status: number, detail: string): Answer {
  const json = { id: randomUUID(), status_code: status, version: "1.23.2", detail, exc_info: null };
  return { status, json };
}

function invalid(field: string, sentence: string): Answer {
  const { json } = refusal(400, "Validation error");
  return { status: 400, json: { ...(json as object), validation_errors: { [field]: [sentence] } } };
}
