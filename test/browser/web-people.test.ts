/**
 * Members, workspaces, projects and settings in a real browser, over the demo's people: what each page
 * tells, what is changed there and taken back, who finds what, and what groups alone decide.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import {
  expectAccessible,
  expectGoodInEveryLook,
  expectHeading,
  type Look,
  pressOn,
  settled,
  startWeb,
  type Visitor,
  type Web,
} from "./web.ts";

/** The answers' fields, as these tests read them. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read by the fields that each test asserts
type Answer = any;

const people: readonly Visitor[] = ["ada", "mateo", "anna", "ravi", "casey", "nora"];

/** Everybody of the demo has been there once. */
async function signEverybodyOn(web: Web): Promise<void> {
  for (const visitor of people) await web.visit(visitor, async () => undefined);
}

async function idOf(web: Web, email: string): Promise<number> {
  const page: Answer = await web.api("GET", `/api/users?page=1&search=${email}`);
  return page.results[0].id;
}

async function workspaceId(web: Web, title: string): Promise<number> {
  const list: Answer = await web.api("GET", "/api/workspaces");
  return list.find((one: Answer) => one.title === title).id;
}

const rowOf = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const dialogOf = (page: Page) => page.getByRole("dialog");
const news = (page: Page, text: string | RegExp) =>
  page.getByRole("region", { name: "News" }).locator("> *").filter({ hasText: text });

/** Chooses people in the field that searches the server. */
async function pick(page: Page, label: string, typed: string, name: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).fill(typed);
  const option = page.getByRole("option", { name });
  await option.waitFor();
  // Scrolling an option into view may scroll its field out of it, which closes the list.
  await option.dispatchEvent("click");
}

