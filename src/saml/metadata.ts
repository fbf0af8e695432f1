/**
 * Identity provider metadata (PRODUCT 2.7): what one document says, as plain data, and the trust
 * that follows from it. Owns which documents are usable and the sentence that says why one is not.
 *
 * A signature on metadata is not checked: trust comes from where the administrator took the document,
 * and there is no key to check it with (SAML Metadata 4.3 leaves that to the deployment).
 */
import { X509Certificate } from "node:crypto";
import { AppError, type ErrorCode } from "../errors.ts";
import { parseDuration } from "./duration.ts";
import { readSigningCertificate, type SigningCertificate } from "./idp-certificate.ts";
import { parseInstant } from "./instant.ts";
import { type Mistaken, mistakenBytes, mistakenText } from "./mistaken.ts";
import type { IdpTrust } from "./response.ts";
import { excerpt, ns } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { decodeXml } from "./xml-encoding.ts";
import { attributeOf, elementsOf, isElement, textOf, type XmlElement } from "./xml-tree.ts";

/** Contents of an identity provider's metadata. */
export interface IdpMetadata {
  readonly entityId: string;
  /** http or https, in ASCII. At least one of the two locations is there. */
  readonly ssoRedirectUrl: string | null;
  readonly ssoPostUrl: string | null;
  /** Every signing certificate, the unusable ones too; at least one is usable. */
  readonly signingCertificates: readonly SigningCertificate[];
  readonly wantAuthnRequestsSigned: boolean;
  /** The earliest validUntil around the identity provider, in the future when it was parsed. */
  readonly validUntilMs: number | null;
  /** The shortest cacheDuration likewise. */
  readonly cacheDurationMs: number | null;
  /** Names of the attributes that the identity provider announces: saml:Attribute, and auth:ClaimType. */
  readonly attributeNames: readonly string[];
}

const md = "urn:oasis:names:tc:SAML:2.0:metadata";
const bindings = "urn:oasis:names:tc:SAML:2.0:bindings";
/** SAML Core 8.3.6: an entity identifier is a URI of at most 1024 characters. */
const maxEntityId = 1024;

/**
 * The metadata of the one identity provider in `xml`.
 *
 * @throws AppError `metadata_not_xml`, `metadata_not_idp`, `metadata_no_endpoint`,
 * `metadata_no_signing_key` or `metadata_expired`; `detail` is a sentence for this very document.
 */
export function parseIdpMetadata(xml: string | Uint8Array, nowMs: number): IdpMetadata {
  const path = findProvider(parseDocument(xml));
  const entity = path.at(-1);
  if (entity === undefined) throw new Error("a provider's path ends with the provider");
  const roles = samlRolesOf(entity);
  const holders = [...path, ...roles];
  return {
    entityId: entityIdOf(entity),
    ...locationsOf(roles),
    signingCertificates: certificatesOf(roles),
    wantAuthnRequestsSigned: roles.some((role) => isTrue(role, "WantAuthnRequestsSigned")),
    validUntilMs: validUntilOf(holders, nowMs),
    cacheDurationMs: minOf(holders.map(cacheDurationOf)),
    attributeNames: announcedNames(entity, roles),
  };
}

/** Builds the trust in a provider, with the keys of the usable certificates parsed for use. */
export function trustOf(metadata: IdpMetadata): IdpTrust {
  const usable = metadata.signingCertificates.filter(({ isUsable }) => isUsable);
  return {
    entityId: metadata.entityId,
    signingKeys: usable.map(({ pem, fingerprintSha256 }) => ({
      key: new X509Certificate(pem).publicKey,
      fingerprint: fingerprintSha256,
    })),
  };
}

// ---- The document

function parseDocument(xml: string | Uint8Array): XmlElement {
  const text = typeof xml === "string" ? xml : metadataText(xml);
  // Files are saved with a byte order mark and copied with blank lines; neither changes the content.
  const content = text.replace(/^[\uFEFF\s]+/, "");
  refuseMistaken(mistakenText(content));
  try {
    return parseXml(content, { kind: "metadata" });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw refusal("metadata_not_xml", xmlSentence(error), error);
  }
}

/**
 * The text of a metadata document that was uploaded or fetched.
 * @throws AppError `metadata_not_xml` where it is in an encoding that is not read, or in none
 */
export function metadataText(bytes: Uint8Array): string {
  refuseMistaken(mistakenBytes(bytes));
  const decoded = decodeXml(bytes);
  if ("text" in decoded) return decoded.text;
  throw refusal("metadata_not_xml", decoded.problem);
}

function refuseMistaken(mistaken: Mistaken | null): void {
  if (mistaken !== null) throw refusal(mistaken.code, mistaken.detail);
}

