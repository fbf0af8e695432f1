/**
 * The HTTP server. Owns the order in which everything is mounted; what routes do is the features'.
 *
 *   request → request id, log, headers → body limits → [site: principal → other sites refused → form
 *   token] → route → answer, or errors.ts → metrics, log line
 *
 * 1. Health, metrics and static files stand outside the site: no credential is looked at for them.
 * 2. Every address answers with and without a trailing slash, without a redirect, as the original's.
 * 3. URLs are made from BASE_URL; of the Host header it matters only that there is one (addressing.ts).
 */
import cookie from "@fastify/cookie";
import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import { authenticatePersonalToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { studioHost } from "../gateway/studio-host.ts";
import { type StudioAdministration, upstreamRoutes } from "../gateway/upstream-routes.ts";
import type { GatewayParts } from "../gateway/visit.ts";
import { pagesRoutes } from "../pages/routes.ts";
import { logActivity } from "../people/activity.ts";
import { peopleRoutes } from "../people/routes.ts";
import { scimAdminRoutes } from "../provisioning/admin-routes.ts";
import type { ResourceKind } from "../provisioning/kind.ts";
import { tidyScimUrl } from "../provisioning/request.ts";
import { RequestLog } from "../provisioning/request-log.ts";
import { provisioningRoutes } from "../provisioning/routes.ts";
import { settingsRoutes } from "../settings/routes.ts";
import { unsavedSettings } from "../settings/unsaved.ts";
import type { FetchMetadata } from "../sso/metadata-refresh.ts";
import { ssoRoutes } from "../sso/routes.ts";
import { loadUpstreamNumber } from "../store/wire-numbers.ts";
import { addressingProblem, originForm } from "./addressing.ts";
import { readBodies } from "./bodies.ts";
import { guardUnsafeRequests } from "./csrf.ts";
import { answerErrors, asRefusal, sendUnrouted } from "./errors.ts";
import { type FrontParts, frontServer } from "./front.ts";
import { addHeaders } from "./headers.ts";
import { serveHealth } from "./health.ts";
import { logRequests } from "./log.ts";
import { createMetrics, type Metrics, serveMetrics } from "./metrics.ts";
import { translateNumbers } from "./numbers.ts";
import { serveApiDocument } from "./openapi/routes.ts";
import { decoratePages } from "./pages.ts";
import { requestIdBy, tidyForwardedFor, trustCheck } from "./proxies.ts";
import { authenticateRequests, decorateSessions } from "./session.ts";
import { staticFiles } from "./static.ts";
import { type MountedStudio, mountStudio, type Studio } from "./studio.ts";
import { answerUnreadable } from "./unreadable.ts";
import { webAppRoutes, webAssets } from "./web-app.ts";

/** The parts of the server besides `Deps`. */
export interface Wiring {
  /** Fetches metadata for a refresh; settings/ has it, sso/ uses it. */
  readonly fetchMetadata: FetchMetadata;
  readonly metrics?: Metrics;
  /** True from the moment the process is told to stop. */
  readonly isStopping?: () => boolean;
  /** The Label Studio behind Labelgate, where there is one. */
  readonly studio?: Studio;
  /** Types of SCIM resources beside people and groups. */
  readonly scimKinds?: (deps: Deps) => readonly ResourceKind[];
  /** The administration of Label Studio; without it its routes say that none is connected. */
  readonly administration?: StudioAdministration;
}

/** A request, its body included, must have arrived within this. */
const requestTimeoutMs = 30_000;

/** The whole application, ready for `listen` or `inject`. */
export async function createApp(deps: Deps, wiring: Wiring): Promise<FastifyInstance> {
  const { isStopping = () => false, studio } = wiring;
  const metrics = wiring.metrics ?? createMetrics({ withProcess: false });
  const mounted =
    studio === undefined
      ? null
      : mountStudio(deps, studio, { metrics, signInAddress: signInAddressOf(deps) });
  const app = createServer(deps, mounted && frontOf(deps, mounted, isStopping));
  app.addHook("onRequest", (request, _reply, done) => {
    const problem = addressingProblem(request.raw, request.originalUrl);
    if (problem !== null) throw new AppError("bad_request", { detail: problem });
    const forwarded = request.headers["x-forwarded-for"];
    if (typeof forwarded === "string") {
      request.headers["x-forwarded-for"] = tidyForwardedFor(forwarded);
    }
    done();
  });
  logRequests(app);
  answerErrors(app);
  addHeaders(app, deps.config);
  await readBodies(app, deps.config);
  await app.register(cookie);
  decoratePages(app);
  decorateSessions(app, deps);
  serveMetrics(app, metrics, deps.config);
  serveHealth(app, deps, isStopping);
  app.addHook("onSend", (_request, reply, _payload, done) => {
    // Browsers and proxies then open their next connection to another replica.
    if (isStopping()) reply.header("connection", "close");
    done();
  });
  serveApiDocument(app, deps.config);
  await app.register(staticFiles);
  await app.register(webAssets);
  mounted?.styles.serve(app);
  const requestLog = new RequestLog(deps);
  await app.register(
    provisioningRoutes(deps, {
      authenticatePerson: async (token) => await authenticatePersonalToken(deps, token),
      refusalOf: asRefusal,
      requestLog,
      ...(wiring.scimKinds && { furtherKinds: wiring.scimKinds(deps) }),
    }),
  );
  await app.register(siteRoutes(deps, wiring, requestLog));
  await app.ready();
  return app;
}

/** Everything that a credential may matter for. */
function siteRoutes(
  deps: Deps,
  { fetchMetadata, administration }: Wiring,
  requestLog: RequestLog,
): FastifyPluginAsync {
  return async (site) => {
    authenticateRequests(site, deps);
    guardUnsafeRequests(site, deps.config);
    logActivity(site, deps);
    translateNumbers(site, deps);
    await site.register(settingsRoutes(deps, { fetchMetadata }));
    await site.register(scimAdminRoutes(deps, { requestLog }));
    await site.register(peopleRoutes(deps));
    await site.register(upstreamRoutes(deps, administration ?? null));
    await site.register(
      ssoRoutes(deps, { fetchMetadata, unsaved: unsavedSettings(deps, fetchMetadata) }),
    );
    if (deps.config.upstreamPublicUrl !== "") await site.register(studioHost(deps).routes);
    await site.register(pagesRoutes(deps));
    await site.register(webAppRoutes(deps));
  };
}

/** The address at which somebody without a session signs in, with the way back. */
function signInAddressOf(deps: Deps): GatewayParts["signInAddress"] {
  const handOver = studioHost(deps);
  return (host, next, response) =>
    host === "studio"
      ? handOver.signInAddress(next, response)
      : `/user/login?next=${encodeURIComponent(next)}`;
}

function frontOf(deps: Deps, { gateway }: MountedStudio, isStopping: () => boolean): Front {
  const { config, store } = deps;
  const parts: FrontParts = {
    ...{ config, gateway, isStopping, studioHost: studioHost(deps).answer },
    upstreamNumber: async (kind, id) => await loadUpstreamNumber(store.db, kind, id),
  };
  return { serverFactory: frontServer(parts) };
}

/** The options that Fastify takes of the server in front of it. */
type Front = Pick<FastifyServerOptions, "serverFactory">;

function createServer({ config, log }: Deps, front: Front | null): FastifyInstance {
  const isTrusted = trustCheck(config.trustedProxies);
  const app = Fastify({
    ...front,
    clientErrorHandler: answerUnreadable,
    rewriteUrl: ({ url = "/" }) => tidyScimUrl(originForm(url)),
    loggerInstance: log,
    // The request id comes from log.ts; the line for each answer too.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdBy(isTrusted),
    trustProxy: config.trustedProxies.length > 0 && isTrusted,
    requestTimeout: requestTimeoutMs,
    // While stopping, what still arrives on open connections is answered and the connection closed.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => sendUnrouted(error, request, reply),
  });
  return app as unknown as FastifyInstance;
}
