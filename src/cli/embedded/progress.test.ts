import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { countPackages, createProgressReader } from "./progress.ts";

describe("progress of an installation", () => {
  test("uv's lines lead from nothing to all", () => {
    const { read } = createProgressReader(500);
    const shares = [
      "Using Python 3.11.7 environment at: v",
      "Resolved 4 packages in 6.15s",
      "   Building ordered-set==4.0.2",
      "Downloading pandas (12.2MiB)",
      " Downloaded pandas",
      "      Built ordered-set==4.0.2",
      "Prepared 4 packages in 3.70s",
      "Installed 160 packages in 516ms",
    ].map(read);
    assert.deepEqual(shares, [0, 10, 28, 47, 47, 47, 85, 100]);
  });

  test("pip's lines do as well", () => {
    const { read } = createProgressReader(4);
    const shares = [
      "Collecting annotated-doc==0.0.7 (from -r requirements.lock (line 12))",
      "  Downloading annotated_doc-0.0.7-py3-none-any.whl (5 kB)",
      "Collecting anyio==4.16.0 (from -r requirements.lock (line 20))",
      "Installing collected packages: anyio, annotated-doc",
      "Successfully installed annotated-doc-0.0.7 anyio-4.16.0",
    ].map(read);
    assert.deepEqual(shares, [28, 47, 66, 85, 100]);
  });

  test("whatever is printed, the share stays within 0 to 100 and never goes back", () => {
    const line = fc.oneof(
      fc.string(),
      fc.nat(1e6).map((count) => `Resolved ${count} packages in 1s`),
      fc.string().map((name) => `Collecting ${name}`),
      fc.constant("Prepared 6 packages in 3s"),
      fc.constant("Installed 6 packages in 3s"),
    );
    fc.assert(
      fc.property(fc.array(line), fc.nat(200), (lines, expected) => {
        const { read } = createProgressReader(expected);
        let last = 0;
        for (const text of lines) {
          const share = read(text);
          assert.ok(share >= last && share <= 100);
          last = share;
        }
      }),
    );
  });

  test("a package that is pinned twice, for two Pythons, counts once", () => {
    const lock =
      "# made by uv\nanyio==4.16.0 \\\n    --hash=sha256:aa\nfilelock==4.1.0 ; python_full_version < '3.11' \\\n    --hash=sha256:bb\nfilelock==4.3.1 ; python_full_version >= '3.11' \\\n    --hash=sha256:cc\n";
    assert.equal(countPackages(lock), 2);
  });
});
