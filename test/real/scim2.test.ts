/**
 * scim2-tester, the compliance checks of the scim2 projects (PyPI), against a running Labelgate with
 * a SCIM token: discovery, CRUD, PATCH of every attribute, filters, errors. Nothing may fail.
 */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { launchBrowser } from "../browser/browser.ts";
import { startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

test("scim2-tester finds nothing wrong", async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const bin = await installPython(["scim2-cli==0.6.0", "scim2-tester==0.5.2"]);
  const labelgate = await startLabelgate(browser);
  t.after(() => labelgate.stop());
  const output = await run(
    join(bin, "scim2"),
    [
      ...["--url", `${labelgate.baseUrl}/scim/v2`],
      ...["--header", `Authorization: Bearer ${labelgate.ownerToken}`],
      "test",
    ],
    { cwd: tmpdir() },
  );
  const lines = stripVTControlCharacters(output).split("\n");
  const results = lines.flatMap((line) => /^([A-Z]+) [a-z_]+$/.exec(line)?.slice(1) ?? []);
  const others = results.filter((result) => result !== "SUCCESS" && result !== "SKIPPED");
  assert.deepEqual(others, [], output);
  assert.ok(results.length > 100, `only ${results.length} checks ran:\n${output}`);
});
