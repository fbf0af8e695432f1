import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { costOf } from "../../test/cost.ts";
import { collect, parseEmail, parseName } from "./form.ts";

suite("what people type about themselves", () => {
  test("an e-mail address is kept lower-case, without the white space around it", () => {
    assert.deepEqual(parseEmail("  Ada@Example.COM "), { value: "ada@example.com" });
    assert.deepEqual(parseEmail("ada+labels@mail.bücher.example"), {
      value: "ada+labels@mail.xn--bcher-kva.example",
    });
  });

  for (const text of [
    "ada",
    "ada@",
    "@example.com",
    "a b@example.com",
    "ada@exa mple.com",
    "ada@example..com",
    "ada@-x.com",
    "a,b@example.com",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(260)}.com`,
    "ada@example.com\u0000",
    "<ada@example.com>",
  ]) {
    test(`${JSON.stringify(text.slice(0, 30))} is no e-mail address`, () => {
      assert.ok("problem" in parseEmail(text));
    });
  }

  test("a very long text is refused fast", async () => {
    const text = `ada@${"a-".repeat(100_000)}`;
    const cost = await costOf(() => assert.ok("problem" in parseEmail(text)));
    assert.ok(cost < 50, `it costs ${cost}`);
  });

  test("names are one line, trimmed, and limited in characters", () => {
    assert.deepEqual(parseName("  Ada \n  Lovelace ", { what: "a name" }), {
      value: "Ada Lovelace",
    });
    assert.deepEqual(parseName(" ", { what: "a name", isRequired: true }), {
      problem: "Please enter a name.",
    });
    assert.ok("problem" in parseName("x".repeat(151), { what: "a name" }));
    assert.ok("problem" in parseName("a\u0007b", { what: "a name" }));
    assert.ok("problem" in parseName("<b>Ada</b>", { what: "a name" }));
  });

  test("all problems come back together, by field", () => {
    const { values, problems } = collect({
      email: parseEmail("x"),
      name: parseName("", { what: "a name", isRequired: true }),
      other: parseName("ok", { what: "it" }),
    });
    assert.deepEqual(Object.keys(problems), ["email", "name"]);
    assert.deepEqual(values, { email: "", name: "", other: "ok" });
  });
});
