import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isList, isObject, isRawNumber, maxJsonDepth, parseJson, writeJson } from "./json.ts";

const roundTrip = (text: string) => writeJson(parseJson(text));

describe("lossless JSON", () => {
  for (const source of [
    ...["9007199254740993", "12345678901234567890", "-9223372036854775808", "1.0", "0.10", "-0"],
    ...["-0.0", "1e400", "1E5", "1e-05", "1e+21", "5.333333333333334", "0", "-1", "33.5", "1e5"],
    "0.1000000000000000055511151231257827021181583404541015625",
  ]) {
    test(`the number ${source} keeps its text`, () => {
      assert.equal(roundTrip(source), source);
      assert.equal(
        roundTrip(`{"a":[${source},{"b":${source}}]}`),
        `{"a":[${source},{"b":${source}}]}`,
      );
    });
  }

  test("an ordinary number is a number, and only another one is kept as text", () => {
    assert.equal(parseJson("17"), 17);
    assert.equal(parseJson("0.25"), 0.25);
    assert.ok(isRawNumber(parseJson("1.0")));
    assert.ok(!isObject(parseJson("1.0")), "a number in its source text is not an object");
    assert.ok(!isList(parseJson("1.0")));
  });

  test("an object that looks like a kept number is an object, and stays one", () => {
    const text = '{"rawJSON":"1.0"}';
    assert.ok(isObject(parseJson(text)));
    assert.equal(roundTrip(text), text);
  });

  test("__proto__ is a key like any other: nothing is inherited by it, and it goes on", () => {
    const value = parseJson('{"a":{"__proto__":{"admin":true},"constructor":1}}');
    assert.ok(isObject(value) && isObject(value["a"]));
    assert.equal(value["a"]["admin"], undefined);
    assert.equal(Object.getPrototypeOf(value["a"]), Object.prototype);
    assert.equal(writeJson(value), '{"a":{"__proto__":{"admin":true},"constructor":1}}');
    assert.equal(writeJson({ ...value["a"] }), '{"__proto__":{"admin":true},"constructor":1}');
    assert.equal(({} as Record<string, unknown>)["admin"], undefined);
  });

  test("of a name that stands twice the last counts, in whatever way it is written", () => {
    assert.equal(roundTrip('{"a":1,"\\u0061":2}'), '{"a":2}');
  });

  for (const open of ["[", '{"a":']) {
    test(`hostile nesting of ${open} is refused and does not overflow the stack`, () => {
      assert.throws(() => parseJson(open.repeat(1_000_000)), SyntaxError);
      const close = open === "[" ? "]" : "}";
      const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
      assert.equal(roundTrip(nested(maxJsonDepth)), nested(maxJsonDepth));
      assert.throws(() => parseJson(nested(maxJsonDepth + 1)), /deeper/);
    });
  }

  for (const text of [
    ...[
      "",
      " ",
      "{",
      "[1,]",
      '{"a":1,}',
      "{a:1}",
      "'a'",
      "01",
      "+1",
      ".5",
      "1.",
      "1e",
      "--1",
      "1-2",
    ],
    ...[
      "NaN",
      "Infinity",
      "-Infinity",
      "-",
      "tru",
      "truee",
      "1 2",
      '"a',
      '"\n"',
      '"\\x"',
      '"\\u00"',
    ],
    ...[
      "[1",
      "[1 2]",
      '{"a" 1}',
      '{"a":1 "b":2}',
      '{"a"}',
      "undefined",
      "/**/1",
      "\ufeff1",
      "\u00a01",
    ],
    ...['"\\', '"\\"', "nul", "0x10", "1_000", "[,1]", "]", "}"],
  ]) {
    test(`${JSON.stringify(text)} is not JSON`, () => {
      assert.throws(() => parseJson(text), SyntaxError);
      assert.throws(() => JSON.parse(text), SyntaxError);
    });
  }

  test("any JSON value is read as the platform reads it", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, 2), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), null, indent);
        assert.equal(roundTrip(written), JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test("any text is JSON here exactly where it is JSON to the platform", () => {
    const piece = fc.constantFrom(
      ...[
        '"',
        "\\",
        "\\u00e9",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "1",
        "0",
        "-",
        ".",
        "e",
        "+",
        " ",
        "a",
      ],
      ...["true", "null", "\t", "\u0000", "\ud800", '"a"', '"k":', "1.5"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        assert.equal(
          isJson(() => parseJson(text)),
          isJson(() => JSON.parse(text)),
        );
      }),
      { numRuns: 5000 },
    );
  });
});

function isJson(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return false;
  }
}
