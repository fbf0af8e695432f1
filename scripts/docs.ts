/**
 * Writes docs/configuration.md and docs/errors.md from the tables in src/. With --check it writes
 * nothing and fails where a page differs; the test suite runs it so.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { renderConfigurationPage, renderErrorsPage } from "./render-docs.ts";

const pages = {
  "docs/configuration.md": renderConfigurationPage(),
  "docs/errors.md": renderErrorsPage(),
};

const isCheck = process.argv.includes("--check");
for (const [path, text] of Object.entries(pages)) {
  const url = new URL(`../${path}`, import.meta.url);
  if (!isCheck) writeFileSync(url, text);
  else if (readFileSync(url, "utf8") !== text) {
    console.error(`${path} is not what the tables say; run npm run docs.`);
    process.exitCode = 1;
  }
}
