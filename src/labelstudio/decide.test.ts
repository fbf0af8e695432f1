import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ask,
  askEarly,
  byAnnotators,
  codeOf,
  defaults,
  field,
  form,
  jsonBody,
  multipart,
  self,
  sentText,
  viewerAs,
} from "../../test/fixtures/label-studio/world.ts";
import type { StudioRole, StudioSwitches } from "./viewer.ts";

const code = (
  role: StudioRole,
  line: string,
  body?: unknown,
  switches: StudioSwitches = defaults,
): string =>
  codeOf(
    ask(
      { viewer: viewerAs(role), switches },
      line,
      body === undefined ? undefined : jsonBody(body),
    ),
  );

const sent = (role: StudioRole, line: string, body: unknown): unknown =>
  JSON.parse(sentText(ask({ viewer: viewerAs(role) }, line, jsonBody(body))));

const targetOf = (role: StudioRole, line: string): string => {
  const answer = ask({ viewer: viewerAs(role) }, line);
  return "code" in answer ? answer.code : answer.target;
};

describe("what is not granted is not there", () => {
  const foreign: readonly (readonly [line: string, body?: unknown])[] = [
    ["GET /api/projects/1"],
    ["GET /projects/1/data"],
    ["GET /api/tasks?project=1"],
    ["GET /api/tasks/1?project=3"],
    ["GET /api/tasks/1"],
    ["GET /api/tasks?project=3&view=30"],
    ["GET /api/tasks?view=30"],
    ["GET /api/dm/columns?project=1"],
    ["GET /api/annotations/50"],
    ["POST /api/tasks/1/annotations?project=3", { result: [] }],
    ["POST /api/tasks/9/annotations/50/drafts", { result: [] }],
    ["POST /api/tasks/9/annotations/17/drafts", { result: [] }],
    ["POST /api/tasks/9/drafts", { result: [], annotation: 50 }],
    ["PATCH /api/annotations/7?taskID=1", { result: [] }],
    ["PATCH /api/annotations/7?taskID=10", { result: [] }],
    ["PATCH /api/annotations/7?project=1", { result: [] }],
    ["PATCH /api/annotations/7", { result: [], project: "1" }],
    ["PATCH /api/drafts/40", { result: [] }],
    ["GET /api/predictions?project=3&task=1"],
    ["GET /api/predictions?project=3&task__project=1"],
    ["GET /api/predictions/60"],
    ["POST /api/predictions", { task: 1, project: 3, result: [] }],
    ["POST /api/dm/views?project=3", { project: 1, data: {} }],
    ["DELETE /api/dm/views/reset", { project: 1 }],
    ["DELETE /api/dm/views/reset?project=3", { project: 1 }],
    ["POST /api/dm/views/order", { project: 3, ids: [1, 30] }],
    ["POST /api/dm/actions?id=next_task&project=3&view=30", {}],
    ["POST /api/dm/actions?id=delete_tasks&project=3", { project: 1 }],
    ["POST /api/projects/3/reimport", { file_upload_ids: [11, 12] }],
    ["DELETE /api/projects/3/file-uploads", { file_upload_ids: [12] }],
    ["GET /api/import/file-upload/12"],
    ["GET /data/upload/1/a.png"],
    ["GET /storage-data/uploaded/?filepath=upload%2F1%2Fa.png"],
    ["POST /api/projects/3/exports", { task_filter_options: { view: 30 } }],
    ["GET /api/projects/3/exports/22"],
    ["POST /api/projects/3/exports/22/convert", { export_type: "CSV" }],
    ["GET /api/storages/s3/2"],
    ["GET /api/storages/export/s3/1"],
    ["PATCH /api/storages/s3/1", { project: 1 }],
    ["POST /api/storages/s3", { project: 1, bucket: "b" }],
    ["POST /api/storages/s3/validate", { project: 3, id: 2 }],
    ["POST /api/storages/s3/files", { project: 3, id: 2 }],
    ["GET /api/webhooks/2"],
    ["GET /api/webhooks/3"],
    ["POST /api/webhooks", { project: 1, url: "https://example.com" }],
    ["GET /api/ml/2"],
    ["POST /api/ml/1/interactive-annotating", { task: 1 }],
    ["POST /api/ml", { project: 1, url: "https://example.com" }],
    ["DELETE /api/label_links/2"],
    ["GET /tasks/1/resolve/?fileuri=czM6"],
    ["GET /api/fsm/entities/annotation/50/history"],
    ["GET /api/tasks/999"],
  ];
  for (const [line, body] of foreign) {
    test(`${line} ${body === undefined ? "" : JSON.stringify(body)}`, () => {
      assert.equal(code("MA", line, body), "not_found");
    });
  }

  test("an Administrator reaches a project that Labelgate does not know of", () => {
    assert.equal(code("AD", "GET /api/projects/777"), "200");
    assert.equal(code("AD", "GET /api/tasks/1"), "200");
    assert.equal(code("AD", "GET /api/tasks/1?project=3"), "not_found");
  });

  test("a role in the organization opens no project without membership, and NO and DI open nothing", () => {
    const stranger = { ...viewerAs("MA"), projects: new Map() };
    assert.equal(codeOf(ask({ viewer: stranger }, "GET /api/projects/3")), "not_found");
    for (const role of ["NO", "DI"] as const) {
      const gone = viewerAs("AN", role);
      assert.equal(codeOf(ask({ viewer: gone }, "GET /api/projects/3")), "not_found");
      assert.equal(codeOf(ask({ viewer: gone }, "GET /projects/")), "permission_denied");
    }
  });
});

