/**
 * Answers of the settings API beside the settings themselves: computed fields, metadata, warnings. The
 * API's document is made of it, and so are the types of the pages; it needs nothing that a browser lacks.
 */
import { z } from "zod";

const time = z.iso.datetime();

/** Something to look at; `field` is the setting that fixes it. */
export const warningAnswer = z.object({
  code: z.string(),
  field: z.string(),
  message: z.string(),
});

const certificate = z.object({
  subject: z.string(),
  fingerprint_sha256: z.string(),
  key_type: z.string(),
  not_before: time.nullable(),
  not_after: time.nullable(),
  days_left: z.int(),
  is_usable: z.boolean(),
  problem: z.string().nullable(),
});

/** The contents of a metadata document; nulls where it could not be read. */
const metadataSummary = z.object({
  entity_id: z.string().nullable(),
  sso_redirect_url: z.string().nullable(),
  sso_post_url: z.string().nullable(),
  certificates: z.array(certificate),
  want_authn_requests_signed: z.boolean().nullable(),
  valid_until: time.nullable(),
  attribute_names: z.array(z.string()),
});

/** The verdict on a metadata URL. */
export const metadataVerdictAnswer = z.discriminatedUnion("valid", [
  metadataSummary.extend({ valid: z.literal(true) }),
  z.object({ valid: z.literal(false), error: z.string(), code: z.string() }),
]);

/** The fields of the SAML settings that nobody can set. */
export const computedAnswer = z.object({
  /** Also the service provider's entity ID. */
  acs_url: z.url(),
  login_url: z.url(),
  logout_url: z.url(),
  metadata_xml_url: z.url(),
  sp_metadata_url: z.url(),
  token: z.string(),
  /** The metadata on record, and how it came there; null while neither a URL nor a text is set. */
  metadata: metadataSummary
    .extend({
      source: z.enum(["metadata_url", "metadata_xml"]).nullable(),
      fetched_at: time.nullable(),
      checked_at: time.nullable(),
      last_error: z.string().nullable(),
    })
    .nullable(),
  warnings: z.array(warningAnswer),
  /** Goes up with every change of the record. */
  version: z.int().positive(),
  /**
   * The caller's permission to turn password sign-in off, the reason, and the number of people with a
   * password.
   */
  password_login: z.object({
    may_disable: z.boolean(),
    reason: z.string(),
    used_by: z.int().nonnegative(),
  }),
  /** The Owner's confirmation for sign-in by SAML; `may_confirm` for the Owner who can give it. */
  owner_sign_in: z.object({ is_confirmed: z.boolean(), may_confirm: z.boolean() }),
});
