/** Rows: CE's pages, files without a session, and what concerns the person (GATEWAY 10.2, 10.6). */
import {
  each,
  fields,
  filesBody,
  id,
  json,
  jsonFields,
  type Least,
  type Row,
  required,
  row,
  text,
  word,
} from "../row.ts";

const page = (path: string, role: Least = "AN"): Row => row(`GET ${path}`, role, { edit: "page" });

/** Pages read their own query in the browser; Label Studio's answer does not depend on it. */
const pages = [
  row("GET /projects/", "AN", { scope: "organization", edit: "page" }),
  page("/projects/{project}/"),
  page("/projects/{project}/data/"),
  page("/projects/{project}/data/import", "MA"),
  page("/projects/{project}/data/export", "export"),
  page("/projects/{project}/settings/", "MA"),
  page("/projects/{project}/settings/{name}", "MA"),
];

const files = ["label-studio-frontend", "dm", "react-app", "static"].map((folder) =>
  row(`GET /${folder}/{file...}`, "AN", { scope: "public", kind: "static", query: { v: text } }),
);

const singleFiles = ["favicon.ico", "samples/time-series.csv", "samples/paragraphs.json"].map(
  (path) => row(`GET /${path}`, "AN", { scope: "public", kind: "static" }),
);

const media = ["resolve", "presign"].flatMap((verb) =>
  ["tasks/{task}", "projects/{project}"].map((thing) =>
    row(`GET /${thing}/${verb}/`, "AN", { query: { fileuri: required(text) } }),
  ),
);

export const pageRows = [
  ...pages,
  ...files,
  ...singleFiles,
  ...media,
  // Its paths are the server's own, of any project.
  row("GET /data/local-files/", "server_files", {
    ...{ scope: "organization", query: { d: required(text) } },
  }),
  row("GET /api/version/", "AN", { scope: "organization", edit: "version" }),
  row("GET /api/current-user/whoami", "AN", {
    ...{ scope: "organization", isShared: true, edit: "whoami" },
  }),
  row("GET /api/current-user/hotkeys/", "AN", { scope: "organization" }),
  row("PATCH /api/current-user/hotkeys/", "AN", {
    ...{ scope: "organization", body: jsonFields({ custom_hotkeys: required(json) }) },
  }),
  row("GET /api/current-user/product-tour", "AN", {
    ...{ scope: "organization", query: { name: required(text) } },
  }),
  row("PATCH /api/current-user/product-tour", "AN", {
    scope: "organization",
    query: { name: required(text) },
    body: fields({
      ...each(json, "interaction_data"),
      state: word("ready", "completed", "skipped"),
    }),
  }),
  row("GET /api/users/", "AN", {
    ...{ scope: "organization", isShared: true, query: { project: id("project") }, edit: "users" },
  }),
  row("GET /api/users/{person}/", "AN", { scope: "organization", isShared: true, edit: "user" }),
  row("POST /api/users/{person}/avatar/", "AN", { scope: "organization", body: filesBody }),
  row("DELETE /api/users/{person}/avatar/", "AN", { scope: "organization" }),
];
