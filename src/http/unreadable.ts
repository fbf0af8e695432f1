/**
 * The answer to what Node could not read as a request: nothing of it ever reaches a route, nor any of
 * what Fastify gives to answers. Programs get the envelope, SCIM's clients SCIM's own form, as far as the
 * bytes that Node had show the address.
 */
import type { Socket } from "node:net";
import { AppError } from "../errors.ts";
import { envelopeOf, isScimPath, scimContentType, scimErrorOf } from "../errors-answer.ts";
import { html, renderPage } from "../html.ts";

/** Why Node could not read a request, and the bytes that it read last. */
type Unreadable = Error & { readonly code?: string; readonly rawPacket?: unknown };

interface Problem {
  readonly status: number;
  readonly line: string;
  readonly detail?: string;
}

const problems: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    ...{ status: 431, line: "Request Header Fields Too Large" },
    detail: "The headers of the request are larger than this server reads.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    ...{ status: 408, line: "Request Timeout", detail: "The request took too long." },
  },
};

const unknownProblem: Problem = { status: 400, line: "Bad Request" };

/** Answers on the bare connection, which then ends. */
export function answerUnreadable(error: Unreadable, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const problem = problems[error.code ?? ""] ?? unknownProblem;
  const { type, body } = answerOf(problem, pathIn(error.rawPacket));
  const bytes = Buffer.from(body, "utf8");
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.line}`,
    ...[`content-type: ${type}`, `content-length: ${bytes.length}`],
    ...["cache-control: no-store", "connection: close", "", ""],
  ];
  socket.end(Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), bytes]));
}

function answerOf({ status, detail }: Problem, path: string): { type: string; body: string } {
  const error = new AppError("bad_request", detail === undefined ? {} : { detail });
  if (isScimPath(path)) {
    const body = { ...scimErrorOf(error), status: String(status) };
    return { type: scimContentType, body: JSON.stringify(body) };
  }
  if (status === 431) return { type: "text/html; charset=utf-8", body: headersPage() };
  const body = { ...envelopeOf(error, ""), status_code: status };
  return { type: "application/json; charset=utf-8", body: JSON.stringify(body) };
}

/** The path in a request line; empty where the bytes do not begin with one. */
function pathIn(bytes: unknown): string {
  const line = Buffer.isBuffer(bytes) ? bytes.subarray(0, 2_000).toString("latin1") : "";
  return /^[a-z]+ ([^ ?\r\n]*)/i.exec(line)?.[1] ?? "";
}

/** Nearly always cookies of other programs on the same domain. */
function headersPage(): string {
  return renderPage({
    title: "Too many cookies",
    body: html`<section class="card tag">
<div class="intro"><h1>Your browser sent too much</h1>
<p>The cookies that it keeps for this site are larger than this server reads. Usually other programs on the same domain have left them. Clear the cookies of this site in your browser, then load the page again.</p></div>
</section>`,
  });
}
