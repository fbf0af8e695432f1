/**
 * Who asks: the principal of a request from its credential, and the session cookie (PRODUCT 6.6, 9.6).
 * Sessions and tokens themselves are store/'s and people/'s.
 *
 * 1. A credential in a header is meant, so it wins over the cookie, and a bad one is refused: 401.
 *    Schemes that are not ours (Basic, from a proxy in front) count as none.
 * 2. X-Api-Key goes before Authorization, as in the original: a JWT is a Bearer, else it is a Token.
 * 3. A session cookie that arrives twice counts as none: on a host name that other servers share, one
 *    of the two was planted. On https the __Host- prefix keeps strangers from planting any.
 * 4. A session token is never taken from the browser: each session gets a new one (no fixation).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import { hasAccess } from "../access/roles.ts";
import { isSecureOrigin } from "../config.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { authenticateBearer, authenticateToken } from "../people/api-tokens.ts";
import { deleteSession, hashSessionToken, loadSession, touchSession } from "../store/sessions.ts";
import { formTokenOf } from "./csrf.ts";

/** 32 bytes in base64url, which is what `newSessionToken` makes. */
const sessionTokenRe = /^[\w-]{43}$/;

/** Decorates requests and answers with everything that concerns sessions. */
export function decorateSessions(app: FastifyInstance, deps: Deps): void {
  app.decorateRequest("principal", null);
  app.decorateRequest("caller", function (this: FastifyRequest, action: Action) {
    return callerOf(this, action);
  });
  app.decorateRequest("sessionTokenHash", function (this: FastifyRequest) {
    return sessionHashOf(deps, this);
  });
  app.decorateRequest("csrfToken", function (this: FastifyRequest) {
    return formTokenOf(deps.config, sessionHashOf(deps, this));
  });
  app.decorateReply(
    "startSession",
    function (this: FastifyReply, token: string, expiresAtMs: number, keep: boolean) {
      const expires = keep ? { expires: new Date(expiresAtMs) } : {};
      this.setCookie(cookieName(deps), token, { ...cookieFlags(deps), ...expires });
    },
  );
  app.decorateReply("endSession", async function (this: FastifyReply) {
    const hash = sessionHashOf(deps, this.request);
    if (hash !== null) await deleteSession(deps.store.db, hash);
    this.clearCookie(cookieName(deps), cookieFlags(deps));
  });
}

/** Finds out who asks, before any route of `app` runs. */
export function authenticateRequests(app: FastifyInstance, deps: Deps): void {
  app.addHook("onRequest", async (request) => {
    refuseDoubledCredentials(request);
    const given = headerCredential(request);
    request.principal =
      given === null ? await principalOfCookie(deps, request) : await principalOf(deps, given);
    const { principal } = request;
    const isApi = request.url.startsWith("/api/");
    if (isApi && principal !== null && !hasAccess(principal.role)) {
      throw new AppError("permission_denied", {
        detail: "Your account in this organization is not active.",
      });
    }
  });
}

function callerOf({ principal }: FastifyRequest, action: Action): Principal {
  const decision = authorize(principal, action);
  if (decision.code === "permission_denied") {
    throw new AppError(decision.code, { detail: decision.reason });
  }
  if (principal === null) throw new AppError("not_authenticated");
  return principal;
}

interface HeaderCredential {
  readonly scheme: "token" | "bearer";
  readonly value: string;
}

/** Node keeps the first of two Authorization headers; a proxy in front may have judged the other. */
function refuseDoubledCredentials({ raw }: FastifyRequest): void {
  const seen = new Set<string>();
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at]?.toLowerCase() ?? "";
    if (name !== "authorization" && name !== "x-api-key") continue;
    if (seen.has(name)) throw new AppError("bad_request", { detail: `${name} was sent twice.` });
    seen.add(name);
  }
}

function headerCredential({ headers }: FastifyRequest): HeaderCredential | null {
  const key = headers["x-api-key"];
  if (typeof key === "string" && key.trim() !== "") {
    const value = key.trim();
    return { scheme: value.split(".").length === 3 ? "bearer" : "token", value };
  }
  const [, scheme = "", value = ""] =
    /^(token|bearer)\s+(\S+)\s*$/i.exec(headers.authorization ?? "") ?? [];
  if (value !== "") return { scheme: scheme.toLowerCase() === "token" ? "token" : "bearer", value };
  if (/^(token|bearer)\b/i.test(headers.authorization ?? "")) throw new AppError("invalid_token");
  return null;
}

async function principalOf(deps: Deps, { scheme, value }: HeaderCredential): Promise<Principal> {
  const principal =
    scheme === "token"
      ? await authenticateToken(deps, value.toLowerCase())
      : await authenticateBearer(deps, value);
  if (principal === null) throw new AppError("invalid_token");
  return principal;
}

async function principalOfCookie(deps: Deps, request: FastifyRequest): Promise<Principal | null> {
  const hash = sessionHashOf(deps, request);
  if (hash === null) return null;
  const now = deps.now();
  const session = await loadSession(deps.store.db, hash, now);
  if (session === null) return null;
  await touchSession(deps.store.db, session, now);
  const { userId, organizationId, email, role, id } = session;
  return { userId, organizationId, email, role, via: "session", sessionId: id };
}

function sessionHashOf(deps: Deps, { headers }: FastifyRequest): string | null {
  const [token, ...more] = cookieValues(headers.cookie ?? "", cookieName(deps));
  if (token === undefined || more.length > 0 || !sessionTokenRe.test(token)) return null;
  return hashSessionToken(token);
}

/** Every value of one name: parsers of cookies keep only the first, which is the planted one. */
function cookieValues(header: string, name: string): readonly string[] {
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

const cookieName = (deps: Deps): string =>
  isSecureOrigin(deps.config) ? "__Host-labelgate_session" : "labelgate_session";

const cookieFlags = (deps: Deps) =>
  ({
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: isSecureOrigin(deps.config),
  }) as const;
