/**
 * Figures for Prometheus (PRODUCT 9.5). Labels are route patterns and codes, never addresses, tokens
 * or people.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Config } from "../config.ts";
import { nearNetworks } from "../config-values.ts";
import { AppError } from "../errors.ts";
import { trustCheck } from "./proxies.ts";

/** The figures of one process. */
export interface Metrics {
  readonly registry: Registry;
  countSignOn(method: "saml" | "password", result: string): void;
  /** Replaces what was known: days to the end of each organization's signing certificate. */
  setCertificateDays(days: readonly { organizationId: number; days: number }[]): void;
  observeRequest(request: { method: string; route: string; status: number; ms: number }): void;
}

/** A registry of its own, so that several apps in one process do not mix; `withProcess` adds memory, CPU and event loop. */
export function createMetrics({ withProcess }: { withProcess: boolean }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (withProcess) collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "labelgate_http_request_duration_seconds",
    help: "Requests by method, route and status, with the seconds they took.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  const signOns = new Counter({
    name: "labelgate_sign_ons_total",
    help: "Sign-ins by method and result: signed_in, or the code of the refusal.",
    labelNames: ["method", "result"] as const,
    registers,
  });
  const certificates = new Gauge({
    name: "labelgate_idp_certificate_expiry_days",
    help: "Days until the identity provider's first signing certificate ends, by organization. Set by the replica that refreshes metadata.",
    labelNames: ["organization_id"] as const,
    registers,
  });
  return {
    registry,
    countSignOn: (method, result) => signOns.inc({ method, result }),
    setCertificateDays: (known) => {
      certificates.reset();
      for (const { organizationId, days } of known) {
        certificates.set({ organization_id: String(organizationId) }, days);
      }
    },
    observeRequest: ({ method, route, status, ms }) => {
      requests.observe({ method, route, status: String(status) }, ms / 1000);
    },
  };
}

/** Counts every answer and serves /metrics, to whom `readerCheck` lets. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, config: Config): void {
  app.decorateRequest("countSignOn", metrics.countSignOn);
  app.addHook("onResponse", (request, reply, done) => {
    metrics.observeRequest({
      method: request.method,
      route: request.routeOptions.url ?? "unknown",
      status: reply.statusCode,
      ms: reply.elapsedTime,
    });
    done();
  });
  const requireReader = readerCheck(config);
  app.get("/metrics", async (request, reply) => {
    requireReader(request.raw);
    const text = await metrics.registry.metrics();
    return reply.type(metrics.registry.contentType).send(text);
  });
}

/** Headers that proxies add about the visitor: with any of them, the peer is not the client. */
const forwardingRe =
  /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|(x-|true-)?client-ip|x-cluster-client-ip|cf-.*|x-envoy-.*|x-original-.*)$/;

/**
 * Refuses whoever may not read the figures. With METRICS_TOKEN that is everybody who does not send it;
 * without, everybody but a peer on this machine or in a private network that came without a proxy.
 */
function readerCheck({ metricsToken }: Config): (request: IncomingMessage) => void {
  const isNear = trustCheck(nearNetworks);
  return ({ headers, socket }) => {
    if (metricsToken !== "") {
      if (isSameSecret(headers.authorization ?? "", `Bearer ${metricsToken}`)) return;
      const detail = "The figures take the METRICS_TOKEN: Authorization: Bearer <token>.";
      throw new AppError("not_authenticated", { detail });
    }
    const isForwarded = Object.keys(headers).some((name) => forwardingRe.test(name));
    if (!isForwarded && isNear(socket.remoteAddress ?? "")) return;
    throw new AppError("permission_denied", {
      detail:
        "The figures are shown to this machine and to private networks, without a proxy between; METRICS_TOKEN opens them to others.",
    });
  };
}

/** Takes the same time whatever was sent. */
function isSameSecret(sent: string, expected: string): boolean {
  const [left, right] = [sent, expected].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
