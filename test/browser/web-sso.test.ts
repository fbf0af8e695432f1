/**
 * Security › SSO & SAML of a configured organization (PRODUCT 2.6, 2.7, 3, 6, 8): its state, editing in
 * place, metadata that is bad or expired, what groups give, keys, reset and undo, in every look.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { createSigner, type Signer } from "../../demo/signer.ts";
import { presets, proposePreset } from "../../src/saml/presets.ts";
import { attributePresets, fittingPreset } from "../../web/src/pages/sso/attribute-presets.ts";
import { providers } from "../../web/src/pages/sso/providers.ts";
import { expectAccessible, expectGoodInEveryLook, settled, startWeb, type Web } from "./web.ts";

const ssoPath = "/organization/security/sso";
const refused = /status of 400/;
const dayMs = 86_400_000;

describe("what the page knows by itself", () => {
  test("its attribute presets are the server's", () => {
    const shown = Object.entries(attributePresets).map(([key, { label, names }]) => [
      key,
      {
        label,
        mapping: {
          email: names.mapping_email,
          firstName: names.mapping_first_name,
          lastName: names.mapping_last_name,
          groups: names.mapping_groups,
        },
      },
    ]);
    assert.deepEqual(Object.fromEntries(shown), presets);
  });

  test("it proposes the preset that the server proposes", () => {
    const names = Object.values(presets).map(({ mapping }) => Object.values(mapping));
    const announced = [
      ...names,
      ...names.map((all) => all.slice(0, 3)),
      ...[[], ["Email"], [...(names[0] ?? []), ...(names[1] ?? [])]],
    ];
    for (const some of announced) assert.equal(fittingPreset(some), proposePreset(some));
  });

  test("every provider's attribute names are a preset's, or hand-made", () => {
    for (const { key, variants, preset } of providers) {
      for (const { idp } of variants) {
        const isKnown = Object.hasOwn(presets, preset ?? idp);
        assert.ok(isKnown || idp === "custom", `${key} ${idp}`);
      }
    }
  });
});

describe("the page of single sign-on", () => {
  let web: Web;
  let metadataUrl: string;
  before(async () => {
    web = await startWeb();
    const settings = (await web.api("GET", "/api/saml/settings")) as { metadata_url: string };
    metadataUrl = settings.metadata_url;
  });
  after(async () => {
    await web.stop();
  });

  const settings = async () =>
    (await web.api("GET", "/api/saml/settings")) as Readonly<Record<string, unknown>>;
  const restoreMetadata = async () => {
    await web.api("POST", "/api/saml/settings", { metadata_url: metadataUrl, metadata_xml: null });
  };
  const open = async (page: Page, search = "") => {
    await page.goto(web.at(`${ssoPath}${search}`));
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await settled(page);
  };
  const section = (page: Page, name: string) => page.getByRole("region", { name });
  const edit = async (page: Page, name: string) => {
    await page.getByRole("button", { name: `Edit: ${name}` }).click();
    return section(page, name);
  };
  const choosesFile = async (page: Page, name: string, text: string | Buffer) => {
    await page.getByRole("radio", { name: "As a file" }).check();
    await page
      .getByLabel("Metadata file")
      .setInputFiles({ name, mimeType: "text/xml", buffer: Buffer.from(text) });
    await page.getByRole("button", { name: "Save the metadata" }).click();
  };
  const expired: Signer = createSigner({
    entityId: "https://old.example/metadata",
    ssoUrl: "https://old.example/sso",
    certificateNotBeforeMs: Date.now() - 400 * dayMs,
    certificateNotAfterMs: Date.now() - 35 * dayMs,
  });

  test("its state is told at a glance, and the last sign-on with the way to its story", async () => {
    await web.visit("mateo", async () => undefined);
    await web.visit("owner", async (page) => {
      await open(page);
      const state = section(page, "State");
      await state.getByText("On", { exact: true }).waitFor();
      await state.getByText(/^@acme\.example$/).waitFor();
      await state.getByText(/days left/).waitFor();
      await state.getByText("4 to roles, 2 to workspaces, 2 to projects").waitFor();
      await state.getByRole("link", { name: "mateo@acme.example" }).click();
      await page.waitForURL(/\/sign-ins\/\w+/);
    });
  });

  for (const [what, name, content, sentence] of [
    ["a web page", "login.html", "<!doctype html><html></html>", /web page \(HTML\)/],
    ["no XML at all", "notes.xml", "hello", /not well-formed XML/],
    ["a picture", "logo.xml", Buffer.from([137, 80, 78, 71, 255, 254]), /is a picture/],
    ["an empty file", "empty.xml", "", /The file is empty/],
  ] as const) {
    test(`${what} as metadata is refused at its field with the reason, and nothing is saved`, async () => {
      const saved = await settings();
      await web.visit(
        "owner",
        async (page) => {
          await open(page, "?step=metadata");
          await choosesFile(page, name, content);
          const field = page.getByLabel("Metadata file");
          await page.locator("[aria-invalid=true]:focus").waitFor();
          const described = await field.getAttribute("aria-describedby");
          const error = page.locator(`#${described?.split(" ").at(-1)}`);
          assert.match(await error.innerText(), sentence);
          await expectAccessible(page);
          await page.getByText("Nothing was saved.").waitFor();
        },
        { expects: refused },
      );
      assert.deepEqual(await settings(), saved);
    });
  }

  test("an uploaded file with an expired certificate is shown as such, and warned of first", async () => {
    await web.visit("owner", async (page) => {
      await open(page, "?step=metadata");
      await choosesFile(page, "metadata.xml", expired.metadataXml());
      await page.getByText("The metadata is saved.").waitFor();
      await page.getByText("https://old.example/metadata").first().waitFor();
      await page.getByText("Expired 35 days ago").waitFor();
      await expectAccessible(page);
      await page.getByRole("link", { name: /See everything|see everything/ }).click();
      const first = page.locator("main li, main section").first();
      assert.match(await first.innerText(), /A signing certificate has expired/);
      await section(page, "State").getByText("On, and needs a look").waitFor();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Mend this" }).first().click();
      await page.getByRole("radio", { name: "As pasted text" }).waitFor();
      await expectAccessible(page);
    });
    await restoreMetadata();
  });

  test("pasted metadata is saved in place of the URL", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const metadata = await edit(page, "Metadata of the identity provider");
      await metadata.getByRole("radio", { name: "As pasted text" }).check();
      await metadata.getByRole("textbox", { name: "Metadata as text" }).fill(expired.metadataXml());
      await metadata.getByRole("button", { name: "Save", exact: true }).click();
      await metadata.getByText("A file or a text.").waitFor();
      await page.locator("button:focus", { hasText: "Edit" }).waitFor();
    });
    assert.equal((await settings())["metadata_url"], "");
    await restoreMetadata();
  });

  test("a URL that does not answer is told before it is saved, and saving it says what follows", async () => {
    await web.visit("owner", async (page) => {
      await open(page, "?step=metadata");
      const url = page.getByRole("textbox", { name: "Metadata URL" });
      await url.fill("http://localhost:9/metadata");
      await page.getByRole("button", { name: "Check the URL" }).click();
      await page.getByText("This URL does not answer usable metadata.").waitFor();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Save the metadata" }).click();
      await page.getByText("The metadata could not be read yet.").waitFor();
      await expectAccessible(page);
    });
    await restoreMetadata();
  });

  test("what is typed and not saved is asked about before it is lost", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const domains = await edit(page, "E-mail domains");
      const field = domains.getByRole("textbox", { name: "E-mail domains" });
      await field.fill("acme.example, acme.test");
      await page.getByRole("link", { name: "Guided set-up" }).click();
      const question = page.getByRole("dialog", { name: "Leave without saving?" });
      await question.getByRole("button", { name: "Stay here" }).click();
      assert.equal(await field.inputValue(), "acme.example, acme.test");
      await page.getByRole("link", { name: "Members" }).click();
      await question.waitFor();
      await expectAccessible(page);
      await question.getByRole("button", { name: "Leave without saving" }).click();
      await page.getByRole("heading", { level: 1, name: "Members" }).waitFor();
    });
    assert.equal((await settings())["domain"], "acme.example");
  });

  test("a provider without metadata is entered by hand, and each field says what is wrong with it", async () => {
    const made = createSigner({ entityId: "https://hand.example/id", ssoUrl: "https://x.example" });
    await web.visit(
      "owner",
      async (page) => {
        await open(page, "?step=metadata");
        await page.getByRole("radio", { name: "By hand" }).check();
        await page.getByLabel("Single sign-on URL").fill("not a URL");
        await page.getByLabel("Signing certificate").fill("https://hand.example/cert.pem");
        await page.getByRole("button", { name: "Save the metadata" }).click();
        await page.getByText("Enter the provider's entityID (Issuer).").waitFor();
        await page.getByText(/an http or https URL\.$/).waitFor();
        await page.getByText(/This is a URL, not a certificate/).waitFor();
        await expectGoodInEveryLook(page);
        await page.getByLabel("Entity ID of the provider").fill("https://hand.example/id");
        await page.getByLabel("Single sign-on URL").fill("https://hand.example/sso");
        const der = new X509Certificate(made.certificatePem).raw;
        await page
          .getByLabel("Or the certificate's file")
          .setInputFiles({ name: "idp.cer", mimeType: "", buffer: der });
        await page.getByRole("button", { name: "Save the metadata" }).click();
        await page.getByText("The metadata is saved.").waitFor();
        await page.getByText("https://hand.example/id").first().waitFor();
      },
      { expects: refused },
    );
    assert.equal((await settings())["metadata_url"], "");
    await restoreMetadata();
  });

  test("announced attribute names are proposed, and one click takes them", async () => {
    const metadata_xml = expired.metadataXml({
      attributeNames: ["email", "firstName", "lastName", "groups"],
    });
    await web.api("POST", "/api/saml/settings", { metadata_url: null, metadata_xml });
    await web.visit("owner", async (page) => {
      await open(page, "?step=attributes");
      await page.getByText(/announces the names of the preset “Okta”/).waitFor();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Use these names" }).click();
      await page.getByText("The metadata announces these very names.").waitFor();
      await page.getByRole("button", { name: "Save and continue" }).click();
      await page.getByRole("heading", { level: 2, name: "What do groups give?" }).waitFor();
    });
    assert.equal((await settings())["mapping_first_name"], "firstName");
    await web.api("POST", "/api/saml/settings", { idp_provider: "default" });
    await restoreMetadata();
  });

  test("a switch that weakens sign-on is red while it is on, and stands among the warnings", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const switches = await edit(page, "Security switches");
      await switches.getByRole("switch", { name: /Accept SHA-1/ }).click();
      await switches.getByText("This weakens sign-on for everybody").waitFor();
      await switches
        .getByRole("combobox", { name: "Roles given by hand" })
        .selectOption("Not allowed; groups alone decide");
      await expectAccessible(page);
      await switches.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("SHA-1 signatures are accepted.").waitFor();
      await switches.getByText("On, not advised").waitFor();
    });
    const saved = await settings();
    assert.deepEqual([saved["allow_sha1"], saved["manual_role_management"]], [true, false]);
    await web.api("POST", "/api/saml/settings", {
      ...{ allow_sha1: false, manual_role_management: null },
    });
  });

  test("taking an Administrator's group away shows who loses what, and wants a typed word", async () => {
    await web.api("POST", "/api/saml/settings", { manual_role_management: false });
    await web.visit("ada", async () => undefined);
    await web.visit("owner", async (page) => {
      await open(page);
      const groups = await edit(page, "What groups give");
      await groups
        .getByRole("button", { name: /^Remove/ })
        .first()
        .click();
      await groups.getByRole("button", { name: "Save", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Who gains and loses what" });
      await dialog.getByText("ada@acme.example").first().waitFor();
      await expectAccessible(page);
      const save = dialog.getByRole("button", { name: "Save the mappings" });
      assert.equal(await save.isDisabled(), true);
      await dialog.getByRole("button", { name: "Go back" }).click();
      await groups.getByRole("button", { name: "Save", exact: true }).click();
      await dialog.getByRole("textbox").fill("remove access");
      await save.click();
      await page.getByText(/The mappings are saved/).waitFor();
    });
    const { roles_groups: roles } = await settings();
    assert.equal((roles as unknown[]).length, 3);
    await web.api("POST", "/api/saml/settings", {
      roles_groups: [["Administrator", "LS-Admins"], ...(roles as unknown[])],
      manual_role_management: null,
    });
  });

  test("unsaved changes are tried in a window of their own, and stay where they were typed", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const names = await edit(page, "Attribute names");
      await names.getByRole("combobox", { name: "Last name" }).fill("Surname");
      const [opened] = await Promise.all([
        page.waitForEvent("popup"),
        names.getByRole("button", { name: "Test unsaved changes" }).click(),
      ]);
      await opened.locator(`form:has(input[value="mateo"]) button`).click();
      await opened.getByRole("heading", { level: 1, name: "Test sign-on" }).waitFor();
      await opened.getByText(/settings that are not saved/).waitFor();
      assert.equal(
        await names.getByRole("combobox", { name: "Last name" }).inputValue(),
        "Surname",
      );
    });
    assert.equal((await settings())["mapping_last_name"], "LastName");
  });

  test("the NameID format is transient until another is chosen, in the section and in the guide", async () => {
    const choice = (page: Page) => page.getByRole("combobox", { name: "NameID format" });
    const format = async () => String((await settings())["nameid_format"]);
    await web.visit("owner", async (page) => {
      await open(page);
      await section(page, "Attribute names").getByText("Transient, the default").waitFor();
      const names = await edit(page, "Attribute names");
      assert.match(await choice(page).inputValue(), /transient$/);
      await names.getByText(/unless the provider answers InvalidNameIDPolicy/).waitFor();
      await choice(page).selectOption("None is asked for");
      await expectAccessible(page);
      await names.getByRole("button", { name: "Save", exact: true }).click();
      await names.getByText("None is asked for", { exact: true }).waitFor();
      assert.match(await format(), /1\.1:nameid-format:unspecified$/);
      await open(page, "?step=attributes");
      await choice(page).selectOption("Transient, the default");
      await page.getByRole("button", { name: "Save and continue" }).click();
      await page.getByRole("heading", { level: 2, name: "What do groups give?" }).waitFor();
    });
    assert.match(await format(), /2\.0:nameid-format:transient$/);
  });

  test("the key is renewed in two steps, the second after a typed word", async () => {
    await web.visit("owner", async (page) => {
      await open(page);
      const keys = section(page, "Our keys");
      await keys.getByRole("button", { name: "Renew the key" }).click();
      await page.getByRole("button", { name: "Publish the next key" }).click();
      await keys.getByText("Published, next").waitFor();
      await expectAccessible(page);
      await keys.getByRole("button", { name: "Use the next key" }).click();
      const dialog = page.getByRole("dialog", { name: /Use the next key/ });
      await dialog.getByRole("textbox").fill("use the next key");
      await dialog.getByRole("button", { name: "Use the next key" }).click();
      await keys.getByText("Published, next").waitFor({ state: "detached" });
      await keys.getByText("In use", { exact: true }).waitFor();
    });
  });

  test("a reset wants a typed word, leads back to the set-up, and can be undone", async () => {
    const { version: _version, ...saved } = await settings();
    await web.visit("owner", async (page) => {
      await open(page);
      await page.getByRole("button", { name: "Reset single sign-on" }).click();
      const dialog = page.getByRole("dialog", { name: /Reset single sign-on/ });
      const confirm = dialog.getByRole("button", { name: "Reset single sign-on" });
      assert.equal(await confirm.isDisabled(), true);
      await dialog.getByRole("textbox").fill("reset single sign-on");
      await expectAccessible(page);
      await confirm.click();
      await page.getByText("Single sign-on was reset.").waitFor();
      await page.getByRole("heading", { level: 2, name: "Which addresses are yours?" }).waitFor();
      await expectAccessible(page);
      assert.equal((await settings())["domain"], "");
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByText("The former settings are back.").waitFor();
      await section(page, "State")
        .getByText(/^@acme\.example$/)
        .waitFor();
    });
    const { version: _after, ...back } = await settings();
    const told = ["domain", "metadata_url", "roles_groups", "projects_groups", "acs_url"];
    for (const field of told) assert.deepEqual(back[field], saved[field], field);
  });

  test("axe finds nothing at any step or in any open section, and each fits, in every look", async () => {
    await web.visit("owner", async (page) => {
      for (const step of "domain provider addresses metadata attributes groups test".split(" ")) {
        await open(page, `?step=${step}`);
        await expectGoodInEveryLook(page);
      }
      await open(page, "?view=all");
      await expectGoodInEveryLook(page);
      const closed = page.getByRole("button", { name: /^Edit: / });
      while ((await closed.count()) > 0) await closed.first().click();
      await expectGoodInEveryLook(page);
    });
  });
});
