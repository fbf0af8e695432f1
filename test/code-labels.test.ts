/** The words of the administrators' app for the codes of refused sign-ins are all there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorTable } from "../src/errors.ts";
import { codeLabels } from "../web/src/story/code-labels.ts";

/** Answered before any organization is known, so that they stand in no log. */
const unlogged = new Set(["saml_unknown_token"]);

test("each code that a sign-on can be refused with has words, and no other has", () => {
  const codes = Object.keys(errorTable).filter(
    (code) => /^(saml|sign_in|password)_/.test(code) && !unlogged.has(code),
  );
  assert.deepEqual(new Set(Object.keys(codeLabels)), new Set(codes));
});
