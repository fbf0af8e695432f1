/**
 * The demo identity provider's messages before signing: Response, Assertion and their parts, each as
 * canonical text. What goes in is free, so that tests can ask for what no honest provider sends.
 * signer.ts signs and encrypts what this file writes.
 */
import { declare, element, text } from "./canonical-text.ts";
import { type EncryptOptions, encryptElement } from "./encrypt-xml.ts";

/** One saml:Attribute; a value may be XML instead of text, or null for an empty typed element. */
export interface SignerAttribute {
  readonly name: string;
  readonly friendlyName?: string | null;
  readonly nameFormat?: string | null;
  readonly values: readonly (string | { readonly xml: string })[];
}

/** Everything that a message says. Null leaves the thing out; absent means the usual value. */
export interface MessageOptions {
  readonly acsUrl: string;
  readonly nowMs: number;
  /** Default: the ACS URL; a list makes one AudienceRestriction of several; null none at all. */
  readonly audience?: string | readonly string[] | null;
  /** In SubjectConfirmationData and on the Response. */
  readonly inResponseTo?: string | null;
  /** On the Response only, where it differs. */
  readonly responseInResponseTo?: string | null;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly groups?: readonly string[];
  /** Names of the four; default Email, FirstName, LastName, Groups. */
  readonly attributeNames?: Readonly<Record<"email" | "firstName" | "lastName" | "groups", string>>;
  /** In place of the four. */
  readonly attributes?: readonly SignerAttribute[];
  /** xsi:type of every AttributeValue. */
  readonly valueType?: "xs:string" | "xs:anyType" | null;
  readonly nameId?: string | null;
  readonly nameIdFormat?: string;
  readonly encryptNameIdFor?: EncryptOptions;
  readonly issuer?: string | null;
  readonly responseIssuer?: string | null;
  readonly destination?: string | null;
  readonly recipient?: string | null;
  readonly version?: string;
  readonly assertionVersion?: string;
  readonly responseId?: string;
  readonly assertionId?: string;
  /** Default Success. Any other code leaves the assertion out unless `withAssertion` is true. */
  readonly status?: { readonly code: string; readonly nested?: string; readonly message?: string };
  readonly withAssertion?: boolean;
  readonly confirmationMethod?: string | null;
  readonly confirmationNotBeforeMs?: number | null;
  readonly confirmationNotOnOrAfterMs?: number | null;
  readonly notBeforeMs?: number | null;
  readonly notOnOrAfterMs?: number | null;
  readonly authnInstantMs?: number | null;
  readonly sessionNotOnOrAfterMs?: number | null;
  readonly sessionIndex?: string | null;
  /** XML put behind the AudienceRestriction, between Conditions and AuthnStatement. */
  readonly extraConditions?: string;
  readonly advice?: string;
}

export const statusCodes = {
  success: "urn:oasis:names:tc:SAML:2.0:status:Success",
  responder: "urn:oasis:names:tc:SAML:2.0:status:Responder",
  requester: "urn:oasis:names:tc:SAML:2.0:status:Requester",
  authnFailed: "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed",
} as const;

export const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const basic = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
const entityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
const passwordProtected = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/** Issued a little in the past and good for five minutes, as Entra ID and Okta do. */
const backdatedMs = 60_000;
const lifetimeMs = 300_000;

/** The options with every id and the identity provider's name filled in. */
export interface Message extends MessageOptions {
  readonly entityId: string;
  readonly responseId: string;
  readonly assertionId: string;
  readonly transientId: string;
}

/** The Response around `assertion`, which is XML or empty. */
export function renderResponse(message: Message, assertion: string): string {
  const inResponseTo = orDefault(message.responseInResponseTo, message.inResponseTo ?? null);
  return element(
    "samlp:Response",
    {
      ...declare("samlp"),
      ID: message.responseId,
      Version: message.version ?? "2.0",
      IssueInstant: instant(message.nowMs),
      Destination: orDefault(message.destination, message.acsUrl),
      InResponseTo: inResponseTo,
    },
    renderIssuer(orDefault(message.responseIssuer, message.entityId)),
    renderStatus(message),
    assertion,
  );
}

/** The Assertion, unsigned. */
export function renderAssertion(message: Message): string {
  return element(
    "saml:Assertion",
    {
      ...declare("saml"),
      ID: message.assertionId,
      Version: message.assertionVersion ?? "2.0",
      IssueInstant: instant(message.nowMs),
    },
    renderIssuer(orDefault(message.issuer, message.entityId), false),
    renderSubject(message),
    renderConditions(message),
    message.advice === undefined ? "" : element("saml:Advice", {}, message.advice),
    renderAuthnStatement(message),
    renderAttributes(message),
  );
}

function renderIssuer(issuer: string | null, isDeclaring = true): string {
  if (issuer === null) return "";
  const attributes = { ...(isDeclaring ? declare("saml") : {}), Format: entityFormat };
  return element("saml:Issuer", attributes, text(issuer));
}

