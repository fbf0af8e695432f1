/**
 * Answers of Label Studio's that are taken whole: edited for the viewer (GATEWAY 10.4, 10.5), or watched
 * for what they change in Labelgate's copy of the projects. An edit that fails is a 502, never the
 * unedited answer. What edits do is labelstudio/'s.
 */

import { safeMethods } from "../credentials/origin-guard.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { AnswerContext, AnswerEdit } from "../labelstudio/answer-edit.ts";
import { editAnswer } from "../labelstudio/edit-answer.ts";
import { projectNumbersOf, withPlaces } from "../labelstudio/edit-places.ts";
import { isObject, parseJson, writeJson } from "../labelstudio/json.ts";
import { listOwners, loadOrganization } from "../store/organizations.ts";
import { loadStudioManagers } from "../store/studio-managers.ts";
import { loadProjectPlaces } from "../store/upstream-projects.ts";
import type { UpstreamRequest } from "./exchange.ts";
import type { ProjectListPlan } from "./in-step.ts";
import { isLogged, recordVisit } from "./record.ts";
import type { WholeAnswer } from "./taking.ts";
import { isRefusedCredential } from "./upstream.ts";
import { type GatewayParts, known, type Visit } from "./visit.ts";

/** The most of an answer that is edited. */
const editedBytes = 32 * 1_048_576;

/** Options for reading and changing a whole answer. */
export interface WholeOptions {
  readonly request: UpstreamRequest;
  readonly plan: ProjectListPlan | null;
  readonly edit: AnswerEdit | null;
  readonly signal: AbortSignal;
}

/** The origin that the client used. */
export function originOf({ config }: Deps, { host }: Visit): string {
  return host === "studio" ? config.upstreamPublicUrl : config.baseUrl;
}

/** Files and media of projects: the browser may keep them, and asks each time. */
export function isFile({ opened }: Visit): boolean {
  return /^\/(?:data|storage-data)\/|\/(?:resolve|presign)\//.test(opened?.row.path ?? "");
}

/** The kinds of lists that Labelgate asks for in its own way. */
export type ListKind = "list" | "counts";

/** The list of projects that a request is for; null for everything else. */
export function listKind({ opened }: Visit): ListKind | null {
  const kind = opened?.row.kind;
  if (kind === "projects") return "list";
  return kind === "project_counts" ? "counts" : null;
}

/** Plans the query for a list of projects, in place of the client's. */
export async function planOf(
  { inStep }: GatewayParts,
  visit: Visit,
  kind: ListKind,
): Promise<ProjectListPlan> {
  const query = visit.target.split("?", 2)[1] ?? "";
  return await inStep.listProjects(known(visit.viewer), query, kind);
}

/** Takes the answer, edits it, and sends it. @throws AppError where nothing was sent */
export async function answerWhole(
  parts: GatewayParts,
  visit: Visit,
  options: WholeOptions,
): Promise<void> {
  const answer = await parts.upstream.gather(options.request, editedBytes, options.signal);
  if (isRefusedCredential(answer.status, answer.headers)) {
    throw new AppError("upstream_refused_credential");
  }
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (!isSuccess) refuseMarkup(visit, answer);
  const body = isSuccess ? await succeed(parts, visit, answer, options) : answer.body;
  if (isLogged(visit)) await recordVisit(parts, visit, answer.status);
  const { response, id } = visit;
  if (response.destroyed) return;
  const headers = parts.answerHeaders.write(answer.headers, {
    ...{ isEdited: true, isFile: false, requestId: id, origin: originOf(parts.deps, visit) },
  });
  const hasBody = answer.status !== 204 && answer.status !== 304;
  if (hasBody) headers.push("content-length", String(body.length));
  response.writeHead(answer.status, headers);
  response.end(hasBody ? body : undefined);
}

/** @throws AppError in place of an error page of Label Studio's to an API path */
function refuseMarkup({ target }: Visit, { status, headers }: WholeAnswer): void {
  const isJson = (headers["content-type"] ?? "").startsWith("application/json");
  if (status < 400 || isJson || !target.startsWith("/api/")) return;
  throw new AppError(status === 404 ? "not_found" : "upstream_bad_answer", {
    evidence: { status },
  });
}

