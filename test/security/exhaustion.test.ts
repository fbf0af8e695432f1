/**
 * What a stranger, or the Owner of a hostile organization, can make a server spend: CPU of the one
 * event loop, threads, rows (saml-security 1.2 and section 2, "Cost").
 */
import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import {
  argon2Sync,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { verifyPassword } from "../../src/people/password.ts";
import { makeSpCertificate } from "../../src/saml/certificate.ts";
import { parseIdpMetadata, trustOf } from "../../src/saml/metadata.ts";
import { findSigner } from "../../src/saml/signing-keys.ts";
import { activateNextKey, decryptionKeys, prepareNextKey } from "../../src/sso/keys.ts";
import { admitStart, maxOpenStarts } from "../../src/sso/starts.ts";
import { mayRecordUnsigned } from "../../src/sso/unsigned-quota.ts";
import type { Store } from "../../src/store/store.ts";
import { onEveryEngine } from "../engines.ts";
import { SsoWorld } from "../flows/sso-world.ts";

const nowMs = Date.UTC(2026, 0, 5);

const certificateOf = (pair: { privateKey: KeyObject; publicKey: KeyObject }): string =>
  makeSpCertificate({
    commonName: "An identity provider",
    serial: randomBytes(12),
    notBeforeMs: nowMs,
    notAfterMs: nowMs + 1000,
    ...pair,
  });

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;

describe("what metadata may make each response cost", () => {
  test("metadata with more signing certificates than anybody needs is refused, with their number", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-521" });
    const signer = createSigner({
      entityId: "https://idp.example",
      ssoUrl: "https://idp.example/sso",
      keyPair: pair,
    });
    const certificates = Array.from({ length: 17 }, () => certificateOf(pair));
    const some = parseIdpMetadata(
      signer.metadataXml({ certificates: certificates.slice(1) }),
      nowMs,
    );
    assert.equal(trustOf(some).signingKeys.length, 16);
    assert.throws(
      () => parseIdpMetadata(signer.metadataXml({ certificates }), nowMs),
      (error: unknown) =>
        refusedWith("metadata_not_idp")(error) && /17 signing certificates/.test(String(error)),
    );
  });

  test("an RSA key whose public exponent makes verification slow, or worthless, is not usable", () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n, d } = pair.privateKey.export({ format: "jwk" });
    if (n === undefined || d === undefined) throw new Error("no RSA key");
    for (const e of [d, "AQ"]) {
      const publicKey = createPublicKey({ key: { kty: "RSA", n: String(n), e }, format: "jwk" });
      const certificate = certificateOf({ privateKey: pair.privateKey, publicKey });
      assert.ok(new X509Certificate(certificate).publicKey);
      const signer = createSigner({
        entityId: "https://idp.example",
        ssoUrl: "https://idp.example/sso",
        keyPair: pair,
      });
      assert.throws(
        () => parseIdpMetadata(signer.metadataXml({ certificates: [certificate] }), nowMs),
        (error: unknown) =>
          refusedWith("metadata_no_signing_key")(error) && /exponent/.test(String(error)),
      );
    }
  });

  test("a key that may not verify by an algorithm is passed over, and the next one tried", () => {
    const narrow = generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      hashAlgorithm: "sha256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const keys = [{ key: createPublicKey(narrow.publicKey), fingerprint: "narrow" }];
    const made = {
      method: { scheme: "pss", hash: "sha512" },
      text: "x",
      value: randomBytes(256),
      keyInfo: null,
    } as const;
    assert.throws(() => findSigner(made, keys), refusedWith("saml_signature_invalid"));
  });
});

describe("passwords that many try at once", () => {
  test("no more than a bounded number wait for argon2id; the rest is told to come back", async () => {
    // Stored with a small cost, so that the test is quick.
    const nonce = Buffer.alloc(16, 1);
    const cost = { memory: 64, passes: 1, parallelism: 1, tagLength: 32 };
    const hash = argon2Sync("argon2id", { message: "correct horse battery", nonce, ...cost });
    const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
    const stored = `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(hash)}`;
    const tries = await Promise.allSettled(
      Array.from({ length: 270 }, () => verifyPassword("correct horse battery", stored)),
    );
    const refused = tries.filter(({ status }) => status === "rejected");
    assert.ok(refused.length === 12, String(refused.length));
    for (const one of refused) {
      assert.ok(one.status === "rejected" && refusedWith("too_many_requests")(one.reason));
    }
    assert.equal((await verifyPassword("correct horse battery", stored)).fits, true);
  });
});

describe("rows of the sign-in log for what nobody signed", () => {
  test("they are bounded for an organization too, and end their quarter of an hour", () => {
    // Only the identity of the store counts.
    const deps = { store: {} as Store };
    const count = (organizationId: number, at: number): number =>
      Array.from({ length: 2000 }, (_, index) =>
        mayRecordUnsigned(deps, { organizationId, ip: `2001:db8::${index % 1000}`, at }),
      ).filter((isRecorded) => isRecorded).length;
    assert.equal(count(1, 0), 1500);
    assert.equal(count(1, 899_999), 0);
    assert.equal(count(2, 899_999), 1500);
    assert.equal(count(1, 900_000), 1500);
  });
});