/** Describes the parser's refusal to an administrator. */
function xmlSentence({ code, evidence }: AppError): string {
  const reason = String(evidence["reason"] ?? "");
  const place = `(at character ${Number(evidence["offset"] ?? 0) + 1})`;
  if (code === "saml_xml_limit") {
    return `The document is too large: it exceeds the limit of ${reason} ${place}.`;
  }
  if (code === "saml_xml_forbidden") {
    return `The document contains what metadata must not have: ${reason} ${place}.`;
  }
  return `The document is not well-formed XML: ${reason} ${place}.`;
}

// ---- The one identity provider

/** The elements from the root down to the one EntityDescriptor that is an identity provider. */
function findProvider(root: XmlElement): readonly XmlElement[] {
  const paths = entityPaths(root, []);
  if (paths.length === 0) {
    if (root.namespace === ns.samlp || root.namespace === ns.saml) {
      const detail = `The document is a SAML message (${excerpt(root.local)}), not metadata.`;
      throw refusal("metadata_not_idp", detail);
    }
    const found = `<${excerpt(root.name)}>${root.namespace === "" ? "" : ` in the namespace ${excerpt(root.namespace)}`}`;
    throw refusal("metadata_not_idp", `The document is not SAML metadata: its root is ${found}.`);
  }
  const providers = paths.filter((path) => rolesOf(path.at(-1)).length > 0);
  const [provider] = providers;
  if (provider === undefined) throw refusal("metadata_not_idp", noProviderSentence(paths));
  if (providers.length > 1) {
    const count = `The document holds ${providers.length} identity providers`;
    throw refusal("metadata_not_idp", `${count}; it must hold exactly one.`);
  }
  return provider;
}

function noProviderSentence(paths: readonly (readonly XmlElement[])[]): string {
  const entities = paths.flatMap((path) => path.slice(-1));
  const isService = entities.some((entity) =>
    elementsOf(entity).some((child) => isElement(child, md, "SPSSODescriptor")),
  );
  return isService
    ? "The document is the metadata of a service provider; the identity provider's is needed."
    : "The document has no IDPSSODescriptor, so it is not an identity provider's metadata.";
}

function entityPaths(
  element: XmlElement,
  outer: readonly XmlElement[],
): readonly (readonly XmlElement[])[] {
  const path = [...outer, element];
  if (isElement(element, md, "EntityDescriptor")) return [path];
  if (!isElement(element, md, "EntitiesDescriptor")) return [];
  return elementsOf(element).flatMap((child) => entityPaths(child, path));
}

function rolesOf(entity: XmlElement | undefined): readonly XmlElement[] {
  if (entity === undefined) return [];
  return elementsOf(entity).filter((child) => isElement(child, md, "IDPSSODescriptor"));
}

/** The roles that speak SAML 2.0; some providers list one for SAML 1.1 beside it. */
function samlRolesOf(entity: XmlElement): readonly XmlElement[] {
  const roles = rolesOf(entity).filter((role) =>
    (attributeOf(role, "protocolSupportEnumeration") ?? "").split(/\s+/).includes(ns.samlp),
  );
  if (roles.length > 0) return roles;
  const detail = "The IDPSSODescriptor does not support SAML 2.0 (protocolSupportEnumeration).";
  throw refusal("metadata_not_idp", detail);
}

function entityIdOf(entity: XmlElement): string {
  const entityId = attributeOf(entity, "entityID")?.trim() ?? "";
  if (entityId === "") throw refusal("metadata_not_idp", "The EntityDescriptor has no entityID.");
  if (entityId.length <= maxEntityId) return entityId;
  throw refusal("metadata_not_idp", "The entityID is longer than 1024 characters.");
}

// ---- What it says

function locationsOf(
  roles: readonly XmlElement[],
): Pick<IdpMetadata, "ssoRedirectUrl" | "ssoPostUrl"> {
  const services = childrenOf(roles, md, "SingleSignOnService");
  const locationFor = (binding: string): string | null =>
    services
      .filter((service) => attributeOf(service, "Binding")?.trim() === `${bindings}:${binding}`)
      .map((service) => webUrl(attributeOf(service, "Location")?.trim() ?? ""))
      .find((url) => url !== null) ?? null;
  const ssoRedirectUrl = locationFor("HTTP-Redirect");
  const ssoPostUrl = locationFor("HTTP-POST");
  if (ssoRedirectUrl === null && ssoPostUrl === null) {
    throw refusal("metadata_no_endpoint", noLocationSentence(services));
  }
  return { ssoRedirectUrl, ssoPostUrl };
}

function noLocationSentence(services: readonly XmlElement[]): string {
  const needed = "An HTTP-Redirect or HTTP-POST SingleSignOnService is needed";
  const [first] = services;
  if (first === undefined) return `The metadata names no SingleSignOnService. ${needed}.`;
  const binding = attributeOf(first, "Binding") ?? "";
  const location = attributeOf(first, "Location") ?? "";
  const found = `the first one found is ${excerpt(location)} for ${excerpt(binding)}`;
  return `${needed} whose Location is an http or https URL; ${found}.`;
}

