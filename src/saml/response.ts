/**
 * SAML responses (PRODUCT 2.2): from the posted field to a VerifiedAssertion. Owns the order of the
 * steps and the rules of the message around the assertion. Knows no store: whether the request that
 * is answered exists, and whether the assertion was used before, is for the caller to find out.
 *
 *   1. parse; IDs unique, structure, version, issuer, status, exactly one assertion
 *   2. verify the response's signature, if it has one, and go on with what was signed
 *   3. decrypt the assertion, if it is encrypted
 *   4. verify the assertion's signature, if it has one; one of the two must be there
 *   5. read and check the assertion from what was signed
 *
 * Steps 1 and 5 may read different trees: what step 1 reads unsigned serves only to refuse early.
 */
import { isUtf8 } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { AppError } from "../errors.ts";
import {
  type AssertionAttribute,
  readAssertion,
  readAssertionParts,
  requireIssuer,
} from "./assertion.ts";
import { decodeBase64 } from "./base64.ts";
import { decryptElement } from "./decrypt.ts";
import { requireInstant } from "./instant.ts";
import {
  type SignaturePolicy,
  type SignedElement,
  signedPart,
  verifySignature,
} from "./signature.ts";
import type { TrustedKey } from "./signing-keys.ts";
import {
  ChildReader,
  excerpt,
  ns,
  requireId,
  requireVersion,
  surveyDocument,
} from "./structure.ts";
import { isSameUrl } from "./urls.ts";
import { parseXml } from "./xml.ts";
import { encodingName } from "./xml-encoding.ts";
import { attributeOf, elementsOf, isElement, textOf, type XmlElement } from "./xml-tree.ts";

export type { AssertionAttribute } from "./assertion.ts";

declare const verified: unique symbol;

/** An identity provider and the keys whose signatures count. */
export interface IdpTrust {
  readonly entityId: string;
  readonly signingKeys: readonly TrustedKey[];
}

/** Rules that a response must satisfy. */
export interface Expected {
  readonly acsUrl: string;
  /** Ours, the audience. */
  readonly entityId: string;
  readonly wantAssertionsSigned: boolean;
  readonly wantResponseSigned: boolean;
  readonly allowSha1: boolean;
  /** AES-CBC even where no signature of the response covers it. */
  readonly allowCbc: boolean;
  readonly clockSkewMs: number;
  /** The service provider's private keys, the active one first. */
  readonly decryptionKeys: readonly KeyObject[];
}

/** The assertion that a trusted key vouched for; only verifyResponse makes it. */
export interface VerifiedAssertion {
  readonly [verified]: true;
  readonly id: string;
  readonly issuer: string;
  /** From the signed SubjectConfirmationData; null where sign-in began at the identity provider. */
  readonly inResponseTo: string | null;
  /** Until when the id must be remembered: the assertion is never accepted from then on. */
  readonly replayUntilMs: number;
  /** The assertion's own end, without clock skew. */
  readonly notOnOrAfterMs: number;
  readonly sessionNotOnOrAfterMs: number | null;
  readonly authnInstantMs: number;
  readonly sessionIndex: string | null;
  /** For information only: nobody is found by it (saml-security section 1.11). */
  readonly nameId: string | null;
  readonly attributes: readonly AssertionAttribute[];
  readonly isResponseSigned: boolean;
  readonly isAssertionSigned: boolean;
  readonly wasEncrypted: boolean;
  /** Of the key that signed the assertion, else the response. */
  readonly keyFingerprint: string;
}

/** A refusal of what a trusted key had signed: strangers cannot make such a thing at will. */
export class SignedRefusal extends AppError {
  /** The ID that was signed: whoever posts a captured message again and again posts this one. */
  readonly signedId: string;

  constructor(refused: AppError, signedId: string) {
    const { code, evidence, detail, cause } = refused;
    super(code, { evidence, cause, ...(detail !== undefined && { detail }) });
    this.signedId = signedId;
  }
}

const references = /&#(?:13|10|x0*[dDaA]);/g;

/**
 * The message in the form field `SAMLResponse`: strict base64, whose lines may be broken by CR, LF
 * or their character references, of UTF-8 text of at most `maxBytes` bytes.
 *
 * @throws AppError `saml_bad_encoding` or `saml_too_large`
 */
export function decodeResponseField(field: string, maxBytes: number): Buffer {
  // Base64 takes four thirds of the size; more than twice of it is not all line breaks.
  if (field.length > 2 * maxBytes + 1024) throw tooLarge(field.length, maxBytes);
  const text = field.includes("&") ? field.replaceAll(references, "\n") : field;
  const bytes = decodeBase64(text);
  if (bytes === null) {
    throw new AppError("saml_bad_encoding", { evidence: { expected: "base64" } });
  }
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  if (!isUtf8(bytes)) {
    const evidence = { expected: "UTF-8", found: encodingName(bytes) };
    throw new AppError("saml_bad_encoding", { evidence });
  }
  return bytes;
}

