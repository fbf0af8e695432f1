/**
 * Metadata as products of the field write it, and what administrators give in its place (PRODUCT 2.7).
 * What is well-formed and not used changes nothing; what is no metadata has a sentence of its own, which
 * is true. Each sample is generated.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { createSigner } from "../../demo/signer.ts";
import { AppError } from "../../src/errors.ts";
import { type IdpMetadata, parseIdpMetadata } from "../../src/saml/metadata.ts";

const nowMs = Date.UTC(2026, 5, 1);
const idp = createSigner({
  entityId: "https://idp.contoso.com/idp",
  ssoUrl: "https://idp.contoso.com/sso",
});
const next = createSigner({ entityId: idp.entityId, ssoUrl: idp.ssoUrl });
const base64 = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
const certificate = base64(idp.certificatePem);

const key = (text: string, use = ' use="signing"'): string =>
  `<KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>`;
const binding = "urn:oasis:names:tc:SAML:2.0:bindings";
const service = (location = idp.ssoUrl, name = "HTTP-Redirect"): string =>
  `<SingleSignOnService Binding="${binding}:${name}" Location="${location}"/>`;

interface Parts {
  readonly before?: string;
  readonly entity?: string;
  readonly first?: string;
  readonly role?: string;
  readonly keys?: string;
  readonly inRole?: string;
  readonly services?: string;
  readonly last?: string;
  readonly entityId?: string;
}

const metadataOf = (parts: Parts = {}): string =>
  `${parts.before ?? ""}<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${parts.entityId ?? idp.entityId}"${parts.entity ?? ""}>${parts.first ?? ""}<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${parts.role ?? ""}>${parts.keys ?? key(certificate)}${parts.inRole ?? ""}${parts.services ?? service()}</IDPSSODescriptor>${parts.last ?? ""}</EntityDescriptor>`;

function read(document: string | Uint8Array): IdpMetadata {
  const metadata = parseIdpMetadata(document, nowMs);
  assert.equal(metadata.entityId, idp.entityId);
  assert.equal(metadata.signingCertificates[0]?.pem, idp.certificatePem);
  assert.equal(metadata.ssoRedirectUrl ?? metadata.ssoPostUrl, idp.ssoUrl);
  return metadata;
}

/** The sentence that refuses the document. */
function sentenceOf(document: string | Uint8Array): string {
  try {
    parseIdpMetadata(document, nowMs);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.match(error.code, /^metadata_/);
    return error.detail ?? "";
  }
  assert.fail("read, but should be refused");
}

