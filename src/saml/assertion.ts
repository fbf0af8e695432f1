/**
 * The assertion's own rules (PRODUCT 2.2; SAML Core sections 2.3 to 2.7; SAML Profiles 4.1.4.2 and
 * 4.1.4.3), read from a SignedElement and from nothing else. What surrounds the assertion, and
 * whether its signature suffices, is response.ts's business; what attributes mean, attributes.ts's.
 *
 * Optional elements are looped over, and every such loop requires at least one.
 */
import { AppError, type ErrorCode } from "../errors.ts";
import { badTime, parseInstant, requireInstant } from "./instant.ts";
import type { SignedElement } from "./signature.ts";
import { ChildReader, excerpt, ns, requireId, requireVersion, tokenOf } from "./structure.ts";
import { isSameUrl } from "./urls.ts";
import { attributeOf, elementsOf, textOf, type XmlElement } from "./xml-tree.ts";

/** Rules that the assertion must satisfy. */
export interface AssertionRules {
  /** The identity provider's entityID. */
  readonly issuer: string;
  readonly acsUrl: string;
  /** Our entityID. */
  readonly audience: string;
  readonly nowMs: number;
  readonly clockSkewMs: number;
}

/** One saml:Attribute as it was sent. */
export interface AssertionAttribute {
  readonly name: string;
  readonly friendlyName: string | null;
  /** Text values in document order; empty ones count, those with elements inside do not. */
  readonly values: readonly string[];
}

/** Statements of a valid assertion. */
export interface AssertionFacts {
  readonly id: string;
  readonly issuer: string;
  /** From the bearer's SubjectConfirmationData; null where sign-in began at the identity provider. */
  readonly inResponseTo: string | null;
  /** The last moment at which the assertion holds by its own clock, skew aside. */
  readonly notOnOrAfterMs: number;
  readonly sessionNotOnOrAfterMs: number | null;
  readonly authnInstantMs: number;
  readonly sessionIndex: string | null;
  readonly nameId: string | null;
  /** The subject's EncryptedID, where it has no plain NameID. */
  readonly encryptedId: XmlElement | null;
  readonly attributes: readonly AssertionAttribute[];
}

/** An Assertion's parts, by the white list. */
interface AssertionParts {
  readonly issuer: XmlElement;
  readonly signature: XmlElement | null;
  readonly subject: XmlElement;
  readonly conditions: XmlElement | null;
  readonly statements: readonly XmlElement[];
}

/**
 * The parts of an Assertion, in the schema's order; saml:Advice stays unread.
 *
 * @throws AppError `saml_bad_structure`
 */
export function readAssertionParts(assertion: XmlElement): AssertionParts {
  const parts = new ChildReader(assertion);
  const issuer = parts.one(ns.saml, "Issuer");
  const signature = parts.optional(ns.ds, "Signature");
  const subject = parts.one(ns.saml, "Subject");
  const conditions = parts.optional(ns.saml, "Conditions");
  parts.optional(ns.saml, "Advice");
  const statements = parts.many(
    ns.saml,
    "AuthnStatement",
    "AttributeStatement",
    "AuthzDecisionStatement",
  );
  parts.end();
  return { issuer, signature, subject, conditions, statements };
}

/**
 * Reads the signed assertion and checks every rule.
 *
 * @throws AppError `saml_bad_structure`, `saml_bad_version`, `saml_bad_id`, `saml_bad_time`,
 * `saml_issuer_mismatch`, `saml_subject_confirmation`, `saml_recipient_mismatch`, `saml_expired`,
 * `saml_not_yet_valid`, `saml_audience_missing`, `saml_audience_mismatch`,
 * `saml_unknown_condition`, `saml_no_authn_statement` or `saml_session_expired`.
 */
export function readAssertion(signed: SignedElement, rules: AssertionRules): AssertionFacts {
  const assertion = signed.root;
  requireVersion(assertion);
  const id = requireId(assertion);
  requireInstant(attributeOf(assertion, "IssueInstant"), "IssueInstant");
  const parts = readAssertionParts(assertion);
  requireIssuer(parts.issuer, rules.issuer);
  const subject = readSubject(parts.subject, rules);
  const conditionsEndMs = readConditions(parts.conditions, rules);
  const session = readAuthnStatements(parts.statements, rules);
  return {
    id,
    issuer: rules.issuer,
    ...subject,
    notOnOrAfterMs: Math.min(subject.notOnOrAfterMs, conditionsEndMs),
    ...session,
    attributes: readAttributes(parts.statements),
  };
}

const entityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/**
 * @throws AppError `saml_issuer_mismatch` unless `issuer` is there, names the identity provider, and
 * does so as an entity (SAML Profiles 4.1.4.2: Format is omitted or this one).
 */
export function requireIssuer(issuer: XmlElement | null, expected: string): void {
  const found = issuer === null ? null : tokenOf(issuer);
  const format = (issuer === null ? null : attributeOf(issuer, "Format")) ?? entityFormat;
  if (found === expected && format === entityFormat) return;
  const evidence =
    format === entityFormat
      ? { expected, found: excerpt(found) }
      : { expected: entityFormat, found: excerpt(format), attribute: "Format" };
  throw new AppError("saml_issuer_mismatch", { evidence });
}