describe("least roles", () => {
  const rows: readonly (readonly [least: StudioRole | "nobody", line: string, body?: unknown])[] = [
    ["AN", "GET /api/projects/3"],
    ["AN", "GET /api/tasks/9"],
    ["AN", "POST /api/tasks/9/annotations", { result: [], was_cancelled: true }],
    ["AN", "POST /api/dm/actions?id=next_task&tabID=1&project=3", { project: "3" }],
    ["AN", "GET /api/dm/actions?project=3"],
    ["AN", "GET /api/ml?project=3"],
    ["AN", "GET /data/upload/3/a.png"],
    ["AN", "GET /api/predictions?task=9"],
    ["RE", "GET /api/projects/3/annotators"],
    ["RE", "GET /api/projects/3/summary"],
    ["RE", "GET /api/tasks/9/agreement"],
    ["RE", "GET /api/fsm/entities/task/9/history"],
    ["MA", "PATCH /api/projects/3", { title: "x" }],
    ["MA", "DELETE /api/projects/3"],
    ["MA", "POST /api/tasks", { project: 3, data: {} }],
    ["MA", "PATCH /api/tasks/9", { data: {} }],
    ["MA", "DELETE /api/tasks/9"],
    ["MA", "DELETE /api/projects/3/tasks"],
    ["MA", "POST /api/dm/actions?id=delete_tasks&project=3", { selectedItems: { all: true } }],
    ["MA", "POST /api/projects/3/import", [{ text: "a" }]],
    ["MA", "GET /projects/3/settings/ml"],
    ["MA", "GET /projects/3/data/import"],
    ["MA", "DELETE /api/dm/views/reset", { project: "3" }],
    ["MA", "GET /api/projects/3/export?exportType=CSV"],
    ["MA", "GET /projects/3/data/export"],
    ["MA", "POST /api/projects", { title: "New", is_draft: true }],
    ["MA", "POST /api/predictions", { task: 9, result: [] }],
    ["MA", "POST /api/storages/s3", { project: 3, bucket: "b" }],
    ["MA", "POST /api/webhooks", { project: 3, url: "https://example.com" }],
    ["MA", "POST /api/ml/1/train"],
    ["nobody", "GET /data/local-files?d=etc/passwd"],
    ["nobody", "POST /api/storages/localfiles", { project: 3, path: "/etc" }],
    ["nobody", "POST /api/storages/export/localfiles/validate", { project: 3, path: "/etc" }],
  ];
  const roles = ["AN", "RE", "MA", "AD"] as const;
  for (const [least, line, body] of rows) {
    test(`${line} needs ${least}`, () => {
      const allowed = roles.filter((role) => code(role, line, body) === "200");
      assert.deepEqual(allowed, least === "nobody" ? [] : roles.slice(roles.indexOf(least)));
      for (const role of roles.filter((one) => !allowed.includes(one))) {
        assert.equal(code(role, line, body), "permission_denied");
      }
    });
  }

  test("a refusal by role names the role that is needed", () => {
    const answer = ask({ viewer: viewerAs("AN") }, "GET /projects/3/settings");
    assert.ok("code" in answer);
    assert.match(answer.detail ?? "", /Manager or Administrator/);
  });

  test("a Reviewer in one project is one there alone", () => {
    const viewer = {
      ...viewerAs("AN"),
      projects: new Map([
        [3, "RE"],
        [1, "AN"],
      ] as const),
    };
    assert.equal(codeOf(ask({ viewer }, "GET /api/projects/3/summary")), "200");
    assert.equal(codeOf(ask({ viewer }, "GET /api/projects/1/summary")), "permission_denied");
  });

  test("switches move export, connections and the server's files", () => {
    const on: StudioSwitches = {
      ...{ annotatorsSeeOthers: false, reviewersMayExport: true, managersMayConnect: false },
      administratorsMayReadServerFiles: true,
    };
    assert.equal(code("RE", "GET /api/projects/3/export", undefined, on), "200");
    assert.equal(code("AN", "GET /api/projects/3/export", undefined, on), "permission_denied");
    const s3 = { project: 3, bucket: "b" };
    assert.equal(code("MA", "POST /api/storages/s3", s3, on), "permission_denied");
    assert.equal(code("AD", "POST /api/storages/s3", s3, on), "200");
    assert.equal(code("AD", "GET /data/local-files?d=a", undefined, on), "200");
    assert.equal(code("MA", "GET /data/local-files?d=a", undefined, on), "permission_denied");
  });

  test("an import by address is a connection, an import of tasks is not", () => {
    const off = { ...defaults, managersMayConnect: false };
    const byUrl = (role: StudioRole): string =>
      codeOf(
        ask(
          { viewer: viewerAs(role), switches: off },
          "POST /api/projects/3/import",
          form("url=https%3A%2F%2Fexample.com%2Fa.json"),
        ),
      );
    assert.equal(byUrl("MA"), "permission_denied");
    assert.equal(byUrl("AD"), "200");
    assert.equal(code("MA", "POST /api/projects/3/import", [{ a: 1 }], off), "200");
  });
});

