import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseTarget, type Target, writeTarget } from "./target.ts";

const read = (raw: string): Target => {
  const target = parseTarget(raw);
  assert.ok(!("code" in target), raw);
  return target;
};

const isRefused = (raw: string): boolean => "code" in parseTarget(raw);

describe("targets inside the grammar", () => {
  test("a path is read into segments, a query into pairs, each decoded once", () => {
    assert.deepEqual(read("/api/%70rojects/3/?a=1&b=%C3%A4+%2B&c&d="), {
      segments: ["api", "projects", "3"],
      hasSlash: true,
      query: [
        ["a", "1"],
        ["b", "ä +"],
        ["c", ""],
        ["d", ""],
      ],
    });
    assert.deepEqual(read("/"), { segments: [], hasSlash: true, query: [] });
  });

  test("two dots inside a file name, and names of other scripts, are files like others", () => {
    assert.deepEqual(read("/data/upload/3/a..b.png").segments.at(-1), "a..b.png");
    assert.deepEqual(read("/data/upload/3/%E5%9B%BE.png").segments.at(-1), "图.png");
  });

  test("a value that looks encoded stays one value and is not decoded again", () => {
    const target = read("/x?fileuri=s3%253A%252F%252Fa");
    assert.deepEqual(target.query, [["fileuri", "s3%3A%2F%2Fa"]]);
    assert.equal(writeTarget(target), "/x?fileuri=s3%253A%252F%252Fa");
  });
});

describe("targets outside the grammar", () => {
  const refused: readonly (readonly [why: string, raw: string])[] = [
    ["an absolute form", "http://other/api"],
    ["the asterisk", "*"],
    ["nothing", ""],
    ["two slashes at the front", "//api/projects/1/"],
    ["two slashes inside", "/api//projects"],
    ["two slashes at the end", "/api/projects//"],
    ["a slash, encoded", "/api/projects/1%2f"],
    ["a slash, encoded twice", "/api/projects/1%252f"],
    ["a backslash", "/api\\projects"],
    ["a backslash, encoded", "/api%5Cprojects"],
    ["one dot", "/api/./projects"],
    ["two dots", "/data/upload/3/../4/x"],
    ["two dots, encoded", "/data/upload/3/%2e%2E/4/x"],
    ["half encoded dots", "/data/upload/3/.%2e/4/x"],
    ["a fragment", "/api/projects/1#x"],
    ["a fragment in the query", "/api/projects?a=1#x"],
    ["parameters of a segment", "/api/projects;a=1"],
    ["parameters of a segment, encoded", "/api/projects%3Ba=1"],
    ["a semicolon between parameters", "/api/tasks?project=3;project=1"],
    ["a question mark in the path", "/api/projects%3Fa"],
    ["a null byte", "/api/projects%00"],
    ["a null byte in a value", "/api/projects?a=%00"],
    ["a line feed", "/api/projects%0a"],
    ["a raw line feed", "/api/\nprojects"],
    ["a space", "/api/ projects"],
    ["a raw byte above ASCII", "/api/projects/\u00e9"],
    ["a control above ASCII", "/api/projects/%C2%85"],
    ["% without digits", "/api/%zz"],
    ["% at the end", "/api/%"],
    ["an overlong encoding", "/api/%c0%afprojects"],
    ["a lone surrogate", "/api/%ed%a0%80"],
    ["bytes of another charset", "/api/tasks?a=%ff"],
    ["brackets in the path", "/api/[1]"],
    ["a quotation mark", '/api/"x"'],
    ["17,000 characters", `/${"a".repeat(17_000)}`],
  ];
  for (const [why, raw] of refused) {
    test(`${why} is refused`, () => {
      assert.deepEqual((parseTarget(raw) as { code?: string }).code, "bad_request");
    });
  }
});

describe("properties", () => {
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
  const anyTarget = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => `/${text}`),
    fc.array(name, { maxLength: 5 }).map((parts) => `/${parts.map(safeEncode).join("/")}`),
    fc
      .array(fc.tuple(name, name), { maxLength: 4 })
      .map((pairs) => `/a?${pairs.map((pair) => pair.map(safeEncode).join("=")).join("&")}`),
  );

  function safeEncode(text: string): string {
    return encodeURIComponent(text);
  }

  test("what was read and written anew reads the same, and is its own canonical form", () => {
    fc.assert(
      fc.property(anyTarget, (raw) => {
        const target = parseTarget(raw);
        if ("code" in target) return;
        const written = writeTarget(target);
        assert.deepEqual(parseTarget(written), target);
        assert.equal(writeTarget(read(written)), written);
      }),
      { numRuns: 2000 },
    );
  });

  test("nothing outside the grammar passes: a written path has no empty, dotted or encoded-slash segment", () => {
    fc.assert(
      fc.property(anyTarget, (raw) => {
        if (isRefused(raw)) return;
        const path = writeTarget(read(raw)).split("?")[0] ?? "";
        assert.match(path, /^\/[A-Za-z0-9%\-_.!~*'()/]*$/);
        assert.doesNotMatch(path, /\/\/|\/\.{1,2}(?:\/|$)|%(?:2f|5c|25|00|3b|23|3f|0[0-9a-f]|7f)/i);
      }),
      { numRuns: 2000 },
    );
  });
});
