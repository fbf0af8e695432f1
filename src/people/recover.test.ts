import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseMembership } from "./recover.ts";

const own = { organizationId: 1, title: "Contoso", isOwner: true };
const other = { organizationId: 2, title: "Fabrikam", isOwner: false };
const second = { organizationId: 3, title: "Tailspin", isOwner: true };

suite("which organization the recovery command means", () => {
  test("the one whose Owner the person is", () => {
    assert.deepEqual(chooseMembership([other, own], { makesOwner: false }), own);
  });

  test("nobody but the Owner without --make-owner", () => {
    assert.match(String(chooseMembership([other], { makesOwner: false })), /--make-owner/);
    const named = { makesOwner: false, organizationId: 2 };
    assert.match(String(chooseMembership([own, other], named)), /--make-owner/);
  });

  test("any organization of the person with --make-owner", () => {
    assert.deepEqual(chooseMembership([other], { makesOwner: true }), other);
  });

  test("where several fit, one must be named", () => {
    const unnamed = String(chooseMembership([own, second], { makesOwner: false }));
    assert.match(unnamed, /--organization: 1 \(Contoso\), 3 \(Tailspin\)/);
    const named = { makesOwner: false, organizationId: 3 };
    assert.deepEqual(chooseMembership([own, second], named), second);
  });

  test("an organization that the person does not belong to is refused", () => {
    const named = { makesOwner: true, organizationId: 9 };
    assert.match(String(chooseMembership([own], named)), /no such organization/);
    assert.match(String(chooseMembership([], { makesOwner: false })), /no such organization/);
  });
});
