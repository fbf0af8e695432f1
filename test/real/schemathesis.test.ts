/**
 * The API's document, fuzzed by schemathesis against a running Labelgate: whatever is sent, no answer
 * is a server error, and every answer has a status, a type and a body that the document names.
 */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launchBrowser } from "../browser/browser.ts";
import { startPostgres } from "../postgres.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

/** For each engine; it repeats until the time is spent. */
const fuzzSeconds = 40;

/** What would take the credential of the run, or ask strangers' servers on the network. */
const leftOut = [
  "/api/current-user/reset-token/",
  "/api/organizations/{id}/transfer",
  "/api/saml/settings/validate-metadata-url",
];

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];

/** The environment of each engine; what one of them does not mind is a bug on the other. */
const engines = {
  sqlite: async () => ({ env: {}, stop: null }),
  postgres: async () => {
    const { url, stop } = await startPostgres();
    return { env: { DATABASE_URL: url, SECRET_KEY: "a secret key of sufficient length" }, stop };
  },
} as const;

for (const [name, prepare] of Object.entries(engines)) {
  test(`no request that the document allows, or nearly allows, ends in a server error on ${name}`, async (t) => {
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const [bin, engine] = await Promise.all([installPython(["schemathesis==4.32.5"]), prepare()]);
    const labelgate = await startLabelgate(browser, engine.env);
    t.after(async () => {
      await labelgate.stop();
      await engine.stop?.();
    });
    await furnish(labelgate);
    // It leaves its cache where it runs.
    const output = await run(join(bin, "schemathesis"), commandFor(labelgate), { cwd: tmpdir() });
    const [, generated = "0"] = /(\d+) generated, \1 passed/.exec(output) ?? [];
    assert.ok(Number(generated) > 100, output.slice(-2_000));
  });
}

function commandFor({ baseUrl, ownerToken }: Labelgate): readonly string[] {
  return [
    "run",
    `${baseUrl}/api/openapi.json`,
    ...["--checks", checks.join(",")],
    ...["--header", `Authorization: Token ${ownerToken}`],
    ...["--max-time", String(fuzzSeconds), "--request-timeout", "20"],
    // Its workers are threads, in which CPython 3.11's own parser of Python fails now and then.
    ...["--workers", "1", "--no-color", "--warnings", "off"],
    ...leftOut.flatMap((path) => ["--exclude-path", path]),
  ];
}

/** Something to find under the small numbers that a fuzzer likes. */
async function furnish({ baseUrl, ownerToken }: Labelgate): Promise<void> {
  const make = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Token ${ownerToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${await answer.text()}`);
  };
  for (const name of ["ada", "bob", "cyd"]) {
    await make("/api/users/", { email: `${name}@contoso.com` });
  }
  for (const title of ["One", "Two", "Three"]) {
    await make("/api/workspaces/", { title });
    await make("/api/projects/", { title, workspace: 1 });
  }
  await make("/api/projects/1/members/", { user: 2 });
  await make("/api/projects/roles/", { project: 1, user: 3, role: "RE" });
}
