/** Certificate rollovers and other news from the identity provider (PRODUCT 2.6, 2.7). */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Signer } from "../../demo/signer.ts";
import { AppError } from "../../src/errors.ts";
import { parseIdpMetadata } from "../../src/saml/metadata.ts";
import {
  daysToCertificateEnd,
  expiryThreshold,
  refreshDueMetadata,
} from "../../src/sso/metadata-refresh.ts";
import { onEveryEngine } from "../engines.ts";
import { idpEntityId, newSigner, SsoWorld } from "./sso-world.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const metadataUrl = "https://idp.example/metadata";

/** The identity provider's metadata address, as the world outside has it. */
class MetadataAddress {
  document = "";
  fetches = 0;
  isDown = false as boolean;

  readonly fetch = async (): Promise<string> => {
    this.fetches += 1;
    await Promise.resolve();
    if (this.isDown) throw new AppError("metadata_unreachable");
    return this.document;
  };
}

onEveryEngine("metadata that changes at the identity provider", (engine) => {
  const address = new MetadataAddress();
  let world: SsoWorld;
  let next: Signer;

  before(async () => {
    world = await SsoWorld.open(engine, { metadataUrl }, {}, { fetchMetadata: address.fetch });
    next = newSigner(idpEntityId, { fresh: true });
  });
  beforeEach(async () => {
    // Past every turn that a test before has taken.
    world.test.clock.advance(hourMs);
    address.fetches = 0;
    address.isDown = false;
    address.document = world.signer.metadataXml();
    await world.trust(address.document);
  });
  after(() => world.close());

  const signOnBy = async (signer: Signer) => {
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo }, signer);
    return await browser.post(world.path("acs"), { SAMLResponse });
  };

  test("a response by a new key is accepted, once the metadata lists it", async () => {
    address.document = next.metadataXml();
    assert.equal((await signOnBy(next)).headers["location"], "/");
    assert.equal(address.fetches, 1);
  });

  test("the former key is refused as soon as metadata lists it no more", async () => {
    address.document = next.metadataXml();
    await signOnBy(next);
    const old = await signOnBy(world.signer);
    assert.match(String(old.headers["location"]), /denied/);
    assert.equal(await world.lastCode(), "saml_signature_invalid");
  });

  test("forged signatures start one fetch in five minutes, however many come", async () => {
    const forger = newSigner(idpEntityId, { fresh: true });
    await Promise.all(Array.from({ length: 10 }, () => signOnBy(forger)));
    assert.equal(address.fetches, 1);
    await signOnBy(forger);
    assert.equal(address.fetches, 1);
    world.test.clock.advance(5 * 60_000);
    await signOnBy(forger);
    assert.equal(address.fetches, 2);
  });

  test("everybody who signs on during a rollover waits for the one fetch and gets in", async () => {
    address.document = next.metadataXml();
    const answers = await Promise.all(Array.from({ length: 8 }, () => signOnBy(next)));
    assert.deepEqual(
      answers.map((answer) => answer.headers["location"]),
      answers.map(() => "/"),
    );
    assert.equal(address.fetches, 1);
  });

  test("a key may change right after a scheduled refresh", async () => {
    world.test.clock.advance(25 * hourMs);
    await refreshDueMetadata(world.test.deps, address.fetch);
    assert.equal(address.fetches, 1);
    address.document = next.metadataXml();
    assert.equal((await signOnBy(next)).headers["location"], "/");
  });

  test("a refresh that fails keeps the last good copy and leaves a sentence", async () => {
    world.test.clock.advance(25 * hourMs);
    address.isDown = true;
    await refreshDueMetadata(world.test.deps, address.fetch);
    await world.reload();
    assert.match(world.record.idpMetadataError ?? "", /metadata/i);
    assert.equal((await signOnBy(world.signer)).headers["location"], "/");
  });

  test("a document that is no metadata keeps the last good copy too", async () => {
    world.test.clock.advance(25 * hourMs);
    address.document = "<html>maintenance</html>";
    await refreshDueMetadata(world.test.deps, address.fetch);
    await world.reload();
    assert.notEqual(world.record.idpMetadataError, null);
    assert.equal((await signOnBy(world.signer)).headers["location"], "/");
  });

  test("metadata is read again after a day, not before", async () => {
    world.test.clock.advance(22 * hourMs);
    await refreshDueMetadata(world.test.deps, address.fetch);
    assert.equal(address.fetches, 0);
    world.test.clock.advance(2 * hourMs + 1);
    await refreshDueMetadata(world.test.deps, address.fetch);
    assert.equal(address.fetches, 1);
  });

  test("what an address answers is not saved once the settings name another", async () => {
    world.test.clock.advance(25 * hourMs);
    await refreshDueMetadata(world.test.deps, async () => {
      await world.saveSettings({ metadataUrl: "https://other.example/metadata" });
      return next.metadataXml();
    });
    await world.saveSettings({ metadataUrl });
    assert.equal(world.record.idpMetadata, address.document);
  });

  test("a sign-on that begins after metadata has lapsed reads it again", async () => {
    const now = world.test.clock.now();
    await world.trust(world.signer.metadataXml({ validUntilMs: now + hourMs }));
    world.test.clock.advance(2 * hourMs);
    assert.equal((await signOnBy(world.signer)).headers["location"], "/");
    assert.equal(address.fetches, 1);
  });

  test("metadata past its validUntil is trusted no more, and asked for again", async () => {
    const validUntilMs = world.test.clock.now() + dayMs;
    await world.trust(world.signer.metadataXml({ validUntilMs }));
    const inTime = await signOnBy(world.signer);
    assert.equal(inTime.headers["location"], "/");
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const last = validUntilMs - world.test.clock.now();
    world.test.clock.advance(last - 60_000);
    const late = world.browser();
    const lateRequest = await world.begin(late);
    world.test.clock.advance(60_000);
    address.isDown = true;
    const refused = await late.post(world.path("acs"), {
      SAMLResponse: world.respond({ inResponseTo: lateRequest }),
    });
    assert.match(String(refused.headers["location"]), /denied/);
    assert.equal(await world.lastCode(), "metadata_expired");
    assert.equal(address.fetches, 1);
    assert.notEqual(inResponseTo, lateRequest);
  });
});

test("days to the end of a certificate reach the thresholds 60, 30, 14, 7 and 1", () => {
  const endMs = Date.UTC(2027, 0, 1);
  const signer = newSigner(idpEntityId, { certificateNotAfterMs: endMs });
  const daysAt = (days: number) => {
    const now = endMs - days * dayMs;
    return daysToCertificateEnd(parseIdpMetadata(signer.metadataXml(), now), now);
  };
  assert.equal(daysAt(61), 61);
  const thresholds = [61, 60, 31, 30, 14, 8, 7, 2, 1, 0].map((days) =>
    expiryThreshold(daysAt(days) ?? Number.NaN),
  );
  assert.deepEqual(thresholds, [null, 60, 60, 30, 14, 14, 7, 7, 1, 1]);
});