describe("what is well-formed and not used changes nothing", () => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  const rows: Readonly<Record<string, Parts>> = {
    "the own binding of xml": {
      entity: ' xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en" xml:base="x"',
    },
    "roles of extended types": {
      first: `<RoleDescriptor ${xsi} xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">${key("MIIC")}<fed:TokenTypesOffered><fed:TokenType Uri="urn:x"/></fed:TokenTypesOffered></RoleDescriptor>`,
    },
    "other roles, Organization and contacts": {
      first:
        '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/><AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>',
      last: '<Organization><OrganizationName xml:lang="de">Ünï</OrganizationName></Organization><ContactPerson contactType="technical"><EmailAddress>mailto:a@b.example</EmailAddress></ContactPerson><AdditionalMetadataLocation namespace="urn:x">https://x.example</AdditionalMetadataLocation>',
    },
    "extensions with scopes, logos and relative or international namespaces": {
      inRole: `<Extensions><shibmd:Scope xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" regexp="false">contoso.com</shibmd:Scope><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="ja">日本</mdui:DisplayName></mdui:UIInfo><x:y xmlns:x="relative"/><x:y xmlns:x="urn:é x"/></Extensions>`,
    },
    "logout, artifacts, NameID formats and profiles": {
      inRole: `<ArtifactResolutionService index="0" Binding="${binding}:SOAP" Location="https://x.example"/><SingleLogoutService Binding="${binding}:HTTP-POST" Location="javascript:x"/><ManageNameIDService Binding="${binding}:SOAP" Location=""/><NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</NameIDFormat>`,
    },
    "bindings that nobody uses here, and their locations": {
      services: `<SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="not a url"/>${service("", "HTTP-Artifact")}${service("ftp://x", "SOAP")}${service()}`,
    },
    "a location for one binding that cannot be one, beside one that can": {
      services: service("/relative", "HTTP-POST") + service(),
    },
    "white space in values": {
      services: service(`\n ${idp.ssoUrl} `).replace('Binding="', 'Binding="\n '),
      keys: key(`\n ${certificate.replaceAll(/.{60}/g, "$&\n    ")}\n`),
    },
    "a key without use": { keys: key(certificate, "") },
    "several keys, one expired, one for encryption alone, one that cannot be read": {
      keys:
        key(certificate) +
        key(base64(next.certificatePem)) +
        key("AAAA") +
        key("MIIC", ' use="encryption"'),
    },
    "keys by name and by value beside the certificate": {
      keys: `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyName>k</KeyName><KeyValue><RSAKeyValue><Modulus>AA==</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue></KeyInfo></KeyDescriptor>${key(certificate).replace("<ds:X509Data>", "<ds:KeyName>k</ds:KeyName><ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName>")}<KeyDescriptor use="signing"><EncryptionMethod Algorithm="urn:x"/></KeyDescriptor>`,
    },
    "line ends of Windows, and as references": {
      keys: key(certificate.replaceAll(/.{64}/g, "$&&#13;\r\n")),
    },
    "the armour of PEM": { keys: key(`\n${idp.certificatePem}`) },
    "armour with the words of openssl around it": {
      keys: key(`subject=CN = x\nissuer=CN = y\n${idp.certificatePem}\nVerify return code: 0 (ok)`),
    },
    "comments within the certificate, and CDATA": {
      keys: key(
        `${certificate.slice(0, 40)}<!-- - -->${certificate.slice(40, 80)}<![CDATA[${certificate.slice(80)}]]>`,
      ),
    },
    "a stylesheet, comments and a later version of XML": {
      before:
        '<?xml version="1.1" encoding="utf-8"?>\n<?xml-stylesheet type="text/xsl" href="a.xsl"?><!-- <!DOCTYPE html> <html> -->',
    },
    "a signature that nobody checks": {
      first:
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>',
      entity: ' ID="_1" validUntil="2027-01-01T00:00:00Z" cacheDuration="soon"',
    },
    "long references": { entity: ' x="&#x000000000000041;"' },
  };
  for (const [what, parts] of Object.entries(rows)) {
    test(what, () => {
      read(metadataOf(parts));
      read(Buffer.from(metadataOf(parts)));
    });
  }

  test("odd prefixes, a prefix that changes its meaning, and empty namespaces", () => {
    const prefixed = metadataOf()
      .replaceAll(/<(\/?)(?=[A-Z])/g, "<$1é.x-1:")
      .replace("xmlns=", "xmlns:é.x-1=")
      .replace("<é.x-1:IDP", '<x xmlns="urn:md"><y xmlns=""/></x><é.x-1:IDP');
    read(prefixed);
  });

  test("several providers' descriptors, of which one is an identity provider", () => {
    const service = metadataOf({ entityId: "urn:sp" }).replaceAll(
      "IDPSSODescriptor",
      "SPSSODescriptor",
    );
    const many = `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" Name="urn:f"><Extensions/>${service}<EntitiesDescriptor>${metadataOf()}</EntitiesDescriptor></EntitiesDescriptor>`;
    read(many);
    const two = many.replace("<Extensions/>", metadataOf({ entityId: "urn:other" }));
    assert.match(sentenceOf(two), /holds 2 identity providers; it must hold exactly one/);
    const none = many.replace(metadataOf(), service);
    assert.match(sentenceOf(none), /metadata of a service provider/);
  });

  test("a certificate that is expired, and one of a kind of key that is not known", () => {
    const old = createSigner({ ...idp, certificateNotAfterMs: Date.UTC(2020, 0, 1) });
    assert.equal(
      parseIdpMetadata(metadataOf({ keys: key(base64(old.certificatePem)) }), nowMs)
        .signingCertificates[0]?.isUsable,
      true,
    );
  });
});

