/**
 * Takes a browser's session from the first host to Label Studio's own (GATEWAY 10.2):
 *
 *   studio  no session: a state cookie, and on to the first host
 *   first   /labelgate/studio/enter?state=&next=   a code for this state and this session
 *   studio  /labelgate/studio/take?code=           a session of its own, then `next` without the code
 *
 * A code is good once, for 30 seconds, and in the browser alone that holds the state. The address bears
 * the state's hash, so that no address is worth anything without the cookie. A studio session is a
 * child of the first host's and ends with it.
 */
import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { safeNext } from "../access/next.ts";
import { hasAccess } from "../access/roles.ts";
import { isSecureOrigin } from "../config.ts";
import { sessionCookieName } from "../credentials/sessions.ts";
import type { Deps } from "../deps.ts";
import { html, renderPage } from "../html.ts";
import { hashSessionToken, newSessionToken } from "../store/sessions.ts";
import { createStudioCode, createStudioSession, takeStudioCode } from "../store/studio-sessions.ts";

const codeMs = 30_000;
/** For as long as somebody may need to sign in on the way. */
const stateSeconds = 15 * 60;
const secretRe = /^[\w-]{43}$/;
const home = "/projects/";
const enterPath = "/labelgate/studio/enter";
const takePath = "/labelgate/studio/take";

/** Both ends of the hand-over. */
export interface StudioHost {
  /**
   * The address at which somebody without a session on the studio host signs in; sets the state cookie.
   */
  readonly signInAddress: (next: string, response: ServerResponse) => string;
  /** Answers what only the studio host has; false where the address is none of those. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The first host's end. */
  readonly routes: FastifyPluginAsync;
}

/** The hand-over between BASE_URL's host and UPSTREAM_PUBLIC_URL's. */
export function studioHost(deps: Deps): StudioHost {
  return {
    signInAddress: (next, response) => beginHandOver(deps, next, response),
    answer: (request, response) => {
      const url = URL.parse(request.url ?? "", deps.config.upstreamPublicUrl);
      if (url === null || !url.pathname.startsWith("/labelgate/studio/")) return false;
      const isTaken = request.method === "GET" && url.pathname.replace(/\/$/, "") === takePath;
      if (!isTaken) sendPage(response, 404, "There is nothing at this address.");
      else void takeSession(deps, { url, request, response });
      return true;
    },
    routes: async (app) => {
      app.get(enterPath, async (request, reply) => await enter(deps, request, reply));
    },
  };
}

/** The first host's end: a code for the session that the browser has here, or sign-in first. */
async function enter(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = new URLSearchParams(request.url.split("?")[1]);
  const [state = "", ...more] = query.getAll("state");
  reply.header("referrer-policy", "no-referrer").header("cache-control", "no-store");
  if (more.length > 0 || !/^[0-9a-f]{64}$/.test(state)) {
    const body = html`<section class="card tag"><div class="intro"><h1>This link is not complete</h1></div><a class="button" href="/">Go to the start page</a></section>`;
    return reply.page(body, { title: "Label Studio", status: 400 });
  }
  const { principal } = request;
  // The start page says to people without access what the matter is.
  if (principal !== null && !hasAccess(principal.role)) return reply.redirect("/", 303);
  const code =
    principal?.via === "session"
      ? await makeCode(deps, {
          sessionHash: request.sessionTokenHash() ?? "",
          stateHash: state,
          next: safeNext(query.get("next") ?? "") ?? home,
        })
      : null;
  if (code === null) {
    return reply.redirect(`/user/login?next=${encodeURIComponent(request.url)}`, 303);
  }
  // A sign-in form may have led here, and browsers hold its form-action against every redirect.
  return reply.leave(`${deps.config.upstreamPublicUrl}${takePath}?code=${code}`);
}

/** One state serves all tabs of a browser that come back together. */
function beginHandOver(
  { config, randomToken }: Deps,
  next: string,
  response: ServerResponse,
): string {
  const [held] = statesOf(config, response.req);
  const state = held ?? randomToken();
  const stateHash = hash("sha256", state);
  if (held === undefined) {
    const name = `${statePrefix(config)}${stateHash.slice(0, 16)}`;
    response.appendHeader("set-cookie", cookie(config, name, `${state}; Max-Age=${stateSeconds}`));
  }
  const query = new URLSearchParams({ state: stateHash, next: safeNext(next) ?? home });
  return `${config.baseUrl}${enterPath}?${query}`;
}

async function makeCode(
  { store, randomToken, now }: Deps,
  bound: { sessionHash: string; stateHash: string; next: string },
): Promise<string | null> {
  const code = randomToken();
  const isMade = await createStudioCode(store.db, {
    ...bound,
    codeHash: hash("sha256", code),
    expiresAt: now() + codeMs,
  });
  return isMade ? code : null;
}

interface TakeRequest {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function takeSession(deps: Deps, { url, request, response }: TakeRequest): Promise<void> {
  const { config, store, now, log } = deps;
  const [code = "", ...more] = url.searchParams.getAll("code");
  try {
    const token = newSessionToken(deps);
    const next =
      more.length > 0 || !secretRe.test(code)
        ? null
        : await store.transaction(async (tx) => {
            const taken = await takeStudioCode(tx, {
              codeHash: hash("sha256", code),
              stateHashes: statesOf(config, request).map((state) => hash("sha256", state)),
              now: now(),
            });
            if (taken === null) return null;
            const { sessionHash } = taken;
            const tokenHash = hashSessionToken(token);
            await createStudioSession(tx, { tokenHash, sessionHash, at: now() });
            return taken.next;
          });
    if (next === null) {
      sendPage(response, 400, "This way in has been used already, or it took too long.");
      return;
    }
    response.setHeader("set-cookie", cookie(config, sessionCookieName(config, "studio"), token));
    response.writeHead(303, { ...answerHeaders, location: next, "content-length": 0 }).end();
  } catch (error) {
    log.error({ err: error }, "a session could not be handed over to Label Studio's host");
    sendPage(response, 503, "Please try again in a minute.");
  }
}

const answerHeaders = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
} as const;

function sendPage(response: ServerResponse, status: number, sentence: string): void {
  const body = renderPage({
    title: "Label Studio",
    body: html`<section class="card tag"><div class="intro"><h1>Label Studio</h1><p>${sentence}</p></div>
<a class="button" href="${home}">Open Label Studio</a></section>`,
  });
  response.writeHead(status, {
    ...answerHeaders,
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

const statePrefix = (config: Deps["config"]): string =>
  isSecureOrigin(config) ? "__Host-labelgate_state_" : "labelgate_state_";

/** Every state that the browser holds: tabs that opened at once have one each. */
function statesOf(config: Deps["config"], { headers }: IncomingMessage): readonly string[] {
  const prefix = statePrefix(config);
  return (headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(pair.indexOf("=") + 1))
    .filter((state) => secretRe.test(state));
}

/** It ends with the browser: the first host's session, which may last longer, makes another one. */
function cookie(config: Deps["config"], name: string, value: string): string {
  const secure = isSecureOrigin(config) ? "; Secure" : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}
