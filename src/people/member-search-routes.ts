/**
 * The search of members by the original's API: by filters in JSON, in the query or in a body, what may be
 * filtered by, and the places and skills that filters may name. Skills are Enterprise's Contributor Setup,
 * which Labelgate does not have: there are none.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listVisibleProjects, type ProjectRecord } from "../store/visible-projects.ts";
import { projectNumber } from "../store/wire-numbers.ts";
import { listVisibleWorkspaces } from "../store/workspaces.ts";
import { organizationOf } from "./caller.ts";
import { answerFilterSchema, readFilters } from "./member-filters.ts";
import { answerMembers, memberFilterFields, memberPageFields } from "./member-list.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { textField } from "./place-fields.ts";
import { viewerOf } from "./places.ts";

/** An address holds no more once it is encoded. */
const maxFilterText = 4_000;

/** `GET …/memberships/search` */
export const memberSearchSchema = z.object({
  ...memberPageFields,
  ...memberFilterFields,
  filters: z
    .string()
    .max(maxFilterText, {
      error: `Send at most ${maxFilterText} characters, or POST the filters.`,
    })
    .optional(),
});

/** `POST …/memberships/search` */
export const memberSearchBodySchema = z.object({ filters: z.unknown() });

/** The query of `POST …/memberships/search` */
export const memberSearchQuerySchema = memberSearchSchema.omit({ filters: true });

/** `GET …/memberships/filter-options/…` */
export const filterOptionsSchema = z.object({ search: textField(200).optional() });

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/organizations/:id/memberships";
const maxProjects = 10_000;

/** Routes of the search. */
export function memberSearchRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(`${base}/filter-schema`, async (request) => {
      organizationIdOf(request);
      return answerFilterSchema();
    });

    app.get<ById>(`${base}/search`, async (request) => {
      const { filters } = parseQuery(memberSearchSchema, request.query);
      return await search(deps, request, filters === undefined ? undefined : jsonOf(filters));
    });

    app.post<ById>(`${base}/search`, async (request) => {
      const { filters } = parseBody(memberSearchBodySchema, request.body);
      return await search(deps, request, filters);
    });

    app.get<ById>(`${base}/filter-options/membership`, async (request) => {
      organizationIdOf(request);
      const { search: text } = parseQuery(filterOptionsSchema, request.query);
      return await membershipOptions(deps, request, text ?? "");
    });

    app.get<ById>(`${base}/filter-options/skills`, async (request) => {
      organizationIdOf(request);
      parseQuery(filterOptionsSchema, request.query);
      return [];
    });
  };
}

function organizationIdOf(request: FastifyRequest<ById>): number {
  return organizationOf(request.caller("members:read"), request.params.id);
}

async function search(deps: Deps, request: FastifyRequest<ById>, filters: unknown) {
  const organizationId = organizationIdOf(request);
  const sent = Object.entries(Object(request.query));
  const isPage = ([name]: readonly [string, unknown]) => Object.hasOwn(memberPageFields, name);
  const beside = Object.fromEntries(sent.filter((one) => !isPage(one) && one[0] !== "filters"));
  const query = parseQuery(z.object(memberPageFields), Object.fromEntries(sent.filter(isPage)));
  const filter = await readFilters(deps, organizationId, { filters, beside });
  return await answerMembers(deps, request.url, { filter, query });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fields = { filters: ["Send the filters as JSON."] };
    throw new AppError("validation_failed", { fields, cause: error });
  }
}

/** Workspaces with their projects, then projects without one; of a workspace that matches, all. */
async function membershipOptions(deps: Deps, request: FastifyRequest<ById>, text: string) {
  const viewer = viewerOf(request.caller("members:read"), "members:read");
  const { db } = deps.store;
  const order = { order: "title", isDescending: false } as const;
  const { workspaces } = await listVisibleWorkspaces(db, viewer, order);
  const { projects } = await listVisibleProjects(db, {
    viewer,
    filter: {},
    page: { ...order, offset: 0, limit: maxProjects },
  });
  const byWorkspace = new Map<number | null, ProjectRecord[]>();
  for (const project of projects) {
    const own = byWorkspace.get(project.workspaceId) ?? [];
    byWorkspace.set(project.workspaceId, own);
    own.push(project);
  }
  const matches = (title: string) => title.toLowerCase().includes(text.trim().toLowerCase());
  const inWorkspaces = workspaces.map(({ id, title }) => {
    const own = byWorkspace.get(id) ?? [];
    const shown = matches(title) ? own : own.filter((project) => matches(project.title));
    const isShown = matches(title) || shown.length > 0;
    return { id, kind: "workspace", label: title, projects: shown.map(answerOption), isShown };
  });
  return [
    ...inWorkspaces.filter(({ isShown }) => isShown).map(({ isShown: _, ...option }) => option),
    ...(byWorkspace.get(null) ?? []).filter(({ title }) => matches(title)).map(answerOption),
  ];
}

const answerOption = ({ id, title }: ProjectRecord) => ({
  id: projectNumber(id),
  kind: "project",
  label: title,
});
