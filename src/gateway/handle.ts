/**
 * The way of a request to Label Studio, as a list of steps (GATEWAY 10.3 to 10.6). Owns their order and
 * what becomes of refusals; each step's rules are another file's.
 *
 *   open (row) → public file? → door open? → who asks → other sites → body → account → look-ups →
 *   decide → forward (forward.ts)
 *
 * Node's plain request and response go through, without a hook of Fastify's: this is the hot path. A
 * step that need not wait returns nothing, and the next one runs at once.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refuseOtherSites, refuseStudioScripts, safeMethods } from "../credentials/origin-guard.ts";
import type { Host } from "../credentials/sessions.ts";
import { AppError } from "../errors.ts";
import { decide, forwardPublic, refuseEarly } from "../labelstudio/decide.ts";
import type { StudioRefusal } from "../labelstudio/decision.ts";
import { openRequest, readRequest } from "../labelstudio/read.ts";
import type { Resources } from "../labelstudio/resource.ts";
import { loadStudioManagers } from "../store/studio-managers.ts";
import { hasBody, readBody, readOff, streamLength } from "./bodies.ts";
import { forward } from "./forward.ts";
import { isLogged, recordVisit } from "./record.ts";
import { cookiesPage, isNavigation, sendPage, sendRedirect, sendRefusal } from "./refusals.ts";
import { SignInLoops } from "./sign-in-loops.ts";
import { type GatewayParts, known, newVisit, type Visit } from "./visit.ts";

type Step = (parts: GatewayParts, visit: Visit) => undefined | Promise<void>;

/** In this order; a step refuses by an AppError, and nothing after it happens. */
const steps: readonly Step[] = [
  requireOpen,
  authenticate,
  guardCookies,
  readWhole,
  nameAccount,
  decideVisit,
  forward,
];

