/**
 * May this person do this, and what goes on to Label Studio: the last question of the policy (GATEWAY
 * 10.4). All that a request names must exist, belong together and to one granted project; then the
 * role counts, then what is one's own. Pure: the gateway looked things up before.
 */

import type { Forward, StudioRefusal } from "./decision.ts";
import { needsEdit } from "./edit-answer.ts";
import { hidesOthers } from "./edit-tools.ts";
import type { NamedRef } from "./fields.ts";
import { filtersRefusal } from "./filters.ts";
import { isObject } from "./json.ts";
import { fieldOf, forwardOf, mediaSwitch, type Standing } from "./onward.ts";
import type { RequestBody, StudioRequest } from "./read.ts";
import { type Resource, type Resources, resourceKey } from "./resource.ts";
import type { Fields, Least, Row } from "./row.ts";
import {
  roleIn,
  type StudioRole,
  type StudioSwitches,
  type StudioViewer,
  studioRole,
} from "./viewer.ts";

/** The facts that a decision rests on. */
interface Context {
  readonly request: StudioRequest;
  readonly viewer: StudioViewer;
  readonly resources: Resources;
  readonly switches: StudioSwitches;
}

const notFound: StudioRefusal = { code: "not_found" };

/**
 * Decides a request and returns its replacement.
 * @param request what `readRequest` made, its `refs` looked up into `resources`
 * @returns `not_found` alike for what is not there and what is not granted, `permission_denied` with a
 * sentence, `bad_request` where the project is not said
 */
export function decide(
  request: StudioRequest,
  viewer: StudioViewer,
  resources: Resources,
  switches: StudioSwitches,
): Forward | StudioRefusal {
  const context: Context = { request, viewer, resources, switches };
  const standing = standingOf(context);
  if ("code" in standing) return standing;
  const refusal =
    refuseRole(minRoleOf(request), standing.role, switches) ??
    refuseOthers(context, standing.role) ??
    refuseFilters(context, standing.role) ??
    refuseMedia(request, standing.role);
  if (refusal !== null) return refusal;
  return forwardOf(request, standing, {
    dropped: droppedFields(context, standing.role),
    edit: editFor(request, standing.role, switches),
  });
}

/**
 * The refusal that needs no look-up: of a project that is not granted, and of what the viewer may do in
 * none of theirs. A look-up is not free of effects: Label Studio calls an ML backend's host when it
 * is asked about one. Null where things must be looked up.
 */
export function refuseEarly(
  request: StudioRequest,
  viewer: StudioViewer,
  switches: StudioSwitches,
): StudioRefusal | null {
  const [project, ...others] = new Set(request.projects);
  if (others.length > 0) return notFound;
  const role = project === undefined ? highestRole(viewer) : roleIn(viewer, project);
  if (role === null) return notFound;
  return refuseRole(minRoleOf(request), role, switches);
}

const highestRoles = new WeakMap<object, StudioRole | null>();

/** The highest role in any project of the viewer's; null where they have none. */
function highestRole({ projects }: StudioViewer): StudioRole | null {
  if (projects === "all") return "AD";
  let highest = highestRoles.get(projects);
  if (highest === undefined) {
    highest = null;
    for (const role of projects.values()) {
      if (highest === null || ranks[role] > ranks[highest]) highest = role;
    }
    highestRoles.set(projects, highest);
  }
  return highest;
}

/** Builds the forward of a request to a file of Label Studio's that needs no session. */
export function forwardPublic(request: StudioRequest): Forward {
  const standing: Standing = { project: null, role: "AN" };
  return forwardOf(request, standing, { dropped: noNames, edit: null });
}

/** The answer's edit, where it would change anything for this role. */
function editFor(
  { row: { edit } }: StudioRequest,
  role: StudioRole,
  switches: StudioSwitches,
): Forward["edit"] {
  return edit !== null && needsEdit(edit, role, switches) ? edit : null;
}

