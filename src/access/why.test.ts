import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Reason } from "./changes.ts";
import { becauseOf, projectRoleSentence } from "./why.ts";

const reason = (more: Partial<Reason>): Reason => ({
  subject: "workspace",
  result: "granted",
  rule: "4.3",
  text: "The group ls-cats gives the workspace Cats.",
  target: "Cats",
  ...more,
});
const about = (target: string, reasons: readonly Reason[]) =>
  ({ subject: "workspace", target, reasons }) as const;

suite("why somebody has what they have", () => {
  test("what groups gave is told by the last sign-on's own reason", () => {
    assert.deepEqual(becauseOf(["saml"], about("Cats", [reason({})])), [
      "The group ls-cats gives the workspace Cats.",
    ]);
  });

  test("without such a reason the source is told in general", () => {
    assert.deepEqual(becauseOf(["saml"], about("Dogs", [reason({})])), [
      "Given by your groups at the identity provider.",
    ]);
  });

  test("every source of a membership is told", () => {
    assert.deepEqual(becauseOf(["manual", "saml", "scim"], about("Cats", [reason({})])), [
      "The group ls-cats gives the workspace Cats.",
      "Given by hand.",
      "Given by your organization's provisioning (SCIM).",
    ]);
  });

  test("a reason of single sign-on does not explain what was given by hand since", () => {
    assert.deepEqual(becauseOf(["manual"], about("Cats", [reason({})])), ["Given by hand."]);
  });

  test("a reason why something went does not explain why it is there", () => {
    const gone = reason({ result: "removed", text: "No group gives Cats." });
    assert.deepEqual(becauseOf(["saml"], about("Cats", [gone])), [
      "Given by your groups at the identity provider.",
    ]);
  });

  test("the project role shown is the highest that any source grants, and Inherit is the own role", () => {
    const grant = (role: "AN" | "RE" | "IN", isPending = false) => ({ role, isPending });
    assert.equal(projectRoleSentence("AN", [grant("AN"), grant("RE")]), "Reviewer");
    assert.equal(projectRoleSentence("RE", [grant("IN")]), "Reviewer");
    assert.equal(projectRoleSentence("MA", [grant("AN")]), "Manager");
    assert.equal(projectRoleSentence("AN", []), "Annotator");
  });

  test("a pending project is said to wait", () => {
    assert.equal(
      projectRoleSentence("NO", [{ role: "IN", isPending: true }]),
      "Inherit, once your account is activated",
    );
  });
});
