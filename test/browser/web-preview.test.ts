/**
 * Group mappings in a real browser: edited with slips told in place, previewed, saved; and what a
 * sign-in would come to, by a test with the identity provider and by a pasted response (PRODUCT 8).
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import {
  expectAccessible,
  expectGoodInEveryLook,
  expectHeading,
  pressOn,
  startWeb,
  type Web,
} from "./web.ts";

interface Settings {
  readonly roles_groups: readonly (readonly [string, string])[];
  readonly workspaces_groups: readonly (readonly [string, string])[];
  readonly projects_groups: readonly { readonly project_id: number; readonly group: string }[];
}

interface SignIn {
  readonly reference: string;
  readonly email: string;
  readonly changes: readonly { readonly kind: string; readonly to?: string }[];
}

describe("mappings, tests and inspection in a browser", () => {
  let web: Web;
  let initial: object;
  before(async () => {
    web = await startWeb();
    const saved = (await web.api("GET", "/api/saml/settings")) as Settings;
    const { roles_groups, workspaces_groups, projects_groups } = saved;
    initial = { roles_groups, workspaces_groups, projects_groups, manual_role_management: null };
    for (const person of ["ada", "mateo", "anna", "casey"] as const) {
      await web.visit(person, async () => undefined);
    }
  });
  after(async () => {
    await web.stop();
  });
  beforeEach(async () => {
    await web.api("POST", "/api/saml/settings", initial);
  });

  const settings = async () => (await web.api("GET", "/api/saml/settings")) as Settings;

  const lastSignIn = async () => {
    const log = (await web.api("GET", "/api/saml/sign-ins")) as { results: readonly SignIn[] };
    const [last] = log.results;
    assert.ok(last);
    return last;
  };

  const openEditor = async (page: Page): Promise<Locator> => {
    await page.goto(web.at("/organization/security/sso"));
    await page.getByRole("button", { name: "Edit: What groups give" }).click();
    const groups = page.locator("#groups");
    await groups.getByRole("button", { name: "Add mapping to projects" }).waitFor();
    return groups;
  };
  const tableOf = (page: Page, name: string) => page.getByRole("region", { name });
  const field = (table: Locator, name: string) => table.getByLabel(name, { exact: true });

  /** Signs somebody on once more, in a window of its own; where they end. */
  const signOn = async (person: string): Promise<string> => {
    let ended = "";
    await web.visit(
      "nobody",
      async (page) => {
        await page.goto(web.demo.loginUrl);
        await page.locator(`form:has(input[value="${person}"]) button`).click();
        await page.waitForURL(`${web.demo.origin}/**`);
        ended = page.url();
      },
      { expects: /status of 403/ },
    );
    return ended;
  };

  /** A response of the demo's signer, caught on its way to the ACS. */
  const responseFor = async (person: string): Promise<string> => {
    let caught = "";
    await web.visit(
      "nobody",
      async (page) => {
        const posted = page.waitForRequest((request) => request.url().endsWith("/acs"));
        await page.route("**/acs", async (route) => await route.abort());
        await page.goto(web.demo.loginUrl);
        await page.locator(`form:has(input[value="${person}"]) button`).click();
        const body = new URLSearchParams((await posted).postData() ?? "");
        caught = body.get("SAMLResponse") ?? "";
      },
      { expects: /ERR_FAILED/ },
    );
    assert.notEqual(caught, "");
    return caught;
  };

  test("an administrator sees who loses access, types the confirmation, saves, and the next sign-on says why", async () => {
    await web.api("POST", "/api/saml/settings", { manual_role_management: false });
    await web.visit("owner", async (page) => {
      const groups = await openEditor(page);
      await page.getByRole("button", { name: "Remove mapping 1, LS-Admins" }).click();
      await groups.getByRole("button", { name: "Save", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Who gains and loses what" });
      const people = dialog.getByRole("list", { name: "People who change" });
      const first = people.getByRole("listitem").first();
      await first.getByText("Administrator → Deactivated").waitFor();
      assert.match(await first.innerText(), /Ada Okafor.*Loses all access/s);
      await first.getByText("Why").click();
      await first.getByText(/None of the groups is mapped to a role/).waitFor();
      const save = dialog.getByRole("button", { name: "Save the mappings" });
      await expectAccessible(page);
      assert.equal(await save.isDisabled(), true);
      await dialog.getByLabel("Type “remove access” to confirm").fill("remove access");
      await save.click();
      await dialog.waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Edit: What groups give" }).waitFor();
      assert.ok(!(await settings()).roles_groups.some(([, group]) => group === "LS-Admins"));
    });
    await signOn("ada");
    await web.visit("owner", async (page) => {
      await page.goto(web.at(`/organization/security/sign-ins/${(await lastSignIn()).reference}`));
      await expectHeading(page, "Sign-in of ada@acme.example");
      await page.getByText(/None of the groups is mapped to a role/).waitFor();
    });
    await web.api("POST", "/api/saml/settings", initial);
    await signOn("ada");
  });

  test("going back from the preview saves nothing and keeps what was typed", async () => {
    await web.visit("owner", async (page) => {
      const groups = await openEditor(page);
      const before = await settings();
      const roles = tableOf(page, "Organization roles");
      await field(roles, "Role of mapping 2").selectOption("Reviewer");
      await groups.getByRole("button", { name: "Preview" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("Manager → Reviewer").waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      assert.equal(await field(roles, "Role of mapping 2").inputValue(), "Reviewer");
      assert.deepEqual(await settings(), before);
    });
  });

  test("a group in the wrong case is found, mended by its hint, and counts at the next sign-on", async () => {
    await web.visit("owner", async (page) => {
      const groups = await openEditor(page);
      const hint = groups.getByText(/“ls-reviewers” was seen \(1 member\), “LS-Reviewers” never/);
      await hint.waitFor();
      await expectAccessible(page);
      await groups.getByRole("button", { name: "Use ls-reviewers" }).click();
      await hint.waitFor({ state: "detached" });
      await groups.getByRole("button", { name: "Save", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("Annotator → Reviewer").waitFor();
      await dialog.getByRole("button", { name: "Save the mappings" }).click();
      await page.getByRole("button", { name: "Edit: What groups give" }).waitFor();
    });
    await signOn("casey");
    const { email, changes } = await lastSignIn();
    const changed = changes.find(({ kind }) => kind === "role_changed");
    assert.deepEqual([email, changed?.to], ["casey@acme.example", "RE"]);
  });

  test("removed mappings come back where they stood, one by one, and the focus stays at hand", async () => {
    await web.visit("owner", async (page) => {
      await openEditor(page);
      const roles = tableOf(page, "Organization roles");
      await pressOn(roles.getByRole("button", { name: "Remove mapping 1, LS-Admins" }), "Enter");
      assert.equal(await focusedLabel(page), "Remove mapping 1, LS-Managers");
      await page.keyboard.press("Enter");
      await roles.getByText("Removed the mapping of LS-Managers.").waitFor();
      await pressOn(roles.getByRole("button", { name: /^Undo/ }), "Enter");
      assert.equal(await focusedLabel(page), "Remove mapping 1, LS-Managers");
      await pressOn(roles.getByRole("button", { name: /^Undo/ }), "Enter");
      assert.equal(await field(roles, "Group of mapping 1").inputValue(), "LS-Admins");
      assert.equal(await field(roles, "Group of mapping 2").inputValue(), "LS-Managers");
      assert.equal(await roles.getByRole("button", { name: /^Undo/ }).count(), 0);
    });
  });

  test("keyboard alone maps a group that was seen, an existing workspace, a new one and a project", async () => {
    await web.visit("owner", async (page) => {
      const groups = await openEditor(page);
      await pressOn(
        groups.getByRole("button", { name: "Add mapping to organization roles" }),
        "Enter",
      );
      await page.keyboard.press("Tab");
      await page.keyboard.type("chest");
      await page.getByRole("option", { name: /^LS-Chest-X-Ray\s/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await pressOn(groups.getByRole("button", { name: "Add mapping to workspaces" }), "Enter");
      await page.keyboard.type("radiology");
      await pressOn(groups.getByRole("button", { name: "Use Radiology" }), "Enter");
      await pressOn(groups.getByRole("button", { name: "Add mapping to workspaces" }), "Enter");
      await page.keyboard.type("Cardiology");
      await groups.getByText("New: will be created at the first sign-on.").waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.type("LS-Cardiology");
      await field(tableOf(page, "Workspaces"), "Group of mapping 3").fill("LS-Cardiology");
      await pressOn(groups.getByRole("button", { name: "Add mapping to projects" }), "Enter");
      await page.keyboard.type("skin");
      await page.getByRole("option", { name: /Skin lesions/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.type("LS-Skin");
      await page.keyboard.press("Escape");
      await pressOn(groups.getByRole("button", { name: "Save", exact: true }), "Enter");
      // Nobody gains or loses anything by it, so that there is nothing to look at first.
      await page.getByRole("button", { name: "Edit: What groups give" }).waitFor();
    });
    const saved = await settings();
    assert.deepEqual(saved.roles_groups.at(-1), ["Annotator", "LS-Chest-X-Ray"]);
    assert.deepEqual(saved.workspaces_groups.slice(2), [
      ["Radiology", "LS-Cardiology"],
      ["Cardiology", "LS-Cardiology"],
    ]);
    assert.equal(saved.projects_groups.at(-1)?.group, "LS-Skin");
  });

  test("what the server refuses, and what repeats or loses, stands at its row", async () => {
    await web.visit(
      "owner",
      async (page) => {
        const groups = await openEditor(page);
        const roles = tableOf(page, "Organization roles");
        await field(roles, "Group of mapping 4").fill("LS-Admins");
        await roles.getByText("The group gives Administrator too, and the most elevated").waitFor();
        await field(roles, "Role of mapping 4").selectOption("Administrator");
        await roles.getByText("This mapping stands further up already.").waitFor();
        await roles.getByRole("button", { name: "Add mapping" }).click();
        await groups.getByRole("button", { name: "Add mapping to projects" }).click();
        await groups.getByRole("button", { name: "Preview" }).click();
        await roles.getByText("Name a group.").waitFor();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await tableOf(page, "Projects").getByText("Choose a project.").waitFor();
        await expectAccessible(page);
        assert.equal(await roles.locator("[aria-invalid=true]").count(), 1);
        await field(roles, "Group of mapping 5").fill("LS-New");
        await roles.getByText("Name a group.").waitFor({ state: "detached" });
      },
      { expects: /status of 400/ },
    );
  });

  test("a thousand mappings are drawn a page at a time, and found by their text", async () => {
    const group = (number: number) => `LS-Team-${String(number).padStart(4, "0")}`;
    await web.api("POST", "/api/saml/settings", {
      roles_groups: Array.from({ length: 1000 }, (_, index) => ["Annotator", group(index + 1)]),
    });
    await web.visit("owner", async (page) => {
      await openEditor(page);
      const roles = tableOf(page, "Organization roles");
      assert.equal(await roles.getByRole("listitem").count(), 20);
      await roles.getByRole("searchbox").fill("team-0777");
      await field(roles, "Group of mapping 777").waitFor();
      assert.equal(await roles.getByRole("listitem").count(), 1);
      await field(roles, "Group of mapping 777").fill("Renamed");
      await roles.getByRole("button", { name: "Add mapping" }).click();
      assert.equal(await roles.getByRole("searchbox").inputValue(), "");
      await field(roles, "Group of mapping 1001").waitFor();
      assert.match(await roles.innerText(), /1,001–1,001 of 1,001/);
    });
  });

  test("a pasted response is told check by check, and nothing of it is kept", async () => {
    const pasted = await responseFor("ravi");
    const before = await web.api("GET", "/api/saml/sign-ins");
    await web.visit("owner", async (page) => {
      await page.goto(web.at("/organization/security/inspect"));
      await page.getByLabel("SAMLResponse").fill(pasted);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByText("ravi@acme.example would be signed in as Reviewer.").waitFor();
      await page.getByText(/It was read as base64, and says that it was issued on/).waitFor();
      await page
        .getByText(/"LS-Annotators" is mapped to Annotator, but the more elevated/)
        .waitFor();
      await page.getByText("Joins the project Chest X-ray as Reviewer, by SAML.").waitFor();
      await expectAccessible(page);
      assert.equal((await page.getByText(/^\. Passed\.$/).count()) > 15, true);

      const xml = Buffer.from(pasted, "base64").toString("utf8");
      await page.getByLabel("SAMLResponse").fill(xml.replace("LS-Reviewers", "LS-Admins"));
      await page.getByRole("button", { name: "Inspect" }).click();
      await page.getByText(/The sign-on would be refused: the message was changed/).waitFor();
      assert.equal(await page.getByText(/^\. Failed\.$/).count(), 1);

      await page.getByLabel("SAMLResponse").fill("not a message");
      await page.getByRole("button", { name: "Inspect" }).click();
      await page.getByText(/No message was found in the text/).waitFor();
      await page.getByRole("button", { name: "Clear" }).click();
      assert.equal(await page.getByRole("heading", { name: "Checks" }).count(), 0);
    });
    assert.deepEqual(await web.api("GET", "/api/saml/sign-ins"), before);
  });

  test("an empty field is told at the field", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/security/inspect"));
        await page.getByRole("button", { name: "Inspect" }).click();
        await page.getByText("Paste a SAMLResponse.").waitFor();
        await expectAccessible(page);
      },
      { expects: /status of 400/ },
    );
  });

  test("a test sign-on is waited for, and told when it is answered in another window", async () => {
    await web.visit("owner", async (page) => {
      const asked = { roles_groups: [["Reviewer", "LS-Radiology"]] };
      const testSignIn = await web.api("POST", "/api/saml/settings/test", asked);
      const { id } = testSignIn as { id: string };
      await page.goto(web.at(`/organization/security/sso/test/${id}`));
      await page.getByText("The identity provider has not answered yet.").waitFor();
      await expectAccessible(page);
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.getByRole("link", { name: "Go to the identity provider" }).click();
      await other.locator(`form:has(input[value="mateo"]) button`).click();
      await page.getByText("mateo@acme.example would be signed in as Reviewer.").waitFor();
      await page.getByText(/judged by settings that are not saved/).waitFor();
      await page.getByText("The role changes from Manager to Reviewer, by SAML.").waitFor();
      await expectAccessible(page);
      await other.goto(web.at("/organization/security/sso"));
      await expectHeading(other, "SSO & SAML");
    });
  });

  test("a refused test names the check and what to do; a test that is gone offers another", async () => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at("/organization/security/sso/test/nothing"));
        await page.getByText("This test is over.").waitFor();
        await page.getByRole("button", { name: "Test the saved settings again" }).click();
        await page.locator(`form:has(input[value="olga"]) button`).click();
        await page.getByText(/The sign-on would be refused: the e-mail's domain/).waitFor();
        await page.getByText("What to do:").waitFor();
        await page.getByRole("link", { name: "Inspect a response" }).waitFor();
      },
      { expects: /status of 404/ },
    );
  });

  test("the pages are accessible and fit, in every look", async () => {
    const pasted = await responseFor("mateo");
    await web.visit("owner", async (page) => {
      await openEditor(page);
      await page.getByText("“ls-reviewers” was seen").waitFor();
      await expectGoodInEveryLook(page);
      await field(tableOf(page, "Organization roles"), "Role of mapping 2").selectOption(
        "Reviewer",
      );
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("Manager → Reviewer").waitFor();
      await expectGoodInEveryLook(page);
      await page.goto(web.at("/organization/security/inspect"));
      await page.getByLabel("SAMLResponse").fill(pasted);
      await page.getByRole("button", { name: "Inspect" }).click();
      await page.getByRole("heading", { name: "Checks" }).waitFor();
      await expectGoodInEveryLook(page);
    });
  });
});

async function focusedLabel(page: Page): Promise<string | null> {
  return await page.locator(":focus").getAttribute("aria-label");
}
