/**
 * The stylesheets that hide from each role what it may not use in Label Studio's pages (GATEWAY 10.5,
 * 10.6): their addresses with a hash, and the route that serves them. Their text is labelstudio/'s.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { AppError } from "../errors.ts";
import { stylesheet } from "../labelstudio/stylesheets.ts";
import type { StudioRole, StudioSwitches } from "../labelstudio/viewer.ts";

const folder = "/labelgate/styles/";
const roles: readonly StudioRole[] = ["AN", "RE", "MA", "AD"];

/** The stylesheets of all roles. */
export class RoleStyles {
  readonly #addresses = new Map<StudioRole, string>();
  readonly #texts = new Map<string, string>();

  constructor(switches: StudioSwitches) {
    for (const role of roles) {
      const text = stylesheet(role, switches);
      const hash = createHash("sha256").update(text).digest("base64url").slice(0, 16);
      const file = `${role.toLowerCase()}-${hash}.css`;
      this.#addresses.set(role, `${folder}${file}`);
      this.#texts.set(file, text);
    }
  }

  /** The address for a role's pages; another text has another address. */
  addressOf(role: StudioRole): string {
    return this.#addresses.get(role) ?? "";
  }

  /** Registers the route. The files tell nothing of anybody, so that no credential is looked at. */
  serve(app: FastifyInstance): void {
    app.get<{ Params: { file: string } }>(`${folder}:file`, async (request, reply) => {
      const text = this.#texts.get(request.params.file);
      if (text === undefined) throw new AppError("not_found");
      reply.header("cache-control", "public, max-age=31536000, immutable");
      return reply.type("text/css; charset=utf-8").send(text);
    });
  }
}
