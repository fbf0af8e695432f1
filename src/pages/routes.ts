/**
 * The server-rendered pages, which work without JavaScript. Owns the list of them and the one CSS
 * file; http/ owns headers, form tokens and the trailing slash.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { accountPages } from "./account.ts";
import { deniedPages } from "./denied.ts";
import { homePages } from "./home.ts";
import { linkPages } from "./links.ts";
import { signInPages } from "./sign-in.ts";
import { signUpPages } from "./sign-up.ts";
import { ssoDomainPages } from "./sso-domain.ts";

/** /, /user/*, /setup, /recover, /saml/sso-domain, /saml/:token/denied and /static/app.css. */
export function pagesRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    await app.register(stylesheet);
    await app.register(homePages(deps));
    await app.register(signInPages(deps));
    await app.register(signUpPages(deps));
    await app.register(linkPages(deps));
    await app.register(ssoDomainPages(deps));
    await app.register(deniedPages());
    await app.register(accountPages(deps));
  };
}

/** Browsers keep the file for an hour and then ask by its ETag. */
const stylesheet: FastifyPluginAsync = async (app) => {
  const css = readFileSync(new URL("static/app.css", import.meta.url));
  const etag = `"${createHash("sha256").update(css).digest("base64url").slice(0, 22)}"`;
  app.get("/static/app.css", async (request, reply) => {
    reply.header("etag", etag).header("cache-control", "public, max-age=3600");
    if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
    return await reply.type("text/css; charset=utf-8").send(css);
  });
};
