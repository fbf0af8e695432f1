/**
 * Canonical forms, by the examples of the two recommendations and by the rules that they state.
 * test/ and bench/ compare the forms with other implementations over generated documents.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalize } from "./canonical.ts";
import { parseXml } from "./xml.ts";
import { elementsOf, type XmlElement } from "./xml-tree.ts";

const inclusive = (element: XmlElement): string =>
  canonicalize(element, { exclusive: false, inclusivePrefixes: [] });
const exclusive = (element: XmlElement, ...inclusivePrefixes: string[]): string =>
  canonicalize(element, { exclusive: true, inclusivePrefixes });

function descend(element: XmlElement, ...path: number[]): XmlElement {
  let at = element;
  for (const step of path) {
    const next = elementsOf(at)[step];
    assert.ok(next !== undefined);
    at = next;
  }
  return at;
}

describe("Canonical XML 1.0", () => {
  test("start and end tags (its example 3.3, without the document type)", () => {
    const xml = `<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org"/>
         </e8>
      </e7>
   </e6>
</doc>`;
    const canonical = `<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org"></e9>
         </e8>
      </e7>
   </e6>
</doc>`;
    assert.equal(inclusive(parseXml(xml)), canonical);
  });

  test("character modifications (its example 3.4, without CDATA and document type)", () => {
    const xml = `<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`;
    const canonical = `<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`;
    assert.equal(inclusive(parseXml(xml)), canonical);
  });

  test("text escapes &, <, > and carriage returns, and nothing else", () => {
    assert.equal(
      inclusive(parseXml("<a>&amp;&lt;&gt;&quot;'&#13;&#9;&#10;\u00A0\u{1F600}</a>")),
      "<a>&amp;&lt;&gt;\"'&#xD;\t\n\u00A0\u{1F600}</a>",
    );
  });

  test("an element inside takes over every namespace and xml: attribute of its surroundings", () => {
    const root = parseXml(
      '<a xmlns="urn:d" xmlns:p="urn:p" xml:lang="en" xml:space="preserve"><b xml:lang="de" xmlns:q="urn:q" q:z="" z=""><c/></b></a>',
    );
    assert.equal(
      inclusive(descend(root, 0)),
      '<b xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" z="" xml:lang="de" xml:space="preserve" q:z=""><c></c></b>',
    );
  });

  test('xmlns="" is written only where it takes a namespace away', () => {
    const root = parseXml('<a><b xmlns=""/><c xmlns="urn:c"><d xmlns=""><e xmlns=""/></d></c></a>');
    assert.equal(inclusive(root), '<a><b></b><c xmlns="urn:c"><d xmlns=""><e></e></d></c></a>');
    assert.equal(inclusive(descend(root, 1, 0)), "<d><e></e></d>");
  });
});

describe("Exclusive XML Canonicalization 1.0", () => {
  test("the same element in two contexts has one form (its section 2.2)", () => {
    const element =
      '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2>';
    const contexts = [
      `<n0:pdu xmlns:n0="http://a.example">${element}</n0:pdu>`,
      `<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain">${element}</n2:pdu>`,
    ];
    for (const xml of contexts) {
      assert.equal(
        exclusive(descend(parseXml(xml), 0)),
        '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>',
      );
    }
  });

  test("a namespace is written where an element or attribute first uses it, and again in a sibling", () => {
    const root = parseXml(
      '<a xmlns:p="urn:p" xmlns:q="urn:q"><p:b><p:c q:x=""/></p:b><p:d p:x=""/></a>',
    );
    assert.equal(
      exclusive(root),
      '<a><p:b xmlns:p="urn:p"><p:c xmlns:q="urn:q" q:x=""></p:c></p:b><p:d xmlns:p="urn:p" p:x=""></p:d></a>',
    );
  });

  test("a prefix that changes its meaning and back is written each time", () => {
    const root = parseXml(
      '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b><p:d/></p:a>',
    );
    assert.equal(
      exclusive(root),
      '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d></p:d></p:a>',
    );
  });

  test("the default namespace counts as used by elements without prefix, never by attributes", () => {
    const root = parseXml('<p:a xmlns:p="urn:p" xmlns="urn:d" x=""><b><c xmlns=""/></b></p:a>');
    assert.equal(
      exclusive(root),
      '<p:a xmlns:p="urn:p" x=""><b xmlns="urn:d"><c xmlns=""></c></b></p:a>',
    );
  });

  test("prefixes on the list are treated as by inclusive form", () => {
    const root = parseXml(
      '<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><q:b><c xmlns:p="urn:p2" xmlns=""/></q:b></a>',
    );
    const b = descend(root, 0);
    assert.equal(
      exclusive(b, "p"),
      '<q:b xmlns:p="urn:p" xmlns:q="urn:q"><c xmlns:p="urn:p2"></c></q:b>',
    );
    assert.equal(
      exclusive(b, "p", ""),
      '<q:b xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><c xmlns="" xmlns:p="urn:p2"></c></q:b>',
    );
    assert.equal(exclusive(b, "unknown"), '<q:b xmlns:q="urn:q"><c></c></q:b>');
  });

  test("declarations are ordered by prefix, in code points, and xml is never declared", () => {
    const root = parseXml(
      '<\u{10400}:a xmlns:\u{10400}="urn:1" xmlns:\uFDF0="urn:2" xmlns:b="urn:3" xml:lang="en" \uFDF0:x="" b:x=""/>',
    );
    assert.equal(
      exclusive(root),
      '<\u{10400}:a xmlns:b="urn:3" xmlns:\uFDF0="urn:2" xmlns:\u{10400}="urn:1" xml:lang="en" \uFDF0:x="" b:x=""></\u{10400}:a>',
    );
  });

  test("the omitted element is left out with all that it contains", () => {
    const root = parseXml("<a>1<b><c/></b>2</a>");
    const form = { exclusive: true, inclusivePrefixes: [], omit: descend(root, 0) };
    assert.equal(canonicalize(root, form), "<a>12</a>");
  });
});

test("A canonical form is its own canonical form", () => {
  const root = parseXml(
    "<a xmlns='urn:d' z='&#13;\"' b='&lt;'>&gt;&#13;<p:b xmlns:p='urn:p' p:c=' \t'/>\r\n</a>",
  );
  for (const form of [inclusive, (element: XmlElement) => exclusive(element)]) {
    assert.equal(form(parseXml(form(root))), form(root));
  }
});
