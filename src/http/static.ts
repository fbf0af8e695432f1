/**
 * The files under /labelgate, a prefix that Label Studio does not use: one style sheet and one small
 * script. A file asked for by its hash (?v=) never changes and is kept for a year; without it, browsers
 * ask each time by ETag.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";

const folder = fileURLToPath(new URL("../pages/static/", import.meta.url));

const hashes = new Map(
  readdirSync(folder).map((name) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name)));
    return [name, hash.digest("base64url").slice(0, 16)] as const;
  }),
);

/** The address of a file, with its hash. */
export function staticUrl(name: string): string {
  const hash = hashes.get(name);
  if (hash === undefined) throw new Error(`there is no static file ${name}`);
  return `/labelgate/${name}?v=${hash}`;
}

/** Serves the files. */
export const staticFiles: FastifyPluginAsync = async (files) => {
  await files.register(fastifyStatic, {
    root: folder,
    prefix: "/labelgate/",
    index: false,
    cacheControl: false,
    // The files are small; a range that cannot be satisfied would be an error without a code.
    acceptRanges: false,
    decorateReply: false,
  });
  files.addHook("onSend", async (request, reply) => {
    if (reply.statusCode >= 400) return;
    const [path = "", query = ""] = request.url.split("?", 2);
    const hash = hashes.get(path.slice("/labelgate/".length));
    const isExact = hash !== undefined && query === `v=${hash}`;
    reply.header("cache-control", isExact ? "public, max-age=31536000, immutable" : "no-cache");
  });
};
