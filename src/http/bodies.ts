/**
 * Accepted bodies: JSON, forms, multipart where a route reads it. Owns the limits of size and number;
 * what fields mean is the routes' business.
 */
import multipart from "@fastify/multipart";
import type { FastifyInstance } from "fastify";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";

const kib = 1024;
/** Forms and everything else that people or programs send; routes that take more say so. */
const defaultBytes = 128 * kib;
/** Far more than any form here has; a million one-letter fields would cost real time. */
const maxFields = 1000;

/** Registers the parsers and gives each route its limit. */
export async function readBodies(app: FastifyInstance, config: Config): Promise<void> {
  app.addHook("onRoute", (route) => {
    route.bodyLimit ??= limitOf(route.url, config);
  });
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Clients name the type of a body that they then leave empty; the original takes that too.
    if (body === "") done(null, {});
    else void parseJson(request, body.toString(), done);
  });
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: unknown, body: string | Buffer) => readForm(body.toString()),
  );
  await app.register(multipart, { limits: { files: 2, parts: 100 } });
}

function limitOf(url: string, config: Config): number {
  // Base64 takes a third more, its encoding in a form a little more still.
  if (/^\/saml\/:token\/acs\/?$/.test(url)) return config.samlMaxResponseBytes * 2 + 64 * kib;
  return defaultBytes;
}

/** Fields by name; one that was sent twice is a list, which its reader refuses. */
function readForm(text: string): Record<string, unknown> {
  let fields = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) fields += 1;
  if (fields > maxFields) {
    throw new AppError("bad_request", { detail: `A form may have at most ${maxFields} fields.` });
  }
  const form = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form.get(name);
    if (before === undefined) form.set(name, value);
    else form.set(name, [before, value].flat());
  }
  return Object.fromEntries(form);
}