describe("people and places in a browser", () => {
  let web: Web;
  before(async () => {
    web = await startWeb();
    await signEverybodyOn(web);
  });
  after(async () => {
    await web.stop();
  });

  const asOwner = async (
    path: string,
    work: (page: Page) => Promise<void>,
    options?: { look?: Look; expects?: RegExp },
  ) => {
    await web.visit(
      "owner",
      async (page) => {
        await page.goto(web.at(path));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await work(page);
      },
      options,
    );
  };

  test("the members are searched, filtered and ordered by the server, and the address keeps it", async () => {
    await asOwner("/organization/members", async (page) => {
      await page.getByText("7 seats are used; there is no limit.").waitFor();
      await page.getByRole("searchbox", { name: "Search members" }).fill("ANNA");
      await rowOf(page, "Casey Novak").waitFor({ state: "detached" });
      await rowOf(page, "anna@acme.example").getByText("SAML group").waitFor();
      assert.match(page.url(), /search=ANNA/);
      await page.getByRole("searchbox", { name: "Search members" }).fill("");
      await rowOf(page, "Casey Novak").waitFor();
      await page.getByRole("combobox", { name: "Role", exact: true }).click();
      await page.getByRole("option", { name: "Reviewer" }).click();
      await rowOf(page, "Casey Novak").waitFor({ state: "detached" });
      await rowOf(page, "Ravi Iyer").waitFor();
      await page.reload();
      await rowOf(page, "Ravi Iyer").waitFor();
      assert.equal(await page.getByRole("row").count(), 2);
      await page.getByRole("button", { name: "Clear filters" }).click();
      await page.getByRole("button", { name: /^Person/ }).click();
      await page
        .getByRole("columnheader", { name: /Person/ })
        .and(page.locator("[aria-sort=descending]"))
        .waitFor();
      await page.getByRole("checkbox", { name: "Has a password" }).check();
      await rowOf(page, "Ravi Iyer").waitFor({ state: "detached" });
      await rowOf(page, "owner@acme.example").getByText("Has one").waitFor();
    });
  });

  test("a role is changed by the keyboard alone, and taken back from the news of it", async () => {
    const id = await idOf(web, "casey@acme.example");
    const roleNow = async () => {
      const member: Answer = await web.api("GET", `/api/organizations/1/memberships/${id}`);
      return member.role;
    };
    await asOwner("/organization/members", async (page) => {
      const actions = page.getByRole("button", { name: "Actions for Casey Novak" });
      await pressOn(actions, "Enter");
      await pressOn(page.getByRole("menuitem", { name: "Change the role…" }), "Enter");
      await pressOn(
        dialogOf(page).getByRole("combobox", { name: "Role in the organization" }),
        "Enter",
      );
      await page.getByRole("option", { name: "Manager" }).waitFor();
      await expectAccessible(page);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await dialogOf(page).getByText("A role mapping that matches").waitFor();
      await pressOn(dialogOf(page).getByRole("button", { name: "Change the role" }), "Enter");
      await news(page, /Casey Novak is \w+ now/).waitFor();
      assert.notEqual(await roleNow(), "AN");
      await rowOf(page, "Casey Novak").getByText("By hand").waitFor();
      await pressOn(page.getByRole("button", { name: "Undo" }), "Enter");
      await news(page, "Taken back.").waitFor();
      assert.equal(await roleNow(), "AN");
    });
  });

  test("deactivating asks first, ends what was open, and is taken back", async () => {
    const id = await idOf(web, "nora@acme.example");
    await asOwner(`/organization/members/${id}`, async (page) => {
      await page.getByRole("table", { name: "Sessions" }).getByText("Single sign-on").waitFor();
      await page.getByRole("button", { name: "Deactivate…" }).click();
      await dialogOf(page).getByText("end at once").waitFor();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await dialogOf(page).waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Deactivate…" }).click();
      await dialogOf(page).getByRole("button", { name: "Deactivate" }).click();
      await news(page, "is deactivated and signed out").waitFor();
      await page.getByText("They are signed in nowhere.").waitFor();
      await page.getByText("The sign-on is refused, and nothing changes.").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await news(page, "Taken back.").waitFor();
      await page.getByText("They get in as Annotator.").waitFor();
    });
  });

  test("the Owner's row offers no change and says how the Owner changes", async () => {
    await asOwner("/organization/members", async (page) => {
      await page.getByRole("button", { name: "Actions for owner@acme.example" }).click();
      await page.getByText("changes by transfer alone").waitFor();
      assert.equal(await page.getByRole("menuitem").count(), 1);
      await expectAccessible(page);
    });
  });

  test("people are invited, their links copied where no mail goes out, and invitations revoked", async () => {
    await asOwner("/organization/members", async (page) => {
      await page.getByText("Nobody is invited who has not come yet.").waitFor();
      await page.getByRole("button", { name: "Invite people" }).click();
      const emails = dialogOf(page).getByRole("textbox", { name: "E-mail addresses" });
      await emails.fill("lena@acme.example, tom@acme.example");
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Invite 2 people" }).click();
      await dialogOf(page).getByText("Hand these links over yourself.").waitFor();
      const link = dialogOf(page).getByRole("textbox", { name: "lena@acme.example, Annotator" });
      assert.match(await link.inputValue(), /\/user\/signup\/\?token=/);
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Done" }).click();
      await page.getByRole("button", { name: "Revoke the invitation of tom@acme.example" }).click();
      await dialogOf(page).getByRole("button", { name: "Revoke" }).click();
      await rowOf(page, "tom@acme.example").waitFor({ state: "detached" });
      await rowOf(page, "lena@acme.example").waitFor();
      const open: Answer = await web.api("GET", "/api/invites");
      assert.deepEqual(
        open.map((invite: Answer) => invite.email),
        ["lena@acme.example"],
      );
    });
  });

  test("what is wrong with an invitation is said at its field, and nobody is invited", async () => {
    await asOwner(
      "/organization/members",
      async (page) => {
        await page.getByRole("button", { name: "Invite people" }).click();
        const emails = dialogOf(page).getByRole("textbox", { name: "E-mail addresses" });
        await emails.fill("anna@acme.example");
        await dialogOf(page).getByRole("button", { name: "Invite", exact: true }).click();
        await dialogOf(page).getByText("anna@acme.example is a member already").first().waitFor();
        await dialogOf(page).getByRole("tab", { name: "By link" }).click();
        const link = dialogOf(page).getByRole("textbox", { name: "Invitation link" });
        const former = await link.inputValue();
        await dialogOf(page).getByRole("button", { name: "Make a new link…" }).click();
        await page.getByRole("button", { name: "Make a new link", exact: true }).click();
        await news(page, "The invitation link is a new one now.").waitFor();
        assert.notEqual(await link.inputValue(), former);
      },
      { expects: /status of 400/ },
    );
  });

  test("why a member has what they have: source, rule, group, and the story of the last sign-on", async () => {
    const id = await idOf(web, "ravi@acme.example");
    await asOwner(`/organization/members/${id}`, async (page) => {
      await expectHeading(page, "Ravi Iyer");
      const role = page.getByRole("region", { name: "Role" });
      await role.getByText('The group "LS-Reviewers" is mapped to Reviewer.').waitFor();
      await role.getByText("The most elevated matching role wins (rule 4.2)").waitFor();
      await rowOf(page, "Chest X-ray").getByText("but Reviewer wins").waitFor();
      const next = page.getByRole("region", { name: "Next sign-on" });
      await next.getByText("They get in as Reviewer.").waitFor();
      await next.getByText("Nothing changes.").waitFor();
      await page.getByRole("link", { name: "Read the story of this sign-on" }).click();
      await page.waitForURL(/\/organization\/security\/sign-ins\/\w/);
      await page.getByText("ravi@acme.example").first().waitFor();
    });
  });

  test("the next sign-on is told by the settings as they are now", async () => {
    const settings: Answer = await web.api("GET", "/api/saml/settings");
    const id = await idOf(web, "ravi@acme.example");
    const mappings = settings.roles_groups.filter(([role]: [string]) => role !== "Reviewer");
    await web.api("POST", "/api/saml/settings", { roles_groups: mappings });
    try {
      await asOwner(`/organization/members/${id}`, async (page) => {
        const next = page.getByRole("region", { name: "Next sign-on" });
        await next.getByText("The role changes from Reviewer to Annotator, by SAML.").waitFor();
      });
    } finally {
      await web.api("POST", "/api/saml/settings", { roles_groups: settings.roles_groups });
    }
  });

  test("sessions of a member are listed, and ended after a question", async () => {
    const id = await idOf(web, "casey@acme.example");
    await asOwner(`/organization/members/${id}`, async (page) => {
      await page.getByRole("button", { name: "End all sessions…" }).click();
      await dialogOf(page).getByRole("button", { name: "End the sessions" }).click();
      await page.getByText("They are signed in nowhere.").waitFor();
      assert.deepEqual(await web.api("GET", `/api/users/${id}/sessions`), []);
    });
  });

  test("a member who is not there is said to be missing, with a way back", async () => {
    await asOwner(
      "/organization/members/999999",
      async (page) => {
        await page.getByText("This could not be loaded.").waitFor();
        await page.getByRole("main").getByRole("link", { name: "Members" }).click();
        await expectHeading(page, "Members");
      },
      { expects: /status of 404/ },
    );
  });

  test("a workspace is made, renamed, archived, found again and deleted by its typed title", async () => {
    await asOwner(
      "/organization/workspaces",
      async (page) => {
        await page.getByRole("button", { name: "New workspace" }).click();
        await dialogOf(page).getByRole("textbox", { name: "Title" }).fill("Radiology");
        await page.keyboard.press("Enter");
        await dialogOf(page).getByText("There is a workspace with this title already.").waitFor();
        await expectAccessible(page);
        await dialogOf(page).getByRole("textbox", { name: "Title" }).fill("Oncology");
        await page.keyboard.press("Enter");
        await expectHeading(page, "Oncology");
        await page.getByRole("button", { name: "Rename…" }).click();
        await dialogOf(page).getByRole("textbox", { name: "Title" }).fill("Oncology 2");
        await page.keyboard.press("Enter");
        await expectHeading(page, "Oncology 2");
        await page.getByRole("button", { name: "Archive…" }).click();
        await dialogOf(page).getByRole("button", { name: "Archive" }).click();
        await page.getByText("This workspace is archived.").waitFor();
        await page.getByRole("main").getByRole("link", { name: "Workspaces" }).click();
        await rowOf(page, "Radiology").waitFor();
        assert.equal(await rowOf(page, "Oncology 2").count(), 0);
        await page.getByRole("combobox", { name: "Archived workspaces" }).click();
        await page.getByRole("option", { name: "Archived ones alone" }).click();
        await page.getByRole("link", { name: "Oncology 2" }).click();
        await page.getByRole("button", { name: "Delete…" }).click();
        const confirm = dialogOf(page).getByRole("button", { name: "Delete the workspace" });
        assert.equal(await confirm.isDisabled(), true);
        await dialogOf(page).getByRole("textbox").fill("Oncology 2");
        await confirm.click();
        await expectHeading(page, "Workspaces");
        await news(page, "The workspace Oncology 2 is deleted.").waitFor();
      },
      { expects: /status of 400/ },
    );
  });

  test("people are found by name and put into a workspace; what groups give stays when the hand takes", async () => {
    const id = await workspaceId(web, "Radiology");
    await asOwner(`/organization/workspaces/${id}`, async (page) => {
      await expectHeading(page, "Radiology");
      await rowOf(page, "Mateo Silva").getByText("By groups alone").waitFor();
      await pick(page, "Add people", "lindq", "Anna Lindqvist");
      await pick(page, "Add people", "mateo", "Mateo Silva");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await news(page, "2 people were added.").waitFor();
      await rowOf(page, "Anna Lindqvist").getByText("By hand").waitFor();
      await rowOf(page, "Mateo Silva").getByText("By hand").waitFor();
      await page.getByRole("button", { name: "Remove Mateo Silva" }).click();
      await dialogOf(page).getByText("they remain a member").waitFor();
      await dialogOf(page).getByRole("button", { name: "Remove" }).click();
      await rowOf(page, "Mateo Silva").getByText("By groups alone").waitFor();
      await page.getByRole("button", { name: "Remove Anna Lindqvist" }).click();
      await dialogOf(page).getByRole("button", { name: "Remove" }).click();
      await rowOf(page, "Anna Lindqvist").waitFor({ state: "detached" });
      await news(page, "Anna Lindqvist was removed").getByRole("button", { name: "Undo" }).click();
      await rowOf(page, "Anna Lindqvist").waitFor();
      await page.getByRole("searchbox", { name: "Search the members" }).fill("nobody here");
      await page.getByText("Nobody matches.").waitFor();
    });
    const anna = await idOf(web, "anna@acme.example");
    await web.api("DELETE", `/api/workspaces/${id}/memberships?user_id=${anna}`);
  });

  test("a project is made in a workspace, moved out of it, undone, and deleted by its typed title", async () => {
    await asOwner("/organization/projects", async (page) => {
      await page.getByRole("searchbox", { name: "Search projects" }).fill("chest");
      await rowOf(page, "Skin lesions").waitFor({ state: "detached" });
      await rowOf(page, "Chest X-ray").waitFor();
      await page.getByRole("button", { name: "New project" }).click();
      await dialogOf(page).getByRole("textbox", { name: "Title" }).fill("Mammography");
      await dialogOf(page).getByRole("combobox", { name: "Workspace" }).fill("radio");
      await page.getByRole("option", { name: "Radiology" }).click();
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Make the project" }).click();
      await expectHeading(page, "Mammography");
      await rowOf(page, "Mateo Silva").getByText("Through the workspace").waitFor();
      await page.getByRole("button", { name: "Change…" }).click();
      await dialogOf(page).getByRole("combobox", { name: "Workspace" }).click();
      await page.getByRole("option", { name: "No workspace" }).click();
      await dialogOf(page).getByRole("button", { name: "Save" }).click();
      await page.getByText("It stands in no workspace.").waitFor();
      await rowOf(page, "Mateo Silva").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo" }).click();
      await rowOf(page, "Mateo Silva").waitFor();
      await page.getByRole("button", { name: "Delete…" }).click();
      await dialogOf(page).getByRole("textbox").fill("Mammography");
      await page.keyboard.press("Enter");
      await expectHeading(page, "Projects");
    });
  });

  test("a project role is given by hand, and the higher of hand and group counts", async () => {
    await asOwner("/organization/projects/1", async (page) => {
      await page.getByRole("button", { name: "Role of Anna Lindqvist" }).click();
      await dialogOf(page).getByText("Their groups give Annotator too.").waitFor();
      await dialogOf(page).getByRole("combobox", { name: "Role by hand" }).click();
      await page.getByRole("option", { name: "Reviewer" }).click();
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Save the role" }).click();
      await rowOf(page, "Anna Lindqvist").getByText("Annotator in the organization").waitFor();
      await page.getByRole("combobox", { name: "Role here" }).click();
      await page.getByRole("option", { name: "Annotator" }).click();
      await pick(page, "Add people", "nora", "Nora Haddad");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await rowOf(page, "Nora Haddad").getByText("By hand").waitFor();
      await page.getByRole("combobox", { name: "How they belong to it" }).click();
      await page.getByRole("option", { name: "By workspace or role" }).click();
      await rowOf(page, "Nora Haddad").waitFor({ state: "detached" });
      await rowOf(page, "owner@acme.example").getByText("As Owner").waitFor();
    });
    const roles: Answer = await web.api("GET", "/api/projects/1/roles");
    const anna = await idOf(web, "anna@acme.example");
    assert.equal(roles.find((role: Answer) => role.user === anna).role, "RE");
  });

  test("an Annotator finds no way in: no link, 403 on every page, 403 by the API", async () => {
    const id = await idOf(web, "ravi@acme.example");
    await web.visit(
      "anna",
      async (page) => {
        await page.goto(web.at("/"));
        assert.equal(await page.locator('a[href^="/organization"]').count(), 0);
        const pages = [
          "members",
          `members/${id}`,
          "workspaces",
          "projects",
          "projects/1",
          "settings",
        ];
        for (const path of pages) {
          const answer = await page.goto(web.at(`/organization/${path}`));
          assert.equal(answer?.status(), 403, path);
          await expectHeading(page, "This is not allowed");
        }
        const asked = [
          ...["/api/organizations/1/memberships", `/api/organizations/1/memberships/${id}/why`],
          ...["/api/invites", "/api/saml/settings/revisions", `/api/users/${id}/sessions`],
          "/api/projects/1/members/paginated",
        ];
        for (const path of asked) {
          const answer = await page.goto(web.at(path));
          assert.equal(answer?.status(), 403, path);
        }
      },
      { expects: /status of 40[34]/ },
    );
  });

  test("a Manager sees their own workspaces and projects alone, adds people there, and no member pages", async () => {
    await web.api("POST", "/api/workspaces", { title: "Pathology" });
    const id = await workspaceId(web, "Radiology");
    await web.visit(
      "mateo",
      async (page) => {
        await page.goto(web.at("/organization/workspaces"));
        await rowOf(page, "Radiology").waitFor();
        await rowOf(page, "Dermatology").waitFor();
        assert.equal(await rowOf(page, "Pathology").count(), 0);
        await expectAccessible(page);
        await page.goto(web.at("/organization/projects"));
        await page.getByText("There is no project to show.").waitFor();
        await page.goto(web.at(`/organization/workspaces/${id}`));
        await pick(page, "Add people", "casey", "Casey Novak");
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await rowOf(page, "Casey Novak").waitFor();
        assert.equal(await page.locator('a[href^="/organization/members"]').count(), 0);
        await page.getByRole("button", { name: "Remove Casey Novak" }).click();
        await dialogOf(page).getByRole("button", { name: "Remove" }).click();
        await rowOf(page, "Casey Novak").waitFor({ state: "detached" });
        const answer = await page.goto(web.at("/organization/members"));
        assert.equal(answer?.status(), 403);
      },
      { expects: /status of 403/ },
    );
  });

  test("the Owner names the organization, sets seats and the default role, each taken back at once", async () => {
    await asOwner("/organization/settings", async (page) => {
      const section = (name: string) => page.getByRole("region", { name, exact: true });
      const undo = async (text: string) => {
        await news(page, text).getByRole("button", { name: "Undo" }).click();
        await news(page, "Taken back.").waitFor();
        await news(page, "Taken back.").getByRole("button", { name: "Dismiss" }).click();
      };
      await section("Organization").getByRole("textbox", { name: "Title" }).fill("Acme Labs");
      await section("Organization").getByRole("button", { name: "Save" }).click();
      await undo("The organization has a new title.");
      await section("Seats").getByRole("textbox", { name: "Limit of seats" }).fill("7");
      await section("Seats").getByRole("button", { name: "Save" }).click();
      await news(page, "There are 7 seats from now on.").waitFor();
      const full: Answer = await web.api("GET", "/api/organizations/1");
      assert.equal(full.seat_limit, 7);
      await undo("There are 7 seats from now on.");
      await section("New members").getByRole("combobox", { name: "Default role" }).click();
      await page.getByRole("option", { name: "Not Activated" }).click();
      await section("New members").getByRole("button", { name: "Save" }).click();
      await undo("New members are Not Activated from now on.");
    });
    const {
      title,
      seat_limit: limit,
      default_role: role,
    }: Answer = await web.api("GET", "/api/organizations/1");
    assert.deepEqual([title, limit, role], ["Acme Imaging", null, "AN"]);
  });

  test("password sign-in goes off only for who came in by single sign-on; the others read why not", async () => {
    await asOwner("/organization/settings", async (page) => {
      const passwords = page.getByRole("region", { name: "Password sign-in" });
      await passwords.getByText("You have not signed on by single sign-on yet.").waitFor();
      const lever = passwords.getByRole("switch", { name: "Turn password sign-in off" });
      assert.equal(await lever.isDisabled(), true);
      await passwords.getByText("We advise against one for the Owner").waitFor();
      await passwords.getByRole("link", { name: "See who" }).click();
      await expectHeading(page, "Members");
      await rowOf(page, "owner@acme.example").getByText("Has one").waitFor();
    });
    // Signed on before the settings were what they are now.
    await web.visit("ada", async (page) => {
      await page.goto(`${web.demo.loginUrl}?next=/organization/settings`);
      await page.locator('form:has(input[value="ada"]) button').click();
      await page.getByText("Only the Owner changes this.").first().waitFor();
      assert.equal(await page.getByText("Hand the organization over").count(), 0);
      const lever = page.getByRole("switch", { name: "Turn password sign-in off" });
      await lever.click({ force: true });
      await dialogOf(page).getByText("by single sign-on alone").waitFor();
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Turn it off" }).click();
      await news(page, "Password sign-in is off.").getByRole("button", { name: "Undo" }).click();
      await news(page, "Taken back.").waitFor();
    });
    const settings: Answer = await web.api("GET", "/api/saml/settings");
    assert.equal(settings.disable_password_login, false);
  });

  test("former settings stand with their difference, and are restored after a question", async () => {
    const groups = [["Administrator", "LS-Admins"]];
    const before: Answer = await web.api("GET", "/api/saml/settings");
    await web.api("POST", "/api/saml/settings", { roles_groups: groups });
    await asOwner("/organization/settings", async (page) => {
      const former = page.getByRole("region", { name: "Former settings" });
      const first = former.getByRole("listitem").first();
      await first.getByText("As it is now").waitFor();
      await first.getByText("Manager ← LS-Managers").waitFor();
      await first.getByRole("button", { name: "Undo this save…" }).click();
      await dialogOf(page).getByText("Manager ← LS-Managers").waitFor();
      await expectAccessible(page);
      await dialogOf(page).getByRole("button", { name: "Undo the save" }).click();
      await news(page, "The settings are restored.").waitFor();
      const undone: Answer = await web.api("GET", "/api/saml/settings");
      assert.deepEqual(undone.roles_groups, before.roles_groups);
      const second = former.getByRole("listitem").nth(1);
      await second.getByRole("button", { name: "Restore…" }).click();
      await dialogOf(page).getByText("What was saved since is undone: Role mappings.").waitFor();
      await dialogOf(page).getByRole("button", { name: "Restore", exact: true }).click();
      await news(page, "The settings are restored.").nth(1).waitFor();
      const restored: Answer = await web.api("GET", "/api/saml/settings");
      assert.deepEqual(restored.roles_groups, groups);
      await pressOn(former.getByRole("radio", { name: "SAML" }), "ArrowRight");
      await page.getByText("Nothing was saved yet.").waitFor();
    });
    await web.api("POST", "/api/saml/settings", { roles_groups: before.roles_groups });
  });

  test("axe finds nothing on any of these pages, and each fits its window, in every look", async () => {
    const ravi = await idOf(web, "ravi@acme.example");
    const radiology = await workspaceId(web, "Radiology");
    await web.visit("owner", async (page) => {
      for (const path of [
        ...["members", `members/${ravi}`, "workspaces", `workspaces/${radiology}`],
        ...["projects", "projects/1", "settings"],
      ]) {
        await page.goto(web.at(`/organization/${path}`));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await settled(page);
        await expectGoodInEveryLook(page);
      }
    });
  });

  // Last, since nobody is the Owner of this browser any more after it.
  test("the organization is handed over by the typed address, and the former Owner is Administrator", async () => {
    await asOwner("/organization/settings", async (page) => {
      await settled(page);
      await pick(page, "New Owner", "ada", "Ada Okafor");
      await page.getByRole("button", { name: "Hand over…" }).click();
      await dialogOf(page).getByRole("textbox").fill("ada@acme.example");
      await dialogOf(page).getByRole("button", { name: "Hand the organization over" }).click();
      await expectHeading(page, "Members");
      await rowOf(page, "Ada Okafor").getByText("Owner", { exact: true }).waitFor();
      await rowOf(page, "owner@acme.example").getByText("Administrator").waitFor();
    });
  });
});

