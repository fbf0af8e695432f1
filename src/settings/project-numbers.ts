/**
 * Bodies with mappings name projects by the numbers that answers have (GATEWAY 10.5); settings hold the
 * internal ones. Owns that step before the fields are parsed.
 */
import type { z } from "zod";
import type { Deps } from "../deps.ts";
import { internalNumbers } from "../store/wire-numbers.ts";
import type { ReadBody } from "./form.ts";
import { type Parsed, parseFields } from "./parse.ts";

/** As `parseFields`, for a body that a client sent: projects by the client's numbers. */
export async function parseSent<Shape extends z.core.$ZodLooseShape>(
  deps: Pick<Deps, "config" | "store">,
  schema: z.ZodObject<Shape>,
  body: ReadBody,
): Promise<Parsed<Partial<z.output<z.ZodObject<Shape>>>>> {
  return parseFields(schema, await withInternalNumbers(deps, body), body.problems);
}

async function withInternalNumbers(
  { config, store }: Pick<Deps, "config" | "store">,
  { fields, problems }: ReadBody,
): Promise<unknown> {
  if (config.upstreamUrl === "" || typeof fields !== "object" || fields === null) return fields;
  const list: unknown = Reflect.get(fields, "projects_groups");
  if (!Array.isArray(list)) return fields;
  const numbers = list.flatMap((entry) => numberOf(entry) ?? []);
  const found = await internalNumbers(store.db, "project", numbers);
  for (const number of new Set(numbers)) {
    if (found.has(number)) continue;
    problems.add("projects_groups", `Project ${number} does not exist in this organization.`);
  }
  const entries = list.map((entry: unknown) => {
    const number = numberOf(entry);
    if (number === null || typeof entry !== "object") return entry;
    // Where a project is missing nothing is saved, so that it matters no more which this one is.
    return { ...entry, project_id: found.get(number) ?? Math.abs(number) };
  });
  return { ...fields, projects_groups: entries };
}

function numberOf(entry: unknown): number | null {
  if (typeof entry !== "object" || entry === null) return null;
  const value: unknown = Reflect.get(entry, "project_id");
  return Number.isInteger(value) && value !== 0 ? Number(value) : null;
}
