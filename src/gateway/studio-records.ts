/**
 * Label Studio's records of people and projects, read from its JSON. A record that is not what it
 * should be is an error, never half of one (GATEWAY 10.5: short or failed lists change nothing). Pure.
 */
import { z } from "zod";
import { AppError } from "../errors.ts";
import type { SeenProject } from "../store/upstream-projects.ts";
import type { StudioAccount } from "./account-match.ts";

/** Only these are asked for: Label Studio's `include` leaves the rest out, and with it its cost. */
export const accountFields = "id,email,first_name,last_name,active_organization";
export const projectFields =
  "id,title,description,created_at,created_by,is_draft,pinned_at,organization";

const number = z.number().int().min(1).max(2_147_483_647);

const accountShape = z.object({
  id: number,
  email: z.string(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  active_organization: z.number().int().nullish(),
});

const projectShape = z.object({
  id: number,
  title: z.string().nullish(),
  description: z.string().nullish(),
  created_at: z.string(),
  created_by: z.union([number, z.object({ id: number })]).nullish(),
  is_draft: z.boolean().nullish(),
  pinned_at: z.string().nullish(),
});

const pageShape = z.object({ count: z.number().int().min(0), results: z.array(z.unknown()) });

/** An account. @throws AppError `upstream_bad_answer` */
export function readAccount(json: unknown): StudioAccount {
  const account = parsed(accountShape, json, "account");
  return {
    id: account.id,
    email: account.email,
    firstName: account.first_name ?? "",
    lastName: account.last_name ?? "",
    activeOrganization: account.active_organization ?? null,
  };
}

/** A list of accounts without pages. @throws AppError `upstream_bad_answer` */
export function readAccounts(json: unknown): readonly StudioAccount[] {
  return parsed(z.array(z.unknown()), json, "list of accounts").map(readAccount);
}

/** A project. @throws AppError `upstream_bad_answer` */
export function readProject(json: unknown): SeenProject {
  const project = parsed(projectShape, json, "project");
  const creator = project.created_by ?? null;
  return {
    upstreamId: project.id,
    title: project.title ?? "",
    description: project.description ?? "",
    createdAt: microseconds(project.created_at),
    pinnedAt: project.pinned_at == null ? null : microseconds(project.pinned_at),
    isDraft: project.is_draft ?? false,
    creatorUpstreamId: typeof creator === "object" ? (creator?.id ?? null) : creator,
  };
}

/** One page of projects. @throws AppError `upstream_bad_answer` */
export function readProjectPage(json: unknown) {
  const { count, results } = parsed(pageShape, json, "list of projects");
  return { count, projects: results.map(readProject) };
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join(".") ?? "";
  throw badAnswer(`Label Studio's ${what} is not as expected${where === "" ? "" : ` (${where})`}.`);
}

const instantRe = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An instant as Label Studio writes it, in microseconds since the epoch: as exactly as it keeps it.
 * @throws AppError `upstream_bad_answer`
 */
export function microseconds(text: string): number {
  const [, seconds = "", fraction = "", zone = ""] = instantRe.exec(text) ?? [];
  const wholeMs = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(wholeMs)) throw badAnswer("Label Studio's answer holds a time that is none.");
  return wholeMs * 1000 + Number(fraction.padEnd(6, "0"));
}

/** An answer that is not what this version of Label Studio answers. */
export function badAnswer(detail: string): AppError {
  return new AppError("upstream_bad_answer", { detail });
}
