/**
 * The tree that parseXml makes and the few ways to read it. Owns no rule of XML or SAML.
 */
import { compareCodePoints } from "./xml-names.ts";

/** An attribute that is no namespace declaration. */
export interface XmlAttribute {
  /** As written, prefix included. */
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  /** Namespace URI; "" where the name has no prefix. */
  readonly namespace: string;
  /** Normalized, references resolved. */
  readonly value: string;
}

/** A namespace declaration; prefix "" is the default namespace, uri "" undeclares it. */
export interface XmlNamespace {
  readonly prefix: string;
  readonly uri: string;
}

/** Text is a plain string; two strings never follow one another. */
export type XmlNode = XmlElement | string;

/** An element of a tree that nobody changes once it is parsed. */
export interface XmlElement {
  /** As written, prefix included. */
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  /** Namespace URI; "" for none. */
  readonly namespace: string;
  /** In canonical order: by namespace URI, then by local name, in code points. */
  readonly attributes: readonly XmlAttribute[];
  /** Those declared on this element, in document order. */
  readonly namespaces: readonly XmlNamespace[];
  readonly children: readonly XmlNode[];
  /** For the root of a fragment, the element in whose context it was parsed. */
  readonly parent: XmlElement | null;
}

/**
 * Canonical XML 1.0 section 2.2: by namespace URI, then by local name, in code points. URIs are
 * ASCII here, so their own order serves.
 */
export function compareAttributes(left: XmlAttribute, right: XmlAttribute): number {
  if (left.namespace !== right.namespace) return left.namespace < right.namespace ? -1 : 1;
  return compareCodePoints(left.local, right.local);
}

/** Checks that each attribute sorts behind the one before it: in order, and none of them twice. */
export function isOrdered(attributes: readonly XmlAttribute[]): boolean {
  let last: XmlAttribute | null = null;
  for (const attribute of attributes) {
    if (last !== null && compareAttributes(last, attribute) >= 0) return false;
    last = attribute;
  }
  return true;
}

/** The namespaces in scope at `element`, by prefix: its own, then those of its ancestors. */
export function namespacesInScope(element: XmlElement): Map<string, string> {
  const inScope = new Map<string, string>();
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    for (const { prefix, uri } of at.namespaces) {
      if (!inScope.has(prefix)) inScope.set(prefix, uri);
    }
  }
  return inScope;
}

/** The value of the attribute without prefix that is called `local`, or null. */
export function attributeOf(element: XmlElement, local: string): string | null {
  for (const attribute of element.attributes) {
    if (attribute.local === local && attribute.prefix === "") return attribute.value;
  }
  return null;
}

/** Compares the expanded name of `element`. */
export function isElement(element: XmlElement, namespace: string, local: string): boolean {
  return element.local === local && element.namespace === namespace;
}

/** The element children, whatever text stands between them. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  const { children } = element;
  const elements: XmlElement[] = [];
  for (const child of children) {
    if (typeof child !== "string") elements.push(child);
  }
  return elements;
}

/** The element's text, or null where it has an element child: text around one is never joined. */
export function textOf(element: XmlElement): string | null {
  const { children } = element;
  if (children.length === 0) return "";
  const [only] = children;
  return children.length === 1 && typeof only === "string" ? only : null;
}

const onlySpace = /^[\t\n\r ]*$/;

/** Checks that only white space separates the element's children. */
export function hasOnlyElements(element: XmlElement): boolean {
  return element.children.every((child) => typeof child !== "string" || onlySpace.test(child));
}
