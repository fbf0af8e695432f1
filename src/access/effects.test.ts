import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Change } from "./changes.ts";
import { effectOf } from "./effects.ts";
import type { OrgRole } from "./roles.ts";
import type { PersonSnapshot } from "./snapshot.ts";

type Held = Pick<PersonSnapshot, "membership" | "workspaceMembers" | "projectMembers">;
const nobody: Held = { membership: null, workspaceMembers: [], projectMembers: [] };
const role = (from: OrgRole, to: OrgRole): Change => ({
  kind: "role_changed",
  from,
  to,
  source: "saml",
});
const cats = { id: 1, title: "Cats" };
const inCats = (...sources: readonly ("saml" | "manual")[]): Held => ({
  ...nobody,
  workspaceMembers: sources.map((source) => ({ workspaceId: 1, title: "Cats", source })),
});
const shortOf = (held: Held, ...changes: readonly Change[]) => {
  const { gains, loses } = effectOf(held, changes);
  return { gains, loses };
};
const gains = { gains: true, loses: false };
const loses = { gains: false, loses: true };
const neither = { gains: false, loses: false };

suite("what a plan means to the person", () => {
  test("no change is neither gain nor loss", () => {
    assert.deepEqual(effectOf(inCats("saml"), []), {
      role: null,
      ...neither,
      losesAccess: false,
      losesAdministrator: false,
    });
  });

  test("a role is gained or lost by its rank", () => {
    assert.deepEqual(shortOf(nobody, role("AN", "MA")), gains);
    assert.deepEqual(shortOf(nobody, role("MA", "AN")), loses);
    assert.deepEqual(shortOf(nobody, role("NO", "DI")), neither);
  });

  test("access is lost by whoever had some and has none", () => {
    const lost = (from: OrgRole, to: OrgRole) => effectOf(nobody, [role(from, to)]).losesAccess;
    assert.deepEqual(
      [lost("AN", "DI"), lost("AN", "NO"), lost("NO", "DI"), lost("AD", "AN")],
      [true, true, false, false],
    );
  });

  test("an Administrator is lost with any lower role", () => {
    const lost = (from: OrgRole, to: OrgRole) =>
      effectOf(nobody, [role(from, to)]).losesAdministrator;
    assert.deepEqual([lost("AD", "MA"), lost("AD", "DI"), lost("MA", "AN")], [true, true, false]);
  });

  test("a workspace is lost with the last row of it, and gained with the first", () => {
    const gone = (source: "saml" | "manual"): Change => ({
      kind: "workspace_member_removed",
      workspace: cats,
      source,
    });
    const given: Change = { kind: "workspace_member_added", workspace: cats, source: "saml" };
    assert.deepEqual(shortOf(inCats("saml"), gone("saml")), loses);
    assert.deepEqual(shortOf(inCats("saml", "manual"), gone("saml")), neither);
    assert.deepEqual(shortOf(inCats("saml", "manual"), gone("saml"), gone("manual")), loses);
    assert.deepEqual(shortOf(inCats("manual"), given), neither);
    assert.deepEqual(shortOf(nobody, given), gains);
    assert.deepEqual(shortOf(inCats("manual"), given, gone("manual")), neither);
  });

  test("a project is gained when it stops waiting, and by a higher role in it", () => {
    const held = (projectRole: "AN" | "RE" | "IN", isPending: boolean): Held => ({
      ...nobody,
      projectMembers: [{ projectId: 7, role: projectRole, isPending, source: "saml" }],
    });
    const to = (projectRole: "AN" | "RE" | "IN", isPending: boolean): Change => ({
      kind: "project_member_changed",
      projectId: 7,
      source: "saml",
      from: { role: "AN", isPending: false },
      to: { role: projectRole, isPending },
    });
    const added: Change = {
      kind: "project_member_added",
      projectId: 7,
      role: "IN",
      source: "saml",
      isPending: true,
    };
    assert.deepEqual(shortOf(held("IN", true), to("IN", false)), gains);
    assert.deepEqual(shortOf(held("AN", false), to("RE", false)), gains);
    assert.deepEqual(shortOf(held("RE", false), to("AN", false)), loses);
    assert.deepEqual(shortOf(nobody, added), neither);
    const gone: Change = { kind: "project_member_removed", projectId: 7, source: "saml" };
    assert.deepEqual(shortOf(held("AN", false), gone), loses);
    assert.deepEqual(shortOf(held("IN", true), gone), neither);
  });
});
