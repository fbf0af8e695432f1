/**
 * What a sign-on depends on, as one short text: two sign-ons with the same text were judged by the
 * same configuration. Kept with each sign-on, so that "signed on with the present configuration" is a
 * comparison and no guess from times (PRODUCT 5, 9.8). Pure.
 *
 * What the identity provider renews in its metadata every day, such as ids and dates, is left out;
 * keys and addresses are in. So are the role mappings: they decide whether a person is let in.
 */
import { createHash } from "node:crypto";
import type { IdpMetadata } from "./metadata.ts";
import { serviceProviderUrls } from "./urls.ts";

/** The settings that decide whether a sign-on succeeds, and whose it is. */
export interface SignOnSettings {
  readonly domains: readonly string[];
  readonly idpProvider: string | null;
  readonly mappingEmail: string;
  readonly mappingFirstName: string;
  readonly mappingLastName: string;
  readonly mappingGroups: string;
  readonly manualRoleManagement: boolean | null;
  readonly roles: readonly unknown[];
  readonly allowUnsolicited: boolean | null;
  readonly wantAssertionsSigned: boolean | null;
  readonly wantResponseSigned: boolean | null;
  readonly allowSha1: boolean;
  readonly allowCbc: boolean;
}

/** What the server's environment adds. */
export interface SignOnServer {
  readonly baseUrl: string;
  readonly manualRoleManagement: boolean;
  readonly samlAllowUnsolicited: boolean;
  readonly samlWantAssertionsSigned: boolean;
  readonly samlWantResponseSigned: boolean;
}

/** The configuration's name: 22 letters of a digest. */
export function configurationName(
  server: SignOnServer,
  {
    token,
    settings,
    metadata,
  }: {
    readonly token: string;
    readonly settings: SignOnSettings;
    readonly metadata: IdpMetadata;
  },
): string {
  const facts = [
    serviceProviderUrls(server.baseUrl, token).acs,
    metadata.entityId,
    metadata.ssoRedirectUrl,
    metadata.ssoPostUrl,
    metadata.signingCertificates.map(({ fingerprintSha256 }) => fingerprintSha256).sort(byCodeUnit),
    settings.domains.toSorted(byCodeUnit),
    settings.idpProvider,
    settings.mappingEmail,
    settings.mappingFirstName,
    settings.mappingLastName,
    settings.mappingGroups,
    settings.manualRoleManagement ?? server.manualRoleManagement,
    settings.roles.map((mapping) => JSON.stringify(mapping)).sort(byCodeUnit),
    settings.allowUnsolicited ?? server.samlAllowUnsolicited,
    settings.wantAssertionsSigned ?? server.samlWantAssertionsSigned,
    settings.wantResponseSigned ?? server.samlWantResponseSigned,
    settings.allowSha1,
    settings.allowCbc,
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("base64url").slice(0, 22);
}

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
