/**
 * The stub upstream of bench:gateway, a process of its own: answers in Label Studio's shapes at the cost of
 * a bare HTTP server. It counts what it is asked, so that look-ups can be told from requests passed on.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerParent } from "./gateway-child.ts";
import {
  emailOf,
  jsonBytes,
  projectCreatedAt,
  projectOfTask,
  scriptBytes,
  sizes,
  streamBytes,
  titleOf,
} from "./gateway-shapes.ts";

/** What the stub was asked since it started. */
export interface UpstreamCounts {
  readonly requests: number;
  /** Questions about a task of the gateway's own. */
  readonly lookups: number;
  readonly uploadedBytes: number;
}

let requests = 0;
let lookups = 0;
let uploadedBytes = 0;

const json = { "Content-Type": "application/json" };
const kilobyte = Buffer.from(padded({ id: 1, all_data_columns: { text: 20 }, created_labels: {} }));
const script = Buffer.from(scriptText(scriptBytes));
const block = Buffer.alloc(65_536, "labelgate ");

/** JSON of `jsonBytes` bytes. */
function padded(value: object): string {
  const filler = jsonBytes - JSON.stringify({ ...value, filler: "" }).length;
  return JSON.stringify({ ...value, filler: "x".repeat(Math.max(0, filler)) });
}

/** Text that compresses about as well as a program. */
function scriptText(bytes: number): string {
  const lines: string[] = [];
  let length = 0;
  for (let at = 0; length < bytes; at += 1) {
    const name = ((at * 2_654_435_761) >>> 0).toString(36);
    const line = `function ${name}(a,b){return a.${name.slice(2)}(b)+${at}}\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("").slice(0, bytes);
}

const account = (id: number) => ({
  id,
  first_name: "Given",
  last_name: "Family",
  username: emailOf(id),
  email: emailOf(id),
  active_organization: 1,
});

const project = (id: number) => ({
  id,
  title: titleOf(id),
  created_at: projectCreatedAt,
  pinned_at: null,
  is_draft: false,
  is_published: true,
  organization: 1,
  created_by: account(1),
});

/** What a gateway asks by itself, at start and to bring people and projects in step. */
function ownAnswer(url: URL): object | null {
  switch (url.pathname.replace(/\/$/, "")) {
    case "/health":
      return { status: "UP" };
    case "/api/version":
    case "/version":
      return { release: "1.23.2", "label-studio-os-package": { version: "1.23.2" } };
    case "/api/current-user/whoami":
      return account(1);
    case "/api/organizations":
      return [{ id: 1, title: "Contoso", contact_info: null }];
    case "/api/organizations/1":
      return { id: 1, title: "Contoso", created_by: 1 };
    case "/api/organizations/1/memberships":
      return page(url, sizes.sessions + 1, (id) => ({ organization: 1, user: account(id) }));
    case "/api/users":
      return Array.from({ length: sizes.sessions + 1 }, (_, at) => account(at + 1));
    case "/api/projects":
      return page(url, sizes.projects, project);
    case "/api/jwt/settings":
      return { api_tokens_enabled: true, legacy_api_tokens_enabled: false };
    default:
      return null;
  }
}

/** Django's page of a list. */
function page(url: URL, count: number, row: (id: number) => object): object {
  const size = Number(url.searchParams.get("page_size") ?? 100);
  const first = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
  const length = Math.max(0, Math.min(size, count - first));
  const results = Array.from({ length }, (_, at) => row(first + at + 1));
  const isLast = first + size >= count;
  return { count, next: isLast ? null : "next", previous: null, results };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  requests += 1;
  const { url = "/", method } = request;
  if (method === "POST") takeBody(request, response);
  else if (url.startsWith("/data/upload/")) stream(response);
  else if (url.startsWith("/react-app/")) sendScript(response);
  else send(response, jsonOf(url));
}

function jsonOf(url: string): Buffer {
  const task = /^\/api\/tasks\/(\d+)\/?(\?|$)/.exec(url)?.[1];
  if (task !== undefined) {
    lookups += 1;
    return Buffer.from(JSON.stringify({ id: +task, project: projectOfTask(+task) }));
  }
  const record = /^\/api\/projects\/(\d+)\/\?include=/.exec(url)?.[1];
  if (record !== undefined) return Buffer.from(JSON.stringify(project(+record)));
  // Most requests are for a project's summary, and cost the stub nothing more.
  const own = url.endsWith("/summary/") ? null : ownAnswer(new URL(url, "http://stub"));
  return own === null ? kilobyte : Buffer.from(JSON.stringify(own));
}

function send(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { ...json, "Content-Length": body.length });
  response.end(body);
}

function sendScript(response: ServerResponse): void {
  response.writeHead(200, {
    "Content-Type": "text/javascript",
    "Content-Length": script.length,
    "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
  });
  response.end(script);
}

/** Small bodies come back, large ones are counted. */
function takeBody(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  const isSmall = Number(request.headers["content-length"] ?? 0) <= 65_536;
  request.on("data", (chunk: Buffer) => {
    if (isSmall) chunks.push(chunk);
    else uploadedBytes += chunk.length;
  });
  request.on("end", () => {
    const body = isSmall ? Buffer.concat(chunks) : Buffer.from('{"task_count":0}');
    response.writeHead(201, { ...json, "Content-Length": body.length });
    response.end(body);
  });
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "video/mp4", "Content-Length": streamBytes });
  let left = streamBytes;
  const write = (): void => {
    while (left > 0) {
      const chunk = left < block.length ? block.subarray(0, left) : block;
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
}

const server = createServer({ keepAliveTimeout: 120_000 }, answer).listen(0, "127.0.0.1", 1_024);
await once(server, "listening");
const { port } = server.address() as AddressInfo;
answerParent(async () => ({ port, requests, lookups, uploadedBytes }));
