import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { variables } from "../config-variables.ts";
import { camelCase } from "./setting-rows.ts";
import { defaultSamlSettings, mappingRows, samlRowByField } from "./settings-table.ts";

describe("the table of settings", () => {
  it("names each setting of the program once", () => {
    const { domains: _canonical, ...settings } = defaultSamlSettings;
    assert.equal(Object.keys(settings).length, samlRowByField.size);
  });

  it("a setting that may follow the server names the variable that it follows", () => {
    for (const [field, { kind, variable }] of samlRowByField) {
      assert.equal(kind === "flagOrServer", variable !== undefined, field);
      if (variable === undefined) continue;
      const found: Readonly<Record<string, { readonly name: string }>> = variables;
      assert.equal(found[camelCase(variable)]?.name, variable, field);
    }
  });

  it("what makes sign-on weaker is off unless chosen, and decides sign-ons", () => {
    for (const [field, row] of samlRowByField) {
      if (row.weakens === undefined) continue;
      assert.equal(row.default, false, field);
      assert.equal(row.decidesSignOn, true, field);
    }
  });

  it("SAML has the mapping lists of SCIM, each as SCIM has it", () => {
    for (const [field, row] of Object.entries(mappingRows)) {
      assert.equal(samlRowByField.get(field), row);
    }
  });
});
