/**
 * Edits of what people work on: tasks, annotations, drafts and predictions (GATEWAY 10.4, "Others'
 * work hidden", "Drafts are one's own"; `label-studio-roles.md` B).
 *
 * Where others' work is hidden, fields pass by list, so that a field of a newer Label Studio stays
 * out until somebody decides. Counts stay. For the other roles only people whom `/api/users` does
 * not list are taken out, because one unknown number blanks the data manager (A1).
 */
import { AppError } from "../errors.ts";
import type { AnswerContext } from "./answer-edit.ts";
import {
  badAnswer,
  dropFields,
  editPages,
  expectList,
  expectObject,
  expectObjects,
  expectRecord,
  hidesOthers,
  ownId,
  replaceFields,
} from "./edit-tools.ts";
import { isList, isObject, type Json, type JsonObject } from "./json.ts";

/** Fields of a task that may pass; those of others' work among them are reduced. */
const taskFields: ReadonlySet<string> = new Set([
  ...["id", "data", "meta", "project", "inner_id", "overlap", "is_labeled", "created_at"],
  ...["updated_at", "file_upload", "storage_filename", "unique_lock_id", "queue", "state"],
  ...["total_annotations", "cancelled_annotations", "total_predictions", "predictions"],
  ...["predictions_results", "predictions_score", "predictions_model_versions", "allow_skip"],
  ...["allow_postpone", "comment_count", "unresolved_comment_count", "last_comment_updated_at"],
  ...["annotations", "drafts", "annotators", "updated_by", "comment_authors", "draft_exists"],
  ...["annotations_results", "annotations_ids", "avg_lead_time", "completed_at"],
]);

/** Fields of an annotation of one's own that may pass. */
const annotationFields: ReadonlySet<string> = new Set([
  ...["id", "result", "created_username", "created_ago", "completed_by", "was_cancelled", "task"],
  ...["ground_truth", "created_at", "updated_at", "draft_created_at", "lead_time", "import_id"],
  ...["last_action", "bulk_created", "project", "updated_by", "parent_prediction", "is_stub"],
  ...["parent_annotation", "last_created_by", "unique_id", "state"],
]);

/** A task, as the label stream, the data manager and the API answer it. */
export function editTask(value: Json, context: AnswerContext): Json {
  const task = expectObject(value, "a task");
  if (task["id"] === undefined) throw badAnswer("a task's id");
  if (context.role === "AD") return task;
  if (!hidesOthers(context.role, context.switches)) return withKnownPeople(task, context.people);
  const self = ownId(context);
  const shown = replaceFields(
    dropFields(task, (key) => !taskFields.has(key)),
    {
      annotations: (list) => ownAnnotations(list, self),
      drafts: (list) => ownDrafts(list, self),
      annotators: (list) => expectList(list, "annotators").filter((id) => id === self),
      updated_by: (value) => onlyUpdatedBy(value, (id) => id === self),
      comment_authors: () => [],
      annotations_results: () => "",
      annotations_ids: () => "",
      avg_lead_time: () => null,
      completed_at: () => null,
    },
  );
  return replaceFields(shown, {
    draft_exists: () => isList(shown["drafts"]) && shown["drafts"].length > 0,
  });
}

/** Tasks as a bare list, or with totals as the data manager asks for them. */
export function editTaskList(value: Json, context: AnswerContext): Json {
  const edit = (list: Json | undefined) =>
    expectObjects(list, "tasks").map((task) => editTask(task, context));
  if (isList(value)) return edit(value);
  const page = expectObject(value, "a page of tasks");
  const known = ["total", "total_annotations", "total_predictions"];
  return {
    ...dropFields(page, (key) => !known.includes(key)),
    tasks: edit(page["tasks"]),
  };
}

/** An annotation; somebody else's is not there for a person who does not see others' work. */
export function editAnnotation(value: Json, context: AnswerContext): Json {
  const annotation = expectObject(value, "an annotation");
  if (!hidesOthers(context.role, context.switches)) return annotation;
  const self = ownId(context);
  if (!isOwnAnnotation(annotation, self)) throw new AppError("not_found");
  return editOwnAnnotation(annotation, self);
}

/** The annotations of a task. */
export function editAnnotationList(value: Json, context: AnswerContext): Json {
  if (!hidesOthers(context.role, context.switches)) return expectObjects(value, "annotations");
  return ownAnnotations(value, ownId(context));
}

/** A draft; somebody else's is not there. */
export function editDraft(value: Json, context: AnswerContext): Json {
  const draft = expectObject(value, "a draft");
  if (!isOwnDraft(draft, ownId(context))) throw new AppError("not_found");
  return draft;
}

/** The drafts of a task, cut to one's own for every role: Label Studio lists everybody's. */
export function editDraftList(value: Json, context: AnswerContext): Json {
  return ownDrafts(value, ownId(context));
}

/** Predictions, cut to the project that the request concerns. */
export function editPredictionList(value: Json, context: AnswerContext): Json {
  const isHere = (item: JsonObject) => {
    const { project } = expectRecord(item, ["project", "task", "model_version"]);
    return context.project === null || project === context.project;
  };
  return editPages(value, (items) => items.filter(isHere), context);
}

/** The tasks that one went through in the label stream: Label Studio lists one's own. */
export function editHistory(value: Json): Json {
  return expectObjects(value, "a history").map((step) =>
    dropFields(step, (key) => key !== "taskId" && key !== "annotationId"),
  );
}

function ownAnnotations(value: Json, self: number): Json {
  return expectObjects(value, "annotations")
    .filter((annotation) => isOwnAnnotation(annotation, self))
    .map((annotation) => editOwnAnnotation(annotation, self));
}

function isOwnAnnotation(annotation: JsonObject, self: number): boolean {
  const author = annotation["completed_by"];
  if (author === undefined) throw badAnswer("an annotation's author");
  return (isObject(author) ? author["id"] : author) === self;
}

/** Somebody else may have changed it last, and is not named. */
function editOwnAnnotation(annotation: JsonObject, self: number): JsonObject {
  const onlySelf = (id: Json) => (id === self ? id : null);
  return replaceFields(
    dropFields(annotation, (key) => !annotationFields.has(key)),
    { updated_by: onlySelf, last_created_by: onlySelf },
  );
}

function ownDrafts(value: Json, self: number): Json {
  return expectObjects(value, "drafts").filter((draft) => isOwnDraft(draft, self));
}

/**
 * A draft names its author by e-mail address in `user`, and by name, address and number in
 * `created_username`: "Ben Quibble ben@contoso.com, 3". Addresses change case, numbers do not.
 */
function isOwnDraft(draft: JsonObject, self: number): boolean {
  const author = draft["created_username"];
  if (typeof author !== "string") throw badAnswer("a draft's author");
  return /, ([1-9][0-9]*)$/.exec(author)?.[1] === String(self);
}

/** `[{user_id}]` in the data manager, a number elsewhere. */
function onlyUpdatedBy(value: Json, isShown: (id: Json) => boolean): Json {
  if (!isList(value)) return isShown(value) ? value : null;
  return value.filter((item) => {
    const id = expectObject(item, "updated_by")["user_id"];
    return id !== undefined && isShown(id);
  });
}

function withKnownPeople(task: JsonObject, people: ReadonlySet<number>): JsonObject {
  const isKnown = (id: Json) => typeof id === "number" && people.has(id);
  return replaceFields(task, {
    annotators: (list) => expectList(list, "annotators").filter(isKnown),
    updated_by: (value) => (isList(value) ? onlyUpdatedBy(value, isKnown) : value),
  });
}
