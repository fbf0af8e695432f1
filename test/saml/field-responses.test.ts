/**
 * Responses as products of the field write them, beyond the providers of test/idp: what the schema allows
 * and nobody here uses must change nothing (saml-security section 3). Each sample is generated; beside each
 * kind stands its hostile twin, which is refused.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError, type ErrorCode } from "../../src/errors.ts";
import {
  acsUrl,
  ada,
  adaIdentity,
  at,
  encryptPart,
  provider,
  requestId,
  signOn,
  signPart,
} from "../idp/provider.ts";

const idp = provider("https://idp.contoso.com/idp/shibboleth");
const samlp = "urn:oasis:names:tc:SAML:2.0:protocol";
const saml = "urn:oasis:names:tc:SAML:2.0:assertion";
const cm = "urn:oasis:names:tc:SAML:2.0:cm";
const classRef =
  "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef>";

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml2:Attribute Name="${name}">${values.map((value) => `<saml2:AttributeValue>${value}</saml2:AttributeValue>`).join("")}</saml2:Attribute>`;

const people = [
  attribute("email", ada.email),
  attribute("firstName", ada.firstName),
  attribute("lastName", ada.lastName),
  attribute("groups", ...ada.groups),
].join("");

const data = (attributes = "", recipient = acsUrl): string =>
  `<saml2:SubjectConfirmationData Recipient="${recipient}" NotOnOrAfter="${at(300)}" InResponseTo="${requestId}"${attributes}/>`;
const confirmed = (method: string, content: string): string =>
  `<saml2:SubjectConfirmation Method="${cm}:${method}">${content}</saml2:SubjectConfirmation>`;

/** The parts of a message that samples differ in, as XML. */
interface Parts {
  readonly declaration?: string;
  /** More attributes of the Response and of the Assertion. */
  readonly response?: string;
  readonly assertion?: string;
  readonly responseIssuer?: string;
  readonly issuer?: string;
  readonly status?: string;
  readonly subject?: string;
  readonly conditions?: string;
  readonly restriction?: string;
  readonly advice?: string;
  readonly statements?: string;
  readonly authn?: string;
  readonly attributes?: string;
}

const nameId = `<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="${idp.entityId}" SPNameQualifier="${acsUrl}">AAdzZWNyZXQx</saml2:NameID>`;
const restricted = `<saml2:AudienceRestriction><saml2:Audience>${acsUrl}</saml2:Audience></saml2:AudienceRestriction>`;
const authnOf = (context = classRef, more = ""): string =>
  `<saml2:AuthnStatement AuthnInstant="${at(-30)}"${more}><saml2:SubjectLocality Address="192.0.2.9"/><saml2:AuthnContext>${context}</saml2:AuthnContext></saml2:AuthnStatement>`;

function message(parts: Parts = {}): string {
  const {
    subject = nameId + confirmed("bearer", data()),
    restriction = restricted,
    statements = `${parts.authn ?? authnOf()}<saml2:AttributeStatement>${parts.attributes ?? people}</saml2:AttributeStatement>`,
  } = parts;
  const issuer = `<saml2:Issuer>${idp.entityId}</saml2:Issuer>`;
  return `${parts.declaration ?? ""}<saml2p:Response xmlns:saml2p="${samlp}" xmlns:saml2="${saml}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Destination="${acsUrl}" ID="_r1" InResponseTo="${requestId}" IssueInstant="${at(0)}" Version="2.0"${parts.response ?? ""}>
  ${parts.responseIssuer ?? issuer}
  ${parts.status ?? '<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>'}
  <saml2:Assertion ID="_a1" IssueInstant="${at(0)}" Version="2.0"${parts.assertion ?? ""}>
    ${parts.issuer ?? issuer}
    <saml2:Subject>${subject}</saml2:Subject>
    <saml2:Conditions NotBefore="${at(-60)}" NotOnOrAfter="${at(300)}">${restriction}${parts.conditions ?? ""}</saml2:Conditions>
    ${parts.advice ?? ""}
    ${statements}
  </saml2:Assertion>
</saml2p:Response>
`;
}

