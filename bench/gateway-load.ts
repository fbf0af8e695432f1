/**
 * The load of bench:gateway, a process of its own: so many connections of raw sockets, each with one
 * request under way, for a given time. Lean, so that the processor is left to what is measured: requests
 * are written as bytes that were made before, and of answers only status and end are read.
 */
import { connect, type Socket } from "node:net";
import { answerParent } from "./gateway-child.ts";
import {
  boundary,
  jsonBytes,
  type Kind,
  type Requests,
  shapeOf,
  sizes,
  streamBytes,
} from "./gateway-shapes.ts";

/** Whom to ask, and as whom: cookies are drawn at random, and with each a project of its person's. */
export interface Target {
  readonly port: number;
  readonly host: string;
  /** `Cookie` headers; with more than one, the one at index i is that of person i. */
  readonly cookies: readonly string[];
}

/** What the parent asks for; `first` is one request of kind `json` of each person in turn. */
export type LoadRequest =
  | { readonly kind: "target"; readonly name: string; readonly target: Target }
  | {
      readonly kind: "batch";
      readonly name: string;
      readonly requests: Requests;
      readonly connections: number;
      readonly milliseconds: number;
      /** No more requests than this, however much time is left. */
      readonly atMost: number;
    };

/** What a batch was like. */
export interface LoadResult {
  readonly done: number;
  /** Answers of another status than expected, and connections that broke. */
  readonly errors: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
}

/** Different requests of a kind; each is sent again and again, in turn. */
const drawn = 20_000;
/** Kinds of which a batch sends few. */
const few: ReadonlySet<Kind> = new Set(["download", "upload", "script"]);
const targets = new Map<string, Target>();
const made = new Map<string, readonly Buffer[]>();

const browserHeaders =
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n" +
  "Accept: application/json, text/plain, */*\r\n" +
  "Accept-Language: en-US,en;q=0.9\r\n" +
  "Accept-Encoding: gzip, deflate, br, zstd\r\n" +
  "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n";

const workspaces = sizes.projects / sizes.projectsOfAPerson;

/** One of the person's projects: all of one workspace. */
function projectOf(person: number): number {
  return (person % workspaces) + workspaces * draw(sizes.projectsOfAPerson) + 1;
}

/** Somebody to whom the project is granted by their workspace. */
function personOf(project: number): number {
  return ((project - 1) % workspaces) + workspaces * (1 + draw(sizes.sessions / workspaces - 1));
}

