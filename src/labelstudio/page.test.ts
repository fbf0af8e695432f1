import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { contextFor, studioAnswer } from "../../test/fixtures/studio-answers.ts";
import { editAnswer } from "./edit-answer.ts";
import { stylesheet } from "./stylesheets.ts";

describe("Label Studio's pages", () => {
  const page = studioAnswer("page");
  const context = contextFor();

  test("one stylesheet is linked last in the head, and nothing else changes", () => {
    const edited = editAnswer("page", page, context);
    const link = `<link href="${context.stylesheet}" rel="stylesheet">`;
    assert.equal(edited.replace(link, ""), page);
    assert.ok(edited.includes(`${link}</head>`));
    assert.equal(edited.split("<script").length, page.split("<script").length);
  });

  test("an edit made twice is made once", () => {
    const edited = editAnswer("page", page, context);
    assert.equal(editAnswer("page", edited, context), edited);
  });

  test("a page without a head is an error, never the unedited page", () => {
    for (const html of ["<html><body>", "text", "{}"]) {
      assert.throws(() => editAnswer("page", html, context), { code: "upstream_bad_answer" });
    }
  });

  test("the address of the stylesheet cannot break out of its attribute", () => {
    const stylesheet = '/a.css"><script>alert(1)</script>';
    const edited = editAnswer("page", page, { ...context, stylesheet });
    assert.ok(!edited.includes("<script>alert"));
  });

  test("dollar signs in the page are text", () => {
    const html = "<head><title>$& $1</title></head>";
    assert.ok(editAnswer("page", html, context).startsWith("<head><title>$& $1</title><link"));
  });
});

describe("stylesheets by role", () => {
  const { switches } = contextFor();
  const importButton = '[data-testid="dm-import-button"]';
  const exportButton = '[data-testid="dm-export-button"]';

  test("Annotators and Reviewers have no settings, import, export and actions", () => {
    for (const role of ["AN", "RE"] as const) {
      const css = stylesheet(role, switches);
      for (const hook of [importButton, exportButton, 'a[href$="/settings"]', "Tasks Actions"]) {
        assert.ok(css.includes(hook), `${role} ${hook}`);
      }
    }
  });

  test("Reviewers who may export have the button, and Annotators never", () => {
    const more = { ...switches, reviewersMayExport: true };
    assert.ok(!stylesheet("RE", more).includes(exportButton));
    assert.ok(stylesheet("AN", more).includes(exportButton));
  });

  test("Managers who may not connect do not see storages, webhooks and models", () => {
    const fewer = { ...switches, managersMayConnect: false };
    assert.ok(stylesheet("MA", fewer).includes('a[href$="/settings/webhooks"]'));
    assert.ok(!stylesheet("MA", switches).includes('a[href$="/settings/webhooks"]'));
    assert.ok(!stylesheet("AD", fewer).includes('a[href$="/settings/webhooks"]'));
    assert.ok(!stylesheet("MA", fewer).includes(importButton));
  });

  test("the way back to Labelgate is shown to every role", () => {
    for (const role of ["AN", "RE", "MA", "AD"] as const) {
      const css = stylesheet(role, switches);
      const [hidden = ""] = css.split("{");
      assert.ok(!hidden.includes('"/version"'));
      assert.ok(css.includes('[href="/version"]::after { content: "Your access and account"'));
    }
  });

  test("every rule closes, so that none swallows the next", () => {
    const flag = fc.boolean();
    const any = fc.record({
      ...{ annotatorsSeeOthers: flag, reviewersMayExport: flag, managersMayConnect: flag },
      administratorsMayReadServerFiles: flag,
    });
    fc.assert(
      fc.property(fc.constantFrom("AN", "RE", "MA", "AD"), any, (role, chosen) => {
        const css = stylesheet(role, chosen);
        assert.equal(css.split("{").length, css.split("}").length);
        assert.equal(css.split('"').length % 2, 1);
        assert.doesNotMatch(css, /,\s*[,{]|<|@import|url\(/);
      }),
    );
  });
});
