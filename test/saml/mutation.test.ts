/**
 * Whatever is done to a valid response, the verifier refuses it with a code or reads the identical
 * identity from it, and never takes long. A failure names seed and case; LABELGATE_MUTATION_SEED
 * repeats them.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { suite, test } from "node:test";
import { type EncryptOptions, encryptElement } from "../../demo/encrypt-xml.ts";
import { createSigner, type RespondOptions } from "../../demo/signer.ts";
import { AppError } from "../../src/errors.ts";
import { type ReadIdentity, readIdentity } from "../../src/saml/attributes.ts";
import { parseIdpMetadata, trustOf } from "../../src/saml/metadata.ts";
import { presets } from "../../src/saml/presets.ts";
import { type Expected, type VerifiedAssertion, verifyResponse } from "../../src/saml/response.ts";
import { costOf, roughCostOf } from "../cost.ts";
import { mutate, type Random, seededRandom } from "./mutation.ts";

const seed = Number(process.env["LABELGATE_MUTATION_SEED"] ?? randomInt(2 ** 32));
const mutationsPerResponse = 2000;
const maxCost = 50;

const nowMs = Date.UTC(2026, 5, 1);
const acsUrl = "https://label.example/saml/t/acs";
const idp = createSigner({ entityId: "https://idp.example/", ssoUrl: "https://idp.example/sso" });
const sp = createSigner({ entityId: acsUrl, ssoUrl: acsUrl });
const trust = trustOf(parseIdpMetadata(idp.metadataXml(), nowMs));
const expected: Expected = {
  acsUrl,
  entityId: acsUrl,
  wantAssertionsSigned: false,
  wantResponseSigned: false,
  allowSha1: false,
  allowCbc: false,
  clockSkewMs: 180_000,
  decryptionKeys: [sp.privateKey],
};

const person: RespondOptions = {
  acsUrl,
  nowMs,
  inResponseTo: "_request",
  email: "ada@example.com",
  firstName: "Ada & <é>",
  lastName: "Lovelace",
  groups: ["LS-Admins", "LS-Annotators"],
  sessionNotOnOrAfterMs: nowMs + 3_600_000,
};

const { certificatePem } = sp;
const responses: Readonly<Record<string, Partial<RespondOptions>>> = {
  "a signed assertion": { sign: "assertion" },
  "a signed response": { sign: "response" },
  "a signed response with a signed assertion": { sign: "both" },
  "a signed assertion with typed values and a PrefixList": { valueType: "xs:string" },
  "signatures over inclusive canonical form": { sign: "both", canonicalization: "inclusive" },
  "a signed assertion with advice": { advice: '<x:a xmlns:x="urn:x">opaque</x:a>' },
  "an encrypted signed assertion": { sign: "assertion", encryptFor: { certificatePem } },
  "a signed response with an encrypted assertion": {
    sign: "response",
    encryptFor: { certificatePem, algorithm: "aes128-cbc", keyPlace: "sibling" },
  },
};

/** Everything about the person and the sign-in; which signature vouched for it may differ. */
function facts(assertion: VerifiedAssertion): Readonly<Record<string, unknown>> {
  const { identity }: ReadIdentity = readIdentity(assertion, presets.default.mapping, {
    splitGroupsOnComma: false,
    isMapped: () => false,
  });
  const { isResponseSigned, isAssertionSigned, wasEncrypted, ...rest } = assertion;
  return { ...rest, identity };
}

async function read(xml: Buffer): Promise<Readonly<Record<string, unknown>> | AppError> {
  try {
    return facts(await verifyResponse(xml, trust, expected, nowMs));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

interface Tally {
  refused: number;
  identical: number;
}

/** Checks one mutated message against what the genuine one says. */
async function check(
  xml: Buffer,
  genuine: Readonly<Record<string, unknown>>,
  tally: Tally,
): Promise<void> {
  let answer: Awaited<ReturnType<typeof read>> | undefined;
  const rough = await roughCostOf(async () => {
    answer = await read(xml);
  });
  if (answer instanceof AppError) {
    assert.match(answer.code, /^saml_/);
    tally.refused += 1;
  } else {
    assert.deepEqual(answer, genuine);
    tally.identical += 1;
  }
  // Garbage collection and what else runs may fall into one measurement, hardly into five.
  if (rough > maxCost) assert.ok((await costOf(() => read(xml))) < maxCost, "too slow");
}

/** Runs `make` for every case; a failure names the seed, the case and the message. */
async function runCases(
  name: string,
  count: number,
  runCase: (random: Random) => Promise<Buffer>,
  genuine: Readonly<Record<string, unknown>>,
): Promise<Tally> {
  const tally: Tally = { refused: 0, identical: 0 };
  for (let index = 0; index < count; index += 1) {
    const random = seededRandom((seed ^ Math.imul(index + 1, 0x9e_37_79_b1)) + name.length);
    const xml = await runCase(random);
    try {
      await check(xml, genuine, tally);
    } catch (cause) {
      const message = `LABELGATE_MUTATION_SEED=${seed}, ${name}, case ${index}: ${xml.toString("latin1")}`;
      throw new Error(message, { cause });
    }
  }
  return tally;
}

suite("a mutated response is refused, or means the same", () => {
  for (const [name, options] of Object.entries(responses)) {
    test(`${mutationsPerResponse} mutations of ${name}`, async () => {
      const xml = Buffer.from(idp.respond({ ...person, ...options }));
      const genuine = await read(xml);
      if (genuine instanceof AppError) throw genuine;
      const tally = await runCases(
        name,
        mutationsPerResponse,
        (random) => Promise.resolve(mutate(xml, random)),
        genuine,
      );
      assert.equal(tally.refused + tally.identical, mutationsPerResponse);
      assert.ok(tally.refused > mutationsPerResponse / 2, JSON.stringify(tally));
    });
  }

  for (const algorithm of ["aes256-gcm", "aes128-gcm"] as const) {
    // Anybody can encrypt for the service provider, so what is inside may be anything.
    test(`${mutationsPerResponse} mutations inside an assertion encrypted with ${algorithm}`, async () => {
      let plain = "";
      const shell = idp.respond({
        ...person,
        editSignedAssertion: (assertion) => {
          plain = assertion;
          return "<place/>";
        },
      });
      const encryptFor: EncryptOptions = { certificatePem, algorithm };
      const wrap = (assertion: Buffer): Buffer => {
        const encrypted = encryptElement("EncryptedAssertion", assertion, encryptFor);
        return Buffer.from(shell.replace("<place/>", encrypted));
      };
      const genuine = await read(wrap(Buffer.from(plain)));
      if (genuine instanceof AppError) throw genuine;
      const tally = await runCases(
        algorithm,
        mutationsPerResponse,
        (random) => Promise.resolve(wrap(mutate(Buffer.from(plain), random))),
        genuine,
      );
      assert.ok(tally.refused > mutationsPerResponse / 2, JSON.stringify(tally));
    });
  }
});
