/**
 * Edits of what the data manager is built from: columns, tabs, actions and label links
 * (GATEWAY 10.4; `label-studio-roles.md` A8, A9 and B).
 */
import { AppError } from "../errors.ts";
import type { AnswerContext } from "./answer-edit.ts";
import {
  badAnswer,
  editPages,
  expectList,
  expectObject,
  expectObjects,
  expectRecord,
  hidesOthers,
  isWorker,
  ownId,
} from "./edit-tools.ts";
import { isOpenColumn } from "./filters.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** Actions of the menu that the policy knows; Label Studio lists experimental ones too. */
const knownActions: ReadonlySet<Json> = new Set([
  ...["retrieve_tasks_predictions", "predictions_to_annotations", "remove_duplicates"],
  ...["delete_tasks", "delete_tasks_annotations", "delete_tasks_predictions"],
]);

/** Columns: those of others' work only where it is shown, and people only whom the viewer sees. */
export function editColumns(value: Json, context: AnswerContext): Json {
  const answer = expectObject(value, "columns");
  const columns = expectObjects(answer["columns"], "columns");
  const isHidden = hidesOthers(context.role, context.switches);
  return {
    columns: columns
      .filter((column) => !isHidden || isOpen(column))
      .map((column) => (context.role === "AD" ? column : withKnownItems(column, context.people))),
  };
}

function isOpen({ id, parent, target }: JsonObject): boolean {
  if (typeof id !== "string") throw badAnswer("a column's id");
  return target === "tasks" && isOpenColumn(parent === "data" ? `data.${id}` : id);
}

/** `annotators` and `updated_by` offer everybody in Label Studio as a value to filter by. */
function withKnownItems(column: JsonObject, people: ReadonlySet<number>): JsonObject {
  const { id, schema } = column;
  if ((id !== "annotators" && id !== "updated_by") || column["parent"] === "data") return column;
  if (!isObject(schema)) return column;
  const items = expectList(schema["items"], "people to filter by");
  const known = items.filter((item) => typeof item === "number" && people.has(item));
  return { ...column, schema: { ...schema, items: known } };
}

/** The tabs of a project: one's own; Managers and Administrators share theirs. */
export function editViews(value: Json, context: AnswerContext): Json {
  return expectObjects(value, "tabs").filter((view) => isShownView(view, context));
}

/** One tab. @throws AppError `not_found` for one that the viewer has not in their list */
export function editView(value: Json, context: AnswerContext): Json {
  const view = expectObject(value, "a tab");
  if (!isShownView(view, context)) throw new AppError("not_found");
  return view;
}

function isShownView({ user, data }: JsonObject, context: AnswerContext): boolean {
  if (user === undefined || data === undefined) throw badAnswer("a tab's user and data");
  if (user === ownId(context)) return true;
  if (isWorker(context.role)) return false;
  return user === null || (typeof user === "number" && context.managers.has(user));
}

/** The menu of actions on selected tasks; empty for people who may do none. */
export function editActions(value: Json, { role }: AnswerContext): Json {
  const actions = expectObjects(value, "actions");
  return isWorker(role) ? [] : actions.filter(({ id = null }) => knownActions.has(id));
}

/** Labels that people added in a project. */
export function editLabelLinks(value: Json, context: AnswerContext): Json {
  const isHere = (item: JsonObject) => {
    const { project } = expectRecord(item, ["project", "label"]);
    return context.project === null || project === context.project;
  };
  return editPages(value, (items) => items.filter(isHere), context);
}