function renderStatus({ status = { code: statusCodes.success } }: Message): string {
  const nested =
    status.nested === undefined ? "" : element("samlp:StatusCode", { Value: status.nested });
  return element(
    "samlp:Status",
    {},
    element("samlp:StatusCode", { Value: status.code }, nested),
    status.message === undefined ? "" : element("samlp:StatusMessage", {}, text(status.message)),
  );
}

function renderSubject(message: Message): string {
  const method = orDefault(message.confirmationMethod, bearer);
  const data = element("saml:SubjectConfirmationData", {
    InResponseTo: message.inResponseTo ?? null,
    NotBefore: instantOrNull(message.confirmationNotBeforeMs ?? null),
    NotOnOrAfter: instantOrNull(
      orDefault(message.confirmationNotOnOrAfterMs, message.nowMs + lifetimeMs),
    ),
    Recipient: orDefault(message.recipient, message.acsUrl),
  });
  const confirmation =
    method === null ? "" : element("saml:SubjectConfirmation", { Method: method }, data);
  return element("saml:Subject", {}, renderNameId(message), confirmation);
}

function renderNameId(message: Message): string {
  const nameId = orDefault(message.nameId, message.transientId);
  if (nameId === null) return "";
  const format = { Format: message.nameIdFormat ?? transient };
  if (message.encryptNameIdFor === undefined) return element("saml:NameID", format, text(nameId));
  const standalone = element("saml:NameID", { ...declare("saml"), ...format }, text(nameId));
  // The Assertion declares saml already; canonical text does not repeat it.
  return encryptElement("EncryptedID", standalone, message.encryptNameIdFor).replace(
    '<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">',
    "<saml:EncryptedID>",
  );
}

function renderConditions(message: Message): string {
  const audience = orDefault(message.audience, message.acsUrl);
  const audiences = typeof audience === "string" ? [audience] : (audience ?? []);
  const restriction = element(
    "saml:AudienceRestriction",
    {},
    ...audiences.map((one) => element("saml:Audience", {}, text(one))),
  );
  return element(
    "saml:Conditions",
    {
      NotBefore: instantOrNull(orDefault(message.notBeforeMs, message.nowMs - backdatedMs)),
      NotOnOrAfter: instantOrNull(orDefault(message.notOnOrAfterMs, message.nowMs + lifetimeMs)),
    },
    audience === null ? "" : restriction,
    message.extraConditions ?? "",
  );
}

function renderAuthnStatement(message: Message): string {
  const authnInstantMs = orDefault(message.authnInstantMs, message.nowMs);
  if (authnInstantMs === null) return "";
  const context = element(
    "saml:AuthnContext",
    {},
    element("saml:AuthnContextClassRef", {}, passwordProtected),
  );
  return element(
    "saml:AuthnStatement",
    {
      AuthnInstant: instant(authnInstantMs),
      SessionIndex: orDefault(message.sessionIndex, message.assertionId),
      SessionNotOnOrAfter: instantOrNull(message.sessionNotOnOrAfterMs ?? null),
    },
    context,
  );
}

function renderAttributes(message: Message): string {
  const attributes = message.attributes ?? defaultAttributes(message);
  if (attributes.length === 0) return "";
  const type =
    message.valueType == null ? {} : { ...declare("xs", "xsi"), "xsi:type": message.valueType };
  const rendered = attributes.map((attribute) =>
    element(
      "saml:Attribute",
      {
        FriendlyName: attribute.friendlyName ?? null,
        Name: attribute.name,
        NameFormat: orDefault(attribute.nameFormat, basic),
      },
      ...attribute.values.map((value) =>
        element("saml:AttributeValue", type, typeof value === "string" ? text(value) : value.xml),
      ),
    ),
  );
  return element("saml:AttributeStatement", {}, ...rendered);
}

function defaultAttributes(message: Message): SignerAttribute[] {
  const { email, firstName, lastName, groups } = message;
  const names = message.attributeNames ?? {
    email: "Email",
    firstName: "FirstName",
    lastName: "LastName",
    groups: "Groups",
  };
  const single = (name: string, value: string | undefined): SignerAttribute[] =>
    value === undefined ? [] : [{ name, values: [value] }];
  return [
    ...single(names.email, email),
    ...single(names.firstName, firstName),
    ...single(names.lastName, lastName),
    ...(groups === undefined ? [] : [{ name: names.groups, values: groups }]),
  ];
}

function orDefault<T>(value: T | null | undefined, fallback: T): T | null;
function orDefault<T>(value: T | undefined, fallback: T): T {
  return value === undefined ? fallback : value;
}

const instant = (atMs: number): string => new Date(atMs).toISOString();
const instantOrNull = (atMs: number | null): string | null =>
  atMs === null ? null : instant(atMs);
