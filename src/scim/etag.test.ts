import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../errors.ts";
import { checkMatch, etagOf, isUnchanged } from "./etag.ts";

describe("entity tags (RFC 7644 3.14)", () => {
  const etag = etagOf(7);

  test("a version is a weak tag", () => {
    assert.equal(etag, 'W/"7"');
  });

  test("If-None-Match names the version in any spelling, in a list, or by a star", () => {
    for (const header of ['W/"7"', '"7"', "7", 'w/"7"', ' W/"6" , W/"7" ', "*"]) {
      assert.equal(isUnchanged(header, etag), true, header);
    }
    for (const header of [undefined, "", 'W/"6"', 'W/"77"', '"']) {
      assert.equal(isUnchanged(header, etag), false, String(header));
    }
  });

  test("If-Match of another version is 412; its absence is not", () => {
    checkMatch(undefined, etag);
    checkMatch('W/"7"', etag);
    checkMatch("*", etag);
    for (const header of ['W/"6"', "x", ""]) {
      assert.throws(
        () => checkMatch(header, etag),
        (error) => error instanceof AppError && error.status === 412,
        header,
      );
    }
  });
});
