/** The parser's rules: what is well-formed, what is refused though it is, and the limits. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertThrowsCode } from "../../test/fixtures/saml.ts";
import type { ErrorCode } from "../errors.ts";
import { parseXml, xmlLimits } from "./xml.ts";
import { attributeOf, elementsOf, namespacesInScope, textOf } from "./xml-tree.ts";

const refuses = (
  code: ErrorCode,
  documents: Readonly<Record<string, string | Uint8Array>>,
): void => {
  for (const [rule, xml] of Object.entries(documents)) {
    test(`${rule} (${code})`, () => {
      const { evidence } = assertThrowsCode(code, () => parseXml(xml));
      assert.equal(typeof evidence["reason"], "string");
      assert.equal(typeof evidence["offset"], "number");
    });
  }
};

describe("The tree", () => {
  test("names, namespaces, attributes, text and parents are as the document says", () => {
    const root = parseXml('<p:a xmlns:p="urn:p" xmlns="urn:d" x="1" p:x="2">one<b/>two</p:a>');
    assert.deepEqual(
      [root.name, root.prefix, root.local, root.namespace],
      ["p:a", "p", "a", "urn:p"],
    );
    assert.equal(root.parent, null);
    assert.equal(attributeOf(root, "x"), "1");
    assert.deepEqual(
      root.attributes.map(({ name, namespace, value }) => [name, namespace, value]),
      [
        ["x", "", "1"],
        ["p:x", "urn:p", "2"],
      ],
    );
    const [child] = elementsOf(root);
    assert.deepEqual([child?.namespace, child?.parent], ["urn:d", root]);
    assert.deepEqual([root.children[0], root.children[2]], ["one", "two"]);
  });

  test("a namespace holds inside its element only", () => {
    const root = parseXml('<a xmlns="urn:1"><b xmlns="urn:2"><c xmlns=""/></b><d/></a>');
    const [b, d] = elementsOf(root);
    assert.deepEqual([b?.namespace, d?.namespace], ["urn:2", "urn:1"]);
    assert.equal(b === undefined ? null : elementsOf(b)[0]?.namespace, "");
  });

  test("a namespace may be declared behind the attribute that uses it", () => {
    assert.equal(parseXml('<a p:b="" xmlns:p="urn:p"/>').attributes[0]?.namespace, "urn:p");
  });

  test("attributes stand in canonical order, by code point", () => {
    const root = parseXml(
      '<a xmlns:z="urn:1" xmlns:y="urn:2" y:a="" z:b="" z:a="" \u{10400}="" \uFDF0="" b="" a=""/>',
    );
    assert.deepEqual(
      root.attributes.map(({ name }) => name),
      ["a", "b", "\uFDF0", "\u{10400}", "z:a", "z:b", "y:a"],
    );
  });

  test("text around an element is not joined", () => {
    assert.equal(textOf(parseXml("<a>one<b/>two</a>")), null);
    assert.equal(textOf(parseXml("<a></a>")), "");
  });

  test("a fragment uses the namespaces of its context and becomes its child", () => {
    const context = parseXml('<p:a xmlns:p="urn:p" xmlns="urn:d"/>');
    const fragment = parseXml("<p:b><c/></p:b>", { context });
    assert.deepEqual([fragment.namespace, elementsOf(fragment)[0]?.namespace], ["urn:p", "urn:d"]);
    assert.equal(fragment.parent, context);
    assert.deepEqual(
      [...namespacesInScope(fragment)],
      [
        ["p", "urn:p"],
        ["", "urn:d"],
      ],
    );
  });
});

describe("Characters", () => {
  test("line ends become line feeds, references stay what they name", () => {
    assert.equal(textOf(parseXml("<a>1\r\n2\r3&#13;4</a>")), "1\n2\n3\r4");
  });

  test("white space in attribute values becomes spaces, references stay what they name", () => {
    assert.equal(
      attributeOf(parseXml("<a b='1\t2\n3\r\n4&#9;5&#10;6&#13;7'/>"), "b"),
      "1 2 3 4\t5\n6\r7",
    );
  });

  test("the five entities and character references of every plane are resolved", () => {
    const text = "&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x1F600;&#0065;";
    assert.equal(textOf(parseXml(`<a>${text}</a>`)), "<>&\"'AA\u{1F600}A");
    assert.equal(attributeOf(parseXml(`<a b="${text}"/>`), "b"), "<>&\"'AA\u{1F600}A");
  });

  test("what a reference names is not read again", () => {
    assert.equal(textOf(parseXml("<a>&#38;lt;&amp;amp;</a>")), "&lt;&amp;");
  });

  test("comments are dropped where metadata is read, and their sides are one text", () => {
    const root = parseXml("<!-- a --><a>1<!-- < & --><!----> 2</a><!-- z -->", {
      kind: "metadata",
    });
    assert.equal(textOf(root), "1 2");
  });

  test("a byte order mark in front is no part of the document", () => {
    assert.equal(parseXml(Buffer.from("\uFEFF<a/>")).local, "a");
    assert.equal(parseXml("\uFEFF<a/>").local, "a");
  });

  test("xml may be bound to its own namespace, which then says nothing", () => {
    const root = parseXml('<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"/>');
    assert.equal(root.namespaces.length, 0);
    assert.equal(root.attributes[0]?.namespace, "http://www.w3.org/XML/1998/namespace");
  });

  refuses("saml_bad_encoding", {
    "Bytes that are no UTF-8 are refused": Uint8Array.of(0x3c, 0x61, 0xff, 0x2f, 0x3e),
    "UTF-16 is refused": Buffer.from("\uFEFF<a/>", "utf16le"),
    "Another declared encoding is refused": '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
  });

  refuses("saml_bad_xml", {
    "A control character is refused": "<a>\u0001</a>",
    "A NUL is refused": "<a>\0</a>",
    "U+FFFF is refused": "<a>\uFFFF</a>",
    "A lone surrogate is refused": "<a>\uD800</a>",
    "A lone surrogate beside a pair is refused": "<a>\u{1F600}\uDC00</a>",
    "A reference to a control character is refused": "<a>&#1;</a>",
    "A reference beyond Unicode is refused": "<a>&#x110000;</a>",
    "A reference without number is refused": "<a>&#;</a>",
    "A reference without semicolon is refused": "<a>&amp</a>",
    "A bare ampersand is refused": "<a>& </a>",
    "An ampersand in an attribute is refused": '<a b="&"/>',
    "]]> in text is refused": "<a>]]></a>",
  });

  refuses("saml_xml_forbidden", {
    "An entity that XML does not define is refused": "<a>&nbsp;</a>",
    "An entity in an attribute is refused": '<a b="&x;"/>',
    "A comment is refused": "<a><!-- --></a>",
    "A processing instruction is refused": "<a><?x?></a>",
    "xml-stylesheet is a processing instruction": "<?xml-stylesheet?><a/>",
    "CDATA is refused": "<a><![CDATA[x]]></a>",
    "DOCTYPE is refused": "<!DOCTYPE a><a/>",
  });
});

describe("Well-formedness", () => {
  refuses("saml_bad_xml", {
    "An empty document is refused": "",
    "White space alone is refused": " \n",
    "Text alone is refused": "text",
    "Text before the root is refused": "x<a/>",
    "Text behind the root is refused": "<a/>x",
    "A reference outside the root is refused": "<a/>&#32;",
    "A second root is refused": "<a/><b/>",
    "An open element is refused": "<a><b></b>",
    "A closing tag too many is refused": "<a/></a>",
    "Crossed tags are refused": "<a><b></a></b>",
    "A closing tag of a longer name is refused": "<a></ab>",
    "A closing tag of a shorter name is refused": "<ab></a>",
    "A closing tag of another prefix is refused": '<p:a xmlns:p="urn:p" xmlns:q="urn:p"></q:a>',
    "An attribute in a closing tag is refused": "<a></a b=''>",
    "A tag without name is refused": "< a/>",
    "A tag that never ends is refused": "<a",
    "An attribute that never ends is refused": "<a b='",
    "An attribute without value is refused": "<a b/>",
    "An attribute without quotes is refused": "<a b=c/>",
    "Attributes without space between are refused": '<a b="1"c="2"/>',
    "A value with < is refused": '<a b="<"/>',
    "A slash inside a tag is refused": "<a / >",
    "A name that starts with a digit is refused": "<1/>",
    "A name that starts with a hyphen is refused": "<-a/>",
    "A name of punctuation is refused": "<a%/>",
    "A name with two colons is refused": '<p:a:b xmlns:p="urn:p"/>',
    "A name that ends with a colon is refused": '<p: xmlns:p="urn:p"/>',
    "A name that starts with a colon is refused": "<:a/>",
    "The multiplication sign is no letter": "<a\u00D7/>",
    "An attribute given twice is refused": '<a b="1" b="2"/>',
    "An attribute given twice under two prefixes is refused":
      '<a xmlns:p="urn:1" xmlns:q="urn:1" p:b="" q:b=""/>',
    "A namespace declared twice is refused": '<a xmlns:p="urn:1" xmlns:p="urn:1"/>',
    "A prefix that nobody declared is refused": "<p:a/>",
    "A prefix on an attribute that nobody declared is refused": '<a p:b=""/>',
    "A prefix whose element has ended is refused": '<a><b xmlns:p="urn:p"/><p:c/></a>',
    "A prefix cannot be undeclared": '<a xmlns:p=""/>',
    "A declaration of XML 1.1 is refused": '<?xml version="1.1"?><a/>',
    "A declaration without version is refused": "<?xml?><a/>",
    "A declaration in the wrong order is refused":
      '<?xml version="1.0" standalone="no" encoding="UTF-8"?><a/>',
  });

  test("a name like xmlns is none, and the same name may occur under two namespaces", () => {
    const root = parseXml('<a xmlnsx="1" xmlns:p="urn:1" xmlns:q="urn:2" p:b="" q:b="" b=""/>');
    assert.equal(root.attributes.length, 4);
  });

  refuses("saml_xml_forbidden", {
    "xml cannot be bound again": '<a xmlns:xml="urn:x"/>',
    "xml is bound once a tag":
      '<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
    "xmlns cannot be bound": '<a xmlns:xmlns="urn:x"/>',
    "Nothing else is bound to xml's namespace":
      '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
    "Nothing is bound to the namespace of xmlns": '<a xmlns="http://www.w3.org/2000/xmlns/"/>',
    "A relative namespace is refused": '<a xmlns:p="x"/>',
    "A relative default namespace is refused": '<a xmlns="/x"/>',
    "A namespace with spaces is refused": '<a xmlns="urn:x y"/>',
    "A namespace that is no ASCII is refused": '<a xmlns="urn:\u00E9"/>',
    "A namespace with quotes is refused": "<a xmlns='urn:\"'/>",
  });
});

describe("Limits", () => {
  const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
  const attributes = (count: number, prefix: string): string =>
    `<a${Array.from({ length: count }, (_, at) => ` ${prefix}n${at}="urn:x"`).join("")}/>`;
  const siblings = (count: number): string => `<a>${"<b/>".repeat(count)}</a>`;
  const uri = (length: number): string => `<a xmlns="urn:${"x".repeat(length - 4)}"/>`;

  test("what is just within every limit is accepted", () => {
    parseXml(nested(xmlLimits.depth));
    parseXml(siblings(xmlLimits.nodes - 1));
    parseXml(uri(xmlLimits.namespaceUri));
    parseXml(attributes(xmlLimits.namespaces, "xmlns:"));
    assert.equal(parseXml(attributes(xmlLimits.attributes, "")).attributes.length, 64);
  });

  refuses("saml_xml_limit", {
    "One level too deep is refused": nested(xmlLimits.depth + 1),
    "One node too many is refused": siblings(xmlLimits.nodes),
    "Text counts as nodes": `<a>${"<b/> ".repeat(xmlLimits.nodes / 2)}</a>`,
    "One attribute too many is refused": attributes(xmlLimits.attributes + 1, ""),
    "One namespace too many is refused": attributes(xmlLimits.namespaces + 1, "xmlns:"),
    "A namespace URI that is too long is refused": uri(xmlLimits.namespaceUri + 1),
  });
});
