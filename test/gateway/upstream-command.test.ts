/** `labelgate upstream` and `labelgate check` as they run, with the stub of Label Studio (GATEWAY 10.1). */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makePlaces, makeSocketPath, noteSocketPath } from "../../src/cli/embedded/folders.ts";
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
        ...{ NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "" },
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

  test("the embedded Label Studio is asked by its socket, and where none runs that is said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lg-"));
    try {
      const env = { DATA_DIR: folder, UPSTREAM_URL: "embedded", UPSTREAM_SECRET_KEY: "" };
      const store = await openStore({ databaseUrl: "", dataDir: folder });
      await migrate(store);
      await seedMember(store, await seedOrganization(store), "anna@contoso.com", { role: "AD" });
      await store.close();
      const before = await run(["upstream", "status"], env);
      assert.deepEqual([before.code, before.out], [1, ""]);
      assert.match(before.err, /does not run now.*labelgate serve/);
      assert.match((await run(["check"], env)).out, /embedded and does not run now/);
      const places = makePlaces(folder);
      const socketPath = makeSocketPath(places.root);
      noteSocketPath(places, socketPath);
      writeFileSync(places.secretFile, `${stub.secretKey}\n`);
      const { port } = new URL(stub.url);
      const relay = createServer((from) => {
        const to = connect(Number(port), "127.0.0.1");
        from.pipe(to).pipe(from);
        for (const socket of [from, to]) socket.on("error", () => socket.destroy());
      }).listen(socketPath);
      await once(relay, "listening");
      const after = await run(["upstream", "status"], env);
      assert.match(after.out, /It is Label Studio 1\.23\.2/, after.err);
      const linked = await run(["upstream", "link", "anna@contoso.com", "1"], env);
      assert.match(linked.out, /is linked to Label Studio's account 1/, linked.err);
      assert.match((await run(["check"], env)).out, /1 of 1 people have an account/);
      relay.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("what is asked wrongly is told, with exit code 2", async () => {
    for (const args of [["upstream"], ["upstream", "link", "x"], ["upstream", "drop"]]) {
      assert.equal((await run(args)).code, 2, args.join(" "));
    }
  });
});
