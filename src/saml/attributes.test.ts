import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SignerAttribute } from "../../demo/render-response.ts";
import { createSigner } from "../../demo/signer.ts";
import { costOf } from "../../test/cost.ts";
import { AppError } from "../errors.ts";
import { type AttributeMapping, readIdentity } from "./attributes.ts";
import { parseIdpMetadata, trustOf } from "./metadata.ts";
import { presets } from "./presets.ts";
import { type VerifiedAssertion, verifyResponse } from "./response.ts";

const nowMs = Date.UTC(2026, 5, 1);
const acsUrl = "https://label.example/saml/t/acs";
const idp = createSigner({
  entityId: "https://idp.example",
  ssoUrl: "https://idp.example/sso",
  keyType: "ec256",
});
const trust = trustOf(parseIdpMetadata(idp.metadataXml(), nowMs));
const expected = {
  acsUrl,
  entityId: acsUrl,
  wantAssertionsSigned: false,
  wantResponseSigned: false,
  allowSha1: false,
  allowCbc: false,
  clockSkewMs: 0,
  decryptionKeys: [],
};
const usual: AttributeMapping = presets.default.mapping;
const plain = { splitGroupsOnComma: false, isMapped: () => false };
const pingOne = { splitGroupsOnComma: true, isMapped: () => false };
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

/** Attributes as they come out of a response that a trusted key signed. */
async function verified(attributes: readonly SignerAttribute[]): Promise<VerifiedAssertion> {
  const xml = Buffer.from(idp.respond({ acsUrl, nowMs, attributes }));
  return await verifyResponse(xml, trust, expected, nowMs);
}

/** One attribute for each entry, with these values. */
function attributes(values: Readonly<Record<string, readonly string[]>>): SignerAttribute[] {
  return Object.entries(values).map(([name, texts]) => ({ name, values: texts }));
}

async function read(
  values: Readonly<Record<string, readonly string[]>>,
  mapping = usual,
): Promise<ReturnType<typeof readIdentity>> {
  return readIdentity(
    await verified(attributes({ Email: ["ada@example.com"], ...values })),
    mapping,
    plain,
  );
}

async function assertRefused(
  sent: readonly SignerAttribute[],
  code: string,
): Promise<Readonly<Record<string, unknown>>> {
  const assertion = await verified(sent);
  try {
    readIdentity(assertion, usual, plain);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, code);
    return error.evidence;
  }
  return assert.fail(`accepted instead of ${code}`);
}

suite("how a configured name finds its attribute (PRODUCT 3.2)", () => {
  test("by Name exactly, and by Name before FriendlyName", async () => {
    const assertion = await verified([
      { name: "urn:oid:1", friendlyName: "Email", values: ["friendly@example.com"] },
      { name: "Email", values: ["name@example.com"] },
    ]);
    assert.equal(readIdentity(assertion, usual, plain).identity.email, "name@example.com");
  });

  test("else by FriendlyName exactly", async () => {
    const assertion = await verified([
      { name: "urn:oid:1", friendlyName: "Email", values: ["friendly@example.com"] },
      { name: "urn:oid:2", friendlyName: "FirstName", values: ["Ada"] },
    ]);
    const { identity } = readIdentity(assertion, usual, plain);
    assert.equal(identity.email, "friendly@example.com");
    assert.equal(identity.firstName, "Ada");
  });

  const uris = {
    [`${claims}/emailaddress`]: ["ada@example.com"],
    [`${claims}/givenname`]: ["Ada"],
    [`${claims}/surname`]: ["Lovelace"],
    [presets.azure.mapping.groups]: ["g"],
  };
  const short = {
    emailAddress: ["ada@example.com"],
    givenName: ["Ada"],
    surname: ["Lovelace"],
    groups: ["g"],
  };
  for (const [sent, values, key] of [
    ["claim URIs", uris, "azure_short"],
    ["short spellings", short, "azure"],
  ] as const) {
    test(`${sent} answer to the preset ${key}`, async () => {
      const { mapping } = presets[key];
      const { identity, hints } = readIdentity(await verified(attributes(values)), mapping, plain);
      assert.deepEqual(identity, {
        email: "ada@example.com",
        firstName: "Ada",
        lastName: "Lovelace",
        groups: ["g"],
        groupsState: "present",
      });
      assert.deepEqual(hints, []);
    });
  }

  test("a claim URI's own last segment stands for it too", async () => {
    const sent = await verified(attributes({ emailaddress: ["ada@example.com"] }));
    assert.equal(
      readIdentity(sent, presets.azure.mapping, plain).identity.email,
      "ada@example.com",
    );
  });

  test("no name matches in another case, and names outside the alias list have no alias", async () => {
    const evidence = await assertRefused(
      attributes({
        EMAIL: ["ada@example.com"],
        email: ["ada@example.com"],
        [`${claims}/emailaddress`]: ["a@b"],
      }),
      "saml_email_missing",
    );
    assert.equal(evidence["attribute"], "Email");
    assert.deepEqual(evidence["attributeNames"], ["EMAIL", "email", `${claims}/emailaddress`]);
  });

  test("attribute elements of one Name add up", async () => {
    const assertion = await verified([
      { name: "Email", values: ["ada@example.com"] },
      { name: "Groups", values: ["a"] },
      { name: "Groups", values: ["b", "a"] },
      { name: "Groups", values: [] },
    ]);
    const { identity, attributeNames } = readIdentity(assertion, usual, plain);
    assert.deepEqual(identity.groups, ["a", "b"]);
    assert.deepEqual(attributeNames, ["Email", "Groups"]);
  });

  test("an empty name maps nothing", async () => {
    const mapping = { email: "Email", firstName: "", lastName: "", groups: "" };
    const { identity, hints } = await read(
      { "": ["x"], FirstName: ["Ada"], Groups: ["g"] },
      mapping,
    );
    assert.deepEqual(identity, { email: "ada@example.com", groups: [], groupsState: "absent" });
    assert.deepEqual(hints, []);
  });
});

