/** `npm run demo` in a real browser: one picks whom to be, and lands on a page that says why. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { type RunningDemo, startDemo } from "./demo.ts";

describe("the demo in a browser", () => {
  let demo: RunningDemo;
  let browser: Browser;
  before(async () => {
    demo = await startDemo();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await demo.stop();
  });

  /** A fresh browser that signs in as somebody; answers the page where that ends, and its complaints. */
  async function signOnAs(person: string, { javaScript = true, from = demo.loginUrl } = {}) {
    const context = await browser.newContext({ javaScriptEnabled: javaScript });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(from);
    await choose(page, person, javaScript);
    const text = await page.locator("main").innerText();
    return { page, text, complaints, close: () => context.close() };
  }

  async function choose(page: Page, person: string, javaScript: boolean): Promise<void> {
    await page.locator(`form:has(input[value="${person}"]) button`).click();
    if (!javaScript) await page.locator("main button").click();
    await page.waitForURL(`${demo.origin}/**`);
  }

  const people: readonly { person: string; shows: readonly RegExp[] }[] = [
    { person: "ada", shows: [/Administrator/, /"LS-Admins" is mapped to Administrator/] },
    { person: "mateo", shows: [/Manager/, /Radiology/, /Dermatology/, /"LS-Radiology" is mapped/] },
    { person: "anna", shows: [/Annotator/, /Chest X-ray/, /"LS-Chest-X-Ray" is mapped/] },
    { person: "ravi", shows: [/Reviewer/, /but Reviewer wins/] },
    { person: "casey", shows: [/Annotator/, /only upper and lower case letters differ/] },
    { person: "nora", shows: [/default role, Annotator/, /empty/] },
  ];
  for (const { person, shows } of people) {
    test(`${person} lands signed in, on a page that says why`, async () => {
      const { page, text, complaints, close } = await signOnAs(person);
      assert.equal(page.url(), `${demo.origin}/`);
      for (const pattern of shows) assert.match(text, pattern);
      assert.deepEqual(complaints, []);
      await close();
    });
  }

  test("somebody from another domain is refused in plain words, with a reference", async () => {
    const { page, text, close } = await signOnAs("olga");
    assert.match(page.url(), /\/denied\?ref=/);
    assert.match(text, /We could not sign you in/);
    assert.match(text, /Reference\s+[A-Z0-9]{10}/i);
    assert.doesNotMatch(text, /elsewhere|domain/i);
    await close();
  });

  test("signing on needs no JavaScript of ours", async () => {
    const { page, text, close } = await signOnAs("anna", { javaScript: false });
    assert.equal(page.url(), `${demo.origin}/`);
    assert.match(text, /Chest X-ray/);
    await close();
  });

  test("the sign-in page leads to the identity provider by one's address", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${demo.origin}/saml/sso-domain`);
    await page.getByRole("textbox").first().fill("anna@acme.example");
    await page.locator("main button").first().click();
    await page.waitForSelector('form:has(input[value="anna"])');
    await choose(page, "anna", true);
    assert.match(await page.locator("main").innerText(), /anna@acme\.example/);
    await context.close();
  });

  test("signing on twice shows the same, and signing out ends the session", async () => {
    const { page, text, close } = await signOnAs("mateo");
    await page.goto(demo.loginUrl);
    await choose(page, "mateo", true);
    assert.match(await page.locator("main").innerText(), /Radiology/);
    assert.match(text, /Radiology/);
    await page.goto(demo.loginUrl.replace(/login$/, "logout"));
    await page.goto(`${demo.origin}/`);
    assert.match(page.url(), /\/user\/login/);
    await close();
  });
});
