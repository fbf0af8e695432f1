/**
 * The Owner's word on who may vouch for the Owner (PRODUCT 4.2): what a save confirms, what it
 * suspends, who is told, and the confirmation by one click.
 *
 * A save by the Owner confirms what stands after it, as far as the Owner set it in that very request:
 * saving a group mapping confirms no identity provider that somebody else had put there meanwhile.
 */

import type { Principal } from "../access/authorize.ts";
import type { SamlPatch } from "../access/settings-table.ts";
import {
  type OwnerConfirmation,
  unconfirmedFields,
  type VouchingField,
  vouchedByNobody,
} from "../access/vouching.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { sendMail } from "../mail.ts";
import { confirmedFor, isOwnerSuspended, vouchingFacts, vouchingOf } from "../saml/vouching.ts";
import { recordAudit } from "../store/audit.ts";
import { listOwners } from "../store/organizations.ts";
import { saveOwnerConfirmation } from "../store/saml-save.ts";
import { loadSamlByOrganization, lockSaml, type SamlRecord } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import type { Warning } from "./warnings.ts";

/** Somebody who is the Owner now. */
export type Owner = Awaited<ReturnType<typeof listOwners>>[number];

/** The person who saves or confirms, and their request. */
interface Acting {
  readonly principal: Pick<Principal, "userId" | "organizationId">;
  readonly ip: string;
  readonly requestId: string;
}

/** The effect of a save on the Owner's sign-in. */
export interface OwnerEffect {
  /** The confirmation that stands after the save; null where there is none. */
  readonly confirmation: OwnerConfirmation | null;
  /** The Owner for whom the save confirms it anew; null where it does not. */
  readonly confirms: Owner | null;
  /** Owners who can sign in by SAML no more because of it. */
  readonly suspended: readonly Owner[];
}

/** The effect of a patch by this person that turns `before` into `after`, on the organization's Owners. */
export function ownerEffect(
  owners: readonly Owner[],
  saving: {
    readonly before: SamlRecord;
    readonly after: SamlRecord;
    readonly patch: Partial<SamlPatch>;
    readonly saverId: number | null;
  },
): OwnerEffect {
  const { before, after, saverId } = saving;
  const stands = confirmedFor(after);
  const saver = owners.find(({ userId }) => userId === saverId);
  const isAnew = saver !== undefined && stands !== saver.userId && sawItAll(saving, saver.userId);
  if (isAnew) {
    const confirmation = { by: saver.userId, ...vouchingOf(after) };
    return { confirmation, confirms: saver, suspended: [] };
  }
  const stood = confirmedFor(before);
  const suspended = owners.filter(({ userId }) => userId === stood && userId !== stands);
  return { confirmation: after.ownerConfirmation, confirms: null, suspended };
}

/** Tells whether the patch itself set everything that the Owner had not confirmed before. */
function sawItAll(
  { after, patch }: { readonly after: SamlRecord; readonly patch: Partial<SamlPatch> },
  ownerId: number,
): boolean {
  const present = vouchingFacts(vouchingOf(after));
  if (present === null) return false;
  const earlier = after.ownerConfirmation;
  const confirmed =
    earlier?.by === ownerId ? (vouchingFacts(earlier) ?? vouchedByNobody) : vouchedByNobody;
  return unconfirmedFields(confirmed, present).every((field) => isSet(patch, field));
}

/** A preset sets the e-mail attribute along with itself. */
function isSet(patch: Partial<SamlPatch>, field: VouchingField): boolean {
  if (patch[field] !== undefined) return true;
  return field === "mapping_email" && patch.idp_provider !== undefined;
}

/** Writes the effect on the record that was locked, with its rows in the activity log. */
export async function applyOwnerEffect(
  deps: Deps,
  tx: Db,
  { acting, record }: { readonly acting: Acting; readonly record: SamlRecord },
  { confirmation, confirms, suspended }: OwnerEffect,
): Promise<void> {
  if (confirms !== null && confirmation !== null) {
    await saveOwnerConfirmation(tx, record, confirmation);
    await writeAudit(deps, tx, acting, { owner: confirms, action: "owner_sign_in_confirmed" });
  }
  for (const owner of suspended) {
    await writeAudit(deps, tx, acting, { owner, action: "owner_sign_in_suspended" });
  }
}

async function writeAudit(
  deps: Deps,
  tx: Db,
  { principal, ip, requestId }: Acting,
  { owner, action }: { owner: Owner; action: string },
): Promise<void> {
  await recordAudit(tx, {
    organizationId: principal.organizationId,
    at: deps.now(),
    actor: { kind: "person", userId: principal.userId },
    subjectUserId: owner.userId,
    action,
    ip,
    requestId,
  });
}

