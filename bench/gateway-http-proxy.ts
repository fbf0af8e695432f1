/** @fastify/http-proxy in front of the stub upstream: a process of bench:gateway, with nothing but the proxy. */
import { createRequire } from "node:module";
import fastify, { type FastifyPluginAsync } from "fastify";
import { answerParent } from "./gateway-child.ts";

// Loaded by name: its types follow another undici than ours.
const require = createRequire(import.meta.url);
const httpProxy = require("@fastify/http-proxy") as FastifyPluginAsync<{
  readonly upstream: string;
  readonly undici: { readonly connections: number; readonly pipelining: number };
}>;

answerParent(async ({ upstream }: { upstream: string }) => {
  const app = fastify({ logger: false, bodyLimit: 2 ** 30 });
  await app.register(httpProxy, { upstream, undici: { connections: 128, pipelining: 1 } });
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: Number(new URL(origin).port) };
});
