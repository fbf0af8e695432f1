import assert from "node:assert/strict";
import { test } from "node:test";
import { presetMapping, presets, proposePreset } from "./presets.ts";

test("presets carry the names of PRODUCT 3.1", () => {
  const names = Object.entries(presets).map(([key, { mapping }]) => [
    key,
    mapping.email,
    mapping.firstName,
    mapping.lastName,
    mapping.groups,
  ]);
  const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
  assert.deepEqual(names, [
    ["default", "Email", "FirstName", "LastName", "Groups"],
    ["auth0", "email", "given_name", "family_name", "groups"],
    ["azure_short", "emailAddress", "givenName", "surname", "groups"],
    ["google", "Email", "FirstName", "LastName", "Groups"],
    ["pingone", "emailAddress", "givenName", "surname", "Groups"],
    ["okta", "email", "firstName", "lastName", "groups"],
    ["onelogin", "Email", "FirstName", "LastName", "Groups"],
    [
      "azure",
      `${claims}/emailaddress`,
      `${claims}/givenname`,
      `${claims}/surname`,
      "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    ],
  ]);
});

test("custom and unknown keys, those of every object among them, map nothing", () => {
  for (const key of ["custom", "", "Okta", "constructor", "__proto__"]) {
    assert.equal(presetMapping(key), null);
  }
  assert.equal(presetMapping("okta")?.email, "email");
});

test("the preset whose e-mail and names are announced is proposed", () => {
  assert.equal(proposePreset(["email", "firstName", "lastName", "x"]), "okta");
  assert.equal(proposePreset(Object.values(presets.azure.mapping)), "azure");
  assert.equal(proposePreset(["Email", "FirstName", "LastName"]), "default");
});

test("the announced groups decide between presets that are otherwise alike", () => {
  assert.equal(proposePreset(["emailAddress", "givenName", "surname", "Groups"]), "pingone");
  assert.equal(proposePreset(["emailAddress", "givenName", "surname", "groups"]), "azure_short");
});

test("no preset is proposed where e-mail or a name is not announced", () => {
  assert.equal(proposePreset([]), null);
  assert.equal(proposePreset(["email", "groups"]), null);
});