describe("people and places where groups alone decide", () => {
  let web: Web;
  before(async () => {
    web = await startWeb({
      MANUAL_ROLE_MANAGEMENT: "0",
      MANUAL_WORKSPACE_MANAGEMENT: "0",
      MANUAL_PROJECT_MEMBER_MANAGEMENT: "0",
    });
    await signEverybodyOn(web);
  });
  after(async () => {
    await web.stop();
  });

  test("a role is visibly managed by the identity provider, and deactivating works all the same", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at("/organization/members"));
      await page.getByText("Roles are managed by the identity provider.").waitFor();
      await page.getByRole("button", { name: "Actions for Anna Lindqvist" }).click();
      const change = page.getByRole("menuitem", { name: /Change the role/ });
      await change.getByText("Managed by the identity provider").waitFor();
      assert.equal(await change.isDisabled(), true);
      await expectAccessible(page);
      await page.getByRole("menuitem", { name: "Deactivate…" }).click();
      await dialogOf(page).getByText("This works although").waitFor();
      await dialogOf(page).getByRole("button", { name: "Deactivate" }).click();
      await rowOf(page, "Anna Lindqvist").getByText("Deactivated").waitFor();
      await page.getByRole("button", { name: "Actions for Anna Lindqvist" }).click();
      await page.getByRole("menuitem", { name: "Lift the deactivation…" }).click();
      await dialogOf(page).getByRole("button", { name: "Lift it" }).click();
      await rowOf(page, "Anna Lindqvist").getByText("Not Activated").waitFor();
    });
  });

  test("an invitation gives no role there", async () => {
    await web.visit("owner", async (page) => {
      await page.goto(web.at("/organization/members"));
      await page.getByText("Roles are managed by the identity provider.").waitFor();
      await page.getByRole("button", { name: "Invite people" }).click();
      const role = dialogOf(page).getByRole("combobox", { name: "Role" });
      assert.equal(await role.isDisabled(), true);
      await dialogOf(page).getByRole("textbox", { name: "E-mail" }).fill("lena@acme.example");
      await dialogOf(page).getByRole("button", { name: "Invite", exact: true }).click();
      await dialogOf(page).getByLabel("lena@acme.example, Not Activated").waitFor();
    });
  });

  test("members of workspaces and projects are managed too: the pages say so, nothing can be pressed", async () => {
    const radiology = await workspaceId(web, "Radiology");
    const told = [
      [`workspaces/${radiology}`, "Members of workspaces are managed by the identity provider."],
      ["projects/1", "Members of projects are managed by the identity provider."],
    ] as const;
    for (const visitor of ["owner", "mateo"] as const) {
      for (const [path, sentence] of told) {
        if (visitor === "mateo" && path.startsWith("projects")) continue;
        await web.visit(visitor, async (page) => {
          await page.goto(web.at(`/organization/${path}`));
          await page.getByText(sentence).waitFor();
          const add = page.getByRole("button", { name: "Add people" });
          assert.equal(await add.isDisabled(), true);
          assert.equal(await page.getByRole("combobox", { name: "Add people" }).count(), 0);
          for (const button of await page
            .getByRole("button", { name: /^(Role of|Remove)/ })
            .all()) {
            assert.equal(await button.isDisabled(), true);
          }
          await settled(page);
          await expectAccessible(page);
        });
      }
    }
  });
});
