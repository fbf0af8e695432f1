/**
 * AuthnRequests: what we ask the identity provider, and the two bindings that carry it (SAML Core
 * 3.4.1, SAML Bindings 3.4 and 3.5). Owns the wire form; which request is open in which browser is
 * sso/'s business.
 */
import { createHash, type KeyObject, sign } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { type NameIdFormat, nameIdFormats } from "../access/nameid-format.ts";
import { escapeText } from "./canonical.ts";
import { ns } from "./structure.ts";
import { writeElement } from "./xml-writer.ts";

/** Contents of an AuthnRequest. */
export interface AuthnRequestOptions {
  /** An XML name that nobody can guess. */
  readonly id: string;
  readonly issueInstantMs: number;
  /** The identity provider's SSO location. */
  readonly destination: string;
  readonly acsUrl: string;
  /** Ours, the Issuer. */
  readonly entityId: string;
  /** `transient` unless told; with `unspecified` there is no NameIDPolicy. */
  readonly nameIdFormat?: NameIdFormat;
}

const httpPost = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const rsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const sha256Uri = "http://www.w3.org/2001/04/xmlenc#sha256";
const envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/** The place where encodePost puts a signature: behind the Issuer, by the schema (SAML Core 3.2.1). */
const issuerEnd = "</saml:Issuer>";

/**
 * The samlp:AuthnRequest, asking for a NameID of the format (PRODUCT 2.5) and an answer by POST.
 * It asks for no particular way to authenticate: providers refuse more than they follow there.
 */
export function renderAuthnRequest(options: AuthnRequestOptions): string {
  return writeElement(
    "samlp:AuthnRequest",
    {
      "xmlns:samlp": ns.samlp,
      ID: options.id,
      Version: "2.0",
      IssueInstant: new Date(options.issueInstantMs).toISOString(),
      Destination: options.destination,
      AssertionConsumerServiceURL: options.acsUrl,
      ProtocolBinding: httpPost,
    },
    writeElement("saml:Issuer", { "xmlns:saml": ns.saml }, escapeText(options.entityId)),
    ...nameIdPolicy(options.nameIdFormat ?? "transient"),
  );
}

/** AllowCreate makes sense for persistent identifiers, and a transient one must not have it (errata E14). */
function nameIdPolicy(format: NameIdFormat): readonly string[] {
  if (format === "unspecified") return [];
  const allowCreate = format === "persistent" ? { AllowCreate: "true" } : {};
  return [writeElement("samlp:NameIDPolicy", { Format: nameIdFormats[format], ...allowCreate })];
}

/**
 * The URL that carries a request by HTTP-Redirect: deflated, and signed with RSA-SHA256 over the very
 * octets of its query (SAML Bindings 3.4.4.1) where `signWith` is a key.
 */
export function encodeRedirect(options: {
  readonly ssoUrl: string;
  readonly authnRequest: string;
  readonly relayState: string | null;
  readonly signWith: KeyObject | null;
}): string {
  const { ssoUrl, authnRequest, relayState, signWith } = options;
  const deflated = deflateRawSync(authnRequest).toString("base64");
  let query = `SAMLRequest=${encodeURIComponent(deflated)}`;
  if (relayState !== null) query += `&RelayState=${encodeURIComponent(relayState)}`;
  if (signWith !== null) {
    query += `&SigAlg=${encodeURIComponent(rsaSha256)}`;
    const signature = sign("sha256", Buffer.from(query), signWith).toString("base64");
    query += `&Signature=${encodeURIComponent(signature)}`;
  }
  // A fragment would swallow the query.
  const [location = ""] = ssoUrl.split("#", 1);
  return location + (location.includes("?") ? "&" : "?") + query;
}

/**
 * The form fields that carry a request by HTTP-POST, with an enveloped RSA-SHA256 signature where
 * `signWith` is given. `authnRequest` is what renderAuthnRequest returned.
 */
export function encodePost(options: {
  readonly authnRequest: string;
  readonly relayState: string | null;
  readonly signWith: { readonly privateKey: KeyObject; readonly certificatePem: string } | null;
}): Readonly<Record<string, string>> {
  const { authnRequest, relayState, signWith } = options;
  const message = signWith === null ? authnRequest : signRequest(authnRequest, signWith);
  return {
    SAMLRequest: Buffer.from(message).toString("base64"),
    ...(relayState === null ? {} : { RelayState: relayState }),
  };
}

/** The request is canonical as it was written (xml-writer.ts), so its text is what is digested. */
function signRequest(
  authnRequest: string,
  key: { readonly privateKey: KeyObject; readonly certificatePem: string },
): string {
  const id = /^[^>]* ID="([^"]+)"/.exec(authnRequest)?.[1] ?? "";
  const digest = createHash("sha256").update(authnRequest).digest("base64");
  const signedInfo = writeSignedInfo({ "xmlns:ds": ns.ds }, { id, digest });
  const value = sign("sha256", Buffer.from(signedInfo), key.privateKey).toString("base64");
  const certificate = key.certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const signature = writeElement(
    "ds:Signature",
    { "xmlns:ds": ns.ds },
    writeSignedInfo({}, { id, digest }),
    writeElement("ds:SignatureValue", {}, value),
    writeElement(
      "ds:KeyInfo",
      {},
      writeElement("ds:X509Data", {}, writeElement("ds:X509Certificate", {}, certificate)),
    ),
  );
  return authnRequest.replace(issuerEnd, () => issuerEnd + signature);
}

/** As the apex of canonical form it declares its namespace, inside ds:Signature it does not. */
function writeSignedInfo(
  declarations: Readonly<Record<string, string>>,
  { id, digest }: { id: string; digest: string },
): string {
  return writeElement(
    "ds:SignedInfo",
    declarations,
    writeElement("ds:CanonicalizationMethod", { Algorithm: ns.ec }),
    writeElement("ds:SignatureMethod", { Algorithm: rsaSha256 }),
    writeElement(
      "ds:Reference",
      { URI: `#${id}` },
      writeElement(
        "ds:Transforms",
        {},
        writeElement("ds:Transform", { Algorithm: envelopedSignature }),
        writeElement("ds:Transform", { Algorithm: ns.ec }),
      ),
      writeElement("ds:DigestMethod", { Algorithm: sha256Uri }),
      writeElement("ds:DigestValue", {}, digest),
    ),
  );
}
