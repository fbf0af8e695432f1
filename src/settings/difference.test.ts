import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { differenceOf } from "./difference.ts";

suite("the difference of two settings", () => {
  test("fields that are the same are not told", () => {
    const same = { a: 1, list: [["Manager", "m"]] };
    assert.deepEqual(differenceOf(same, structuredClone(same)), []);
  });

  test("a value is told as it was and as it is", () => {
    assert.deepEqual(differenceOf({ allow_sha1: false }, { allow_sha1: true }), [
      { field: "allow_sha1", from: false, to: true, is_cut: false },
    ]);
  });

  test("of a list, what came and what went is told too", () => {
    const before = {
      roles_groups: [
        ["Manager", "m"],
        ["Reviewer", "r"],
      ],
    };
    const after = {
      roles_groups: [
        ["Manager", "m"],
        ["Annotator", "a"],
      ],
    };
    const [change] = differenceOf(before, after);
    assert.deepEqual([change?.added, change?.removed], [[["Annotator", "a"]], [["Reviewer", "r"]]]);
    assert.equal(change?.is_cut, false);
  });

  test("a long text and a long list are cut, and said to be", () => {
    const many = Array.from({ length: 1000 }, (_, number) => ["Manager", `group ${number}`]);
    const [text, list] = differenceOf(
      { metadata_xml: "", roles_groups: [] },
      { metadata_xml: "x".repeat(90_000), roles_groups: many },
    );
    assert.match(String(text?.to), /^x{500}… \(90000 characters\)$/);
    assert.equal(text?.is_cut, true);
    assert.deepEqual(
      [Object(list?.to).length, list?.added?.length, list?.is_cut],
      [200, 200, true],
    );
  });

  test("a name that objects have anyway is a field like any other", () => {
    assert.deepEqual(differenceOf({}, { constructor: 1 }).length, 1);
    assert.deepEqual(differenceOf({ toString: "a" }, { toString: "b" })[0]?.from, "a");
  });
});
