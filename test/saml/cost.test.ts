/**
 * No message of 256 KiB may cost more than about 50 ms of CPU, whatever its bytes (saml-security
 * sections 1.2 and 2, "Cost").
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../../src/errors.ts";
import { canonicalize } from "../../src/saml/canonical.ts";
import { decodeResponseField } from "../../src/saml/response.ts";
import { parseXml, xmlLimits } from "../../src/saml/xml.ts";
import { costOf } from "../cost.ts";
import { cut, receiver, replaced, respond, verify } from "../fixtures/saml.ts";

const limit = 50;
const maxBytes = 262_144;

/** What `act` costs where it may refuse. */
async function costOfAny(act: () => unknown): Promise<number> {
  return await costOf(async () => {
    try {
      await act();
    } catch (error) {
      assert.ok(error instanceof AppError, String(error));
    }
  });
}

/**
 * Put into a response after it was signed: SignedInfo still verifies, so that the whole message is
 * canonicalized and digested before it is refused.
 */
const extensions = (content: string, xml = respond({ sign: "response" })): string =>
  replaced(xml, "<samlp:Status>", `<samlp:Extensions>${content}</samlp:Extensions><samlp:Status>`);

/** Repeats `make(0), make(1)…` while the message stays within the limit. */
function filled(make: (at: number) => string, bytes = 240_000): string {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; length < bytes; at += 1) {
    const part = make(at);
    parts.push(part);
    length += part.length;
  }
  return parts.join("");
}

const numbers = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join("");

const longUri = (at: number): string =>
  `urn:${"x".repeat(xmlLimits.namespaceUri - 8)}${String(at).padStart(4, "0")}`;

const messages: Readonly<Record<string, () => string>> = {
  "17,000 empty elements": () => extensions("<a/>".repeat(17_000)),
  "as many empty elements as fit": () => extensions(filled(() => "<a/>")),
  "20,000 attributes on one element": () => extensions(`<a${filled((at) => ` a${at}=""`)}/>`),
  "64 attributes on each of many elements": () =>
    extensions(filled(() => `<a${numbers(64, (at) => ` a${at}=""`)}/>`)),
  "64 attributes of two namespaces that differ in their last letter": () =>
    extensions(
      `<a xmlns:p="${longUri(1)}" xmlns:q="${longUri(2)}">${filled(
        () => `<a${numbers(32, (at) => ` p:a${at}="" q:a${at}=""`)}/>`,
        230_000,
      )}</a>`,
    ),
  "64 attributes of 64 long namespaces": () =>
    extensions(
      `<a${numbers(64, (at) => ` xmlns:p${at}="${longUri(at)}"`)}>${filled(
        () => `<a${numbers(64, (at) => ` p${at}:a=""`)}/>`,
        160_000,
      )}</a>`,
    ),
  "64 attributes whose long names share their beginning": () =>
    extensions(`<a${numbers(64, (at) => ` ${"n".repeat(3_500)}${at}=""`)}/>`),
  "20,000 group values": () =>
    respond({ groups: Array.from({ length: 20_000 }, (_, at) => `g${at}`) }),
  "as many group values as fit": () =>
    respond({ groups: Array.from({ length: 4_500 }, (_, at) => `g${at}`) }),
  "as many group values as fit, signed twice": () =>
    respond({ sign: "both", groups: Array.from({ length: 4_500 }, (_, at) => `g${at}`) }),
  "as many group values as fit, in inclusive form": () =>
    respond({
      sign: "both",
      canonicalization: "inclusive",
      groups: Array.from({ length: 4_500 }, (_, at) => `g${at}`),
    }),
  "as many group values as fit, encrypted": () =>
    respond({
      sign: "both",
      encryptFor: { certificatePem: receiver.certificatePem },
      groups: Array.from({ length: 3_300 }, (_, at) => `g${at}`),
    }),
  "depth 2,000": () => extensions("<a>".repeat(2_000) + "</a>".repeat(2_000)),
  "depth beyond all limits": () => "<a>".repeat(80_000),
  "2,000 References": () => {
    const xml = respond();
    const reference = cut(xml, "ds:Reference");
    return replaced(xml, reference, reference.repeat(560));
  },
  "2,000 short References": () => {
    const xml = respond();
    const reference = cut(xml, "ds:Reference");
    return replaced(xml, reference, `${reference}${"<ds:Reference/>".repeat(15_000)}`);
  },
  "5,000 transforms": () => {
    const xml = respond();
    const all = `<ds:Transform Algorithm="x"/>`.repeat(8_000);
    return replaced(xml, "</ds:Transforms>", `${all}</ds:Transforms>`);
  },
  "a 64 KiB attribute name": () => extensions(`<a ${"n".repeat(65_536)}="x"/>`),
  "a 64 KiB attribute name on three nested elements": () => {
    const name = "n".repeat(65_000);
    return extensions(`<a ${name}="x"><a ${name}="x"><a ${name}="x"/></a></a>`);
  },
  "a 64 KiB element name": () => {
    const name = "n".repeat(65_536);
    return extensions(`<${name}><b/></${name}>`);
  },
  "64 namespaces on each of many elements": () =>
    extensions(filled(() => `<a${numbers(64, (at) => ` xmlns:p${at}="u:"`)}/>`)),
  "namespaces declared anew at every depth": () =>
    extensions(
      numbers(28, (depth) => `<a${numbers(64, (at) => ` xmlns:p${at}="u:${depth}"`)}>`) +
        filled(() => "<p1:b/>", 180_000) +
        "</a>".repeat(28),
    ),
  "64 namespaces and as many elements that switch between them": () =>
    extensions(
      `<a${numbers(64, (at) => ` xmlns:p${at}="u:${at}"`)}>${filled((at) => `<p${at % 64}:b/>`)}</a>`,
    ),
  "a long run of white space before the end of an Issuer": () =>
    respond({ sign: "none" }).replace("</saml:Issuer>", `${" ".repeat(240_000)}x</saml:Issuer>`),
  "white space between all children": () => extensions(filled(() => "<a/> ")),
  "ampersands without end": () => extensions("&".repeat(240_000)),
  "character references": () => extensions(filled(() => "&#65;")),
  "names of entities without end": () => extensions(`&${"a".repeat(240_000)}`),
  "quotes without end": () => extensions(filled(() => '<a b="')),
  "less-than signs": () => "<".repeat(250_000),
  "comments that are never closed": () => extensions("<!--".repeat(60_000)),
  "an XML declaration without end": () => `<?xml ${" ".repeat(250_000)}`,
  "]]> in texts": () => extensions(filled(() => "<a/>]]&gt;")),
  "text of supplementary planes": () => extensions("\u{1F600}".repeat(60_000)),
  "an ID for every element": () => extensions(filled((at) => `<a ID="_${at}"/>`)),
  "a PrefixList of 100,000 prefixes": () =>
    respond({ prefixList: filled((at) => `p${at} `, 110_000) }),
  "a PrefixList over namespaces at every depth": () =>
    respond({
      editAssertion: (xml) =>
        replaced(
          xml,
          "</saml:Conditions>",
          `</saml:Conditions><saml:Advice>${
            numbers(25, (depth) => `<a${numbers(64, (at) => ` xmlns:p${at}="u:${depth}"`)}>`) +
            "</a>".repeat(25)
          }</saml:Advice>`,
        ),
      prefixList: numbers(64, (at) => `p${at} `),
    }),
  "a status message of 240,000 letters": () =>
    replaced(respond({ status: { code: "urn:x", message: "@@" } }), "@@", "x".repeat(240_000)),
  "a time of 240,000 digits": () =>
    respond().replace(
      /IssueInstant="[^"]*"/,
      `IssueInstant="2026-01-01T00:00:00.${"0".repeat(240_000)}Z"`,
    ),
  "240,000 spaces around a time": () =>
    respond().replace(/IssueInstant="[^"]*"/, `IssueInstant="${" ".repeat(240_000)}x"`),
  "a SignatureValue of 180,000 bytes": () => {
    const xml = respond();
    const value = cut(xml, "ds:SignatureValue");
    return replaced(xml, value, `<ds:SignatureValue>${"AAAA".repeat(60_000)}</ds:SignatureValue>`);
  },
  "line breaks in a SignatureValue": () =>
    replaced(respond(), "<ds:SignatureValue>", `<ds:SignatureValue>${"\n".repeat(240_000)}`),
};

