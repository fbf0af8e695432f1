/**
 * SAML responses: the rules of PRODUCT 2.2.
 */
import type { KeyObject } from "node:crypto";
import type { TrustedKey } from "./signature.ts";

export type { TrustedKey } from "./signature.ts";

declare const verified: unique symbol;

/** Whose signatures count. */
export interface IdpTrust {
  readonly entityId: string;
  readonly signingKeys: readonly TrustedKey[];
}

/** What a response must fit. */
export interface Expected {
  readonly acsUrl: string;
  readonly entityId: string;
  readonly wantAssertionsSigned: boolean;
  readonly wantResponseSigned: boolean;
  readonly allowSha1: boolean;
  readonly allowCbc: boolean;
  readonly clockSkewMs: number;
  /** The service provider's private keys, the active one first. */
  readonly decryptionKeys: readonly KeyObject[];
}

/** One saml:Attribute as it was sent. */
export interface AssertionAttribute {
  readonly name: string;
  readonly friendlyName: string | null;
  /** Text values in document order; empty ones count, those with elements inside do not. */
  readonly values: readonly string[];
}

/** What a trusted key vouched for; only verifyResponse makes it. */
export interface VerifiedAssertion {
  readonly [verified]: true;
  readonly id: string;
  readonly issuer: string;
  /** From the signed SubjectConfirmationData; null where sign-on began at the identity provider. */
  readonly inResponseTo: string | null;
  /** Until when the id must be remembered, so that nobody uses the assertion twice. */
  readonly replayUntilMs: number;
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
  readonly keyFingerprint: string;
}
