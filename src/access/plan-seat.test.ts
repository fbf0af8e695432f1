/** PRODUCT 1.7 at a sign-in by password, which brings no groups. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultPolicy, member } from "../../test/fixtures/sign-on.ts";
import { planSeatByPassword } from "./plan-seat.ts";
import type { OrgRole, Source } from "./roles.ts";
import type { AccessPolicy } from "./snapshot.ts";

interface Waiting {
  readonly role?: OrgRole;
  readonly source?: Source;
  readonly awaited?: OrgRole | null;
  readonly used?: number;
  readonly policy?: Partial<AccessPolicy>;
}

const signIn = ({
  role = "NO",
  source = "manual",
  awaited = "RE",
  used = 1,
  policy = {},
}: Waiting) => {
  const snapshot = {
    ...member(role),
    membership: { role, roleSource: source, awaited },
    seats: { limit: 2, used },
  };
  const email = "ada@contoso.com";
  return planSeatByPassword({ email, snapshot, policy: { ...defaultPolicy, ...policy } });
};

test("the role of the invite is given once a seat is free, from the source that gave it", () => {
  for (const source of ["manual", "api"] as const) {
    const { changes, reasons, userId } = signIn({ source });
    assert.deepEqual(changes, [{ kind: "role_changed", from: "NO", to: "RE", source }]);
    assert.deepEqual(
      reasons.map(({ rule, target }) => [rule, target]),
      [["1.7", "Reviewer"]],
    );
    assert.equal(userId, 7);
  }
});

test("while all seats are taken nothing changes, and the reason says so", () => {
  const { changes, reasons } = signIn({ used: 2 });
  assert.deepEqual(changes, []);
  assert.match(reasons[0]?.text ?? "", /All 2 seats are taken/);
});

test("nobody else gets a role by a password: decided, deactivated, or what groups would give", () => {
  for (const waiting of [
    { awaited: null },
    { role: "DI" },
    { role: "AN" },
    { source: "saml" },
    { source: "scim" },
    { policy: { manualRoleManagement: false } },
  ] as const) {
    assert.deepEqual(signIn(waiting).changes, [], JSON.stringify(waiting));
  }
});
