/** Rows: tasks, annotations, drafts, predictions and their history (GATEWAY 10.4). */
import {
  checked,
  each,
  type Fields,
  fields,
  flag,
  id,
  json,
  managers,
  number,
  required,
  row,
  size,
  soft,
  text,
  word,
  workBytes,
} from "../row.ts";

/** Data manager pages name the project in every query; it must agree with what the path names. */
const pageQuery: Fields = { project: checked(id("project")) };

/** Never `completed_by`, `updated_by`, `user` or another task: Label Studio believes them. */
const annotationFields: Fields = {
  project: checked(id("project")),
  ...each(json, "result"),
  ...each(number, "lead_time"),
  ...each(flag, "was_cancelled"),
  ...each(text, "draft_created_at"),
  draft_id: soft(id("draft")),
  parent_prediction: soft(id("prediction")),
  parent_annotation: soft(id("annotation")),
  ...each(managers(flag), "ground_truth", "bulk_created"),
  ...each(managers(number), "import_id", "last_created_by"),
  ...each(managers(text), "unique_id", "last_action"),
};

const draftFields: Fields = {
  project: checked(id("project")),
  result: json,
  lead_time: number,
  was_postponed: flag,
  annotation: id("annotation"),
};

const taskFields: Fields = {
  ...each(json, "data", "meta"),
  is_labeled: flag,
  overlap: number,
};

const predictionFields: Fields = {
  ...each(json, "result", "neighbors"),
  ...each(number, "score", "cluster", "mislabeling"),
  model_version: text,
};

export const workRows = [
  row("GET /api/tasks/", "AN", {
    query: {
      ...each(id("project"), "project"),
      ...each(id("view"), "view"),
      page: number,
      page_size: size(100),
      fields: word("all"),
      query: { kind: "filters" },
      resolve_uri: flag,
    },
    edit: "task_list",
  }),
  row("POST /api/tasks/", "MA", {
    query: pageQuery,
    body: fields({ ...taskFields, project: required(id("project")) }),
  }),
  row("GET /api/projects/{project}/tasks/", "MA", {
    query: { page: number, page_size: size(100) },
  }),
  row("POST /api/projects/{project}/tasks/", "MA", { body: fields(taskFields) }),
  row("DELETE /api/projects/{project}/tasks/", "MA", { isSlow: true }),
  row("GET /api/tasks/{task}/", "AN", {
    query: { project: id("project"), resolve_uri: flag, annotations_stub: flag },
    edit: "task",
  }),
  row("PATCH /api/tasks/{task}/", "MA", {
    query: pageQuery,
    body: fields({ ...taskFields, project: checked(id("project")) }),
  }),
  row("DELETE /api/tasks/{task}/", "MA", { query: pageQuery }),
  row("GET /api/tasks/{task}/annotations/", "AN", {
    ...{ query: pageQuery, edit: "annotation_list" },
  }),
  row("POST /api/tasks/{task}/annotations/", "AN", {
    query: { ...pageQuery, was_cancelled: flag },
    body: fields(annotationFields, workBytes),
    edit: "annotation",
  }),
  row("GET /api/tasks/{task}/drafts", "AN", { query: pageQuery, edit: "draft_list" }),
  row("POST /api/tasks/{task}/drafts", "AN", {
    ...{ query: pageQuery, body: fields(draftFields, workBytes) },
  }),
  row("GET /api/tasks/{task}/annotations/{annotation}/drafts", "AN", {
    ...{ query: pageQuery, edit: "draft_list" },
  }),
  row("POST /api/tasks/{task}/annotations/{annotation}/drafts", "AN", {
    ...{ query: pageQuery, body: fields(draftFields, workBytes), isOwn: true },
  }),
  row("GET /api/tasks/{task}/agreement/", "RE", { query: pageQuery }),
  row("GET /api/annotations/{annotation}/", "AN", { query: pageQuery, edit: "annotation" }),
  row("PATCH /api/annotations/{annotation}/", "AN", {
    query: { ...pageQuery, taskID: checked(id("task")) },
    body: fields(annotationFields, workBytes),
    isOwn: true,
    edit: "annotation",
  }),
  row("DELETE /api/annotations/{annotation}/", "AN", {
    ...{ query: { ...pageQuery, taskID: checked(id("task")) }, isOwn: true },
  }),
  row("POST /api/annotations/{annotation}/convert-to-draft", "AN", {
    ...{ query: pageQuery, isOwn: true },
  }),
  row("GET /api/drafts/{draft}/", "AN", { query: pageQuery }),
  row("PATCH /api/drafts/{draft}/", "AN", {
    ...{ query: pageQuery, body: fields(draftFields, workBytes) },
  }),
  row("DELETE /api/drafts/{draft}/", "AN", { query: pageQuery }),
  row("GET /api/predictions/", "AN", {
    query: { project: id("project"), task__project: id("project"), task: id("task") },
  }),
  row("POST /api/predictions/", "MA", {
    body: fields({ ...predictionFields, task: required(id("task")), project: id("project") }),
  }),
  row("GET /api/predictions/{prediction}/", "AN"),
  row("PATCH /api/predictions/{prediction}/", "MA", {
    body: fields({
      ...predictionFields,
      task: checked(id("task")),
      project: checked(id("project")),
    }),
  }),
  row("DELETE /api/predictions/{prediction}/", "MA"),
  ...["task", "annotation", "project"].map((kind) =>
    row(`GET /api/fsm/entities/${kind}/{${kind}}/history`, "RE", {
      query: { ...pageQuery, page: number, page_size: size(100), ordering: word("id", "-id") },
      edit: "history",
    }),
  ),
];
