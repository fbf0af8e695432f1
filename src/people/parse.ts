/**
 * Bodies and queries → typed values, with every problem of every field told at once. Owns the walk
 * and the wording of what zod found; each route's schema stands beside the route.
 *
 * A name that is no field is refused: a typing error that was answered with 200 would look like
 * something that took effect (DESIGN invariant 7).
 */
import { z } from "zod";
import { AppError, type FieldErrors } from "../errors.ts";

/** The form token, which browsers send beside the fields of a form. */
const formTokenField = "csrf_token";
const maxUnknown = 20;

/** A whole number as JSON has it or as a form or query spells it; an id of something. */
export const wireId = z
  .union([z.number(), z.string().regex(/^\d{1,10}$/)], { error: "Send a whole number." })
  .transform(Number)
  .refine((id) => Number.isSafeInteger(id) && id >= 1 && id <= 2_147_483_647, {
    error: "There is no such id.",
  });

/** True or false as JSON has it, or as a form or query spells it. */
export const wireFlag = z
  .union([z.boolean(), z.enum(["true", "false", "True", "False", "1", "0"])], {
    error: "Send true or false.",
  })
  .transform((value) => value === true || /^(true|1)$/i.test(String(value)));

/**
 * Fields that the original has and Labelgate does not keep: what is sent must be what is answered,
 * so that a record that was read can be sent back, and nothing seems saved that is not.
 */
export function notKept(answered: unknown) {
  return z
    .unknown()
    .refine(
      (value) => value === undefined || JSON.stringify(value) === JSON.stringify(answered),
      "Labelgate does not keep this field.",
    )
    .optional();
}

/** The fields of a request body. @throws AppError `validation_failed` with every problem */
export function parseBody<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  if (body !== undefined && body !== null && (typeof body !== "object" || Array.isArray(body))) {
    throw new AppError("validation_failed", {
      fields: { non_field_errors: ["Send an object of fields, such as a JSON object."] },
    });
  }
  return parseFields(schema, body ?? {}, "field");
}

/** The parameters of a query. @throws AppError `validation_failed` with every problem */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  query: unknown,
): z.output<Schema> {
  return parseFields(schema, query ?? {}, "parameter");
}

function parseFields<Schema extends z.ZodObject>(
  schema: Schema,
  given: object,
  what: "field" | "parameter",
): z.output<Schema> {
  const known = Object.keys(schema.shape);
  const entries = Object.entries(given).filter(([name]) => name !== formTokenField);
  const unknown = entries.map(([name]) => name).filter((name) => !known.includes(name));
  const problems = new Map<string, string[]>();
  for (const name of unknown.slice(0, maxUnknown)) {
    problems.set(name.slice(0, 100), [`There is no such ${what} here.`]);
  }
  const fields = Object.fromEntries(entries.filter(([name]) => known.includes(name)));
  const result = schema.safeParse(fields);
  for (const issue of result.error?.issues ?? []) {
    addIssue(problems, issue, Object.hasOwn(fields, String(issue.path[0])));
  }
  if (problems.size > 0 || !result.success) throw refusal(Object.fromEntries(problems));
  return result.data;
}

function addIssue(
  problems: Map<string, string[]>,
  issue: z.core.$ZodIssue,
  isGiven: boolean,
): void {
  const [name, index] = issue.path;
  const field = name === undefined ? "non_field_errors" : String(name);
  const message = name === undefined || isGiven ? messageOf(issue) : "This field is required.";
  const sentence = typeof index === "number" ? `Entry ${index + 1}: ${message}` : message;
  const sentences = problems.get(field) ?? [];
  problems.set(field, sentences);
  if (sentences.length < maxUnknown && !sentences.includes(sentence)) sentences.push(sentence);
}

/** zod's own words, but for types, whose names are its own. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `Send ${typeWords[issue.expected] ?? issue.expected}.`;
  return issue.message;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function refusal(fields: FieldErrors): AppError {
  return new AppError("validation_failed", { fields });
}
