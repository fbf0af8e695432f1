/**
 * What administrators read and what they connect, in a real browser: the sign-in log with the story of an
 * attempt, the page of SCIM from a token to a revoked one, the activity log with its export.
 */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import {
  expectAccessible,
  expectGoodInEveryLook,
  expectHeading,
  pressOn,
  settled,
  startWeb,
  type Web,
} from "./web.ts";

const signInsPath = "/organization/security/sign-ins";
const scimPath = "/organization/security/scim";
const activityPath = "/organization/activity";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

interface Token {
  readonly id: number;
  readonly is_active: boolean;
}

describe("logs and provisioning in a browser", () => {
  let web: Web;
  before(async () => {
    web = await startWeb();
    // Somebody from outside the domain is refused, and so is whoever comes without an e-mail address.
    await signOn("olga");
    await web.api("POST", "/api/saml/settings", { mapping_email: "Mail" });
    await signOn("anna");
    await web.api("POST", "/api/saml/settings", { mapping_email: null });
    await signOn("mateo");
    await signOn("casey");
  });
  after(async () => {
    await web.stop();
  });

  /** One sign-in of a person of the demo, however it ends. */
  async function signOn(key: string): Promise<void> {
    const context = await web.browser.newContext();
    const page = await context.newPage();
    await page.goto(web.demo.loginUrl);
    await page.locator(`form:has(input[value="${key}"]) button`).click();
    await page.waitForURL(`${web.demo.origin}/**`);
    await context.close();
  }

  async function openStory(page: Page, row: RegExp): Promise<void> {
    await page.goto(web.at(signInsPath));
    await page.getByRole("row", { name: row }).last().getByRole("link").click();
    await expectHeading(page, /^Sign-in /);
    await page.getByRole("heading", { name: "The request" }).waitFor();
  }

  const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
  const cells = (page: Page, name: string) => page.getByRole("cell", { name });

  /** A request of an identity provider; answers its status, and the body where there is one. */
  async function provision(token: string, method: string, path: string, body?: object) {
    const response = await fetch(web.at(`/scim/v2${path}`), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === "" ? {} : (JSON.parse(text) as { readonly id?: string });
    return { status: response.status, id: answer.id ?? "" };
  }

  /** No token is active, whatever tests before left. */
  async function endTokens(): Promise<void> {
    const tokens = (await web.api("GET", "/api/scim/tokens")) as readonly Token[];
    for (const { id, is_active: isActive } of tokens) {
      if (isActive) await web.api("DELETE", `/api/scim/tokens/${id}`);
    }
  }

  /** Makes a token on the page as it stands open; answers the secret that is shown. */
  async function makeToken(page: Page, name: string): Promise<string> {
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("button", { name: "Make the token" }).click();
    const token = await page.getByRole("textbox", { name: "Token", exact: true }).inputValue();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    return token;
  }

  test("the log tells in words why somebody was refused, and the story what to change", async () => {
    await web.visit("owner", async (page) => {
      await openStory(page, /No e-mail address came/);
      await page.getByText("Refused: no e-mail address came.").waitFor();
      await page.getByText(/It has "Email": if that is meant, set mapping_email to it/).waitFor();
      const found = section(page, "What the check found");
      assert.match(await found.innerText(), /Attribute looked for\s+Mail/);
      assert.match(await section(page, "What changed").innerText(), /everything stayed as it was/);
      await page.getByRole("link", { name: "All attempts refused for this" }).click();
      await expectHeading(page, "Sign-in log");
      await cells(page, "No e-mail address came").waitFor();
      assert.equal(await page.getByRole("row").count(), 2);
      assert.equal(new URL(page.url()).search, "?code=saml_email_missing");
    });
  });

  test("the story of an admitted person groups the rules, and leads to what they may do and why", async () => {
    await web.visit("owner", async (page) => {
      await openStory(page, /mateo@acme.example/);
      await page.getByText("The response was accepted, and a session was opened.").waitFor();
      const why = section(page, "Why");
      assert.deepEqual(await why.getByRole("heading", { level: 3 }).allInnerTexts(), [
        ...["Account", "Role", "Workspaces"],
      ]);
      assert.match(await why.innerText(), /The group "LS-Managers" is mapped to Manager/);
      assert.match(await section(page, "Who came").innerText(), /LS-Radiology/);
      assert.match(
        await section(page, "What changed").innerText(),
        /Joins the workspace Radiology/,
      );
      await page.getByRole("link", { name: "What this person may do, and why" }).click();
      await page.waitForURL(/\/organization\/members\/\d+$/);
    });
  });

  test("a group in wrong case is told at the head of the reasons", async () => {
    await web.visit("owner", async (page) => {
      await openStory(page, /casey@acme.example/);
      const [first] = await section(page, "Why").getByRole("listitem").allInnerTexts();
      assert.match(first ?? "", /"ls-reviewers" is mapped to nothing, but "LS-Reviewers" is/);
    });
  });

  test("the log is filtered by keyboard alone, and the filter can be shared and cleared", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(signInsPath));
      await page.getByRole("combobox", { name: "Result" }).focus();
      await page.keyboard.press("R");
      await cells(page, "Refused").first().waitFor();
      await page.waitForURL(/outcome=refused/);
      await page.getByRole("combobox", { name: "E-mail" }).focus();
      await page.keyboard.type("Olga@elsewhere.example");
      await page.keyboard.press("Enter");
      await page.waitForURL(/email=Olga/);
      await page.reload();
      await cells(page, "olga@elsewhere.example").waitFor();
      assert.equal(await page.getByRole("row").count(), 2);
      await pressOn(page.getByRole("button", { name: "Clear filters" }), "Enter");
      await cells(page, "mateo@acme.example").waitFor();
      assert.equal(new URL(page.url()).search, "");
    });
  });

  test("what strangers post is marked, told in its story and left out by the filter", async () => {
    const { acs_url: acsUrl } = (await web.api("GET", "/api/saml/settings")) as {
      readonly acs_url: string;
    };
    const body = new URLSearchParams({ SAMLResponse: "AAAA" });
    await fetch(acsUrl, { method: "POST", body, redirect: "manual" });
    await web.visit("owner", async (page) => {
      await openStory(page, /\(not signed\)/);
      const request = section(page, "The request");
      assert.match(await request.innerText(), /By no key that is trusted here/);
      await page.goto(web.at(signInsPath));
      await page
        .getByRole("combobox", { name: "Signature" })
        .selectOption("Signed by the provider");
      await page.waitForURL(/signed=true/);
      await cells(page, "(not signed)").waitFor({ state: "detached" });
      await cells(page, "mateo@acme.example").waitFor();
    });
  });

  test("a reference that the person reads out finds the attempt, in small letters too", async () => {
    const { results } = (await web.api("GET", "/api/saml/sign-ins?email=casey@acme.example")) as {
      readonly results: readonly { readonly reference: string }[];
    };
    const reference = results[0]?.reference ?? "";
    await web.visit("owner", async (page) => {
      await page.goto(web.at(signInsPath));
      await page.getByRole("textbox", { name: "Reference" }).fill(` ${reference.toLowerCase()} `);
      await page.keyboard.press("Enter");
      await page.waitForURL(/reference=/);
      await cells(page, "mateo@acme.example").waitFor({ state: "detached" });
      await page.getByRole("link", { name: reference }).waitFor();
      assert.equal(await page.getByRole("row").count(), 2);
      await page.getByRole("textbox", { name: "Reference" }).fill("nothing");
      await page.keyboard.press("Enter");
      await page.getByText("No attempt is like that.").waitFor();
      await page.goto(web.at(`${signInsPath}/NOTHING`));
      await page.getByText("The log has no attempt with this reference.").waitFor();
    });
  });

  test("a long log is read page by page, each with an address, and Back goes back", async () => {
    await web.visit("owner", async (page) => {
      for (let count = 0; count < 4; count += 1) await signOn("casey");
      // Pages of three, so that there are several.
      await page.route("**/api/saml/sign-ins?**", async (route) => {
        const url = new URL(route.request().url());
        url.searchParams.set("page_size", "3");
        await route.continue({ url: url.href });
      });
      await page.goto(web.at(signInsPath));
      await page.getByRole("row").nth(3).waitFor();
      const newest = await page.getByRole("link", { name: /^[0-9A-Zx]{11}$/ }).allInnerTexts();
      await page.getByRole("button", { name: "Older" }).click();
      await page.waitForURL(/before=\d+/);
      await page.getByRole("link", { name: newest[0] ?? "?" }).waitFor({ state: "detached" });
      await page.goBack();
      await page.getByRole("link", { name: newest[0] ?? "?" }).waitFor();
      await page.goForward();
      await page.getByRole("button", { name: "Newest" }).click();
      await page.getByRole("link", { name: newest[0] ?? "?" }).waitFor();
    });
  });

  test("a token is made, shown once, used, seen in the log of requests, revoked and refused", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(scimPath));
      const url = await page.getByRole("textbox", { name: "Base URL" }).inputValue();
      assert.equal(url, web.at("/scim/v2"));
      await page.getByText("No identity provider has asked anything yet.").waitFor();
      const token = await makeToken(page, "First");
      assert.match(token, /^lgscim_/);
      assert.ok(!(await page.content()).includes(token), "the secret is gone from the page");
      const made = await provision(token, "POST", "/Users", {
        schemas: [userSchema],
        userName: "zoe@acme.example",
      });
      assert.equal(made.status, 201);
      const patched = await provision(token, "PATCH", `/Users/${made.id}`, {
        schemas: [patchSchema],
        Operations: [{ op: "Replace", path: "active", value: "False" }],
      });
      assert.equal(patched.status, 200);
      assert.equal((await provision(token, "GET", "/Users/nobody")).status, 404);
      const log = section(page, "Requests of the last 30 days");
      await log.getByRole("button", { name: "Refresh" }).click();
      await log.getByText("Tolerated: A boolean is sent as text.").waitFor();
      await log.getByRole("combobox", { name: "Result" }).selectOption("Refused");
      await page.waitForURL(/result=refused/);
      await log.getByText("There is no such user.").waitFor();
      await log.getByText("Tolerated:").first().waitFor({ state: "detached" });
      assert.equal(await log.getByRole("row").count(), 2);

      await page.getByRole("button", { name: "Revoke First" }).click();
      const dialog = page.getByRole("dialog", { name: "Revoke the token First?" });
      const confirm = dialog.getByRole("button", { name: "Revoke the token" });
      assert.equal(await confirm.isDisabled(), true);
      await expectAccessible(page);
      await dialog.getByRole("textbox").fill("revoke");
      await confirm.click();
      await page.getByText("No token is active.").waitFor();
      assert.equal((await provision(token, "GET", "/Users")).status, 401);
      await page.getByRole("button", { name: "Show 1 that ended" }).click();
      await cells(page, "Revoked").waitFor();
    });
  });

  test("two tokens may be active, a third has to wait; all by keyboard", async () => {
    await endTokens();
    await web.visit("owner", async (page) => {
      await page.goto(web.at(scimPath));
      for (const name of ["Old", "New"]) {
        await pressOn(page.getByRole("button", { name: "Make a token" }), "Enter");
        await page.locator("input:focus").waitFor();
        await page.locator("input:focus").pressSequentially(name);
        await page.keyboard.press("Enter");
        await page.getByText("Copy it now.").waitFor();
        await page.locator("input[readonly]:focus").waitFor();
        // A slip of the keyboard does not lose the secret.
        await page.keyboard.press("Escape");
        await pressOn(page.getByRole("button", { name: "I have copied it" }), "Enter");
        await page.getByRole("dialog").waitFor({ state: "hidden" });
        await page.getByRole("rowheader", { name }).waitFor();
      }
      await page.getByText("Two tokens are active, which is as many as there may be.").waitFor();
      assert.equal(await page.getByRole("button", { name: "Make a token" }).isDisabled(), true);
      await pressOn(page.getByRole("button", { name: "Revoke Old" }), "Enter");
      // A dialog takes the focus as it opens; a key pressed before that is somebody else's.
      await page.locator("[role=dialog] *:focus").waitFor();
      // One stays, so that a click is enough.
      await pressOn(
        page.getByRole("dialog").getByRole("button", { name: "Revoke the token" }),
        "Enter",
      );
      await page.getByRole("rowheader", { name: "Old" }).waitFor({ state: "detached" });
      assert.equal(await page.getByRole("button", { name: "Make a token" }).isDisabled(), false);
    });
  });

  test("a token without a name is refused in its field, and what was typed stays", async () => {
    await endTokens();
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at(scimPath));
        await page.getByRole("button", { name: "Make a token" }).click();
        await page.getByRole("combobox", { name: "Expires" }).selectOption("Never");
        await page.getByRole("button", { name: "Make the token" }).click();
        await page.getByText("Give a name of 1 to 100 characters.").waitFor();
        await expectAccessible(page);
        assert.equal(await page.getByRole("combobox", { name: "Expires" }).inputValue(), "");
      },
      { expects: /status of 400/ },
    );
  });

  test("mappings of pushed groups are previewed, saved, and apply at once", async () => {
    await endTokens();
    await web.visit("owner", async (page) => {
      await page.goto(web.at(scimPath));
      const token = await makeToken(page, "Groups");
      const yuki = { schemas: [userSchema], userName: "yuki@acme.example" };
      const { id } = await provision(token, "POST", "/Users", yuki);
      const group = { schemas: [groupSchema], displayName: "Leads", members: [{ value: id }] };
      assert.equal((await provision(token, "POST", "/Groups", group)).status, 201);

      const mappings = section(page, "What pushed groups give");
      await mappings
        .getByRole("button", { name: /Add mapping/ })
        .first()
        .click();
      await mappings
        .getByRole("combobox", { name: /^Role of mapping/ })
        .first()
        .selectOption("Manager");
      await mappings
        .getByRole("combobox", { name: /^Group of mapping/ })
        .first()
        .fill("Leads");
      await page.keyboard.press("Tab");
      await mappings.getByRole("button", { name: "Preview and save" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("yuki@acme.example").first().waitFor();
      await dialog.getByRole("button", { name: "Save the mappings" }).click();
      await page.getByText("The mappings are saved").waitFor();
      await dialog.waitFor({ state: "hidden" });
      await page.getByText("SAML and SCIM do not agree on roles.").waitFor();
      await expectAccessible(page);

      const organization = (await web.api("GET", "/api/organizations")) as readonly {
        readonly id: number;
      }[];
      const members = (await web.api(
        "GET",
        `/api/organizations/${organization[0]?.id}/memberships?search=yuki`,
      )) as { readonly results: readonly { readonly role: string }[] };
      assert.equal(members.results[0]?.role, "MA");
    });
  });

  test("leaving with unsaved mappings asks first", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(scimPath));
      const mappings = section(page, "What pushed groups give");
      await mappings
        .getByRole("button", { name: /Add mapping/ })
        .first()
        .click();
      await mappings
        .getByRole("combobox", { name: /^Group of mapping/ })
        .last()
        .fill("Others");
      await page.keyboard.press("Tab");
      await page.getByRole("link", { name: "Projects" }).click();
      await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
      await pressOn(page.getByRole("button", { name: "Stay here" }), "Enter");
      await expectHeading(page, "SCIM");
      await page.getByRole("button", { name: "Discard the changes" }).click();
      await page.getByRole("link", { name: "Projects" }).click();
      await expectHeading(page, "Projects");
    });
  });

  test("the steps of each provider stand under its name, and the choice has an address", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(`${scimPath}?provider=entra`));
      await page.getByText("Tenant URL").waitFor();
      const steps = page.getByRole("combobox", { name: "Steps at" });
      for (const name of ["Okta", "OneLogin", "PingOne", "JumpCloud", "authentik", "Keycloak"]) {
        await steps.selectOption(name);
        await page.getByRole("heading", { name: `At ${name}` }).waitFor();
      }
      await page.waitForURL(/provider=keycloak/);
    });
  });

  test("the activity log is filtered and exported as it is filtered", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(activityPath));
      const revoked = page.getByRole("row", { name: /SCIM token revoked/ }).last();
      await revoked.getByText("Details").click();
      await revoked.getByText("Name: First").waitFor();
      await page.getByRole("combobox", { name: "Method" }).selectOption("POST");
      await page.getByRole("textbox", { name: "Words of the path" }).fill("saml OR nothing");
      await page.keyboard.press("Enter");
      await page.waitForURL(/search=saml/);
      // The method alone takes the revoked token away; the rows are those of both filters after this.
      await settled(page);
      await page.locator("[data-busy]").waitFor({ state: "detached" });
      assert.equal(await page.getByText("SCIM token revoked").count(), 0);
      const count = await page.locator("tbody tr").count();
      assert.ok(count >= 2);
      const row = page.getByRole("row", { name: /\/api\/saml\/settings/ }).first();
      await row.getByText("Details").click();
      await row.getByText("Setting: mapping email").waitFor();
      await expectAccessible(page);
      const lines = await download(page, "Export as JSON lines");
      assert.equal(lines.length, count);
      for (const line of lines) assert.match(JSON.parse(line).request_url, /saml/);
      const table = await download(page, "Export as CSV");
      assert.equal(table.length, count + 1);
      assert.match(table[0] ?? "", /^id,datetime,/);
    });
  });

  test("the activity log is narrowed to a person and to days where the reader is", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(activityPath));
      await page.getByRole("combobox", { name: "Person" }).fill("own");
      await page.getByRole("option", { name: web.demo.owner.email }).click();
      await page.waitForURL(/email=owner/);
      await page.getByRole("link", { name: web.demo.owner.email }).first().waitFor();
      await page.getByLabel("To", { exact: true }).fill("2020-01-31");
      await page.getByText("Nothing is like that.").waitFor();
      await page.getByRole("button", { name: "Clear filters" }).click();
      await page.getByRole("link", { name: web.demo.owner.email }).first().waitFor();
      assert.equal(new URL(page.url()).search, "");
    });
  });

  test("every moment stands in the reader's own time, exactly on hover", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at(activityPath));
      const time = page.locator("tbody time").first();
      const at = (await time.getAttribute("datetime")) ?? "";
      const title = (await time.getAttribute("title")) ?? "";
      assert.match(title, new RegExp(`${new Date(at).getFullYear()}.*:\\d\\d:\\d\\d`));
    });
  });

  test("axe finds nothing on these pages as they are filled, and each fits its window, in every look", async () => {
    await web.visit("owner", async (page) => {
      for (const path of [signInsPath, `${scimPath}?provider=okta`, activityPath]) {
        await page.goto(web.at(path));
        await page.getByRole("row").nth(1).waitFor();
        await settled(page);
        await expectGoodInEveryLook(page);
      }
      for (const row of [/No e-mail address came/, /casey@acme.example/, /olga@/]) {
        await openStory(page, row);
        await expectGoodInEveryLook(page);
      }
    });
  });
});

/** The lines of the file that the link downloads. */
async function download(page: Page, name: string): Promise<readonly string[]> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name }).click(),
  ]);
  const content = await text(await file.createReadStream());
  return content.trim().split(/\r?\n/);
}
