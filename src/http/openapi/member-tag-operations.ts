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
import { operation, under } from "./operation.ts";

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

const described = [
  operation(`GET ${base}`, "List the tags of members page by page", {
    query: tagListSchema,
    answer: pageOf(tagAnswer),
  }),
  operation(`POST ${base}`, "Make a tag", { body: tagSchema, status: 201, answer: tagAnswer }),
  operation(`GET ${base}/{tag}`, "Read a tag", { answer: tagAnswer }),
  operation(`PATCH ${base}/{tag}`, "Rename a tag", { body: tagPatchSchema, answer: tagAnswer }),
  operation(`DELETE ${base}/{tag}`, "Delete a tag; members lose it", {}),
  operation(`POST ${base}/bulk`, "Make tags of those labels that no tag has", {
    body: tagBulkSchema,
    status: 201,
    answer: z.object({ created: count }),
  }),
  operation(`DELETE ${base}/bulk`, "Delete tags", {
    query: tagBulkRemovalSchema,
    answer: z.object({ deleted: count }),
  }),
  operation(`POST ${base}/assignments`, "Give members tags", {
    description:
      "The query narrows whom the body means. With `overwrite` every other tag of these members goes.",
    query: tagAssignmentQuerySchema,
    body: tagAssignmentSchema,
    answer: z.object({ assigned: count }),
  }),
  operation(`POST ${base}/imports`, "Give members the tags that a CSV file names", {
    description:
      "The file has the columns `email` and `tags`, whose labels commas separate; `bulk_tags` go to everybody in it. Tags that are missing are made. Done when the number is answered.",
    body: tagImportSchema,
    bodyTypes: ["multipart/form-data"],
    status: 201,
    answer: z.object({ import: id }),
  }),
  operation(`GET ${base}/imports/{import}`, "Read what an import of tags did", {
    description: "Kept for 30 days. `users_skipped` are the addresses that no member has.",
    answer: z.object({
      id,
      status: z.enum(["created", "in_progress", "completed", "failed"]),
      created_at: time,
      finished_at: time.nullable(),
      tags_created: count,
      assignments_created: count,
      users_skipped: z.array(z.string()),
    }),
  }),
];

const members = "/api/organizations/{id}/memberships";
const filters =
  '`filters` is {"version": 1, "conjunction": "and", "items": [{"filter": "role", "operator": "in", "value": ["AN"]}]}; filter-schema lists filters and operators.';
const option = { id, label: z.string() };
const projectOption = z.looseObject({ ...option, kind: z.literal("project") });

const search = [
  operation(`GET ${members}/filter-schema`, "Read by what members may be filtered", {
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
  }),
  operation(`GET ${members}/search`, "List members by filters", {
    description: `${filters} It is sent as JSON text.`,
    query: memberSearchSchema,
    answer: memberPageAnswer,
  }),
  operation(`POST ${members}/search`, "List members by filters in a body", {
    description: filters,
    query: memberSearchQuerySchema,
    body: memberSearchBodySchema,
    answer: memberPageAnswer,
  }),
  operation(
    `GET ${members}/filter-options/membership`,
    "List the workspaces, each with its projects, and the projects without one",
    {
      query: filterOptionsSchema,
      answer: z.array(
        z.union([
          projectOption,
          z.object({ ...option, kind: z.literal("workspace"), projects: z.array(projectOption) }),
        ]),
      ),
    },
  ),
  operation(`GET ${members}/filter-options/skills`, "List the skills, of which there are none", {
    query: filterOptionsSchema,
    answer: z.array(z.looseObject({})),
  }),
];

/** The operations of people/ that are about tags, and about finding members. */
export const memberTagOperations = under("Members", [...search, ...described]);
