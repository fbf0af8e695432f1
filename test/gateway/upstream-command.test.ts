/** `labelgate upstream` and `labelgate check` as they run, with the stub of Label Studio (GATEWAY 10.1). */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { migrate, openStore } from "../../src/store/store.ts";
import { seedMember, seedOrganization } from "../seed.ts";
import { type StubLabelStudio, startStubLabelStudio } from "./stub-label-studio.ts";

describe("labelgate upstream", () => {
  let stub: StubLabelStudio;
  let dataDir: string;
  before(async () => {
    stub = await startStubLabelStudio();
    dataDir = mkdtempSync(join(tmpdir(), "labelgate-upstream-"));
    const store = await openStore({ databaseUrl: "", dataDir });
    await migrate(store);
    await seedMember(store, await seedOrganization(store), "anna@contoso.com", { role: "AD" });
    await store.close();
  });
  after(async () => {
    await stub.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    await new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const own = {
        ...{ PATH: process.env["PATH"] ?? "", DATA_DIR: dataDir, UPSTREAM_URL: stub.url },
        ...{ SECRET_KEY: "a secret key for tests, of sufficient length" },
        ...(Object.hasOwn(env, "UPSTREAM_JWT_PRIVATE_KEY")
          ? {}
          : { UPSTREAM_SECRET_KEY: stub.secretKey }),
        ...env,
      };
      execFile(process.execPath, ["src/main.ts", ...args], { env: own }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });

  test("status and check say what is found, without a secret", async () => {
    for (const args of [["upstream", "status"], ["check"]]) {
      const { out } = await run(args);
      assert.match(out, /It is Label Studio 1\.23\.2/);
      assert.match(out, /0 of 1 people have an account/);
      assert.doesNotMatch(out, new RegExp(stub.secretKey));
    }
  });

  test("the command line links a person even to the account that Labelgate asks as", async () => {
    const linked = await run(["upstream", "link", "anna@contoso.com", "1"]);
    assert.match(linked.out, /anna@contoso\.com is linked to Label Studio's account 1/, linked.err);
    const unknown = await run(["upstream", "link", "nobody@contoso.com", "1"]);
    assert.deepEqual([unknown.code, /There is no person/.test(unknown.err)], [1, true]);
    const missing = await run(["upstream", "link", "anna@contoso.com", "77"]);
    assert.match(missing.err, /Label Studio has no account 77/);
  });

  test("accept opens, and says how much was taken", async () => {
    const { out } = await run(["upstream", "accept"]);
    assert.match(out, /The gateway is open.*: 0\./);
  });

  test("settings prints a file with the public key alone", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const { out } = await run(["upstream", "settings"], { UPSTREAM_JWT_PRIVATE_KEY: pem });
    assert.match(out, /BEGIN PUBLIC KEY/);
    assert.doesNotMatch(out, /PRIVATE/);
    assert.match((await run(["upstream", "settings"])).err, /openssl genrsa/);
  });

  test("what is asked wrongly is told, with exit code 2", async () => {
    for (const args of [["upstream"], ["upstream", "link", "x"], ["upstream", "drop"]]) {
      assert.equal((await run(args)).code, 2, args.join(" "));
    }
  });
});
