/**
 * A new Owner's way (PRODUCT 8, 9.2): from the first-run link to an organization whose single sign-on
 * is set up and tried, by the keyboard alone, leaving in between and coming back.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { type FreshServer, startFresh } from "./fresh.ts";
import { expectAccessible, expectHeading } from "./web.ts";

const email = "olivia@acme.example";
const password = "a long enough password";
const ssoPath = "/organization/security/sso";

describe("a new Owner sets single sign-on up by the keyboard alone", () => {
  let fresh: FreshServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  before(async () => {
    fresh = await startFresh();
    browser = await launchBrowser();
    context = await browser.newContext({ reducedMotion: "reduce" });
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await fresh.stop();
  });

  /** What the focus is on, as a reader would name it. */
  const focusedName = async (): Promise<string> =>
    String(
      await page.evaluate(`(() => {
        const it = document.activeElement;
        const label = it.labels?.[0]?.innerText;
        return (it.getAttribute("aria-label") ?? label ?? it.innerText ?? "").split("\\n")[0];
      })()`),
    );

  /** Goes on by Tab until the focus is on something of this name, where it may be already. */
  const tabTo = async (name: RegExp): Promise<void> => {
    const passed: string[] = [];
    for (let steps = 0; steps < 90; steps++) {
      const focused = await focusedName();
      if (name.test(focused)) return;
      passed.push(focused);
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not reach ${name}: ${passed.join(" | ")}`);
  };
  const press = async (name: RegExp): Promise<void> => {
    await tabTo(name);
    await page.keyboard.press("Enter");
  };
  const fill = async (name: RegExp, text: string): Promise<void> => {
    await tabTo(name);
    await page.keyboard.type(text);
  };
  const expectStep = async (title: RegExp): Promise<void> => {
    await page.getByRole("heading", { level: 2, name: title }).waitFor();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
  };
  const stepInAddress = () => new URL(page.url()).searchParams.get("step");

  test("the first-run link makes the Owner, whose way leads to the set-up", async () => {
    await page.goto(fresh.setupUrl);
    await fill(/organization/, "Acme Imaging");
    await fill(/First name/, "Olivia");
    await fill(/E-mail/, email);
    await fill(/Password/, password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${fresh.origin}/`);
    await press(/^Organization$/);
    await expectHeading(page, "SSO & SAML");
    await expectStep(/Which addresses are yours/);
    assert.equal(stepInAddress(), "domain");
  });

  test("a public mail domain is refused at its field, which has the focus and what was typed", async () => {
    await fill(/E-mail domains/, "acme.example, gmail.com");
    await page.keyboard.press("Enter");
    await page.getByText(/gmail\.com is a public mail provider/).waitFor();
    const field = page.getByRole("textbox", { name: "E-mail domains" });
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await field.inputValue(), "acme.example, gmail.com");
    await page.locator("input:focus").waitFor();
    assert.match(await focusedName(), /E-mail domains/);
    await expectAccessible(page);
    assert.deepEqual(
      complaints.splice(0).filter((text) => !/status of 400/.test(text)),
      [],
    );
    for (const _ of ", gmail.com") await page.keyboard.press("Backspace");
    await page.keyboard.press("Enter");
    await expectStep(/Which identity provider/);
    assert.equal(stepInAddress(), "provider");
    assert.match(await focusedName(), /Which identity provider/);
  });

  test("the provider is chosen among tiles, and its clicks stand beside them", async () => {
    await tabTo(/Okta/);
    for (let tile = 0; tile < 6; tile++) await page.keyboard.press("ArrowDown");
    assert.match(await focusedName(), /Keycloak/);
    await page.getByRole("complementary", { name: "What to do at Keycloak" }).waitFor();
    await expectAccessible(page);
    await press(/Save and continue/);
    await expectStep(/Carry these addresses to Keycloak/);
  });

  test("one may leave and come back: to the very step here, to what is missing elsewhere", async () => {
    await page.goto(`${fresh.origin}/organization/members`);
    await expectHeading(page, "Members");
    await page.goto(`${fresh.origin}${ssoPath}`);
    await expectStep(/Carry these addresses/);
    assert.equal(stepInAddress(), "addresses");

    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await other.goto(`${fresh.origin}/user/login?next=${ssoPath}`);
    await other.fill("#email", email);
    await other.fill("#password", password);
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { level: 2, name: /Carry these addresses/ }).waitFor();
    await elsewhere.close();
  });

  test("the addresses are shown with what the provider calls them", async () => {
    const acs = await page.getByRole("textbox", { name: "ACS URL" }).inputValue();
    assert.match(acs, /\/saml\/[^/]+\/acs$/);
    assert.equal(await page.getByRole("textbox", { name: "Entity ID" }).inputValue(), acs);
    fresh.registerAcsUrl(acs);
    await page.getByText(/Keycloak calls it “Client ID”/).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      press(/Download SP metadata/),
    ]);
    assert.equal(download.suggestedFilename(), "labelgate-sp-metadata.xml");
    await press(/^Continue$/);
    await expectStep(/What does the identity provider say/);
  });

  test("the metadata URL is checked without saving, then saved and shown", async () => {
    await fill(/Metadata URL/, fresh.idp.metadataUrl);
    await press(/Check the URL/);
    await page.getByText("The URL answers metadata.").waitFor();
    await page.getByText(/days left/).waitFor();
    await expectAccessible(page);
    await press(/Save the metadata/);
    await page.getByText("The metadata is saved.").waitFor();
    await page.getByText(fresh.idp.metadataUrl, { exact: true }).waitFor();
    await press(/^Continue$/);
    await expectStep(/What are the attributes called/);
  });

  test("the attribute names are the preset's, and groups get roles", async () => {
    assert.equal(await page.getByRole("combobox", { name: "E-mail" }).inputValue(), "Email");
    await press(/Save and continue/);
    await expectStep(/What do groups give/);
    await press(/Add mapping/);
    await tabTo(/Role/);
    await page.keyboard.type("Adm");
    await fill(/Group/, "LS-Admins");
    await press(/Save and continue/);
    await expectStep(/Try it/);
  });

  test("the test sign-on succeeds, signs nobody else in, and the set-up is finished", async () => {
    await press(/Test sign-on/);
    await page.waitForURL(`${fresh.idp.origin}/**`);
    await tabTo(/Ada Okafor/);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${fresh.origin}${ssoPath}/test/*`);
    await expectHeading(page, "Test sign-on");
    await page.getByText("Administrator", { exact: false }).first().waitFor();
    await expectAccessible(page);
    await press(/SSO & SAML/);
    await expectStep(/Try it/);
    await press(/^Finish$/);
    await page.getByRole("heading", { level: 2, name: "State" }).waitFor();
    await page.getByText("LS-Admins").first().waitFor();
    assert.equal(stepInAddress(), null);
    await expectAccessible(page);
    await page.reload();
    await page.getByRole("heading", { level: 2, name: "State" }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