const signed = (xml: string, part: "Assertion" | "Response" = "Assertion"): string =>
  signPart(idp, xml, { part });

async function accepted(parts: Parts, part: "Assertion" | "Response" = "Assertion") {
  const { identity, assertion } = await signOn(idp, signed(message(parts), part), {
    preset: "okta",
  });
  assert.deepEqual(identity, adaIdentity);
  return assertion;
}

async function refused(code: ErrorCode, xml: string): Promise<void> {
  await assert.rejects(signOn(idp, xml, { preset: "okta" }), (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code, JSON.stringify(error.evidence));
    return true;
  });
}

describe("what the schema allows and nobody reads changes nothing", () => {
  const own = ' xmlns:xml="http://www.w3.org/XML/1998/namespace"';
  const rows: readonly (readonly [what: string, parts: Parts])[] = [
    [
      "an XML declaration",
      { declaration: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' },
    ],
    ["the own binding of the prefix xml", { response: own, assertion: own }],
    ["xml:lang and xml:space", { assertion: ' xml:lang="de" xml:space="preserve"' }],
    [
      "schema locations and types",
      {
        assertion: ' xsi:schemaLocation="urn:x x.xsd"',
        response: ' xsi:type="saml2p:ResponseType"',
      },
    ],
    [
      "consent and unused namespaces",
      {
        response:
          ' Consent="urn:oasis:names:tc:SAML:2.0:consent:obtained" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"',
      },
    ],
    [
      "status message and detail",
      {
        status:
          '<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/><saml2p:StatusMessage>urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage><saml2p:StatusDetail><x xmlns="urn:x">1</x></saml2p:StatusDetail></saml2p:Status>',
      },
    ],
    ["no NameID", { subject: confirmed("bearer", data()) }],
    ["an empty NameID", { subject: `<saml2:NameID/>${confirmed("bearer", data())}` }],
    [
      "a NameID with something else in it",
      { subject: `<saml2:NameID>a<x xmlns="urn:x"/></saml2:NameID>${confirmed("bearer", data())}` },
    ],
    ["a NameID in the confirmation", { subject: nameId + confirmed("bearer", nameId + data()) }],
    [
      "an address, and content, in the confirmation's data",
      {
        subject:
          nameId +
          confirmed(
            "bearer",
            data(' Address="192.0.2.1"').replace(
              "/>",
              `><k xmlns="urn:k">x</k></saml2:SubjectConfirmationData>`,
            ),
          ),
      },
    ],
    [
      "confirmations of other methods",
      {
        subject:
          nameId +
          confirmed("sender-vouches", "") +
          confirmed("holder-of-key", "<x xmlns='urn:x'/>") +
          confirmed("bearer", data()),
      },
    ],
    [
      "a bearer confirmation for somebody else",
      {
        subject:
          nameId +
          confirmed("bearer", data("", "https://other.example/acs")) +
          confirmed("bearer", data()),
      },
    ],
    [
      "a bearer confirmation whose time cannot be read",
      {
        subject:
          nameId +
          confirmed("bearer", data().replace(at(300), "tomorrow")) +
          confirmed("bearer", data()),
      },
    ],
    [
      "OneTimeUse and ProxyRestriction",
      {
        conditions: `<saml2:OneTimeUse/><saml2:ProxyRestriction Count="0"><saml2:Audience>https://x.example</saml2:Audience></saml2:ProxyRestriction>`,
      },
    ],
    [
      "a second restriction that names us among others",
      {
        conditions: `<saml2:AudienceRestriction><saml2:Audience>https://x.example</saml2:Audience><saml2:Audience>\n${acsUrl}\n</saml2:Audience></saml2:AudienceRestriction>`,
      },
    ],
    [
      "Advice, with an assertion of somebody's in it",
      {
        advice: `<saml2:Advice><saml2:AssertionIDRef>_x</saml2:AssertionIDRef><saml2:EncryptedAssertion/><x xmlns="urn:x" ID="_adv">1</x></saml2:Advice>`,
      },
    ],
    [
      "two AuthnStatements, the second by declaration",
      {
        authn:
          authnOf() +
          authnOf('<saml2:AuthnContextDecl><d xmlns="urn:d"/></saml2:AuthnContextDecl>'),
      },
    ],
    [
      "a class beside a declaration, and authorities",
      {
        authn: authnOf(
          `${classRef}<saml2:AuthnContextDeclRef>urn:x</saml2:AuthnContextDeclRef><saml2:AuthenticatingAuthority>https://up.example</saml2:AuthenticatingAuthority><saml2:AuthenticatingAuthority>https://up2.example</saml2:AuthenticatingAuthority>`,
        ),
      },
    ],
    [
      "a session index that is any text",
      { authn: authnOf(classRef, ` SessionIndex="a b/ü&lt;" SessionNotOnOrAfter="${at(7200)}"`) },
    ],
    [
      "several AttributeStatements, statements in any order",
      {
        statements: `<saml2:AttributeStatement>${people}</saml2:AttributeStatement>${authnOf()}<saml2:AttributeStatement>${attribute("other", "x")}</saml2:AttributeStatement>`,
      },
    ],
    [
      "a decision about something",
      {
        statements: `${authnOf()}<saml2:AuthzDecisionStatement Resource="https://x.example" Decision="Permit"><saml2:Action Namespace="urn:x">read</saml2:Action></saml2:AuthzDecisionStatement><saml2:AttributeStatement>${people}</saml2:AttributeStatement>`,
      },
    ],
    [
      "values that are null, empty, typed or elements",
      {
        attributes:
          people +
          `<saml2:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="eduPersonTargetedID"><saml2:AttributeValue>${nameId}</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="nil" x:y="z" xmlns:x="urn:x"><saml2:AttributeValue xsi:nil="true"/><saml2:AttributeValue/></saml2:Attribute><saml2:Attribute Name="n"><saml2:AttributeValue xsi:type="xs:integer">1</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="none"/>`,
      },
    ],
    [
      "values with white space around them",
      {
        attributes: people
          .replace(ada.email, `\n        ${ada.email}\n      `)
          .replace(ada.groups[0], `\n  ${ada.groups[0]}\t`),
      },
    ],
    [
      "character references",
      { attributes: people.replace("@", "&#x0000000040;").replace("é", "&#233;") },
    ],
    [
      "an Issuer with white space and its own Format",
      {
        issuer: `<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">\n${idp.entityId}\n</saml2:Issuer>`,
      },
    ],
    [
      "times of a finer kind",
      {
        authn: authnOf().replace(
          /AuthnInstant="[^"]*"/,
          `AuthnInstant="${at(-30).replace("Z", "123456Z")}"`,
        ),
      },
    ],
  ];
  for (const [what, parts] of rows) {
    for (const part of ["Assertion", "Response"] as const) {
      test(`${what}, in a signed ${part}`, async () => {
        await accepted(parts, part);
      });
    }
  }

  test("and encrypted as well, with what surrounds it declaring the prefixes", async () => {
    for (const [what, parts] of rows.filter(([, { response = "" }]) => response === "")) {
      const inside = message(parts).replace(
        "<saml2:Assertion ",
        `<saml2:Assertion xmlns:saml2="${saml}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" `,
      );
      const xml = encryptPart(signed(inside), { keyPlace: "sibling" });
      const { identity } = await signOn(idp, xml, { preset: "okta" });
      assert.deepEqual(identity, adaIdentity, what);
    }
  });
});

