import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderConfigurationPage, renderErrorsPage } from "../scripts/render-docs.ts";
import { variables } from "../src/config-variables.ts";
import { errorTable } from "../src/errors.ts";

const page = (name: string): string =>
  readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");

test("docs/configuration.md says what the table of variables says, and names each one", () => {
  assert.equal(page("configuration.md"), renderConfigurationPage(), "run npm run docs");
  for (const { name } of Object.values(variables))
    assert.ok(page("configuration.md").includes(`\`${name}\``), name);
});

test("docs/errors.md says what the error table says, and names each code", () => {
  assert.equal(page("errors.md"), renderErrorsPage(), "run npm run docs");
  for (const code of Object.keys(errorTable))
    assert.ok(page("errors.md").includes(`\`${code}\``), code);
});

test("Every code has a public sentence and a hint, and every sign-on refusal says the same in public", () => {
  for (const [code, row] of Object.entries(errorTable)) {
    assert.ok(row.public.length > 5 && row.hint.length > 10, code);
    assert.ok(row.status >= 400 && row.status < 600, code);
    const isVague = code.startsWith("saml_") && code !== "saml_unknown_token";
    if (isVague) assert.equal(row.public, errorTable.saml_replayed.public, code);
  }
});
