/**
 * XML signatures as SAML uses them.
 */
import type { KeyObject } from "node:crypto";

/** A key that an organization's identity provider may sign with, parsed once per metadata version. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** SHA-256 fingerprint of its certificate, as the metadata page shows it. */
  readonly fingerprint: string;
}
