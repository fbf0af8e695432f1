/**
 * Warnings about settings that are accepted but probably not meant (PRODUCT 6.2, 8.7): shown beside the
 * settings, on every answer, until they are fixed. Pure: everything is derived from the settings as they
 * stand, so that a warning never outlives its cause.
 */
import { type DomainTrust, provenDomains } from "../access/proof.ts";
import { heldOf } from "../access/setting-rows.ts";
import { type ScimSettings, samlRowByField } from "../access/settings-table.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import type { ReadMetadata } from "./answer.ts";
import { mappingWarnings } from "./mapping-warnings.ts";
import { metadataWarnings } from "./metadata-warnings.ts";

/** One thing to look at. `field` is the setting that fixes it. */
export interface Warning {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** The facts that warnings are derived from. */
export interface Situation {
  readonly record: SamlRecord;
  readonly read: ReadMetadata;
  readonly scim: ScimSettings;
  /** Titles that look like a mapped one that does not exist, by the mapped title. */
  readonly similarWorkspaces: ReadonlyMap<string, string>;
  readonly isTlsUnchecked: boolean;
  readonly nowMs: number;
}

/** Every warning of the settings, the gravest first. */
export function samlWarnings(situation: Situation): readonly Warning[] {
  return [
    ...metadataWarnings(situation),
    ...switchWarnings(situation),
    ...mappingWarnings(situation),
  ];
}

/** An unproven domain is shown as such (PRODUCT 4.9a). */
export function domainWarnings(record: SamlRecord, trust: DomainTrust): readonly Warning[] {
  const { organizationId, organization, settings } = record;
  const claimant = { organizationId, isFirst: organization.isFirst };
  const proven = new Set(provenDomains(settings.domains, claimant, trust));
  return settings.domains
    .filter((domain) => !proven.has(domain))
    .map((domain) => ({
      code: "domain_unproven",
      field: "domain",
      message: `${domain} is not proven to be this organization's: the sign-in form does not lead its people here, and whoever belongs to another organization on this server is not let in. The operator of the server vouches for it with TRUSTED_DOMAINS=${domain}${organization.isFirst ? "" : `=${organizationId}`}.`,
    }));
}

function switchWarnings({ record, isTlsUnchecked }: Situation): readonly Warning[] {
  const { settings } = record;
  const found: Warning[] = [];
  if (isTlsUnchecked && settings.metadataUrl !== "") {
    found.push({
      code: "ssl_validation_off",
      field: "metadata_url",
      message:
        "DISABLE_SAML_SSL_VALIDATION is on: whoever stands between this server and the metadata URL can replace the identity provider's keys.",
    });
  }
  for (const [field, row] of samlRowByField) {
    if (row.weakens === undefined || heldOf(settings, field, row) !== true) continue;
    found.push({ code: row.weakens.code, field, message: row.weakens.message });
  }
  if (settings.disablePasswordLogin && record.idpMetadata === null) {
    found.push({
      code: "nobody_can_sign_in",
      field: "disable_password_login",
      message:
        "Password sign-in is off and no identity provider metadata is on record, so nobody can sign in anew.",
    });
  }
  return found;
}
