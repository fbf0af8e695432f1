/**
 * The headers of every answer: a strict Content-Security-Policy, no caching of anything dynamic, the
 * request id, and no indexing of addresses that carry tokens or ask for credentials.
 */
import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { type Config, isSecureOrigin } from "../config.ts";

const yearSeconds = 31_536_000;

/** Where search engines have no business (PRODUCT 2.1; the original's own list). */
const unindexedRe = /^\/(?:saml|user|setup|recover|password-\w+)(?:\/|$)|^\/api\/invite/;

const policy = {
  "default-src": ["'none'"],
  "base-uri": ["'none'"],
  "connect-src": ["'self'"],
  "font-src": ["'self'"],
  "frame-ancestors": ["'none'"],
  "img-src": ["'self'", "data:"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
} as const;

/** The policy as one header, with forms that may post to this site and to `formTargets`. */
export function contentSecurityPolicy(formTargets: readonly string[]): string {
  const directives = { ...policy, "form-action": ["'self'", ...formTargets] };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; ");
}

/** Registers the headers for every answer, errors and unknown addresses included. */
export async function addHeaders(app: FastifyInstance, config: Config): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...policy, "form-action": ["'self'"] },
    },
    // "no-referrer" would make browsers send "Origin: null" with our own forms.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: isSecureOrigin(config)
      ? { maxAge: yearSeconds, includeSubDomains: false }
      : false,
    frameguard: { action: "deny" },
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    reply.header("cache-control", "no-store");
    reply.header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
    if (unindexedRe.test(request.url.split("?", 1)[0] ?? "")) {
      reply.header("x-robots-tag", "noindex, nofollow");
    }
    done();
  });
}
