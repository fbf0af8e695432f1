import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "./errors.ts";
import { isScimPath, scimErrorOf } from "./errors-answer.ts";

test("an error of SCIM names its status as text, its scimType and the case at hand", () => {
  const error = new AppError("scim_invalid_path", { detail: '"x" has no sub-attribute "y".' });
  assert.deepEqual(scimErrorOf(error), {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: "400",
    scimType: "invalidPath",
    detail: '"x" has no sub-attribute "y".',
  });
  assert.deepEqual(scimErrorOf(new AppError("not_found")), {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: "404",
    detail: "Not found.",
  });
});

test("the addresses of SCIM are those below /scim in any case, and no others", () => {
  for (const path of ["/scim", "/scim/", "/scim/v2/Users", "/SCIM/v2", "/scim/v9//x"]) {
    assert.equal(isScimPath(path), true, path);
  }
  for (const path of ["/scimfoo", "/scim.json", "/api/scim/tokens", "//scim/v2", "scim", ""]) {
    assert.equal(isScimPath(path), false, path);
  }
});