function tooLarge(found: number, limitBytes: number): AppError {
  return new AppError("saml_too_large", { evidence: { limitBytes, found } });
}

/**
 * The one assertion of the response `xml`, if everything that PRODUCT 2.2 asks holds at `nowMs`.
 * Waits only for the private-key operation of an encrypted assertion.
 *
 * @throws AppError with any saml_ code of the message, of structure, signatures and encryption, and
 * of the rules, but for those that need a store; `evidence` says what was expected and found. It is a
 * `SignedRefusal` where a trusted key had signed what was judged.
 */
export async function verifyResponse(
  xml: Uint8Array,
  idp: IdpTrust,
  expected: Expected,
  nowMs: number,
): Promise<VerifiedAssertion> {
  const policy = { keys: idp.signingKeys, allowSha1: expected.allowSha1 };
  const proof: Proof = { unverified: null, signedId: null };
  try {
    return await verifyInto(proof, xml, { idp, expected, policy, nowMs });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const signedId = proof.signedId ?? signedWhole(proof, policy);
    throw signedId === null ? error : new SignedRefusal(error, signedId);
  }
}

/** The part of the message that a trusted key has signed so far. */
interface Proof {
  /** The message, until its own signature was looked at. */
  unverified: XmlElement | null;
  signedId: string | null;
}

/**
 * The ID of a message that was refused before its signature was looked at, if a trusted key signed the
 * whole of it: a provider's word that nobody signed in, or a name that it has changed.
 */
