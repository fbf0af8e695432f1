/**
 * The API's document at /api/openapi.json, and a page to read it at /docs/api. What is described and
 * not live is left out; what is live and not described a test finds.
 */
import type { FastifyInstance } from "fastify";
import type { Config } from "../../config.ts";
import { type ApiDocument, operationKey, operations, renderDocument } from "./document.ts";
import { renderApiPage } from "./page.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Method and address of every live route under /api/, as `operationKey` spells them. */
    readonly apiRoutes: ReadonlySet<string>;
  }
}

/** Serves document and page; call before any route is mounted, so that it sees them all. */
export function serveApiDocument(app: FastifyInstance, { baseUrl }: Config): void {
  const live = new Set<string>();
  app.decorate("apiRoutes", live);
  app.addHook("onRoute", ({ method, url }) => {
    if (!url.startsWith("/api/")) return;
    for (const one of [method].flat()) if (one !== "HEAD") live.add(operationKey(one, url));
  });
  let document: ApiDocument | null = null;
  const rendered = (): ApiDocument => {
    const described = operations.filter(({ method, path }) => live.has(operationKey(method, path)));
    document ??= renderDocument(described, baseUrl);
    return document;
  };
  app.get("/api/openapi.json", async () => rendered());
  app.get("/docs/api", async (_request, reply) => {
    const described = operations.filter(({ method, path }) => live.has(operationKey(method, path)));
    return reply.page(renderApiPage(described), { title: "API" });
  });
}
