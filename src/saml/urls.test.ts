import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { acsUrl, assertAccepted, assertRefused, respond } from "../../test/fixtures/saml.ts";
import { isSameUrl } from "./urls.ts";

const acs = "https://labels.example.org/saml/TOKEN/acs";

test("case of scheme and host, default port and needless encoding do not make another URL", () => {
  for (const same of [
    "https://labels.example.org:443/saml/TOKEN/acs",
    "https://Labels.Example.org/saml/TOKEN/acs",
    "HTTPS://labels.example.org/saml/TOKEN/acs",
    "https://labels.example.org/saml/%54OKEN/%61cs",
  ]) {
    assert.equal(isSameUrl(same, acs), true, same);
  }
  assert.equal(isSameUrl("https://a.example/%2fx", "https://a.example/%2Fx"), true);
});

test("everything else does", () => {
  for (const other of [
    "http://labels.example.org/saml/TOKEN/acs",
    "https://labels.example.org:8443/saml/TOKEN/acs",
    "https://labels.example.org:80/saml/TOKEN/acs",
    "https://labels.example.org/saml/token/acs",
    "https://labels.example.org/saml/TOKEN/acs/",
    "https://labels.example.org/saml/x/../TOKEN/acs",
    "https://labels.example.org/saml%2FTOKEN/acs",
    "https://evil@labels.example.org/saml/TOKEN/acs",
    "https://labels.example.org/saml/TOKEN/acs?x=1",
    "https://labels.example.org/saml/TOKEN/acs#x",
    "https://labels.example.org.evil.example/saml/TOKEN/acs",
    "https://labels.example.org\\saml\\TOKEN\\acs",
    " https://labels.example.org/saml/TOKEN/acs",
    "",
  ]) {
    assert.equal(isSameUrl(other, acs), false, other);
  }
});

test("a URL is itself, and being the same goes both ways", () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.webUrl(), (left, right) => {
      assert.ok(isSameUrl(left, left));
      assert.equal(isSameUrl(left, right), isSameUrl(right, left));
    }),
  );
});

test("Destination and Recipient are compared so, and the audience as a string", async () => {
  const spelled = acsUrl
    .replace("https://labelgate", "HTTPS://LabelGate")
    .replace("/saml", ":443/saml");
  await assertAccepted(respond({ sign: "both", destination: spelled, recipient: spelled }));
  await assertRefused("saml_audience_mismatch", respond({ audience: spelled }));
  await assertRefused("saml_recipient_mismatch", respond({ recipient: `${acsUrl}/` }));
  await assertRefused(
    "saml_destination_mismatch",
    respond({ destination: acsUrl.replace("https", "http") }),
  );
});