/** The same draws in every run. */
let seed = 20_261_129;
function draw(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

const echoBody = JSON.stringify({
  result: [{ id: "a", type: "choices", value: { choices: ["Positive"] }, meta: { text: ["x"] } }],
  lead_time: 12.345,
  was_cancelled: false,
});

/** Who asks for what. */
interface Asked {
  readonly person: number;
  readonly project: number;
  /** Picks the task of the project. */
  readonly index: number;
}

function drawAsked(kind: Kind): Asked {
  // Every tenth person is a Manager, and only Managers import.
  const person = kind === "upload" ? 9 + 10 * draw(sizes.sessions / 10) : draw(sizes.sessions);
  return { person, project: projectOf(person), index: draw(sizes.tasksOfAProject) };
}

function requestOf(kind: Kind, { host, cookies }: Target, asked: Asked): Buffer {
  const { method, path, type } = shapeOf(kind, asked.project, asked.index);
  const cookie = cookies[asked.person % cookies.length] ?? "";
  const body = kind === "echo" ? echoBody.replace('"x"', `"${padding}"`) : "";
  const length = kind === "upload" ? uploadBytes : Buffer.byteLength(body);
  const ofBody =
    type === null
      ? ""
      : `Origin: http://${host}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n`;
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${browserHeaders}${ofBody}`;
  return Buffer.from(`${head}${cookie === "" ? "" : `Cookie: ${cookie}\r\n`}\r\n${body}`);
}

const padding = "x".repeat(jsonBytes - echoBody.length);
const formHead = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="v.mp4"\r\nContent-Type: video/mp4\r\n\r\n`,
);
const formTail = Buffer.from(`\r\n--${boundary}--\r\n`);
const uploadBytes = formHead.length + streamBytes + formTail.length;
const block = Buffer.alloc(262_144, "labelgate ");

function requestsOf(name: string, requests: Requests): readonly Buffer[] {
  const key = `${name} ${requests}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const list = makeRequests(requests, targetOf(name));
  made.set(key, list);
  return list;
}

function makeRequests(requests: Requests, target: Target): Buffer[] {
  if (requests === "first session") {
    return Array.from({ length: sizes.sessions }, (_, person) =>
      requestOf("json", target, { person, project: projectOf(person), index: 0 }),
    );
  }
  if (requests === "first task") {
    return Array.from({ length: sizes.projects * sizes.tasksOfAProject }, (_, at) => {
      const project = (at % sizes.projects) + 1;
      const index = Math.floor(at / sizes.projects);
      return requestOf("lookup", target, { person: personOf(project), project, index });
    });
  }
  const length = few.has(requests) ? 100 : drawn;
  return Array.from({ length }, () => requestOf(requests, target, drawAsked(requests)));
}

function targetOf(name: string): Target {
  const target = targets.get(name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  return target;
}

/** Runs of a target and kind go on in the list where the last one stopped. */
const positions = new Map<string, number>();

async function run(batch: Extract<LoadRequest, { kind: "batch" }>): Promise<LoadResult> {
  const list = requestsOf(batch.name, batch.requests);
  const key = `${batch.name} ${batch.requests}`;
  let next = positions.get(key) ?? 0;
  let left = batch.atMost;
  let [errors, bytes] = [0, 0];
  const times: number[] = [];
  const begun = performance.now();
  const deadline = begun + batch.milliseconds;
  const work: Work = {
    port: targetOf(batch.name).port,
    isUpload: batch.requests === "upload",
    take: () => {
      if (left === 0 || performance.now() >= deadline) return null;
      left -= 1;
      next = (next + 1) % list.length;
      return list[next] ?? null;
    },
    done: (status, ms, length) => {
      bytes += length;
      times.push(ms);
      if (status < 200 || status > 299) errors += 1;
    },
  };
  const connections = Array.from({ length: batch.connections }, () => converse(work));
  const broken = await Promise.all(connections);
  errors += broken.filter((isBroken) => isBroken).length;
  const seconds = (performance.now() - begun) / 1_000;
  positions.set(key, next);
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { done: times.length, errors, seconds, p50Ms: at(0.5), p99Ms: at(0.99), bytes };
}

interface Work {
  readonly port: number;
  readonly isUpload: boolean;
  /** The next request; null where it is enough. */
  take(): Buffer | null;
  done(status: number, milliseconds: number, bytes: number): void;
}

/** One connection, one request at a time; tells whether it broke. */
async function converse(work: Work): Promise<boolean> {
  return await new Promise((resolve) => {
    open(work, resolve);
  });
}

function open({ port, isUpload, take, done }: Work, resolve: (isBroken: boolean) => void): void {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let sentAt = 0;
  const reader = new AnswerReader((status, bytes) => {
    done(status, performance.now() - sentAt, bytes);
    send();
  });
  const send = (): void => {
    const request = take();
    if (request === null) {
      socket.destroy();
      resolve(false);
      return;
    }
    sentAt = performance.now();
    socket.write(request);
    if (isUpload) writeForm(socket);
  };
  socket.on("connect", send);
  socket.on("data", (chunk: Buffer) => reader.read(chunk));
  socket.on("error", () => resolve(true));
  // A server may close after an answer; whatever is left of the batch is then the other connections'.
  socket.on("close", () => resolve(true));
}

function writeForm(socket: Socket): void {
  socket.write(formHead);
  let left = streamBytes;
  const write = (): void => {
    while (left > 0) {
      const chunk = left < block.length ? block.subarray(0, left) : block;
      left -= chunk.length;
      if (!socket.write(chunk)) {
        socket.once("drain", write);
        return;
      }
    }
    socket.write(formTail);
  };
  write();
}

/** Finds the end of each answer, by Content-Length or by the last chunk. */
class AnswerReader {
  readonly #done: (status: number, bytes: number) => void;
  #status = 0;
  /** Bytes still to come; -1 while chunks come, null before the head. */
  #left: number | null = null;
  #bytes = 0;
  #head: Buffer | null = null;

  constructor(done: (status: number, bytes: number) => void) {
    this.#done = done;
  }

  read(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#left === null) this.#readHead(chunk);
    else if (this.#left === -1) this.#readChunks(chunk);
    else {
      this.#left -= chunk.length;
      if (this.#left <= 0) this.#finish();
    }
  }

  #readHead(chunk: Buffer): void {
    const bytes = this.#head === null ? chunk : Buffer.concat([this.#head, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#head = bytes;
      return;
    }
    this.#head = null;
    const head = bytes.toString("latin1", 0, end);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const rest = bytes.subarray(end + 4);
    if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#left = -1;
      this.#readChunks(rest);
      return;
    }
    this.#left = Number(length ?? 0) - rest.length;
    if (this.#left <= 0) this.#finish();
  }

  /** Bodies here never hold the mark of the last chunk themselves, and it comes in one piece or is waited for. */
  #readChunks(chunk: Buffer): void {
    const tail = this.#head === null ? chunk : Buffer.concat([this.#head, chunk]);
    const isLast = tail.toString("latin1", tail.length - 5) === "0\r\n\r\n";
    this.#head = isLast ? null : Buffer.from(tail.subarray(-5));
    if (isLast) this.#finish();
  }

  #finish(): void {
    const [status, bytes] = [this.#status, this.#bytes];
    this.#left = null;
    this.#bytes = 0;
    this.#done(status, bytes);
  }
}

answerParent(async (request: LoadRequest) => {
  if (request.kind === "batch") return await run(request);
  targets.set(request.name, request.target);
  return {};
});