/** Tells the Owners by mail, where there is mail; the page tells them anyway. */
export async function tellOwners(deps: Deps, suspended: readonly Owner[]): Promise<void> {
  const { baseUrl } = deps.config;
  for (const { email } of suspended) {
    await sendMail(deps, {
      to: email,
      subject: "Your single sign-on to Labelgate is suspended until you confirm its settings",
      text: [
        "Somebody else changed which identity provider, keys, e-mail attribute or domains single sign-on goes by, or that SHA-1 is accepted.",
        "Whoever controls those could sign in as you, so your own sign-in by single sign-on is suspended until you confirm the change. Everybody else signs in as before.",
        "",
        `Look at the settings: ${baseUrl}/organization/security/sso`,
        `Sign in by password: ${baseUrl}/user/login?owner=1`,
        "Without a password, `labelgate recover` on the server makes a link for you.",
      ].join("\n"),
    });
  }
}

/**
 * Confirms what stands, as the Owner has seen it: `version` is that of the settings that were shown.
 * @throws AppError `permission_denied` for anybody but the Owner, `conflict` where the settings have
 * changed since, `saml_not_configured` where there is nothing to confirm
 */
export async function confirmForOwner(deps: Deps, acting: Acting, version: number): Promise<void> {
  const { organizationId, userId } = acting.principal;
  await deps.store.transaction(async (tx) => {
    const record = await lockSaml(tx, organizationId);
    const owners = await listOwners(tx, organizationId);
    const owner = owners.find((found) => found.userId === userId);
    if (owner === undefined) {
      throw new AppError("permission_denied", { detail: "Only the Owner confirms this." });
    }
    if (record.version !== version) {
      const detail =
        "The settings have changed since they were shown. Read them again, then confirm.";
      throw new AppError("conflict", { detail });
    }
    const vouching = vouchingOf(record);
    if (vouchingFacts(vouching) === null || vouching.document === null) {
      const detail = "There is no identity provider's metadata on record to confirm yet.";
      throw new AppError("conflict", { detail });
    }
    const confirmation = { by: userId, ...vouching };
    const effect = { confirmation, confirms: owner, suspended: [] };
    await applyOwnerEffect(deps, tx, { acting, record }, effect);
  });
}

/** Describes the status of the Owner's sign-in for this caller. */
export async function describeOwnerSignIn(deps: Deps, record: SamlRecord, userId: number) {
  const owners = await listOwners(deps.store.db, record.organizationId);
  const by = confirmedFor(record);
  const isConfirmed = owners.length > 0 && owners.every((owner) => owner.userId === by);
  return {
    is_confirmed: isConfirmed,
    may_confirm:
      !isConfirmed &&
      record.idpMetadata !== null &&
      owners.some((owner) => owner.userId === userId),
  };
}

/** Owners who cannot sign in by SAML under this record. */
export async function suspendedOwners(deps: Deps, record: SamlRecord): Promise<readonly Owner[]> {
  const owners = await listOwners(deps.store.db, record.organizationId);
  return owners.filter(({ userId }) => isOwnerSuspended(record, userId));
}

/** The warning that the Owner cannot sign in by SAML under this record; none where they can. */
export async function ownerWarnings(deps: Deps, record: SamlRecord): Promise<readonly Warning[]> {
  if ((await suspendedOwners(deps, record)).length === 0) return [];
  return [
    {
      code: "owner_sign_in_suspended",
      field: fieldToLookAt(record),
      message:
        "The Owner cannot sign in by single sign-on: the identity provider, its keys, the e-mail attribute, the domains or the switch for SHA-1 are not as the Owner confirmed them. The Owner saves or confirms them, signed in by password or `labelgate recover`; everybody else signs in as before.",
    },
  ];
}

function fieldToLookAt(record: SamlRecord): VouchingField {
  const present = vouchingFacts(vouchingOf(record));
  const confirmed =
    record.ownerConfirmation === null ? vouchedByNobody : vouchingFacts(record.ownerConfirmation);
  const fallback = record.settings.metadataUrl === "" ? "metadata_xml" : "metadata_url";
  if (present === null || confirmed === null) return fallback;
  return unconfirmedFields(confirmed, present)[0] ?? fallback;
}

/** The record as it would be with the confirmation that the save brings. */
export async function foreseeOwner(
  deps: Deps,
  saving: Omit<Parameters<typeof ownerEffect>[1], "before">,
): Promise<SamlRecord> {
  const { db } = deps.store;
  const { organizationId } = saving.after;
  const before = await loadSamlByOrganization(db, organizationId);
  const effect = ownerEffect(await listOwners(db, organizationId), { ...saving, before });
  return { ...saving.after, ownerConfirmation: effect.confirmation };
}