async function succeed(
  parts: GatewayParts,
  visit: Visit,
  { body }: WholeAnswer,
  { edit, plan }: WholeOptions,
): Promise<Buffer> {
  const text = textOf(body);
  await takeEffect(parts, visit, text);
  if (edit === "page") parts.staticFiles.noteVersion(text);
  let edited = edit === null ? text : editAnswer(edit, text, await contextOf(parts, visit, edit));
  if (plan !== null) edited = withLinks(edited, plan, addressOf(parts, visit));
  if (edit !== null && ofProjects.has(edit)) edited = await withWorkspaces(parts, visit, edited);
  return edited === text ? body : Buffer.from(edited, "utf8");
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    throw new AppError("upstream_bad_answer", { cause: error });
  }
}

/** Applies a success to Labelgate's copy; it stands before the answer goes out. */
async function takeEffect(
  { inStep, lookups }: GatewayParts,
  visit: Visit,
  text: string,
): Promise<void> {
  if (!safeMethods.has(visit.method)) {
    for (const ref of known(visit.studio).refs) lookups.forget(ref);
  }
  const viewer = known(visit.viewer);
  const { project, workspace } = known(visit.forward);
  switch (visit.opened?.row.effect) {
    case "project_created":
      return await inStep.projectCreated(viewer, jsonOf(text), workspace?.id ?? null);
    case "project_changed":
      await inStep.projectChanged(jsonOf(text));
      if (project === null || workspace === null) return;
      return await inStep.projectMoved(viewer, project, workspace.id);
    case "project_deleted":
      if (project !== null) await inStep.projectDeleted(viewer, project);
      return;
    default:
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("upstream_bad_answer", { cause: error });
  }
}

const aboutPeople: ReadonlySet<AnswerEdit> = new Set([
  ...(["users", "user", "task", "task_list", "annotation", "annotation_list", "draft"] as const),
  ...(["draft_list", "prediction_list", "columns", "history", "project", "project_list"] as const),
  ...(["project_created", "dm_project", "label_links"] as const),
]);

const ofProjects: ReadonlySet<AnswerEdit> = new Set<AnswerEdit>([
  "project",
  "project_list",
  "project_created",
]);

/** Records of projects with what Labelgate alone knows of them. */
async function withWorkspaces({ deps }: GatewayParts, visit: Visit, text: string): Promise<string> {
  const answer = parseJson(text);
  const { organizationId } = known(visit.viewer);
  const numbers = projectNumbersOf(answer);
  const places = await loadProjectPlaces(deps.store.db, organizationId, numbers);
  return writeJson(withPlaces(answer, places));
}

const nobody: ReadonlySet<number> = new Set();

async function contextOf(
  { deps, inStep, switches, styles, answerHeaders }: GatewayParts,
  visit: Visit,
  edit: AnswerEdit,
): Promise<AnswerContext> {
  const viewer = known(visit.viewer);
  const { role, project } = known(visit.forward);
  const { organizationId } = viewer;
  const { db } = deps.store;
  const isTitled = edit === "whoami" || edit === "own_membership";
  const organization = isTitled ? await loadOrganization(db, organizationId) : null;
  const [owner] = isTitled ? await listOwners(db, organizationId) : [];
  const contact = owner?.email ?? "";
  const hasTabs = (edit === "view" || edit === "views") && project !== null;
  const origin = originOf(deps, visit);
  return {
    ...{ viewer, role, project, switches },
    people: aboutPeople.has(edit) ? await inStep.peopleSeenBy(viewer, project) : nobody,
    managers: hasTabs ? await loadStudioManagers(db, { organizationId, project }) : nobody,
    writeLink: (link) => answerHeaders.ofClient(link, origin),
    organization: { id: organizationId, title: organization?.title ?? "", contact },
    stylesheet: styles.addressOf(role),
  };
}

function addressOf({ deps }: GatewayParts, visit: Visit): string {
  return `${originOf(deps, visit)}${visit.target.split("?", 1)[0]}`;
}

/** The list with the count and links of the client's own query. */
function withLinks(text: string, plan: ProjectListPlan, address: string): string {
  const list = parseJson(text);
  if (!isObject(list)) throw new AppError("upstream_bad_answer");
  const links = plan.links(Number(list["count"]), address);
  return writeJson({ ...list, ...links });
}
