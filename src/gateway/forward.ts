/**
 * The last step of the gateway: what was decided goes on to Label Studio, and its answer comes back,
 * piece by piece (passing.ts) or whole and edited (whole-answer.ts). Owns the repetition after a refused
 * credential, and the end of transfers of people who are deactivated meanwhile (GATEWAY 10.3).
 */
import { safeMethods } from "../credentials/origin-guard.ts";
import { AppError } from "../errors.ts";
import { readOff } from "./bodies.ts";
import type { UpstreamRequest } from "./exchange.ts";
import { onwardHeaders } from "./headers.ts";
import { Passing } from "./passing.ts";
import { isLogged, recordVisit } from "./record.ts";
import { isNavigation, noProjectsPage, sendPage } from "./refusals.ts";
import { type GatewayParts, known, type Visit } from "./visit.ts";
import { answerWhole, isFile, originOf, planOf } from "./whole-answer.ts";

/** Sends the request on and answers it. @throws AppError where no answer has begun */
export async function forward(parts: GatewayParts, visit: Visit): Promise<void> {
  const decision = known(visit.forward);
  if (isEmptyGrid(visit)) {
    sendPage(visit.request, visit.response, noProjectsPage, { id: visit.id, look: parts.look });
    return;
  }
  await requireKnown(parts, visit);
  const plan = await planOf(parts, visit);
  const [path = ""] = decision.target.split("?", 1);
  const target = plan === null ? decision.target : withQuery(path, plan.query);
  for (let attempt = 1; ; attempt += 1) {
    const request = onward(parts, visit, target);
    try {
      await send(parts, visit, { request, plan });
      return;
    } catch (error) {
      const isRefused = error instanceof AppError && error.code === "upstream_refused_credential";
      const mayRepeat = request.body === null || request.body instanceof Uint8Array;
      if (!isRefused || !mayRepeat || attempt > 1 || visit.response.headersSent) throw error;
      await parts.inStep.mendAccount(known(visit.viewer));
    }
  }
}

const withQuery = (path: string, query: string): string =>
  query === "" ? path : `${path}?${query}`;

/** An empty grid of projects says nothing to somebody who cannot make one (GATEWAY 10.6). */
function isEmptyGrid({ request, opened, viewer }: Visit): boolean {
  if (opened?.row.path !== "/projects/" || !isNavigation(request)) return false;
  const { projects, role } = known(viewer);
  return projects !== "all" && projects.size === 0 && role !== "MA";
}

/** @throws AppError `not_found` for a person whom the viewer does not see, `validation_failed` */
async function requireKnown({ inStep }: GatewayParts, visit: Visit): Promise<void> {
  const { person, project, workspace } = known(visit.forward);
  const viewer = known(visit.viewer);
  if (person !== null) {
    const people = await inStep.peopleSeenBy(viewer, project);
    if (!people.has(person)) throw new AppError("not_found");
  }
  if (workspace !== null) await inStep.requireWorkspace(viewer, workspace.id);
}

function onward({ upstream }: GatewayParts, visit: Visit, target: string): UpstreamRequest {
  const { method, body, isSlow, edit } = known(visit.forward);
  const { request } = visit;
  const isEdited = edit !== null;
  const isStream = body.kind === "stream" && visit.bytes === null;
  const headers = onwardHeaders(request.headers, {
    credential: upstream.mintCredential(known(known(visit.viewer).upstreamUserId)),
    type: body.kind === "none" ? null : body.type,
    length: isStream ? (request.headers["content-length"] ?? null) : null,
    isEdited,
  });
  if (body.kind === "none") return { method, target, headers, body: null, isSlow };
  if (body.kind === "bytes") return { method, target, headers, body: body.bytes, isSlow };
  return { method, target, headers, body: visit.bytes ?? request, isSlow };
}

async function send(
  parts: GatewayParts,
  visit: Visit,
  {
    request,
    plan,
  }: { readonly request: UpstreamRequest; readonly plan: Awaited<ReturnType<typeof planOf>> },
): Promise<void> {
  const { edit } = known(visit.forward);
  const isEdited = edit !== null;
  const hasEffect = (visit.opened?.row.effect ?? null) !== null;
  if ((isEdited || hasEffect || plan !== null) && request.method !== "HEAD") {
    await untilCut(parts, visit, (signal) =>
      answerWhole(parts, visit, { request, plan, edit, signal }),
    );
  } else {
    await pass(parts, visit, request, isEdited);
  }
}

/** Runs `work` with a signal that comes when the client goes, or may not stay. */
async function untilCut(
  { viewers }: GatewayParts,
  { response, who }: Visit,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const leave = viewers.whileActive(known(who), () => response.destroy());
  response.once("close", end);
  try {
    await work(ending.signal);
  } finally {
    response.off("close", end);
    leave();
  }
}

async function pass(
  parts: GatewayParts,
  visit: Visit,
  request: UpstreamRequest,
  isEdited: boolean,
): Promise<void> {
  const { deps, upstream, viewers, answerHeaders } = parts;
  const { response } = visit;
  const passing = new Passing(response, {
    headers: answerHeaders,
    ...{ isEdited, isFile: isFile(visit), requestId: visit.id, origin: originOf(deps, visit) },
    isApi: visit.target.startsWith("/api/"),
    before: isLogged(visit) ? (status) => recordVisit(parts, visit, status) : null,
  });
  const exchange = upstream.send(request, passing);
  passing.exchange = exchange;
  const gone = () => {
    exchange.cancel();
    passing.leave();
  };
  const leave = viewers.whileActive(known(visit.who), () => response.destroy());
  response.once("close", gone);
  try {
    await passing.outcome;
    if (!safeMethods.has(visit.method)) forgetNamed(parts, visit);
  } finally {
    response.off("close", gone);
    leave();
    if (request.body === visit.request) readOff(visit.request, deps.config.upstreamMaxUploadBytes);
  }
}

/** What a change named is asked anew when it is next named. */
export function forgetNamed({ lookups }: GatewayParts, { studio }: Visit): void {
  for (const ref of known(studio).refs) lookups.forget(ref);
}
