/**
 * The page about the Label Studio behind Labelgate, in a real browser. What the server says of a connected
 * one is answered here in its place; the API itself is tested in test/gateway/upstream-api.test.ts.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import {
  expectAccessible,
  expectGoodInEveryLook,
  expectHeading,
  startWeb,
  type Web,
} from "./web.ts";

const path = "/organization/label-studio";
const api = "**/api/labelgate/upstream";

const connected = {
  connected: true,
  url: "http://label-studio:8080",
  public_url: "https://labels.example.com",
  state: { phase: "ready", percent: null, message: "" },
  findings: [
    { level: "ok", text: "It is Label Studio 1.23.2." },
    { level: "problem", text: "The clocks differ by 12 seconds." },
  ],
  people: {
    count: 3,
    linked: 2,
    waiting: 1,
    problems: [
      { id: -4, email: "ann@acme.example", problem: "Two accounts fit.", is_undecided: true },
    ],
    former_addresses: [],
  },
  projects: {
    ...{ linked: 5, unassigned: 2, gone: 0, unlinked: 1 },
    to_link: [{ id: -7, title: "Chest X-ray", suggested: [12] }],
  },
  closed: { at: "2026-01-05T09:30:00Z", differences: [{ problem: "Account 2 is somebody else." }] },
  last_sync: { at: "2026-01-05T09:30:00Z" },
};

describe("the page about Label Studio", () => {
  let web: Web;
  before(async () => {
    web = await startWeb();
  });
  after(async () => {
    await web.stop();
  });

  /** Opens the page as of a server with a Label Studio; answers what the page sent. */
  async function open(page: Page): Promise<Map<string, unknown>> {
    const sent = new Map<string, unknown>();
    await page.route(api, async (route) => await route.fulfill({ json: connected }));
    await page.route(`${api}/*`, async (route) => {
      sent.set(route.request().url().split("/").at(-1) ?? "", route.request().postDataJSON());
      await route.fulfill({ status: 204, body: "" });
    });
    await page.goto(web.at(path));
    await expectHeading(page, "Label Studio");
    await page.getByText("The clocks differ by 12 seconds.").waitFor();
    return sent;
  }

  test("without a Label Studio it says so, and how to connect one", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(path));
      await page.getByRole("heading", { name: "No Label Studio is connected" }).waitFor();
      await page.getByText("UPSTREAM_URL=embedded").waitFor();
      await expectAccessible(page);
    });
  });

  test("whoever is no administrator does not find it in the menu", async () => {
    await web.visit("mateo", async (page) => {
      await page.goto(web.at("/organization/projects"));
      await expectHeading(page, "Projects");
      assert.equal(await page.getByRole("link", { name: "Label Studio" }).count(), 0);
    });
  });

  test("what is wrong stands before what is right", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const lines = await page.locator(".lg-findings li").allInnerTexts();
      assert.match(lines[0] ?? "", /Problem\s+The clocks differ/);
    });
  });

  test("a project of equal title is linked by a click, a person by the account's number", async () => {
    await web.visit("owner", async (page) => {
      const sent = await open(page);
      await page.getByRole("button", { name: "Link to project 12" }).click();
      await page.getByText("Chest X-ray is project 12 of Label Studio.").waitFor();
      assert.deepEqual(sent.get("link"), { project: -7, upstream_project: 12 });
      await page.getByLabel("Number of the Label Studio account of ann@acme.example").fill("31");
      await page.getByRole("button", { name: "Link", exact: true }).click();
      await page.getByText("ann@acme.example is linked to account 31.").waitFor();
      assert.deepEqual(sent.get("link"), { user: -4, upstream_user: 31 });
    });
  });

  test("another database is accepted by a typed word alone", async () => {
    await web.visit("owner", async (page) => {
      const sent = await open(page);
      await page.getByRole("button", { name: "Accept this database…" }).click();
      const button = page.getByRole("button", { name: "Accept the database", exact: true });
      assert.equal(await button.isDisabled(), true);
      await page.getByLabel("Type “accept” to confirm").fill("accept");
      await button.click();
      await button.waitFor({ state: "detached" });
      assert.deepEqual(sent.get("accept"), {});
    });
  });

  test("it fits and is accessible in every look", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      await expectGoodInEveryLook(page);
    });
  });
});

