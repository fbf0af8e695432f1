/** The test sign-in in a real browser, over a real identity provider on another origin (PRODUCT 8.2). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { type RunningDemo, startDemo } from "./demo.ts";

describe("the test sign-on in a browser", () => {
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  before(async () => {
    demo = await startDemo(18_180);
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(`${demo.origin}/user/login`);
    await page.fill('input[name="email"]', demo.owner.email);
    await page.fill('input[name="password"]', demo.owner.password);
    await page.press('input[name="password"]', "Enter");
    await page.waitForURL(`${demo.origin}/`);
  });
  after(async () => {
    await browser.close();
    await demo.stop();
  });

  const api = async (path: string, body?: object) => {
    const response = await fetch(`${demo.origin}${path}`, {
      headers: {
        authorization: `Token ${demo.apiToken}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    assert.equal(response.status, 200);
    // biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
    return (await response.json()) as any;
  };

  /** Prepares a test, goes through it as this person, and reads its story. */
  const tryAs = async (person: string, patch: object) => {
    const { id, url } = await api("/api/saml/settings/test", patch);
    await page.goto(`${demo.origin}${url}`);
    await page.locator(`form:has(input[value="${person}"]) button`).click();
    await page.waitForURL(`${demo.origin}/organization/security/sso/test/${id}`);
    const testSignIn = await api(`/api/saml/settings/test/${id}`);
    assert.equal(testSignIn.state, "done");
    return testSignIn.story;
  };

  const signedInAs = async () => {
    await page.goto(`${demo.origin}/`);
    return await page.locator("body").innerText();
  };

  test("it ends on its page, and whoever tried is signed in as before", async () => {
    const before = await api("/api/saml/sign-ins");
    const story = await tryAs("mateo", {});
    assert.deepEqual([story.outcome, story.role], ["admitted", "Manager"]);
    assert.match(await signedInAs(), new RegExp(demo.owner.email));
    assert.deepEqual(await api("/api/saml/sign-ins"), before);
  });

  test("unsaved mappings are tried and stay unsaved", async () => {
    const saved = await api("/api/saml/settings");
    const story = await tryAs("mateo", { roles_groups: [["Reviewer", "LS-Radiology"]] });
    assert.equal(story.role, "Reviewer");
    assert.deepEqual(await api("/api/saml/settings"), saved);
  });

  test("somebody who may not sign in ends on the page of the test, with the rule", async () => {
    const story = await tryAs("olga", {});
    assert.equal(story.code, "sign_in_domain_not_allowed");
    assert.match(await signedInAs(), new RegExp(demo.owner.email));
  });
});
