/**
 * The official Python SDK of Label Studio against a running Labelgate: `sdk.py` drives it, and says
 * what it has shown line by line.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSigner } from "../../demo/signer.ts";
import { launchBrowser } from "../browser/browser.ts";
import { startLabelgate } from "./labelgate.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

const script = fileURLToPath(new URL("./sdk.py", import.meta.url));
const operations = fileURLToPath(
  new URL("../../scripts/label-studio-sdk-operations.py", import.meta.url),
);
const known = fileURLToPath(new URL("../fixtures/labelstudio/sdk-operations.txt", import.meta.url));
const subjects = [
  ...["whoami", "users", "organizations", "organization members", "invitations", "workspaces"],
  ...[
    "workspace members",
    "projects",
    "project members",
    "project roles",
    "member tags",
    "sso.saml",
  ],
  ...[
    "sso.scim",
    "rules",
    "permissions",
    "what nobody answers",
    "tokens",
    "activity logs",
    "removal",
  ],
];

test("label_studio_sdk works as it is", async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const [bin, labelgate] = await Promise.all([
    installPython(["label-studio-sdk==2.1.2"]),
    startLabelgate(browser),
  ]);
  t.after(() => labelgate.stop());
  const metadataUrl = await serveMetadata(t);
  const listed = await run(join(bin, "python"), [operations, "--against", known]);
  assert.equal(
    listed,
    "",
    "the operations of the SDK have changed: see test/gateway/sdk-operations.test.ts",
  );
  const output = await run(join(bin, "python"), [script], {
    env: {
      LABELGATE_URL: labelgate.baseUrl,
      LABELGATE_TOKEN: labelgate.ownerToken,
      METADATA_URL: metadataUrl,
    },
  });
  for (const subject of subjects) assert.match(output, new RegExp(`^ok ${subject}$`, "m"));
});

/** An identity provider's metadata at an address of this machine. */
async function serveMetadata(t: { after(work: () => void): void }): Promise<string> {
  const signer = createSigner({
    entityId: "https://idp.contoso.com/metadata",
    ssoUrl: "https://idp.contoso.com/sso",
  });
  const server = createServer((_request, answer) => {
    answer.writeHead(200, { "content-type": "application/samlmetadata+xml" });
    answer.end(signer.metadataXml());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
}
