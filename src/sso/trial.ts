/**
 * The test sign-in (PRODUCT 8.2): a real round trip to the identity provider, with saved or unsaved
 * settings, that opens no session and writes nothing but its own story.
 *
 *   createTestSignIn ─▶ an address ─ beginTestSignIn ─ AuthnRequest ─▶ identity provider ─ ACS ─ completeTestSignIn ─▶ story
 *
 * 1. A test sign-in has a table and IDs of its own. A response to it finds no pending login, so that it can
 *    never sign anybody in; a response to a pending login finds no test sign-in.
 * 2. Settings that are not saved live in the test sign-in's row alone. They judge its response and no other.
 * 3. Only the administrator who asked for it begins it, and only that browser's first answer counts.
 */
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { peekResponse } from "../saml/pasted.ts";
import {
  loadSamlByOrganization,
  loadSamlByToken,
  type SamlRecord,
} from "../store/saml-settings.ts";
import {
  answerTestSignIn,
  beginTestSignIn as beginStored,
  findTestSignInByRequest,
  insertTestSignIn,
  loadTestSignIn,
  type TestSignIn,
} from "../store/trials.ts";
import { type BegunLogin, prepareRequest } from "./begin-login.ts";
import { hashBrowserKey, holdsKey, pendingLoginMs } from "./browser-keys.ts";
import type { ArrivedResponse } from "./complete-login.ts";
import { type FetchMetadata, readNewerMetadata } from "./metadata-refresh.ts";
import { buildReport } from "./story.ts";
import { trustedIdp } from "./trust.ts";

/**
 * Time that a report may be read, in milliseconds. The values of attributes in it are kept nowhere
 * else.
 */
const storyMs = 60 * 60_000;

/** Of the IDs of AuthnRequests; those of sign-ins begin otherwise (store/pending-logins.ts). */
const requestPrefix = "trial-";

/** The record to try; it is the one on record where `isSaved`. */
export interface TriedSettings {
  readonly record: SamlRecord;
  readonly isSaved: boolean;
}

/**
 * Remembers a test sign-in with these settings; the address begins it.
 * @throws AppError `validation_failed` where they name no identity provider to go to
 */
export async function createTestSignIn(
  deps: Deps,
  principal: Principal,
  { record, isSaved }: TriedSettings,
): Promise<{ readonly id: string; readonly url: string }> {
  requireProvider(deps, { record, isSaved });
  const id = deps.randomToken(15);
  const at = deps.now();
  const { settings, idpMetadata } = record;
  await deps.store.transaction(async (tx) => {
    await insertTestSignIn(tx, {
      id,
      organizationId: principal.organizationId,
      userId: principal.userId,
      unsaved: isSaved ? null : { settings, idpMetadata },
      createdAt: at,
      expiresAt: at + pendingLoginMs,
    });
  });
  return { id, url: `/saml/${record.token}/test/${id}` };
}

/** A text on record may stand in for a URL that was never read; not where that URL is on trial. */
function requireProvider(deps: Deps, { record, isSaved }: TriedSettings): void {
  const { idpMetadataError, idpMetadataFetchedAt } = record;
  if (!isSaved && idpMetadataError !== null && idpMetadataFetchedAt === null) {
    throw new AppError("validation_failed", { fields: { metadata_url: [idpMetadataError] } });
  }
  try {
    trustedIdp(record, deps.now());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { metadataUrl, metadataXml } = record.settings;
    const isEmpty = metadataUrl === "" && metadataXml === "";
    const sentence = isEmpty
      ? "Give the identity provider's metadata first, by URL or as XML: a test sign-in goes there."
      : (idpMetadataError ?? error.detail ?? error.hint);
    const field = metadataUrl === "" ? "metadata_xml" : "metadata_url";
    throw new AppError("validation_failed", { fields: { [field]: [sentence] } });
  }
}

/** The next address of the browser in a test sign-in. */
export type BegunTestSignIn = BegunLogin | { readonly binding: "over" };

/**
 * Sends the browser to the identity provider of the test sign-in. One that is over leads to its story.
 * @throws AppError `not_found` for whatever is not this person's own, `saml_not_configured` and
 * `metadata_expired` as a sign-in does
 */
export async function beginTestSignIn(
  deps: Deps,
  principal: Principal,
  request: { readonly token: string; readonly id: string; readonly browserKeys: readonly string[] },
): Promise<BegunTestSignIn> {
  const { organizationId } = principal;
  const testSignIn = await loadTestSignIn(deps.store.db, { organizationId, id: request.id });
  const saved = await loadSamlByOrganization(deps.store.db, organizationId);
  if (testSignIn?.userId !== principal.userId || saved.token !== request.token) {
    throw new AppError("not_found");
  }
  const at = deps.now();
  if (testSignIn.story !== null || testSignIn.expiresAt <= at) return { binding: "over" };
  const requestId = `${requestPrefix}${deps.randomToken(20)}`;
  const message = await prepareRequest(deps, recordOf(saved, testSignIn), {
    requestId,
    next: null,
    at,
  });
  const browserKey = request.browserKeys[0] ?? deps.randomToken();
  const isBegun = await beginStored(deps.store.db, {
    id: testSignIn.id,
    requestId,
    browserHash: hashBrowserKey(browserKey),
    at,
    expiresAt: at + pendingLoginMs,
  });
  return isBegun ? { browserKey, ...message } : { binding: "over" };
}

