/** The list of checks: every refusal has its place, and the order is that of the verifier. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { statusCodes } from "../../demo/render-response.ts";
import type { RespondOptions } from "../../demo/signer.ts";
import { nowMs, receiver, respond, verify } from "../../test/fixtures/saml.ts";
import { isRepeatCode, mayHelpToRetry } from "../access/repeats.ts";
import { AppError, errorTable } from "../errors.ts";
import { type CheckId, checkResults, failedCheck, responseChecks } from "./checks.ts";

const ids = responseChecks.map(({ id }) => id);

/** One thing wrong with a response, and the check that must find it; in the order of the list. */
const faults: readonly (readonly [CheckId, Partial<RespondOptions>])[] = [
  ["structure", { version: "1.1" }],
  ["issuer", { responseIssuer: "https://mallory.example" }],
  ["status", { status: { code: statusCodes.responder }, withAssertion: true }],
  [
    "assertion_count",
    {
      editResponse: (xml) =>
        xml.replace(/<saml:(Encrypted)?Assertion.*<\/saml:(Encrypted)?Assertion>/s, ""),
    },
  ],
  ["signature_algorithm", { algorithm: "rsa-sha1" }],
  ["destination", { destination: "https://elsewhere.example/acs" }],
  [
    "decryption",
    { encryptFor: { certificatePem: receiver.certificatePem, keyTransport: "rsa-1_5" } },
  ],
  ["assertion_signed", { sign: "none" }],
  ["assertion", { assertionVersion: "1.1" }],
  ["subject", { confirmationMethod: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches" }],
  ["recipient", { recipient: "https://elsewhere.example/acs" }],
  ["validity", { notOnOrAfterMs: nowMs - 3_600_000 }],
  ["audience", { audience: "https://elsewhere.example" }],
  ["authentication", { authnInstantMs: null }],
  ["in_response_to", { responseInResponseTo: "_another" }],
];

/** Why the response is refused. */
async function refusal(options: Partial<RespondOptions>): Promise<AppError> {
  try {
    await verify(respond(options));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  assert.fail("the response was accepted");
}

const resultOf = (results: ReturnType<typeof checkResults>, id: CheckId) =>
  results.find((result) => result.id === id)?.result;

describe("The list of checks", () => {
  test("every refusal of a response stands in it once, under an id of its own", () => {
    const listed: readonly string[] = responseChecks.flatMap(({ codes }) => codes);
    const known = Object.keys(errorTable).filter((code) => /^(saml|sign_in|metadata)_/.test(code));
    assert.deepEqual(new Set(listed), new Set(known));
    assert.equal(listed.length, known.length);
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const [check, options] of faults) {
    test(`a fault of ${check} is found by that check`, async () => {
      const { code, evidence } = await refusal(options);
      assert.equal(failedCheck(code, evidence), check);
    });
  }

  test("of two faults neither is ever said to have passed, wherever they were put", async () => {
    for (const [at, [first, one]] of faults.entries()) {
      for (const [second, other] of faults.slice(at + 1)) {
        const together = { ...other, ...one };
        const isOverlaid = Object.keys(one).some((key) => Object.hasOwn(other, key));
        if (isOverlaid) continue;
        for (const sign of ["assertion", "response", "both"] as const) {
          const { code, evidence } = await refusal({ sign, ...together });
          const results = checkResults({ code, evidence }, {});
          assert.notEqual(resultOf(results, first), "passed", `${first} with ${second}, ${sign}`);
          assert.notEqual(resultOf(results, second), "passed", `${second} with ${first}, ${sign}`);
        }
      }
    }
  });

  test("a timestamp that is none fails the check that reads it", () => {
    const failed = (attribute: string) => failedCheck("saml_bad_time", { attribute });
    assert.equal(failed("IssueInstant"), "structure");
    assert.equal(failed("SubjectConfirmationData NotOnOrAfter"), "subject");
    assert.equal(failed("Conditions NotBefore"), "validity");
    assert.equal(failed("AuthnInstant"), "authentication");
  });

  test("an unknown request is told from a response that contradicts its assertion", () => {
    assert.equal(failedCheck("saml_request_unknown", { inResponseTo: "_x" }), "request");
    assert.equal(failedCheck("saml_request_unknown", { expected: "a" }), "in_response_to");
  });

  test("a code of something else fails no check", () => {
    assert.equal(failedCheck("not_found", {}), null);
  });
});

describe("The results of an attempt", () => {
  test("all passed where nothing failed, but for what there was no use for", () => {
    const results = checkResults(null, { replay: "Nothing is remembered." });
    assert.deepEqual(
      results.map(({ id }) => id),
      ids,
    );
    const replay = results.find(({ id }) => id === "replay");
    assert.deepEqual([replay?.result, replay?.text], ["not_applicable", "Nothing is remembered."]);
    const others = results.filter(({ id }) => id !== "replay");
    assert.ok(others.every(({ result }) => result === "passed"));
  });

  test("passed before the failure, not reached after it, with the hint in between", () => {
    const results = checkResults({ code: "saml_audience_mismatch", evidence: {} }, {});
    const failedAt = ids.indexOf("audience");
    const found = results.map(({ result }) => result);
    assert.ok(found.slice(0, failedAt).every((result) => result === "passed"));
    assert.equal(found[failedAt], "failed");
    assert.ok(found.slice(failedAt + 1).every((result) => result === "not_reached"));
    assert.equal(results[failedAt]?.text, errorTable.saml_audience_mismatch.hint);
  });

  test("a signature that is not there did not pass", () => {
    const missing = checkResults({ code: "saml_signature_missing", evidence: {} }, {});
    assert.equal(resultOf(missing, "signature"), "not_applicable");
    assert.equal(resultOf(missing, "signature_algorithm"), "not_applicable");
    const required = "saml_assertion_signature_required";
    for (const isResponseSigned of [true, false]) {
      const results = checkResults({ code: required, evidence: { isResponseSigned } }, {});
      const expected = isResponseSigned ? "passed" : "not_applicable";
      assert.equal(resultOf(results, "signature"), expected);
    }
  });
});

describe("what the person can do about a refusal", () => {
  const codes = Object.keys(errorTable);

  test("a repeated response fails at the look-up of its request or at its being used", () => {
    const late = responseChecks
      .filter(({ id }) => id === "request" || id === "replay")
      .flatMap((check): readonly string[] => check.codes)
      .filter((code) => code !== "saml_request_other_organization");
    assert.deepEqual(new Set(codes.filter(isRepeatCode)), new Set(late));
    assert.equal(isRepeatCode(null), false);
  });

  test("another attempt is advised where time or the browser was the cause, and nowhere else", () => {
    const other = codes.filter((code) => mayHelpToRetry(code) && !isRepeatCode(code));
    assert.deepEqual(
      new Set(other),
      new Set([
        "saml_bad_encoding",
        "saml_expired",
        "saml_missing_response",
        "saml_session_expired",
      ]),
    );
  });
});
