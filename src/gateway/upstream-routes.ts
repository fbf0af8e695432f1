/**
 * The administrators' API about the Label Studio behind Labelgate (GATEWAY 10.1, 10.5): what is found of
 * it, who and what is in step, and links, workspaces of many projects, acceptance of another database.
 * The page *Organization › Label Studio* is in front of it.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import { assignProjects } from "../store/upstream-projects.ts";
import { personNumber, projectNumber } from "../store/wire-numbers.ts";
import { loadVisibleWorkspace } from "../store/workspaces.ts";
import { checkUpstream } from "./check.ts";
import { type Linker, linkPerson, linkProject } from "./linking.ts";
import type { Step } from "./step.ts";
import { loadStepStatus, type StepStatus, stepFindings } from "./step-status.ts";
import type { LastSync } from "./sync.ts";
import type { Upstream } from "./upstream.ts";

/** The connected Label Studio, with people and projects in step. */
export interface StudioAdministration {
  readonly upstream: Upstream;
  readonly step: Step;
}

const number = z.int({ error: "Send a whole number." }).min(1).max(2_147_483_647);
const named = z.union([
  number,
  z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number),
]);

/** `POST …/link`: a person and an account, or a project and one of Label Studio. */
export const linkSchema = z.union([
  z.strictObject({ user: named, upstream_user: number }),
  z.strictObject({ project: named, upstream_project: number }),
]);

/** `POST …/assign` */
export const assignSchema = z.strictObject({
  projects: z.array(number).min(1).max(10_000),
  workspace: number.nullable(),
});

const base = "/api/labelgate/upstream";

/** Routes of Label Studio's administration; `studio` is null where none is connected. */
export function upstreamRoutes(
  deps: Deps,
  studio: StudioAdministration | null,
): FastifyPluginAsync {
  const connected = (): StudioAdministration => {
    if (studio !== null) return studio;
    const detail = "No Label Studio is connected; set UPSTREAM_URL.";
    throw new AppError("conflict", { detail });
  };
  return async (app) => {
    app.get(base, async (request) => {
      const { organizationId } = request.caller("upstream:read");
      if (studio === null) return { connected: false };
      return await describe(deps, studio, organizationId);
    });

    app.post(`${base}/sync`, async (request) => {
      request.caller("upstream:write");
      return answerSync(await connected().step.sync.run());
    });

    app.post(`${base}/accept`, async (request) => {
      const { userId } = request.caller("upstream:write");
      const { sync } = connected().step;
      const taken = await sync.accept({ kind: "person", userId });
      return { taken: taken.length };
    });

    app.post(`${base}/link`, async (request, reply) => {
      const linker = linkerOf(request);
      const body = parse(linkSchema, request.body);
      const parts = { deps, ...connected() };
      if ("user" in body) {
        await linkPerson(parts, linker, { userId: body.user, upstreamId: body.upstream_user });
      } else {
        const { project: projectId, upstream_project: upstreamId } = body;
        await linkProject(parts, linker, { projectId, upstreamId });
      }
      return await reply.code(204).send();
    });

    app.post(`${base}/assign`, async (request) => {
      const linker = linkerOf(request);
      connected();
      return { assigned: await assign(deps, linker, parse(assignSchema, request.body)) };
    });
  };
}

function linkerOf(request: FastifyRequest): Linker {
  const { organizationId, userId } = request.caller("upstream:write");
  return { organizationId, actor: { kind: "person", userId }, isCommand: false };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const fields = { non_field_errors: [z.prettifyError(result.error).slice(0, 500)] };
  throw new AppError("validation_failed", { fields });
}

async function assign(
  deps: Deps,
  { organizationId, actor }: Linker,
  { projects, workspace }: z.output<typeof assignSchema>,
): Promise<number> {
  return await deps.store.transaction(async (tx) => {
    const viewer = { organizationId, userId: 0, sees: "organization" } as const;
    if (workspace !== null && (await loadVisibleWorkspace(tx, viewer, workspace)) === null) {
      const fields = { workspace: ["There is no such workspace in this organization."] };
      throw new AppError("validation_failed", { fields });
    }
    const upstreamIds = [...new Set(projects)];
    const assigned = { organizationId, upstreamIds, workspaceId: workspace };
    const count = await assignProjects(tx, assigned);
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor,
      action: "projects_assigned",
      changes: [{ kind: "projects_assigned", upstreamIds, workspaceId: workspace }],
    });
    return count;
  });
}

async function describe(deps: Deps, { upstream }: StudioAdministration, organizationId: number) {
  const { config, store } = deps;
  const status = await loadStepStatus(store.db, organizationId);
  return {
    connected: true,
    url: config.upstreamUrl,
    public_url: config.upstreamPublicUrl === "" ? config.baseUrl : config.upstreamPublicUrl,
    state: upstream.state.current(),
    findings: [...(await checkUpstream(deps, upstream)), ...stepFindings(status)],
    ...answerStatus(status),
  };
}

function answerStatus({ people, waiting, former, projects, unlinked, ...rest }: StepStatus) {
  const { closed, lastSync } = rest;
  return {
    people: {
      count: people.people,
      linked: people.linked,
      waiting: waiting.count,
      problems: waiting.people.map(({ userId, email, problem, isUndecided }) => ({
        ...{ id: personNumber(userId), email, problem, is_undecided: isUndecided },
      })),
      former_addresses: former.map(({ userId, email, upstreamEmail }) => ({
        ...{ id: personNumber(userId), email, upstream_email: upstreamEmail },
      })),
    },
    projects: {
      ...projects,
      to_link: unlinked.map(({ id, title, suggested }) => ({
        ...{ id: projectNumber(id), title, suggested },
      })),
    },
    closed:
      closed === null
        ? null
        : {
            at: new Date(closed.at).toISOString(),
            differences: closed.differences.map(({ kind, upstreamId, name, problem }) => ({
              ...{ kind, upstream_id: upstreamId, name, problem },
            })),
          },
    last_sync: lastSync === null ? null : answerSync(lastSync),
  };
}

function answerSync({ at, ...counts }: LastSync) {
  return { at: new Date(at).toISOString(), ...counts };
}
