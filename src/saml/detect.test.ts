/** Attribute names that nobody chose (PRODUCT 3.2), and what detection must never do. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SignerAttribute } from "../../demo/render-response.ts";
import { expected, idp, nowMs, respond } from "../../test/fixtures/saml.ts";
import { AppError } from "../errors.ts";
import { type AttributeMapping, readIdentity } from "./attributes.ts";
import { detectNames, knownNames, type NameSettings } from "./detect.ts";
import { claimUris, presets } from "./presets.ts";
import { verifyResponse } from "./response.ts";

const nobody: NameSettings = {
  idpProvider: null,
  mappingEmail: "Email",
  mappingFirstName: "FirstName",
  mappingLastName: "LastName",
  mappingGroups: "Groups",
};
const silent = { entityId: "https://idp.example", attributeNames: [] };

/** Reads a response with these attributes as these settings and this metadata have it. */
async function read(
  attributes: readonly SignerAttribute[],
  {
    settings = nobody,
    metadata = silent,
  }: { settings?: NameSettings; metadata?: typeof silent } = {},
) {
  const xml = Buffer.from(respond({ email: undefined, attributes } as object));
  const assertion = await verifyResponse(xml, idp, expected, nowMs);
  const mapping: AttributeMapping = {
    email: settings.mappingEmail,
    firstName: settings.mappingFirstName,
    lastName: settings.mappingLastName,
    groups: settings.mappingGroups,
  };
  const detection = detectNames(settings, metadata);
  return readIdentity(assertion, mapping, {
    detection,
    splitGroupsOnComma: false,
    isMapped: () => false,
  });
}

const sent = (names: AttributeMapping): SignerAttribute[] => [
  { name: names.email, values: ["ada@acme.example"] },
  { name: names.firstName, values: ["Ada"] },
  { name: names.lastName, values: ["Lovelace"] },
  { name: names.groups, values: ["Engineers"] },
];

const ada = { email: "ada@acme.example", firstName: "Ada", lastName: "Lovelace" };

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code;

const oids: AttributeMapping = {
  email: "urn:oid:0.9.2342.19200300.100.1.3",
  firstName: "urn:oid:2.5.4.42",
  lastName: "urn:oid:2.5.4.4",
  groups: "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
};

describe("names that nobody chose are found in the assertion", () => {
  const spellings = {
    ...Object.fromEntries(Object.entries(presets).map(([key, { mapping }]) => [key, mapping])),
    oids,
  };
  for (const [key, names] of Object.entries(spellings)) {
    test(`in the spelling of ${key}`, async () => {
      const { identity, hints } = await read(sent(names));
      assert.deepEqual(identity, { ...ada, groups: ["Engineers"], groupsState: "present" });
      const isPlain = names.email === "Email";
      assert.equal(
        hints.length,
        isPlain ? 0 : new Set(Object.values(names)).size - (names.groups === "Groups" ? 1 : 0),
      );
      if (!isPlain)
        assert.match(hints[0]?.text ?? "", /was detected.*Set mapping_email to keep it/);
    });
  }

  test("by FriendlyName, as directories have them", async () => {
    const attributes = [
      { name: "urn:x:1", friendlyName: "mail", values: ["ada@acme.example"] },
      { name: "urn:x:2", friendlyName: "givenName", values: ["Ada"] },
      { name: "urn:x:3", friendlyName: "sn", values: ["Lovelace"] },
    ];
    const { identity } = await read(attributes);
    assert.deepEqual(identity, { ...ada, groups: [], groupsState: "absent" });
  });

  test("two candidates for the e-mail that agree are one, and two that disagree refuse", async () => {
    const two = (other: string) => [
      { name: "Email", values: ["ada@acme.example"] },
      { name: oids.email, values: [other] },
    ];
    assert.equal((await read(two("Ada@ACME.example"))).identity.email, ada.email);
    await assert.rejects(read(two("root@acme.example")), refusedWith("saml_email_ambiguous"));
    await assert.rejects(read(two("no address")), refusedWith("saml_email_ambiguous"));
  });

  test("a spelling of nobody's is none: case counts, and so does the whole name", async () => {
    for (const name of ["EMAIL", "e-mail", "my.email", "NameID", `${claimUris.email}/`]) {
      const attributes = [{ name, values: ["ada@acme.example"] }];
      await assert.rejects(read(attributes), refusedWith("saml_email_missing"));
    }
  });
});

