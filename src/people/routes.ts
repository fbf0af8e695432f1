/**
 * The organization API (PRODUCT 1, 5, 6.6), with the original's methods, paths and codes: who is
 * asked for what, by subject. Addresses answer with and without a trailing slash, which http/ sees to.
 */
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { activityRoutes } from "./activity-routes.ts";
import { inviteRoutes } from "./invite-routes.ts";
import { memberListRoutes } from "./member-list.ts";
import { memberRoutes } from "./member-routes.ts";
import { memberSearchRoutes } from "./member-search-routes.ts";
import { memberTagRoutes } from "./member-tag-routes.ts";
import { organizationPermissionRoutes } from "./organization-permission-routes.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { organizationRulesRoutes } from "./organization-rules-routes.ts";
import { placeRoutes } from "./place-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { tokenRoutes } from "./token-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { whoami } from "./whoami.ts";

/** Every route of people/. */
export function peopleRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    await app.register(organizationRoutes(deps));
    await app.register(organizationRulesRoutes(deps));
    await app.register(organizationPermissionRoutes(deps));
    await app.register(memberListRoutes(deps));
    await app.register(memberRoutes(deps));
    await app.register(memberSearchRoutes(deps));
    await app.register(memberTagRoutes(deps));
    await app.register(userRoutes(deps));
    await app.register(placeRoutes(deps));
    await app.register(inviteRoutes(deps));
    await app.register(tokenRoutes(deps));
    await app.register(sessionRoutes(deps));
    await app.register(activityRoutes(deps));

    app.get("/api/current-user/whoami", async (request) => {
      return await whoami(deps, request.caller("own_account:read"));
    });
  };
}
