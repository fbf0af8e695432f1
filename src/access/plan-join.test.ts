/** Joining by set-up, sign-up and invite (PRODUCT 1.3, 1.7), and recovery (PRODUCT 9.4). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { member } from "../../test/fixtures/sign-on.ts";
import { simulate, stranger } from "../../test/fixtures/simulate.ts";
import { type JoinFacts, planJoin, planRecover } from "./plan-join.ts";
import { type OrgRole, orgRoles } from "./roles.ts";

const join = (facts: Partial<JoinFacts>) =>
  planJoin({
    email: "alice@contoso.com",
    firstName: "Alice",
    lastName: "Smith",
    snapshot: stranger,
    role: "RE",
    source: "manual",
    setPassword: false,
    ...facts,
  });
const full = { seats: { limit: 1, used: 1 } };

describe("joining", () => {
  test("the first Owner gets account, password and membership, whatever the seats", () => {
    const { changes } = join({
      role: "OW",
      setPassword: true,
      snapshot: { ...stranger, ...full },
    });
    assert.deepEqual(changes, [
      {
        kind: "user_created",
        email: "alice@contoso.com",
        firstName: "Alice",
        lastName: "Smith",
      },
      { kind: "password_set" },
      { kind: "membership_created", role: "OW", source: "manual" },
    ]);
  });

  test("an account that exists keeps its names and its password", () => {
    const snapshot = { ...member("AN"), membership: null, belongsElsewhere: true };
    const { changes, userId } = join({ snapshot, setPassword: true, firstName: "Mallory" });
    assert.equal(userId, 7);
    assert.deepEqual(changes, [{ kind: "membership_created", role: "RE", source: "manual" }]);
  });

  test("a new person beyond the seat limit is created as Not Activated, with a reason", () => {
    const { changes, reasons } = join({ snapshot: { ...stranger, ...full } });
    assert.deepEqual(changes.at(-1), {
      kind: "membership_created",
      role: "NO",
      source: "manual",
      awaited: "RE",
    });
    assert.ok(reasons.some(({ rule }) => rule === "1.7"));
  });

  test("an invite with a role activates somebody who is Not Activated, if a seat is free", () => {
    assert.deepEqual(join({ snapshot: member("NO") }).changes, [
      { kind: "role_changed", from: "NO", to: "RE", source: "manual" },
    ]);
  });

  test("an invite with a role is remembered where all seats are taken, once", () => {
    const late = { ...member("NO"), ...full };
    assert.deepEqual(join({ snapshot: late }).changes, [
      { kind: "role_changed", from: "NO", to: "NO", source: "manual", awaited: "RE" },
    ]);
    const waiting = { role: "NO", roleSource: "manual", awaited: "RE" } as const;
    assert.deepEqual(join({ snapshot: { ...late, membership: waiting } }).changes, []);
  });

  for (const role of orgRoles.filter((code) => code !== "NO")) {
    test(`a member who is ${role} stays so, whatever the invite says`, () => {
      for (const invited of orgRoles) {
        assert.deepEqual(join({ snapshot: member(role), role: invited }).changes, []);
      }
    });
  }

  test("nobody who is a member becomes Owner by joining", () => {
    assert.deepEqual(join({ snapshot: member("NO"), role: "OW" }).changes, []);
  });

  test("joining twice changes nothing the second time", () => {
    const once = simulate(stranger, join({}).changes);
    assert.deepEqual(join({ snapshot: once }).changes, []);
  });
});

describe("recovery", () => {
  const owners = [{ userId: 3, email: "boss@contoso.com" }];
  const recover = (snapshot: JoinFacts["snapshot"], setPassword = true) =>
    planRecover({ email: "alice@contoso.com", snapshot, owners, setPassword });

  for (const role of ["AD", "AN", "NO", "DI"] as const satisfies OrgRole[]) {
    test(`somebody who is ${role} becomes Owner, seat or not, and the former Owner Administrator first`, () => {
      const [former, mine, ...more] = recover({ ...member(role), ...full });
      assert.deepEqual(more, []);
      assert.equal(former?.userId, 3);
      assert.deepEqual(former.changes, [
        { kind: "role_changed", from: "OW", to: "AD", source: "manual" },
      ]);
      assert.deepEqual(mine?.changes, [
        { kind: "password_set" },
        { kind: "role_changed", from: role, to: "OW", source: "manual" },
      ]);
    });
  }

  test("the Owner who is recovered gets a password and nobody steps down", () => {
    const plans = recover(member("OW"));
    assert.deepEqual(
      plans.map(({ changes }) => changes),
      [[{ kind: "password_set" }]],
    );
    assert.deepEqual(recover(member("OW"), false)[0]?.changes, []);
  });

  test("somebody without an account or a membership gets both", () => {
    const kinds = recover(stranger)
      .at(-1)
      ?.changes.map(({ kind }) => kind);
    assert.deepEqual(kinds, ["user_created", "password_set", "membership_created"]);
  });
});
