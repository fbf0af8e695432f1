/**
 * The request that a response answers: whether it is one of ours, still open, of this browser and this
 * organization, and where it leads. A part of the sign-in's transaction (complete-login.ts).
 */
import type { Reason } from "../access/changes.ts";
import { landingPath } from "../access/next.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { VerifiedAssertion } from "../saml/response.ts";
import { excerpt } from "../saml/structure.ts";
import { takePendingLogin } from "../store/pending-logins.ts";
import { isRemembered } from "../store/replay.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import { holdsKey } from "./browser-keys.ts";

/** A verified response, and what came with it. */
interface Answer {
  readonly record: SamlRecord;
  readonly assertion: VerifiedAssertion;
  readonly arrived: {
    readonly relayState: string | null;
    readonly browserKeys: readonly string[];
  };
}

/** The page where a sign-in ends, and the hint to show there. */
interface Landing {
  readonly next: string;
  readonly hint: Reason | null;
}

/**
 * Uses the pending login up and tells where the person lands. InResponseTo is the signed one; it must
 * name a request of this server, to this browser, for this organization, at most 15 minutes old.
 * @throws AppError `saml_unsolicited`, `saml_replayed`, `saml_request_unknown`, `saml_request_expired`,
 * `saml_request_other_organization`, `saml_request_other_browser`
 */
export async function takeRequest(deps: Deps, tx: Db, answer: Answer): Promise<Landing> {
  return landingOf(deps, await askedBy(deps, tx, answer));
}

/** The landing page that was asked for, as it was sent; null where none was. */
async function askedBy(
  deps: Deps,
  tx: Db,
  { record, assertion, arrived }: Answer,
): Promise<string | null> {
  const requestId = assertion.inResponseTo;
  if (requestId === null) {
    requireUnsolicitedAllowed(deps, record);
    // Not signed: whoever posts a genuine response may add what they like to it.
    return arrived.relayState;
  }
  const pending = await takePendingLogin(tx, requestId);
  const evidence = { inResponseTo: requestId };
  if (pending === null) {
    const isUsed = await isRemembered(tx, {
      organizationId: record.organizationId,
      assertionId: assertion.id,
    });
    throw new AppError(isUsed ? "saml_replayed" : "saml_request_unknown", { evidence });
  }
  if (pending.organizationId !== record.organizationId) {
    throw new AppError("saml_request_other_organization", { evidence });
  }
  if (pending.expiresAt <= deps.now()) throw new AppError("saml_request_expired", { evidence });
  if (!holdsKey(arrived.browserKeys, pending.browserHash)) {
    throw new AppError("saml_request_other_browser", { evidence });
  }
  return pending.next;
}

function requireUnsolicitedAllowed({ config }: Deps, { settings }: SamlRecord): void {
  if (!(settings.allowUnsolicited ?? config.samlAllowUnsolicited)) {
    throw new AppError("saml_unsolicited");
  }
}

/**
 * Chooses the page where a sign-in ends: the path of this site that was asked for, else the start
 * page. The path is advice, not authentication, so that nothing here refuses a sign-in (PRODUCT 2.1).
 */
function landingOf({ config }: Deps, asked: string | null): Landing {
  if (asked === null || asked === "") return { next: "/", hint: null };
  const next = landingPath(asked, config.baseUrl);
  if (next !== null) return { next, hint: null };
  const text = `The landing page that was asked for (next or RelayState) is no path of this site, so that the sign-in led to the start page: ${excerpt(asked.trim().slice(0, 200))}`;
  return {
    next: "/",
    hint: { subject: "hint", result: "noted", rule: "2.1", target: "next", text },
  };
}