describe("many projects put into a workspace at once", () => {
  let web: Web;
  before(async () => {
    web = await startWeb();
  });
  after(async () => {
    await web.stop();
  });

  interface Sent {
    readonly projects: readonly number[];
    readonly workspace: number;
  }

  const radiology = { id: 5, title: "Radiology", is_archived: false };

  /** The list of projects as of a server with a Label Studio; answers what the page sent. */
  async function open(page: Page): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    await page.route("**/organization/projects*", async (route) => {
      if (route.request().resourceType() !== "document") return await route.fallback();
      const answer = await route.fetch();
      const text = await answer.text();
      const quoted = "&quot;studio_url&quot;:";
      assert.ok(text.includes(`${quoted}null`));
      const body = text.replace(
        `${quoted}null`,
        `${quoted}&quot;${web.at("/").slice(0, -1)}&quot;`,
      );
      await route.fulfill({ response: answer, body });
    });
    await page.route(`${api}/*`, async (route) => {
      const body: Sent = route.request().postDataJSON();
      sent.push(body);
      await route.fulfill({ json: { assigned: body.projects.length } });
    });
    const workspaces = { count: 1, next: null, previous: null, results: [radiology] };
    await page.route(/\/api\/workspaces\/?\?/, async (route) => {
      await route.fulfill({ json: workspaces });
    });
    await page.goto(web.at("/organization/projects"));
    await expectHeading(page, "Projects");
    await page.getByText("None selected").waitFor();
    return sent;
  }

  test("projects are chosen by their boxes and assigned by the keyboard, after a question that names what is lost", async () => {
    await web.visit("owner", async (page) => {
      const sent = await open(page);
      const boxes = page.getByRole("checkbox", { name: /^Select #/ });
      await boxes.first().waitFor();
      assert.ok((await boxes.count()) >= 2);
      await boxes.first().focus();
      await page.keyboard.press("Space");
      await page.getByText("1 selected").waitFor();
      const whole = page.getByRole("checkbox", { name: "Select all on this page" });
      await whole.click();
      const count = await boxes.count();
      await page.getByText(`${count} selected`).waitFor();
      await page.getByRole("button", { name: "Assign to a workspace…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/by its former workspace\s+alone loses it/).waitFor();
      await dialog.getByRole("button", { name: "Take out of any workspace" }).waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      assert.equal(sent.length, 0, "nothing is done before it is confirmed");
      await page.getByText(`${count} selected`).waitFor();
      await page.getByRole("button", { name: "Assign to a workspace…" }).click();
      await dialog.getByRole("combobox", { name: "Workspace" }).click();
      await page.getByRole("option", { name: "Radiology" }).click();
      await dialog.getByRole("button", { name: "Assign", exact: true }).click();
      await page.getByText(new RegExp(`${count} projects assigned to `)).waitFor();
      await page.getByText("None selected").waitFor();
      assert.equal(sent.length, 1);
      const { projects = [], workspace = 0 } = sent[0] ?? {};
      assert.equal(new Set(projects).size, count);
      assert.equal(workspace, radiology.id);
    });
  });

  test("list and question fit and are accessible in every look", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      await page.getByRole("checkbox", { name: "Select all on this page" }).click();
      await page.getByText(/[1-9] selected/).waitFor();
      await expectGoodInEveryLook(page);
      await page.getByRole("button", { name: "Assign to a workspace…" }).click();
      await page
        .getByRole("dialog")
        .getByText(/one workspace at most/)
        .waitFor();
      await expectGoodInEveryLook(page);
    });
  });

  test("whoever is no administrator has no boxes", async () => {
    await web.visit("mateo", async (page) => {
      await page.goto(web.at("/organization/projects"));
      await expectHeading(page, "Projects");
      await page.getByLabel("Search projects").waitFor();
      assert.equal(await page.getByRole("checkbox").count(), 0);
    });
  });
});
