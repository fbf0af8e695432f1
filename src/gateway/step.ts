/** People and projects in step, put together: what the gateway, its API and the background jobs use. */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import { Door } from "./door.ts";
import type { AskUpstream, InStep } from "./in-step.ts";
import { People } from "./people.ts";
import { PeopleSeen } from "./people-seen.ts";
import { planProjectList } from "./project-list.ts";
import { ProjectPairs } from "./project-pairs.ts";
import { Projects } from "./projects.ts";
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
  const door = new Door(deps);
  const projects = new Projects(deps, upstream, door);
  const sync = new Sync(deps, { upstream, people, projects, door });
  const seen = new PeopleSeen(deps, upstream, people);
  const pairs = new ProjectPairs(deps, { upstream, projects, door, sync });
  return {
    people,
    projects,
    door,
    sync,
    ensureAccount: (viewer) => people.ensureAccount(viewer),
    mendAccount: async (viewer) => {
      try {
        await people.mendAccount(viewer);
      } catch (error) {
        // An account that is not the one that was linked may be another database's.
        if (error instanceof AppError && error.code === "upstream_bad_answer") await sync.run();
        throw error;
      }
    },
    peopleSeenBy: (viewer, project) => seen.by(viewer, project),
    requireWorkspace: (viewer, id) => projects.requireWorkspace(viewer, id),
    projectCreated: (viewer, json, workspaceId) =>
      projects.projectCreated(viewer, json, workspaceId),
    projectMoved: (viewer, project, workspaceId) =>
      projects.projectMoved(viewer, project, workspaceId),
    projectDeleted: (viewer, project) => projects.projectDeleted(viewer, project),
    requireProject: (viewer, project) => pairs.require(viewer, project),
    requireOpen: () => door.requireOpen(),
    onRenewal: (forget) => door.onRenewal(forget),
    listProjects: async (viewer: StudioViewer, query, kind) =>
      await planProjectList(deps.store.db, viewer, { query, kind }),
    projectChanged: (json) => pairs.changed(json),
    isSameProject: (project) => pairs.isSame(project),
  };
}
