/** Sign-in in its rarer forms: encrypted, requests by POST and signed, no seat, no role, our own keys. */
import assert from "node:assert/strict";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { after, before, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { onEveryEngine } from "../engines.ts";
import { newSigner, SsoWorld, ssoUrl } from "./sso-world.ts";

onEveryEngine("sign-on in its rarer forms", (engine) => {
  let world: SsoWorld;
  before(async () => {
    world = await SsoWorld.open(engine, {
      roles: [{ role: "AN", group: "LS-Annotators" }],
      workspaces: [{ workspace: "Engineering", group: "LS-Annotators" }],
    });
  });
  after(() => world.close());

  const publishedCertificates = async (): Promise<string[]> => {
    const metadata = await world.browser().get(world.path("metadata"));
    const found = [...metadata.body.matchAll(/X509Certificate>([^<]+)</g)].map(([, text]) => text);
    return [...new Set(found)].map(
      (text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    );
  };

  const ownerPost = async (url: string) => {
    const token = await world.test.apiToken("owner@contoso.com", world.organizationId);
    return await world.test.app.inject({
      method: "POST",
      url,
      headers: { authorization: `Token ${token}` },
    });
  };

  test("an assertion encrypted for the certificate in our metadata is accepted", async () => {
    const [certificatePem = ""] = await publishedCertificates();
    const answer = await world.signOn(world.browser(), {
      email: "secret@contoso.com",
      encryptFor: { certificatePem },
    });
    assert.equal(answer.headers["location"], "/");
    const { evidence } = await world.lastAttempt();
    assert.match(evidence, /"wasEncrypted":true/);
  });

  test("our next key is published before it is used, and the retired one still decrypts", async () => {
    const [active = ""] = await publishedCertificates();
    assert.equal((await ownerPost("/api/saml/sp-keys/activate")).statusCode, 409);
    assert.equal((await ownerPost("/api/saml/sp-keys")).statusCode, 201);
    const both = await publishedCertificates();
    assert.equal(both.length, 2);
    const [next = ""] = both.filter((pem) => pem !== active);
    for (const certificatePem of both) {
      const answer = await world.signOn(world.browser(), { encryptFor: { certificatePem } });
      assert.equal(answer.headers["location"], "/");
    }
    assert.equal((await ownerPost("/api/saml/sp-keys/activate")).statusCode, 200);
    assert.deepEqual(await publishedCertificates(), [next]);
    for (const certificatePem of [active, next]) {
      const answer = await world.signOn(world.browser(), { encryptFor: { certificatePem } });
      assert.equal(answer.headers["location"], "/");
    }
  });

  test("keys are renewed by administrators only", async () => {
    const { email } = await world.test.addMember({
      organizationId: world.organizationId,
      email: "manager@contoso.com",
      role: "MA",
    });
    const token = await world.test.apiToken(email, world.organizationId);
    const refused = await world.test.app.inject({
      method: "POST",
      url: "/api/saml/sp-keys",
      headers: { authorization: `Token ${token}` },
    });
    assert.equal(refused.statusCode, 403);
    const stranger = await world.test.app.inject({ method: "POST", url: "/api/saml/sp-keys" });
    assert.equal(stranger.statusCode, 401);
  });

  test("requests are signed, over the very octets of the address, where metadata wants it", async () => {
    await world.trust(world.signer.metadataXml({ wantAuthnRequestsSigned: true }));
    const response = await world.browser().get(`${world.path("login")}?next=/a%20b`);
    const location = String(response.headers["location"]);
    const query = location.slice(location.indexOf("?") + 1);
    const [signed = "", signature = ""] = query.split("&Signature=");
    const [pem = ""] = await publishedCertificates();
    const key = createPublicKey(
      new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" }),
    );
    const bytes = Buffer.from(decodeURIComponent(signature), "base64");
    assert.ok(verify("sha256", Buffer.from(signed), key, bytes));
    await world.trust(world.signer.metadataXml());
  });

  test("a provider that takes requests by POST only gets a form, and the browser is bound all the same", async () => {
    await world.trust(world.signer.metadataXml({ redirectUrl: null }));
    const browser = world.browser();
    const page = await browser.get(world.path("login"));
    assert.equal(page.statusCode, 200);
    assert.match(page.body, new RegExp(`action="${ssoUrl}"`));
    assert.match(
      String(page.headers["content-security-policy"]),
      /form-action [^;]*https:\/\/idp\.example/,
    );
    const encoded = /name="SAMLRequest" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const request = Buffer.from(encoded, "base64").toString("utf8");
    const id = / ID="([^"]+)"/.exec(request)?.[1] ?? "";
    const answer = await browser.post(world.path("acs"), {
      SAMLResponse: world.respond({ inResponseTo: id }),
    });
    assert.equal(answer.headers["location"], "/");
    await world.trust(world.signer.metadataXml());
  });

  test("the chosen NameID format stands in requests and in our metadata (PRODUCT 2.5)", async () => {
    const said = async () => {
      const response = await world.browser().get(world.path("login"));
      const location = new URL(String(response.headers["location"]));
      const encoded = location.searchParams.get("SAMLRequest") ?? "";
      const request = inflateRawSync(Buffer.from(encoded, "base64")).toString("utf8");
      const { body } = await world.browser().get(world.path("metadata"));
      return [
        /<samlp:NameIDPolicy[^>]*/.exec(request)?.[0],
        /NameIDFormat>([^<]*)/.exec(body)?.[1],
      ];
    };
    await world.saveSettings({ nameIdFormat: "unspecified" });
    assert.deepEqual(await said(), [undefined, undefined]);
    await world.saveSettings({ nameIdFormat: "emailAddress" });
    for (const text of await said()) assert.match(String(text), /1\.1:nameid-format:emailAddress/);
    await world.saveSettings({ nameIdFormat: "transient" });
  });

  test("a request asks for a transient NameID and names the ACS URL", async () => {
    const response = await world.browser().get(world.path("login"));
    const location = new URL(String(response.headers["location"]));
    const encoded = location.searchParams.get("SAMLRequest") ?? "";
    const request = inflateRawSync(Buffer.from(encoded, "base64")).toString("utf8");
    assert.match(request, /nameid-format:transient/);
    assert.ok(request.includes(`AssertionConsumerServiceURL="${world.urls.acs}"`));
    assert.ok(request.includes(`Destination="${ssoUrl}"`));
  });

  test("where the seats are used up a new person comes in Not Activated, and is told so", async () => {
    const { organizationId, test: app } = world;
    await app.store.db
      .updateTable("organizations")
      .set({ seat_limit: 1 })
      .where("id", "=", organizationId)
      .execute();
    const browser = world.browser();
    const answer = await world.signOn(browser, {
      email: "late@contoso.com",
      groups: ["LS-Annotators"],
    });
    assert.equal(answer.headers["location"], "/");
    assert.equal((await world.roleOf("late@contoso.com"))?.role, "NO");
    assert.match((await browser.get("/")).body, /not activated/i);
    await app.store.db
      .updateTable("organizations")
      .set({ seat_limit: null })
      .where("id", "=", organizationId)
      .execute();
    await world.signOn(browser, { email: "late@contoso.com", groups: ["LS-Annotators"] });
    assert.deepEqual(await world.roleOf("late@contoso.com"), { role: "AN", source: "saml" });
  });

  test("a person deactivated by hand is refused, whatever the groups say", async () => {
    const { userId } = await world.test.addMember({
      organizationId: world.organizationId,
      email: "gone@contoso.com",
      role: "DI",
    });
    const answer = await world.signOn(world.browser(), {
      email: "gone@contoso.com",
      groups: ["LS-Annotators"],
    });
    assert.match(String(answer.headers["location"]), /denied/);
    assert.equal(await world.lastCode(), "sign_in_deactivated");
    const page = await world.browser().get(String(answer.headers["location"]));
    assert.equal(page.statusCode, 403);
    assert.match(page.body, /Your account is deactivated/);
    const sessions = await world.test.store.db
      .selectFrom("sessions")
      .where("user_id", "=", userId)
      .selectAll()
      .execute();
    assert.deepEqual(sessions, []);
  });

  test("manual role management off: who leaves every role group is out at once, and back with a group", async () => {
    await world.saveSettings({ manualRoleManagement: false });
    const browser = world.browser();
    await world.signOn(browser, { email: "swing@contoso.com", groups: ["LS-Annotators"] });
    assert.equal((await browser.get("/")).statusCode, 200);
    const out = await world.signOn(world.browser(), { email: "swing@contoso.com", groups: [] });
    assert.match(String(out.headers["location"]), /denied/);
    assert.deepEqual(await world.roleOf("swing@contoso.com"), { role: "DI", source: "saml" });
    assert.equal((await browser.get("/")).statusCode, 303);
    const back = await world.signOn(world.browser(), {
      email: "swing@contoso.com",
      groups: ["LS-Annotators"],
    });
    assert.equal(back.headers["location"], "/");
    assert.deepEqual(await world.roleOf("swing@contoso.com"), { role: "AN", source: "saml" });
    await world.saveSettings({ manualRoleManagement: null });
  });

  test("a key of somebody else with our provider's name signs nobody on", async () => {
    const forger = newSigner(world.signer.entityId, { fresh: true });
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const answer = await browser.post(world.path("acs"), {
      SAMLResponse: world.respond({ inResponseTo }, forger),
    });
    assert.match(String(answer.headers["location"]), /denied/);
    assert.equal(await world.lastCode(), "saml_signature_invalid");
  });
});