describe("names that somebody chose are never looked past", () => {
  for (const [what, settings] of [
    ["a preset", { ...nobody, idpProvider: "default" }],
    ["a provider of no preset", { ...nobody, idpProvider: "Our own" }],
    ["the name of the e-mail", { ...nobody, mappingEmail: "corporateMail" }],
  ] as const) {
    test(`${what} keeps the e-mail from being found elsewhere`, async () => {
      const attributes = [{ name: "email", values: ["ada@acme.example"] }];
      await assert.rejects(read(attributes, { settings }), refusedWith("saml_email_missing"));
    });
  }

  test("another attribute beside the chosen one does not count", async () => {
    const settings = { ...nobody, mappingEmail: "corporateMail" };
    const attributes = [
      { name: "corporateMail", values: ["ada@acme.example"] },
      { name: "mail", values: ["root@acme.example"] },
      { name: "givenName", values: ["Ada"] },
    ];
    const { identity } = await read(attributes, { settings });
    assert.equal(identity.email, ada.email);
    assert.equal(identity.firstName, "Ada", "the others are nobody's choice yet");
  });

  test("a name that was emptied takes nothing", async () => {
    const { identity } = await read(sent(oids), { settings: { ...nobody, mappingGroups: "" } });
    assert.deepEqual(identity.groups, []);
  });
});

describe("the metadata tells the names", () => {
  test("that it announces, of the e-mail only where one of its spellings stands there", () => {
    const announce = (...attributeNames: string[]) =>
      detectNames(nobody, { entityId: "https://idp.example", attributeNames });
    const found = announce("urn:x", ...Object.values(oids));
    assert.deepEqual(found?.names, oids);
    assert.match(found?.because ?? "", /announces/);
    assert.equal(announce("email", "mail")?.names.email, undefined);
    assert.equal(announce("urn:x")?.because, null);
  });

  for (const [entityId, preset] of [
    ["https://sts.windows.net/5f1c/", "azure"],
    ["https://accounts.google.com/o/saml2?idpid=C0", "google"],
    ["http://www.okta.com/exk1", "okta"],
    ["https://app.onelogin.com/saml/metadata/1", "onelogin"],
    ["https://auth.pingone.eu/5f1c", "pingone"],
    ["urn:acme.eu.auth0.com", "auth0"],
  ] as const) {
    test(`by the entityID of ${preset}`, () => {
      const found = detectNames(nobody, { entityId, attributeNames: [] });
      assert.deepEqual([found?.provider, found?.names], [preset, presets[preset].mapping]);
    });
  }

  test("an entityID that only resembles one is nobody's", () => {
    for (const entityId of [
      "https://evil.example/https://sts.windows.net/",
      "https://www.okta.com.evil.example/x",
      "urn:evil.auth0.com.example",
    ]) {
      assert.equal(detectNames(nobody, { entityId, attributeNames: [] })?.provider, null);
    }
  });

  test("and other spellings beside them do not count, nor make them ambiguous", async () => {
    const metadata = { entityId: "http://www.okta.com/exk1", attributeNames: [] };
    const attributes = [
      { name: "mail", values: ["root@acme.example"] },
      { name: "email", values: ["ada@acme.example"] },
    ];
    assert.equal((await read(attributes, { metadata })).identity.email, ada.email);
  });

  test("and where the assertion has others, those are found", async () => {
    const metadata = { entityId: "http://www.okta.com/exk1", attributeNames: [] };
    assert.equal((await read(sent(oids), { metadata })).identity.email, ada.email);
  });
});

test("no spelling stands for two of the four", () => {
  const all = Object.values(knownNames).flat();
  assert.equal(new Set(all).size, all.length);
});