/** Finds the one project of all that the request names, and the viewer's role there. */
function standingOf(context: Context): Standing | StudioRefusal {
  const { request, viewer } = context;
  const project = oneProject(context);
  if (project === null) return notFound;
  const ownRole = studioRole(viewer.role);
  if (project !== undefined) {
    const role = ownRole === null ? null : roleIn(viewer, project);
    return role === null ? notFound : { project, role };
  }
  if (request.row.scope === "project") {
    return { code: "bad_request", detail: "The request must name its project." };
  }
  return ownRole === null ? { code: "permission_denied" } : { project: null, role: ownRole };
}

/**
 * The project of all that is named; undefined where nothing names one, null where something is missing
 * or two things do not belong together.
 */
function oneProject({ request, resources }: Context): number | undefined | null {
  let [project] = request.projects;
  let task: number | undefined;
  for (const other of request.projects) if (other !== project) return null;
  for (const { ref, isSoft } of request.named) {
    if (isSoft) continue;
    const found = resources.get(resourceKey(ref));
    if (found === undefined || found.projectId === null) return null;
    project ??= found.projectId;
    const itsTask = ref.kind === "task" ? ref.id : found.taskId;
    task ??= itsTask;
    if (found.projectId !== project || (itsTask ?? task) !== task) return null;
  }
  return project;
}

const ranks: Readonly<Record<StudioRole, number>> = { AN: 1, RE: 2, MA: 3, AD: 4 };

const roleSentences: Readonly<Record<StudioRole, string>> = {
  AN: "You need access to this project.",
  RE: "This needs the role Reviewer, Manager or Administrator.",
  MA: "This needs the role Manager or Administrator.",
  AD: "This needs the role Administrator.",
};

/** A form imports the file at an address: Label Studio calls the host that it names. */
function minRoleOf({ row, body }: StudioRequest): Least {
  return row.body?.shape === "tasks" && body.kind === "form" ? "connect" : row.role;
}

function refuseRole(
  least: Least,
  role: StudioRole,
  switches: StudioSwitches,
): StudioRefusal | null {
  const needed = minRole(least, switches);
  if (needed === null) {
    return { code: "permission_denied", detail: "Files of the server are not opened here." };
  }
  return ranks[role] >= ranks[needed]
    ? null
    : { code: "permission_denied", detail: roleSentences[needed] };
}

/** The role that a row asks for as things are switched; null where nobody may. */
function minRole(least: Least, switches: StudioSwitches): StudioRole | null {
  if (least === "export") return switches.reviewersMayExport ? "RE" : "MA";
  if (least === "connect") return switches.managersMayConnect ? "MA" : "AD";
  if (least === "server_files") return switches.administratorsMayReadServerFiles ? "AD" : null;
  return least;
}

