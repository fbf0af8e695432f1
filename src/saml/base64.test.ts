import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64 } from "./base64.ts";

test("Base64 is decoded, whatever white space breaks its lines", () => {
  assert.equal(decodeBase64("aGVsbG8=")?.toString(), "hello");
  assert.equal(decodeBase64("\r\n aGVs\tbG8\n=\n")?.toString(), "hello");
});

test("What is not exactly base64 is null", () => {
  const wrong = [
    "",
    " ",
    "aGVsbG8",
    "aGVsbG8==",
    "aGVsbG9=",
    "aGVs-_8=",
    "aGVs*bG8=",
    "aGVsbG8=x",
    "=",
    "aGVs\u00A0bG8=",
  ];
  for (const text of wrong) assert.equal(decodeBase64(text), null, text);
});