/** Selects the settings to test: those saved now, or those that came with the test. */
function recordOf(saved: SamlRecord, { unsaved }: TestSignIn): SamlRecord {
  return unsaved === null ? saved : { ...saved, ...unsaved };
}

/** Result of a response to a test sign-in: the page of its report, unless it must be posted again. */
export type CompletedTestSignIn =
  | { readonly outcome: "told"; readonly id: string }
  | { readonly outcome: "post_again" };

/**
 * Tells the story of a response to a test sign-in. Null for every other response, which is a
 * sign-in's business: one that cannot be read, that answers no test sign-in of this organization and this
 * browser, or that another has answered.
 */
export async function completeTestSignIn(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  arrived: ArrivedResponse,
): Promise<CompletedTestSignIn | null> {
  if ("refusal" in arrived.posted) return null;
  const { xml } = arrived.posted;
  const testSignIn = await findNamed(deps, xml);
  if (testSignIn === null) return null;
  const saved = await loadSamlByToken(deps.store.db, arrived.token);
  if (saved?.organizationId !== testSignIn.organizationId) return null;
  if (arrived.browserKeys.length === 0 && !arrived.isSecondPost) return { outcome: "post_again" };
  if (!holdsKey(arrived.browserKeys, testSignIn.browserHash)) return null;
  const isWaiting = testSignIn.story === null && testSignIn.expiresAt > deps.now();
  if (isWaiting) await answer(deps, fetchMetadata, { testSignIn, saved, xml });
  return { outcome: "told", id: testSignIn.id };
}

/** A test sign-in's request ID where it stands in a message, in quotes. */
const namedRe = new RegExp(`["'](${requestPrefix}[\\w-]{27})["']`);

/**
 * The test sign-in that the message says it answers. Not signed: whatever it names, the response can only
 * become a story, and only the signed InResponseTo makes it a good one. Nearly every response is a
 * sign-in's; those, and what strangers make up, are told apart without being parsed a second time.
 */
async function findNamed({ store }: Deps, xml: Buffer): Promise<TestSignIn | null> {
  if (!xml.includes(requestPrefix)) return null;
  const requestId = namedRe.exec(xml.toString("latin1"))?.[1];
  const testSignIn =
    requestId === undefined ? null : await findTestSignInByRequest(store.db, requestId);
  return testSignIn !== null && peekResponse(xml).inResponseTo === requestId ? testSignIn : null;
}

const takenOnce = {
  replay: "Not checked: a test sign-in takes one response, and remembers no assertion.",
} as const;

async function answer(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  { testSignIn, saved, xml }: { testSignIn: TestSignIn; saved: SamlRecord; xml: Buffer },
): Promise<void> {
  const { requestId } = testSignIn;
  if (requestId === null) throw new Error("a trial without a request was answered");
  const story = await buildReport(deps, {
    record: recordOf(saved, testSignIn),
    xml,
    asOfMs: null,
    renew: async (record) => await readNewerMetadata(deps, fetchMetadata, record),
    requestId,
    confirmer: testSignIn.unsaved === null ? null : testSignIn.userId,
    skipped: takenOnce,
  });
  const at = deps.now();
  await answerTestSignIn(deps.store.db, { requestId, story, at, expiresAt: at + storyMs });
  const { outcome, code } = story;
  const { id, organizationId } = testSignIn;
  deps.log.info({ organizationId, trial: id, outcome, code }, "test sign-on answered");
}

/**
 * The test sign-in as the API answers it, for the administrators of its organization.
 * @throws AppError `not_found` for another organization's, and once it is gone
 */
export async function describeTestSignIn(deps: Deps, organizationId: number, id: string) {
  const testSignIn = await loadTestSignIn(deps.store.db, { organizationId, id });
  if (testSignIn === null) throw new AppError("not_found");
  const isOver = testSignIn.expiresAt <= deps.now();
  const going = testSignIn.story === null ? "waiting" : "done";
  return {
    id: testSignIn.id,
    state: isOver ? "expired" : going,
    at: new Date(testSignIn.answeredAt ?? testSignIn.createdAt).toISOString(),
    expires_at: new Date(testSignIn.expiresAt).toISOString(),
    configuration: testSignIn.unsaved === null ? "saved" : "unsaved",
    story: isOver ? null : testSignIn.story,
  };
}
