import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalDomain, isPublicMailDomain, parseDomains } from "./domains.ts";

describe("the domain list (PRODUCT 6.2)", () => {
  it("domains are lower-cased, and spaces, @, semicolons and trailing commas are forgiven", () => {
    const { domains, problems } = parseDomains(
      " @Contoso.COM , fabrikam.com.;\nsub.contoso.com,, ",
    );
    assert.deepEqual(domains, ["contoso.com", "fabrikam.com", "sub.contoso.com"]);
    assert.deepEqual(problems, []);
  });

  it("a domain that is repeated counts once", () => {
    assert.deepEqual(parseDomains("contoso.com,CONTOSO.com").domains, ["contoso.com"]);
  });

  it("empty text is an empty list", () => {
    assert.deepEqual(parseDomains(" , "), { domains: [], problems: [] });
  });

  it("international names are kept in their ASCII form", () => {
    assert.equal(canonicalDomain("Bücher.example"), "xn--bcher-kva.example");
    assert.equal(canonicalDomain("例え.テスト"), "xn--r8jz45g.xn--zckzah");
  });

  for (const entry of [
    "contoso",
    "-contoso.com",
    "contoso..com",
    "contoso_x.com",
    "https://contoso.com",
    "contoso.com/path",
    "contoso.com:443",
    "127.0.0.1",
    "0x7f.1",
    "%63ontoso.com",
    "xn--.com",
    "*.contoso.com",
    "contoso.com\u0000",
    `${"a".repeat(64)}.com`,
    `${"a.".repeat(130)}com`,
    "__proto__",
  ]) {
    it(`what is no mail domain is refused by name: ${JSON.stringify(entry).slice(0, 40)}`, () => {
      const { domains, problems } = parseDomains(entry);
      assert.deepEqual(domains, []);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /is not a mail domain; enter one such as contoso\.com\.$/);
    });
  }

  it("an address is refused with the domain that was meant", () => {
    assert.deepEqual(parseDomains("alice@contoso.com").problems, [
      '"alice@contoso.com" is an address; enter only its domain, contoso.com.',
    ]);
  });

  for (const domain of [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.co.uk",
    "yahoo.com",
    "yahoo.co.jp",
    "yahoo.com.br",
    "live.fr",
    "icloud.com",
    "proton.me",
    "gmx.de",
    "web.de",
    "qq.com",
    "mail.ru",
    "yandex.ru",
    "laposte.net",
  ]) {
    it(`public mail providers are refused: ${domain}`, () => {
      assert.equal(isPublicMailDomain(domain), true);
      assert.match(parseDomains(domain.toUpperCase()).problems[0] ?? "", /public mail provider/);
    });
  }

  it("a company whose name only resembles a provider's is not refused", () => {
    for (const domain of [
      "mail.contoso.com",
      "gmail.contoso.com",
      "yahoo.example.com",
      "live.io",
    ]) {
      assert.equal(isPublicMailDomain(domain), false, domain);
    }
  });

  it("all wrong entries are told together, and more than 500 are refused", () => {
    assert.equal(parseDomains("gmail.com,x,contoso.com").problems.length, 2);
    const many = Array.from({ length: 501 }, (_, index) => `d${index}.example`).join();
    assert.deepEqual(parseDomains(many).problems, ["Enter at most 500 domains."]);
  });
});
