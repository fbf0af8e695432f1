/** Rows: storages, webhooks, machine learning backends and label links (GATEWAY 10.4). */
import {
  checked,
  each,
  type Field,
  type Fields,
  fields,
  flag,
  id,
  json,
  type Least,
  number,
  type Row,
  required,
  row,
  size,
  text,
  word,
} from "../row.ts";

const ofProject: Fields = { project: required(id("project")) };
const inProject: Fields = { project: checked(id("project")) };
const secret: Field = text;

/** The fields of each kind of storage besides those that all have. */
const storageFields: Readonly<Record<string, Fields>> = {
  s3: {
    ...each(text, "bucket", "prefix", "region_name", "s3_endpoint", "aws_sse_kms_key_id"),
    ...each(secret, "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
  },
  gcs: {
    ...each(text, "bucket", "prefix", "google_project_id"),
    google_application_credentials: secret,
  },
  azure: {
    ...each(text, "container", "prefix"),
    ...each(secret, "account_name", "account_key"),
  },
  redis: { ...each(text, "path", "host", "port", "db"), password: secret },
  localfiles: each(text, "path"),
};

const commonFields: Fields = {
  ...each(text, "title", "description", "regex_filter"),
  ...each(flag, "use_blob_urls", "synchronizable", "presign", "recursive_scan"),
  ...each(flag, "can_delete_objects"),
  presign_ttl: number,
};

/** The addresses of one kind of storage; `slash` is how CE ends the list's. */
function storageRows(type: string, base: string, slash: string): readonly Row[] {
  const own: Fields = { ...commonFields, ...storageFields[type] };
  const isLocal = type === "localfiles";
  const see: Least = isLocal ? "server_files" : "MA";
  const connect: Least = isLocal ? "server_files" : "connect";
  const known = fields({ ...own, ...ofProject, id: id("storage") });
  const storageType = base.slice("/api/storages/".length);
  const rows = [
    row(`GET ${base}${slash}`, see, { query: ofProject, edit: "storages" }),
    row(`POST ${base}${slash}`, connect, {
      ...{
        query: inProject,
        body: fields({ ...own, ...ofProject }),
        edit: "storage",
        isSlow: true,
      },
    }),
    row(`GET ${base}/{storage}`, see, { query: inProject, edit: "storage" }),
    row(`PATCH ${base}/{storage}`, connect, {
      ...{
        query: inProject,
        body: fields({ ...own, ...inProject }),
        edit: "storage",
        isSlow: true,
      },
    }),
    row(`DELETE ${base}/{storage}`, connect, { query: inProject }),
    row(`POST ${base}/{storage}/sync`, connect, {
      query: inProject,
      edit: "storage",
      isSlow: true,
    }),
    row(`POST ${base}/validate`, connect, { query: inProject, body: known, isSlow: true }),
    row(`GET ${base}/form`, see, { scope: "organization" }),
  ];
  return rows.map((one) => ({ ...one, storageType }));
}

function filesRow(type: string): Row {
  const own: Fields = { ...commonFields, ...storageFields[type], ...ofProject };
  return row(
    `POST /api/storages/${type}/files`,
    type === "localfiles" ? "server_files" : "connect",
    {
      query: inProject,
      storageType: type,
      body: fields({ ...own, id: id("storage"), limit: number }),
      isSlow: true,
    },
  );
}

const webhookFields: Fields = {
  url: text,
  ...each(flag, "send_payload", "send_for_all_actions", "is_active"),
  ...each(json, "headers", "actions"),
};

const backendFields: Fields = {
  ...each(text, "url", "title", "description", "auth_method", "model_version"),
  ...each(secret, "basic_auth_user", "basic_auth_pass"),
  ...each(flag, "is_interactive", "auto_update"),
  extra_params: json,
  timeout: number,
};

const storageTypes: readonly string[] = Object.keys(storageFields);

export const connectionRows = [
  row("GET /api/storages/", "MA", { query: ofProject, edit: "storages" }),
  row("GET /api/storages/export", "MA", { query: ofProject, edit: "storages" }),
  row("GET /api/storages/types", "MA", { scope: "organization" }),
  row("GET /api/storages/export/types", "MA", { scope: "organization" }),
  ...storageTypes.flatMap((type) => [
    ...storageRows(type, `/api/storages/${type}`, "/"),
    ...storageRows(type, `/api/storages/export/${type}`, ""),
    filesRow(type),
  ]),
  row("GET /api/webhooks/", "MA", { query: ofProject, edit: "webhooks" }),
  row("POST /api/webhooks/", "connect", {
    body: fields({ ...webhookFields, ...ofProject }),
    edit: "webhook",
  }),
  row("GET /api/webhooks/info/", "MA", {
    ...{ scope: "organization", query: { "organization-only": flag } },
  }),
  row("GET /api/webhooks/{webhook}/", "MA", { query: inProject, edit: "webhook" }),
  row("PATCH /api/webhooks/{webhook}/", "connect", {
    ...{ query: inProject, body: fields({ ...webhookFields, ...inProject }), edit: "webhook" },
  }),
  row("DELETE /api/webhooks/{webhook}/", "connect", { query: inProject }),
  row("GET /api/ml/", "AN", {
    ...{ query: { ...ofProject, is_interactive: flag, include_static: flag }, edit: "ml_backends" },
  }),
  row("POST /api/ml/", "connect", {
    ...{ body: fields({ ...backendFields, ...ofProject }), edit: "ml_backend", isSlow: true },
  }),
  row("GET /api/ml/{ml_backend}", "MA", { query: inProject, edit: "ml_backend" }),
  row("PATCH /api/ml/{ml_backend}", "connect", {
    ...{ query: inProject, body: fields({ ...backendFields, ...inProject }), edit: "ml_backend" },
    isSlow: true,
  }),
  row("DELETE /api/ml/{ml_backend}", "connect", { query: inProject }),
  row("POST /api/ml/{ml_backend}/train", "connect", { query: inProject, isSlow: true }),
  row("POST /api/ml/{ml_backend}/predict/test", "connect", {
    ...{ query: { ...inProject, random: flag }, isSlow: true },
  }),
  row("GET /api/ml/{ml_backend}/versions", "connect", { query: inProject, isSlow: true }),
  row("POST /api/ml/{ml_backend}/interactive-annotating", "AN", {
    query: inProject,
    body: fields({ task: required(id("task")), context: json, ...inProject }),
    isSlow: true,
  }),
  row("GET /api/label_links/", "AN", {
    query: { ...ofProject, expand: word("label"), page: number, page_size: size(100) },
    edit: "label_links",
  }),
  row("GET /api/label_links/{label_link}/", "MA", { query: inProject }),
  row("DELETE /api/label_links/{label_link}/", "MA", { query: inProject }),
];
