import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../errors.ts";
import { hashSessionToken } from "../store/sessions.ts";
import { looksOurs, readCredentials, readSessionHash } from "./read.ts";

const name = "__Host-labelgate_session";
const session = "s".repeat(43);
const token = "0123456789abcdef0123456789abcdef01234567";
const read = (...headers: string[]) => readCredentials(headers, name);
const jwtOf = (claims: unknown) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("what a request shows", () => {
  test("nothing is shown by a request without credentials", () => {
    assert.deepEqual(read("Host", "labels.example.com", "Accept", "*/*"), {
      header: null,
      sessionHash: null,
    });
  });

  test("X-Api-Key goes before Authorization, in whatever case the names are written", () => {
    const { header } = read("authorization", "Bearer a.b.c", "X-API-KEY", ` ${token} `);
    assert.deepEqual(header, { scheme: "token", value: token, from: "x-api-key" });
    assert.equal(read("x-api-key", "a.b.c").header?.scheme, "bearer");
    assert.equal(read("X-Api-Key", " ", "Authorization", `token ${token}`).header?.value, token);
  });

  test("a credential header that came twice is refused, whatever the case of its name", () => {
    for (const header of ["Authorization", "X-Api-Key"]) {
      assert.throws(
        () => read(header, `Token ${token}`, header.toUpperCase(), `Token ${token}`),
        (error) => error instanceof AppError && error.code === "bad_request",
      );
    }
  });

  test("a Token or Bearer that is no single word is refused; other schemes are none of ours", () => {
    for (const text of ["Bearer", "Token ", "Bearer a b"]) {
      assert.throws(
        () => read("Authorization", text),
        (error) => error instanceof AppError && error.code === "invalid_token",
      );
    }
    for (const text of ["Basic dTpw", "Digest x", "Tokens x", ""]) {
      assert.equal(read("Authorization", text).header, null, text);
    }
  });

  test("a spelling that some servers take for X-Api-Key is no credential", () => {
    assert.equal(read("X_Api_Key", token, "x.api.key", token).header, null);
  });

  test("the session cookie is found among others, in one header or several", () => {
    const hash = hashSessionToken(session);
    const headers = ["Cookie", `a=1; ${name}=${session}`, "cookie", "b=2"];
    assert.equal(read(...headers).sessionHash, hash);
    assert.equal(readSessionHash(headers, name), hash);
  });

  test("a cookie that came twice, or under a longer name, or is no session's counts as none", () => {
    for (const cookies of [
      `${name}=${session}; ${name}=${"t".repeat(43)}`,
      `${name}x=${session}`,
      `x${name}=${session}`,
      `${name}=${session}x`,
      `${name}=`,
      `${name}="${session}"`,
    ]) {
      assert.equal(read("Cookie", cookies).sessionHash, null, cookies);
    }
    assert.equal(
      read("Cookie", `${name}=${session}`, "COOKIE", `${name}=${session}`).sessionHash,
      null,
    );
  });
});

describe("whether a token is of Labelgate's making", () => {
  const bearer = (value: string) => ({ scheme: "bearer", value, from: "authorization" }) as const;

  test("ours are JWTs of our issuer, tokens of 40 hex digits, and whatever X-Api-Key brings", () => {
    assert.ok(looksOurs(bearer(jwtOf({ iss: "labelgate" }))));
    assert.ok(looksOurs({ scheme: "token", value: token.toUpperCase(), from: "authorization" }));
    assert.ok(looksOurs({ scheme: "token", value: "anything", from: "x-api-key" }));
  });

  test("an outer gateway's are not", () => {
    for (const value of [
      jwtOf({ iss: "https://accounts.example.com" }),
      jwtOf({ iss: ["labelgate"] }),
      jwtOf(null),
      jwtOf("labelgate"),
      "a.b.c",
      "opaque",
      `${jwtOf({ iss: "labelgate" })}.x.y`,
    ]) {
      assert.ok(!looksOurs(bearer(value)), value);
    }
    assert.ok(!looksOurs({ scheme: "token", value: token.slice(1), from: "authorization" }));
  });
});
