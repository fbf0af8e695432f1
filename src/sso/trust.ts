/**
 * Translates one organization's configuration for the protocol: trusted keys, expectations of a
 * response, attribute names, group mappings. Derived once per settings version and kept beside the
 * record, because parsing certificates costs more than verifying with them.
 */
import type { KeyObject } from "node:crypto";
import { indexMappings, type MappingIndex } from "../access/mappings.ts";
import type { AccessPolicy } from "../access/plan.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { AttributeMapping } from "../saml/attributes.ts";
import { configurationName } from "../saml/configuration.ts";
import { type Detection, detectNames } from "../saml/detect.ts";
import { type IdpMetadata, parseIdpMetadata, trustOf } from "../saml/metadata.ts";
import type { Expected, IdpTrust } from "../saml/response.ts";
import { serviceProviderUrls } from "../saml/urls.ts";
import { accessPolicyOf } from "../store/access-policy.ts";
import type { SamlRecord } from "../store/saml-settings.ts";

/** A record's metadata, keys and mapping index, ready for use. */
interface Trust {
  readonly metadata: IdpMetadata;
  readonly idp: IdpTrust;
}

const trusts = new WeakMap<SamlRecord, Trust>();
const indexes = new WeakMap<SamlRecord, MappingIndex>();
const detections = new WeakMap<SamlRecord, Detection | null>();
const configurations = new WeakMap<SamlRecord, string>();

/**
 * The identity provider that `record` trusts at `nowMs`.
 *
 * @throws AppError `saml_not_configured` before any metadata was read; `metadata_expired` once its
 * validUntil has passed and no refresh brought a newer copy (SAML Metadata 2.3.2).
 */
export function trustedIdp(record: SamlRecord, nowMs: number): Trust {
  let trust = trusts.get(record);
  if (trust === undefined) {
    if (record.idpMetadata === null) {
      throw new AppError("saml_not_configured", {
        evidence: { metadataUrl: record.settings.metadataUrl, lastError: record.idpMetadataError },
      });
    }
    const metadata = parseIdpMetadata(record.idpMetadata, nowMs);
    trust = { metadata, idp: trustOf(metadata) };
    trusts.set(record, trust);
  }
  const { validUntilMs } = trust.metadata;
  if (validUntilMs !== null && validUntilMs <= nowMs) {
    throw new AppError("metadata_expired", {
      evidence: { validUntil: new Date(validUntilMs).toISOString() },
    });
  }
  return trust;
}

/** The name of the configuration that this record makes with this server, kept with each sign-in. */
export function configurationOf(config: Config, record: SamlRecord, nowMs: number): string {
  let name = configurations.get(record);
  if (name === undefined) {
    const { token, settings } = record;
    const { metadata } = trustedIdp(record, nowMs);
    name = configurationName(config, { token, settings, metadata });
    configurations.set(record, name);
  }
  return name;
}

/** Builds the rules that a response to this organization must satisfy (PRODUCT 2.2 to 2.4). */
export function expectedOf(
  config: Config,
  record: SamlRecord,
  decryptionKeys: readonly KeyObject[],
): Expected {
  const { settings } = record;
  const { acs } = serviceProviderUrls(config.baseUrl, record.token);
  return {
    acsUrl: acs,
    entityId: acs,
    wantAssertionsSigned: settings.wantAssertionsSigned ?? config.samlWantAssertionsSigned,
    wantResponseSigned: settings.wantResponseSigned ?? config.samlWantResponseSigned,
    allowSha1: settings.allowSha1,
    allowCbc: settings.allowCbc,
    clockSkewMs: config.samlClockSkewSeconds * 1000,
    decryptionKeys,
  };
}

/** The names under which this organization's identity provider sends the four attributes. */
export function attributeMappingOf(record: SamlRecord): AttributeMapping {
  const { mappingEmail, mappingFirstName, mappingLastName, mappingGroups } = record.settings;
  return {
    email: mappingEmail,
    firstName: mappingFirstName,
    lastName: mappingLastName,
    groups: mappingGroups,
  };
}

/** The names to detect, where nobody chose any (PRODUCT 3.2); null where all are chosen. */
export function detectionOf(record: SamlRecord, nowMs: number): Detection | null {
  if (record.settings.idpProvider !== null) return null;
  let detection = detections.get(record);
  if (detection === undefined) {
    detection = detectNames(record.settings, trustedIdp(record, nowMs).metadata);
    detections.set(record, detection);
  }
  return detection;
}

/** The group mappings, indexed by group, so that a thousand rules cost what ten cost. */
export function mappingIndexOf(record: SamlRecord): MappingIndex {
  let index = indexes.get(record);
  if (index === undefined) {
    index = indexMappings(record.settings);
    indexes.set(record, index);
  }
  return index;
}

/** The flags of PRODUCT 5 as they hold for this organization. */
export function policyOf(config: Config, record: SamlRecord): AccessPolicy {
  return accessPolicyOf(config, record);
}
