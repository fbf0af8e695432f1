/**
 * A stub in Label Studio's place: a Node server that records exactly what arrives and answers as each
 * test says. Nothing of the gateway is faked.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  /** Names and values as they came, in turn. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type StubAnswer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Stub {
  readonly url: string;
  readonly server: Server;
  /** Whole requests so far, in order. */
  readonly arrived: Arrived[];
  readonly sockets: Set<Socket>;
  /** How requests are answered from now on; the body is read already unless `isRaw`. */
  answer(how: StubAnswer, isRaw?: boolean): void;
  /** Answers of its own, which are not recorded: null for what `answer` is for. */
  own(answers: (url: string) => unknown): void;
  close(): Promise<void>;
}

/** JSON, as Label Studio sends it. */
export function sendJson(response: ServerResponse, json: unknown, status = 200): void {
  const text = JSON.stringify(json);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Starts a stub on a free port, or on the socket of that path. */
export async function startStub(socketPath?: string): Promise<Stub> {
  const arrived: Arrived[] = [];
  const sockets = new Set<Socket>();
  let how: StubAnswer = (_request, response) => sendJson(response, { ok: true });
  let isRaw = false;
  let own: (url: string) => unknown = () => null;
  const server = createServer((request, response) => {
    const json = own(request.url ?? "");
    if (json !== null) return sendJson(response, json);
    if (isRaw) return how(request, response);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", rawHeaders, headers } = request;
      const body = Buffer.concat(chunks).toString("utf8");
      arrived.push({ method, url, rawHeaders, headers, body });
      how(request, response);
    });
    request.on("error", () => undefined);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(socketPath, resolve);
  });
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    arrived,
    sockets,
    answer: (next, raw = false) => {
      how = next;
      isRaw = raw;
    },
    own: (answers) => {
      own = answers;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
