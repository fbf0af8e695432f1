/**
 * SP-initiated sign-in, first half: from a click to the identity provider (PRODUCT 2.1).
 *
 *   browser ── GET login?next= ──▶ beginLogin ── AuthnRequest ──▶ identity provider
 *                                      └─ pending login: request id, browser, next; 15 minutes
 *
 * The second half is complete-login.ts. Nothing here trusts anything that the browser holds.
 */
import { landingPath } from "../access/next.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { encodePost, encodeRedirect, renderAuthnRequest } from "../saml/request.ts";
import { serviceProviderUrls } from "../saml/urls.ts";
import { insertPendingLogin, newRequestId } from "../store/pending-logins.ts";
import { loadSamlByToken, type SamlRecord } from "../store/saml-settings.ts";
import { hashBrowserKey, pendingLoginMs } from "./browser-keys.ts";
import { signingKey } from "./keys.ts";
import { type FetchMetadata, refreshForUnknownKey } from "./metadata-refresh.ts";
import { admitStart } from "./starts.ts";
import { trustedIdp } from "./trust.ts";

/** Of what is no path, enough to recognise it in the log. */
const maxAskedLength = 200;

/** A RelayState may have at most 80 bytes (SAML Bindings 3.4.3). */
const maxRelayStateBytes = 80;

/** The next address of the browser, and the secret that ties the pending sign-in to it. */
export type BegunLogin = { readonly browserKey: string } & (
  | { readonly binding: "redirect"; readonly url: string }
  | {
      readonly binding: "post";
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
    }
);

/**
 * Remembers a pending login and makes the AuthnRequest for it.
 *
 * `browserKeys` are those that the browser holds already: one of them serves again.
 * @throws AppError `saml_unknown_token`, `saml_not_configured`, `metadata_expired`, `too_many_requests`
 */
export async function beginLogin(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  request: { token: string; next: string | null; browserKeys: readonly string[]; ip: string },
): Promise<BegunLogin> {
  const known = await loadSamlByToken(deps.store.db, request.token);
  if (known === null) throw new AppError("saml_unknown_token");
  const record = await withLivingMetadata(deps, fetchMetadata, known);
  // What is no path of this site is judged, and noted, when the person has signed in (PRODUCT 2.1).
  const asked = request.next ?? "/";
  const landing = landingPath(asked, deps.config.baseUrl);
  // The space in front keeps a part of it from being a path.
  const next = landing ?? ` ${asked.slice(0, maxAskedLength)}`;

  const at = deps.now();
  const requestId = newRequestId(deps);
  const message = await prepareRequest(deps, record, { requestId, next: landing, at });
  const browserKey = request.browserKeys[0] ?? deps.randomToken();
  admitStart(deps, { organizationId: record.organizationId, ip: request.ip });
  await insertPendingLogin(deps.store.db, {
    requestId,
    organizationId: record.organizationId,
    browserHash: hashBrowserKey(browserKey),
    next,
    createdAt: at,
    expiresAt: at + pendingLoginMs,
  });
  return { browserKey, ...message };
}

/** The record, read again where its metadata has lapsed: the provider may have renewed it. */
async function withLivingMetadata(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  record: SamlRecord,
): Promise<SamlRecord> {
  try {
    trustedIdp(record, deps.now());
    return record;
  } catch (error) {
    const isLapsed = error instanceof AppError && error.code === "metadata_expired";
    const fresh = isLapsed ? await refreshForUnknownKey(deps, fetchMetadata, record) : null;
    if (fresh === null) throw error;
    return fresh;
  }
}

type Message =
  | { readonly binding: "redirect"; readonly url: string }
  | {
      readonly binding: "post";
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
    };

/**
 * The AuthnRequest in the binding that the identity provider offers; Redirect is preferred. `next`
 * travels along as RelayState.
 * @throws AppError `saml_not_configured`, `metadata_expired`
 */
export async function prepareRequest(
  deps: Deps,
  record: SamlRecord,
  { requestId, next, at }: { requestId: string; next: string | null; at: number },
): Promise<Message> {
  const { metadata } = trustedIdp(record, at);
  const destination = metadata.ssoRedirectUrl ?? metadata.ssoPostUrl;
  if (destination === null) throw new AppError("saml_not_configured");
  const { acs } = serviceProviderUrls(deps.config.baseUrl, record.token);
  const authnRequest = renderAuthnRequest({
    id: requestId,
    issueInstantMs: at,
    destination,
    acsUrl: acs,
    entityId: acs,
    nameIdFormat: record.settings.nameIdFormat,
  });
  const mustSign = deps.config.samlAuthnRequestsSigned || metadata.wantAuthnRequestsSigned;
  const signWith = mustSign ? await signingKey(deps, record) : null;
  const relayState = Buffer.byteLength(next ?? "") <= maxRelayStateBytes ? next : null;
  if (metadata.ssoRedirectUrl !== null) {
    const url = encodeRedirect({
      ssoUrl: destination,
      authnRequest,
      relayState,
      signWith: signWith?.privateKey ?? null,
    });
    return { binding: "redirect", url };
  }
  const fields = encodePost({ authnRequest, relayState, signWith });
  return { binding: "post", action: destination, fields };
}
