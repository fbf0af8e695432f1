/**
 * A pasted response, told like a sign-in (PRODUCT 8.3). Opens no session, remembers no assertion and
 * writes nothing: whoever holds somebody's response learns from it here what they hold, no more.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type PastedResponse, peekResponse, readPasted } from "../saml/pasted.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { buildReport, type SignInReport } from "./story.ts";

/** A pasted message and what to judge it by. */
export interface Inspected {
  readonly record: SamlRecord;
  /** Account that would save the settings under test; null where they are saved already. */
  readonly confirmer: number | null;
  readonly samlResponse: string;
  /** Verifies as of the message's own IssueInstant, so that old ones can be looked at. */
  readonly isTimeIgnored: boolean;
}

/** The story, with how the message was wrapped and when it says that it was written. */
export interface InspectedReport extends SignInReport {
  /** Null where no message was found in the text. */
  readonly form: PastedResponse["form"] | null;
  readonly issue_instant: string | null;
}

const notAsked = {
  request: "Not checked: a pasted response has no browser that asked for it.",
  replay: "Not checked: whether the assertion was used before says nothing about the settings.",
} as const;

/** Tells what a sign-in with this message would come to. A message that cannot be read is a story too. */
export async function inspectResponse(deps: Deps, inspected: Inspected): Promise<InspectedReport> {
  const { record, samlResponse, isTimeIgnored } = inspected;
  const pasted = readOrRefuse(samlResponse, deps.config.samlMaxResponseBytes);
  const isReadable = !(pasted instanceof AppError);
  const issueInstantMs = isReadable ? peekResponse(pasted.xml).issueInstantMs : null;
  const story = await buildReport(deps, {
    record,
    xml: isReadable ? pasted.xml : pasted,
    asOfMs: isTimeIgnored ? issueInstantMs : null,
    // Nothing is fetched for what anybody may have written; the hint says to refresh.
    renew: async () => null,
    requestId: null,
    confirmer: inspected.confirmer,
    skipped: notAsked,
  });
  return {
    ...story,
    form: isReadable ? pasted.form : null,
    issue_instant: issueInstantMs === null ? null : new Date(issueInstantMs).toISOString(),
  };
}

function readOrRefuse(text: string, maxBytes: number): PastedResponse | AppError {
  try {
    return readPasted(text, maxBytes);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
