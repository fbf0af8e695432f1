import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseOrganization, type PasswordCandidate } from "./choose-organization.ts";

const member = (
  organizationId: number,
  more: Partial<PasswordCandidate> = {},
): PasswordCandidate => ({
  organizationId,
  role: "AN",
  opensByPassword: true,
  disablesPasswordLogin: false,
  lastUsedAt: null,
  ...more,
});

const chosen = (...candidates: readonly PasswordCandidate[]) => {
  const choice = chooseOrganization(candidates);
  return "refusal" in choice ? choice.refusal : choice.organizationId;
};

suite("which organization a password opens", () => {
  test("the only one opens", () => assert.equal(chosen(member(1)), 1));

  test("of several the one used last opens, else the first joined", () => {
    assert.equal(chosen(member(1, { lastUsedAt: 5 }), member(2, { lastUsedAt: 9 }), member(3)), 2);
    assert.equal(chosen(member(1), member(2)), 1);
  });

  test("an organization that turns password sign-in off is never opened by one", () => {
    const closed = member(1, { lastUsedAt: 9, disablesPasswordLogin: true });
    assert.equal(chosen(closed, member(2)), 2);
    assert.equal(chosen(closed), "password_login_disabled");
  });

  test("one organization's switch does not close another", () => {
    assert.equal(chosen(member(1, { disablesPasswordLogin: true }), member(2)), 2);
  });

  test("a password opens no organization that was joined by single sign-on or SCIM", () => {
    const joinedBySaml = member(1, { opensByPassword: false, role: "AD", lastUsedAt: 9 });
    assert.equal(chosen(joinedBySaml, member(2)), 2);
    assert.equal(chosen(joinedBySaml), "password_login_disabled");
  });

  test("one that gives access is preferred to one that waits for activation", () => {
    assert.equal(chosen(member(1, { role: "NO", lastUsedAt: 9 }), member(2)), 2);
    assert.equal(chosen(member(1, { role: "NO" })), 1);
  });

  test("whoever is deactivated everywhere, or belongs nowhere, is refused", () => {
    assert.equal(chosen(member(1, { role: "DI" })), "sign_in_deactivated");
    assert.equal(chosen(), "sign_in_deactivated");
  });
});
