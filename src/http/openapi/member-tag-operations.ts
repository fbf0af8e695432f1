/** The operations on tags of members and on their search, as the API's document describes them. */
import { z } from "zod";
import {
  filterOptionsSchema,
  memberSearchBodySchema,
  memberSearchQuerySchema,
  memberSearchSchema,
} from "../../people/member-search-routes.ts";
import {
  tagAssignmentQuerySchema,
  tagAssignmentSchema,
  tagBulkRemovalSchema,
  tagBulkSchema,
  tagImportSchema,
  tagListSchema,
  tagPatchSchema,
  tagSchema,
} from "../../people/member-tag-routes.ts";
import { memberPageAnswer, pageOf } from "./answers.ts";
import type { Operation } from "./operation.ts";

const id = z.int().positive();
const count = z.int().nonnegative();
const time = z.iso.datetime();

const tagAnswer = z.object({
  id,
  label: z.string(),
  organization: id,
  member_count: count,
  created_by: z.looseObject({ id, email: z.string() }).nullable(),
  created_at: time,
  updated_at: time,
});

const base = "/api/organizations/{id}/member-tags";

const described: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: base,
    summary: "List the tags of members page by page",
    query: tagListSchema,
    status: 200,
    answer: pageOf(tagAnswer),
  },
  {
    method: "post",
    path: base,
    summary: "Make a tag",
    body: tagSchema,
    status: 201,
    answer: tagAnswer,
  },
  {
    method: "get",
    path: `${base}/{tag}`,
    summary: "Read a tag",
    status: 200,
    answer: tagAnswer,
  },
  {
    method: "patch",
    path: `${base}/{tag}`,
    summary: "Rename a tag",
    body: tagPatchSchema,
    status: 200,
    answer: tagAnswer,
  },
  {
    method: "delete",
    path: `${base}/{tag}`,
    summary: "Delete a tag; members lose it",
    status: 204,
    answer: null,
  },
  {
    method: "post",
    path: `${base}/bulk`,
    summary: "Make tags of those labels that no tag has",
    body: tagBulkSchema,
    status: 201,
    answer: z.object({ created: count }),
  },
  {
    method: "delete",
    path: `${base}/bulk`,
    summary: "Delete tags",
    query: tagBulkRemovalSchema,
    status: 200,
    answer: z.object({ deleted: count }),
  },
  {
    method: "post",
    path: `${base}/assignments`,
    summary: "Give members tags",
    description:
      "The query narrows whom the body means. With `overwrite` every other tag of these members goes.",
    query: tagAssignmentQuerySchema,
    body: tagAssignmentSchema,
    status: 200,
    answer: z.object({ assigned: count }),
  },
  {
    method: "post",
    path: `${base}/imports`,
    summary: "Give members the tags that a CSV file names",
    description:
      "The file has the columns `email` and `tags`, whose labels commas separate; `bulk_tags` go to everybody in it. Tags that are missing are made. Done when the number is answered.",
    body: tagImportSchema,
    bodyTypes: ["multipart/form-data"],
    status: 201,
    answer: z.object({ import: id }),
  },
  {
    method: "get",
    path: `${base}/imports/{import}`,
    summary: "Read what an import of tags did",
    description: "Kept for 30 days. `users_skipped` are the addresses that no member has.",
    status: 200,
    answer: z.object({
      id,
      status: z.enum(["created", "in_progress", "completed", "failed"]),
      created_at: time,
      finished_at: time.nullable(),
      tags_created: count,
      assignments_created: count,
      users_skipped: z.array(z.string()),
    }),
  },
];

const members = "/api/organizations/{id}/memberships";
const filters =
  '`filters` is {"version": 1, "conjunction": "and", "items": [{"filter": "role", "operator": "in", "value": ["AN"]}]}; filter-schema lists filters and operators.';
const option = { id, label: z.string() };
const projectOption = z.looseObject({ ...option, kind: z.literal("project") });

const search: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: `${members}/filter-schema`,
    summary: "Read by what members may be filtered",
    status: 200,
    answer: z.object({
      version: z.int(),
      filters: z.array(
        z.object({
          filter: z.string(),
          label: z.string(),
          type: z.enum(["text", "list", "boolean", "time"]),
          operators: z.array(z.string()),
          options: z.array(z.string()).optional(),
          options_from: z.string().optional(),
        }),
      ),
    }),
  },
  {
    method: "get",
    path: `${members}/search`,
    summary: "List members by filters",
    description: `${filters} It is sent as JSON text.`,
    query: memberSearchSchema,
    status: 200,
    answer: memberPageAnswer,
  },
  {
    method: "post",
    path: `${members}/search`,
    summary: "List members by filters in a body",
    description: filters,
    query: memberSearchQuerySchema,
    body: memberSearchBodySchema,
    status: 200,
    answer: memberPageAnswer,
  },
  {
    method: "get",
    path: `${members}/filter-options/membership`,
    summary: "List the workspaces, each with its projects, and the projects without one",
    query: filterOptionsSchema,
    status: 200,
    answer: z.array(
      z.union([
        projectOption,
        z.object({ ...option, kind: z.literal("workspace"), projects: z.array(projectOption) }),
      ]),
    ),
  },
  {
    method: "get",
    path: `${members}/filter-options/skills`,
    summary: "List the skills, of which there are none",
    query: filterOptionsSchema,
    status: 200,
    answer: z.array(z.looseObject({})),
  },
];

/** The operations of people/ that are about tags, and about finding members. */
export const memberTagOperations: readonly Operation[] = [...search, ...described].map(
  (operation) => ({
    ...operation,
    tag: "Members",
  }),
);
