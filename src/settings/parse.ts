/**
 * Request bodies → typed patches, with every problem of every field (PRODUCT 6.2). Owns the walk
 * over the fields and the wording of what zod found; the fields themselves stand in schema.ts.
 *
 * A name that is no field is refused with the nearest field name: a typing error that was answered
 * with 200 would look like a setting that took effect.
 */
import type { z } from "zod";
import { isWholeRecord } from "./import-record.ts";
import { Problems } from "./problems.ts";
import { readOnlyFields } from "./schema.ts";

const maxUnknown = 20;

/** A patch of whatever was well-formed, beside what was not. */
export interface Parsed<Patch> {
  readonly patch: Patch;
  readonly problems: Problems;
  /** Values sent for read-only fields, to be told where they differ from what stays. */
  readonly echoed: ReadonlyMap<string, unknown>;
  /** True where a whole record was sent, which is taken without the projects that are not here. */
  readonly isRecord: boolean;
  /** Numbers of projects that were left out of a record already. */
  readonly skippedProjects: readonly number[];
}

/**
 * Checks every field of `body` by itself. Never throws: all that is wrong is in the answer's
 * `problems`, which are those handed in and what is found here.
 */
export function parseFields<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  body: unknown,
  problems: Problems = new Problems(),
): Parsed<Partial<z.output<z.ZodObject<Shape>>>> {
  const echoed = new Map<string, unknown>();
  const patch: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of fieldsOf(body, problems)) {
    if (Object.hasOwn(schema.shape, name)) {
      const field = schema.shape[name] as z.ZodType;
      const result = field.safeParse(value);
      if (result.success) patch[name] = result.data;
      else for (const issue of result.error.issues) problems.add(name, sentenceOf(issue));
    } else if (readOnlyFields.has(name)) {
      echoed.set(name, value);
    } else {
      unknown.push(name);
    }
  }
  refuseUnknown(problems, unknown, Object.keys(schema.shape));
  // Each value was made by the schema of its own name, so together they are part of its output.
  return {
    patch: patch as Partial<z.output<z.ZodObject<Shape>>>,
    ...{ problems, echoed, isRecord: isWholeRecord(body), skippedProjects: [] },
  };
}

function fieldsOf(body: unknown, problems: Problems): readonly (readonly [string, unknown])[] {
  if (body === undefined || body === null) return [];
  if (typeof body === "object" && !Array.isArray(body)) return Object.entries(body);
  problems.add("non_field_errors", "Send an object of settings, such as a JSON object.");
  return [];
}

/** Words an issue: the position in a list, counted from 1, and the problem. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const [index] = issue.path;
  return typeof index === "number" ? `Entry ${index + 1}: ${issue.message}` : issue.message;
}

function refuseUnknown(
  problems: Problems,
  unknown: readonly string[],
  known: readonly string[],
): void {
  for (const name of unknown.slice(0, maxUnknown)) {
    const near = nearestName(name, known);
    problems.add(
      name.slice(0, 100),
      near === undefined
        ? "There is no such setting."
        : `There is no such setting; did you mean ${near}?`,
    );
  }
  const more = unknown.length - maxUnknown;
  if (more > 0) problems.add("non_field_errors", `There are ${more} more unknown settings.`);
}

/** The known name that differs by spelling style or by at most two letters, or undefined. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 60) return undefined;
  const plain = plainName(name);
  return (
    known.find((candidate) => plainName(candidate) === plain) ??
    known.find((candidate) => editDistance(plain, plainName(candidate)) <= 2)
  );
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein distance: letters to insert, delete or replace. */
function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + (isSame ? 0 : 1),
        ),
      );
    }
    above = current;
  }
  return above[right.length] ?? 0;
}