onEveryEngine("what strangers can make an organization spend", (engine) => {
  let world: SsoWorld;
  before(async () => {
    world = await SsoWorld.open(engine, { allowUnsolicited: true });
  });
  after(() => world.close());
  const rows = async (organizationId = world.organizationId): Promise<number> => {
    const { count } = await world.test.store.db
      .selectFrom("sign_in_log")
      .where("organization_id", "=", organizationId)
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  test("twenty visitors of a new organization's metadata make one key", async () => {
    let made = 0;
    const hook = createHook({
      init: (_id, type) => {
        if (type === "KEYPAIRGENREQUEST") made += 1;
      },
    }).enable();
    try {
      const url = world.path("metadata");
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.test.app.inject({ url })),
      );
      assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200]);
      assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
    } finally {
      hook.disable();
    }
    assert.equal(made, 1);
  });

  test("of retired keys only the youngest is tried, so that a response costs few private operations", async () => {
    for (let at = 0; at < 3; at += 1) {
      await prepareNextKey(world.test.deps, world.record);
      await activateNextKey(world.test.deps, world.record);
    }
    await prepareNextKey(world.test.deps, world.record);
    assert.equal((await decryptionKeys(world.test.deps, world.record)).length, 3);
  });

  test("responses that nobody signed fill the sign-in log only so far from each address", async () => {
    const post = async (ip: string) =>
      await world.browser(ip).post(world.path("acs"), { SAMLResponse: "Z2FyYmFnZQ==" });
    const start = await rows();
    for (let at = 0; at < 305; at += 1) assert.equal((await post("203.0.113.1")).statusCode, 303);
    assert.equal((await rows()) - start, 300);
    const honest = await post("192.0.2.9");
    assert.match(String(honest.headers["location"]), /ref=\w+/);
    assert.equal((await rows()) - start, 301);
    world.test.clock.advance(15 * 60_000);
    await post("203.0.113.1");
    assert.equal((await rows()) - start, 302);
  });

  test("sign-ins that nobody finishes leave rows only so far from each network, and finished ones count for nothing", async () => {
    const { deps } = world.test;
    const starter = { organizationId: world.organizationId, ip: "203.0.113.40" };
    for (let at = 0; at < maxOpenStarts - 1; at += 1) admitStart(deps, starter);
    const finished = await world.signOn(world.browser(starter.ip), { email: "ann@contoso.com" });
    assert.equal(finished.headers["location"], "/");
    const begin = async (ip: string) =>
      (await world.browser(ip).get(world.path("login"))).statusCode;
    assert.equal(await begin(starter.ip), 302);
    const pending = async () =>
      (await world.test.store.db.selectFrom("pending_logins").select("request_id").execute())
        .length;
    const before = await pending();
    assert.equal(await begin(starter.ip), 429);
    assert.equal(await pending(), before);
    assert.equal(await begin("203.0.113.41"), 302);
    world.test.clock.advance(15 * 60_000);
    assert.equal(await begin(starter.ip), 302);
  });

  test("whoever asks domain by domain who the server's customers are is stopped", async () => {
    const ask = async (ip: string, email: string) => {
      const answer = await world.browser(ip).post("/saml/sso-domain", { email });
      return answer.statusCode;
    };
    const prober = "203.0.113.50";
    for (let at = 0; at < 100; at += 1) assert.equal(await ask(prober, `a@${at}.example`), 404);
    assert.equal(await ask(prober, "a@100.example"), 429);
    assert.equal(await ask(prober, "a@contoso.com"), 429);
    for (let at = 0; at < 120; at += 1) assert.equal(await ask("192.0.2.8", "a@contoso.com"), 303);
    world.test.clock.advance(15 * 60_000 + 1);
    assert.equal(await ask(prober, "a@contoso.com"), 303);
  });

  test("a refusal of a person who was vouched for always has its row", async () => {
    const start = await rows();
    for (let at = 0; at < 40; at += 1) {
      await world.browser("203.0.113.2").post(world.path("acs"), {
        SAMLResponse: world.respond({ inResponseTo: null, email: "x@elsewhere.example" }),
      });
    }
    assert.equal((await rows()) - start, 40);
  });

  test("what a stranger adds to a genuine response is cut before it is logged", async () => {
    const answer = await world.browser("203.0.113.3").post(world.path("acs"), {
      SAMLResponse: world.respond({ inResponseTo: null }),
      RelayState: `https://evil.example/${"x".repeat(100_000)}`,
    });
    assert.equal(answer.headers["location"], "/");
    const { code, reasons } = await world.lastAttempt();
    assert.equal(code, null);
    assert.ok(reasons.length < 3000, String(reasons.length));
  });
});
