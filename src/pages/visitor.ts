/** The browser behind a request, as people/ logs it, and where it may go next. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { safeNext } from "../access/next.ts";
import type { OpenedSession, Visitor } from "../people/open-session.ts";
import { queryText, sentText } from "./form.ts";

/** Longer user agents are cut in sessions and logs. */
const maxUserAgent = 256;

/** Address, user agent, request id and former session of the browser. */
export function visitorOf(request: FastifyRequest): Visitor {
  return {
    ip: request.ip,
    userAgent: (request.headers["user-agent"] ?? "").slice(0, maxUserAgent),
    requestId: request.id,
    previousSessionHash: request.sessionTokenHash(),
  };
}

/** The path of this site that the address asks to go to afterwards, or null. */
export function askedNext(request: FastifyRequest): string | null {
  const text = queryText(request, "next");
  return text === null ? null : safeNext(text);
}

/** The same from the form that carried it. */
export function carriedNext(request: FastifyRequest): string | null {
  const text = sentText(request, "next");
  return text === "" ? null : safeNext(text);
}

/** `path` with `next` as its parameter, where there is one. */
export function withNext(path: string, next: string | null): string {
  return next === null || next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}

/** Gives the browser its session and leads it on. */
export function enter(reply: FastifyReply, session: OpenedSession, next: string | null) {
  reply.startSession(session.token, session.expiresAt, session.keep);
  return reply.redirect(next ?? "/", 303);
}
