/**
 * Properties of the policy as a whole: whatever is sent, what goes on fits its row again and names
 * granted projects alone (GATEWAY 10.4).
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  ask,
  defaults,
  everything,
  form,
  jsonBody,
  type SentBody,
  viewerAs,
} from "../../test/fixtures/label-studio/world.ts";
import type { Forward } from "./decision.ts";
import { matchTarget, ownerOf } from "./match.ts";
import { openRequest, readRequest } from "./read.ts";
import { resourceKey } from "./resource.ts";
import { allRows } from "./rows/all.ts";
import { parseTarget, writeTarget } from "./target.ts";

const granted = 3;

/** Numbers of granted things, of foreign ones, and spellings of numbers that Label Studio takes. */
const own = fc.constantFrom("3", "3", "9", "7", "8", "1", "4", "6", "11", "21");
const foreign = fc.constantFrom("1", "30", "50", "5", "2", "12", "22", "40", "60", "999");
const odd = fc.constantFrom(
  "01",
  "+3",
  "0_1",
  "１",
  "1.0",
  "-1",
  "",
  " 3",
  "3%20",
  "1,3",
  "[1]",
  "3e0",
);
const spelled = fc.oneof({ weight: 6, arbitrary: own }, { weight: 2, arbitrary: foreign }, odd);
const json = fc.oneof(
  spelled,
  fc.integer({ min: -2, max: 60 }),
  fc.constantFrom(null, true, 1.5, "x"),
  fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
  fc.constant({ view: 30 }),
  fc.constant({ all: true, excluded: [1] }),
);
const names = [
  ...["project", "task", "view", "annotation", "draft_id", "parent_annotation", "completed_by"],
  ...["parent_prediction", "ids", "ids[]", "id", "file_upload_ids", "selectedItems", "user"],
  ...["task__project", "query", "filepath", "fileuri", "tabID", "taskID", "page", "data", "result"],
  ...["task_filter_options", "label_config", "url", "organization", "updated_by", "__proto__"],
];
const name = fc.constantFrom(...names);

const path = fc.constantFrom(...allRows).chain((row) =>
  fc.array(spelled, { minLength: 4, maxLength: 4 }).map((values) => {
    let at = 0;
    // The first number is a project's in most addresses.
    const written = row.path
      .replace("{project}", values[3] === "9" ? "1" : "3")
      .replace("{file...}", "a.png")
      .replace("{name}", "ml")
      .replaceAll(/\{[a-z_]+\}/g, () => values[at++] ?? "");
    return { method: row.method, path: written, action: row.action };
  }),
);

const asked = fc.record({
  path,
  query: fc.array(fc.tuple(name, spelled), { maxLength: 3 }),
  body: fc.oneof(
    fc.constant(undefined),
    fc.dictionary(name, json, { maxKeys: 6 }).map(jsonBody),
    fc.array(fc.dictionary(name, json, { maxKeys: 3 }), { maxLength: 2 }).map(jsonBody),
    fc
      .uniqueArray(fc.tuple(name, spelled), { selector: ([key]) => key, maxLength: 4 })
      .map((pairs) => form(pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&"))),
  ),
  role: fc.constantFrom("AN", "RE", "MA"),
});

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function lineOf({ path: { method, path: written, action }, query }: Asked): string {
  const pairs = query.map((pair) => pair.map(encodeURIComponent).join("="));
  const all = action === null ? pairs : [`id=${action}`, ...pairs];
  return `${method} ${written}?${all.join("&")}`;
}

describe("whatever is asked with rights on one project", () => {
  test("what goes on is canonical, fits its row again, and names only things of that project", () => {
    let passed = 0;
    fc.assert(
      fc.property(asked, (request) => {
        const answer = ask({ viewer: viewerAs(request.role) }, lineOf(request), request.body);
        if ("code" in answer) return;
        passed += 1;
        assert.ok(answer.project === null || answer.project === granted);
        const target = parseTarget(answer.target);
        assert.ok(!("code" in target));
        assert.equal(writeTarget(target), answer.target);
        assert.match(ownerOf(answer.method, answer.target), /studio|both/);
        assertNamesGranted(answer, request.path.method);
      }),
      { numRuns: 6000 },
    );
    assert.ok(passed > 600, `${passed} requests went on`);
  });

  test("who does not belong to any project gets at nothing of one", () => {
    const viewer = { ...viewerAs("MA"), projects: new Map() };
    fc.assert(
      fc.property(asked, (request) => {
        const answer = ask({ viewer }, lineOf(request), request.body);
        if (!("code" in answer)) assert.equal(answer.project, null);
      }),
      { numRuns: 2000 },
    );
  });

  test("no answer tells whether something of another project is there", () => {
    const gone = new Map([...everything].filter(([, { projectId }]) => projectId === granted));
    fc.assert(
      fc.property(asked, (request) => {
        const asker = { viewer: viewerAs(request.role), switches: defaults };
        assert.deepEqual(
          ask(asker, lineOf(request), request.body),
          ask({ ...asker, resources: gone }, lineOf(request), request.body),
        );
      }),
      { numRuns: 4000 },
    );
  });
});

/** Reads what goes on as a new request, and looks at all that it names. */
function assertNamesGranted(answer: Forward, method: string): void {
  const match = matchTarget(answer.method, answer.target);
  assert.ok(!("code" in match), answer.target);
  const body: SentBody | null =
    answer.body.kind === "bytes" ? { type: answer.body.type, bytes: answer.body.bytes } : null;
  const opened = openRequest({
    ...{ method, target: answer.target, contentType: body?.type, contentEncoding: undefined },
    hasBody: body !== null,
  });
  assert.ok(!("code" in opened));
  const request = readRequest(opened, body === null ? null : Buffer.from(body.bytes));
  // A tab goes on without the field that was only to agree.
  assert.ok(!("code" in request), JSON.stringify(request));
  for (const project of request.projects) assert.equal(project, granted);
  for (const { ref } of request.named) {
    assert.equal(everything.get(resourceKey(ref))?.projectId, granted, resourceKey(ref));
  }
  // A task to import may have any name in its data.
  if (answer.body.kind !== "bytes" || match.row.body?.shape === "tasks") return;
  const text = Buffer.from(answer.body.bytes).toString();
  assert.doesNotMatch(text, /"(?:completed_by|updated_by|user|organization|__proto__)":/);
}
