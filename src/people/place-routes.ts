/** The routes of workspaces and projects, mounted together. */
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { projectMemberRoutes } from "./project-member-routes.ts";
import { projectRoleRoutes } from "./project-role-routes.ts";
import { projectRoutes } from "./project-routes.ts";
import { workspaceMemberRoutes } from "./workspace-member-routes.ts";
import { workspaceRoutes } from "./workspace-routes.ts";

/** Routes under /api/workspaces and /api/projects. */
export function placeRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    await app.register(workspaceRoutes(deps));
    await app.register(workspaceMemberRoutes(deps));
    await app.register(projectRoutes(deps));
    await app.register(projectMemberRoutes(deps));
    await app.register(projectRoleRoutes(deps));
  };
}
