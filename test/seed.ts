/** Organizations and people for tests of the store, made as the program makes them. */
import type { Change, Plan } from "../src/access/changes.ts";
import type { OrgRole, Source } from "../src/access/roles.ts";
import { type Application, type Applied, applyPlan } from "../src/store/apply.ts";
import { createOrganization } from "../src/store/organizations.ts";
import { loadSnapshot } from "../src/store/people.ts";
import type { Db, Store } from "../src/store/store.ts";

let made = 0;

/** A new organization with tokens of its own; returns its id. */
export async function seedOrganization(store: Store, title = "Contoso"): Promise<number> {
  made += 1;
  const number = made;
  return await store.transaction((tx) =>
    createOrganization(tx, {
      title,
      at: 1,
      samlToken: `saml-token-${number}`,
      inviteToken: `invite-token-${number}`,
    }),
  );
}

/** Applies changes to the person with this address, as a sign-in would. */
export async function applyChanges(
  tx: Db,
  organizationId: number,
  email: string,
  { changes, ...rest }: Partial<Application> & { readonly changes: readonly Change[] },
): Promise<Applied> {
  const { user } = await loadSnapshot(tx, {
    organizationId,
    email,
    workspaceTitles: [],
    projectIds: [],
    lock: true,
  });
  const plan: Plan = { email, userId: user?.id ?? null, changes, reasons: [] };
  return await applyPlan(tx, {
    organizationId,
    plan,
    actor: { kind: "saml" },
    at: 1,
    action: "test",
    ...rest,
  });
}

/** A member with an account; an account that exists gains the membership. Returns the user's id. */
export async function seedMember(
  store: Store,
  organizationId: number,
  email: string,
  { role = "AN", source = "saml" }: { role?: OrgRole; source?: Source } = {},
): Promise<number> {
  return await store.transaction(async (tx) => {
    const { user } = await loadSnapshot(tx, {
      organizationId,
      email,
      workspaceTitles: [],
      projectIds: [],
      lock: true,
    });
    const account: Change = { kind: "user_created", email, firstName: "Ada", lastName: "Byron" };
    const { userId } = await applyChanges(tx, organizationId, email, {
      changes: [...(user === null ? [account] : []), { kind: "membership_created", role, source }],
    });
    return userId;
  });
}
