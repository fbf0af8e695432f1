/**
 * What Label Studio's pages and SDK were seen to ask, for each role, against the policy: whatever a
 * page needs must pass, or the page breaks (`label-studio-roles.md` E).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  ask,
  codeOf,
  type SentBody,
  self,
  viewerAs,
} from "../../test/fixtures/label-studio/world.ts";
import { ownerOf } from "./match.ts";
import { type Resource, type ResourceRef, type Resources, resourceKey } from "./resource.ts";
import type { StudioRole } from "./viewer.ts";

const load = (name: string): unknown =>
  JSON.parse(readFileSync(`test/fixtures/label-studio/${name}`, "utf8"));

/** Asked by pages, and answered 404 on purpose: harmless to them, or pages that Labelgate has. */
const shut = new Set(["/sw.js", "/heidi-tips", "/version", "/models", "/organization/models"]);

/** A body as the pages send them, for each address that needs one. */
function bodyFor(method: string, target: string, project = 3): SentBody | undefined {
  if (method === "GET") return undefined;
  const found = bodies.find(([pattern]) => pattern.test(`${method} ${target}`))?.[1] ?? {};
  return { bytes: JSON.stringify(found).replace('"project":"3"', `"project":"${project}"`) };
}

const bodies: readonly (readonly [route: RegExp, body: unknown])[] = [
  [
    /\/annotations/,
    {
      lead_time: 1.5,
      result: [],
      draft_id: 0,
      parent_prediction: null,
      parent_annotation: null,
      started_at: "2026-01-01T00:00:00Z",
      project: "3",
    },
  ],
  [
    /\/drafts/,
    {
      lead_time: 1,
      result: [],
      draft_id: 4,
      parent_prediction: null,
      parent_annotation: null,
      started_at: "2026-01-01T00:00:00Z",
      project: "3",
    },
  ],
  [/validate|sample-task/, { label_config: "<View/>", include_annotation_and_prediction: true }],
  [/dm\/views\/reset/, { project: "3" }],
  [
    /dm\/views/,
    {
      id: 1,
      project: "3",
      data: {
        title: "Default",
        type: "list",
        filters: { conjunction: "and", items: [] },
        ordering: [],
      },
    },
  ],
  [
    /delete_tasks/,
    { project: "3", selectedItems: { all: false, included: [9] }, ordering: [], filters: {} },
  ],
  [/dm\/actions/, { project: "3" }],
  [/predictions/, { task: 9, result: [], score: 0.5, model_version: "1" }],
  [/reimport/, { file_upload_ids: [11], files_as_tasks_list: false }],
  [/import/, [{ data: { text: "a" } }]],
  [/exports/, { title: "a" }],
  [/webhooks|\/ml/, { project: 3, url: "https://example.com" }],
];

/** All that is asked for belongs to the project that is asked, and to the viewer. */
const obliging = (project: number): Resources =>
  new Proxy(new Map<string, Resource>(), {
    get: (map, name) =>
      name === "get"
        ? (key: string): Resource => thing(key, project)
        : (Reflect.get(map, name) as unknown),
  });

function thing(key: string, project: number): Resource {
  const [kind = "task", id = "1"] = key.split(":");
  const ref: ResourceRef = { kind: kind as ResourceRef["kind"], id: Number(id) };
  assert.equal(resourceKey(ref), `${kind}:${id}`);
  return {
    ...ref,
    projectId: project,
    createdBy: self,
    data: {},
    ...(kind === "annotation" ? { taskId: 9 } : {}),
  };
}

describe("an Administrator's pages and the SDK", () => {
  const seen = load("browser-requests.json") as readonly {
    readonly method: string;
    readonly url: string;
  }[];
  for (const { method, url } of seen) {
    const path = url.split("?")[0] ?? "";
    const owner = ownerOf(method, url);
    if (owner === "labelgate") continue;
    test(`${method} ${url}`, () => {
      const project = Number(/projects?[=/](\d+)/.exec(url)?.[1] ?? 3);
      const asker = { viewer: viewerAs("AD"), resources: obliging(project) };
      // The bodies name project 3, as the pages of that project do.
      const code = codeOf(ask(asker, `${method} ${url}`, bodyFor(method, url, project)));
      assert.equal(code, shut.has(path.replace(/\/$/, "")) ? "not_found" : "200");
    });
  }
});

describe("each role's pages", () => {
  const seen = load("browser-roles.json") as readonly {
    readonly role: StudioRole;
    readonly method: string;
    readonly path: string;
    readonly query?: readonly string[];
    readonly action?: string;
  }[];
  const values: Readonly<Record<string, string>> = {
    ...{ project: "3", taskID: "9", tabID: "9007199254740991", page: "1", page_size: "30" },
    ...{ view: "1", include: "id,title", ids: "3,1", interaction: "timer", resolve_uri: "true" },
    ...{ expand: "label", include_static: "true", exportType: "JSON", commit_to_project: "false" },
    ...{ extended: "true", include_live_models: "true", "organization-only": "false", v: "df96d7" },
    ...{ lsref: "1", task: "9", tab: "1", annotation: "7", labeling: "1" },
  };
  for (const { role, method, path, query = [], action } of seen) {
    const target = path
      .replace("{project}", "3")
      .replace("{task}", "9")
      .replace("{file}", "a.png")
      .replace("*", "a.js")
      .replace("actions/{id}", "actions/delete_tasks")
      .replace("users/{id}", `users/${self}`)
      .replaceAll("{id}", path.includes("annotations") ? "7" : "1");
    const pairs = query.map((name) => {
      if (name === "id") return `id=${action ?? "next_task"}`;
      const value = name === "ids" && path.includes("file-uploads") ? "[11]" : values[name];
      assert.ok(value !== undefined, name);
      return `${name}=${encodeURIComponent(value)}`;
    });
    const line = `${method} ${target}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
    if (ownerOf(method, target) === "labelgate") continue;
    test(`${role}: ${line}`, () => {
      const asker = { viewer: viewerAs(role), resources: obliging(3) };
      const body = bodyFor(method, `${target} ${action ?? ""}`);
      assert.equal(codeOf(ask(asker, line, body)), shut.has(path) ? "not_found" : "200");
    });
  }
});
