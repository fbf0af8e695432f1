/**
 * Decides whether an organization may turn password sign-in off (PRODUCT 5, 9.8): only once whoever does
 * so has signed in by SAML with the very configuration that stands from then on, so that nobody shuts the
 * door that they came in by before another one is known to open.
 */
import type { Deps } from "../deps.ts";
import { configurationName } from "../saml/configuration.ts";
import { countPasswordUsers } from "../store/members.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { listAdmitted } from "../store/sign-in-log.ts";
import type { Db } from "../store/store.ts";
import { readRecordMetadata } from "./answer.ts";

/** The number of the person's last sign-ins that are searched. */
const searched = 200;

/** The permission to turn the switch on, and one sentence: the reason, or what to do first. */
export interface PasswordVerdict {
  readonly may: boolean;
  readonly reason: string;
}

/** A record, saved or not, and the person who would turn the switch on. */
export interface PasswordQuestion {
  readonly record: SamlRecord;
  readonly userId: number;
}

/** The verdict on a record as it would stand. */
export async function mayDisablePassword(
  deps: Deps,
  db: Db,
  { record, userId }: PasswordQuestion,
): Promise<PasswordVerdict> {
  const { organizationId, token, settings } = record;
  const { metadata } = readRecordMetadata(record, deps.now());
  if (metadata === null) {
    return {
      may: false,
      reason:
        "Single sign-on is not configured yet: no usable metadata of an identity provider is on record.",
    };
  }
  const present = configurationName(deps.config, { token, settings, metadata });
  const bySaml = await listAdmitted(db, { organizationId, userId, limit: searched });
  const proof = bySaml.find(({ evidence }) => evidence["configuration"] === present);
  if (proof !== undefined) {
    const at = new Date(proof.at).toISOString();
    return { may: true, reason: `You signed on with the present configuration at ${at}.` };
  }
  const why =
    bySaml.length === 0
      ? "You have not signed on by single sign-on yet."
      : "The configuration is not the one that you last signed on with.";
  return {
    may: false,
    reason: `${why} Save it, sign on by the Login URL yourself, then turn password sign-in off.`,
  };
}

/** Describes password sign-in: the verdict for the caller, and the number of people with a password. */
export async function describePasswordLogin(deps: Deps, question: PasswordQuestion) {
  const { db } = deps.store;
  const { may, reason } = await mayDisablePassword(deps, db, question);
  const usedBy = await countPasswordUsers(db, question.record.organizationId);
  return { may_disable: may, reason, used_by: usedBy };
}
