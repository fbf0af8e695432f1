/** PRODUCT 4.1 to 4.4: what groups earn, and what the look-up costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GroupMappings, indexMappings, type MappingIndex, resolveGrants } from "./mappings.ts";

const resolve = (groups: readonly string[], mappings: Partial<GroupMappings>) =>
  resolveGrants(groups, indexMappings({ roles: [], workspaces: [], projects: [], ...mappings }));

test("the most elevated role wins, whatever the order of groups and mappings", () => {
  const roles = [
    { role: "AN", group: "a" },
    { role: "AD", group: "b" },
    { role: "RE", group: "c" },
  ] as const;
  assert.equal(resolve(["a", "b", "c"], { roles }).role, "AD");
  assert.equal(resolve(["c", "b", "a"], { roles: roles.toReversed() }).role, "AD");
  assert.equal(resolve(["c", "a"], { roles }).role, "RE");
});

test("several groups may grant one role, and one group several roles", () => {
  const roles = [
    { role: "AN", group: "a" },
    { role: "AN", group: "b" },
    { role: "MA", group: "b" },
  ] as const;
  assert.deepEqual(resolve(["b", "a"], { roles }).roleMatches, [
    { role: "MA", group: "b" },
    { role: "AN", group: "a" },
    { role: "AN", group: "b" },
  ]);
});

test("a mapping that stands twice counts once", () => {
  const twice = { role: "AN", group: "a" } as const;
  const project = { projectId: 1, group: "a", role: "AN" } as const;
  const grants = resolve(["a", "a"], {
    roles: [twice, twice],
    workspaces: [
      { workspace: "W", group: "a" },
      { workspace: "W", group: "a" },
    ],
    projects: [project],
  });
  assert.equal(grants.roleMatches.length, 1);
  assert.deepEqual(grants.workspaces, [{ title: "W", groups: ["a"] }]);
  assert.equal(grants.projects.length, 1);
});

test("group names compare exactly: case, spaces and composition make another group", () => {
  const roles = [{ role: "AD", group: "Équipe" }] as const;
  for (const near of ["équipe", " Équipe", "Équipe ", "Équipe".normalize("NFD")]) {
    assert.equal(resolve([near], { roles }).role, null);
  }
  assert.equal(resolve(["Équipe"], { roles }).role, "AD");
});

test("names that every object has are groups like any other", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  assert.equal(resolve(names, { roles: [{ role: "AD", group: "Admins" }] }).role, null);
  assert.equal(resolve(names, { roles: [{ role: "AD", group: "__proto__" }] }).role, "AD");
});

test("no mappings at all is told apart from none that matches", () => {
  assert.equal(resolve(["a"], {}).hasRoleMappings, false);
  assert.equal(resolve(["a"], { roles: [{ role: "AN", group: "b" }] }).hasRoleMappings, true);
});

test("of one project's mappings the most elevated wins, and the others are kept to explain", () => {
  const projects = [
    { projectId: 7, group: "a", role: "AN" },
    { projectId: 7, group: "i", role: "IN" },
    { projectId: 7, group: "r", role: "RE" },
    { projectId: 3, group: "a", role: "AN" },
  ] as const;
  const [three, seven] = resolve(["i", "a", "r"], { projects }).projects;
  assert.equal(three?.projectId, 3);
  assert.equal(seven?.role, "RE");
  assert.deepEqual(
    seven.outranked.map(({ role }) => role),
    ["IN", "AN"],
  );
});

/** A map that counts look-ups and refuses to be walked through. */
function counted<V>(map: ReadonlyMap<string, V>, count: () => void): ReadonlyMap<string, V> {
  const refuse = (): never => {
    throw new Error("the look-up walks through the mappings");
  };
  return {
    size: map.size,
    has: refuse,
    get(key: string) {
      count();
      return map.get(key);
    },
    forEach: refuse,
    entries: refuse,
    keys: refuse,
    values: refuse,
    [Symbol.iterator]: refuse,
  };
}

function lookUps(mappingCount: number): number {
  const at = (index: number) => ({ group: `Group ${index}` });
  const indexed = indexMappings({
    roles: Array.from({ length: mappingCount }, (_, index) => ({ role: "AN", ...at(index) })),
    workspaces: Array.from({ length: mappingCount }, (_, index) => ({
      workspace: `W${index}`,
      ...at(index),
    })),
    projects: Array.from({ length: mappingCount }, (_, index) => ({
      projectId: index,
      role: "IN",
      ...at(index),
    })),
  });
  let count = 0;
  const increment = () => {
    count += 1;
  };
  const index: MappingIndex = {
    ...indexed,
    byGroup: counted(indexed.byGroup, increment),
    names: { ...indexed.names, byKey: counted(indexed.names.byKey, increment) },
  };
  const groups = ["Group 1", "group 2", "Group 9", "CN=Group 3,OU=Groups", "/Others", "Nobody"];
  const grants = resolveGrants(groups, index);
  assert.equal(grants.projects.length, 2);
  return count;
}

test("a sign-on costs look-ups by its groups, never by the number of mappings", () => {
  const few = lookUps(10);
  assert.equal(lookUps(100_000), few);
  assert.ok(few <= 3 * 6, `${few} look-ups for 6 groups`);
});
