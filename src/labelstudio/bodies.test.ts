import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  ask,
  codeOf,
  field,
  form,
  multipart,
  type SentBody,
  sentText,
  viewerAs,
} from "../../test/fixtures/label-studio/world.ts";
import { readForm, readMultipart, writeForm } from "./bodies.ts";
import { openRequest, readRequest } from "./read.ts";

const line = "POST /api/tasks/9/annotations";
const code = (body: SentBody): string => codeOf(ask({ viewer: viewerAs("AN") }, line, body));
const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

describe("bodies that hide what they say", () => {
  const refused: readonly (readonly [why: string, code: string, body: SentBody])[] = [
    ["UTF-7", "unsupported_media_type", { type: "application/json; charset=utf-7", bytes: "{}" }],
    [
      "a form in UTF-7",
      "unsupported_media_type",
      { type: "application/x-www-form-urlencoded; charset=utf-7", bytes: "completed+AF8-by=5" },
    ],
    [
      "UTF-16 by name",
      "unsupported_media_type",
      { type: "application/json; charset=utf-16", bytes: "{}" },
    ],
    ["UTF-16 without a name", "bad_request", { bytes: utf16('{"completed_by":5}') }],
    ["a byte order mark", "bad_request", { bytes: "\uFEFF{}" }],
    ["bytes that are not UTF-8", "bad_request", { bytes: Buffer.from([0x7b, 0xff, 0x7d]) }],
    ["compressed", "unsupported_media_type", { encoding: "gzip", bytes: "{}" }],
    ["another parameter", "unsupported_media_type", { type: "application/json; v=1", bytes: "{}" }],
    [
      "two charsets",
      "unsupported_media_type",
      { type: "application/json; charset=utf-8; charset=utf-7", bytes: "{}" },
    ],
    ["no type", "unsupported_media_type", { type: "", bytes: "{}" }],
    ["text", "unsupported_media_type", { type: "text/plain", bytes: "{}" }],
    ["XML", "unsupported_media_type", { type: "application/xml", bytes: "<a/>" }],
    ["not JSON", "bad_request", { bytes: "{completed_by:5}" }],
    ["two values", "bad_request", { bytes: "{}{}" }],
    ["NaN", "bad_request", { bytes: '{"lead_time":NaN}' }],
    ["nested without end", "bad_request", { bytes: `{"result":${"[".repeat(100_000)}` }],
    ["a name twice in a form", "bad_request", form("result=%5B%5D&result=%5B1%5D")],
    ["a form in another encoding", "bad_request", form("result=%ff")],
    ["no boundary", "unsupported_media_type", { type: "multipart/form-data", bytes: "--b--" }],
    [
      "an empty boundary",
      "unsupported_media_type",
      { type: "multipart/form-data; boundary=", bytes: "--" },
    ],
    [
      "a boundary that looks like a type",
      "unsupported_media_type",
      { type: "multipart/form-data; boundary=application/x-www-form-urlencoded", bytes: "--" },
    ],
    [
      "a part in base64",
      "bad_request",
      multipart([`${field("completed_by")}\r\nContent-Transfer-Encoding: base64`, "NQ=="]),
    ],
    [
      "a part in another charset",
      "bad_request",
      multipart([`${field("result")}\r\nContent-Type: text/plain; charset=utf-7`, "[]"]),
    ],
    ["a part twice", "bad_request", multipart([field("result"), "[]"], [field("result"), "[]"])],
    [
      "a part with a file name",
      "bad_request",
      multipart([`${field("result")}; filename="a"`, "[]"]),
    ],
    [
      "a part with an encoded name",
      "bad_request",
      multipart([`Content-Disposition: form-data; name*=UTF-8''completed_by`, "5"]),
    ],
    [
      "a part with a quoted name",
      "bad_request",
      multipart([`Content-Disposition: form-data; name="a\\"b"`, "5"]),
    ],
    [
      "a folded header",
      "bad_request",
      multipart(['Content-Disposition: form-data;\r\n name="result"', "[]"]),
    ],
    [
      "text before the parts",
      "bad_request",
      { type: "multipart/form-data; boundary=b", bytes: "x\r\n--b--" },
    ],
    [
      "text behind the parts",
      "bad_request",
      { type: "multipart/form-data; boundary=b", bytes: "--b--\r\n--b\r\n" },
    ],
    [
      "parts without an end",
      "bad_request",
      { type: "multipart/form-data; boundary=b", bytes: "--b\r\n" },
    ],
  ];
  for (const [why, expected, body] of refused) {
    test(`${why} is refused`, () => {
      assert.equal(code(body), expected);
    });
  }

  test("UTF-8 by name, in any letters and with quotes, is taken", () => {
    for (const type of [
      "application/json",
      "application/json; charset=UTF-8",
      'Application/JSON;charset="utf-8"',
    ]) {
      assert.equal(code({ type, bytes: '{"result":[]}' }), "200", type);
    }
  });
});

