/**
 * The server-rendered pages in a real browser, with JavaScript switched off: they work, they hold at
 * 360 px, and nothing breaks the Content-Security-Policy. With LABELGATE_SHOTS=<folder>, a picture of
 * every page is left there, light, dark and narrow.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { ensureFirstOwner } from "../../src/people/first-owner.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { launchBrowser } from "./browser.ts";
import { freePort } from "./free-port.ts";

const owner = { email: "olive@contoso.example", password: "seven green bottles" };
const looks = {
  light: { colorScheme: "light", viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1200, height: 800 } },
  narrow: { colorScheme: "light", viewport: { width: 360, height: 740 } },
} as const;

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
}

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? "";
}

async function send(page: Page): Promise<void> {
  const loaded = page.waitForEvent("load");
  await page.locator("main form button[type=submit]").first().click();
  await loaded;
}

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["LABELGATE_SHOTS"];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

onEveryEngine("pages in a browser", (engine) => {
  // What a browser shows does not depend on the engine; the flows' tests run on both.
  if (engine.name !== "sqlite") return;
  let browser: Browser;
  let t: TestApp;
  let setupUrl = "";

  before(async () => {
    const port = await freePort();
    t = await openTestApp(engine, {
      config: { BASE_URL: `http://localhost:${port}`, DISABLE_SIGNUP_WITHOUT_LINK: "0" },
      // The browser judges by its own clock when a cookie ends.
      nowMs: Date.now(),
    });
    await t.app.listen({ port, host: "localhost" });
    const first = await ensureFirstOwner(t.deps);
    assert.equal(first.outcome, "link");
    setupUrl = first.url;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await t.close();
  });

  /** A fresh browser profile without JavaScript; what the console complains of fails the test. */
  const visit = async (
    look: keyof typeof looks,
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ) => {
    const context = await browser.newContext({ ...looks[look], javaScriptEnabled: false });
    const complaints: string[] = [];
    const page = await context.newPage();
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
    });
    try {
      await work(page, context);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const at = (path: string) => `${t.deps.config.baseUrl}${path}`;

  test("the set-up link shows what is wrong beside each field, then makes the Owner", async () => {
    await visit("light", async (page) => {
      await page.goto(setupUrl);
      await fill(page, { firstName: "Olive", email: "olive", password: "short" });
      await send(page);
      assert.match(await textOf(page, "#organizationTitle-problem"), /Please enter/);
      assert.match(await textOf(page, "#email-problem"), /not an e-mail address/);
      assert.match(await textOf(page, "#password-problem"), /at least 8/);
      assert.equal(await page.inputValue("#firstName"), "Olive");
      assert.equal(await page.inputValue("#email"), "olive");
      assert.equal(await page.inputValue("#password"), "");
      await shoot(page, "setup-errors-light");
      await fill(page, { organizationTitle: "Contoso Research", lastName: "Owner", ...owner });
      await send(page);
      assert.equal(page.url(), at("/"));
      assert.match(await textOf(page, "h1"), /Welcome, Olive Owner/);
      await page.goto(setupUrl);
      assert.match(await textOf(page, "h1"), /does not work any more/);
    });
  });

  test("a wrong password is told in plain words, the right one signs in and leads on", async () => {
    await visit("light", async (page) => {
      await page.goto(at("/user/login?next=/user/account"));
      assert.equal(await page.isChecked("input[name=keep]"), true);
      await fill(page, { ...owner, password: "not the right one" });
      await send(page);
      assert.match(await textOf(page, "[role=alert]"), /password is not right/);
      assert.equal(await page.inputValue("#email"), owner.email);
      assert.equal(await page.inputValue("#password"), "");
      await fill(page, { password: owner.password });
      await page.keyboard.press("Enter");
      await page.waitForURL(at("/user/account"));
      await page.locator("nav button").click();
      assert.match(await textOf(page, "[role=status]"), /signed out of Labelgate/);
    });
  });

  test("sign-up makes an organization, and its form keeps what was typed", async () => {
    await visit("light", async (page) => {
      await page.goto(at("/user/signup"));
      const typed = {
        organizationTitle: "Fabrikam",
        firstName: "Ada",
        email: "ada@fabrikam.example",
      };
      await fill(page, { ...typed, password: "password" });
      await send(page);
      assert.match(await textOf(page, "#password-problem"), /anybody would try/);
      for (const [name, value] of Object.entries(typed)) {
        assert.equal(await page.inputValue(`#${name}`), value);
      }
      await fill(page, { password: "analytical engines" });
      await send(page);
      assert.match(await textOf(page, "main"), /signed in to Fabrikam/);
    });
  });

  test("an unknown domain is told beside the field, which keeps it and has the focus", async () => {
    await visit("light", async (page) => {
      await page.goto(at("/saml/sso-domain"));
      await fill(page, { email: "ada@nowhere.example" });
      await send(page);
      assert.match(await textOf(page, "#email-problem"), /found no single sign-on/);
      assert.equal(await page.locator(":focus").getAttribute("id"), "email");
      const described = await page.getAttribute("#email", "aria-describedby");
      assert.equal(described, "email-hint email-problem");
    });
  });

  test("an API token is shown once, when made", async () => {
    await visit("light", async (page) => {
      await page.goto(at("/user/login"));
      await fill(page, owner);
      await send(page);
      await page.goto(at("/user/account"));
      await page.locator('form[action="/user/account/token"] button').click();
      const token = await textOf(page, "code.secret");
      assert.match(token, /^[0-9a-f]{40}$/);
      await page.goto(at("/user/account"));
      assert.equal(await page.locator("code.secret").count(), 0);
    });
  });

  suite("every page", () => {
    const open = ["/user/login", "/user/login?signed_out=1", "/user/signup", "/saml/sso-domain"];
    const refused = ["/saml/some-token/denied?ref=K3M9QX7P2A", "/recover?token=x", "/nowhere"];
    const own = ["/", "/user/account", "/user/logout"];
    for (const look of ["light", "dark", "narrow"] as const) {
      test(`fits its window and asks for one file besides itself (${look})`, async () => {
        await visit(look, async (page) => {
          const check = async (path: string) => {
            const asked: string[] = [];
            const note = (request: { url(): string }) => asked.push(request.url());
            page.on("request", note);
            await page.goto(at(path));
            page.off("request", note);
            const others = asked.filter((url) => !url.startsWith("data:")).slice(1);
            assert.ok(others.length <= 1, `${path} asks for ${others.join(", ")}`);
            const width = await page.locator("html").evaluate((element) => element.scrollWidth);
            assert.ok(width <= looks[look].viewport.width, `${path} is ${width} px wide`);
            assert.equal(await page.locator("h1").count(), 1, path);
            const name = path.replaceAll(/\W+/g, "-").replaceAll(/^-|-$/g, "") || "home";
            await shoot(page, `${name}-${look}`);
          };
          for (const path of [...open, ...refused]) await check(path);
          await page.goto(at("/user/login"));
          await fill(page, owner);
          await send(page);
          for (const path of own) await check(path);
        });
      });
    }
  });
});