describe("and what is near to it, and wrong, is refused", () => {
  const rows: readonly (readonly [what: string, code: ErrorCode, parts: Parts])[] = [
    ["xml bound to another namespace", "saml_xml_forbidden", { assertion: ' xmlns:xml="urn:x"' }],
    ["an empty AuthnContext", "saml_bad_structure", { authn: authnOf("") }],
    [
      "authorities alone in AuthnContext",
      "saml_bad_structure",
      {
        authn: authnOf(
          "<saml2:AuthenticatingAuthority>https://x.example</saml2:AuthenticatingAuthority>",
        ),
      },
    ],
    [
      "something foreign in AuthnContext",
      "saml_bad_structure",
      { authn: authnOf(`${classRef}<x xmlns="urn:x"/>`) },
    ],
    [
      "something foreign in a class reference",
      "saml_bad_structure",
      {
        authn: authnOf(
          '<saml2:AuthnContextClassRef><x xmlns="urn:x"/></saml2:AuthnContextClassRef>',
        ),
      },
    ],
    ["text in AuthnContext", "saml_bad_structure", { authn: authnOf(`yes${classRef}`) }],
    ["two class references", "saml_bad_structure", { authn: authnOf(classRef + classRef) }],
    [
      "an AuthnContext too many",
      "saml_bad_structure",
      { authn: authnOf(`${classRef}</saml2:AuthnContext><saml2:AuthnContext>${classRef}`) },
    ],
    [
      "an Issuer of a transient Format",
      "saml_issuer_mismatch",
      {
        issuer: `<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">${idp.entityId}</saml2:Issuer>`,
      },
    ],
    [
      "an Issuer of an empty Format",
      "saml_issuer_mismatch",
      { responseIssuer: `<saml2:Issuer Format="">${idp.entityId}</saml2:Issuer>` },
    ],
    [
      "other methods alone",
      "saml_subject_confirmation",
      {
        subject: nameId + confirmed("sender-vouches", data()) + confirmed("holder-of-key", data()),
      },
    ],
    [
      "a bearer for somebody else alone",
      "saml_recipient_mismatch",
      { subject: nameId + confirmed("bearer", data("", "https://other.example/acs")) },
    ],
    [
      "a bearer whose time cannot be read alone",
      "saml_bad_time",
      { subject: nameId + confirmed("bearer", data().replace(at(300), "tomorrow")) },
    ],
    [
      "a bearer that begins later",
      "saml_subject_confirmation",
      { subject: nameId + confirmed("bearer", data(` NotBefore="${at(-60)}"`)) },
    ],
    [
      "two bearers for different requests",
      "saml_subject_confirmation",
      {
        subject:
          nameId +
          confirmed("bearer", data()) +
          confirmed("bearer", data().replace(requestId, "_other")),
      },
    ],
    [
      "a second restriction without us",
      "saml_audience_mismatch",
      { conditions: restricted.replace(acsUrl, "https://x.example") },
    ],
    [
      "a restriction without audience",
      "saml_audience_mismatch",
      { conditions: "<saml2:AudienceRestriction/>" },
    ],
    [
      "an audience with an element in it",
      "saml_bad_structure",
      { restriction: restricted.replace(acsUrl, `${acsUrl}<x xmlns="urn:x"/>`) },
    ],
    [
      "a condition of one's own",
      "saml_unknown_condition",
      { conditions: '<saml2:Condition xsi:type="x:Y" xmlns:x="urn:x"/>' },
    ],
    [
      "the assertion's Advice at another place",
      "saml_bad_structure",
      {
        statements: `${authnOf()}<saml2:Advice/><saml2:AttributeStatement>${people}</saml2:AttributeStatement>`,
      },
    ],
    [
      "a statement of one's own",
      "saml_bad_structure",
      { statements: `${authnOf()}<saml2:Statement xsi:type="x:Y" xmlns:x="urn:x"/>` },
    ],
    [
      "a session that ended, in the second statement",
      "saml_session_expired",
      { authn: authnOf() + authnOf(classRef, ` SessionNotOnOrAfter="${at(-600)}"`) },
    ],
    [
      "a second statement without its instant",
      "saml_bad_time",
      { authn: authnOf() + authnOf().replace(/ AuthnInstant="[^"]*"/, "") },
    ],
    [
      "an encrypted attribute",
      "saml_bad_structure",
      { attributes: `${people}<saml2:EncryptedAttribute/>` },
    ],
    [
      "an attribute without name",
      "saml_bad_structure",
      { attributes: `${people}<saml2:Attribute/>` },
    ],
    [
      "something else beside attributes",
      "saml_bad_structure",
      { attributes: `${people}<x xmlns="urn:x"/>` },
    ],
    [
      "two e-mail addresses in two statements",
      "saml_email_ambiguous",
      {
        statements: `${authnOf()}<saml2:AttributeStatement>${people}</saml2:AttributeStatement><saml2:AttributeStatement>${attribute("email", "eve@contoso.com")}</saml2:AttributeStatement>`,
      },
    ],
    [
      "an e-mail address that is an element",
      "saml_email_missing",
      { attributes: people.replace(ada.email, `<x xmlns="urn:x">${ada.email}</x>`) },
    ],
    [
      "white space within the e-mail address",
      "saml_email_invalid",
      { attributes: people.replace("@", "\n@") },
    ],
    [
      "a reference to no character",
      "saml_bad_xml",
      { attributes: people.replace("@", "&#x00000000;") },
    ],
    [
      "a declaration that is not UTF-8",
      "saml_bad_encoding",
      { declaration: '<?xml version="1.0" encoding="ISO-8859-1"?>' },
    ],
    [
      "XML 1.1, whose line ends are others",
      "saml_bad_xml",
      { declaration: '<?xml version="1.1"?>' },
    ],
  ];
  for (const [what, code, parts] of rows) {
    test(`${what} (${code})`, async () => {
      // Signed before what no signer would sign is put in, where the parser refuses it anyway.
      await refused(
        code,
        code === "saml_xml_forbidden" || code === "saml_bad_encoding" || code === "saml_bad_xml"
          ? message(parts)
          : signed(message(parts)),
      );
    });
  }

  test("a Reference to the whole document is no Reference to its parent", async () => {
    const xml = signed(message(), "Response").replace(/URI="#[^"]*"/, 'URI=""');
    await refused("saml_signature_structure", xml);
  });
});

describe("KeyInfo says nothing", () => {
  const keyInfo = /<ds:KeyInfo>.*<\/ds:KeyInfo>/s;
  const other = provider("https://other.example");
  const base64 = other.certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const others = {
    "is absent": "",
    "names a key": "<ds:KeyInfo><ds:KeyName>signing</ds:KeyName></ds:KeyInfo>",
    "has a key's value":
      "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AA==</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>",
    "has somebody else's certificate": `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`,
    "has what is no certificate":
      "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>!</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
    "has a certificate's names":
      "<ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial><ds:X509SubjectName>CN=x</ds:X509SubjectName></ds:X509Data></ds:KeyInfo>",
    "refers to a token":
      '<ds:KeyInfo><o:SecurityTokenReference xmlns:o="urn:wsse"><o:KeyIdentifier ValueType="x">AA==</o:KeyIdentifier></o:SecurityTokenReference></ds:KeyInfo>',
  };
  for (const [what, replacement] of Object.entries(others)) {
    test(`it ${what}: the provider's own key counts, and no other`, async () => {
      const xml = signed(message());
      assert.match(xml, keyInfo);
      const { identity } = await signOn(idp, xml.replace(keyInfo, replacement), { preset: "okta" });
      assert.deepEqual(identity, adaIdentity);
      const forged = signPart(other, message(), { part: "Assertion" });
      await refused("saml_signature_invalid", forged.replace(keyInfo, replacement));
    });
  }
});
