/**
 * SCIM client libraries provision a running Labelgate, each by a program of its own in scim-clients/:
 * Captain-P-Goldfish's (Keycloak's plugins), UnboundID's (Ping's products) and scim2-client, which checks
 * every answer. What counts is also what the directory says afterwards (PRODUCT 7).
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../browser/browser.ts";
import { installJava, runJava } from "./java.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

const programs = fileURLToPath(new URL("scim-clients", import.meta.url));
const timeout = 300_000;

let labelgate: Labelgate;
let token: string;

before(async () => {
  const browser = await launchBrowser();
  labelgate = await startLabelgate(browser);
  await browser.close();
  ({ token } = (await call("POST", "/api/scim/tokens", { name: "Libraries" })) as {
    token: string;
  });
  const groups = ["Goldfish Managers", "UnboundID Managers", "Scim2 Managers"];
  await call("POST", "/api/scim/settings", {
    roles_groups: groups.map((group) => ["Manager", group]),
  });
});

after(() => labelgate.stop());

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${labelgate.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Token ${labelgate.ownerToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** What the directory says of the people of a domain, such as "ada DI Lovelace". */
async function people(domain: string): Promise<readonly string[]> {
  const { results } = (await call("GET", "/api/organizations/1/memberships?page_size=100")) as {
    results: readonly { role: string; user: { email: string; last_name: string } }[];
  };
  return results
    .filter(({ user }) => user.email.endsWith(`@${domain}`))
    .map(({ role, user }) => `${user.email.split("@")[0]} ${role} ${user.last_name}`)
    .sort((left, right) => left.localeCompare(right, "en"));
}

const stepsOf = (output: string) => output.match(/^done: .*$/gm)?.length ?? 0;
const argumentsOf = () => [`${labelgate.baseUrl}/scim/v2`, token];
const pom = join(programs, "pom.xml");

test("Captain-P-Goldfish's client: Keycloak's plugins", { timeout }, async () => {
  const classPath = await installJava(pom);
  const output = await runJava(classPath, join(programs, "Goldfish.java"), argumentsOf());
  assert.equal(stepsOf(output), 8, output);
  assert.deepEqual(await people("goldfish.com"), [
    "ada DI Lovelace",
    "bob MA Fish",
    "bulk AN Fish",
  ]);
});

test("UnboundID's client: Ping's products", { timeout }, async () => {
  const classPath = await installJava(pom);
  const output = await runJava(classPath, join(programs, "UnboundId.java"), argumentsOf());
  assert.equal(stepsOf(output), 8, output);
  assert.deepEqual(await people("unboundid.com"), ["ada DI Lovelace", "bob MA Bound"]);
});

test("scim2-client, which checks every answer against the RFCs", { timeout }, async () => {
  const bin = await installPython([await readFile(join(programs, "requirements.txt"), "utf8")]);
  const program = join(programs, "scim2_client.py");
  const output = await run(join(bin, "python"), [program, ...argumentsOf()]);
  assert.equal(stepsOf(output), 8, output);
  assert.deepEqual(await people("scim2.com"), ["ada DI Two", "bob MA Two", "bulk AN Two"]);
});

test("no request of theirs was refused but those that had to be", async () => {
  const { results } = (await call("GET", "/api/scim/requests?result=refused&limit=200")) as {
    results: readonly { method: string; path: string; status: number }[];
  };
  const refusals = results.map(({ method, status }) => `${method} ${status}`).sort();
  assert.deepEqual(refusals, [
    ...["GET 404", "GET 404", "GET 404"],
    ...["POST 409", "POST 409", "POST 409"],
    ...["PUT 412", "PUT 412"],
  ]);
});
