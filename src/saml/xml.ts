/**
 * The one XML parser: a strict subset, one pass, a small immutable tree (saml-security section 1).
 * Owns well-formedness, namespaces and the limits; what the elements mean is response.ts's and
 * metadata.ts's business, their canonical form canonical.ts's.
 *
 * Every step costs time linear in the input: one search for "<" per tag, one look-up per name, and
 * a namespace context that is a map with undo instead of a search up the ancestors.
 */
import { isUtf8 } from "node:buffer";
import { isQualifiedNameUnit, type QualifiedName, qualifiedName } from "./xml-names.ts";
import {
  normalizeAttributeValue,
  refuseXml as refuse,
  requireCharacters,
  resolveReferences,
  skipDeclaration,
} from "./xml-text.ts";
import {
  compareAttributes,
  isOrdered,
  namespacesInScope,
  type XmlAttribute,
  type XmlElement,
  type XmlNamespace,
  type XmlNode,
} from "./xml-tree.ts";

export type { XmlElement } from "./xml-tree.ts";

/** How a document may be read; the defaults are those of a SAML message. */
export interface ParseOptions {
  /** Real metadata has comments, a SAML message must not. Default "refuse". */
  readonly comments?: "refuse" | "drop";
  /** The element whose namespaces a decrypted fragment may use; becomes the root's parent. */
  readonly context?: XmlElement;
}

/** The limits of saml-security section 1.2. */
export const xmlLimits = {
  depth: 32,
  nodes: 20_000,
  attributes: 64,
  namespaces: 64,
  /** Characters of a namespace URI: exclusive form writes one again for each element that uses it. */
  namespaceUri: 512,
} as const;

const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
const xmlnsNamespace = "http://www.w3.org/2000/xmlns/";

const bang = 0x21;
const quote = 0x22;
const apostrophe = 0x27;
const slash = 0x2f;
const equals = 0x3d;
const greaterThan = 0x3e;
const question = 0x3f;
const byteOrderMark = 0xfe_ff;