/**
 * The location in the ASCII form in which it goes out (xs:anyURI may hold other letters); null where it
 * cannot become a redirect or a form's target, which javascript: must not.
 */
function webUrl(location: string): string | null {
  if (/[\s\p{Cc}"<>\\]/u.test(location)) return null;
  const url = URL.parse(location);
  const isWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:");
  return isWeb ? url.href : null;
}

/**
 * A response that none of the keys has signed is verified with each of them, and anybody may post
 * one. Identity providers have two in a rollover, Entra ID's common document has half a dozen.
 */
const maxCertificates = 16;

function certificatesOf(roles: readonly XmlElement[]): readonly SigningCertificate[] {
  const keys = childrenOf(roles, md, "KeyDescriptor").filter(
    // A KeyDescriptor without use serves signing and encryption alike (SAML Metadata 2.4.1.1).
    (key) => (attributeOf(key, "use")?.trim() ?? "signing") === "signing",
  );
  const data = childrenOf(childrenOf(keys, ns.ds, "KeyInfo"), ns.ds, "X509Data");
  const elements = childrenOf(data, ns.ds, "X509Certificate");
  if (elements.length > maxCertificates) {
    const detail = `The metadata has ${elements.length} signing certificates; at most ${maxCertificates} are supported.`;
    throw refusal("metadata_not_idp", detail);
  }
  const certificates = elements.map((element) => readSigningCertificate(textOf(element) ?? ""));
  const distinct = new Map(certificates.map((one) => [one.fingerprintSha256, one]));
  const found = [...distinct.values()];
  if (found.some(({ isUsable }) => isUsable)) return found;
  throw refusal("metadata_no_signing_key", noKeySentence(found, keys.length));
}

function noKeySentence(found: readonly SigningCertificate[], keyCount: number): string {
  if (found.length > 0) {
    const problems = found.map(({ subject, problem }) =>
      `${subject}: ${problem}`.replace(/^: /, ""),
    );
    return `The metadata has no usable signing certificate. ${problems.join(" ")}`;
  }
  return keyCount === 0
    ? "The metadata has no KeyDescriptor for signing."
    : "The KeyDescriptor for signing has no X509Certificate, from which the key is taken; a bare KeyValue or KeyName is not enough.";
}

function validUntilOf(holders: readonly XmlElement[], nowMs: number): number | null {
  const validUntilMs = minOf(
    holders.map((holder) => {
      const text = attributeOf(holder, "validUntil");
      if (text === null) return null;
      const atMs = parseInstant(text);
      if (atMs !== null) return atMs;
      const detail = `The validUntil ${excerpt(text)} is not a UTC date and time.`;
      throw refusal("metadata_not_idp", detail);
    }),
  );
  if (validUntilMs === null || validUntilMs > nowMs) return validUntilMs;
  const detail = `The metadata was valid until ${new Date(validUntilMs).toISOString()} only.`;
  throw refusal("metadata_expired", detail);
}

/** A hint only, so one that makes no sense is passed over. */
function cacheDurationOf(holder: XmlElement): number | null {
  return parseDuration(attributeOf(holder, "cacheDuration") ?? "");
}

/** Entra ID and AD FS announce theirs beside the SAML role, in the one for WS-Federation. */
const authorization = "http://docs.oasis-open.org/wsfed/authorization/200706";

/** The names of the attributes that the provider says it sends; more of them tell nothing more. */
const maxAnnounced = 200;

function announcedNames(entity: XmlElement, roles: readonly XmlElement[]): readonly string[] {
  const attributes = roles.flatMap((role) => elementsIn(role, ns.saml, "Attribute"));
  const claims = elementsIn(entity, authorization, "ClaimType");
  const names = [
    ...attributes.map((one) => attributeOf(one, "Name") ?? ""),
    ...claims.map((one) => attributeOf(one, "Uri") ?? ""),
  ].filter((name) => name !== "" && name.length <= maxEntityId);
  return [...new Set(names)].slice(0, maxAnnounced);
}

function elementsIn(element: XmlElement, namespace: string, local: string): readonly XmlElement[] {
  if (isElement(element, namespace, local)) return [element];
  return elementsOf(element).flatMap((child) => elementsIn(child, namespace, local));
}

// ---- Small readers

function childrenOf(
  parents: readonly XmlElement[],
  namespace: string,
  local: string,
): readonly XmlElement[] {
  return parents.flatMap((parent) =>
    elementsOf(parent).filter((child) => isElement(child, namespace, local)),
  );
}

function isTrue(element: XmlElement, local: string): boolean {
  const value = attributeOf(element, local)?.trim();
  return value === "true" || value === "1";
}

function minOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function refusal(code: ErrorCode, detail: string, cause?: unknown): AppError {
  return new AppError(code, { detail, cause });
}