describe("others' work", () => {
  const sees = { ...defaults, annotatorsSeeOthers: true };

  test("an Annotator changes and deletes their own annotations only", () => {
    for (const [line, body] of [
      ["PATCH /api/annotations/8", { result: [] }],
      ["DELETE /api/annotations/8?taskID=9"],
      ["POST /api/annotations/8/convert-to-draft"],
      ["POST /api/tasks/9/annotations/8/drafts", { result: [] }],
    ] as const) {
      assert.equal(code("AN", line, body), "not_found", line);
      assert.equal(code("AN", line, body, sees), "permission_denied", line);
      assert.equal(code("RE", line, body), "200", line);
      assert.equal(code("AN", line.replace("/8", "/7"), body), "200", line);
    }
  });

  test("an Annotator reads others' annotations only where that is switched on", () => {
    assert.equal(code("AN", "GET /api/annotations/8"), "not_found");
    assert.equal(code("AN", "GET /api/annotations/8", undefined, sees), "200");
    assert.equal(code("RE", "GET /api/annotations/8"), "200");
  });

  test("drafts are everybody's own, an Administrator's too", () => {
    for (const role of ["AN", "RE", "MA", "AD"] as const) {
      assert.equal(code(role, "GET /api/drafts/5"), "not_found");
      assert.equal(code(role, "PATCH /api/drafts/5", { result: [] }), "not_found");
      assert.equal(code(role, "DELETE /api/drafts/5"), "not_found");
      assert.equal(code(role, "PATCH /api/drafts/4", { result: [] }), "200");
    }
  });

  test("a draft hangs on one's own annotation of the same task, or on none", () => {
    const hang = (role: StudioRole, annotation: number | null): string =>
      code(role, "PATCH /api/drafts/4", { annotation });
    assert.equal(hang("AN", null), "200");
    assert.equal(hang("AN", 7), "200");
    assert.equal(hang("AN", 8), "not_found");
    assert.equal(hang("RE", 8), "not_found");
    assert.equal(hang("RE", 17), "not_found");
  });

  test("tabs are one's own; Managers see their own and one another's", () => {
    const open = (role: StudioRole, view: number): string =>
      code(role, `PATCH /api/dm/views/${view}?project=3`, { data: {}, project: "3" });
    for (const role of ["AN", "RE"] as const) {
      assert.deepEqual(
        [1, 2, 4].map((view) => open(role, view)),
        ["200", "not_found", "not_found"],
      );
      assert.equal(code(role, "DELETE /api/dm/views/2"), "not_found");
      assert.equal(code(role, "GET /api/tasks?project=3&view=4"), "not_found");
    }
    assert.deepEqual(
      [1, 2, 4].map((view) => open("MA", view)),
      ["200", "not_found", "200"],
    );
  });

  test("somebody without a number in Label Studio has nothing of their own", () => {
    const viewer = { ...viewerAs("AN"), upstreamUserId: null };
    assert.equal(codeOf(ask({ viewer }, "GET /api/annotations/7")), "not_found");
    assert.equal(codeOf(ask({ viewer }, "GET /api/drafts/4")), "not_found");
  });

  test("filters by others' work are refused in each of the four ways in which they come", () => {
    const query = encodeURIComponent(JSON.stringify({ filters: byAnnotators }));
    const twice = encodeURIComponent(query);
    const ways: readonly (readonly [line: string, body?: unknown])[] = [
      [`GET /api/tasks?project=3&query=${query}`],
      [`GET /api/tasks?project=3&query=${twice}`],
      ["GET /api/tasks?project=3&view=5"],
      ["GET /api/tasks?project=3&view=6"],
      ["POST /api/dm/views", { project: 3, data: { filters: byAnnotators } }],
      ["POST /api/dm/views", { project: 3, data: { ordering: ["-tasks:completed_at"] } }],
      ["PATCH /api/dm/views/1", { data: { filters: byAnnotators } }],
      ["POST /api/dm/actions?id=next_task&project=3", { filters: byAnnotators }],
      ["POST /api/dm/actions?id=next_task&project=3", { ordering: ["tasks:annotators"] }],
      ["POST /api/dm/actions?id=next_task&project=3&view=5", {}],
    ];
    for (const [line, body] of ways) {
      assert.equal(code("AN", line, body), "permission_denied", line);
      assert.equal(code("AN", line, body, sees), "200", line);
      assert.equal(code("RE", line, body), "200", line);
    }
  });

  test("an Annotator whose own tab has such a filter can still mend or delete it", () => {
    assert.equal(code("AN", "PATCH /api/dm/views/5", { data: { filters: {} } }), "200");
    assert.equal(code("AN", "DELETE /api/dm/views/5"), "200");
  });

  test("pictures of others are not changed", () => {
    assert.equal(code("AD", "DELETE /api/users/5/avatar"), "not_found");
    assert.equal(code("AN", `DELETE /api/users/${self}/avatar`), "200");
  });
});

