/** Parameters of addresses → typed values, with every problem by name, for the lists of this folder. */
import { z } from "zod";
import { Problems } from "./problems.ts";

const once = "Send this only once.";

/** A whole number from 1. */
export const wholeNumber = (most: number, sentence: string) =>
  z
    .string({ error: once })
    .regex(/^[1-9]\d{0,9}$/, { error: sentence })
    .transform(Number)
    .refine((value) => value <= most, { error: sentence });

/** The id of a row, as 32 bits hold it. */
export const rowId = wholeNumber(2_147_483_647, "Send the id of a row.");

/** The number of entries that an answer may hold: `usual` unless told. */
export const pageSize = (most: number, usual: number) =>
  wholeNumber(most, `Send a number from 1 to ${most}.`).default(usual);

/** Text to look for. */
export const queryText = z
  .string({ error: once })
  .max(320, { error: "This may have at most 320 characters." });

/** A schema that knows these parameters and no others, and names them where another is sent. */
export function querySchema<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  const known = `${names.slice(0, -1).join(", ")}${names.length > 1 ? " and " : ""}${names.at(-1)}`;
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? `Known are ${known}.` : undefined),
  });
}

/** The parameters of a request. @throws AppError `validation_failed` with every problem */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  sent: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(sent);
  if (parsed.success) return parsed.data;
  const problems = new Problems();
  for (const issue of parsed.error.issues) {
    problems.add(String(issue.path[0] ?? "non_field_errors"), issue.message);
  }
  throw problems.toError();
}

/** The address of another part of the list, with every parameter that was asked for. */
export function addressOf(
  baseUrl: string,
  path: string,
  query: Readonly<Record<string, unknown>>,
): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined);
  const parameters = new URLSearchParams(kept.map(([name, value]) => [name, String(value)]));
  return `${baseUrl}${path}?${parameters}`;
}
