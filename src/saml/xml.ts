/**
 * The one XML parser: a strict subset, one pass, a small immutable tree (saml-security section 1).
 * Owns well-formedness, namespaces and the limits; what the elements mean is response.ts's and
 * metadata.ts's business, their canonical form canonical.ts's.
 *
 * Every step costs time linear in the input: one search for "<" per tag, one look-up per name, and
 * a namespace context that is a map with undo instead of a search up the ancestors.
 */
import { isUtf8 } from "node:buffer";
import { Attribute, type Binding, Element, none } from "./xml-element.ts";
import { encodingName } from "./xml-encoding.ts";
import { isQualifiedNameUnit, type QualifiedName, qualifiedName, scanNcName } from "./xml-names.ts";
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
  type XmlElement,
  type XmlNamespace,
  type XmlNode,
} from "./xml-tree.ts";

export type { XmlElement } from "./xml-tree.ts";

/** Options for reading a document; the defaults are those of a SAML message. */
export interface ParseOptions {
  /**
   * Kind of the document. A SAML message (the default) has neither comments nor processing
   * instructions nor CDATA; in metadata the first two are dropped and the last is text, and the
   * encoding that the declaration names says nothing, since the text is decoded already (PRODUCT
   * 2.7).
   */
  readonly kind?: "message" | "metadata";
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

/**
 * The document's root element.
 *
 * Bytes must be UTF-8; a string must be well-formed UTF-16. A byte order mark in front is no part of
 * the document (XML 1.0, 4.3.3).
 *
 * @throws AppError `saml_bad_encoding`, `saml_bad_xml`, `saml_xml_forbidden` or `saml_xml_limit`,
 * with the reason and the offset as evidence.
 */
export function parseXml(input: Uint8Array | string, options: ParseOptions = {}): XmlElement {
  const decoded = typeof input === "string" ? input : decodeUtf8(input);
  const text = decoded.charCodeAt(0) === byteOrderMark ? decoded.slice(1) : decoded;
  // XML 1.0 section 2.11: line ends are line feeds before anything else is looked at.
  const source = text.includes("\r") ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text;
  requireCharacters(source);
  return new Parser(source, options).parse();
}

function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) refuse("saml_bad_encoding", encodingName(bytes), 0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

class Parser {
  readonly #source: string;
  readonly #isMetadata: boolean;
  readonly #context: XmlElement | null;
  readonly #hasReferences: boolean;
  readonly #hasSectionEnd: boolean;
  readonly #uris = new Map<string, string>();
  readonly #bindings = new Map<string, Binding | undefined>();
  /** By depth, the last opening tag: siblings with the very same one need not be read again. */
  readonly #twins: ({ readonly tag: string; readonly element: Element } | undefined)[] = [];
  /** The last element that declared the prefix xml, which only its own URI may be bound to. */
  #xmlDeclaredBy: Element | null = null;
  #root: Element | null = null;
  #current: Element | null = null;
  #depth = 0;
  #nodes = 0;
  /** End of the name or value that was read last. */
  #end = 0;

  constructor(source: string, { kind = "message", context }: ParseOptions) {
    this.#source = source;
    this.#isMetadata = kind === "metadata";
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
    let at = skipDeclaration(source, this.#isMetadata);
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
    if (second === bang || second === question) return this.#special(at);
    return this.#openTag(at);
  }

  /** Comment, processing instruction or CDATA section: metadata's alone. */
  #special(at: number): number {
    const source = this.#source;
    const isComment = source.startsWith("<!--", at);
    if (!this.#isMetadata) {
      refuse("saml_xml_forbidden", isComment ? "comment" : source.slice(at, at + 10), at);
    }
    this.#countNode(at);
    if (isComment) return this.#comment(at);
    if (source.startsWith("<![CDATA[", at)) return this.#section(at);
    if (source.charCodeAt(at + 1) !== question) {
      refuse("saml_xml_forbidden", source.slice(at, at + 10), at);
    }
    return this.#instruction(at);
  }

  /** "--" stands at a comment's end and nowhere inside (XML 1.0, 2.5). */
  #comment(at: number): number {
    const end = this.#source.indexOf("--", at + 4);
    if (end === -1 || this.#source.charCodeAt(end + 2) !== greaterThan) {
      refuse("saml_bad_xml", "comment is not closed", at);
    }
    return end + 3;
  }

  /** The target xml is the declaration's, which stands in front or nowhere (XML 1.0, 2.6). */
  #instruction(at: number): number {
    const target = this.#source.slice(at + 2, scanNcName(this.#source, at + 2));
    const end = this.#source.indexOf("?>", at + 2 + target.length);
    if (target === "xml") {
      refuse("saml_bad_xml", "XML declaration that is not at the very beginning", at);
    }
    if (target === "" || target.toLowerCase() === "xml" || end === -1) {
      refuse("saml_bad_xml", "processing instruction", at);
    }
    return end + 2;
  }

  /** A CDATA section: text, whatever stands in it. */
  #section(at: number): number {
    const start = at + "<![CDATA[".length;
    const end = this.#source.indexOf("]]>", start);
    const element = this.#current;
    if (end === -1) refuse("saml_bad_xml", "CDATA section is not closed", at);
    if (element === null) refuse("saml_bad_xml", "text outside the root element", at);
    this.#addText(element, this.#source.slice(start, end), at);
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
    this.#addText(element, isPlain ? raw : resolveReferences(raw, start), start);
  }

  #addText(element: Element, text: string, start: number): void {
    const last = element.children.at(-1);
    if (typeof last === "string") {
      // Something that is passed over stood between: its sides are one text.
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
    if (prefix === "xml" && uri === xmlNamespace && this.#xmlDeclaredBy !== element) {
      // Namespaces in XML 1.0, 3: allowed, and says nothing; canonical form leaves it out.
      this.#xmlDeclaredBy = element;
      return;
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
    // Canonical XML 1.0 section 1.3 refuses relative namespaces; some libraries sign nothing then. Metadata
    // is never canonicalized, and its extensions are not read.
    if (!this.#isMetadata && uri !== "" && !absoluteUri.test(uri)) {
      refuse("saml_xml_forbidden", "relative namespace", at);
    }
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
