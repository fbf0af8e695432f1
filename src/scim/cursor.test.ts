import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../errors.ts";
import { type CursorContext, cursorTimeoutSeconds, decodeCursor, encodeCursor } from "./cursor.ts";

const context = (owner = "1", fingerprint = "f", secret = "s"): CursorContext => ({
  owner,
  fingerprint,
  sign: (text) => [createHmac("sha256", secret).update(text).digest("base64url")],
});
const page = { count: 10, nowMs: 1_000_000 };
const cursor = encodeCursor(["alice", 7], page, context());

const refuses = (code: ErrorCode, text: string, at: typeof page, whose: CursorContext): void => {
  assert.throws(
    () => decodeCursor(text, at, whose),
    (error) => error instanceof AppError && error.code === code,
    text,
  );
};

describe("cursors (RFC 9865)", () => {
  test("a cursor gives back where its page ended", () => {
    const key = fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)));
    fc.assert(
      fc.property(key, (where) => {
        assert.deepEqual(
          decodeCursor(encodeCursor(where, page, context()), page, context()),
          where,
        );
      }),
    );
  });

  test("it has only characters that an address takes as they are", () => {
    assert.match(encodeCursor(["ü?&=/ ", null], page, context()), /^[A-Za-z0-9._~-]+$/);
  });

  test("it is worthless for another owner, another query and another secret", () => {
    refuses("scim_invalid_cursor", cursor, page, context("2"));
    refuses("scim_invalid_cursor", cursor, page, context("1", "g"));
    refuses("scim_invalid_cursor", cursor, page, context("1", "f", "t"));
  });

  test("it is good for its hour and no longer", () => {
    const endMs = page.nowMs + cursorTimeoutSeconds * 1000;
    assert.deepEqual(decodeCursor(cursor, { ...page, nowMs: endMs }, context()), ["alice", 7]);
    refuses("scim_expired_cursor", cursor, { ...page, nowMs: endMs + 1 }, context());
  });

  test("the count stays the same on every page", () => {
    refuses("scim_invalid_count", cursor, { ...page, count: 11 }, context());
  });

  test("whatever is changed in it makes it invalid", () => {
    fc.assert(
      fc.property(
        fc.nat(cursor.length - 1),
        fc.constantFrom("A", "b", "0", "-", "."),
        (at, character) => {
          const changed = cursor.slice(0, at) + character + cursor.slice(at + 1);
          fc.pre(changed !== cursor);
          refuses("scim_invalid_cursor", changed, page, context());
        },
      ),
    );
    for (const text of ["", ".", "x", `${cursor}.`, `${cursor}x`, "..", cursor.slice(0, -1)]) {
      refuses("scim_invalid_cursor", text, page, context());
    }
  });
});
