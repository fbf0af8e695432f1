/**
 * Canonical XML 1.0 and Exclusive XML Canonicalization 1.0, both without comments, of one element
 * and all that it contains but one omitted element.
 *
 * Linear: the namespaces that the output has declared so far are one map with undo, never a search
 * up the ancestors, and attributes come sorted from the parser.
 */
import { compareCodePoints } from "./xml-names.ts";
import {
  compareAttributes,
  namespacesInScope,
  type XmlAttribute,
  type XmlElement,
  type XmlNamespace,
} from "./xml-tree.ts";

/** Kind of canonical form, and the element that it leaves out. */
export interface CanonicalForm {
  /** Exclusive (only namespaces in use) or inclusive (all in scope). */
  readonly exclusive: boolean;
  /** PrefixList of ec:InclusiveNamespaces, "" standing for #default; empty for inclusive form. */
  readonly inclusivePrefixes: readonly string[];
  /** Left out with all that it contains: what the enveloped-signature transform removes. */
  readonly omit?: XmlElement;
}

interface Declaration {
  readonly prefix: string;
  readonly uri: string;
  /** Namespace of the prefix in the output before; undefined where it had none. */
  readonly outer: string | undefined;
}

interface Tag {
  readonly text: string;
  readonly declarations: readonly Declaration[];
}

/** The canonical form of `apex`, whose UTF-8 bytes are what signatures digest. */
export function canonicalize(apex: XmlElement, form: CanonicalForm): string {
  return new Canonicalizer(form).render(apex);
}

const none: readonly never[] = [];

class Canonicalizer {
  readonly #exclusive: boolean;
  readonly #inclusivePrefixes: ReadonlySet<string>;
  readonly #omit: XmlElement | null;
  /** Namespace of each prefix in the output so far. */
  readonly #rendered = new Map<string, string | undefined>([["", ""]]);
  readonly #output: string[] = [];

  constructor({ exclusive, inclusivePrefixes, omit }: CanonicalForm) {
    this.#exclusive = exclusive;
    this.#inclusivePrefixes = new Set(inclusivePrefixes);
    this.#omit = omit ?? null;
  }

  render(apex: XmlElement): string {
    const attributes = this.#exclusive ? apex.attributes : withInherited(apex);
    this.#element(apex, this.#tag(apex, inScopeAt(apex), attributes));
    return this.#output.join("");
  }

  #element(element: XmlElement, { text, declarations }: Tag): void {
    this.#output.push(text);
    let twin: { readonly element: XmlElement; readonly tag: Tag } | null = null;
    for (const child of element.children) {
      if (typeof child === "string") {
        this.#output.push(escapeText(child));
      } else if (child !== this.#omit) {
        const tag: Tag =
          twin !== null && hasSameTag(twin.element, child)
            ? this.#again(twin.tag)
            : this.#tag(child, child.namespaces, child.attributes);
        twin = { element: child, tag };
        this.#element(child, tag);
      }
    }
    this.#output.push(`</${element.name}>`);
    for (const { prefix, outer } of declarations) this.#rendered.set(prefix, outer);
  }

  /** The opening tag; from here on the output has said what it declares. */
  #tag(
    element: XmlElement,
    candidates: readonly XmlNamespace[],
    attributes: readonly XmlAttribute[],
  ): Tag {
    const declarations = this.#declarations(element, candidates);
    let text = `<${element.name}`;
    for (const { prefix, uri } of declarations) {
      text += `${prefix === "" ? " xmlns" : ` xmlns:${prefix}`}="${escapeAttribute(uri)}"`;
    }
    for (const { name, value } of attributes) text += ` ${name}="${escapeAttribute(value)}"`;
    return { text: `${text}>`, declarations };
  }

  /** The same tag once more, for a sibling. */
  #again(tag: Tag): Tag {
    for (const { prefix, uri } of tag.declarations) this.#rendered.set(prefix, uri);
    return tag;
  }

  /**
   * The declarations to write at `element`, sorted; `candidates` are those that inclusive treatment
   * considers. Of the exclusive kind count those in visible use (Exclusive C14N section 3).
   */
  #declarations(element: XmlElement, candidates: readonly XmlNamespace[]): readonly Declaration[] {
    let declarations = none as readonly Declaration[];
    if (!this.#exclusive || this.#inclusivePrefixes.size > 0) {
      for (const { prefix, uri } of candidates) {
        if (this.#exclusive && !this.#inclusivePrefixes.has(prefix)) continue;
        declarations = this.#declare(declarations, prefix, uri);
      }
    }
    if (this.#exclusive) {
      declarations = this.#declare(declarations, element.prefix, element.namespace);
      for (const { prefix, namespace } of element.attributes) {
        if (prefix !== "") declarations = this.#declare(declarations, prefix, namespace);
      }
    }
    if (declarations.length < 2) return declarations;
    return declarations.toSorted((left, right) => compareCodePoints(left.prefix, right.prefix));
  }

  /** Adds a declaration, unless the output says the same already. */
  #declare(
    declarations: readonly Declaration[],
    prefix: string,
    uri: string,
  ): readonly Declaration[] {
    const outer = this.#rendered.get(prefix);
    if (outer === uri || prefix === "xml") return declarations;
    this.#rendered.set(prefix, uri);
    const declaration = { prefix, uri, outer };
    if (declarations === none) return [declaration];
    (declarations as Declaration[]).push(declaration);
    return declarations;
  }
}

/** Checks that two siblings' tags are equal; the parser shares the parts of those that are. */
function hasSameTag(left: XmlElement, right: XmlElement): boolean {
  return (
    left.name === right.name &&
    left.attributes === right.attributes &&
    left.namespaces === right.namespaces
  );
}

function inScopeAt(apex: XmlElement): XmlNamespace[] {
  return [...namespacesInScope(apex)].map(([prefix, uri]) => ({ prefix, uri }));
}

/** Canonical XML 1.0 section 2.4: the apex of a subset takes over its ancestors' xml: attributes. */
function withInherited(apex: XmlElement): readonly XmlAttribute[] {
  const inherited = new Map<string, XmlAttribute>();
  for (let at: XmlElement | null = apex; at !== null; at = at.parent) {
    for (const attribute of at.attributes) {
      const { prefix, local } = attribute;
      if (prefix === "xml" && !inherited.has(local)) inherited.set(local, attribute);
    }
  }
  if (inherited.size === 0) return apex.attributes;
  const others = apex.attributes.filter(({ prefix }) => prefix !== "xml");
  return [...others, ...inherited.values()].sort(compareAttributes);
}

const specialInText = /[&<>\r]/;
const specialInAttribute = /[&<"\t\n\r]/;

/** Character data as both canonical forms write it (Canonical XML 1.0, 2.3). */
export function escapeText(text: string): string {
  if (!specialInText.test(text)) return text;
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#xD;");
}

/** An attribute's value as both canonical forms write it (Canonical XML 1.0, 2.3). */
export function escapeAttribute(value: string): string {
  if (!specialInAttribute.test(value)) return value;
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\t", "&#x9;")
    .replaceAll("\n", "&#xA;")
    .replaceAll("\r", "&#xD;");
}
