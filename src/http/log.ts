/**
 * The log: JSON lines, the request id on every line that a request causes (PRODUCT 9.5).
 *
 * What is never in it: bodies, cookies, credentials, query strings (they carry tokens, SAMLRequest and
 * RelayState), evidence of refusals. An error shows its type, message, stack and causes, and none of
 * the other things that libraries hang on errors, such as the row that broke a constraint.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance } from "fastify";
import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "../config.ts";

const current = new AsyncLocalStorage<string>();

/** The log of this process; `destination` is standard output unless told. */
export function createLogger(
  config: Pick<Config, "logLevel">,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: describeError,
        error: describeError,
        // Fastify's own rare lines name the request and the answer; only this much of them.
        req: ({ method, url }: { method?: string; url?: string }) => ({
          method,
          path: pathOf(url ?? ""),
        }),
        res: ({ statusCode }: { statusCode?: number }) => ({ statusCode }),
      },
      mixin: () => {
        const requestId = current.getStore();
        return requestId === undefined ? {} : { requestId };
      },
    },
    destination,
  );
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}

/** One line for each answer, and the request id for every line in between. */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    current.run(request.id, done);
  });
  // Reading a body leaves the surroundings of the first hook.
  app.addHook("preValidation", (request, _reply, done) => {
    current.run(request.id, done);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { principal } = request;
    const level = reply.statusCode >= 500 ? "error" : "info";
    const isProbe = /^\/(health|ready|metrics|labelgate\/\*)$/.test(request.routeOptions.url ?? "");
    current.run(request.id, () => {
      request.log[isProbe && reply.statusCode < 400 ? "debug" : level](
        {
          method: request.method,
          path: pathOf(request.url),
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          ip: request.ip,
          ...(principal === null
            ? {}
            : { userId: principal.userId, organizationId: principal.organizationId }),
        },
        "request",
      );
    });
    done();
  });
}

/** The address without its query, cut to what a log line can bear. */
export function pathOf(url: string): string {
  return (url.split("?", 1)[0] ?? "").slice(0, 512);
}