const onlySpace = /^[\t\n ]*$/;
const absoluteUri = /^[A-Za-z][-+.0-9A-Za-z]*:[!#-;=?-[\]_a-z~]*$/;

const none: readonly never[] = [];

/** What a prefix means from an element on; `outer` is what it meant outside. */
interface Binding extends XmlNamespace {
  readonly owner: Element | null;
  readonly outer: Binding | undefined;
}

class Attribute implements XmlAttribute {
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

class Element implements XmlElement {
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

/**
 * The document's root element.
 *
 * Bytes must be UTF-8 without byte order mark; a string must be well-formed UTF-16.
 *
 * @throws AppError `saml_bad_encoding`, `saml_bad_xml`, `saml_xml_forbidden` or `saml_xml_limit`,
 * with the reason and the offset as evidence.
 */
export function parseXml(input: Uint8Array | string, options: ParseOptions = {}): XmlElement {
  const text = typeof input === "string" ? input : decodeUtf8(input);
  if (text.charCodeAt(0) === byteOrderMark) refuse("saml_bad_encoding", "byte order mark", 0);
  // XML 1.0 section 2.11: line ends are line feeds before anything else is looked at.
  const source = text.includes("\r") ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text;
  requireCharacters(source);
  return new Parser(source, options).parse();
}

function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) refuse("saml_bad_encoding", "not UTF-8", 0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

class Parser {
  readonly #source: string;
  readonly #dropComments: boolean;
  readonly #context: XmlElement | null;
  readonly #hasReferences: boolean;
  readonly #hasSectionEnd: boolean;
  readonly #uris = new Map<string, string>();
  readonly #bindings = new Map<string, Binding | undefined>();
  /** By depth, the last opening tag: siblings with the very same one need not be read again. */
  readonly #twins: ({ readonly tag: string; readonly element: Element } | undefined)[] = [];
  #root: Element | null = null;
  #current: Element | null = null;
  #depth = 0;
  #nodes = 0;
  /** Where the name or value that was read last ends. */
  #end = 0;

  constructor(source: string, { comments = "refuse", context }: ParseOptions) {
    this.#source = source;
    this.#dropComments = comments === "drop";
    this.#context = context ?? null;
    this.#hasReferences = source.includes("&");
    this.#hasSectionEnd = source.includes("]]>");
    this.#bindings.set("xml", { prefix: "xml", uri: xmlNamespace, owner: null, outer: undefined });
    if (context === undefined) return;
    for (const [prefix, uri] of namespacesInScope(context)) {
      this.#bindings.set(prefix, { prefix, uri, owner: null, outer: undefined });
    }
  }

  parse(): XmlElement {
    const source = this.#source;
    let at = skipDeclaration(source);
    let next = source.indexOf("<", at);
    for (;;) {
      const textEnd = next === -1 ? source.length : next;
      if (textEnd > at) this.#text(at, textEnd);
      if (next === -1) break;
      at = this.#markup(next);
      next = source.indexOf("<", at);
    }
    if (this.#current !== null) refuse("saml_bad_xml", "element is not closed", source.length);
    if (this.#root === null) refuse("saml_bad_xml", "no element", 0);
    return this.#root;
  }

  /** Reads what starts with the "<" at `at`; answers the offset behind it. */
  #markup(at: number): number {
    const second = this.#source.charCodeAt(at + 1);
    if (second === slash) return this.#closeTag(at);
    if (second === bang || second === question) return this.#comment(at);
    return this.#openTag(at);
  }

  #comment(at: number): number {
    const source = this.#source;
    if (!source.startsWith("<!--", at)) {
      refuse("saml_xml_forbidden", source.slice(at, at + 10), at);
    }
    if (!this.#dropComments) refuse("saml_xml_forbidden", "comment", at);
    const end = source.indexOf("--", at + 4);
    if (end === -1 || source.charCodeAt(end + 2) !== greaterThan) {
      refuse("saml_bad_xml", "comment is not closed", at);
    }
    this.#countNode(at);
    return end + 3;
  }

  #text(start: number, end: number): void {
    const raw = this.#source.slice(start, end);
    const element = this.#current;
    if (element === null) {
      if (!onlySpace.test(raw)) refuse("saml_bad_xml", "text outside the root element", start);
      return;
    }
    if (this.#hasSectionEnd && raw.includes("]]>")) refuse("saml_bad_xml", "]]> in text", start);
    const isPlain = !this.#hasReferences || !raw.includes("&");
    const text = isPlain ? raw : resolveReferences(raw, start);
    const last = element.children.at(-1);
    if (typeof last === "string") {
      // A dropped comment stood between: its sides are one text.
      (element.children as XmlNode[])[element.children.length - 1] = last + text;
      return;
    }
    this.#append(element, text, start);
  }

  #append(element: Element, child: XmlNode, at: number): void {
    this.#countNode(at);
    if (element.children === none) element.children = [child];
    else (element.children as XmlNode[]).push(child);
  }

  #countNode(at: number): void {
    this.#nodes += 1;
    if (this.#nodes > xmlLimits.nodes) refuse("saml_xml_limit", "nodes", at);
  }

  #closeTag(at: number): number {
    const source = this.#source;
    const element = this.#current;
    let end = at + 2 + (element?.name.length ?? 0);
    if (element === null || source.slice(at + 2, end) !== element.name) {
      refuse("saml_bad_xml", "closing tag without its opening one", at);
    }
    if (source.charCodeAt(end) !== greaterThan) end = this.#skipSpace(end);
    if (source.charCodeAt(end) !== greaterThan) refuse("saml_bad_xml", "closing tag", at);
    this.#leave(element);
    return end + 1;
  }

  /** Takes the element's namespaces out of scope again. */
  #leave(element: Element): void {
    for (const { prefix, outer } of element.namespaces) this.#bindings.set(prefix, outer);
    this.#current = element.parent === this.#context ? null : (element.parent as Element | null);
    this.#depth -= 1;
  }

  #openTag(at: number): number {
    const source = this.#source;
    const outer = this.#current;
    if (outer === null && this.#root !== null) refuse("saml_bad_xml", "second root element", at);
    const twin = this.#twins[this.#depth];
    if (twin !== undefined && twin.element.parent === outer && outer !== null) {
      const end = at + twin.tag.length;
      if (source.charCodeAt(end - 1) === greaterThan && source.slice(at, end) === twin.tag) {
        this.#enter(twin.element.again(), outer, at);
        return end;
      }
    }
    const element = new Element(this.#name(at + 1), outer ?? this.#context);
    const end = this.#attributes(element, this.#end);
    this.#resolveNames(element, at);
    const isEmpty = source.charCodeAt(end) === slash;
    if (isEmpty && source.charCodeAt(end + 1) !== greaterThan) refuse("saml_bad_xml", "tag", at);
    if (!isEmpty) this.#twins[this.#depth] = { tag: source.slice(at, end + 1), element };
    this.#enter(element, outer, at);
    if (isEmpty) this.#leave(element);
    return isEmpty ? end + 2 : end + 1;
  }

  /** Makes `element` part of the tree and the one whose content is read next. */
  #enter(element: Element, outer: Element | null, at: number): void {
    if (outer === null) {
      this.#countNode(at);
      this.#root = element;
    } else {
      this.#append(outer, element, at);
    }
    for (const binding of element.namespaces) this.#bindings.set(binding.prefix, binding);
    this.#depth += 1;
    if (this.#depth > xmlLimits.depth) refuse("saml_xml_limit", "depth", at);
    this.#current = element;
  }

  /** Reads attributes and declarations up to the tag's "/" or ">", whose offset it answers. */
  #attributes(element: Element, start: number): number {
    const source = this.#source;
    const code = source.charCodeAt(start);
    if (code === greaterThan || code === slash) return start;
    const attributes: Attribute[] = [];
    let at = start;
    for (;;) {
      const afterSpace = this.#skipSpace(at);
      const code = source.charCodeAt(afterSpace);
      if (code === greaterThan || code === slash) {
        element.attributes = attributes;
        return afterSpace;
      }
      if (afterSpace === at) refuse("saml_bad_xml", "tag", at);
      const name = this.#name(afterSpace);
      const value = this.#attributeValue(this.#end);
      at = this.#end;
      if (name.prefix === "xmlns") this.#declare(element, { prefix: name.local, uri: value }, at);
      else if (name.full === "xmlns") this.#declare(element, { prefix: "", uri: value }, at);
      else attributes.push(new Attribute(name, value));
      if (attributes.length > xmlLimits.attributes) refuse("saml_xml_limit", "attributes", at);
    }
  }

  /** Reads `= "value"` from `start` on. */
  #attributeValue(start: number): string {
    const source = this.#source;
    const sign = this.#skipSpace(start);
    if (source.charCodeAt(sign) !== equals)
      refuse("saml_bad_xml", "attribute without value", start);
    const open = this.#skipSpace(sign + 1);
    const mark = source.charCodeAt(open);
    if (mark !== quote && mark !== apostrophe) refuse("saml_bad_xml", "unquoted value", open);
    const close = source.indexOf(mark === quote ? '"' : "'", open + 1);
    if (close === -1) refuse("saml_bad_xml", "value is not closed", open);
    this.#end = close + 1;
    return normalizeAttributeValue(source.slice(open + 1, close), open + 1);
  }

  #declare(element: Element, { prefix, uri }: XmlNamespace, at: number): void {
    if (element.namespaces.length === xmlLimits.namespaces) {
      refuse("saml_xml_limit", "namespaces", at);
    }
    if (prefix === "xml" || prefix === "xmlns") refuse("saml_xml_forbidden", "reserved prefix", at);
    if (prefix !== "" && uri === "") refuse("saml_bad_xml", "prefix without namespace", at);
    const outer = this.#bindings.get(prefix);
    if (outer?.owner === element) refuse("saml_bad_xml", "namespace declared twice", at);
    const binding = { prefix, uri: this.#namespaceUri(uri, at), owner: element, outer };
    this.#bindings.set(prefix, binding);
    if (element.namespaces === none) element.namespaces = [binding];
    else (element.namespaces as Binding[]).push(binding);
  }

  /** One string per namespace and document, checked once, so that comparing them is cheap. */
  #namespaceUri(uri: string, at: number): string {
    const known = this.#uris.get(uri);
    if (known !== undefined) return known;
    if (uri.length > xmlLimits.namespaceUri) refuse("saml_xml_limit", "namespace URI", at);
    if (uri === xmlNamespace || uri === xmlnsNamespace) {
      refuse("saml_xml_forbidden", "reserved namespace", at);
    }
    // Canonical XML 1.0 section 1.3 refuses relative namespaces; some libraries sign nothing then.
    if (uri !== "" && !absoluteUri.test(uri))
      refuse("saml_xml_forbidden", "relative namespace", at);
    this.#uris.set(uri, uri);
    return uri;
  }

  #resolveNames(element: Element, at: number): void {
    element.namespace = this.#resolve(element.prefix, at);
    const { attributes } = element;
    for (const attribute of attributes) {
      if (attribute.prefix !== "") attribute.namespace = this.#resolve(attribute.prefix, at);
    }
    if (attributes.length < 2 || isOrdered(attributes)) return;
    (attributes as Attribute[]).sort(compareAttributes);
    if (!isOrdered(attributes)) refuse("saml_bad_xml", "attribute given twice", at);
  }

  #resolve(prefix: string, at: number): string {
    const binding = this.#bindings.get(prefix);
    if (binding !== undefined) return binding.uri;
    if (prefix !== "") refuse("saml_bad_xml", "prefix is not declared", at);
    return "";
  }

  /** Reads a qualified name and leaves its end in `#end`. */
  #name(start: number): QualifiedName {
    const source = this.#source;
    let hash = 0;
    let end = start;
    for (let code = source.charCodeAt(end); isQualifiedNameUnit(code); ) {
      hash = (hash * 31 + code) | 0;
      end += 1;
      code = source.charCodeAt(end);
    }
    this.#end = end;
    const name = qualifiedName(source.slice(start, end), hash);
    if (name === null) refuse("saml_bad_xml", "name", start);
    return name;
  }

  #skipSpace(start: number): number {
    const source = this.#source;
    let at = start;
    for (;;) {
      const code = source.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x09) return at;
      at += 1;
    }
  }
}