describe("encodings", () => {
  const named = (encoding: string): string =>
    metadataOf({
      before: `<?xml version="1.0" encoding="${encoding}"?>\n`,
      last: "<!-- Zürich -->",
    });
  const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
  const documents: Readonly<Record<string, Uint8Array>> = {
    "ISO-8859-1 by other names": latin1(named("latin1")),
    "ISO_8859-1": latin1(named("ISO_8859-1")),
    "ISO-8859-15": latin1(named("ISO-8859-15")),
    "windows-1251, in which that is another letter": latin1(named("windows-1251")),
    "UTF-8 by its other name": Buffer.from(named("utf8")),
    "UTF-16 without mark, big end first": Buffer.from(named("UTF-16BE"), "utf16le").swap16(),
    "UTF-16 without mark, behind a line end": Buffer.from(`\n${metadataOf()}`, "utf16le"),
    "UTF-16 with a mark, declared to be UTF-8": Buffer.from(`\uFEFF${named("utf-8")}`, "utf16le"),
    "UTF-8 with a mark, declared to be something else": Buffer.from(`\uFEFF${named("ISO-8859-1")}`),
    // The bytes of a character for one of Latin-1's.
    Shift_JIS: latin1(named("Shift_JIS").replace("ü", "\u0093\u00fa")),
    "Big5 in single quotes": latin1(named("Big5").replace('"Big5"', "'Big5'").replace("ü", "u")),
  };
  for (const [what, document] of Object.entries(documents)) {
    test(what, () => {
      read(document);
    });
  }

  const refused: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "UTF-8 that says it is UTF-16": [
      Buffer.from(named("utf-16")),
      /not the UTF-16 text that it says it is/,
    ],
    "Latin-1 that says it is UTF-8": [latin1(named("utf-8")), /not UTF-8 text/],
    "Latin-1 that says nothing": [latin1(metadataOf({ last: "<!-- ü -->" })), /not UTF-8 text/],
    "Latin-1 that says it is Shift_JIS": [
      latin1(named("Shift_JIS").replace("ürich", "\u00fd\u00fe")),
      /not the SHIFT_JIS text/,
    ],
    "UTF-32": [
      Buffer.from(
        Buffer.from(metadataOf(), "utf16le").toString("latin1").replaceAll(/(.)\0/gs, "$1\0\0\0"),
        "latin1",
      ),
      /UTF-32, which is not read/,
    ],
    "UTF-7": [Buffer.from(named("UTF-7")), /UTF-7, which is not read/],
    EBCDIC: [Buffer.of(0x4c, 0x6f, 0xa7, 0x94, 0x93), /EBCDIC, which is not read/],
    IBM850: [Buffer.from(named("IBM850")), /IBM850, which is not read/],
    "an odd half of UTF-16": [
      Buffer.concat([Buffer.from(named("UTF-16"), "utf16le"), Buffer.of(0x20)]),
      /not the UTF-16LE text/,
    ],
  };
  for (const [what, [document, sentence]] of Object.entries(refused)) {
    test(`refused by its name: ${what}`, () => {
      assert.match(sentenceOf(document), sentence);
    });
  }

  test("a DTD is found in every one of them", () => {
    for (const encoding of ["utf8", "latin1", "utf16le"] as const) {
      for (const doctype of [
        '<!DOCTYPE x [<!ENTITY e "v">]>',
        '<!DOCTYPE EntityDescriptor SYSTEM "https://x.example/x.dtd">',
        "<!DOCTYPE x>",
      ]) {
        const mark = encoding === "utf16le" ? "\uFEFF" : "";
        const document = Buffer.from(mark + metadataOf({ before: doctype }), encoding);
        assert.match(sentenceOf(document), /must not have: <!DOCTYPE/);
      }
    }
  });
});