describe("what goes on is written anew", () => {
  test("authors, other tasks and fields that no row names are taken out of annotations", () => {
    const forged = {
      ...{ completed_by: 5, updated_by: 5, user: 5, task: 1, result: [{ value: 1 }] },
      ...{ ground_truth: true, import_id: 1, unique_id: "u", bulk_created: true, last_action: "x" },
      ...{ last_created_by: 5, lead_time: 1.5, was_cancelled: false, project: "3", id: 8 },
      prediction: { a: 1 },
    };
    const plain = { result: [{ value: 1 }], lead_time: 1.5, was_cancelled: false };
    for (const line of ["POST /api/tasks/9/annotations", "PATCH /api/annotations/7"]) {
      assert.deepEqual(sent("AN", line, forged), plain);
      assert.deepEqual(sent("RE", line, forged), plain);
      assert.deepEqual(sent("MA", line, forged), {
        ...plain,
        ...{ ground_truth: true, import_id: 1, unique_id: "u", bulk_created: true },
        ...{ last_action: "x", last_created_by: 5 },
      });
    }
  });

  test("a name that is written with escapes, twice or in a form is the same name", () => {
    const texts = [
      '{"result":[],"completed\\u005fby":5}',
      '{"completed_by":5,"result":[],"completed_by":5}',
      '{"__proto__":{"completed_by":5},"result":[]}',
    ];
    for (const bytes of texts) {
      const answer = ask({ viewer: viewerAs("AN") }, "POST /api/tasks/9/annotations", { bytes });
      assert.equal(sentText(answer), '{"result":[]}');
    }
    const asForm = form(
      "result=%5B%5D&completed_by=5&completed%5Fb%79=5".replace("&completed_by=5", ""),
    );
    assert.equal(
      sentText(ask({ viewer: viewerAs("AN") }, "POST /api/tasks/9/annotations", asForm)),
      "result=%5B%5D",
    );
    const parts = multipart([field("result"), "[]"], [field("completed_by"), "5"]);
    assert.equal(
      sentText(ask({ viewer: viewerAs("AN") }, "POST /api/tasks/9/annotations", parts)),
      "result=%5B%5D",
    );
  });

  test("parents stay where they are one's own or a prediction of the same task, and fall away otherwise", () => {
    const parents = (role: StudioRole, body: unknown): unknown =>
      sent(role, "POST /api/tasks/9/annotations", body);
    assert.deepEqual(parents("AN", { parent_prediction: 6, parent_annotation: 7, draft_id: 4 }), {
      ...{ draft_id: 4, parent_prediction: 6, parent_annotation: 7 },
    });
    assert.deepEqual(
      parents("AN", { parent_prediction: 60, parent_annotation: 50, draft_id: 5 }),
      {},
    );
    assert.deepEqual(parents("AN", { parent_annotation: 8, draft_id: 0 }), {});
    assert.deepEqual(parents("AN", { parent_annotation: 17, parent_prediction: 999 }), {});
    assert.deepEqual(parents("RE", { parent_annotation: 8 }), { parent_annotation: 8 });
    assert.deepEqual(parents("AN", { parent_annotation: null }), { parent_annotation: null });
  });

  test("a draft keeps what it is, and neither owner nor task", () => {
    const body = { result: [], user: "ben@example.com", task: 1, draft_id: 5, was_postponed: true };
    assert.deepEqual(sent("AN", "POST /api/tasks/9/drafts", body), {
      ...{ result: [], was_postponed: true },
    });
  });

  test("numbers keep their source text", () => {
    const bytes = '{"result":[1234567890123456789,1.0,1e400,-0],"lead_time":1.0}';
    const answer = ask({ viewer: viewerAs("AN") }, "PATCH /api/annotations/7", { bytes });
    assert.equal(sentText(answer), bytes);
  });

  test("a project keeps its organization and its maker", () => {
    const body = {
      title: "T",
      organization: 2,
      created_by: { id: 5 },
      id: 1,
      label_config: "<View/>",
    };
    assert.deepEqual(sent("MA", "PATCH /api/projects/3", body), {
      ...{ title: "T", label_config: "<View/>" },
    });
  });

  test("the workspace of a new project is Labelgate's to know", () => {
    const answer = ask(
      { viewer: viewerAs("MA") },
      "POST /api/projects",
      jsonBody({ title: "T", workspace: 12 }),
    );
    assert.ok(!("code" in answer));
    assert.deepEqual(answer.workspace, { id: 12 });
    assert.equal(sentText(answer), '{"title":"T"}');
  });

  test("a tab keeps its maker, its place and what is in data", () => {
    const body = {
      id: 9,
      project: "3",
      user: 5,
      order: 1,
      selected_items: {},
      data: { title: "A" },
    };
    assert.deepEqual(sent("AN", "POST /api/dm/views?tabID=2&project=3", body), {
      ...{ project: "3", data: { title: "A" } },
    });
    const group = { filter_group: { conjunction: "and", filters: [] }, data: {} };
    assert.deepEqual(sent("AN", "PATCH /api/dm/views/1", group), { data: {} });
  });

  test("imported tasks hang on no uploaded file of another project", () => {
    const task = { data: { text: "a" }, file_upload_id: 12, project: 1, annotations: [] };
    assert.deepEqual(sent("MA", "POST /api/projects/3/import", [task, { file_upload_id: 12 }]), [
      { data: { text: "a" }, annotations: [] },
      { file_upload_id: 12 },
    ]);
  });

  test("parameters that no row names fall away, page sizes shrink, the slash is CE's", () => {
    assert.equal(
      targetOf("AN", "GET /api/tasks?page_size=1000&view=1&project=3&interaction=x&review=1"),
      "/api/tasks/?page_size=100&view=1&project=3",
    );
    assert.equal(targetOf("AN", "GET /api/dm/views?project=3&user=5"), "/api/dm/views/?project=3");
    assert.equal(targetOf("AD", "GET /api/projects/3/export/"), "/api/projects/3/export");
    assert.equal(
      targetOf("AD", "GET /api/projects/3/export?ids[]=9&ids[]=10&ids[]=9"),
      "/api/projects/3/export?ids%5B%5D=9&ids%5B%5D=10&ids%5B%5D=9",
    );
    assert.equal(
      targetOf("AN", "GET /projects/3/resolve?fileuri=s3%253A%252F%252Fb%252Fa"),
      "/projects/3/resolve/?fileuri=s3%253A%252F%252Fb%252Fa",
    );
    assert.equal(targetOf("AD", "GET /projects/3/data?tab=4&task=9"), "/projects/3/data/");
  });

  test("a record's id is asked for beside the fields that the client wants", () => {
    const line = "GET /api/projects/3?include=";
    const record = "/api/projects/3/";
    assert.equal(targetOf("AN", `${line}title`), `${record}?include=id%2Ctitle`);
    assert.equal(targetOf("AN", `${line}title,id`), `${record}?include=title%2Cid`);
    assert.equal(targetOf("AN", line), record);
    for (const names of ["*", "id,", "a%00", "__class__(", "ID"]) {
      assert.equal(codeOf(ask({ viewer: viewerAs("AN") }, line + names)), "bad_request", names);
    }
  });

  test("what Label Studio decodes once more means the same then", () => {
    const query = { filters: { conjunction: "and", items: [] }, project: 1, view: 30 };
    const written = targetOf(
      "RE",
      `GET /api/tasks?project=3&query=${encodeURIComponent(JSON.stringify(query))}`,
    );
    const value = new URLSearchParams(written.split("?")[1]).get("query") ?? "";
    assert.deepEqual(JSON.parse(decodeURIComponent(value)), { filters: query.filters });
  });

  test("bodies of GET, HEAD and DELETE fall away where no row has one", () => {
    for (const line of [
      "GET /api/tasks?project=3",
      "HEAD /api/projects/3",
      "DELETE /api/annotations/7",
    ]) {
      const answer = ask({ viewer: viewerAs("AN") }, line, jsonBody({ project: 1, view: 30 }));
      assert.equal(sentText(answer), "none", line);
    }
  });

  test("HEAD goes on as GET where the answer is edited, so that no length tells of others' work", () => {
    const method = (role: StudioRole, line: string): string => {
      const answer = ask({ viewer: viewerAs(role) }, line);
      return "code" in answer ? answer.code : `${answer.method} ${answer.edit ?? "-"}`;
    };
    assert.equal(method("AN", "HEAD /api/tasks?project=3"), "GET task_list");
    assert.equal(method("RE", "HEAD /api/tasks?project=3"), "GET task_list", "people are cut");
    assert.equal(method("AD", "HEAD /api/tasks?project=3"), "HEAD -");
    assert.equal(method("AN", "HEAD /data/upload/3/a.png"), "HEAD -");
  });
});

