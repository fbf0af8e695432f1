/**
 * Bodies with mappings name projects by the numbers that answers have (GATEWAY 10.5); settings hold the
 * internal ones. Owns that step before the fields are parsed.
 */
import type { z } from "zod";
import type { Deps } from "../deps.ts";
import { internalNumbers } from "../store/wire-numbers.ts";
import type { ReadBody } from "./form.ts";
import { isWholeRecord } from "./import-record.ts";
import { type Parsed, parseFields } from "./parse.ts";

/** As `parseFields`, for a body that a client sent: projects by the client's numbers. */
export async function parseSent<Shape extends z.core.$ZodLooseShape>(
  deps: Pick<Deps, "config" | "store">,
  schema: z.ZodObject<Shape>,
  body: ReadBody,
): Promise<Parsed<Partial<z.output<z.ZodObject<Shape>>>>> {
  const { fields, skippedProjects } = await withInternalNumbers(deps, body);
  return { ...parseFields(schema, fields, body.problems), skippedProjects };
}

async function withInternalNumbers(
  { config, store }: Pick<Deps, "config" | "store">,
  { fields, problems }: ReadBody,
): Promise<{ readonly fields: unknown; readonly skippedProjects: readonly number[] }> {
  const asSent = { fields, skippedProjects: [] };
  if (config.upstreamUrl === "" || typeof fields !== "object" || fields === null) return asSent;
  const sent: unknown = Reflect.get(fields, "projects_groups");
  if (!Array.isArray(sent)) return asSent;
  const list: readonly unknown[] = sent;
  const numbers = list.flatMap((entry) => numberOf(entry) ?? []);
  const found = await internalNumbers(store.db, "project", numbers);
  const unknown = [...new Set(numbers)].filter((number) => !found.has(number));
  const isRecord = isWholeRecord(fields);
  if (!isRecord) {
    for (const number of unknown) {
      problems.add("projects_groups", `Project ${number} does not exist in this organization.`);
    }
  }
  const isKept = (entry: unknown) => !isRecord || !unknown.includes(numberOf(entry) ?? 0);
  const entries = list.filter(isKept).map((entry) => {
    const number = numberOf(entry);
    if (number === null || typeof entry !== "object") return entry;
    // Where a project is missing nothing is saved, so that it matters no more which this one is.
    return { ...entry, project_id: found.get(number) ?? Math.abs(number) };
  });
  return {
    fields: { ...fields, projects_groups: entries },
    skippedProjects: isRecord ? unknown : [],
  };
}

function numberOf(entry: unknown): number | null {
  if (typeof entry !== "object" || entry === null) return null;
  const value: unknown = Reflect.get(entry, "project_id");
  return Number.isInteger(value) && value !== 0 ? Number(value) : null;
}
