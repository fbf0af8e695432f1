import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { matchTarget, ownerOf } from "./match.ts";
import { allRows } from "./rows/all.ts";

interface CeRoute {
  readonly path: string;
  readonly methods: readonly string[];
}

const { routes } = JSON.parse(
  readFileSync("test/fixtures/label-studio/ce-routes.json", "utf8"),
) as { readonly routes: readonly CeRoute[] };

/** Addresses of Label Studio that nobody reaches, each with the reason why. */
const shut: readonly (readonly [why: string, route: RegExp])[] = [
  ["Django's administration changes any row", /^\S+ \/admin\//],
  ["the job queue", /^\S+ \/django-rq\//],
  ["twins by format and listings of the API", /<format>|^\S+ \/api\/(?:dm\/)?$/],
  ["PUT: no page and no SDK asks it", /^PUT /],
  ["a service worker keeps presigned redirects across people", /^\S+ \/sw(?:-fallback)?\.js$/],
  ["passwords, sign-up and sessions of Label Studio's own", /^\S+ \/api-auth\//],
  ["labels belong to the whole organization", /^\S+ \/api\/labels(?:\/|$)/],
  ["a link of the organization's labels", /^(?:POST|PATCH) \/api\/label_links\//],
  ["the community edition makes none, and checks no project", /\/(?:re)?imports\/<\w+>\/$/],
  ["the project's record by another address", /^GET \S+\/sample-task\/$/],
  ["there is no answer to it", /^GET \S+\/convert-to-draft$/],
  ["states are changed by working", /^POST \/api\/fsm\//],
  ["for a proxy of Label Studio's own", /^\S+ \/api\/auth\/export\/$/],
  ["pages and tools of no use here", /^\S+ \/(?:models|version|feature-flags|trigger500)\/$/],
  ["asks another host", /^\S+ \/heidi-tips\/$/],
  ["telemetry", /^\S+ \/__lsa\/$/],
  ["documentation of the bare API", /^\S+ \/(?:swagger|docs)(?:[./]|$)/],
];

const methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/** A target as a client would write it. */
function sample(path: string): string {
  return path
    .replace(/<entity_name>/, "task")
    .replace(/<action_id>/, "next_task")
    .replace(/<sub_path>/, "labeling")
    .replace(/<(?:filename)>/, "3/a.png")
    .replace(/<path>/, "a.png")
    .replace(/<[a-z_]+>\??/g, "3");
}

const asked = routes.flatMap(({ path, methods: own }) =>
  (own.includes("ANY") ? methods : own).map((method) => ({ path, method })),
);

describe("every address of Label Studio's", () => {
  test("is Labelgate's, has a row, or is shut for a reason", () => {
    const open = asked.filter(({ path, method }) => {
      const target = sample(path);
      const action = path.endsWith("/dm/actions/") ? "?id=next_task" : "";
      if (ownerOf(method, target) === "labelgate") return false;
      if (!("code" in matchTarget(method, target + action))) return false;
      return !shut.some(([, route]) => route.test(`${method} ${path}`));
    });
    // Pages and files answer to any method in Django, and to GET alone here.
    const isView = ({ path }: { readonly path: string }): boolean =>
      routes.find((route) => route.path === path)?.methods.includes("ANY") === true ||
      path === "/favicon.ico";
    assert.deepEqual(
      open.filter((route) => !(isView(route) && route.method !== "GET")),
      [],
    );
  });

  test("that is shut has neither a row nor an owner", () => {
    for (const { path, method } of asked) {
      if (!shut.some(([, route]) => route.test(`${method} ${path}`))) continue;
      if (ownerOf(method, sample(path)) === "labelgate") continue;
      assert.ok("code" in matchTarget(method, sample(path)), `${method} ${path}`);
    }
  });

  test("that stands in a row is one of Label Studio's, in its own form and for its methods", () => {
    const known = routes.map(({ path, methods: own }) => ({
      own,
      pattern: new RegExp(
        `^${path
          .replaceAll(".", "\\.")
          .replace(/<(?:path|filename)>/, ".+")
          .replaceAll(/<[a-z_]+>/g, "[^/]+")}$`,
      ),
    }));
    for (const { method, path } of allRows) {
      const match = known.filter(({ pattern }) => pattern.test(path));
      assert.ok(
        match.some(({ own }) => own.includes("ANY") || own.includes(method)),
        `${method} ${path}`,
      );
    }
  });
});

describe("addresses", () => {
  const rowOf = (method: string, target: string): string => {
    const match = matchTarget(method, target);
    return "code" in match ? match.code : match.row.path;
  };

  test("are found with and without the slash at the end, and with HEAD as with GET", () => {
    for (const target of ["/api/projects/3", "/api/projects/3/"]) {
      assert.equal(rowOf("GET", target), "/api/projects/{project}/");
      assert.equal(rowOf("HEAD", target), "/api/projects/{project}/");
    }
    assert.equal(rowOf("POST", "/api/projects/3/import/"), "/api/projects/{project}/import");
  });

  test("with a number in another spelling are refused", () => {
    for (const id of [
      "02",
      "0_2",
      "+2",
      "2.0",
      "-2",
      "0",
      "%EF%BC%92",
      "%D9%A2",
      "2e0",
      "12345678901",
    ]) {
      assert.equal(rowOf("GET", `/api/tasks/${id}/`), "bad_request", id);
    }
  });

  test("in other letters, with a format or with more behind them are not there", () => {
    for (const target of [
      ...["/API/projects", "/api/Projects/3", "/api/dm/views/3.json", "/api/users.json"],
      ...["/api/tasks/3/annotations/4", "/foo/health", "/api/projects/3/version", "/static/"],
      ...["/api/storages/s3s/", "/react-app/a/", "/projects/3/settings/Up", "/data/upload/3/"],
    ]) {
      assert.match(rowOf("GET", target), /^(?:not_found|bad_request)$/, target);
    }
  });

  test("answer method_not_allowed to other methods", () => {
    assert.equal(rowOf("PUT", "/api/tasks/3/"), "method_not_allowed");
    assert.equal(rowOf("OPTIONS", "/api/tasks/3/"), "method_not_allowed");
    assert.equal(rowOf("TRACE", "/api/projects"), "method_not_allowed");
  });

  test("of actions go by the action's name, given once", () => {
    const slow = (target: string): boolean | string => {
      const match = matchTarget("POST", target);
      return "code" in match ? match.code : match.row.isSlow;
    };
    assert.equal(slow("/api/dm/actions?id=next_task&project=3"), false);
    assert.equal(slow("/api/dm/actions?id=delete_tasks&project=3"), true);
    assert.equal(slow("/api/dm/actions?id=next_task&id=delete_tasks&project=3"), "not_found");
    assert.equal(slow("/api/dm/actions?id=propagate_annotations&project=3"), "not_found");
    assert.equal(slow("/api/dm/actions?project=3"), "not_found");
  });
});

describe("owners", () => {
  const owners: readonly (readonly [owner: string, ...lines: readonly string[]])[] = [
    [
      "labelgate",
      ...["GET /", "GET /saml/abc/login", "POST /saml/abc/acs/", "GET /scim/v2/Users?x=1"],
      ...["GET /api/organizations/1/memberships", "PATCH /api/users/3", "POST /api/users/"],
      ...["POST /api/projects/3/members/bulk", "GET /api/projects/3/roles", "GET /organization/x"],
      ...["GET /user/login", "GET /logout", "GET /health", "GET /docs/api", "GET /people/"],
      ...["POST /api/token/refresh/", "GET /labelgate/app.css", "GET /api/users/3/sessions"],
    ],
    [
      "both",
      ...["GET /api/current-user/whoami", "GET /api/users?project=3", "GET /api/projects?page=1"],
      ...["GET /api/projects/3", "HEAD /api/projects/3/", "GET /api/projects/counts"],
    ],
    [
      "studio",
      ...["GET /projects/", "GET /projects/3/data?task=1", "GET /api/tasks?project=3"],
      ...["GET /react-app/main.js?v=1", "GET /data/upload/3/a.png", "POST /api/users/3/avatar"],
      ...["PUT /api/tasks/3/", "GET /api/tasks/02"],
    ],
    [
      "nobody",
      ...["GET /sw.js", "GET /admin/", "GET /django-rq/", "GET /api/auth/export/", "GET //saml"],
      ...["GET /%73aml/x", "GET /api", "GET /docs/api/schema/json/", "GET /foo", "GET /api/labels"],
      ...["GET *", "OPTIONS /nothing", "GET /healthz", "GET /Health"],
    ],
  ];
  for (const [owner, ...lines] of owners) {
    for (const line of lines) {
      test(`${line} is answered by ${owner}`, () => {
        const [method = "", target = ""] = line.split(" ");
        assert.equal(ownerOf(method, target), owner);
      });
    }
  }

  test("whatever has a row is Label Studio's or both servers', and nothing of nobody has one", () => {
    const part = fc.constantFrom(
      ...["api", "projects", "tasks", "3", "dm", "views", "storages", "s3", "export", "%33", ""],
      ...["users", "annotations", "saml", "static", "data", "upload", "x.js", "..", "organization"],
    );
    fc.assert(
      fc.property(
        fc.constantFrom("GET", "POST", "PATCH", "DELETE", "HEAD"),
        fc.array(part, { maxLength: 6 }),
        (method, parts) => {
          const target = `/${parts.join("/")}`;
          const owner = ownerOf(method, target);
          const hasRow = !("code" in matchTarget(method, target));
          if (owner === "nobody" && !target.includes("%")) assert.ok(!hasRow, target);
          if (owner === "labelgate") return;
          if (hasRow && !target.includes("%")) assert.match(owner, /studio|both/, target);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
