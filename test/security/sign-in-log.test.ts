/**
 * Whoever floods the sign-in log must not blind administrators to what the provider signed: neither with
 * garbage nor with one response that was captured, and not by letting the log run over (PRODUCT 8.4).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mayRecordSigned, mayRecordUnsigned } from "../../src/sso/unsigned-quota.ts";
import { deleteExpired } from "../../src/store/cleanup.ts";
import { onEveryEngine } from "../engines.ts";
import { callWith } from "../flows/organization-world.ts";
import { newSigner, type Says, SsoWorld } from "../flows/sso-world.ts";

onEveryEngine("a flooded sign-in log", (engine) => {
  let world: SsoWorld;
  before(async () => {
    world = await SsoWorld.open(engine);
  });
  after(() => world.close());

  const floodWithGarbage = () => {
    const { test: t, organizationId } = world;
    for (let at = 0; at < 2000; at += 1) {
      mayRecordUnsigned(t.deps, { organizationId, ip: `192.0.2.${at}`, at: t.clock.now() });
    }
  };
  const rows = async () =>
    await world.test.store.db
      .selectFrom("sign_in_log")
      .select(["code", "signed"])
      .orderBy("id")
      .execute();
  /** The rows that `act` leaves. */
  const rowsOf = async (act: () => Promise<unknown>) => {
    const { length } = await rows();
    await act();
    return (await rows()).slice(length);
  };
  const post = async (SAMLResponse: string) =>
    await world.browser().post(world.path("acs"), { SAMLResponse });
  const refusedFor = async (says: Says, signer = world.signer) =>
    await rowsOf(async () => {
      const browser = world.browser();
      const inResponseTo = await world.begin(browser);
      const SAMLResponse = world.respond({ inResponseTo, ...says }, signer);
      await browser.post(world.path("acs"), { SAMLResponse });
    });

  const tooLate = 3 * 3_600_000;
  const old = () => ({ nowMs: world.test.clock.now() - tooLate });
  /** What is wrong with a message that the provider signed, in the verifier, the person and the rules. */
  const wrong: readonly (readonly [string, () => Says])[] = [
    ["saml_expired", old],
    ["saml_expired", () => ({ ...old(), sign: "response" })],
    ["saml_expired", () => ({ ...old(), sign: "assertion" })],
    ["saml_audience_mismatch", () => ({ audience: "https://other.example" })],
    ["saml_recipient_mismatch", () => ({ recipient: "https://other.example/acs" })],
    ["saml_destination_missing", () => ({ destination: null, sign: "response" })],
    [
      "saml_status_not_success",
      () => ({
        sign: "response",
        status: { code: "urn:oasis:names:tc:SAML:2.0:status:Responder" },
      }),
    ],
    [
      "saml_issuer_mismatch",
      () => ({ responseIssuer: "https://renamed.example", sign: "response" }),
    ],
    ["saml_email_invalid", () => ({ email: "no address at all" })],
    ["saml_request_unknown", () => ({ inResponseTo: "_nobody-asked" })],
    ["sign_in_domain", () => ({ email: "x@elsewhere.example" })],
  ];

  test("has no row of strangers any more, and one of each refusal that the provider signed", async () => {
    floodWithGarbage();
    assert.deepEqual(await rowsOf(() => post("AAAA")), []);
    for (const [, says] of wrong) {
      const left = await refusedFor(says());
      assert.equal(left.length, 1);
      assert.equal(left[0]?.signed, 1);
    }
  });

  test("tells what the provider signed from what it did not, whatever the message says of itself", async () => {
    world.test.clock.advance(15 * 60_000);
    for (const [code, says] of wrong) {
      const [signed] = await refusedFor(says());
      assert.deepEqual(signed, { code: signed?.code, signed: 1 }, code);
      assert.ok(signed?.code?.startsWith(code), `${signed?.code}`);
    }
    const stranger = newSigner(world.signer.entityId, { fresh: true });
    for (const [code, left] of [
      ["saml_signature_invalid", await refusedFor({}, stranger)],
      ["saml_signature_missing", await refusedFor({ sign: "none" })],
      ["saml_bad_encoding", await rowsOf(() => post("%%%"))],
      // Signed, and changed since.
      [
        "saml_digest_mismatch",
        await refusedFor({ editMessage: (xml) => xml.replaceAll("Alice", "Mallory") }),
      ],
      // A genuine assertion within what strangers wrote tells only once it is looked at.
      [
        "saml_destination_mismatch",
        await refusedFor({ sign: "assertion", destination: "https://evil.example/acs" }),
      ],
    ] as const) {
      assert.deepEqual(left, [{ code, signed: 0 }]);
    }
    const [admitted] = await refusedFor({});
    assert.deepEqual(admitted, { code: null, signed: 1 });
  });

  test("has few rows of one captured response, however often and wherever it is posted again", async () => {
    const captured = world.respond({ inResponseTo: "_long-ago", ...old() });
    const left = await rowsOf(async () => {
      for (let at = 0; at < 30; at += 1) await post(captured);
    });
    assert.equal(left.length, 20);
    const inner = world.respond({ inResponseTo: "_long-ago", sign: "assertion", ...old() });
    const message = Buffer.from(inner, "base64").toString("utf8");
    const again = await rowsOf(async () => {
      for (let at = 0; at < 25; at += 1) {
        await post(Buffer.from(message.replace('ID="', `ID="_${at}`)).toString("base64"));
      }
    });
    assert.equal(again.length, 20, "by the assertion's ID, not by that of what is around it");
    assert.equal((await refusedFor(old())).length, 1, "another one has its row");
    // A session of one's own, and the same double click for ever.
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo });
    const repeats = await rowsOf(async () => {
      for (let at = 0; at < 30; at += 1) await browser.post(world.path("acs"), { SAMLResponse });
    });
    assert.equal(repeats.length, 21);
  });

  test("has bounds for what is signed that are its own and larger, by organization and quarter of an hour", async () => {
    const { deps } = world.test;
    const at = world.test.clock.now() + 3_600_000;
    const count = (organizationId: number, now: number) =>
      Array.from({ length: 16_000 }, (_, index) =>
        mayRecordSigned(deps, { organizationId, signedId: `_${index}`, at: now }),
      ).filter((isRecorded) => isRecorded).length;
    assert.equal(count(991, at), 15_000);
    assert.equal(mayRecordUnsigned(deps, { organizationId: 991, ip: "192.0.2.1", at }), true);
    assert.equal(count(991, at + 900_000), 15_000);
  });

  test("loses the oldest of strangers' rows where they are many, and nothing of anybody else's", async () => {
    const { deps, store } = world.test;
    const { neighbour, kept } = { neighbour: await world.neighbour("Fabrikam"), kept: 7 };
    for (let at = 0; at < 3; at += 1) {
      await neighbour.browser().post(neighbour.path("acs"), { SAMLResponse: "AAAA" });
    }
    world.test.clock.advance(15 * 60_000);
    for (let at = 0; at < 12; at += 1) await post(`AAAA${"BBBB".repeat(at)}`);
    const before = await rows();
    const strangers = before.filter(({ signed }) => signed === 0).length;
    await deleteExpired(store.db, deps.now(), kept);
    const left = await rows();
    assert.equal(before.length - left.length, strangers - kept - 3);
    assert.deepEqual(
      left.filter(({ signed }) => signed !== 0),
      before.filter(({ signed }) => signed !== 0),
    );
    assert.equal(await deleteExpired(store.db, deps.now(), kept), 0);
  });

  test("is read without strangers, and without the provider's", async () => {
    const { test: t, organizationId } = world;
    const owner = callWith(t, await t.apiToken("owner@contoso.com", organizationId));
    const read = async (query: string) => {
      const { status, body, text } = await owner(
        "GET",
        `/api/saml/sign-ins?page_size=200&${query}`,
      );
      assert.equal(status, 200, text);
      return (body.results as { signed: boolean }[]).map(({ signed }) => signed);
    };
    const all = await read("");
    assert.deepEqual(new Set(all), new Set([true, false]));
    for (const signed of [true, false]) {
      const found = await read(`signed=${signed}`);
      assert.deepEqual(
        found,
        all.filter((one) => one === signed),
      );
    }
    const wrongly = await owner("GET", "/api/saml/sign-ins?signed=maybe");
    assert.equal(wrongly.status, 400);
    assert.match(wrongly.text, /Choose true or false/);
  });
});