suite("near misses are named, and nothing is read from them (PRODUCT 3.2)", () => {
  const cases = [
    ["mapping_groups", "groups", "case"],
    ["mapping_groups", "https://idp.example/claims/Groups", "URI and short name"],
    ["mapping_first_name", "First_Name", "punctuation"],
    ["mapping_last_name", "urn:oid:2.5.4.4", "the usual names of the same thing"],
    ["mapping_groups", "memberOf", "the usual names of the same thing"],
  ] as const;
  for (const [setting, name, difference] of cases) {
    test(`${name} for ${setting} (${difference})`, async () => {
      const { identity, hints } = await read({ [name]: ["x"] });
      const hint = hints.find(({ target }) => target === setting);
      assert.match(hint?.text ?? "", new RegExp(`It has "${name.replaceAll(".", "\\.")}"`));
      assert.equal(hint?.rule, "3.2");
      assert.equal(identity.groupsState, "absent");
      assert.equal(identity.firstName ?? identity.lastName, undefined);
    });
  }

  test("a name that differs only by form is named before one that means the same", async () => {
    const { hints } = await read({ role: ["x"], "urn:x:groups": ["y"] });
    assert.match(hints[0]?.text ?? "", /It has "urn:x:groups"/);
  });

  test("a missing e-mail says which attribute was probably meant", async () => {
    const evidence = await assertRefused(
      attributes({ mail: ["a@b.example"] }),
      "saml_email_missing",
    );
    assert.match(String(evidence["hints"]), /It has "mail".*set mapping_email/);
  });

  test("names that resemble nothing give no hint", async () => {
    assert.deepEqual((await read({ Department: ["x"], "": ["y"], "///": ["z"] })).hints, []);
  });
});

suite("groups (PRODUCT 3.3)", () => {
  test("every value is a group as it was sent, without white space around it", async () => {
    const { identity } = await read({
      Groups: ["LS-Admins", "ls-admins", "\r\n\t a,b \n", "CN=x,OU=y"],
    });
    assert.deepEqual(identity.groups, ["LS-Admins", "ls-admins", "a,b", "CN=x,OU=y"]);
    assert.equal(identity.groupsState, "present");
  });

  test("absent, empty and present are told apart", async () => {
    assert.equal((await read({})).identity.groupsState, "absent");
    assert.equal((await read({ Groups: [] })).identity.groupsState, "empty");
    assert.equal((await read({ Groups: ["", " "] })).identity.groupsState, "empty");
    assert.equal((await read({ Groups: ["g"] })).identity.groupsState, "present");
  });

  test("a value is split on commas where the settings say so, however many stand beside it", async () => {
    const joined = await verified(attributes({ Email: ["a@b.example"], Groups: ["x, y,,z z,x"] }));
    const split = readIdentity(joined, usual, pingOne);
    assert.deepEqual(split.identity.groups, ["x", "y", "z z"]);
    const several = await verified(attributes({ Email: ["a@b.example"], Groups: ["x,y", "z"] }));
    const both = readIdentity(several, usual, pingOne);
    assert.deepEqual(both.identity.groups, ["x", "y", "z"]);
  });

  test("a value that is a mapped group, or a distinguished name, is never split", async () => {
    const dn = "CN=LS-Admins,OU=Groups,DC=corp,DC=test";
    const escaped = "CN=Smith\\, Ann,OU=Groups";
    for (const groups of [[dn], [dn, "CN=Other,DC=test"], [escaped]]) {
      const sent = await verified(attributes({ Email: ["a@b.example"], Groups: groups }));
      assert.deepEqual(readIdentity(sent, usual, pingOne).identity.groups, groups);
    }
    const mapped = await verified(attributes({ Email: ["a@b.example"], Groups: ["R&D, Berlin"] }));
    const reading = {
      splitGroupsOnComma: true,
      isMapped: (group: string) => group === "R&D, Berlin",
    };
    assert.deepEqual(readIdentity(mapped, usual, reading).identity.groups, ["R&D, Berlin"]);
    const half = await verified(attributes({ Email: ["a@b.example"], Groups: ["CN=x,LS-Admins"] }));
    assert.deepEqual(readIdentity(half, usual, pingOne).identity.groups, ["CN=x", "LS-Admins"]);
  });

  test("Entra's overage link tells no groups and is explained", async () => {
    const link = { "http://schemas.microsoft.com/claims/groups.link": ["https://graph.example/x"] };
    const { identity, hints } = await read(link);
    assert.deepEqual(identity.groups, []);
    assert.equal(identity.groupsState, "overage");
    assert.match(hints.at(-1)?.text ?? "", /more than 150/);
    assert.equal(hints.at(-1)?.rule, "3.3");
  });

  test("groups that were sent count, whatever stands beside them", async () => {
    const link = { "http://schemas.microsoft.com/claims/groups.link": ["https://graph.example/x"] };
    assert.equal((await read({ ...link, Groups: ["g"] })).identity.groupsState, "present");
  });
});

