/** Bodies, queries and pages at the door of the organization API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { AppError, type FieldErrors } from "../errors.ts";
import { pageFields, pageOf } from "./paging.ts";
import { notKept, parseBody, parseQuery, wireFlag, wireId } from "./parse.ts";

const schema = z.object({
  user_id: wireId,
  role: z.enum(["AD", "AN"], { error: "Send AD or AN." }),
  emails: z.array(z.string()).optional(),
  phone: notKept(""),
  isOn: wireFlag.optional(),
});

function problemsOf(body: unknown): FieldErrors {
  try {
    parseBody(schema, body);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "validation_failed");
    return error.fields ?? {};
  }
  return {};
}

test("every problem of a body is told at once, by field", () => {
  assert.deepEqual(problemsOf({ role: "OWNER", emails: ["a", 1], rôle: 1 }), {
    rôle: ["There is no such field here."],
    user_id: ["This field is required."],
    role: ["Send AD or AN."],
    emails: ["Entry 2: Send text."],
  });
});

test("an id is a whole number in JSON or in a form, and nothing else", () => {
  assert.deepEqual(parseBody(schema, { user_id: "7", role: "AN" }), { user_id: 7, role: "AN" });
  for (const id of ["7a", 1.5, 0, -1, null, [7], 2 ** 31, "9999999999"]) {
    assert.ok(problemsOf({ user_id: id, role: "AN" })["user_id"], JSON.stringify(id));
  }
});

test("a flag is true or false in JSON or in a form", () => {
  assert.equal(parseBody(schema, { user_id: 1, role: "AN", isOn: "False" }).isOn, false);
  assert.deepEqual(problemsOf({ user_id: 1, role: "AN", isOn: "maybe" }), {
    isOn: ["Send true or false."],
  });
});

test("a field that is not kept may be sent back as it was read, and not otherwise", () => {
  assert.deepEqual(problemsOf({ user_id: 1, role: "AN", phone: "" }), {});
  assert.deepEqual(problemsOf({ user_id: 1, role: "AN", phone: "123" }), {
    phone: ["Labelgate does not keep this field."],
  });
});

test("a body that is no object is refused, and names of prototypes are only names", () => {
  for (const body of [[], "text", 7]) {
    assert.deepEqual(Object.keys(problemsOf(body)), ["non_field_errors"]);
  }
  const named = problemsOf(JSON.parse('{"user_id":1,"role":"AN","__proto__":1}'));
  assert.deepEqual(Object.entries(named), [["__proto__", ["There is no such field here."]]]);
});

test("the form token that a browser sends along is no field", () => {
  assert.deepEqual(problemsOf({ user_id: 1, role: "AN", csrf_token: "x" }), {});
});

test("the first page of a hundred is meant unless told", () => {
  const query = z.object(pageFields);
  assert.deepEqual(pageOf(parseQuery(query, {})), { number: 1, size: 100, offset: 0 });
  const third = parseQuery(query, { page: "3", page_size: "20" });
  assert.deepEqual(pageOf(third), { number: 3, size: 20, offset: 40 });
  for (const wrong of [{ page: "0" }, { page: "-1" }, { page_size: "1001" }, { page: "x" }]) {
    assert.throws(() => parseQuery(query, wrong), AppError);
  }
});
