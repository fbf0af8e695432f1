/** Permissions of the organization: the Owner has each always, the others by the override, else by the default. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configurablePermissions, hasPermission, makesTokens } from "./organization-permissions.ts";
import { orgRoles } from "./roles.ts";

test("the Owner has it whatever is decided, people without access never", () => {
  for (const override of [null, [], makesTokens.options]) {
    assert.equal(hasPermission("OW", makesTokens, override), true);
    for (const role of ["NO", "DI"] as const) {
      assert.equal(hasPermission(role, makesTokens, override), false);
    }
  }
});

test("an override alone decides, and nobody may mean nobody", () => {
  const having = (override: Parameters<typeof hasPermission>[2]) =>
    orgRoles.filter((role) => hasPermission(role, makesTokens, override));
  assert.deepEqual(having(null), ["OW", "AD", "MA", "RE", "AN"]);
  assert.deepEqual(having(["RE"]), ["OW", "RE"]);
  assert.deepEqual(having([]), ["OW"]);
});

test("what is usual is what may be chosen, and each permission stands once", () => {
  for (const { default: usual, options } of configurablePermissions) {
    assert.ok(usual.every((role) => options.includes(role)));
  }
  const keys = configurablePermissions.map(({ permission }) => permission);
  assert.equal(new Set(keys).size, keys.length);
});
