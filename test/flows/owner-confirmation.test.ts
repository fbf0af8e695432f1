/**
 * "Nobody becomes the Owner through settings" (PRODUCT 4.2): what an Administrator may change, and what
 * that gives them of the Owner's account. Attacks first, then what the Owner has to do.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Kysely } from "kysely";
import type { Signer } from "../../demo/signer.ts";
import { AppError } from "../../src/errors.ts";
import { transferOrganization } from "../../src/people/members.ts";
import { refreshMetadata } from "../../src/sso/metadata-refresh.ts";
import { ownerConfirmation } from "../../src/store/migrations/0013-owner-confirmation.ts";
import { onEveryEngine } from "../engines.ts";
import { mailServer } from "./mail-server.ts";
import { type Call, callWith } from "./organization-world.ts";
import { idpEntityId, newSigner, type Says, SsoWorld } from "./sso-world.ts";

const path = "/api/saml/settings";
const ownerEmail = "owner@contoso.com";
const url = "https://idp.example/metadata.xml";

onEveryEngine("the Owner's sign-in by SAML", (engine) => {
  const opened: SsoWorld[] = [];
  after(async () => {
    for (const world of opened) await world.close();
  });
  const open = async (env: Record<string, string> = {}) => {
    const served = new Map<string, string>();
    const fetchMetadata = async (address: string) => {
      const xml = served.get(address);
      if (xml === undefined) throw new AppError("metadata_unreachable");
      return xml;
    };
    const world = await SsoWorld.open(engine, {}, env, { fetchMetadata });
    opened.push(world);
    const { organizationId, test: t } = world;
    await t.addMember({ organizationId, email: "eve@contoso.com", role: "AD" });
    const owner = callWith(t, await t.apiToken(ownerEmail, organizationId));
    const eve = callWith(t, await t.apiToken("eve@contoso.com", organizationId));
    return { world, owner, eve, served, fetchMetadata };
  };
  const save = async (call: Call, patch: object) => {
    const { status, body, text } = await call("POST", path, patch);
    assert.equal(status, 200, text);
    return body;
  };
  /** What the Owner set up: everything that decides who vouches, in one save. */
  const setUp = async (world: SsoWorld, owner: Call, signer: Signer = world.signer) => {
    await save(owner, { domain: "contoso.com", metadata_xml: signer.metadataXml() });
    await world.reload();
  };
  const comesIn = async (world: SsoWorld, says: Says = {}, signer = world.signer) => {
    await world.reload();
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const answer = await browser.post(world.path("acs"), {
      SAMLResponse: world.respond({ inResponseTo, email: ownerEmail, ...says }, signer),
    });
    return { isIn: answer.headers["location"] === "/", code: await world.lastCode(), answer };
  };
  const isSuspended = async (world: SsoWorld, signer?: Signer, says?: Says) => {
    const { isIn, code } = await comesIn(world, says, signer);
    assert.equal(isIn, false);
    assert.equal(code, "sign_in_owner_unconfirmed");
    const { sessions } = await world.test.store.db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .where("users.email", "=", ownerEmail)
      .where("sessions.method", "=", "saml")
      .select((eb) => eb.fn.countAll<number>().as("sessions"))
      .executeTakeFirstOrThrow();
    return Number(sessions);
  };
  const warns = (body: { warnings: { code: string }[] }) =>
    body.warnings.some(({ code }) => code === "owner_sign_in_suspended");

  test("goes by what the Owner saved, and by nothing before", async () => {
    const { world, owner } = await open();
    assert.equal(await isSuspended(world), 0);
    await setUp(world, owner);
    assert.equal((await comesIn(world)).isIn, true);
    const { body } = await owner("GET", path);
    assert.deepEqual(body.owner_sign_in, { is_confirmed: true, may_confirm: false });
    assert.equal(warns(body), false);
  });

  test("is not had by an identity provider of an Administrator's own", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    const patch = { metadata_xml: evil.metadataXml() };
    assert.equal(warns((await eve("POST", `${path}/preview`, patch)).body), true);
    assert.equal(warns(await save(eve, patch)), true);
    assert.equal(await isSuspended(world, evil), 0);
    assert.equal((await comesIn(world, { email: "eve@contoso.com" }, evil)).isIn, true);
    // Nor by the same name with another key.
    const twin = newSigner(idpEntityId, { fresh: true });
    await save(eve, { metadata_xml: twin.metadataXml() });
    assert.equal(await isSuspended(world, twin), 0);
    // What the Owner confirmed works again once it stands again.
    await save(eve, { metadata_xml: world.signer.metadataXml() });
    assert.equal((await comesIn(world)).isIn, true);
  });

  test("is suspended by each other setting that decides who vouches, and by no other", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    const before = (await owner("GET", path)).body;
    for (const [field, value] of [
      ["mapping_email", "department"],
      ["domain", "contoso.com,evil.example"],
      ["idp_provider", "okta"],
      ["metadata_url", "https://evil.example/later.xml"],
      ["allow_sha1", true],
    ] as const) {
      await save(eve, { [field]: value });
      const { body } = await owner("GET", path);
      assert.equal(warns(body), true, field);
      await save(eve, {
        [field]: before[field],
        mapping_email: before.mapping_email,
        mapping_first_name: before.mapping_first_name,
        mapping_last_name: before.mapping_last_name,
        mapping_groups: before.mapping_groups,
      });
      assert.equal(warns((await owner("GET", path)).body), false, `${field} is back`);
    }
    await save(eve, { mapping_groups: "memberOf", allow_unsolicited: true, roles_groups: [] });
    await save(eve, {
      allow_cbc: true,
      want_assertions_signed: false,
      want_response_signed: false,
    });
    assert.equal(warns((await owner("GET", path)).body), false);
    assert.equal((await comesIn(world)).isIn, true);
  });

  test("is not had by the same keys with another attribute announced, which people write at the provider", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    const says = {
      attributes: [
        { name: "Email", values: ["eve@contoso.com"] },
        { name: "mail", values: [ownerEmail] },
      ],
    };
    const announcing = (name: string) => ({
      metadata_xml: world.signer.metadataXml({ attributeNames: [name] }),
    });
    await comesIn(world, says);
    assert.equal(await world.lastCode(), "saml_email_ambiguous");
    assert.equal(warns(await save(eve, announcing("mail"))), true);
    assert.equal(await isSuspended(world, world.signer, says), 0);
    assert.equal(warns(await save(eve, { metadata_xml: world.signer.metadataXml() })), false);
    // Where the Owner chose the attribute it is what it is, whatever the text announces.
    assert.equal(warns(await save(owner, { mapping_email: "title" })), false);
    assert.equal(warns(await save(eve, announcing("mail"))), false);
    // The default is what the text announces, which the Owner has not set along with it.
    assert.equal(warns(await save(owner, { mapping_email: null })), true);
    assert.equal(await isSuspended(world, world.signer, says), 0);
  });

  test("with SHA-1 let in by somebody else waits for the Owner, and without it again does not", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    assert.equal(warns(await save(eve, { allow_sha1: true })), true);
    await isSuspended(world);
    assert.equal(warns(await save(eve, { allow_sha1: false })), false);
    assert.equal(warns(await save(owner, { allow_sha1: true })), false);
    assert.equal(warns(await save(eve, { allow_sha1: false })), false);
    assert.equal((await comesIn(world)).isIn, true);
  });

  test("follows keys that the confirmed URL renews, and no other name there", async () => {
    const { world, owner, eve, served, fetchMetadata } = await open();
    served.set(url, world.signer.metadataXml());
    await save(owner, { domain: "contoso.com", metadata_url: url });
    assert.equal((await comesIn(world)).isIn, true);
    const renewed = newSigner(idpEntityId, { fresh: true });
    served.set(url, renewed.metadataXml());
    await refreshMetadata(world.test.deps, fetchMetadata, world.record);
    assert.equal((await comesIn(world, {}, renewed)).isIn, true);
    // A text beside the URL stands in for nothing that the URL once said.
    const evil = newSigner(idpEntityId, { fresh: true });
    await save(eve, { metadata_url: url, metadata_xml: evil.metadataXml() });
    assert.equal((await comesIn(world, {}, renewed)).isIn, true);
    const other = newSigner("https://other.example/metadata", { fresh: true });
    served.set(url, other.metadataXml());
    await world.reload();
    await refreshMetadata(world.test.deps, fetchMetadata, world.record);
    await isSuspended(world, other);
  });

  test("a text beside a confirmed URL that was never read opens nothing", async () => {
    const { world, owner, eve, served, fetchMetadata } = await open();
    await save(owner, { domain: "contoso.com", metadata_url: url });
    const evil = newSigner(idpEntityId, { fresh: true });
    await save(eve, { metadata_url: url, metadata_xml: evil.metadataXml() });
    assert.equal(await isSuspended(world, evil), 0);
    served.set(url, world.signer.metadataXml());
    await refreshMetadata(world.test.deps, fetchMetadata, world.record);
    assert.equal((await comesIn(world)).isIn, true);
  });

  test("an Owner who saves something else confirms nothing that came in between", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    await save(eve, { metadata_xml: evil.metadataXml() });
    assert.equal(warns(await save(owner, { mapping_groups: "memberOf" })), true);
    assert.equal(await isSuspended(world, evil), 0);
    assert.equal(warns(await save(owner, { metadata_xml: world.signer.metadataXml() })), false);
    assert.equal((await comesIn(world)).isIn, true);
  });

  test("one click of the Owner confirms what was shown, and nothing newer", async () => {
    const { world, owner, eve } = await open();
    const next = newSigner("https://next.example/metadata", { fresh: true });
    await save(eve, { domain: "contoso.com", metadata_xml: next.metadataXml() });
    const { body: shown } = await owner("GET", path);
    assert.deepEqual(shown.owner_sign_in, { is_confirmed: false, may_confirm: true });
    const { body: toEve } = await eve("GET", path);
    assert.deepEqual(toEve.owner_sign_in, { is_confirmed: false, may_confirm: false });
    const byEve = await eve("POST", `${path}/confirm`, { version: shown.version });
    assert.equal(byEve.status, 403, byEve.text);
    assert.equal((await owner("POST", `${path}/confirm`, {})).status, 400);

    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    await save(eve, { metadata_xml: evil.metadataXml() });
    const late = await owner("POST", `${path}/confirm`, { version: shown.version });
    assert.equal(late.status, 409, late.text);
    assert.equal(await isSuspended(world, evil), 0);

    const again = await save(eve, { metadata_xml: next.metadataXml() });
    const done = await owner("POST", `${path}/confirm`, { version: again.version });
    assert.equal(done.status, 200, done.text);
    assert.equal(warns(done.body), false);
    assert.equal((await comesIn(world, {}, next)).isIn, true);
  });

  test("a save between the verification and the session opens nothing", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    const evilXml = { metadata_xml: evil.metadataXml() };
    const goodXml = { metadata_xml: world.signer.metadataXml() };
    await save(eve, evilXml);
    await world.reload();
    const { store } = world.test;
    const transaction = store.transaction.bind(store);
    let isFirst = true;
    // What the evil provider signed is verified; then the good settings come back, before the transaction.
    const late = {
      ...world.test.deps,
      store: {
        ...store,
        transaction: async <T>(work: Parameters<typeof transaction<T>>[0]) => {
          if (isFirst) {
            isFirst = false;
            await save(eve, goodXml);
          }
          return await transaction(work);
        },
      },
    };
    const { completeLogin } = await import("../../src/sso/complete-login.ts");
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const xml = Buffer.from(world.respond({ inResponseTo, email: ownerEmail }, evil), "base64");
    const browserKeys = [...browser.cookies.values()];
    const ended = await completeLogin(late, async () => "", {
      token: world.record.token,
      posted: { xml },
      relayState: null,
      browserKeys,
      isSecondPost: true,
      sessionHash: null,
      isSessionHeldBack: false,
      presentEmail: null,
      mayReplace: false,
      requestId: "race",
      ip: "192.0.2.9",
      userAgent: "test",
    });
    assert.equal(ended.outcome, "denied");
    assert.equal(await world.lastCode(), "saml_issuer_mismatch", "judged by what stands now");
    assert.equal(isFirst, false);
  });

  const transferToEve = async ({ world, owner, eve }: Awaited<ReturnType<typeof open>>) => {
    const { organizationId, test: t } = world;
    const eveId = (await eve("GET", "/api/current-user")).body.id;
    const { userId } = await t.store.db
      .selectFrom("memberships")
      .where("organization_id", "=", organizationId)
      .where("role", "=", "OW")
      .select("user_id as userId")
      .executeTakeFirstOrThrow();
    const successor = await t.store.db
      .selectFrom("users")
      .where("email", "=", "eve@contoso.com")
      .select("id")
      .executeTakeFirstOrThrow();
    assert.ok(eveId > 0);
    await transferOrganization(
      t.deps,
      {
        principal: {
          userId,
          organizationId,
          email: ownerEmail,
          role: "OW",
          via: "session",
          sessionId: null,
        },
        ip: "192.0.2.1",
        requestId: "transfer",
      },
      successor.id,
    );
    assert.equal(
      (await owner("GET", path)).status,
      200,
      "the former Owner is an Administrator now",
    );
  };

  test("a new Owner comes in by what the former one had confirmed, and by nothing else", async () => {
    const opened = await open();
    const { world, owner } = opened;
    await setUp(world, owner);
    await transferToEve(opened);
    assert.equal((await comesIn(world, { email: "eve@contoso.com" })).isIn, true);
    await save(owner, { mapping_email: "department" });
    const { isIn, code } = await comesIn(world, { email: "eve@contoso.com" });
    assert.deepEqual([isIn, code], [false, "saml_email_missing"]);
  });

  test("what somebody else's provider opened of the successor ends with the transfer", async () => {
    const opened = await open();
    const { world, owner, eve } = opened;
    await setUp(world, owner);
    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    await save(eve, { metadata_xml: evil.metadataXml() });
    const says = { email: "eve@contoso.com" };
    assert.equal((await comesIn(world, says, evil)).isIn, true);
    await transferToEve(opened);
    const { db } = world.test.store;
    for (const table of ["sessions", "api_tokens"] as const) {
      const rows = await db
        .selectFrom(table)
        .innerJoin("users", "users.id", `${table}.user_id`)
        .where("users.email", "=", says.email)
        .select("users.id")
        .execute();
      assert.equal(rows.length, 0, table);
    }
    assert.equal((await eve("GET", path)).status, 401);
    const { isIn, code } = await comesIn(world, says, evil);
    assert.deepEqual([isIn, code], [false, "sign_in_owner_unconfirmed"]);
  });

  test("while it is suspended, the Owner's password works whatever the switches say", async () => {
    const { world, owner, eve } = await open({ DISABLE_PASSWORD_LOGIN: "1" });
    const { organizationId, test: t } = world;
    const { hashPassword } = await import("../../src/people/password.ts");
    const password = "correct horse battery";
    const hash = await hashPassword(password);
    await t.store.db.updateTable("users").set({ password_hash: hash }).execute();
    await t.store.db.updateTable("memberships").set({ opens_by_password: 1 }).execute();
    assert.ok(organizationId > 0);
    const tryPassword = async (email: string, secret = password) => {
      const browser = world.browser("203.0.113.5");
      const page = await browser.get("/user/login?owner=1");
      const token = /name="csrf_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
      const answer = await browser.post("/user/login", {
        csrf_token: token,
        ...{ email, password: secret, owner: "1" },
      });
      return answer.statusCode;
    };
    assert.equal(await tryPassword(ownerEmail), 303);
    assert.equal(await tryPassword(ownerEmail, "wrong horse"), 403);
    assert.equal(await tryPassword("eve@contoso.com"), 403);
    await setUp(world, owner);
    assert.equal(await tryPassword(ownerEmail), 403, "SAML is the way in again");
    await save(eve, { mapping_email: "department" });
    assert.equal(await tryPassword(ownerEmail), 303);
  });

  test("the page says what to do, and the activity log who did it", async () => {
    const { world, owner, eve } = await open();
    await setUp(world, owner);
    await save(eve, { domain: "contoso.com,fabrikam.com" });
    const { answer } = await comesIn(world);
    const denied = await world.browser().get(String(answer.headers["location"]));
    assert.match(denied.body, /href="\/user\/login\?owner=1"/);
    const rows = await world.test.store.db
      .selectFrom("audit_log")
      .where("action", "in", ["owner_sign_in_confirmed", "owner_sign_in_suspended"])
      .orderBy("id")
      .select("action")
      .execute();
    assert.deepEqual(
      rows.map(({ action }) => action),
      ["owner_sign_in_confirmed", "owner_sign_in_suspended"],
    );
  });

  test("the Owner gets a mail about somebody else's change, and none about their own", async () => {
    const mail = await mailServer();
    try {
      const { world, owner, eve } = await open({ SMTP_URL: mail.url, MAIL_FROM: "a@contoso.com" });
      await setUp(world, owner);
      await save(owner, { domain: "contoso.com,fabrikam.com" });
      await save(eve, { mapping_groups: "memberOf" });
      assert.equal(mail.mails.length, 0);
      await save(eve, { mapping_email: "department" });
      await save(eve, { mapping_email: "title" });
      assert.equal(mail.mails.length, 1);
      assert.match(mail.mails[0] ?? "", /To: owner@contoso\.com/);
      assert.match(mail.mails[0] ?? "", /suspended/);
    } finally {
      mail.close();
    }
  });

  test("a reset and a restored revision by an Administrator help as little", async () => {
    const { world, owner, eve } = await open();
    const evil = newSigner("https://evil.example/metadata", { fresh: true });
    await save(eve, { domain: "contoso.com", metadata_xml: evil.metadataXml() });
    await setUp(world, owner);
    const { body: revisions } = await eve("GET", `${path}/revisions`);
    const evils = revisions.results.at(-2) ?? revisions.results.at(-1);
    assert.equal((await eve("DELETE", path)).status, 204);
    const restored = await eve("POST", `${path}/revisions/${evils.id}/restore`);
    assert.equal(restored.status, 200, restored.text);
    await save(eve, { metadata_xml: evil.metadataXml() });
    assert.equal(await isSuspended(world, evil), 0);
  });

  test("at the upgrade, what the Owner saved last counts, and an Administrator's does not", async () => {
    for (const [last, stands] of [
      ["owner", true],
      ["eve", false],
    ] as const) {
      const { world, owner, eve } = await open();
      await setUp(world, owner);
      if (last === "eve") await save(eve, { mapping_email: "department" });
      const { store } = world.test;
      await store.db.schema.alterTable("saml_settings").dropColumn("owner_confirmation").execute();
      // The server meets the table without it, as a former release's would be.
      await store.db
        .updateTable("saml_settings")
        .set(({ eb }) => ({ version: eb("version", "+", 1) }))
        .execute();
      await owner("GET", path);
      await store.transaction(
        async (tx) => await ownerConfirmation.up(tx as unknown as Kysely<unknown>, store.dialect),
      );
      const { body } = await owner("GET", path);

      assert.equal(body.owner_sign_in.is_confirmed, stands, last);
      const row = await store.db
        .selectFrom("audit_log")
        .orderBy("id", "desc")
        .select("action")
        .executeTakeFirstOrThrow();
      const action = stands ? "owner_sign_in_confirmed" : "owner_sign_in_suspended";
      assert.equal(row.action, action);
    }
  });
});
