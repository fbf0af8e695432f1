/**
 * The official Python SDK with one base URL and one Labelgate token, against Labelgate and the real Label
 * Studio behind it: `label-studio-sdk.py` drives it, and says line by line what held (GATEWAY 10.8).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../browser/browser.ts";
import { startLabelStudio } from "./label-studio.ts";
import { run } from "./process.ts";
import { installPython } from "./python.ts";
import { startStudio } from "./studio.ts";

const script = fileURLToPath(new URL("./label-studio-sdk.py", import.meta.url));
const subjects = [
  ...["one number a person", "one number a project", "identity", "workspaces", "project members"],
  ...["tasks", "annotations", "predictions", "views", "exports", "removal"],
];

test("label_studio_sdk drives Labelgate and Label Studio by one address and one token", async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const [bin, labelStudio] = await Promise.all([
    installPython(["label-studio-sdk==2.1.2"]),
    startLabelStudio(),
  ]);
  t.after(() => labelStudio.stop());
  const studio = await startStudio(browser, labelStudio, []);
  t.after(() => studio.stop());
  const manager = await studio.signIn({ name: "manager", role: "Manager", projects: [] });
  const annotator = await studio.signIn({ name: "annotator", role: "Annotator", projects: [] });
  const output = await run(join(bin, "python"), [script], {
    env: {
      LABELGATE_URL: studio.labelgate.baseUrl,
      OWNER_TOKEN: studio.labelgate.ownerToken,
      MANAGER_TOKEN: manager.token,
      ANNOTATOR_TOKEN: annotator.token,
    },
  });
  for (const subject of subjects) assert.match(output, new RegExp(`^ok ${subject}$`, "m"));
});
