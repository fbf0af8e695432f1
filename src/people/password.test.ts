import assert from "node:assert/strict";
import { argon2Sync, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { costOf } from "../../test/cost.ts";
import { hashPassword, passwordProblem, verifyPassword } from "./password.ts";

suite("passwords", () => {
  test("a password fits what was stored for it, and another does not", async () => {
    const stored = await hashPassword("correct horse battery");
    assert.deepEqual(await verifyPassword("correct horse battery", stored), {
      fits: true,
      needsUpgrade: false,
    });
    assert.equal((await verifyPassword("correct horse batterz", stored)).fits, false);
  });

  test("the stored text is an argon2id PHC string with OWASP's parameters and a salt of its own", async () => {
    const [first, second] = [
      await hashPassword("correct horse"),
      await hashPassword("correct horse"),
    ];
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(first, second);
  });

  test("a password stored with former parameters still fits and asks to be stored anew", async () => {
    const nonce = randomBytes(16);
    const hash = argon2Sync("argon2id", {
      message: "correct horse",
      nonce,
      memory: 4096,
      passes: 3,
      parallelism: 1,
      tagLength: 32,
    });
    const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
    const stored = `$argon2id$v=19$m=4096,t=3,p=1$${text(nonce)}$${text(hash)}`;
    assert.deepEqual(await verifyPassword("correct horse", stored), {
      fits: true,
      needsUpgrade: true,
    });
  });

  test("an account without a password costs the same work and never fits", async () => {
    const stored = await hashPassword("correct horse");
    const tried = async (text: string | null) =>
      await costOf(async () => await verifyPassword("guess guess", text));
    const [known, unknown] = [await tried(stored), await tried(null)];
    assert.equal((await verifyPassword("", null)).fits, false);
    assert.ok(unknown > known / 3 && unknown < known * 3, `${known} and ${unknown}`);
  });

  test("a password that is composed differently on another keyboard is the same password", async () => {
    const stored = await hashPassword("gro\u00dfe Zw\u00f6lfe");
    assert.equal((await verifyPassword("gro\u00dfe Zwo\u0308lfe", stored)).fits, true);
  });

  test("8 to 128 characters are accepted, counted as a person counts them", () => {
    assert.match(passwordProblem("short12") ?? "", /at least 8/);
    assert.equal(passwordProblem("eightcha"), null);
    assert.match(passwordProblem("🔒".repeat(7)) ?? "", /at least 8/);
    assert.equal(passwordProblem("ab".repeat(64)), null);
    assert.match(passwordProblem("ab".repeat(64).concat("c")) ?? "", /at most 128/);
  });

  test("the first guesses of everybody are refused", () => {
    for (const password of ["password", "PassWord123", "aaaaaaaaaa", "changeme"]) {
      assert.match(passwordProblem(password) ?? "", /anybody would try/);
    }
    assert.match(passwordProblem("ada@example.com", "ada@example.com") ?? "", /not your e-mail/);
    assert.match(
      passwordProblem("adalovelace", "adalovelace@example.com") ?? "",
      /not your e-mail/,
    );
  });

  test("a password far beyond the limit is refused without being hashed", async () => {
    const stored = await hashPassword("correct horse");
    assert.equal((await verifyPassword("a".repeat(1_000_000), stored)).fits, false);
  });
});
