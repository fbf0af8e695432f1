/**
 * Elements and attributes as xml.ts builds them. Readers know them by the interfaces of xml-tree.ts, by
 * which nothing can be changed.
 */
import type { QualifiedName } from "./xml-names.ts";
import type { XmlAttribute, XmlElement, XmlNamespace, XmlNode } from "./xml-tree.ts";

/** The list of an element that has none, shared. */
export const none: readonly never[] = [];

/** Meaning of a prefix from an element on; `outer` is its meaning outside. */
export interface Binding extends XmlNamespace {
  readonly owner: Element | null;
  readonly outer: Binding | undefined;
}

/** An attribute while its document is read. */
export class Attribute implements XmlAttribute {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly value: string;
  namespace = "";

  constructor(name: QualifiedName, value: string) {
    this.name = name.full;
    this.prefix = name.prefix;
    this.local = name.local;
    this.value = value;
  }
}

/** An element while its document is read. */
export class Element implements XmlElement {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly parent: XmlElement | null;
  namespace = "";
  attributes: readonly Attribute[] = none;
  namespaces: readonly Binding[] = none;
  children: readonly XmlNode[] = none;

  constructor(name: QualifiedName, parent: XmlElement | null) {
    this.name = name.full;
    this.prefix = name.prefix;
    this.local = name.local;
    this.parent = parent;
  }

  /** A sibling with the same tag, sharing what the tag says. */
  again(): Element {
    const { name: full, prefix, local } = this;
    const sibling = new Element({ full, prefix, local }, this.parent);
    sibling.namespace = this.namespace;
    sibling.attributes = this.attributes;
    sibling.namespaces = this.namespaces;
    return sibling;
  }
}