/** Answers requests for Label Studio. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #loops: SignInLoops;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#loops = new SignInLoops(parts.deps.now);
  }

  /** Answers a request whose address the policy has (GATEWAY 10.2). */
  handle(request: IncomingMessage, response: ServerResponse, host: Host): void {
    this.#answer(request, response, host, (visit) => {
      const opened = openRequest({
        method: visit.method,
        target: visit.target,
        contentType: request.headers["content-type"],
        contentEncoding: request.headers["content-encoding"],
        hasBody: hasBody(request),
      });
      if ("code" in opened) throw refusalOf(opened);
      visit.opened = opened;
      if (opened.row.scope === "public") return this.#answerFile(visit);
      if (hasBody(request) && opened.need.kind === "none") readOff(request, this.#maxBytes);
      return goOn(this.#parts, visit, 0);
    });
  }

  /** Answers `/`: people with access are led to their projects, others to what says why not. */
  home(request: IncomingMessage, response: ServerResponse, host: Host): void {
    this.#answer(request, response, host, async (visit) => {
      await authenticate(this.#parts, visit);
      sendRedirect(request, response, "/projects/", visit.id);
    });
  }

  /** Refuses a request in the form that fits it; for what no server has. */
  refuse(request: IncomingMessage, response: ServerResponse, host: Host, error: AppError): void {
    this.#answer(request, response, host, () => Promise.reject(error));
  }

  get #maxBytes(): number {
    return this.#parts.deps.config.upstreamMaxUploadBytes;
  }

  async #answerFile(visit: Visit): Promise<void> {
    const { request, response } = visit;
    const studio = readRequest(known(visit.opened), null);
    if ("code" in studio) throw refusalOf(studio);
    const { target } = forwardPublic(studio);
    response.setHeader("x-request-id", visit.id);
    await this.#parts.staticFiles.answer(request, response, target);
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    host: Host,
    work: (visit: Visit) => undefined | Promise<void>,
  ): void {
    const { method = "GET", url = "/" } = request;
    const id = this.#parts.watch.requestId(request);
    const visit = newVisit({ request, response, method, target: url, host, id });
    response.on("close", () => this.#close(visit));
    try {
      work(visit)?.catch((error: unknown) => this.#refuse(visit, asRefusal(error)));
    } catch (error) {
      void this.#refuse(visit, asRefusal(error));
    }
  }

  async #refuse(visit: Visit, error: AppError): Promise<void> {
    const { request, response, id } = visit;
    visit.refusal = error.code;
    const { log } = this.#parts.deps;
    const row = { requestId: id, code: error.code, detail: error.detail, ...error.evidence };
    if (error.status >= 500) log.error({ ...row, err: error.cause ?? error }, "request failed");
    else log.debug(row, "refused");
    readOff(request, this.#maxBytes);
    if (response.headersSent) return;
    if (isLogged(visit)) await recordVisit(this.#parts, visit, error.status);
    if (isNavigation(request) && visit.method !== "POST" && this.#leadOn(visit, error)) return;
    sendRefusal(request, response, error, { id, look: this.#parts.look });
  }

  /** Leads somebody without a session to sign-in, and somebody without access to what says so. */
  #leadOn(visit: Visit, error: AppError): boolean {
    const { request, response, id, host, who } = visit;
    const { look, watch, signInAddress } = this.#parts;
    if (error.code === "permission_denied" && who === null) {
      sendRedirect(request, response, accessAddress(this.#parts), id);
      return true;
    }
    if (error.code === "misdirected_request" && who !== null) {
      const { upstreamPublicUrl } = this.#parts.deps.config;
      sendRedirect(request, response, `${upstreamPublicUrl}${visit.target}`, id);
      return true;
    }
    if (error.code !== "not_authenticated") return false;
    if (this.#loops.isLoop(request, watch.ipOf(request))) {
      sendPage(request, response, cookiesPage, { id, look });
    } else {
      const next = nextAddress(visit, this.#ownOrigins());
      sendRedirect(request, response, signInAddress(host, next, response), id);
    }
    return true;
  }

  #ownOrigins(): readonly string[] {
    const { baseUrl, upstreamPublicUrl } = this.#parts.deps.config;
    return [baseUrl, upstreamPublicUrl].filter((origin) => origin !== "");
  }

  #close(visit: Visit): void {
    const { request, response, method, target, id, who, opened } = visit;
    const ms = performance.now() - visit.startedMs;
    const status = response.statusCode;
    const { watch, deps } = this.#parts;
    const route = opened?.row.path ?? "unknown";
    watch.answered({ method, route, status, ms });
    const isCut = !response.writableFinished;
    let level: "error" | "info" | "debug" = "info";
    if (status >= 500) level = "error";
    // A page asks for dozens of things; what was read and went well is not worth a line each.
    else if (status < 400 && !isCut && safeMethods.has(method)) level = "debug";
    if (level === "debug" && !deps.log.isLevelEnabled("debug")) return;
    deps.log[level](
      {
        ...{ requestId: id, method, path: target.split("?", 1)[0]?.slice(0, 512), status },
        ...{ ms: Math.round(ms * 10) / 10, ip: watch.ipOf(request) },
        ...(who !== null && { userId: who.principal.userId }),
        ...(visit.refusal !== null && { code: visit.refusal }),
        ...(isCut && { cut: true }),
      },
      "request",
    );
  }
}

/** Does the steps from `first` on, without waiting where none asks for it. */
function goOn(parts: GatewayParts, visit: Visit, first: number): undefined | Promise<void> {
  for (let at = first; at < steps.length; at += 1) {
    const pending = steps[at]?.(parts, visit);
    if (pending === undefined) continue;
    return at + 1 === steps.length ? pending : pending.then(() => goOn(parts, visit, at + 1));
  }
  return undefined;
}

/** A refusal of the policy's as an error. */
function refusalOf({ code, detail }: StudioRefusal): AppError {
  return new AppError(code, detail === undefined ? {} : { detail });
}

function asRefusal(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError("internal_error", { cause: error });
}

const accessAddress = ({ deps }: GatewayParts): string => `${deps.config.baseUrl}/user/access`;

/**
 * The page to come back to. Label Studio's pages answer a 401 by going to `/`, so there it is the page
 * that the Referer names (GATEWAY 10.6).
 */
function nextAddress({ request, target }: Visit, ownOrigins: readonly string[]): string {
  const [path] = target.split("?", 1);
  if (path !== "/") return target;
  const { referer = "" } = request.headers;
  const from = URL.parse(referer);
  if (from === null || !ownOrigins.includes(from.origin) || from.pathname === "/")
    return "/projects/";
  return from.pathname.startsWith("/user/") ? "/projects/" : `${from.pathname}${from.search}`;
}

function requireOpen({ inStep }: GatewayParts): undefined | Promise<void> {
  return inStep.requireOpen();
}

/** @throws AppError `not_authenticated`, `invalid_token`, `bad_request`, `permission_denied` */
function authenticate(parts: GatewayParts, visit: Visit): undefined | Promise<void> {
  const found = parts.viewers.authenticate(visit.request, visit.host);
  if (found instanceof Promise) {
    return found.then((who) => {
      admit(visit, who);
    });
  }
  admit(visit, found);
  return undefined;
}

function admit(visit: Visit, who: Visit["who"]): void {
  if (who === null) {
    const isPages = visit.request.headers["sec-fetch-mode"] !== undefined;
    throw new AppError("not_authenticated", isPages ? { detail: sessionEnded } : {});
  }
  visit.who = who;
  visit.viewer = who.viewer;
}

/** Label Studio's page shows this beside work that is not saved yet. */
const sessionEnded = "Your session has ended. Sign in in another tab, then press Submit again.";

/** @throws AppError `csrf_failed`, `misdirected_request` */
function guardCookies({ deps }: GatewayParts, visit: Visit): undefined {
  const { request, method, host } = visit;
  if (!known(visit.who).isAmbient) return undefined;
  if (!safeMethods.has(method)) refuseOtherSites(request.headers, deps.config, host);
  const { upstreamPublicUrl } = deps.config;
  if (host === "studio" || upstreamPublicUrl === "") return undefined;
  refuseStudioScripts(request.headers, deps.config);
  // A script smuggled into Label Studio's pages or files would run here beside Labelgate's session.
  if (known(visit.opened).row.isShared) return undefined;
  const detail = `Label Studio's pages are at ${upstreamPublicUrl}.`;
  throw new AppError("misdirected_request", { detail });
}

/** Reads the body where the row wants it, and the request as a whole. */
function readWhole({ deps }: GatewayParts, visit: Visit): undefined | Promise<void> {
  const { request } = visit;
  const { need } = known(visit.opened);
  if (need.kind === "none") return understand(visit, null);
  if (need.kind === "read") {
    return readBody(request, need.maxBytes).then((bytes) => understand(visit, bytes));
  }
  const most = deps.config.upstreamMaxUploadBytes;
  // A chunked body reaches Label Studio empty: it is read here, or refused.
  if (streamLength(request, most) !== null) return understand(visit, null);
  return readBody(request, most).then((bytes) => {
    visit.bytes = bytes;
    understand(visit, null);
  });
}

function understand(visit: Visit, bytes: Uint8Array | null): undefined {
  const studio = readRequest(known(visit.opened), bytes);
  if ("code" in studio) throw refusalOf(studio);
  visit.studio = studio;
  return undefined;
}

/** Whoever has no account in Label Studio yet gets one now. @throws AppError `upstream_no_account` */
function nameAccount({ inStep }: GatewayParts, visit: Visit): undefined | Promise<void> {
  const viewer = known(visit.viewer);
  if (viewer.upstreamUserId !== null) return undefined;
  return inStep.ensureAccount(viewer).then((upstreamUserId) => {
    visit.viewer = { ...viewer, upstreamUserId };
  });
}

const nothing: Resources = new Map();

function decideVisit(parts: GatewayParts, visit: Visit): undefined | Promise<void> {
  const { refs } = known(visit.studio);
  if (refs.length === 0) return conclude(parts, visit, nothing);
  const early = refuseEarly(known(visit.studio), known(visit.viewer), parts.switches);
  if (early !== null) throw refusalOf(early);
  return parts.lookups
    .find(refs)
    .then((resources) => withTabCreators(parts, visit, resources))
    .then((resources) => conclude(parts, visit, resources));
}

/** Tabs of Annotators and Reviewers are their own; those of the upper roles are shared (GATEWAY 10.4). */
async function withTabCreators(
  { deps }: GatewayParts,
  visit: Visit,
  resources: Resources,
): Promise<Resources> {
  // Those of several projects are refused.
  const { projectId: project } = [...resources.values()].find(({ kind }) => kind === "view") ?? {};
  if (project === undefined || project === null) return resources;
  const { organizationId } = known(visit.viewer);
  const managers = await loadStudioManagers(deps.store.db, { organizationId, project });
  return new Map(
    [...resources].map(([key, found]) => {
      const { kind, createdBy = null } = found;
      const isWorkers = kind === "view" && createdBy !== null && !managers.has(createdBy);
      return [key, isWorkers ? { ...found, isWorkers } : found];
    }),
  );
}

function conclude(
  { switches, inStep }: GatewayParts,
  visit: Visit,
  resources: Resources,
): undefined | Promise<void> {
  const viewer = known(visit.viewer);
  const decision = decide(known(visit.studio), viewer, resources, switches);
  if ("code" in decision) throw refusalOf(decision);
  visit.forward = decision;
  return decision.project === null ? undefined : inStep.requireProject(viewer, decision.project);
}
