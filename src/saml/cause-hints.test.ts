/** A hint per cause (PRODUCT 8.4): what the verifier wrote down leads to the setting to change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { statusCodes } from "../../demo/render-response.ts";
import type { RespondOptions } from "../../demo/signer.ts";
import { acsUrl, receiver, respond, verify } from "../../test/fixtures/saml.ts";
import { AppError, errorTable } from "../errors.ts";
import { hintOf } from "./cause-hints.ts";

async function hintFor(options: Partial<RespondOptions>): Promise<string> {
  try {
    await verify(respond(options));
  } catch (error) {
    assert.ok(error instanceof AppError);
    return hintOf(error.code, error.evidence);
  }
  return assert.fail("accepted");
}

const nested = (code: string) => ({
  status: { code: statusCodes.responder, nested: `urn:oasis:names:tc:SAML:2.0:status:${code}` },
});
const certificatePem = receiver.certificatePem;
const method = (from: RegExp, to: string) => ({
  editSignedInfo: (xml: string) => xml.replace(from, `$1${to}"`),
});

describe("each cause has a hint of its own", () => {
  const rows: readonly (readonly [cause: string, Partial<RespondOptions>, RegExp])[] = [
    [
      "InResponseTo on the Response alone",
      { inResponseTo: null, responseInResponseTo: "_a" },
      /Response alone.*missing in the SubjectConfirmationData/,
    ],
    [
      "InResponseTo that disagrees",
      { inResponseTo: "_a", responseInResponseTo: "_b" },
      /disagree.*_b and _a/,
    ],
    ["an empty InResponseTo", { inResponseTo: "" }, /empty InResponseTo/],
    ["an absent Recipient", { recipient: null }, /has no Recipient/],
    ["a wrong Recipient", { recipient: `${acsUrl}x` }, /^Recipient is not our ACS URL/],
    ["an absent Issuer", { responseIssuer: null, sign: "response" }, /Issuer is absent/],
    ["a wrong Issuer", { issuer: "https://mallory.example" }, /^The issuer is not the entityID/],
    ["InvalidNameIDPolicy", nested("InvalidNameIDPolicy"), /nameid_format to unspecified/],
    ["RequestDenied", nested("RequestDenied"), /not assigned/],
    ["AuthnFailed", nested("AuthnFailed"), /could not authenticate/],
    ["a Requester error", { status: { code: statusCodes.requester } }, /calls our request wrong/],
    [
      "an unknown signature algorithm",
      method(/(SignatureMethod Algorithm=")[^"]*"/, "urn:x:gost"),
      /SignatureMethod uses urn:x:gost.*What would do: RSA.*SHA-256/,
    ],
    [
      "an unknown digest",
      method(/(DigestMethod Algorithm=")[^"]*"/, "http://www.w3.org/2001/04/xmldsig-more#md5"),
      /DigestMethod uses .*#md5.*What would do: SHA-256/,
    ],
    [
      "an unknown canonicalization",
      method(/(CanonicalizationMethod Algorithm=")[^"]*"/, "urn:x:c14n"),
      /CanonicalizationMethod uses urn:x:c14n.*exclusive/,
    ],
    [
      "RSA 1.5",
      { encryptFor: { certificatePem, keyTransport: "rsa-1_5" } },
      /RSA 1\.5.*RSA-OAEP.*Key Transport Algorithm \(Okta\)/,
    ],
    [
      "AES-CBC without a signed Response",
      { encryptFor: { certificatePem, algorithm: "aes256-cbc" } },
      /AES-CBC.*sign the Response too/,
    ],
  ];
  for (const [cause, options, expected] of rows) {
    test(cause, async () => assert.match(await hintFor(options), expected));
  }

  for (const [algorithm, expected] of [
    ["http://www.w3.org/2001/04/xmlenc#tripledes-cbc", /3DES.*AES-256-GCM.*OneLogin/],
    ["http://www.w3.org/2001/04/xmlenc#aes192-cbc", /AES-192.*AES-256-GCM.*Keycloak/],
    ["http://www.w3.org/2009/xmlenc11#aes192-gcm", /AES-192/],
    ["urn:x:cipher", /urn:x:cipher.*AES-256-GCM/],
  ] as const) {
    test(algorithm, async () => {
      const encryptFor = { certificatePem };
      const editMessage = (xml: string) =>
        xml.replace(/(<xenc:EncryptionMethod Algorithm=")[^"]*"/, `$1${algorithm}"`);
      assert.match(await hintFor({ encryptFor, editMessage }), expected);
    });
  }

  test("the hint of the table stays where the evidence tells nothing more", () => {
    for (const code of Object.keys(errorTable) as (keyof typeof errorTable)[]) {
      assert.ok(hintOf(code, {}).length > 0);
    }
    const { hint } = errorTable.saml_request_unknown;
    assert.equal(hintOf("saml_request_unknown", { inResponseTo: "_x" }), hint);
  });
});
