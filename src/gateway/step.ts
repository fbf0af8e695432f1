/** People and projects in step, put together: what the gateway, its API and the background jobs use. */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import { Door } from "./door.ts";
import type { AskUpstream, InStep } from "./in-step.ts";
import { People } from "./people.ts";
import { PeopleSeen } from "./people-seen.ts";
import { planProjectList } from "./project-list.ts";
import { Projects } from "./projects.ts";
import { loadStudioProject } from "./studio-api.ts";
import { readProject } from "./studio-records.ts";
import { Sync } from "./sync.ts";

/** The contract, and what administrators and background jobs need beside it. */
export interface Step extends InStep {
  readonly people: People;
  readonly projects: Projects;
  readonly door: Door;
  readonly sync: Sync;
}

/** People and projects of `upstream` in step with those of the store. */
export function createStep(deps: Deps, upstream: AskUpstream): Step {
  const people = new People(deps, upstream);
  const projects = new Projects(deps, upstream);
  const door = new Door(deps);
  const sync = new Sync(deps, { upstream, people, projects, door });
  const seen = new PeopleSeen(deps, upstream, people);
  return {
    people,
    projects,
    door,
    sync,
    ensureAccount: (viewer) => people.ensureAccount(viewer),
    mendAccount: (viewer) => people.mendAccount(viewer),
    peopleSeenBy: (viewer, project) => seen.by(viewer, project),
    requireWorkspace: (viewer, id) => projects.requireWorkspace(viewer, id),
    projectCreated: (viewer, json, workspaceId) =>
      projects.projectCreated(viewer, json, workspaceId),
    projectMoved: (viewer, project, workspaceId) =>
      projects.projectMoved(viewer, project, workspaceId),
    projectDeleted: (viewer, project) => projects.projectDeleted(viewer, project),
    learnProject: (viewer, project) => projects.learnProject(viewer, project),
    requireOpen: () => door.requireOpen(),
    listProjects: async (viewer: StudioViewer, query, kind) =>
      await planProjectList(deps.store.db, viewer, { query, kind }),
    projectChanged: async (json) => {
      const record = await wholeRecord(upstream, json);
      const [organization] = await listOrganizations(deps.store.db);
      if (record === null || organization === undefined) return true;
      if (await projects.projectChanged(organization.id, record)) return true;
      await sync.run();
      return false;
    },
  };
}

/** A client may have asked for a part of the record only. */
async function wholeRecord(upstream: AskUpstream, json: unknown) {
  try {
    return readProject(json);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  const id = typeof json === "object" && json !== null && "id" in json ? json.id : null;
  return typeof id === "number" ? await loadStudioProject(upstream, id) : null;
}