describe("exports", () => {
  test("take files along for Administrators alone: Label Studio does not ask whose they are", () => {
    const path = "/api/projects/3/export";
    assert.equal(
      targetOf("MA", `GET ${path}?exportType=VOC&download_resources=true`),
      `${path}?exportType=VOC&download_resources=false`,
    );
    assert.equal(
      targetOf("MA", `GET ${path}?exportType=VOC`),
      `${path}?exportType=VOC&download_resources=false`,
    );
    assert.equal(
      targetOf("AD", `GET ${path}?exportType=VOC&download_resources=true`),
      `${path}?exportType=VOC&download_resources=true`,
    );
    const convert = "POST /api/projects/3/exports/21/convert";
    const body = { export_type: "VOC", download_resources: true };
    assert.deepEqual(sent("MA", convert, body), { export_type: "VOC" });
    assert.deepEqual(sent("AD", convert, body), body);
    for (const [line, format] of [
      [`GET ${path}?exportType=YOLO_WITH_IMAGES`],
      [`GET ${path}?export_type=COCO_WITH_IMAGES&exportType=CSV`],
      ["GET /api/projects/3/exports/21/download?exportType=yolo_obb_with_images"],
      [convert, { export_type: "YOLO_WITH_IMAGES" }],
    ] as const) {
      assert.equal(code("MA", line, format), "permission_denied", line);
      assert.equal(code("AD", line, format), "200", line);
    }
  });
});

