/** Rows: projects, their settings and what describes them (GATEWAY 10.4). */
import {
  each,
  type Field,
  type Fields,
  fields,
  flag,
  id,
  ids,
  json,
  names,
  number,
  required,
  row,
  size,
  text,
  word,
} from "../row.ts";

/** The fields of a project that its people may set; `organization` and `created_by` are never sent on. */
const projectFields: Fields = {
  ...each(text, "title", "description", "label_config", "expert_instruction", "color"),
  ...each(text, "model_version", "sampling", "skip_queue", "pinned_at"),
  ...each(text, "task_data_login", "task_data_password"),
  ...each(flag, "show_instruction", "show_skip_button", "enable_empty_annotation", "is_draft"),
  ...each(flag, "show_annotation_history", "is_published", "show_collab_predictions"),
  ...each(flag, "start_training_on_annotation_update", "show_ground_truth_first"),
  ...each(flag, "annotator_evaluation_enabled", "show_overlap_first"),
  ...each(flag, "evaluate_predictions_automatically", "reveal_preannotations_interactively"),
  ...each(number, "maximum_annotations", "min_annotations_to_start_training"),
  ...each(number, "overlap_cohort_percentage"),
  control_weights: json,
  // Labelgate's own; Label Studio passes it over.
  workspace: id(null),
};

/** Read by Labelgate's own lists; Label Studio gets `ids` of granted projects (GATEWAY 10.5). */
const listQuery: Fields = {
  ...each(number, "page"),
  page_size: size(100),
  ids: ids(null, "commas"),
  ...each(text, "include", "ordering", "title", "search", "workspaces", "state"),
  archived: flag,
  filter: word("all", "pinned_only", "exclude_pinned"),
};

const labelConfig: Field = required(text);

export const projectRows = [
  row("GET /api/projects/", "AN", {
    ...{ scope: "organization", kind: "projects", isShared: true },
    ...{ query: listQuery, edit: "project_list" },
  }),
  row("POST /api/projects/", "MA", {
    ...{ scope: "organization", isShared: true, effect: "project_created" },
    ...{ body: fields(projectFields), edit: "project_created" },
  }),
  row("GET /api/projects/counts/", "AN", {
    ...{ scope: "organization", kind: "project_counts", isShared: true, query: listQuery },
  }),
  row("POST /api/projects/validate/", "MA", {
    ...{ scope: "organization", body: fields({ label_config: labelConfig }) },
  }),
  row("GET /api/templates/", "MA", { scope: "organization" }),
  row("GET /api/projects/{project}/", "AN", {
    ...{ isShared: true, query: { include: names }, edit: "project" },
  }),
  row("PATCH /api/projects/{project}/", "MA", {
    ...{ isShared: true, body: fields(projectFields), edit: "project", effect: "project_changed" },
  }),
  row("DELETE /api/projects/{project}/", "MA", {
    ...{ isShared: true, effect: "project_deleted", isSlow: true },
  }),
  row("GET /api/projects/{project}/next/", "AN", { edit: "task" }),
  row("GET /api/projects/{project}/label-stream-history/", "AN"),
  row("GET /api/projects/{project}/validate/", "MA"),
  row("POST /api/projects/{project}/validate/", "MA", {
    body: fields({ label_config: labelConfig }),
  }),
  row("GET /api/projects/{project}/summary/", "RE"),
  row("POST /api/projects/{project}/summary/reset/", "MA", { isSlow: true }),
  row("GET /api/projects/{project}/annotators/", "RE"),
  row("POST /api/projects/{project}/sample-task/", "MA", {
    body: fields({ label_config: labelConfig, include_annotation_and_prediction: flag }),
  }),
  row("GET /api/projects/{project}/model-versions/", "MA", {
    // Without include_live_models, whose answer tells the addresses and accounts of ML backends.
    query: { extended: flag, limit: number },
  }),
  row("DELETE /api/projects/{project}/model-versions/", "MA", {
    ...{ body: fields({ model_version: required(text) }), isSlow: true },
  }),
];
