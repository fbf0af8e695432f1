/**
 * The configuration that may vouch for the Owner (PRODUCT 4.2, "Nobody becomes the Owner through
 * settings"): types, and the comparison of what the Owner confirmed with what stands. Reading a
 * metadata document is saml/vouching.ts's, keeping the confirmation store/'s.
 */

/** The part of the SAML settings that decides who vouches for a person, as it is kept. */
export interface Vouching {
  readonly metadataUrl: string;
  /** The identity provider's metadata in use, or null before there is any. */
  readonly document: string | null;
  /** True where the document was read from the URL. */
  readonly isFetched: boolean;
  readonly idpProvider: string | null;
  readonly mappingEmail: string;
  readonly domains: readonly string[];
  /** With it on, whoever finds a collision has made what the key signed. */
  readonly allowSha1: boolean;
}

/** The facts as they stood when the Owner confirmed them. */
export interface OwnerConfirmation extends Vouching {
  /** The account of the Owner who did, or whose predecessor did and handed over under it. */
  readonly by: number;
}

/** The same with what the document says. */
export interface VouchingFacts {
  readonly metadataUrl: string;
  readonly entityId: string | null;
  /** Fingerprints of the signing keys where they were given by hand; null where the URL names them. */
  readonly keys: readonly string[] | null;
  /** The e-mail attribute that the metadata stands for where nobody chose one (PRODUCT 3.2); null for none. */
  readonly announcedEmail: string | null;
  readonly idpProvider: string | null;
  readonly mappingEmail: string;
  readonly domains: readonly string[];
  readonly allowSha1: boolean;
}

/** A setting that takes part in it. */
export type VouchingField =
  | "metadata_url"
  | "metadata_xml"
  | "idp_provider"
  | "mapping_email"
  | "domain"
  | "allow_sha1";

/** The facts of an organization that set nothing: the baseline of a first confirmation. */
export const vouchedByNobody: VouchingFacts = {
  metadataUrl: "",
  entityId: null,
  keys: null,
  announcedEmail: null,
  idpProvider: null,
  mappingEmail: "Email",
  domains: [],
  allowSha1: false,
};

/** The settings in which the present configuration is not the confirmed one; none where it is. */
export function unconfirmedFields(
  confirmed: VouchingFacts,
  present: VouchingFacts,
): readonly VouchingField[] {
  const found: VouchingField[] = [];
  if (!hasSameSource(confirmed, present)) {
    found.push(present.metadataUrl === "" ? "metadata_xml" : "metadata_url");
  }
  if (confirmed.idpProvider !== present.idpProvider) found.push("idp_provider");
  if (confirmed.mappingEmail !== present.mappingEmail) found.push("mapping_email");
  if (!isSameSet(confirmed.domains, present.domains)) found.push("domain");
  // Refusing what was accepted makes nobody an Owner.
  if (present.allowSha1 && !confirmed.allowSha1) found.push("allow_sha1");
  return found;
}

/**
 * Keys that the same URL renews stay confirmed; keys given by hand are confirmed one by one, and so is
 * the e-mail attribute that a text by hand announces where it counts. An Owner who confirmed a URL before
 * it could be read confirmed whichever provider it then names.
 */
function hasSameSource(confirmed: VouchingFacts, present: VouchingFacts): boolean {
  if (confirmed.metadataUrl !== present.metadataUrl) return false;
  const isByUrl = present.keys === null && present.metadataUrl !== "";
  const isUnread = confirmed.entityId === null && confirmed.metadataUrl !== "";
  if (confirmed.entityId !== present.entityId && !(isByUrl && isUnread)) return false;
  if (present.keys === null) return true;
  const isSameEmail = confirmed.announcedEmail === present.announcedEmail;
  if (goesByAnnounced(present) && !isSameEmail) return false;
  return confirmed.keys !== null && isSameSet(confirmed.keys, present.keys);
}

function goesByAnnounced({ idpProvider, mappingEmail }: VouchingFacts): boolean {
  return idpProvider === null && mappingEmail === vouchedByNobody.mappingEmail;
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const found = new Set(left);
  return found.size === new Set(right).size && right.every((value) => found.has(value));
}
