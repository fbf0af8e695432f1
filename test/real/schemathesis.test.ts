/**
 * The API's document, fuzzed by schemathesis against a running Labelgate: whatever is sent, no answer
 * is a server error, and every answer has a status, a type and a body that the document names.
 */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launchBrowser } from "../browser/browser.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

/** For the whole run; it repeats until the time is spent. */
const fuzzSeconds = 60;

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

test("no request that the document allows, or nearly allows, ends in a server error", async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const [bin, labelgate] = await Promise.all([
    installPython(["schemathesis==4.32.5"]),
    startLabelgate(browser),
  ]);
  t.after(() => labelgate.stop());
  await furnish(labelgate);
  const command = [
    "run",
    `${labelgate.baseUrl}/api/openapi.json`,
    ...["--checks", checks.join(",")],
    ...["--header", `Authorization: Token ${labelgate.ownerToken}`],
    ...["--max-time", String(fuzzSeconds), "--request-timeout", "20"],
    // Its workers are threads, in which CPython 3.11's own parser of Python fails now and then.
    ...["--workers", "1", "--no-color", "--warnings", "off"],
    ...leftOut.flatMap((path) => ["--exclude-path", path]),
  ];
  // It leaves its cache where it runs.
  const output = await run(join(bin, "schemathesis"), command, { cwd: tmpdir() });
  const [, generated = "0"] = /(\d+) generated, \1 passed/.exec(output) ?? [];
  assert.ok(Number(generated) > 100, output.slice(-2_000));
});

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