const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

function readSubject(subject: XmlElement, rules: AssertionRules) {
  const parts = new ChildReader(subject);
  const identifier = parts.optional(ns.saml, "BaseID", "NameID", "EncryptedID");
  const confirmations = parts.many(ns.saml, "SubjectConfirmation");
  parts.end();
  return {
    ...confirmBearer(confirmations, rules),
    nameId: identifier?.local === "NameID" ? textOf(identifier) : null,
    encryptedId: identifier?.local === "EncryptedID" ? identifier : null,
  };
}

/** Statements of a bearer SubjectConfirmation that holds. */
interface Confirmation {
  readonly inResponseTo: string | null;
  readonly notOnOrAfterMs: number;
}

/**
 * At least one bearer confirmation must hold (Profiles 4.1.4.3). Where several do, they must answer
 * the same request, since only one can be taken up.
 */
function confirmBearer(elements: readonly XmlElement[], rules: AssertionRules): Confirmation {
  const methods = elements.map((element) => attributeOf(element, "Method"));
  const results = elements
    .filter((_, at) => methods[at] === bearer)
    .map((element) => confirm(element, rules));
  const holding = results.filter((result): result is Confirmation => !(result instanceof AppError));
  const [first] = holding;
  if (first === undefined) {
    const refusal = results.find((result) => result instanceof AppError);
    throw refusal ?? confirmationError("saml_subject_confirmation", bearer, methods.join(" "));
  }
  const other = holding.find(({ inResponseTo }) => inResponseTo !== first.inResponseTo);
  if (other !== undefined) {
    throw confirmationError("saml_subject_confirmation", first.inResponseTo, other.inResponseTo);
  }
  const notOnOrAfterMs = Math.max(...holding.map((confirmation) => confirmation.notOnOrAfterMs));
  return { inResponseTo: first.inResponseTo, notOnOrAfterMs };
}

/** The refusal is a value here, since another confirmation may hold. */
function confirm(element: XmlElement, rules: AssertionRules): Confirmation | AppError {
  const parts = new ChildReader(element);
  parts.optional(ns.saml, "BaseID", "NameID", "EncryptedID");
  const data = parts.optional(ns.saml, "SubjectConfirmationData");
  parts.end();
  const notOnOrAfter = data === null ? null : attributeOf(data, "NotOnOrAfter");
  if (data === null || notOnOrAfter === null) {
    return confirmationError("saml_subject_confirmation", "NotOnOrAfter", null);
  }
  const recipient = attributeOf(data, "Recipient");
  if (recipient === null || !isSameUrl(recipient, rules.acsUrl)) {
    return confirmationError("saml_recipient_mismatch", rules.acsUrl, recipient);
  }
  const notBefore = attributeOf(data, "NotBefore");
  if (notBefore !== null) {
    return confirmationError("saml_subject_confirmation", "no NotBefore", notBefore);
  }
  const attribute = "SubjectConfirmationData NotOnOrAfter";
  const notOnOrAfterMs = parseInstant(notOnOrAfter);
  if (notOnOrAfterMs === null) return badTime(notOnOrAfter, attribute);
  if (!isBefore(rules, notOnOrAfterMs)) {
    return confirmationError("saml_expired", `later than ${shown(rules.nowMs)}`, notOnOrAfter);
  }
  return { inResponseTo: attributeOf(data, "InResponseTo"), notOnOrAfterMs };
}

function confirmationError(
  code: ErrorCode,
  expected: string | null,
  found: string | null,
): AppError {
  return new AppError(code, {
    evidence: { in: "SubjectConfirmation", expected, found: excerpt(found) },
  });
}

/** Checks that now, by the most lenient clock that is tolerated, is before `endMs`. */
const isBefore = ({ nowMs, clockSkewMs }: AssertionRules, endMs: number): boolean =>
  nowMs - clockSkewMs < endMs;

const shown = (ms: number): string => new Date(ms).toISOString();

/** Checks the Conditions; answers when they end, Infinity where they do not say. */
function readConditions(conditions: XmlElement | null, rules: AssertionRules): number {
  if (conditions === null) throw new AppError("saml_audience_missing");
  const endMs = requireValidity(conditions, rules);
  const parts = new ChildReader(conditions);
  let restrictions = 0;
  for (const condition of elementsOf(conditions)) {
    requireKnownCondition(condition);
    parts.one(ns.saml, condition.local);
    if (condition.local !== "AudienceRestriction") continue;
    requireAudience(condition, rules.audience);
    restrictions += 1;
  }
  parts.end();
  if (restrictions === 0) throw new AppError("saml_audience_missing");
  return endMs;
}

