/**
 * Requests that another site made a browser send, to the site's own routes. Two independent guards for
 * unsafe methods:
 *
 * 1. Origin and Sec-Fetch-Site, where the browser sends them, must show this very origin
 *    (credentials/origin-guard.ts). That holds for anonymous requests too (signing somebody in unawares
 *    is an attack).
 * 2. With a session cookie, the form token must come along: header X-CSRFToken or field csrf_token.
 *
 * Exempt are the Assertion Consumer Service, where the identity provider's page posts by design and
 * the signed response is the proof, and requests with a credential in a header, which no other site
 * can make a browser send.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Config } from "../config.ts";
import { signingKeys } from "../config-keys.ts";
import { refuseOtherSites, refuseStudioScripts, safeMethods } from "../credentials/origin-guard.ts";
import { AppError } from "../errors.ts";

const acsRe = /^\/saml\/:token\/acs\/?$/;

/** The form token of the session with this hash; "" where there is no session to protect. */
export function formTokenOf(config: Config, sessionTokenHash: string | null): string {
  return formTokensOf(config, sessionTokenHash)[0] ?? "";
}

/** The form tokens that count for a session, the one for new forms first. */
function formTokensOf(config: Config, sessionTokenHash: string | null): readonly string[] {
  if (sessionTokenHash === null) return [];
  return signingKeys(config, "form tokens").map((key) =>
    createHmac("sha256", key).update(sessionTokenHash).digest("base64url"),
  );
}

/** Registers both guards; must come after the principal is known. */
export function guardUnsafeRequests(app: FastifyInstance, config: Config): void {
  app.decorateRequest("showsFormToken", false);
  app.addHook("onRequest", (request, _reply, done) => {
    if (isGuarded(request)) refuseOtherSites(request.headers, config);
    if (request.principal?.via === "session") refuseStudioScripts(request.headers, config);
    done();
  });
  app.addHook("preValidation", (request, _reply, done) => {
    const sent = takeFormToken(request);
    request.showsFormToken = request.principal !== null && isOurs(config, request, sent);
    if (isGuarded(request) && request.principal !== null) requireFormToken(config, request, sent);
    done();
  });
}

function requireFormToken(config: Config, request: FastifyRequest, sent: string): void {
  const header = request.headers["x-csrftoken"];
  const token = typeof header === "string" ? header : sent;
  if (!isOurs(config, request, token)) throw new AppError("csrf_failed");
}

function isOurs(config: Config, request: FastifyRequest, token: string): boolean {
  if (token === "") return false;
  const good = formTokensOf(config, request.sessionTokenHash());
  return good.some((each) => isSame(token, each));
}

function isGuarded({ method, principal, routeOptions }: FastifyRequest): boolean {
  const isAmbient = principal === null || principal.via === "session";
  return !safeMethods.has(method) && isAmbient && !acsRe.test(routeOptions.url ?? "");
}

/** The field csrf_token, taken out of the form so that no route takes it for one of its own. */
function takeFormToken({ body, headers }: FastifyRequest): string {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  if (!isForm || typeof body !== "object" || body === null) return "";
  const value: unknown = Reflect.get(body, "csrf_token");
  if (value !== undefined) Reflect.deleteProperty(body, "csrf_token");
  return typeof value === "string" ? value : "";
}

function isSame(sent: string, expected: string): boolean {
  const [left, right] = [Buffer.from(sent), Buffer.from(expected)];
  return right.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}
