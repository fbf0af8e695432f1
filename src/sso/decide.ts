/**
 * Decides about a response for every caller: the sign-in itself (complete-login.ts), the test sign-in
 * and the inspection of a pasted response (story.ts). All use the same functions, so that a test
 * cannot report what a sign-in would not do (PRODUCT 4.11). Nothing is written here.
 *
 *   verifyMessage ─▶ readPerson ─▶ decideSignIn
 */
import { resolveGrants } from "../access/mappings.ts";
import { type Identity, type PersonSnapshot, planSignIn, type SignInPlan } from "../access/plan.ts";
import { areGroupsUnknown } from "../access/snapshot.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type ReadIdentity, readIdentity } from "../saml/attributes.ts";
import { decodeResponseField, type VerifiedAssertion, verifyResponse } from "../saml/response.ts";
import { confirmedFor } from "../saml/vouching.ts";
import { loadSnapshot } from "../store/people.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { loadPushedGroups } from "../store/scim-sync.ts";
import type { Db } from "../store/store.ts";
import { decryptionKeys } from "./keys.ts";
import {
  attributeMappingOf,
  detectionOf,
  expectedOf,
  mappingIndexOf,
  policyOf,
  trustedIdp,
} from "./trust.ts";

/**
 * Content of the field SAMLResponse. A text that is no message is a value, not an exception, until it
 * is known whose log the refusal goes to.
 */
export type PostedMessage = { readonly xml: Buffer } | { readonly refusal: AppError };

/** Decodes the field SAMLResponse, for the test sign-in and the sign-in alike. */
export function decodePosted(deps: Deps, field: string): PostedMessage {
  try {
    return { xml: decodeResponseField(field, deps.config.samlMaxResponseBytes) };
  } catch (error) {
    if (error instanceof AppError) return { refusal: error };
    throw error;
  }
}

/** The record with newer metadata, for a response by an unknown key; null where there is none. */
export type RenewMetadata = (record: SamlRecord) => Promise<SamlRecord | null>;

/** A message, and whose rules it must fit. */
export interface ArrivedMessage {
  readonly record: SamlRecord;
  readonly xml: Buffer;
  /** The time to verify as of, for an inspection; null for now. */
  readonly asOfMs: number | null;
}

/** An assertion with the record whose identity provider vouched for it. */
export interface VouchedAssertion {
  readonly record: SamlRecord;
  readonly assertion: VerifiedAssertion;
}

/**
 * The assertion, once a key of the organization's metadata has signed for it. An unknown key gets
 * one renewal, so that a certificate rollover at the identity provider is no outage.
 * @throws AppError as `verifyResponse` and `trustedIdp` do
 */
export async function verifyMessage(
  deps: Deps,
  renew: RenewMetadata,
  { record, xml, asOfMs }: ArrivedMessage,
): Promise<VouchedAssertion> {
  // Nothing encrypted can be without this name, and most providers encrypt nothing.
  const keys = xml.includes("EncryptedData") ? await decryptionKeys(deps, record) : [];
  const attempt = async (current: SamlRecord): Promise<VerifiedAssertion> => {
    const now = deps.now();
    const expected = expectedOf(deps.config, current, keys);
    return await verifyResponse(xml, trustedIdp(current, now).idp, expected, asOfMs ?? now);
  };
  try {
    return { record, assertion: await attempt(record) };
  } catch (error) {
    const mayBeNewKey =
      error instanceof AppError &&
      (error.code === "saml_signature_invalid" || error.code === "metadata_expired");
    const fresh = mayBeNewKey ? await renew(record) : null;
    if (fresh === null) throw error;
    return { record: fresh, assertion: await attempt(fresh) };
  }
}

/**
 * Reads the person that the assertion names, by the record's attribute names.
 * @throws AppError as `readIdentity`
 */
export function readPerson(deps: Deps, { record, assertion }: VouchedAssertion): ReadIdentity {
  const { byGroup } = mappingIndexOf(record);
  const detection = detectionOf(record, deps.now());
  const provider = record.settings.idpProvider ?? detection?.provider;
  return readIdentity(assertion, attributeMappingOf(record), {
    detection,
    splitGroupsOnComma: provider === "pingone",
    isMapped: (group) => byGroup.has(group),
  });
}

/** Changes that a sign-in of this person makes, and the facts they were decided from. */
export interface Decision {
  /** As it was told, but with the groups that SCIM pushed where the assertion had too many to tell. */
  readonly identity: Identity;
  readonly plan: SignInPlan;
  readonly snapshot: PersonSnapshot;
}

/** Loads the person and decides. With `lock`, nobody else decides for them until `tx` ends. */
export async function decideSignIn(
  deps: Deps,
  tx: Db,
  {
    record,
    identity: told,
    lock,
    confirmer = null,
  }: {
    record: SamlRecord;
    identity: Identity;
    lock: boolean;
    /** Of a test sign-in: who would save these settings. */
    confirmer?: number | null;
  },
): Promise<Decision> {
  const { organizationId } = record;
  const identity = await withPushedGroups(tx, told, { organizationId, lock });
  const grants = resolveGrants(identity.groups, mappingIndexOf(record));
  const snapshot = await loadSnapshot(tx, {
    organizationId,
    email: identity.email,
    workspaceTitles: grants.workspaces.map((grant) => grant.title),
    projectIds: grants.projects.map((grant) => grant.projectId),
    lock,
  });
  const plan = planSignIn({
    identity,
    snapshot,
    grants,
    policy: policyOf(deps.config, record),
    confirmedFor: ownerVouchedFor({ record, snapshot, confirmer }),
  });
  return { identity, plan, snapshot };
}

/** "Where SCIM has pushed this person's groups those count" (PRODUCT 3.3). */
async function withPushedGroups(
  tx: Db,
  identity: Identity,
  { organizationId, lock }: { organizationId: number; lock: boolean },
): Promise<Identity> {
  if (!areGroupsUnknown(identity)) return identity;
  const { email } = identity;
  return { ...identity, groups: await loadPushedGroups(tx, { organizationId, email, lock }) };
}

/**
 * The Owner for whom this configuration may vouch (PRODUCT 4.2). A sign-in sees to it that the record,
 * whose provider signed, is what stands still: a save between verification and session helps nobody.
 */
function ownerVouchedFor({
  record,
  snapshot,
  confirmer,
}: {
  record: SamlRecord;
  snapshot: PersonSnapshot;
  confirmer: number | null;
}): number | null {
  if (snapshot.membership?.role !== "OW") return null;
  return confirmer !== null && confirmer === snapshot.user?.id ? confirmer : confirmedFor(record);
}

/**
 * Lists the parts that were signed and how, for an administrator to compare with the provider's
 * settings.
 */
export function evidenceOf(assertion: VerifiedAssertion): Readonly<Record<string, unknown>> {
  return {
    isResponseSigned: assertion.isResponseSigned,
    isAssertionSigned: assertion.isAssertionSigned,
    wasEncrypted: assertion.wasEncrypted,
    keyFingerprint: assertion.keyFingerprint,
    isSolicited: assertion.inResponseTo !== null,
  };
}
