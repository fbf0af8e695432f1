/** Rows: import, uploaded files and export (GATEWAY 10.4). */
import {
  each,
  type Fields,
  fields,
  filesBody,
  flag,
  id,
  ids,
  importBody,
  json,
  jsonFields,
  listOf,
  number,
  object,
  required,
  row,
  text,
  word,
} from "../row.ts";

const importQuery: Fields = {
  ...each(flag, "commit_to_project", "return_task_ids"),
  preannotated_from_fields: text,
};

const onlyOrExclude = word("only", "exclude");

const snapshotFields: Fields = {
  title: text,
  task_filter_options: object({
    view: id("view"),
    ...each(onlyOrExclude, "skipped", "finished", "annotated"),
    only_with_annotations: flag,
  }),
  annotation_filter_options: object(each(flag, "usual", "ground_truth", "skipped")),
  serialization_options: object({
    ...each(object({ only_id: flag }), "drafts", "predictions", "annotations__completed_by"),
    ...each(flag, "include_annotation_history", "interpolate_key_frames"),
  }),
};

export const transferRows = [
  row("POST /api/projects/{project}/import", "MA", {
    ...{ query: importQuery, body: importBody, isSlow: true },
  }),
  row("POST /api/projects/{project}/tasks/bulk/", "MA", {
    ...{ query: importQuery, body: importBody, isSlow: true },
  }),
  // Label Studio takes only tasks of this project here.
  row("POST /api/projects/{project}/import/predictions", "MA", {
    body: listOf({ task: required(id(null)), result: json, score: number, model_version: text }),
    isSlow: true,
  }),
  row("POST /api/projects/{project}/reimport", "MA", {
    body: jsonFields({ file_upload_ids: ids("file_upload"), files_as_tasks_list: flag }),
    isSlow: true,
  }),
  row("GET /api/projects/{project}/file-uploads", "MA", { query: { ids: ids(null), all: flag } }),
  // Without the list Label Studio deletes all.
  row("DELETE /api/projects/{project}/file-uploads", "MA", {
    body: jsonFields({ file_upload_ids: required(ids("file_upload")) }),
  }),
  row("GET /api/import/file-upload/{file_upload}", "MA"),
  row("PATCH /api/import/file-upload/{file_upload}", "MA", { body: filesBody, isSlow: true }),
  row("DELETE /api/import/file-upload/{file_upload}", "MA"),
  row("GET /data/upload/{project}/{file...}", "AN", { query: { lsref: text } }),
  row("GET /data/avatars/{file...}", "AN", { scope: "organization" }),
  row("GET /storage-data/uploaded/", "AN", {
    ...{ scope: "organization", query: { filepath: { kind: "file", isRequired: true } } },
  }),
  row("GET /api/projects/{project}/export", "export", {
    query: {
      ...each(text, "exportType", "export_type"),
      ...each(flag, "download_all_tasks", "download_resources", "interpolate_key_frames"),
      "ids[]": ids(null, "repeated"),
    },
    isSlow: true,
    mayTakeMedia: true,
  }),
  row("GET /api/projects/{project}/export/formats", "export"),
  row("GET /api/projects/{project}/export/files", "export"),
  row("GET /api/projects/{project}/exports/", "export"),
  row("POST /api/projects/{project}/exports/", "export", {
    ...{ body: jsonFields(snapshotFields), isSlow: true },
  }),
  row("GET /api/projects/{project}/exports/{export}", "export"),
  row("DELETE /api/projects/{project}/exports/{export}", "MA"),
  row("GET /api/projects/{project}/exports/{export}/download", "export", {
    ...{ query: { exportType: text }, isSlow: true, mayTakeMedia: true },
  }),
  row("POST /api/projects/{project}/exports/{export}/convert", "export", {
    body: fields({ export_type: required(text), download_resources: flag }),
    isSlow: true,
    mayTakeMedia: true,
  }),
];
