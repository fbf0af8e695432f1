/**
 * scim2-tester, the compliance check of the scim2 project, against a running Labelgate: every check of
 * discovery, resources, searches and PATCH, and none fails. The credential is the Owner's personal
 * token, as the original's SCIM takes it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { launchBrowser } from "../browser/browser.ts";
import { startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

test("scim2-tester finds no failure", async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const [bin, labelgate] = await Promise.all([
    installPython(["scim2-cli==0.6.0", "scim2-tester==0.5.2"]),
    startLabelgate(browser),
  ]);
  t.after(() => labelgate.stop());
  const address = ["--url", `${labelgate.baseUrl}/scim/v2`];
  const credential = ["--header", `Authorization: Bearer ${labelgate.ownerToken}`];
  const output = await run(join(bin, "scim2"), [...address, ...credential, "test"]);
  assert.deepEqual(output.match(/^(?:ERROR|CRITICAL)\b.*$/gm) ?? [], []);
  assert.ok((output.match(/^SUCCESS\b/gm) ?? []).length > 100, output);
});
