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
import type { ProjectListPlan } from "./in-step.ts";
import { Passing, type PassingOptions } from "./passing.ts";
import { isLogged, recordVisit } from "./record.ts";
import { isNavigation, noProjectsPage, sendPage } from "./refusals.ts";
import { type GatewayParts, known, type Visit } from "./visit.ts";
import { answerWhole, isFile, type ListKind, listKind, originOf, planOf } from "./whole-answer.ts";

/** Sends the request on and answers it. @throws AppError where no answer has begun, or rejects with it */
export function forward(parts: GatewayParts, visit: Visit): undefined | Promise<void> {
  if (isEmptyGrid(visit)) {
    sendPage(visit.request, visit.response, noProjectsPage, { id: visit.id, look: parts.look });
    return undefined;
  }
  const { person, workspace } = known(visit.forward);
  const listed = listKind(visit);
  if (person === null && workspace === null && listed === null) return sendOn(parts, visit, null);
  return prepare(parts, visit, listed).then((plan) => sendOn(parts, visit, plan));
}

/** Asks what must be known first; the plan of a list of projects. Rejects as `requireKnown` does. */
async function prepare(
  parts: GatewayParts,
  visit: Visit,
  listed: ListKind | null,
): Promise<ProjectListPlan | null> {
  await requireKnown(parts, visit);
  return listed === null ? null : await planOf(parts, visit, listed);
}

/** A refused credential is looked into, and the request repeated once where its body is still there. */
function sendOn(parts: GatewayParts, visit: Visit, plan: ProjectListPlan | null): Promise<void> {
  const request = onward(parts, visit, plan);
  return send(parts, visit, { request, plan }).catch(async (error: unknown) => {
    const isRefused = error instanceof AppError && error.code === "upstream_refused_credential";
    const mayRepeat = request.body === null || request.body instanceof Uint8Array;
    if (!isRefused || !mayRepeat || visit.response.headersSent) throw error;
    await parts.inStep.mendAccount(known(visit.viewer));
    await send(parts, visit, { request: onward(parts, visit, plan), plan });
  });
}

function withQuery(target: string, query: string): string {
  const [path = ""] = target.split("?", 1);
  return query === "" ? path : `${path}?${query}`;
}

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

function onward(
  { upstream }: GatewayParts,
  visit: Visit,
  plan: ProjectListPlan | null,
): UpstreamRequest {
  const decision = known(visit.forward);
  const { method, body, isSlow, edit } = decision;
  const target = plan === null ? decision.target : withQuery(decision.target, plan.query);
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

function send(
  parts: GatewayParts,
  visit: Visit,
  { request, plan }: { readonly request: UpstreamRequest; readonly plan: ProjectListPlan | null },
): Promise<void> {
  const { edit } = known(visit.forward);
  const isWhole = edit !== null || plan !== null || (visit.opened?.row.effect ?? null) !== null;
  if (!isWhole || request.method === "HEAD") return pass(parts, visit, request, edit !== null);
  return untilCut(parts, visit, (signal) =>
    answerWhole(parts, visit, { request, plan, edit, signal }),
  );
}

/** Runs `work` with a signal that comes when the client goes, or may not stay. */
async function untilCut(
  { viewers }: GatewayParts,
  visit: Visit,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const { response } = visit;
  const leave = viewers.whileActive(known(visit.who), () => response.destroy());
  response.once("close", end);
  try {
    await work(ending.signal);
  } finally {
    response.off("close", end);
    leave();
  }
}

function pass(
  parts: GatewayParts,
  visit: Visit,
  request: UpstreamRequest,
  isEdited: boolean,
): Promise<void> {
  const { upstream, viewers } = parts;
  const { response } = visit;
  return new Promise((resolve, reject) => {
    const over = (error: unknown) => {
      response.off("close", gone);
      leave();
      if (request.body === visit.request) readOffRest(parts, visit);
      if (error !== null) {
        reject(error);
        return;
      }
      if (!safeMethods.has(visit.method)) forgetNamed(parts, visit);
      resolve();
    };
    const passing = new Passing(response, passingOptions(parts, visit, isEdited), over);
    const gone = () => passing.leave();
    const leave = viewers.whileActive(known(visit.who), () => response.destroy());
    // A listener, not a field of the visit: with one each request kept the one before it alive (measured).
    response.on("close", gone);
    try {
      passing.exchange = upstream.send(request, passing);
    } catch (error) {
      over(error);
    }
  });
}

function passingOptions(parts: GatewayParts, visit: Visit, isEdited: boolean): PassingOptions {
  return {
    headers: parts.answerHeaders,
    isEdited,
    isFile: isFile(visit),
    requestId: visit.id,
    origin: originOf(parts.deps, visit),
    isApi: visit.target.startsWith("/api/"),
    before: isLogged(visit) ? (status) => recordVisit(parts, visit, status) : null,
  };
}

function readOffRest({ deps }: GatewayParts, { request }: Visit): void {
  readOff(request, deps.config.upstreamMaxUploadBytes);
}

/** Forgets the resources that a change named, so that they are asked anew. */
export function forgetNamed({ lookups }: GatewayParts, { studio }: Visit): void {
  for (const ref of known(studio).refs) lookups.forget(ref);
}