describe("Cost", () => {
  for (const [name, make] of Object.entries(messages)) {
    test(`${name}: costs little`, async () => {
      const xml = Buffer.from(make());
      const cost = await costOfAny(() => verify(xml));
      assert.ok(cost < limit, `${xml.length} bytes cost ${cost}`);
    });
  }

  test("The field is refused before it is decoded where it is too long", async () => {
    const field = "A".repeat(10 * maxBytes);
    assert.ok((await costOfAny(() => decodeResponseField(field, maxBytes))) < limit);
  });

  test("A field of line breaks costs what its length costs", async () => {
    const fields = ["\n".repeat(500_000), "&#13;".repeat(100_000), `${"A\n".repeat(250_000)}`];
    for (const field of fields) {
      assert.ok((await costOfAny(() => decodeResponseField(field, maxBytes))) < limit);
    }
  });

  test("Both canonical forms cost what the document's length costs", async () => {
    const deep =
      numbers(31, (depth) => `<a${numbers(64, (at) => ` xmlns:p${at}="u:${depth}"`)}>`) +
      "</a>".repeat(31);
    const wide = `<a${numbers(64, (at) => ` xmlns:p${at}="u:${at}"`)}>${filled((at) => `<p${at % 64}:b/>`, 150_000)}</a>`;
    for (const xml of [deep, wide]) {
      for (const exclusive of [true, false]) {
        const inclusivePrefixes = exclusive ? ["p1", "p2", ""] : [];
        const cost = await costOfAny(() =>
          canonicalize(parseXml(xml), { exclusive, inclusivePrefixes }),
        );
        assert.ok(cost < limit, `it costs ${cost}`);
      }
    }
  });
});
