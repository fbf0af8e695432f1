/**
 * Labelgate's own facts in project records of Label Studio's (GATEWAY 10.5): the workspace, which exists
 * here only, and the internal number.
 */
import { isList, isObject, type Json, type JsonObject } from "./json.ts";

/** A project as Labelgate knows it. */
export interface ProjectPlace {
  readonly labelgateId: number;
  readonly workspaceId: number | null;
  readonly workspaceTitle: string | null;
}

/** Label Studio's numbers of the projects in an answer: one record, or a page of them. */
export function projectNumbersOf(answer: Json): readonly number[] {
  return recordsOf(answer).flatMap(({ id }) => (typeof id === "number" ? [id] : []));
}

/** The answer with `workspace`, `workspace_title` and `labelgate_id` in each record. */
export function withPlaces(answer: Json, places: ReadonlyMap<number, ProjectPlace>): Json {
  if (!isObject(answer)) return answer;
  const { results } = answer;
  if (!isList(results)) return placed(answer, places);
  return {
    ...answer,
    results: results.map((each) => (isObject(each) ? placed(each, places) : each)),
  };
}

function recordsOf(answer: Json): readonly JsonObject[] {
  if (!isObject(answer)) return [];
  const { results } = answer;
  return isList(results) ? results.filter(isObject) : [answer];
}

function placed(project: JsonObject, places: ReadonlyMap<number, ProjectPlace>): JsonObject {
  const place = typeof project["id"] === "number" ? places.get(project["id"]) : undefined;
  return {
    ...project,
    workspace: place?.workspaceId ?? null,
    workspace_title: place?.workspaceTitle ?? null,
    labelgate_id: place?.labelgateId ?? null,
  };
}
