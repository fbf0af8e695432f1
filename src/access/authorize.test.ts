/** PRODUCT 1.6 and 6, and the roles matrix of Label Studio, cell by cell for all seven roles. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Action, authorize, type Principal, permissions } from "./authorize.ts";
import { type OrgRole, orgRoles } from "./roles.ts";

const as = (role: OrgRole): Principal => ({
  userId: 1,
  organizationId: 1,
  email: "a@contoso.com",
  role,
  via: "session",
  sessionId: "s",
});

// Columns as in orgRoles: OW AD MA RE AN NO DI. O is the whole organization, o one's own, - is no.
const table: Readonly<Record<Action, string>> = {
  "saml_settings:read": "OO-----",
  "saml_settings:write": "OO-----",
  "saml_metadata:read": "OO-----",
  "scim_settings:read": "OO-----",
  "scim_settings:write": "OO-----",
  "sign_in_log:read": "OO-----",
  "own_account:read": "ooooooo",
  "own_account:write": "ooooo--",
  "own_sessions:write": "ooooooo",
  "own_tokens:write": "ooooo--",
  "own_organizations:read": "ooooo--",
  "organization:read": "OO-----",
  "organization:write": "O------",
  "default_role:write": "OO-----",
  "organization:transfer": "O------",
  "permissions:write": "O------",
  "billing:read": "O------",
  "members:read": "OO-----",
  "members:write": "OO-----",
  "member_tags:read": "OOO----",
  "member_tags:write": "OO-----",
  "users:read": "OOOoo--",
  "users:write": "OO-----",
  "sessions:read": "OO-----",
  "sessions:write": "OO-----",
  "invites:read": "OO-----",
  "invites:write": "OO-----",
  "tokens_settings:read": "OO-----",
  "tokens_settings:write": "OO-----",
  "activity_log:read": "OO-----",
  "upstream:read": "OO-----",
  "upstream:write": "OO-----",
  "model_providers:write": "OO-----",
  "workspaces:read": "OOooo--",
  "workspaces:write": "OOo----",
  "workspace_members:read": "OOo----",
  "workspace_members:write": "OOo----",
  "projects:read": "OOooo--",
  "projects:write": "OOo----",
  "project_members:read": "OOo----",
  "project_members:write": "OOo----",
  "project_data:write": "OOo----",
  "dashboards:read": "OOo----",
  "annotations:write": "OOooo--",
  "reviews:write": "OOoo---",
};

const reachOf = (action: Action, role: OrgRole): string => {
  const decision = authorize(as(role), action);
  if (!decision.allow) return "-";
  return decision.reach === "organization" ? "O" : "o";
};

describe("the permission table", () => {
  for (const action of Object.keys(permissions) as Action[]) {
    test(`${action} is allowed to exactly whom the matrix names`, () => {
      assert.equal(orgRoles.map((role) => reachOf(action, role)).join(""), table[action]);
    });
  }
});

test("without a credential nothing is allowed, and the answer is 401", () => {
  for (const action of Object.keys(permissions) as Action[]) {
    const decision = authorize(null, action);
    assert.equal(decision.allow, false);
    assert.equal(decision.code, "not_authenticated");
  }
});

test("a refusal is 403 and names the role and what it may not do", () => {
  const decision = authorize(as("AN"), "saml_settings:write");
  assert.equal(decision.code, "permission_denied");
  assert.equal(
    decision.reason,
    "Somebody with the role Annotator may not change the SAML settings.",
  );
});

test("Not Activated and Deactivated people may do nothing but see who they are, and leave", () => {
  for (const role of ["NO", "DI"] as const) {
    const allowed = Object.keys(permissions).filter(
      (action) => authorize(as(role), action as Action).allow,
    );
    assert.deepEqual(allowed, ["own_account:read", "own_sessions:write"]);
  }
});
