/**
 * A kept-alive HTTP/1.1 connection to a server of this process, through memory instead of a socket. The
 * server parses real bytes and writes real bytes; only the kernel's part is missing, whose time would
 * depend on what else the machine does.
 */
import type { Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";

/** What is posted. */
export interface Post {
  readonly path: string;
  readonly host: string;
  readonly cookie: string;
  /** As `application/x-www-form-urlencoded`. */
  readonly payload: Buffer;
}

/** The browser's end; one request at a time. */
export class Wire {
  readonly #end: Duplex;
  #received = "";
  #settle: ((answer: string) => void) | null = null;

  constructor(server: Server) {
    const [end, serverEnd] = duplexPair();
    // What a socket has beyond a stream, as far as an HTTP server asks for it.
    const still = () => serverEnd;
    Object.assign(serverEnd, { remoteAddress: "127.0.0.1", setTimeout: still, setNoDelay: still });
    this.#end = end.setEncoding("latin1");
    end.on("data", (text: string) => this.#receive(text));
    server.emit("connection", serverEnd);
  }

  /** The answer's head and body as they came. */
  async post({ path, host, cookie, payload }: Post): Promise<string> {
    if (this.#settle !== null) throw new Error("the last request is not answered yet");
    const answer = new Promise<string>((resolve) => {
      this.#settle = resolve;
    });
    const head =
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${payload.length}\r\n\r\n`;
    this.#end.write(head);
    this.#end.write(payload);
    return await answer;
  }

  #receive(text: string): void {
    this.#received += text;
    const headLength = this.#received.indexOf("\r\n\r\n") + 4;
    if (headLength < 4) return;
    const length = /^content-length: (\d+)\r$/im.exec(this.#received)?.[1];
    if (length === undefined) throw new Error(`an answer of unknown length: ${this.#received}`);
    if (this.#received.length < headLength + Number(length)) return;
    const answer = this.#received;
    this.#received = "";
    const settle = this.#settle;
    this.#settle = null;
    settle?.(answer);
  }
}
