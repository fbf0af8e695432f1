import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { renderField, renderProblems } from "./form.ts";

suite("fields", () => {
  const email = {
    name: "email",
    label: "E-mail address",
    type: "email",
    autocomplete: "username",
  } as const;

  test("a field keeps what was typed, escaped", () => {
    const text = renderField({ ...email, value: `"><script>` }).toString();
    assert.match(text, /value="&quot;&gt;&lt;script&gt;"/);
  });

  test("a password field never carries what was typed", () => {
    const text = renderField({
      name: "password",
      label: "Password",
      type: "password",
      value: "secret",
      autocomplete: "current-password",
    }).toString();
    assert.doesNotMatch(text, /secret/);
  });

  test("hint and error are linked to their field, and the field with the error has the focus", () => {
    const text = renderField({
      ...email,
      hint: "Your work address.",
      problem: "Not an address.",
    }).toString();
    assert.match(text, /aria-describedby="email-hint email-problem"/);
    assert.match(text, /aria-invalid="true"/);
    assert.match(text, / autofocus/);
    assert.match(text, /<p class="hint" id="email-hint">Your work address\.<\/p>/);
    assert.match(text, /<p class="wrong" id="email-problem">Not an address\.<\/p>/);
  });

  test("a field without error or hint is described by nothing", () => {
    assert.doesNotMatch(renderField(email).toString(), /aria-|autofocus/);
  });

  test("the form says how many fields need another look, and is silent where none does", () => {
    assert.equal(renderProblems({}, null), null);
    assert.match(String(renderProblems({ a: ["x"] }, null)), /role="alert"><p>One field/);
    assert.match(String(renderProblems({ a: ["x"], b: ["y"] }, null)), /2 fields/);
    assert.match(String(renderProblems({ a: ["x"] }, "No.")), /<p>No\.<\/p>/);
  });
});
