import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isForbiddenName, judgeAddress } from "./addresses.ts";

describe("addresses that a fetch may reach (PRODUCT 2.7)", () => {
  for (const address of [
    "169.254.169.254",
    "169.254.0.1",
    "169.254.170.2",
    "fe80::1",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
  ]) {
    it(`link-local and cloud metadata are forbidden: ${address}`, () => {
      assert.equal(judgeAddress(address), "forbidden");
    });
  }

  for (const [name, address] of [
    ["IPv4-mapped", "::ffff:169.254.169.254"],
    ["IPv4-mapped in hexadecimal", "::ffff:a9fe:a9fe"],
    ["IPv4-compatible", "::a9fe:a9fe"],
    ["SIIT", "::ffff:0:a9fe:a9fe"],
    ["NAT64", "64:ff9b::a9fe:a9fe"],
    ["local NAT64 as /96", "64:ff9b:1::a9fe:a9fe"],
    ["local NAT64 as /48", "64:ff9b:1:a9fe:00a9:fe00::"],
    ["6to4", "2002:a9fe:a9fe::1"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:5601:5601"],
    ["6to4 of Alibaba's", "2002:6464:64c8::"],
  ] as const) {
    it(`an IPv6 address that carries a forbidden one is forbidden: ${name}`, () => {
      assert.equal(judgeAddress(address), "forbidden");
    });
  }

  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1",
    "::1",
    "::",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:c0a8:101::",
  ]) {
    it(`what is not public is private: ${address}`, () => {
      assert.equal(judgeAddress(address), "private");
    });
  }

  for (const address of ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]) {
    it(`public addresses are public: ${address}`, () => {
      assert.equal(judgeAddress(address), "public");
    });
  }

  it("text that is no address is forbidden", () => {
    assert.equal(judgeAddress("not-an-address"), "forbidden");
    assert.equal(judgeAddress(""), "forbidden");
  });

  it("the names of cloud metadata services are forbidden, final dot or not", () => {
    assert.equal(isForbiddenName("metadata.google.internal"), true);
    assert.equal(isForbiddenName("Metadata.Google.Internal."), true);
    assert.equal(isForbiddenName("metadata"), true);
    assert.equal(isForbiddenName("metadata.example.com"), false);
  });
});
