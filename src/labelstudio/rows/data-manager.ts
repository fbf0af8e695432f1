/** Rows: the data manager's columns, tabs and actions (GATEWAY 10.4, `label-studio-roles.md` A). */
import {
  checked,
  type Fields,
  id,
  ids,
  json,
  jsonFields,
  type Row,
  required,
  row,
  selection,
} from "../row.ts";

const ofProject: Fields = { project: required(id("project")) };
const pageQuery: Fields = { project: checked(id("project")) };

const viewFields: Fields = { project: checked(id("project")), data: required(json) };

const actionQuery: Fields = { ...ofProject, view: id("view") };
const actionFields: Fields = {
  project: checked(id("project")),
  ...{ filters: json, ordering: json, selectedItems: selection },
};

/** The fields of an action besides the tasks that it is about. */
const actions: Readonly<Record<string, Fields>> = {
  next_task: {},
  retrieve_tasks_predictions: {},
  predictions_to_annotations: { model_version: json },
  remove_duplicates: {},
  delete_tasks: {},
  delete_tasks_annotations: { annotator: id(null) },
  delete_tasks_predictions: {},
};

function actionRow([name, more]: readonly [string, Fields]): Row {
  const isNext = name === "next_task";
  return row("POST /api/dm/actions/", isNext ? "AN" : "MA", {
    action: name,
    query: actionQuery,
    body: jsonFields({ ...actionFields, ...more }),
    filtersIn: "body",
    isSlow: !isNext,
    ...(isNext ? { edit: "task" } : {}),
  });
}

export const dataManagerRows = [
  row("GET /api/dm/columns/", "AN", { query: ofProject, edit: "columns" }),
  row("GET /api/dm/project/", "AN", { query: ofProject, edit: "dm_project" }),
  row("GET /api/dm/views/", "AN", { query: ofProject, edit: "views" }),
  // The page guesses `tabID` of a tab that does not exist yet: it is not read.
  row("POST /api/dm/views/", "AN", {
    query: pageQuery,
    body: jsonFields({ ...viewFields, project: required(id("project")) }),
    filtersIn: "data",
    edit: "view",
  }),
  row("DELETE /api/dm/views/reset/", "MA", {
    query: { project: id("project") },
    body: jsonFields({ project: id("project") }),
  }),
  row("POST /api/dm/views/order/", "AN", {
    query: pageQuery,
    body: jsonFields({ project: required(id("project")), ids: required(ids("view")) }),
  }),
  row("GET /api/dm/views/{view}/", "AN", { query: pageQuery, edit: "view" }),
  row("PATCH /api/dm/views/{view}/", "AN", {
    ...{ query: pageQuery, body: jsonFields(viewFields), filtersIn: "data", edit: "view" },
  }),
  row("DELETE /api/dm/views/{view}/", "AN", { query: pageQuery }),
  row("GET /api/dm/actions/", "AN", { query: ofProject, edit: "actions" }),
  ...Object.keys(actions).map((name) =>
    row(`GET /api/dm/actions/${name}/form/`, "MA", { query: ofProject }),
  ),
  ...Object.entries(actions).map(actionRow),
];
