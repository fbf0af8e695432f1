/** The table of test sign-ins as Kysely's type, part of schema.ts. */

/** A test sign-in: what it is judged by, who may answer it, and what came of it. */
export interface SamlTrialsTable {
  readonly id: string;
  readonly organization_id: number;
  /** The administrator who asked for it. */
  readonly user_id: number;
  /** The ID of its AuthnRequest; null before it began. */
  readonly request_id: string | null;
  readonly browser_hash: string | null;
  /** Settings that are not saved, as JSON; null where the saved ones are tried. */
  readonly settings: string | null;
  readonly idp_metadata: string | null;
  /** The sign-in report as JSON; null while the test sign-in waits. */
  readonly story: string | null;
  /** Milliseconds since the epoch, here and below. */
  readonly created_at: number;
  readonly answered_at: number | null;
  readonly expires_at: number;
}
