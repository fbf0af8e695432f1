/**
 * Our canonical forms and verdicts against libxml2's, over generated documents. libxml2 is what
 * xmlsec1, and so most of the world, signs and verifies with; test/real/xmlsec.test.ts asks xmlsec1
 * itself. A failure prints the seed, with which fast-check repeats and shrinks it.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { canonicalize } from "../../src/saml/canonical.ts";
import { parseXml } from "../../src/saml/xml.ts";
import { type GeneratedCase, generatedCases } from "./documents.ts";
import { signedCases, verdictByLibxml2 } from "./signed-documents.ts";
import { allElements, ourVerdict } from "./verdict.ts";

/** Kinds of canonical form, each of the whole document and of one element in it. */
const forms = [
  { name: "exclusive", isExclusive: true, hasPrefixList: false },
  { name: "exclusive with PrefixList", isExclusive: true, hasPrefixList: true },
  { name: "inclusive", isExclusive: false, hasPrefixList: false },
  { name: "inclusive, whose PrefixList means nothing", isExclusive: false, hasPrefixList: true },
] as const;

/** Both sides' canonical form of the document and of the element chosen. */
function compare({ xml, prefixList, index }: GeneratedCase, form: (typeof forms)[number]): void {
  const list = form.hasPrefixList ? prefixList : [];
  const mode = form.isExclusive ? XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 : XmlC14NMode.XML_C14N_1_0;
  const theirOptions = form.isExclusive
    ? { mode, inclusiveNamespacePrefixes: [...list] }
    : { mode };
  const ourOptions = {
    exclusive: form.isExclusive,
    inclusivePrefixes: list.map((prefix) => (prefix === "#default" ? "" : prefix)),
  };
  using document = XmlDocument.fromString(xml);
  const ours = allElements(parseXml(xml));
  const [root, part] = [ours[0], ours[index]];
  assert.ok(root !== undefined && part !== undefined);
  assert.equal(canonicalize(root, ourOptions), document.canonicalizeToString(theirOptions));
  const theirPart = document.get(`(//*)[${index + 1}]`);
  assert.equal(canonicalize(part, ourOptions), theirPart?.canonicalizeToString(theirOptions));
}

suite("canonical forms equal libxml2's", () => {
  for (const form of forms) {
    test(`${form.name}, of 1,500 documents and of one element in each`, () => {
      fc.assert(
        fc.property(generatedCases, (generated) => compare(generated, form)),
        { numRuns: 1500 },
      );
    });
  }
});

suite("verdicts equal those of libxml2's canonical form", () => {
  test("over 600 signed documents, most of them tampered with", () => {
    const counts = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(signedCases, ({ xml, tampering }) => {
        const isValid = verdictByLibxml2(xml);
        assert.equal(ourVerdict(xml), isValid, tampering);
        if (tampering === "none") assert.equal(isValid, true);
        counts[isValid ? "valid" : "invalid"] += 1;
      }),
      { numRuns: 600 },
    );
    assert.ok(counts.valid > 100 && counts.invalid > 100, JSON.stringify(counts));
  });
});
