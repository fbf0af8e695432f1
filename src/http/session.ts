/**
 * Gives routes their caller, and sets and clears the session cookie (PRODUCT 6.6, 9.6). credentials/
 * identifies the caller.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import { hasAccess } from "../access/roles.ts";
import { isSecureOrigin } from "../config.ts";
import { authenticate } from "../credentials/authenticate.ts";
import { readSessionHash } from "../credentials/read.ts";
import { cookieFlags, presenceCookie, sessionCookieName } from "../credentials/sessions.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { deleteSession } from "../store/sessions.ts";
import { formTokenOf } from "./csrf.ts";

const clearSiteData = '"cache", "storage"';

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
  app.decorateRequest("isSessionHeldBack", function (this: FastifyRequest) {
    if (sessionHashOf(deps, this) !== null) return false;
    return isSecureOrigin(deps.config)
      ? this.cookies[presenceCookie.name] !== undefined
      : this.headers["sec-fetch-site"] === "cross-site";
  });
  app.decorateReply(
    "startSession",
    function (this: FastifyReply, token: string, expiresAtMs: number, keep: boolean) {
      if (this.request.principal !== null) this.header("clear-site-data", clearSiteData);
      const expires = keep ? { expires: new Date(expiresAtMs) } : {};
      if (isSecureOrigin(deps.config)) {
        this.setCookie(presenceCookie.name, "1", { ...presenceCookie.flags, ...expires });
      }
      this.setCookie(sessionCookieName(deps.config), token, {
        ...cookieFlags(deps.config),
        ...expires,
      });
    },
  );
  app.decorateReply("endSession", async function (this: FastifyReply) {
    const hash = sessionHashOf(deps, this.request);
    if (hash !== null) await deleteSession(deps.store.db, hash);
    // What Label Studio's pages kept in the browser is not the next person's (GATEWAY 10.6).
    this.header("clear-site-data", clearSiteData);
    this.clearCookie(sessionCookieName(deps.config), cookieFlags(deps.config));
    if (isSecureOrigin(deps.config)) this.clearCookie(presenceCookie.name, presenceCookie.flags);
  });
}

/** Finds out who asks, before any route of `app` runs. */
export function authenticateRequests(app: FastifyInstance, deps: Deps): void {
  app.addHook("onRequest", async (request) => {
    const principal = await authenticate(deps, request.raw.rawHeaders);
    request.principal = principal;
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

function sessionHashOf(deps: Deps, { raw }: FastifyRequest): string | null {
  return readSessionHash(raw.rawHeaders, sessionCookieName(deps.config));
}
