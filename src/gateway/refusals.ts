/**
 * Answers of the gateway's own, on the plain objects of node:http: refusals, pages while Label Studio
 * is away, redirects (GATEWAY 10.6). Programs and a page's own requests get the envelope, a navigation a
 * short page. What a refusal says is errors-answer.ts's.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AppError } from "../errors.ts";
import {
  envelopeOf,
  isScimPath,
  publicDetail,
  refusalPage,
  scimContentType,
  scimErrorOf,
} from "../errors-answer.ts";
import { type Html, html, renderPage } from "../html.ts";

/** The look of Labelgate's own pages. */
export interface PageLook {
  readonly stylesheet: string;
  /** The strict headers of our pages, by name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** True for a person who goes to an address, false for a program or a page's own request. */
export function isNavigation({ headers, method, url = "" }: IncomingMessage): boolean {
  if (method !== "GET" && method !== "HEAD" && method !== "POST") return false;
  if (url.startsWith("/api/")) return false;
  const mode = headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return (headers.accept ?? "").includes("text/html");
}

/** An answer of ours. */
interface OwnAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a refusal in the form that fits the request. Does nothing where an answer has begun. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  error: AppError,
  { id, look }: { readonly id: string; readonly look: PageLook },
): void {
  const { method, url = "" } = request;
  // SCIM's clients read no other form, whatever else they say of themselves.
  if (isScimPath(url.split("?", 1)[0] ?? "")) send(request, response, id, scimAnswer(error));
  else if (isNavigation(request))
    send(request, response, id, pageAnswer(error, id, { look, mayRepeat: method !== "POST" }));
  else send(request, response, id, jsonAnswer(error, id));
}

/** Sends a redirect that nobody may keep. */
export function sendRedirect(
  request: IncomingMessage,
  response: ServerResponse,
  location: string,
  id: string,
): void {
  const headers = { location, "cache-control": "no-store", "referrer-policy": "same-origin" };
  send(request, response, id, { status: 302, headers, body: "" });
}

/** Sends a page with a sentence or two. */
export function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  page: { readonly status: number; readonly title: string; readonly body: Html },
  { id, look }: { readonly id: string; readonly look: PageLook },
): void {
  const { status, title, body } = page;
  send(request, response, id, {
    ...{ status, headers: { ...look.headers, "content-type": "text/html; charset=utf-8" } },
    body: renderPage({ title, body, stylesheet: look.stylesheet }),
  });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  { status, headers, body }: OwnAnswer,
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(body, "utf8");
  response.writeHead(status, { ...headers, "x-request-id": id, "content-length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function scimAnswer(error: AppError): OwnAnswer {
  return {
    status: error.status,
    headers: {
      ...{ "content-type": scimContentType, "cache-control": "no-store" },
      "x-content-type-options": "nosniff",
    },
    body: JSON.stringify(scimErrorOf(error)),
  };
}

function jsonAnswer(error: AppError, id: string): OwnAnswer {
  const { status } = error;
  return {
    status,
    headers: {
      ...{ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
      "x-content-type-options": "nosniff",
      ...(status === 401 && { "www-authenticate": "Token, Bearer" }),
      ...(isPassing(status) && { "retry-after": "30" }),
    },
    body: JSON.stringify(envelopeOf(error, id)),
  };
}

/** These pass: the same request may go through a little later. */
const isPassing = (status: number): boolean =>
  status === 429 || status === 502 || status === 503 || status === 504;

function pageAnswer(
  error: AppError,
  id: string,
  { look, mayRepeat }: { readonly look: PageLook; readonly mayRepeat: boolean },
): OwnAnswer {
  const isWaiting = waiting.has(error.code) && mayRepeat;
  const { title, body } = isWaiting ? waitingPage(error, id) : refusalPage(error, id);
  return {
    status: error.status,
    headers: {
      ...look.headers,
      "content-type": "text/html; charset=utf-8",
      ...(isPassing(error.status) && { "retry-after": "30" }),
      // Needs no script, which our policy would not allow within the page.
      ...(isWaiting && { refresh: error.code === "upstream_not_ready" ? "3" : "10" }),
    },
    body: renderPage({ title, body, stylesheet: look.stylesheet }),
  };
}

const waiting: ReadonlySet<string> = new Set([
  ...["upstream_away", "upstream_not_ready", "upstream_timeout", "upstream_no_account"],
]);

function waitingPage(error: AppError, id: string): { title: string; body: Html } {
  const isComing = error.code === "upstream_not_ready";
  const title = isComing ? "Label Studio is on its way" : "Label Studio is away";
  const body = html`<section class="card tag" role="status">
<div class="intro"><h1>${title}</h1><p>${publicDetail(error)}</p></div>
<p>This page tries again by itself and opens as soon as Label Studio answers. You stay signed in.</p>
<div class="note"><p class="hint">Reference, for your administrator</p><p><code class="reference">${id}</code></p></div>
<a class="button" href="/user/access">What I may do here</a>
</section>`;
  return { title, body };
}

/** The page of somebody whose browser keeps no cookie: signing in again would change nothing. */
export const cookiesPage = {
  status: 400,
  title: "Your browser keeps no cookies",
  body: html`<section class="card tag">
<div class="intro"><h1>Your browser keeps no cookies of this site</h1>
<p>You were signed in a moment ago, and your browser came back without the cookie that says so. Allow cookies for this site, then sign in again.</p></div>
<a class="button" href="/user/login">Go to sign-in</a>
</section>`,
} as const;

/** An empty grid of projects would say nothing. */
export const noProjectsPage = {
  status: 200,
  title: "No projects yet",
  body: html`<section class="card tag">
<div class="intro"><h1>No projects yet</h1>
<p>You are signed in, and you do not belong to any project of Label Studio's yet. Ask a Manager or an Administrator of your organization to add you to one; it is there as soon as you load this page again.</p></div>
<a class="button" href="/user/access">What I may do here</a>
</section>`,
} as const;
