import assert from "node:assert/strict";
import { test } from "node:test";
import { projectNumbersOf, withPlaces } from "./edit-places.ts";
import { parseJson, writeJson } from "./json.ts";

const places = new Map([[3, { labelgateId: 30, workspaceId: 7, workspaceTitle: "Radiology" }]]);
const edit = (text: string): string => writeJson(withPlaces(parseJson(text), places));

test("a project's record names its workspace and Labelgate's number", () => {
  assert.equal(
    edit('{"id":3,"title":"T","big":12345678901234567890}'),
    '{"id":3,"title":"T","big":12345678901234567890,"workspace":7,"workspace_title":"Radiology","labelgate_id":30}',
  );
});

test("each record of a page does, and one that is not known stands in no workspace", () => {
  const page = '{"count":2,"next":null,"previous":null,"results":[{"id":3},{"id":4}]}';
  assert.deepEqual(projectNumbersOf(parseJson(page)), [3, 4]);
  const { results } = JSON.parse(edit(page));
  assert.deepEqual(
    results.map(({ workspace }: { workspace: number | null }) => workspace),
    [7, null],
  );
});

test("what is no record stays as it is", () => {
  assert.equal(edit("[1]"), "[1]");
  assert.deepEqual(projectNumbersOf(parseJson("[1]")), []);
});
