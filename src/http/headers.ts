/**
 * The headers of every answer: a strict Content-Security-Policy, no caching of anything dynamic, the
 * request id, and no indexing of addresses that carry tokens or ask for credentials.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import helmet from "helmet";
import { type Config, isSecureOrigin } from "../config.ts";

const yearSeconds = 31_536_000;

/** Paths that search engines must not index (PRODUCT 2.1; the original's own list). */
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

/**
 * The policy as one header, with forms that may post to this site and to `formTargets`, and style
 * elements that carry `styleNonce`.
 */
export function contentSecurityPolicy(formTargets: readonly string[], styleNonce?: string): string {
  const directives = {
    ...policy,
    "form-action": ["'self'", ...formTargets],
    ...(styleNonce !== undefined && { "style-src": ["'self'", `'nonce-${styleNonce}'`] }),
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; ");
}

/** Registers the headers for every answer, errors and unknown addresses included. */
export function addHeaders(app: FastifyInstance, config: Config): void {
  const fixed = fixedHeaders(config);
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(fixed);
    reply.header("x-request-id", request.id);
    if (unindexedRe.test(request.url.split("?", 1)[0] ?? "")) {
      reply.header("x-robots-tag", "noindex, nofollow");
    }
    done();
  });
}

function studioOrigin({ upstreamPublicUrl }: Config): readonly string[] {
  return upstreamPublicUrl === "" ? [] : [upstreamPublicUrl];
}

/** The headers of every answer. Helmet is asked once, since it renders its headers anew each time. */
export function fixedHeaders(config: Config): Readonly<Record<string, string>> {
  const setHelmet = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      // Signing in may lead on to Label Studio's own host.
      directives: { ...policy, "form-action": ["'self'", ...studioOrigin(config)] },
    },
    // "no-referrer" would make browsers send "Origin: null" with our own forms.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: isSecureOrigin(config)
      ? { maxAge: yearSeconds, includeSubDomains: false }
      : false,
    frameguard: { action: "deny" },
  });
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  setHelmet(request, response, () => undefined);
  return {
    ...Object.fromEntries(
      Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
    ),
    "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  };
}