function signedWhole({ unverified: root }: Proof, policy: SignaturePolicy): string | null {
  const [signature, ...more] = root === null ? [] : signaturesOf(root);
  if (root === null || signature === undefined || more.length > 0) return null;
  try {
    return requireId(verifySignature(root, signature, policy).root);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function signaturesOf(root: XmlElement): readonly XmlElement[] {
  return elementsOf(root).filter((child) => isElement(child, ns.ds, "Signature"));
}

function proved(proof: Proof, signed: SignedElement): SignedElement {
  proof.signedId = requireId(signed.root);
  return signed;
}

async function verifyInto(
  proof: Proof,
  xml: Uint8Array,
  {
    idp,
    expected,
    policy,
    nowMs,
  }: { idp: IdpTrust; expected: Expected; policy: SignaturePolicy; nowMs: number },
): Promise<VerifiedAssertion> {
  const root = parseXml(xml);
  proof.unverified = root;
  const ids = new Set<string>();
  const posted = readMessage(root, idp, surveyMessage(root, ids));
  if (posted.signature === null && expected.wantResponseSigned) {
    throw new AppError("saml_response_signature_required");
  }
  proof.unverified = null;
  const response =
    posted.signature === null
      ? null
      : proved(proof, verifySignature(root, posted.signature, policy));
  const message = response === null ? posted : readMessage(response.root, idp, 1);
  requireDestination(message.destination, expected.acsUrl, response !== null);

  const plain = await openAssertion(message.assertion, { ids, response, expected });
  const whereSigned = plain === message.assertion ? posted.assertion : plain;
  const assertion = verifyAssertion(whereSigned, policy);
  if (assertion !== null) proved(proof, assertion);
  if (assertion === null && expected.wantAssertionsSigned) {
    const evidence = { isResponseSigned: response !== null };
    throw new AppError("saml_assertion_signature_required", { evidence });
  }
  const signed = assertion ?? (response === null ? null : signedPart(response, plain));
  if (signed === null) throw new AppError("saml_signature_missing");

  const facts = readAssertion(signed, {
    issuer: idp.entityId,
    acsUrl: expected.acsUrl,
    audience: expected.entityId,
    nowMs,
    clockSkewMs: expected.clockSkewMs,
  });
  requireSameRequest(message.inResponseTo, facts.inResponseTo);
  const { encryptedId, nameId, ...rest } = facts;
  return {
    ...rest,
    nameId: encryptedId === null ? nameId : await openNameId(encryptedId, expected),
    replayUntilMs: facts.notOnOrAfterMs + expected.clockSkewMs,
    isResponseSigned: response !== null,
    isAssertionSigned: assertion !== null,
    wasEncrypted: plain !== message.assertion,
    keyFingerprint: signed.keyFingerprint,
  } as VerifiedAssertion;
}

/** Facts from the message around the assertion. */
interface Message {
  readonly signature: XmlElement | null;
  readonly destination: string | null;
  readonly inResponseTo: string | null;
  /** saml:Assertion or saml:EncryptedAssertion. */
  readonly assertion: XmlElement;
}

/** Notes every ID in `ids` and counts the assertions, once it is sure that this is a Response. */
function surveyMessage(root: XmlElement, ids: Set<string>): number {
  if (!isElement(root, ns.samlp, "Response")) {
    throw new AppError("saml_not_a_response", { evidence: { found: excerpt(root.name) } });
  }
  return surveyDocument(root, ids);
}

/**
 * Reads a Response by the white list; `assertionCount` is that of the whole document. The Issuer may be
 * absent unless the Response is signed or its assertion encrypted (SAML Profiles 4.1.4.2).
 */
function readMessage(root: XmlElement, idp: IdpTrust, assertionCount: number): Message {
  requireVersion(root);
  requireId(root);
  requireInstant(attributeOf(root, "IssueInstant"), "IssueInstant");
  const parts = new ChildReader(root);
  const issuer = parts.optional(ns.saml, "Issuer");
  const signature = parts.optional(ns.ds, "Signature");
  parts.optional(ns.samlp, "Extensions");
  const status = parts.one(ns.samlp, "Status");
  const [assertion] = parts.many(ns.saml, "Assertion", "EncryptedAssertion");
  parts.end();
  const mustName = signature !== null || assertion?.local === "EncryptedAssertion";
  if (issuer !== null || mustName) requireIssuer(issuer, idp.entityId);
  requireSuccess(status);
  if (assertionCount !== 1 || assertion === undefined) {
    throw new AppError("saml_assertion_count", {
      evidence: { expected: 1, found: assertionCount },
    });
  }
  return {
    signature,
    destination: attributeOf(root, "Destination"),
    inResponseTo: attributeOf(root, "InResponseTo"),
    assertion,
  };
}

const success = "urn:oasis:names:tc:SAML:2.0:status:Success";

/** SAML Core 3.2.2.2: the nested code tells why, the message tells it in words. */
function requireSuccess(status: XmlElement): void {
  const parts = new ChildReader(status);
  const code = parts.one(ns.samlp, "StatusCode");
  const message = parts.optional(ns.samlp, "StatusMessage");
  parts.optional(ns.samlp, "StatusDetail");
  parts.end();
  const found = attributeOf(code, "Value");
  if (found === success) return;
  const [nested] = elementsOf(code);
  throw new AppError("saml_status_not_success", {
    evidence: {
      expected: success,
      found: excerpt(found),
      nested: nested === undefined ? null : excerpt(attributeOf(nested, "Value")),
      message: message === null ? null : excerpt(textOf(message)),
    },
  });
}

/** SAML Bindings 3.5.5.2: a signed message that is delivered through a browser names its target. */
function requireDestination(found: string | null, expected: string, isSigned: boolean): void {
  if (found === null ? !isSigned : isSameUrl(found, expected)) return;
  const code = found === null ? "saml_destination_missing" : "saml_destination_mismatch";
  throw new AppError(code, { evidence: { expected, found: excerpt(found) } });
}

interface Surroundings {
  readonly ids: Set<string>;
  readonly response: SignedElement | null;
  readonly expected: Expected;
}

/** The assertion itself, decrypted if need be; its IDs must not repeat those around it. */
async function openAssertion(
  assertion: XmlElement,
  { ids, response, expected }: Surroundings,
): Promise<XmlElement> {
  if (assertion.local === "Assertion") return assertion;
  const plain = await decryptElement(assertion, "Assertion", {
    keys: expected.decryptionKeys,
    allowCbc: expected.allowCbc || response !== null,
  });
  const found = surveyDocument(plain, ids);
  if (found !== 1) throw new AppError("saml_assertion_count", { evidence: { expected: 1, found } });
  return plain;
}

/** The assertion's own signature, verified where it was posted; null where it has none. */
function verifyAssertion(assertion: XmlElement, policy: SignaturePolicy): SignedElement | null {
  requireId(assertion);
  const { signature } = readAssertionParts(assertion);
  return signature === null ? null : verifySignature(assertion, signature, policy);
}

/**
 * InResponseTo counts where it is signed, in the SubjectConfirmationData. The response may repeat
 * it; one that stands on the response alone could have been put there by anybody.
 */
function requireSameRequest(onResponse: string | null, signed: string | null): void {
  if (signed !== "" && (onResponse === null || onResponse === signed)) return;
  throw new AppError("saml_request_unknown", {
    evidence: { expected: excerpt(signed), found: excerpt(onResponse) },
  });
}

/**
 * The ciphertext is covered by the signature over the assertion, so that CBC is safe here. Nobody is
 * found by a NameID: one that cannot be decrypted changes nothing (PRODUCT 2.5).
 */
async function openNameId(encryptedId: XmlElement, expected: Expected): Promise<string | null> {
  const policy = { keys: expected.decryptionKeys, allowCbc: true };
  try {
    return textOf(await decryptElement(encryptedId, "NameID", policy));
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
