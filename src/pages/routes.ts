/**
 * The server-rendered pages, which work without JavaScript. Owns the list of them and, in static/,
 * their look; http/ serves that and owns headers, form tokens and the trailing slash.
 */
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { accountPages } from "./account.ts";
import { deniedPages } from "./denied.ts";
import { homePages } from "./home.ts";
import { linkPages } from "./links.ts";
import { signInPages } from "./sign-in.ts";
import { signUpPages } from "./sign-up.ts";
import { ssoDomainPages } from "./sso-domain.ts";

/** /, /user/*, /setup, /recover, /saml/sso-domain and /saml/:token/denied. */
export function pagesRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    await app.register(homePages(deps));
    await app.register(signInPages(deps));
    await app.register(signUpPages(deps));
    await app.register(linkPages(deps));
    await app.register(ssoDomainPages(deps));
    await app.register(deniedPages(deps));
    await app.register(accountPages(deps));
  };
}