/** Refuses others' annotations, drafts, tabs and pictures (GATEWAY 10.4). */
function refuseOthers(context: Context, role: StudioRole): StudioRefusal | null {
  const { request, viewer } = context;
  if (request.row.path.includes("/avatar") && request.person !== viewer.upstreamUserId) {
    return notFound;
  }
  for (const named of request.named) {
    if (named.isSoft) continue;
    const refusal = refuseOther(context, role, named);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refuseOther(
  { request, viewer, resources, switches }: Context,
  role: StudioRole,
  { ref, place }: NamedRef,
): StudioRefusal | null {
  const found = resources.get(resourceKey(ref));
  const isOwn = isMadeBy(found, viewer);
  if (ref.kind === "draft") return isOwn ? null : notFound;
  if (ref.kind === "view") return isTabOf(found, isOwn, role) ? null : notFound;
  if (ref.kind !== "annotation" || isOwn) return null;
  // A draft hangs on one's own annotation; its address names the one that is being changed.
  if (place === "body" || hidesOthers(role, switches)) return notFound;
  return role === "AN" && request.row.isOwn
    ? { code: "permission_denied", detail: "Annotators change their own annotations only." }
    : null;
}

function isMadeBy(found: Resource | undefined, viewer: StudioViewer): boolean {
  return viewer.upstreamUserId !== null && found?.createdBy === viewer.upstreamUserId;
}

function isTabOf(found: Resource | undefined, isOwn: boolean, role: StudioRole): boolean {
  return isOwn || (ranks[role] >= ranks.MA && found?.isWorkers !== true);
}

/** Filters by others' work answer yes or no, letter by letter: 403 where that work is hidden. */
function refuseFilters(context: Context, role: StudioRole): StudioRefusal | null {
  const { request, resources, switches } = context;
  if (!hidesOthers(role, switches)) return null;
  const sources: unknown[] = [request.filters, filtersOfBody(request.row, request.body)];
  for (const { ref, place } of request.named) {
    if (ref.kind !== "view" || place !== "query") continue;
    // A tab whose filters were not looked up is one that nobody has read.
    sources.push(resources.get(resourceKey(ref))?.data ?? { filters: "unknown" });
  }
  for (const source of sources) {
    const detail = filtersRefusal(source);
    if (detail !== null) return { code: "permission_denied", detail };
  }
  return null;
}

function filtersOfBody({ filtersIn }: Row, body: RequestBody): unknown {
  if (filtersIn === null || body.kind !== "json" || !isObject(body.value)) return undefined;
  if (filtersIn === "data") return body.value["data"];
  const { filters, ordering } = body.value;
  return {
    ...(filters === undefined ? {} : { filters }),
    ...(ordering === undefined ? {} : { ordering }),
  };
}

/**
 * Label Studio's converters copy the files that tasks name into the export: uploads of any project,
 * files of the server, addresses of other hosts. It asks nobody whose they are.
 */
function refuseMedia({ row, query, body }: StudioRequest, role: StudioRole): StudioRefusal | null {
  if (!row.mayTakeMedia || role === "AD") return null;
  const formats = query.filter(([name]) => formatNames.has(name)).map(([, value]) => value);
  const all: readonly unknown[] = [...formats, fieldOf(body, "export_type")];
  return all.some((format) => /with_images/i.test(String(format)))
    ? {
        code: "permission_denied",
        detail: "Administrators make exports with images. Choose a format without.",
      }
    : null;
}

const formatNames: ReadonlySet<string> = new Set(["exportType", "export_type"]);

const noNames: ReadonlySet<string> = new Set();

/** Names of fields that are taken out: for the role, or because what they name is not of this task. */
function droppedFields(context: Context, role: StudioRole): ReadonlySet<string> {
  const { request } = context;
  const fields: Fields = request.row.body?.fields ?? {};
  const dropped = request.row.effect === "project_created" ? ["workspace"] : [];
  if (request.row.mayTakeMedia && role !== "AD") dropped.push(mediaSwitch);
  for (const name in fields) {
    const from = fields[name]?.from;
    if (from !== undefined && ranks[role] < ranks[from]) dropped.push(name);
  }
  for (const named of request.named) {
    if (named.isSoft && !isOfThisTask(context, role, named)) dropped.push(named.name);
  }
  return dropped.length === 0 ? noNames : new Set(dropped);
}

/** True where a thing belongs to the request's task and may be seen by the viewer. */
function isOfThisTask(
  { request, viewer, resources, switches }: Context,
  role: StudioRole,
  { ref }: NamedRef,
): boolean {
  const found = resources.get(resourceKey(ref));
  if (found === undefined || found.taskId === undefined) return false;
  if (found.taskId !== taskOf(request, resources)) return false;
  if (isMadeBy(found, viewer)) return true;
  if (ref.kind === "prediction") return true;
  return ref.kind === "annotation" && !hidesOthers(role, switches);
}

function taskOf(request: StudioRequest, resources: Resources): number | undefined {
  for (const { ref, place } of request.named) {
    if (place !== "path") continue;
    if (ref.kind === "task") return ref.id;
    const found = resources.get(resourceKey(ref));
    if (found?.taskId !== undefined) return found.taskId;
  }
  return undefined;
}