describe("files", () => {
  const viewer = viewerAs("MA");

  test("stream under a type that is written anew", () => {
    const body = { type: 'Multipart/Form-Data; boundary="----x:y"', bytes: "" };
    const answer = ask({ viewer }, "POST /api/projects/3/import?commit_to_project=false", body);
    assert.ok(!("code" in answer));
    assert.deepEqual(answer.body, {
      kind: "stream",
      type: 'multipart/form-data; boundary="----x:y"',
    });
    assert.equal(answer.target, "/api/projects/3/import?commit_to_project=false");
    assert.equal(answer.isSlow, true);
  });

  test("tasks as JSON have 8 MiB, and a sentence says what to do with more", () => {
    const opened = openRequest({
      ...{ method: "POST", target: "/api/projects/3/import", hasBody: true },
      ...{ contentType: "application/json", contentEncoding: undefined },
    });
    assert.ok(!("code" in opened));
    assert.deepEqual(opened.need, { kind: "read", maxBytes: 8 * 1024 * 1024 });
    const request = readRequest(opened, new Uint8Array(8 * 1024 * 1024 + 1));
    assert.ok("code" in request);
    assert.equal(request.code, "payload_too_large");
    assert.match(request.detail ?? "", /as a file/);
  });

  test("are not taken as JSON where only files are, nor where no row has them", () => {
    const json = { bytes: "{}" };
    assert.equal(
      codeOf(ask({ viewer }, "PATCH /api/import/file-upload/11", json)),
      "unsupported_media_type",
    );
    const file = multipart([`${field("data")}; filename="a.json"`, "{}"]);
    assert.equal(codeOf(ask({ viewer }, "POST /api/dm/views", file)), "unsupported_media_type");
  });
});

describe("forms", () => {
  test("stay forms, because a switch that a form leaves out is off", () => {
    const parts = multipart(
      [field("project"), "3"],
      [field("bucket"), "b ü"],
      [field("presign"), "on"],
    );
    const answer = ask({ viewer: viewerAs("MA") }, "POST /api/storages/s3?project=3", parts);
    assert.equal(sentText(answer), "presign=on&bucket=b%20%C3%BC&project=3");
  });

  test("name no other project, in whatever spelling", () => {
    for (const project of ["1", "03", "3.0", "", "３"]) {
      const body = form(`bucket=b&project=${encodeURIComponent(project)}`);
      const answer = codeOf(ask({ viewer: viewerAs("MA") }, "POST /api/storages/s3", body));
      assert.match(answer, project === "1" ? /not_found/ : /bad_request/, project);
    }
  });

  test("are read as they were written, multipart too", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
    const value = fc
      .string({ unit: "binary", maxLength: 40 })
      .filter((text) => !text.includes("\r\n--b"));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
        const fields = new Map(pairs);
        assert.deepEqual(readForm(writeForm(fields).bytes), fields);
        const body = multipart(...pairs.map(([key, text]) => [field(key), text] as const));
        assert.deepEqual(readMultipart(Buffer.from(body.bytes), "b"), fields);
      }),
    );
  });
});