function requireValidity(conditions: XmlElement, rules: AssertionRules): number {
  const notBefore = attributeOf(conditions, "NotBefore");
  if (notBefore !== null) {
    const startMs = requireInstant(notBefore, "Conditions NotBefore");
    if (rules.nowMs + rules.clockSkewMs < startMs) {
      const evidence = { in: "Conditions", now: shown(rules.nowMs), notBefore };
      throw new AppError("saml_not_yet_valid", { evidence });
    }
  }
  const notOnOrAfter = attributeOf(conditions, "NotOnOrAfter");
  if (notOnOrAfter === null) return Number.POSITIVE_INFINITY;
  const endMs = requireInstant(notOnOrAfter, "Conditions NotOnOrAfter");
  if (!isBefore(rules, endMs)) {
    const evidence = { in: "Conditions", now: shown(rules.nowMs), notOnOrAfter };
    throw new AppError("saml_expired", { evidence });
  }
  return endMs;
}

/**
 * OneTimeUse holds for every assertion here, and ProxyRestriction binds only who issues further
 * assertions. What is not understood leaves the assertion's validity open (SAML Core 2.5.1.1).
 */
const knownConditions: readonly string[] = [
  "AudienceRestriction",
  "OneTimeUse",
  "ProxyRestriction",
];

function requireKnownCondition(condition: XmlElement): void {
  if (condition.namespace === ns.saml && knownConditions.includes(condition.local)) return;
  throw new AppError("saml_unknown_condition", { evidence: { found: excerpt(condition.name) } });
}

/** Audiences of one restriction are alternatives, restrictions add up (SAML Core 2.5.1.4). */
function requireAudience(restriction: XmlElement, expected: string): void {
  const parts = new ChildReader(restriction);
  const audiences = parts.many(ns.saml, "Audience").map(tokenOf);
  parts.end();
  if (audiences.includes(expected)) return;
  throw new AppError("saml_audience_mismatch", {
    evidence: { expected, found: audiences.slice(0, 5).map(excerpt) },
  });
}

function readAuthnStatements(statements: readonly XmlElement[], rules: AssertionRules) {
  let authnInstantMs: number | null = null;
  let sessionIndex: string | null = null;
  let sessionNotOnOrAfterMs: number | null = null;
  for (const statement of statements) {
    if (statement.local !== "AuthnStatement") continue;
    requireAuthnContext(statement);
    const instantMs = requireInstant(attributeOf(statement, "AuthnInstant"), "AuthnInstant");
    authnInstantMs ??= instantMs;
    sessionIndex ??= attributeOf(statement, "SessionIndex");
    const sessionEnd = attributeOf(statement, "SessionNotOnOrAfter");
    if (sessionEnd === null) continue;
    const endMs = requireInstant(sessionEnd, "SessionNotOnOrAfter");
    if (!isBefore(rules, endMs)) {
      const evidence = { now: shown(rules.nowMs), sessionNotOnOrAfter: sessionEnd };
      throw new AppError("saml_session_expired", { evidence });
    }
    sessionNotOnOrAfterMs = Math.min(endMs, sessionNotOnOrAfterMs ?? endMs);
  }
  if (authnInstantMs === null) throw new AppError("saml_no_authn_statement");
  return { authnInstantMs, sessionIndex, sessionNotOnOrAfterMs };
}

/** SAML Core 2.7.2; what the context says of the sign-in's strength is nobody's question here. */
function requireAuthnContext(statement: XmlElement): void {
  const parts = new ChildReader(statement);
  parts.optional(ns.saml, "SubjectLocality");
  const context = new ChildReader(parts.one(ns.saml, "AuthnContext"));
  parts.end();
  const classRef = context.optional(ns.saml, "AuthnContextClassRef");
  const declaration = context.optional(ns.saml, "AuthnContextDecl", "AuthnContextDeclRef");
  // The schema asks for one of the three; an empty context is no statement about anything.
  if (classRef === null && declaration === null) context.one(ns.saml, "AuthnContextClassRef");
  const authorities = context.many(ns.saml, "AuthenticatingAuthority");
  context.end();
  // References and names are text; only a declaration has content of its own.
  for (const element of [classRef, declaration, ...authorities]) {
    if (element !== null && element.local !== "AuthnContextDecl") tokenOf(element);
  }
}

/** An EncryptedAttribute is refused: skipping it could silently take somebody's groups away. */
function readAttributes(statements: readonly XmlElement[]): readonly AssertionAttribute[] {
  const attributes: AssertionAttribute[] = [];
  for (const statement of statements) {
    if (statement.local !== "AttributeStatement") continue;
    const parts = new ChildReader(statement);
    for (const attribute of parts.many(ns.saml, "Attribute")) {
      attributes.push(readAttribute(attribute));
    }
    parts.end();
  }
  return attributes;
}

function readAttribute(attribute: XmlElement): AssertionAttribute {
  const name = attributeOf(attribute, "Name");
  if (name === null) {
    throw new AppError("saml_bad_structure", {
      evidence: { in: "Attribute", expected: "Name", found: null },
    });
  }
  const parts = new ChildReader(attribute);
  const values: string[] = [];
  for (const value of parts.many(ns.saml, "AttributeValue")) {
    const text = textOf(value);
    // Text around an element is not joined: half a value must not pass for a whole one.
    if (text !== null) values.push(text);
  }
  parts.end();
  return { name, friendlyName: attributeOf(attribute, "FriendlyName"), values };
}