describe("what is not understood is refused", () => {
  const bad: readonly (readonly [line: string, body?: unknown])[] = [
    ["GET /api/tasks"],
    ["GET /api/dm/views"],
    ["GET /api/webhooks"],
    ["GET /api/predictions"],
    ["GET /api/label_links"],
    ["GET /api/storages"],
    ["GET /api/dm/columns"],
    ["GET /api/tasks?project=3&project=1"],
    ["GET /api/tasks?project=1&project=3"],
    ["GET /api/tasks?project=3&x=1&x=2"],
    ["GET /api/tasks?project="],
    ["GET /api/tasks?project=03"],
    ["GET /api/tasks?project=+3"],
    ["GET /api/tasks?project=0_3"],
    ["GET /api/tasks?project=3.0"],
    ["GET /api/tasks?project=%EF%BC%93"],
    ["GET /api/tasks?project=3%20"],
    ["GET /api/tasks?project=3&view=-1"],
    ["GET /api/tasks?project=3&query=%7B"],
    ["GET /api/tasks?project=3&query=[]"],
    ["GET /api/tasks?project=3&query=%25ff"],
    ["GET /api/projects/3/export?ids[]=9,a"],
    ["GET /api/projects/3/file-uploads?ids=[1,%22a%22]"],
    ["GET /storage-data/uploaded/"],
    ["GET /storage-data/uploaded/?filepath=upload/3/../1/a"],
    ["GET /storage-data/uploaded/?filepath=upload/3/..%252f1%252fa"],
    ["GET /storage-data/uploaded/?filepath=/etc/passwd"],
    ["GET /storage-data/uploaded/?filepath=upload/3/.."],
    ["POST /api/dm/views", { data: {} }],
    ["POST /api/dm/views", { project: null, data: {} }],
    ["POST /api/dm/views", { project: "3.0", data: {} }],
    ["POST /api/dm/views", { project: 3.5, data: {} }],
    ["POST /api/dm/views", { project: [3], data: {} }],
    ["POST /api/dm/views", { project: 3 }],
    ["POST /api/dm/views", [{ project: 3 }]],
    ["PATCH /api/drafts/4", { annotation: "07" }],
    ["DELETE /api/projects/3/file-uploads"],
    ["DELETE /api/projects/3/file-uploads", {}],
    ["DELETE /api/projects/3/file-uploads", { file_upload_ids: null }],
    ["DELETE /api/projects/3/file-uploads", { file_upload_ids: 11 }],
    ["POST /api/dm/actions?id=delete_tasks&project=3", { selectedItems: { included: [9] } }],
    ["POST /api/dm/actions?id=delete_tasks&project=3", { selectedItems: '{"all":true}' }],
    ["POST /api/projects/3/import"],
    ["POST /api/projects/3/import/predictions", { task: 9 }],
    ["POST /api/projects/3/import/predictions", [{ result: [] }]],
    ["DELETE /api/dm/views/reset"],
  ];
  for (const [line, body] of bad) {
    test(`${line} ${body === undefined ? "" : JSON.stringify(body)}`, () => {
      assert.equal(code("AD", line, body), "bad_request");
    });
  }

  test("a sentence says which parameter is meant", () => {
    const answer = ask({ viewer: viewerAs("AD") }, "GET /api/tasks?project=03");
    assert.ok("code" in answer);
    assert.match(answer.detail ?? "", /"project"/);
  });
});

describe("before anything is looked up", () => {
  const early = (role: StudioRole, line: string, body?: unknown): string | null => {
    const sent = body === undefined ? undefined : jsonBody(body);
    return askEarly({ viewer: viewerAs(role) }, line, sent)?.code ?? null;
  };

  test("a project that is not granted is refused, and so are two", () => {
    assert.equal(early("MA", "GET /api/projects/1/exports/22"), "not_found");
    assert.equal(early("MA", "GET /api/ml/1?project=1"), "not_found");
    assert.equal(early("MA", "POST /api/tasks?project=3", { project: 1, data: {} }), "not_found");
  });

  test("what the viewer may do in none of their projects is refused", () => {
    for (const line of ["GET /api/ml/1", "GET /api/storages/s3/1", "DELETE /api/tasks/9"]) {
      assert.equal(early("AN", line), "permission_denied", line);
      assert.equal(early("MA", line), null, line);
      assert.equal(early("AD", line), null, line);
    }
    const viewer = { ...viewerAs("MA"), projects: new Map() };
    assert.equal(askEarly({ viewer }, "GET /api/ml/1")?.code, "not_found");
  });
});
