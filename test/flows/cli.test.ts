/** The command line as its users meet it: a process of its own, its output and its exit code. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import {
  Command,
  type Environment,
  environmentOf,
  freePort,
  run,
  serving,
  stopped,
} from "../command.ts";
import { onEveryEngine } from "../engines.ts";
import { idpEntityId, newSigner } from "./sso-world.ts";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "labelgate-cli-"));
});
after(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("an unknown command, option or argument prints the usage and exits with 2", async () => {
  for (const args of [
    ["serv"],
    ["serve", "--fast"],
    ["serve", "now"],
    ["recover"],
    ["scim-token"],
    ["settings", "import"],
    ["toString"],
  ]) {
    const { code, err } = await run(args, {});
    assert.equal(code, 2, args.join(" "));
    assert.match(err, /Usage: labelgate <command>/, args.join(" "));
  }
});

test("help prints every command, and so does no command at all", async () => {
  for (const args of [["help"], ["--help"], []]) {
    const { code, out } = await run(args, {});
    assert.equal(code, 0);
    for (const name of ["serve", "migrate", "check", "recover", "scim-token", "settings", "demo"]) {
      assert.match(out, new RegExp(`^  ${name}`, "m"));
    }
  }
});

test("a wrong environment stops the start with every problem at once, and no stack", async () => {
  for (const command of ["serve", "check", "migrate"]) {
    const { code, err, out } = await run([command], {
      PORT: "x",
      BASE_URL: "http://labels.example.com",
      MANUAL_ROLE_MANAGEMENT: "perhaps",
    });
    assert.equal(code, 1);
    assert.match(err, /^- PORT must be a whole number/m);
    assert.match(err, /^- MANUAL_ROLE_MANAGEMENT must be 0, 1/m);
    assert.match(err, /^- BASE_URL must begin with https/m);
    assert.doesNotMatch(err + out, /\n {4}at /);
  }
});

test("a database that cannot be reached stops the start with one sentence and no password", async () => {
  const port = await freePort();
  const { code, err } = await run(["serve"], {
    DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/labelgate`,
    SECRET_KEY: "a secret key for tests, of sufficient length",
  });
  assert.equal(code, 1);
  assert.match(err, /^The PostgreSQL database labelgate at 127\.0\.0\.1:\d+ cannot be opened: /);
  assert.doesNotMatch(err, /hunter2|\n {4}at /);
});

test("a port in use stops the start with one sentence", async () => {
  const other: Server = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  assert.ok(typeof address === "object" && address !== null);
  const { code, err } = await run(["serve"], {
    PORT: String(address.port),
    LISTEN_ADDRESS: "127.0.0.1",
    DATA_DIR: join(directory, "in-use"),
  });
  other.close();
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^Port ${address.port} is in use already; .*set PORT`, "m"));
});

test("the log at the start points out names that nearly match a variable", async () => {
  const port = await freePort();
  const server = new Command(["serve"], {
    PORT: String(port),
    DATA_DIR: join(directory, "near"),
    SAML_ALLOW_UNSOLICITD: "1",
  });
  await server.until(/labelgate is ready/);
  assert.match(
    server.out,
    /SAML_ALLOW_UNSOLICITD is not a setting; do you mean SAML_ALLOW_UNSOLICITED\?/,
  );
  server.child.kill("SIGTERM");
  assert.equal((await server.ended).code, 0);
});

onEveryEngine("the command line", (engine) => {
  let env: Environment;
  before(async () => {
    env = await environmentOf(engine);
  });

  test("check tells what is missing before migrate, and that all is well after it", async () => {
    const fresh = await environmentOf(engine);
    const first = await run(["check"], fresh);
    assert.equal(first.code, engine.name === "sqlite" ? 0 : 1, first.out + first.err);
    const refused = await run(["recover", "a@example.com"], fresh);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /run labelgate migrate first/);
    const migrated = await run(["migrate"], fresh);
    assert.equal(migrated.code, 0, migrated.err);
    assert.match(migrated.out, /^Applied: 0001/);
    assert.match((await run(["migrate"], fresh)).out, /up to date/);
    const last = await run(["check"], fresh);
    assert.equal(last.code, 0, last.out + last.err);
    assert.match(last.out, /^ok +The database is at this version's migrations\.$/m);
  });

  test("the first start prints a set-up link, outside the log; later ones with an Owner print none", async () => {
    const server = await serving(env);
    const link = /http:\/\/localhost:\d+\/setup\?token=[\w-]{43}/.exec(server.err)?.[0] ?? "";
    assert.ok(link !== "", server.err);
    assert.doesNotMatch(server.out, /setup\?token/);
    for (const line of server.out.trim().split("\n"))
      assert.doesNotThrow(() => JSON.parse(line), line);
    const page = await fetch(link.replace("localhost", "127.0.0.1"));
    assert.equal(page.status, 200);
    await page.body?.cancel();
    assert.equal(await stopped(server), 0);
  });

  test("the Owner of the environment is made at the first start; recover makes a link for them alone, scim-token a token", async () => {
    const owned = {
      ...(await environmentOf(engine)),
      LABELGATE_OWNER_EMAIL: "owner@contoso.com",
      LABELGATE_OWNER_PASSWORD: "an owner's long password",
    };
    const server = await serving(owned);
    assert.doesNotMatch(server.err, /setup/);
    const recovered = await run(["recover", "Owner@Contoso.com"], owned);
    assert.equal(recovered.code, 0, recovered.err);
    assert.match(recovered.out, /http:\/\/localhost:\d+\/recover\?token=[\w-]{43}/);
    const made = await run(["scim-token", "Entra ID", "--days", "90"], owned);
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /\/scim\/v2\nToken: {4}lgscim_[\w-]{43}\n$/);
    const nameless = await run(["scim-token", " "], owned);
    assert.deepEqual([nameless.code, nameless.err], [1, "Give a name of 1 to 100 characters.\n"]);
    const stranger = await run(["recover", "nobody@contoso.com"], owned);
    assert.equal(stranger.code, 1);
    assert.match(stranger.err, /no account/);
    assert.equal(await stopped(server), 0);
  });

  test("settings go out as YAML and come back; a dry run and a wrong file save nothing", async () => {
    const owned = {
      ...(await environmentOf(engine)),
      LABELGATE_OWNER_EMAIL: "owner@contoso.com",
      LABELGATE_OWNER_PASSWORD: "an owner's long password",
    };
    assert.equal(await stopped(await serving(owned)), 0);
    const exported = async () => (await run(["settings", "export"], owned)).out;
    const before = await exported();
    const asked = "saml:\n  domain: contoso.com\n  roles_groups: [[Manager, ls-managers]]\n";

    const dry = await run(["settings", "apply", "-", "--dry-run"], owned, asked);
    assert.equal(dry.code, 0, dry.err);
    assert.match(dry.out, /^saml\.domain: "" → "contoso\.com"$/m);
    assert.match(dry.out, /nothing was saved/);
    assert.equal(await exported(), before);

    const wrong = await run(
      ["settings", "apply", "-"],
      owned,
      `${asked}  manual_role_managment: false\n`,
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /manual_role_managment: .*did you mean manual_role_management/);
    assert.equal(await exported(), before);

    const file = join(directory, `${engine.name}.yaml`);
    writeFileSync(file, asked);
    const saved = await run(["settings", "apply", file], owned);
    assert.equal(saved.code, 0, saved.err);
    const { saml } = parse(await exported()) as { saml: Record<string, unknown> };
    assert.equal(saml["domain"], "contoso.com");
    assert.deepEqual(saml["roles_groups"], [["Manager", "ls-managers"]]);
    assert.match(
      (await run(["settings", "apply", "-"], owned, await exported())).out,
      /Nothing changes/,
    );

    // What GET /api/saml/settings of another server answered, kept as a file.
    const record = {
      acs_url: "https://app.heartex.example/saml/f00/acs",
      token: "f00",
      domain: "fabrikam.com",
      projects_groups: [{ project_id: 987_654, group: "g", role: "Inherit" }],
      user_type_groups: [["flex", "ls-flex"]],
    };
    const imported = await run(["settings", "apply", "-"], owned, JSON.stringify(record));
    assert.equal(imported.code, 0, imported.err);
    assert.match(imported.out, /^saml\.domain: "contoso\.com" → "fabrikam\.com"$/m);
    assert.match(imported.out, /^Note on projects_groups: .*left out: 987654\.$/m);
    assert.match(await exported(), /user_type_groups:\n\s+- - flex/);

    // Whoever applies a file is not seen to be the Owner, and the file may hold what somebody else set.
    const metadata_xml = newSigner(idpEntityId).metadataXml();
    const vouching = { saml: { domain: "contoso.com", metadata_xml } };
    const unconfirmed = await run(["settings", "apply", "-"], owned, JSON.stringify(vouching));
    assert.equal(unconfirmed.code, 0, unconfirmed.err);
    assert.match(unconfirmed.out, /^Note on metadata_xml: The Owner cannot sign in by single/m);
  });

  test("SIGTERM under load: every request that was taken is answered, and the process ends with 0", async () => {
    const server = await serving(env);
    const port = Number(env["PORT"]);
    const outcomes: (number | string)[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const load = Array.from({ length: 20 }, async () => {
      for (;;) {
        const outcome = await ask(port, agent);
        outcomes.push(outcome);
        if (typeof outcome === "string") return;
      }
    });
    while (outcomes.length <= minAnswers) await sleep(20);
    const slow = slowPost(port);
    await slow.isUnderWay;
    server.child.kill("SIGTERM");
    await sleep(300);
    slow.finish();
    assert.equal(await slow.status, 401, "the request that was under way");
    const { code } = await server.ended;
    await Promise.all(load);
    agent.destroy();
    assert.equal(code, 0, server.out.slice(-2000));
    const answered = outcomes.filter((outcome) => typeof outcome === "number");
    assert.ok(answered.length > minAnswers, `only ${answered.length} answers`);
    assert.deepEqual(
      answered.filter((status) => status !== 200),
      [],
    );
    const refused = ["ECONNREFUSED", "ECONNRESET", "EPIPE"];
    for (const outcome of outcomes) {
      assert.ok(typeof outcome === "number" || refused.includes(outcome), String(outcome));
    }
  });

  test("a request that never ends is cut off, and the process ends within ten seconds or so", async () => {
    const server = await serving(env);
    const slow = slowPost(Number(env["PORT"]));
    await slow.isUnderWay;
    server.child.kill("SIGTERM");
    const { code } = await server.ended;
    assert.equal(code, 1);
    assert.match(server.out, /cut off/);
    await assert.rejects(slow.status);
  });
});

/** So many answers show that the server was under load. */
const minAnswers = 50;

/** The status of one request, or the code of the error that the connection ended with. */
async function ask(port: number, agent: Agent): Promise<number | string> {
  return await new Promise((resolve) => {
    httpRequest({ port, host: "127.0.0.1", path: "/user/login", agent }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
      answer.once("error", () => resolve("the answer broke off"));
    })
      .once("error", (error) => resolve("code" in error ? String(error.code) : error.message))
      .end();
  });
}

/** A request whose body has begun and waits to be finished. */
function slowPost(port: number) {
  const body = JSON.stringify({ refresh: "x" });
  const request = httpRequest({
    port,
    host: "127.0.0.1",
    path: "/api/token/refresh",
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": body.length,
      expect: "100-continue",
    },
  });
  const status = new Promise<number>((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
  });
  status.catch(() => undefined);
  request.flushHeaders();
  // The server says so once it has taken the request.
  const isUnderWay = once(request, "continue").then(() => {
    request.write(body.slice(0, 4));
  });
  return { isUnderWay, status, finish: () => request.end(body.slice(4)) };
}