describe("what is no metadata has a sentence of its own", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = (type: "pkcs1" | "pkcs8"): string =>
    privateKey.export({ type, format: "pem" }).toString();
  const xml = metadataOf();
  const page = "<head><title>Sign in</title></head><body><form></form></body></html>";
  const rows: Readonly<Record<string, readonly [string | Uint8Array, RegExp]>> = {
    nothing: ["", /^The document is empty\.$/],
    "nothing but white space": ["\uFEFF \r\n\t", /^The document is empty\.$/],
    "a file of a mark": [Buffer.from("\uFEFF"), /^The document is empty\.$/],
    "a URL": [
      "https://login.example.com/FederationMetadata.xml\n",
      /a URL, not a document: enter it as the metadata URL/,
    ],
    "a URL without its scheme": ["www.example.com/metadata", /a URL, not a document/],
    "a certificate": [idp.certificatePem, /a certificate, not metadata/],
    "a certificate's base64": [certificate, /a certificate or a key in base64/],
    "a certificate (DER)": [new X509Certificate(idp.certificatePem).raw, /certificate \(DER\)/],
    "a request for a certificate": [
      "-----BEGIN CERTIFICATE REQUEST-----\nMIIC",
      /a request for a certificate/,
    ],
    "a chain": ["-----BEGIN PKCS7-----\nMIIC", /a chain of certificates/],
    "a private key": [pem("pkcs8"), /a private key.*replace it/],
    "a private RSA key": [pem("pkcs1"), /a private key/],
    "an encrypted private key": ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC", /a private key/],
    "a private key (DER)": [
      privateKey.export({ type: "pkcs8", format: "der" }),
      /a key or a key store/,
    ],
    "a public key": [publicKey.export({ type: "spki", format: "pem" }).toString(), /a public key/],
    "an SSH key": ["ssh-rsa AAAAB3NzaC1yc2E a@b", /an SSH key/],
    "a PDF": ["%PDF-1.7\nx", /a PDF/],
    "a PDF's bytes": [Buffer.from("%PDF-1.7\n%\u00e2\u00e3", "latin1"), /a PDF/],
    "a ZIP archive": [Buffer.from("PK\u0003\u0004abc", "latin1"), /a ZIP archive/],
    "a ZIP archive as text": ["PK\u0003\u0004abc", /a ZIP archive/],
    "a compressed file": [gzipSync(xml), /compressed \(gzip\)/],
    "a picture": [Buffer.of(0x89, 0x50, 0x4e, 0x47), /a picture/],
    "rich text": ["{\\rtf1\\ansi x}", /rich text/],
    "a web page": [`<!DOCTYPE html>\n<html>${page}`, /a web page \(HTML\).*sign-in page/],
    "an old web page": [
      `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><html>${page}`,
      /a web page/,
    ],
    "a page of XHTML": [
      `<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE html PUBLIC "x" "y"><html xmlns="http://www.w3.org/1999/xhtml">${page}`,
      /a web page/,
    ],
    "a page behind a comment": [`<!-- 403 --><HTML lang="en">${page}`, /a web page/],
    "the inside of a page": [`<script>location = "/login"</script>`, /a web page/],
    JSON: ['{"issuer": "https://x.example"}', /JSON/],
    "a list in JSON": ['[{"kty": "RSA"}]', /JSON/],
    "XML in base64": [Buffer.from(xml).toString("base64"), /XML in base64/],
    "XML with a declaration in base64": [
      Buffer.from(`<?xml version="1.0"?>${xml}`).toString("base64"),
      /XML in base64/,
    ],
    "escaped XML": [xml.replaceAll("<", "&lt;"), /escaped XML/],
    "a browser's view": [
      `This XML file does not appear to have any style information associated with it.\n${xml}`,
      /copied from a browser's view/,
    ],
    "a browser's folded view": [
      `-<EntityDescriptor xmlns="urn:x">`,
      /copied from a browser's view/,
    ],
    "a response": [
      '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>',
      /a SAML message \(Response\)/,
    ],
    "an assertion": [
      '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>',
      /a SAML message \(Assertion\)/,
    ],
    "the service provider's own": [
      xml.replaceAll("IDPSSODescriptor", "SPSSODescriptor"),
      /metadata of a service provider/,
    ],
    "another role": [
      xml.replaceAll("IDPSSODescriptor", "AttributeAuthorityDescriptor"),
      /no IDPSSODescriptor/,
    ],
    "SAML 1.1": [
      xml.replace("SAML:2.0:protocol", "SAML:1.1:protocol"),
      /does not support SAML 2\.0/,
    ],
    "other XML": ["<rss/>", /its root is <rss>/],
    "half of the document": [xml.slice(0, -40), /not well-formed XML/],
    "a declaration in the middle": [
      `<!-- x --><?xml version="1.0"?>${xml}`,
      /declaration that is not at the very beginning/,
    ],
    "an entity of HTML": [xml.replace(">", ">&nbsp;"), /entity that XML does not define/],
    "a message in the wire's form": [deflateRawSync(xml), /not UTF-8|not well-formed/],
    "a key by value alone": [
      metadataOf({
        keys: '<KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyValue/></KeyInfo></KeyDescriptor>',
      }),
      /no X509Certificate.*KeyValue/,
    ],
    "no key": [metadataOf({ keys: "" }), /no KeyDescriptor for signing/],
    "an encryption key alone": [
      metadataOf({ keys: key(certificate, ' use="encryption"') }),
      /no KeyDescriptor for signing/,
    ],
    "no location": [metadataOf({ services: "" }), /names no SingleSignOnService/],
    "a location that is none": [
      metadataOf({ services: service("https://a b.example/") }),
      /whose Location is an http or https URL; the first one found is https:\/\/a b/,
    ],
    "SOAP alone": [
      metadataOf({ services: service("https://x.example", "SOAP") }),
      /An HTTP-Redirect or HTTP-POST SingleSignOnService is needed/,
    ],
  };
  for (const [what, [document, sentence]] of Object.entries(rows)) {
    test(what, () => {
      const said = sentenceOf(document);
      assert.match(said, sentence);
      assert.match(said, /\.$/, "a whole sentence");
    });
  }
});
