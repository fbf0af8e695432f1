/**
 * Structure of a document: the reader that a white list is written with, and the survey of a whole
 * document that keeps IDs unique and assertions single (saml-security sections 1.3 and 1.4). The
 * lists themselves stand with the readers, in signature.ts, decrypt.ts, response.ts and assertion.ts.
 */
import { AppError, type ErrorCode } from "../errors.ts";
import {
  attributeOf,
  elementsOf,
  hasOnlyElements,
  isElement,
  textOf,
  type XmlElement,
} from "./xml-tree.ts";

/** Namespace URIs by the prefixes of the standards. */
export const ns = {
  saml: "urn:oasis:names:tc:SAML:2.0:assertion",
  samlp: "urn:oasis:names:tc:SAML:2.0:protocol",
  ds: "http://www.w3.org/2000/09/xmldsig#",
  xenc: "http://www.w3.org/2001/04/xmlenc#",
  xenc11: "http://www.w3.org/2009/xmlenc11#",
  ec: "http://www.w3.org/2001/10/xml-exc-c14n#",
} as const;

const xmlSpace = "\t\n\r ";
const longestExcerpt = 300;

/** Found text, short enough for a log row. */
export function excerpt(text: string | null): string | null {
  if (text === null || text.length <= longestExcerpt) return text;
  return `${text.slice(0, longestExcerpt)}…`;
}

/**
 * An element's children, taken one after the other in the order that its schema gives them. Only
 * white space may stand between; `end` refuses whatever was not taken, so it belongs to every use.
 */
export class ChildReader {
  readonly #element: XmlElement;
  readonly #code: ErrorCode;
  readonly #children: readonly XmlElement[];
  #at = 0;

  /** @throws AppError `code`, here and below, with the place, what was expected and what was found. */
  constructor(element: XmlElement, code: ErrorCode = "saml_bad_structure") {
    this.#element = element;
    this.#code = code;
    if (!hasOnlyElements(element)) this.#refuse("elements only", "text");
    this.#children = elementsOf(element);
  }

  /** The next child, which must have this namespace and one of these names. */
  one(namespace: string, ...locals: string[]): XmlElement {
    const child = this.optional(namespace, ...locals);
    if (child === null) this.#refuse(locals.join(" or "), this.#next);
    return child;
  }

  /** The next child if it has this namespace and one of these names, else null. */
  optional(namespace: string, ...locals: string[]): XmlElement | null {
    const child = this.#children[this.#at];
    if (child === undefined || child.namespace !== namespace) return null;
    if (!locals.includes(child.local)) return null;
    this.#at += 1;
    return child;
  }

  /** The next children, as many as have this namespace and one of these names. */
  many(namespace: string, ...locals: string[]): readonly XmlElement[] {
    const taken: XmlElement[] = [];
    for (;;) {
      const child = this.optional(namespace, ...locals);
      if (child === null) return taken;
      taken.push(child);
    }
  }

  /** Refuses any child that is left. */
  end(): void {
    if (this.#at < this.#children.length) this.#refuse("nothing more", this.#next);
  }

  get #next(): string | null {
    return this.#children[this.#at]?.name ?? null;
  }

  #refuse(expected: string, found: string | null): never {
    throw new AppError(this.#code, {
      evidence: { in: excerpt(this.#element.name), expected, found: excerpt(found) },
    });
  }
}

/** The one child of `element`, which must have this name. @throws AppError as ChildReader does. */
export function onlyChild(element: XmlElement, namespace: string, local: string): XmlElement {
  const children = new ChildReader(element);
  const child = children.one(namespace, local);
  children.end();
  return child;
}

/** The element's text without the white space around it, where a schema collapses it. */
export function tokenOf(element: XmlElement): string {
  const text = textOf(element);
  if (text === null) {
    throw new AppError("saml_bad_structure", {
      evidence: { in: excerpt(element.name), expected: "text only", found: "element" },
    });
  }
  let start = 0;
  let end = text.length;
  while (xmlSpace.includes(text.charAt(start)) && start < end) start += 1;
  while (end > start && xmlSpace.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const idRe = /^[^\t\n\r ]{1,1024}$/;

/**
 * The element's ID. @throws AppError `saml_bad_id` where it is absent, empty or has white space in it;
 * several products send bare UUIDs, which are no names (xs:ID) where they begin with a digit.
 */
export function requireId(element: XmlElement): string {
  const id = attributeOf(element, "ID");
  if (id !== null && idRe.test(id)) return id;
  throw new AppError("saml_bad_id", {
    evidence: { in: excerpt(element.name), expected: "ID", found: excerpt(id) },
  });
}

/** @throws AppError `saml_bad_version` unless the element's Version is 2.0. */
export function requireVersion(element: XmlElement): void {
  const found = attributeOf(element, "Version");
  if (found === "2.0") return;
  throw new AppError("saml_bad_version", {
    evidence: { in: excerpt(element.name), expected: "2.0", found: excerpt(found) },
  });
}

/** Checks for a saml:Assertion or a saml:EncryptedAssertion. */
function isAssertion(element: XmlElement): boolean {
  return (
    element.namespace === ns.saml &&
    (element.local === "Assertion" || element.local === "EncryptedAssertion")
  );
}

/**
 * Looks at every element below `root`, `root` included: notes its ID in `ids`, and counts the
 * assertions, wherever they hide. Those inside saml:Advice do not count, since nobody reads them.
 *
 * @throws AppError `saml_bad_id` for an ID that is repeated, prefixed, or one of two on an element.
 */
export function surveyDocument(root: XmlElement, ids: Set<string>): number {
  noteId(root, ids);
  let assertions = isAssertion(root) ? 1 : 0;
  const isOpaque = isElement(root, ns.saml, "Advice");
  for (const child of root.children) {
    if (typeof child === "string") continue;
    const inside = surveyDocument(child, ids);
    if (!isOpaque) assertions += inside;
  }
  return assertions;
}

/** Signature software disagrees on what an ID is called; here each spelling of it counts. */
function noteId(element: XmlElement, ids: Set<string>): void {
  let hasId = false;
  for (const { name, prefix, local, value } of element.attributes) {
    if (local.length !== 2 || local.toLowerCase() !== "id") continue;
    if (prefix !== "" || hasId || ids.has(value)) {
      throw new AppError("saml_bad_id", {
        evidence: { in: excerpt(element.name), attribute: name, found: excerpt(value) },
      });
    }
    hasId = true;
    ids.add(value);
  }
}
