/**
 * The frame of the administrators' app in a real browser: the menu by role, the keyboard, colours,
 * narrow windows, what goes wrong, and how much a first visit loads. What pages do, their own tests say.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import {
  expectAccessible,
  expectFits,
  expectGoodInEveryLook,
  expectHeading,
  pressOn,
  settled,
  startWeb,
  type Visitor,
  type Web,
} from "./web.ts";

/** Bytes after gzip that a first visit may load, script and style together. */
const firstLoadBudget = 250_000;

const everyEntry = [
  ...["SSO & SAML", "SCIM", "Sign-in log", "Inspect"],
  ...["Members", "Workspaces", "Projects"],
  ...["Activity log", "Label Studio", "Settings"],
];

const entryPaths = [
  ...["security/sso", "security/scim", "security/sign-ins", "security/inspect"],
  ...["members", "workspaces", "projects", "activity", "label-studio", "settings"],
].map((path) => `/organization/${path}`);

describe("the administrators' app in a browser", () => {
  let web: Web;
  before(async () => {
    web = await startWeb();
  });
  after(async () => {
    await web.stop();
  });

  const menuOf = (page: Page) => page.getByRole("navigation", { name: "Organization" });
  const focusedText = (page: Page) => page.locator(":focus").innerText();

  const menus: readonly (readonly [Visitor, readonly string[]])[] = [
    ["owner", everyEntry],
    ["ada", everyEntry],
    ["mateo", ["Workspaces", "Projects"]],
  ];
  for (const [visitor, entries] of menus) {
    test(`${visitor} finds in the menu what the role opens, and starts at the first of it`, async () => {
      await web.visit(visitor, async (page) => {
        await page.goto(web.at("/"));
        await page.getByRole("link", { name: "Organization" }).click();
        await menuOf(page).getByRole("link").first().waitFor();
        assert.deepEqual(await menuOf(page).getByRole("link").allInnerTexts(), entries);
        const current = menuOf(page).locator("[aria-current=page]");
        assert.deepEqual(await current.allInnerTexts(), entries.slice(0, 1));
        assert.notEqual(new URL(page.url()).pathname, "/organization");
      });
    });
  }

  test("an Annotator finds no way in: no link, a page that says why not, and a refusing API", async () => {
    await web.visit(
      "anna",
      async (page) => {
        await page.goto(web.at("/"));
        assert.equal(await page.locator('a[href^="/organization"]').count(), 0);
        for (const path of ["/organization", ...entryPaths]) {
          const answer = await page.goto(web.at(path));
          assert.equal(answer?.status(), 403, path);
          await expectHeading(page, "This is not allowed");
        }
        for (const path of ["/api/saml/settings", "/api/saml/sign-ins", "/api/activity-logs/"]) {
          const answer = await page.goto(web.at(path));
          assert.equal(answer?.status(), 403, path);
        }
      },
      { expects: /status of 40[34]/ },
    );
  });

  test("a stranger signs in and lands on the page that was asked for", async () => {
    await web.visit("nobody", async (page) => {
      await page.goto(web.at("/organization/members?search=ada"));
      await page.fill("#email", web.demo.owner.email);
      await page.fill("#password", web.demo.owner.password);
      await page.keyboard.press("Enter");
      await expectHeading(page, "Members");
      assert.equal(page.url(), web.at("/organization/members?search=ada"));
    });
  });

  test("the keyboard alone skips the menu, and opens a page whose heading has the focus", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at("/organization/members"));
      await expectHeading(page, "Members");
      await page.keyboard.press("Tab");
      assert.equal(await focusedText(page), "Skip to the content");
      await page.keyboard.press("Enter");
      assert.equal(await page.locator(":focus").getAttribute("id"), "main");
      await menuOf(page).getByRole("link", { name: "Projects" }).focus();
      await page.keyboard.press("Enter");
      await expectHeading(page, "Projects");
      await page.locator("h1:focus").waitFor();
      assert.equal(await focusedText(page), "Projects");
      assert.equal(await page.title(), "Projects · Acme Imaging · Labelgate");
      await page.goBack();
      await expectHeading(page, "Members");
    });
  });

  test("the colours follow the system until somebody chooses, and the choice is kept", async () => {
    await web.visit(
      "owner",
      async (page) => {
        const scheme = () =>
          page.locator("html").getAttribute("data-mantine-color-scheme", { timeout: 2_000 });
        await page.goto(web.at("/organization/members"));
        await expectHeading(page, "Members");
        assert.equal(await scheme(), "dark");
        await page.getByRole("button", { name: /Your menu/ }).focus();
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        await pressOn(page.getByRole("radio", { name: "Light" }), "Space");
        await page.locator("html[data-mantine-color-scheme=light]").waitFor();
        await page.reload();
        await expectHeading(page, "Members");
        assert.equal(await scheme(), "light");
        await expectAccessible(page);
      },
      { look: "dark" },
    );
  });

  test("the menu of a person is accessible while it is open, and signs them out", async () => {
    await web.visit("nobody", async (page) => {
      await page.goto(web.at("/user/login?next=/organization/projects"));
      await page.fill("#email", web.demo.owner.email);
      await page.fill("#password", web.demo.owner.password);
      await page.keyboard.press("Enter");
      await expectHeading(page, "Projects");
      await page.getByRole("button", { name: /Your menu/ }).click();
      await page.getByText(`${web.demo.owner.email}, Owner`).waitFor();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("button", { name: "Sign out" }).isVisible(), false);
      assert.match((await page.locator(":focus").getAttribute("aria-label")) ?? "", /Your menu/);
      await page.keyboard.press("Enter");
      await pressOn(page.getByRole("button", { name: "Sign out" }), "Enter");
      await page.waitForURL(/\/user\/login/);
      await page.goto(web.at("/organization/projects"));
      assert.match(page.url(), /\/user\/login\?next=/);
    });
  });

  test("a session that ended leads to the sign-in page, and from there back to the same page", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/projects"));
        await expectHeading(page, "Projects");
        await page.context().clearCookies();
        await menuOf(page).getByRole("link", { name: "Sign-in log" }).click();
        await page.waitForURL(/\/user\/login/);
        assert.equal(
          new URL(page.url()).searchParams.get("next"),
          "/organization/security/sign-ins",
        );
      },
      { expects: /status of 401/ },
    );
  });

  test("a dialog takes the focus, keeps it, and gives it back to the button that opened it", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at("/organization/security/sso"));
      const opener = page.getByRole("button", { name: "Reset single sign-on" });
      for (const visit of ["loads the dialog", "finds it loaded"]) {
        await pressOn(opener, "Enter");
        const dialog = page.getByRole("dialog");
        await dialog.locator(":focus").waitFor();
        await expectAccessible(page);
        for (let step = 0; step < 8; step++) await page.keyboard.press("Tab");
        assert.equal(await dialog.locator(":focus").count(), 1, visit);
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "hidden" });
        assert.equal(await focusedText(page), "Reset single sign-on", visit);
      }
    });
  });

  test("a narrow window has its menu behind a button, which the keyboard opens and a link closes", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/members"));
        await expectHeading(page, "Members");
        assert.equal(await menuOf(page).isVisible(), false);
        await pressOn(page.getByRole("button", { name: "Open the menu" }), "Enter");
        await menuOf(page).getByRole("link", { name: "Settings" }).waitFor();
        await expectAccessible(page);
        await expectFits(page);
        await pressOn(menuOf(page).getByRole("link", { name: "Settings" }), "Enter");
        await expectHeading(page, "Settings");
        await menuOf(page).waitFor({ state: "hidden" });
      },
      { look: "narrow" },
    );
  });

  test("an address that is not there says so, and leads back", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/nothing"));
        await expectHeading(page, "Page not found");
        await expectAccessible(page);
        await page.getByRole("link", { name: "Go to the start page" }).click();
        await expectHeading(page, /SSO/);
      },
      { expects: /status of 404/ },
    );
  });

  test("a page whose file cannot be loaded says so inside the frame, and can be tried again", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/members"));
        await expectHeading(page, "Members");
        const pattern = "**/assets/activity-page-*.js";
        await page.route(pattern, (route) => route.abort());
        await menuOf(page).getByRole("link", { name: "Activity log" }).click();
        await expectHeading(page, "This page did not open");
        await expectAccessible(page);
        await page.unroute(pattern);
        await page.getByRole("button", { name: "Load the page again" }).click();
        await expectHeading(page, "Activity log");
      },
      { expects: /ERR_FAILED|dynamically imported module/ },
    );
  });

  test("axe finds nothing on any page of the menu, and each fits its window, in every look", async () => {
    await web.visit("owner", async (page) => {
      for (const path of entryPaths) {
        await page.goto(web.at(path));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await settled(page);
        await expectGoodInEveryLook(page);
      }
    });
  });

  test("a first visit loads less than 250 kB after gzip, whichever page it is", async () => {
    for (const path of entryPaths) {
      const sizes = new Map<string, number>();
      await web.visit("owner", async (page) => {
        const bodies: Promise<void>[] = [];
        page.on("response", (response) => {
          if (!response.url().includes("/organization/assets/")) return;
          const read = async () => {
            sizes.set(response.url(), gzipSync(await response.body(), { level: 9 }).length);
          };
          bodies.push(read());
        });
        await page.goto(web.at(path));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await settled(page);
        await Promise.all(bodies);
      });
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      assert.ok(sizes.size >= 3, `${path} loads ${sizes.size} files`);
      assert.ok(total < firstLoadBudget, `${path} loads ${total} bytes`);
    }
  });
});
