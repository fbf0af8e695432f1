/**
 * Tools that all edits of answers share: reading the expected shape out of JSON, and the questions
 * that decide how much of an answer a person sees (GATEWAY 10.4).
 *
 * A shape that an edit does not know is an error, so that nothing unedited ever passes.
 */
import { AppError } from "../errors.ts";
import type { AnswerContext } from "./answer-edit.ts";
import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import type { StudioRole, StudioSwitches } from "./viewer.ts";

/** An edit of one answer or of one part of it. */
export type Edit = (value: Json, context: AnswerContext) => Json;

/** True where a person of this role does not see others' annotations and drafts. */
export function hidesOthers(role: StudioRole, switches: StudioSwitches): boolean {
  return role === "AN" && !switches.annotatorsSeeOthers;
}

/** True for the roles that only work on tasks: no settings, actions or connections. */
export function isWorker(role: StudioRole): boolean {
  return role === "AN" || role === "RE";
}

/**
 * The viewer's number in Label Studio.
 * @throws AppError `upstream_bad_answer` where it is not known, so that nothing is taken for theirs
 */
export function ownId({ viewer }: AnswerContext): number {
  if (viewer.upstreamUserId === null) throw badAnswer("the viewer's own number");
  return viewer.upstreamUserId;
}

/** The refusal of an answer that is not as this version of Label Studio gives it. */
export function badAnswer(expected: string): AppError {
  return new AppError("upstream_bad_answer", { evidence: { expected } });
}

/** The value as an object. @throws AppError `upstream_bad_answer` */
export function expectObject(value: Json | undefined, expected: string): JsonObject {
  if (isObject(value)) return value;
  throw badAnswer(expected);
}

/**
 * The value as an object that has these fields, by which one kind of record is told from another.
 * @throws AppError `upstream_bad_answer`
 */
export function expectRecord(value: Json | undefined, fields: readonly string[]): JsonObject {
  const object = expectObject(value, fields.join(" and "));
  if (fields.every((field) => Object.hasOwn(object, field))) return object;
  throw badAnswer(fields.join(" and "));
}

/** The value as a list. @throws AppError `upstream_bad_answer` */
export function expectList(value: Json | undefined, expected: string): readonly Json[] {
  if (isList(value)) return value;
  throw badAnswer(expected);
}

/** The value as a list of objects. @throws AppError `upstream_bad_answer` */
export function expectObjects(value: Json | undefined, expected: string): readonly JsonObject[] {
  return expectList(value, expected).map((item) => expectObject(item, expected));
}

/** The value as the number of a thing. @throws AppError `upstream_bad_answer` */
export function expectId(value: Json | undefined, expected: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw badAnswer(expected);
}

/** The object with the named fields replaced, each only where it is there. */
export function replaceFields(
  object: JsonObject,
  edits: Readonly<Record<string, (value: Json) => Json>>,
): JsonObject {
  const replaced = Object.entries(edits).flatMap(([key, edit]) => {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    return value === undefined ? [] : [[key, edit(value)] as const];
  });
  return { ...object, ...Object.fromEntries(replaced) };
}

/** The object without the fields that the test names. */
export function dropFields(object: JsonObject, isDropped: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isDropped(key)));
}

/** A list answered whole or by pages, `{count, next, previous, results}`, with its items edited. */
export function editPages(
  value: Json,
  edit: (items: readonly JsonObject[]) => readonly Json[],
  context: AnswerContext,
): Json {
  if (isList(value)) return edit(expectObjects(value, "a list of objects"));
  const page = expectObject(value, "a page");
  const items = expectObjects(page["results"], "the results of a page");
  const results = edit(items);
  const link = (link: Json) => (typeof link === "string" ? context.writeLink(link) : null);
  const isCounted = typeof page["count"] === "number";
  return {
    ...replaceFields(page, { next: link, previous: link }),
    ...(isCounted && { count: Math.max(0, Number(page["count"]) - items.length + results.length) }),
    results,
  };
}
