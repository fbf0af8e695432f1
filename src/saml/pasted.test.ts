/** Pasted messages: every form that people copy, under the limits of the ACS, whatever is in it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { costOf } from "../../test/cost.ts";
import { assertThrowsCode, nowMs, receiver, respond, signer } from "../../test/fixtures/saml.ts";
import { peekResponse, readPasted } from "./pasted.ts";

const limit = 262_144;
const xml = respond();
const base64 = Buffer.from(xml).toString("base64");
const deflated = deflateRawSync(xml).toString("base64");
const read = (text: string, maxBytes = limit) => {
  const pasted = readPasted(text, maxBytes);
  return [pasted.form, pasted.xml.toString()];
};

describe("A pasted response", () => {
  const forms: Readonly<Record<string, readonly [string, string]>> = {
    "XML with blank lines around it": [`\n  ${xml}\n`, "xml"],
    base64: [base64, "base64"],
    "base64 with broken lines": [base64.replaceAll(/.{76}/g, "$&\r\n"), "base64"],
    "base64 with line ends as character references": [
      base64.replaceAll(/.{76}/g, "$&&#13;\n"),
      "base64",
    ],
    "URL-encoded base64": [encodeURIComponent(base64), "url_encoded"],
    "URL-encoded base64 whose plus signs stayed": [base64.replaceAll("=", "%3D"), "base64"],
    "a form": [`RelayState=%2F&SAMLResponse=${encodeURIComponent(base64)}`, "url_encoded"],
    "a form as a browser shows it decoded": [`SAMLResponse=${base64}&RelayState=/`, "url_encoded"],
    "deflated base64": [deflated, "deflated"],
    "a query": [`?SAMLResponse=${encodeURIComponent(deflated)}&SigAlg=x`, "deflated"],
    "a whole address": [
      `https://labelgate.example/saml/x/acs?SAMLResponse=${encodeURIComponent(deflated)}`,
      "deflated",
    ],
  };
  for (const [name, [text, form]] of Object.entries(forms)) {
    test(`is found in ${name}`, () => {
      const isEncoded = text.includes("%3D");
      assert.deepEqual(read(text), [isEncoded && form === "base64" ? "url_encoded" : form, xml]);
    });
  }

  test("is the same message in every form", () => {
    const messages = Object.values(forms).map(([text]) => read(text)[1]);
    assert.equal(new Set(messages).size, 1);
  });

  test("that is empty is missing", () => {
    assertThrowsCode("saml_missing_response", () => readPasted(" \n", limit));
  });

  test("that is sent twice is refused, since two readers might each believe another", () => {
    const text = `SAMLResponse=${base64}&SAMLResponse=${base64}`;
    assertThrowsCode("saml_duplicate_field", () => readPasted(text, limit));
  });

  for (const text of ["hello world", "%E0%A4%A", "SAMLResponse=", "AAAA", "{}", "PHg+%"]) {
    test(`that is none is refused: ${text}`, () => {
      assertThrowsCode("saml_bad_encoding", () => readPasted(text, limit));
    });
  }

  test("may be as large as a posted one, in every form", () => {
    const bytes = Buffer.byteLength(xml);
    const one = [xml, base64, encodeURIComponent(base64), deflated];
    for (const text of one) {
      assert.equal(read(text, bytes)[1], xml);
      assertThrowsCode("saml_too_large", () => readPasted(text, bytes - 1));
    }
  });

  test("that is a bomb is inflated up to the limit and not a byte further", () => {
    const bomb = deflateRawSync(Buffer.alloc(100_000_000, "<a>")).toString("base64");
    const before = process.memoryUsage().arrayBuffers;
    assertThrowsCode("saml_too_large", () => readPasted(bomb, limit));
    assert.ok(process.memoryUsage().arrayBuffers - before < 4 * limit);
  });

  test("that is far too long is refused before it is looked at", async () => {
    const text = "%41".repeat(10_000_000);
    const cost = await costOf(() =>
      assertThrowsCode("saml_too_large", () => readPasted(text, limit)),
    );
    assert.ok(cost < 50, `it costs ${cost}`);
  });

  test("whose fields are endless costs no more than its length", async () => {
    const text = "?SAMLResponse".repeat(100_000);
    const cost = await costOf(() =>
      assertThrowsCode("saml_too_large", () => readPasted(text, limit)),
    );
    assert.ok(cost < 200, `it costs ${cost}`);
  });
});

describe("What a message claims", () => {
  const peek = (text: string) => peekResponse(Buffer.from(text));

  test("is read without any trust: its request and its time", () => {
    assert.deepEqual(peek(respond({ sign: "none" })), {
      issueInstantMs: nowMs,
      inResponseTo: "_request1",
    });
  });

  test("is read from the assertion where the response does not say", () => {
    const silent = respond({ responseInResponseTo: null });
    assert.doesNotMatch(silent.slice(0, silent.indexOf(">")), /InResponseTo/);
    assert.equal(peek(silent).inResponseTo, "_request1");
  });

  test("is nothing where the assertion is encrypted, unsolicited, or there is no response", () => {
    const nothing = { issueInstantMs: null, inResponseTo: null };
    const encryptFor = { certificatePem: receiver.certificatePem };
    const encrypted = respond({ responseInResponseTo: null, encryptFor });
    assert.equal(peek(encrypted).inResponseTo, null);
    assert.equal(peek(respond({ inResponseTo: null })).inResponseTo, null);
    for (const text of ["", "x", "<a/>", signer.metadataXml(), `${"<a>".repeat(100)}`]) {
      assert.deepEqual(peek(text), nothing);
    }
  });
});
