/**
 * `labelgate upstream settings|status|link|accept` (GATEWAY 10.1, 10.5): what is asked of Label Studio
 * and decided about it from the command line, where whoever has the shell may do what no request may.
 */

import { createPublicKey } from "node:crypto";
import { soughtEmail } from "../access/email.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { checkUpstream } from "../gateway/check.ts";
import { linkPerson, linkProject } from "../gateway/linking.ts";
import { loadStepStatus, stepFindings } from "../gateway/step-status.ts";
import type { StudioAdministration } from "../gateway/upstream-routes.ts";
import { findUserByEmail } from "../store/people.ts";
import { internalNumbers } from "../store/wire-numbers.ts";
import { CommandFailure } from "./failure.ts";
import { configOrFail, withDeps } from "./open-deps.ts";
import { chooseOrganization } from "./settings.ts";
import { openStudio } from "./studio.ts";

/** Label Studio's settings file for credentials that it can check and not make. @throws CommandFailure */
export function studioSettings(): string {
  const { upstreamJwtPrivateKey } = configOrFail();
  if (upstreamJwtPrivateKey === "") {
    throw new CommandFailure(
      "UPSTREAM_JWT_PRIVATE_KEY_FILE names no key. Make one by `openssl genrsa -out labelgate-jwt.pem 2048`, or use UPSTREAM_SECRET_KEY, which needs no settings file.",
    );
  }
  const publicKey = createPublicKey(upstreamJwtPrivateKey)
    .export({ type: "spki", format: "pem" })
    .toString()
    .trim();
  return `# Label Studio's settings with Labelgate in front: save as labelgate_ls_settings.py in a directory of
# its own, and start Label Studio with
#   DJANGO_SETTINGS_MODULE=labelgate_ls_settings PYTHONPATH=<that directory>
from core.settings.base import *  # noqa: F403
from core.settings.label_studio import *  # noqa: F403

SIMPLE_JWT = {
    "ALGORITHM": "RS256",
    "SIGNING_KEY": "",
    "VERIFYING_KEY": """${publicKey}""",
    "AUDIENCE": "label-studio",
    "ISSUER": "labelgate",
}
`;
}

/** Lists the findings about Label Studio, people and projects, one line each. @throws CommandFailure */
export async function upstreamStatus(): Promise<readonly string[]> {
  return await withStudio(async (deps, studio, organizationId) => {
    const server = await checkUpstream(deps, studio.upstream);
    const step = stepFindings(await loadStepStatus(deps.store.db, organizationId));
    return [...server, ...step].map(({ level, text }) => `${level.padEnd(8)} ${text}`);
  });
}

/** The thing to link: a person by their address, or a project by the number that the API has for it. */
export type LinkRequest =
  | { readonly kind: "person"; readonly email: string; readonly upstreamId: number }
  | { readonly kind: "project"; readonly number: number; readonly upstreamId: number };

/** Links, and says what. @throws CommandFailure */
export async function linkUpstream(asked: LinkRequest): Promise<string> {
  return await withStudio(async (deps, studio, organizationId) => {
    const linker = { organizationId, actor: { kind: "system" }, isCommand: true } as const;
    const parts = { deps, ...studio };
    const { upstreamId } = asked;
    if (asked.kind === "person") {
      const user = await findUserByEmail(deps.store.db, soughtEmail(asked.email));
      if (user === null) throw new CommandFailure(`There is no person ${asked.email}.`);
      await linkPerson(parts, linker, { userId: user.id, upstreamId });
      return `${user.email} is linked to Label Studio's account ${upstreamId}.`;
    }
    const found = await internalNumbers(deps.store.db, "project", [asked.number]);
    const projectId = found.get(asked.number);
    if (projectId === undefined) throw new CommandFailure(`There is no project ${asked.number}.`);
    await linkProject(parts, linker, { projectId, upstreamId });
    return `The project is linked to Label Studio's project ${upstreamId}.`;
  });
}

/** Accepts another database, and says what was unlinked. @throws CommandFailure */
export async function acceptUpstream(): Promise<readonly string[]> {
  return await withStudio(async (_deps, { step }) => {
    const taken = await step.sync.accept({ kind: "system" });
    const lines = taken.map(({ kind, name, upstreamId }) => `${kind} ${upstreamId}: ${name}`);
    return [
      `The gateway is open. Unlinked, and linked anew where that is plain: ${taken.length}.`,
      ...lines,
    ];
  });
}

async function withStudio<T>(
  work: (deps: Deps, studio: StudioAdministration, organizationId: number) => Promise<T>,
): Promise<T> {
  return await withDeps(async (deps) => {
    const studio = openStudio(deps);
    if (studio === null) {
      throw new CommandFailure(
        deps.config.upstreamUrl === ""
          ? "No Label Studio is connected; set UPSTREAM_URL."
          : "Embedded Label Studio does not run now. It runs with Labelgate's server: start that (labelgate serve), wait until its log says that Label Studio is ready, and ask again.",
      );
    }
    try {
      return await work(deps, studio, await chooseOrganization(deps, null));
    } catch (error) {
      throw error instanceof AppError ? new CommandFailure(sentencesOf(error)) : error;
    } finally {
      await studio.upstream.close();
    }
  });
}

function sentencesOf(error: AppError): string {
  const sentences = Object.values(error.fields ?? {}).flat();
  return sentences.length > 0 ? sentences.join("\n") : (error.detail ?? error.hint);
}