suite("the e-mail attribute", () => {
  test("is kept in lower case, without spaces around it", async () => {
    const { identity } = await read({ Email: ["  Alice@Contoso.com "] });
    assert.equal(identity.email, "alice@contoso.com");
  });

  test("may repeat one address, also in another case and beside empty values", async () => {
    const { identity } = await read({ Email: ["", "Ada@example.com", "ada@EXAMPLE.com"] });
    assert.equal(identity.email, "ada@example.com");
  });

  test("is ambiguous with two different values", async () => {
    await assertRefused(
      attributes({ Email: ["a@b.example", "c@b.example"] }),
      "saml_email_ambiguous",
    );
    await assertRefused(attributes({ Email: ["a@b.example", "nothing"] }), "saml_email_ambiguous");
  });

  test("is missing where it is absent or empty", async () => {
    await assertRefused(attributes({ Groups: ["x"] }), "saml_email_missing");
    await assertRefused(attributes({ Email: [] }), "saml_email_missing");
    await assertRefused(attributes({ Email: ["", "  "] }), "saml_email_missing");
  });

  test("white space around the value is layout", async () => {
    const { identity } = await read({ Email: ["\r\n\t  Ada@Example.com \n"] });
    assert.equal(identity.email, "ada@example.com");
  });

  for (const value of [
    "ada",
    "ada@example.com@evil.example",
    "ada@exam\rple.com",
    "ada@example.com\u00a0",
    "ada@example.com\nBcc: eve@evil.example",
    "ada\n@example.com",
    "ada@example.com,eve@evil.example",
    `${"a".repeat(65)}@example.com`,
    "\u212arl@example.com",
  ]) {
    test(`${JSON.stringify(value).slice(0, 40)} is not one valid address`, async () => {
      const evidence = await assertRefused(attributes({ Email: [value] }), "saml_email_invalid");
      assert.deepEqual(evidence["found"], [value]);
    });
  }

  test("that only looks like another stays another", async () => {
    const { identity } = await read({ Email: ["\u0430da@example.com"] });
    assert.notEqual(identity.email, "ada@example.com");
  });

  test("with an element inside has no value", async () => {
    const xml = '<a xmlns="urn:x">x</a>';
    await assertRefused([{ name: "Email", values: [{ xml }] }], "saml_email_missing");
  });
});

suite("names", () => {
  test("are the first value with text in it, on one line", async () => {
    const { identity } = await read({
      FirstName: ["", " Ada\n  Maria\u0085", "Eve"],
      LastName: ["  "],
    });
    assert.equal(identity.firstName, "Ada Maria");
    assert.equal("lastName" in identity, false);
  });

  test("are cut to 150 characters", async () => {
    const { identity } = await read({ FirstName: ["😀".repeat(200)] });
    assert.equal(identity.firstName, "😀".repeat(150));
  });
});

test("hostile attribute names and values cost no time", async () => {
  const assertion = await verified([
    { name: "Email", values: [`a${" ".repeat(60_000)}@b.example`] },
    { name: `${"a".repeat(60_000)}/b`, friendlyName: "/".repeat(60_000), values: ["x"] },
    { name: "FirstName", values: [" \u0085".repeat(20_000)] },
  ]);
  const cost = await costOf(() =>
    assert.throws(() => readIdentity(assertion, usual, plain), AppError),
  );
  assert.ok(cost < 50, `it costs ${cost}`);
});
