/**
 * Errors → answers: the original's envelope for programs, a plain page for people. The only place
 * that reads status codes. A refusal says what errors.ts lets it say; a bug says its reference, which
 * is the request id of the lines in the log.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorCode } from "../errors.ts";
import { envelopeOf, isScimPath, refusalPage } from "../errors-answer.ts";
import { renderPage } from "../html.ts";
import { sendScimError } from "../provisioning/answer.ts";
import { contentSecurityPolicy } from "./headers.ts";
import { pathOf } from "./log.ts";

/** Fastify's codes and those of its plugins, by what they come to here. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "payload_too_large",
  FST_REQ_FILE_TOO_LARGE: "payload_too_large",
  FST_FILES_LIMIT: "payload_too_large",
  FST_FIELDS_LIMIT: "payload_too_large",
  FST_PARTS_LIMIT: "payload_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_INVALID_MULTIPART_CONTENT_TYPE: "unsupported_media_type",
  FST_ERR_NOT_FOUND: "not_found",
  FST_ERR_BAD_URL: "bad_request",
  FST_ERR_MAX_PARAM_LENGTH: "not_found",
};

/** PostgreSQL's code for a NUL in a text (character_not_in_repertoire). */
const nulRefused = "22021";

/** Sends every error of `app`, unknown addresses included. */
export function answerErrors(app: FastifyInstance): void {
  const routes: Route[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((r) => r.methods);
    const exists = methods.length > 0 && !methods.includes(request.method);
    if (!exists) return sendError(new AppError("not_found"), request, reply);
    reply.header("allow", [...new Set(methods)].join(", "));
    return sendError(new AppError("method_not_allowed"), request, reply);
  });
}

interface Route {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

/**
 * The ids of the API are numbers and random text: a plain word in such a place is an address that does not
 * exist, and not one with other methods.
 */
const anyId = (url: string): string =>
  url.startsWith("/api/") ? "(?![a-z]+(?:-[a-z]+)*(?:/|$))[^/]+" : "[^/]+";

/** A route's address as a pattern, with or without the trailing slash. */
function patternOf(url: string): RegExp {
  const parts = url.replace(/\/$/, "").split("/");
  const patterns = parts.map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? anyId(url) : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${patterns.join("/")}/?$`);
}

/** The answer to an error: status, headers, envelope or page. */
export function sendError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = asRefusal(thrown, request);
  const { status } = error;
  if (status >= 500 && error.code === "internal_error") {
    request.log.error({ err: error.cause }, "request failed");
  } else {
    request.log.debug({ code: error.code, detail: error.detail }, "refused");
  }
  if (isForScim(request)) return sendScimError(reply, error);
  if (status === 401) reply.header("www-authenticate", "Token, Bearer");
  if (status === 429 || status === 503) reply.header("retry-after", "30");
  if (isForProgram(request)) return reply.code(status).send(envelopeOf(error, request.id));
  const isVisit = request.method === "GET" || request.method === "HEAD";
  if (error.code === "not_authenticated" && isVisit) {
    reply.removeHeader("www-authenticate");
    return reply.redirect(`/user/login?next=${encodeURIComponent(request.url)}`, 302);
  }
  return sendErrorPage(error, request, reply);
}

/**
 * The answer where Fastify finds no route to ask, as for `/%ff`. Such a request and its answer have
 * none of what this application gives to others, neither hooks nor decorations: whatever is used here
 * must be Fastify's own, since an exception has nobody to catch it and ends the process.
 */
export function sendUnrouted(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = asRefusal(thrown, request);
  const { status } = error;
  reply.code(status);
  reply.headers({
    "cache-control": "no-store",
    "content-security-policy": contentSecurityPolicy([]),
    "x-content-type-options": "nosniff",
    "x-request-id": request.id,
  });
  request.log.info({ method: request.method, path: pathOf(request.url), status }, "request");
  if (isForScim(request)) {
    sendScimError(reply, error);
    return;
  }
  if (isForProgram(request)) {
    reply.send(envelopeOf(error, request.id));
    return;
  }
  const { title, body } = refusalPage(error, request.id);
  reply.type("text/html; charset=utf-8").send(renderPage({ title, body }));
}

/** Any error as a refusal; what is none becomes `internal_error` with the error as its cause. */
export function asRefusal(thrown: unknown, request: FastifyRequest): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, statusCode, message } = traitsOf(thrown);
  const known = frameworkCodes[code];
  if (known === "payload_too_large") {
    const limit = request.routeOptions.bodyLimit;
    const isBody = code === "FST_ERR_CTP_BODY_TOO_LARGE";
    const detail = isBody ? `The body may have at most ${limit} bytes here.` : message;
    return new AppError(known, { detail, cause: thrown });
  }
  if (known !== undefined) return new AppError(known, { cause: thrown });
  if (code === nulRefused) {
    const detail = "The request contains the character NUL, which no text here may have.";
    return new AppError("bad_request", { detail, cause: thrown });
  }
  if (statusCode === 400 && thrown instanceof SyntaxError) {
    return new AppError("bad_request", { detail: "The body is not valid JSON.", cause: thrown });
  }
  // Fastify's own words for malformed requests name headers and addresses, never secrets.
  if (statusCode >= 400 && statusCode < 500) {
    return new AppError("bad_request", { detail: message, cause: thrown });
  }
  return new AppError("internal_error", { cause: thrown });
}

function traitsOf(thrown: unknown): { code: string; statusCode: number; message: string } {
  if (!(thrown instanceof Error)) return { code: "", statusCode: 500, message: "" };
  const code = "code" in thrown ? String(thrown.code) : "";
  const isFrameworks = code.startsWith("FST_") || thrown instanceof SyntaxError;
  const statusCode = isFrameworks && "statusCode" in thrown ? Number(thrown.statusCode) : 500;
  return { code, statusCode, message: thrown.message };
}

/** SCIM clients read errors in SCIM's form alone, also where their address is none (RFC 7644 3.12). */
function isForScim({ url }: FastifyRequest): boolean {
  return isScimPath(pathOf(url));
}

/** Programs get JSON: the API, probes, and whoever sent a credential in a header. */
function isForProgram({ url, headers }: FastifyRequest): boolean {
  const path = pathOf(url);
  const isProgramPath = /^\/(api|scim|health|ready|metrics)(\/|$)/.test(path);
  const accepts = headers.accept ?? "";
  const wantsJson = accepts.includes("application/json") && !accepts.includes("text/html");
  return isProgramPath || wantsJson || headers.authorization?.match(/^(token|bearer)\b/i) != null;
}

function sendErrorPage(error: AppError, request: FastifyRequest, reply: FastifyReply) {
  const { title, body } = refusalPage(error, request.id);
  return reply.page(body, { title, status: error.status });
}
