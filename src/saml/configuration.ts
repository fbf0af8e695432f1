/**
 * Fingerprint of the configuration that a sign-in depends on: two sign-ins with the same text were
 * judged by the same configuration. Kept with each sign-in, so that "signed in with the present
 * configuration" is a comparison and no guess from times (PRODUCT 5, 9.8). Pure.
 *
 * What the identity provider renews in its metadata every day, such as ids and dates, is left out;
 * keys and addresses are in. So are the role mappings: they decide whether a person is let in.
 */
import { createHash } from "node:crypto";
import { type Camel, camelCase, heldOf, type SettingRow } from "../access/setting-rows.ts";
import { type SamlSettings, samlRowByField, type samlRows } from "../access/settings-table.ts";
import type { IdpMetadata } from "./metadata.ts";
import { serviceProviderUrls } from "./urls.ts";

type Rows = typeof samlRows;

/** The part of the server's environment that a sign-in depends on. */
export type SignOnServer = { readonly baseUrl: string } & {
  readonly [Field in keyof Rows as Rows[Field] extends {
    readonly variable: infer Name extends string;
  }
    ? Camel<Lowercase<Name>>
    : never]: boolean;
};

/** The settings that decide whether a sign-in succeeds, and whose it is. */
const decisive = [...samlRowByField].filter(([, { decidesSignOn }]) => decidesSignOn === true);

/** The configuration's name: 22 letters of a digest. */
export function configurationName(
  server: SignOnServer,
  {
    token,
    settings,
    metadata,
  }: {
    readonly token: string;
    readonly settings: SamlSettings;
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
    ...decisive.map(([field, row]) => factOf(heldOf(settings, field, row), row, server)),
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("base64url").slice(0, 22);
}

function factOf(held: unknown, { variable }: SettingRow, server: SignOnServer): unknown {
  if (Array.isArray(held)) return held.map((entry) => JSON.stringify(entry)).sort(byCodeUnit);
  return variable === undefined ? held : (held ?? Reflect.get(server, camelCase(variable)));
}

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
