/** People in step with Label Studio (GATEWAY 10.5): made, linked, renamed, and never somebody else's. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../../src/errors.ts";
import { matchAccount, type StudioAccount } from "../../src/gateway/account-match.ts";
import { onEveryEngine } from "../engines.ts";
import { applyChanges } from "../seed.ts";
import { openStepWorld, type StepWorld } from "./step-world.ts";

onEveryEngine("people in step", (engine) => {
  let world: StepWorld;
  beforeEach(async () => {
    world = await openStepWorld(engine);
  });
  afterEach(async () => {
    await world.close();
  });

  test("a new person gets an account with their address in lower case, and names", async () => {
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    const made = world.stub.users.find(({ email }) => email === "anna@contoso.com");
    assert.deepEqual(await world.link(userId), { id: made?.id, email: "anna@contoso.com" });
    assert.equal(made?.first_name, "Ada");
    assert.equal(made?.active_organization, 1);
    await world.step.people.workOutbox();
    assert.equal(await outboxCount(world), 0);
  });

  test("an account is made at once for whoever opens Label Studio, and only once", async () => {
    const userId = await world.member("anna@contoso.com");
    const viewer = await world.viewer(userId);
    const ids = await Promise.all([1, 2, 3].map(() => world.step.ensureAccount(viewer)));
    assert.deepEqual(new Set(ids), new Set([(await world.link(userId)).id]));
    assert.equal(world.stub.users.filter(({ email }) => email === "anna@contoso.com").length, 1);
  });

  test("an account that is there is found by the exact address before one of other case", async () => {
    world.stub.addUser("Anna@Contoso.com");
    const exact = world.stub.addUser("anna@contoso.com");
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.deepEqual(await world.link(userId), { id: exact.id, email: "anna@contoso.com" });
  });

  test("the only account that differs in case is linked, with the address that Label Studio has", async () => {
    const other = world.stub.addUser("Anna@Contoso.com");
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.deepEqual(await world.link(userId), { id: other.id, email: "Anna@Contoso.com" });
  });

  test("of several that differ in case none is taken; an administrator decides", async () => {
    world.stub.addUser("Anna@contoso.com");
    world.stub.addUser("ANNA@contoso.com");
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.equal((await world.link(userId)).id, null);
    assert.match((await world.problem(userId)) ?? "", /several accounts.*2 \(Anna@.*3 \(ANNA@/);
    assert.equal(world.stub.users.length, 3);
    await refused(world.step.ensureAccount(await world.viewer(userId)), "upstream_no_account");
  });

  test("nobody is linked by their address to the account as which Labelgate asks", async () => {
    const userId = await world.member("owner@label-studio.test", "AD");
    await world.step.people.workOutbox();
    assert.equal((await world.link(userId)).id, null);
    assert.match((await world.problem(userId)) ?? "", /Labelgate itself asks as that account/);
  });

  test("an account that was linked once goes to nobody else, even after its person left the address", async () => {
    const first = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    const { id } = await world.link(first);
    await rename(world, "anna@contoso.com", "anna.otter@contoso.com");
    const second = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.deepEqual(await world.link(first), { id, email: "anna@contoso.com" });
    assert.equal((await world.link(second)).id, null);
    assert.match((await world.problem(second)) ?? "", /somebody else's already/);
  });

  test("two people never share an account, whoever asks at the same time", async () => {
    const account = world.stub.addUser("shared@contoso.com");
    const ids = [await world.member("a@contoso.com"), await world.member("b@contoso.com")];
    const record = { ...studio(account.id, account.email) };
    const linked = await Promise.all(
      ids.map((userId) => world.step.people.link(userId, record, { kind: "system" })),
    );
    assert.deepEqual(linked.toSorted(), [false, true]);
  });

  test("an address that Label Studio holds outside the organization is listed with what to do", async () => {
    world.stub.addUser("anna@contoso.com", { isElsewhere: true });
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.match((await world.problem(userId)) ?? "", /not in its organization/);
  });

  test("names follow, addresses do not", async () => {
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    const { id } = await world.link(userId);
    await rename(world, "anna@contoso.com", "anna.otter@contoso.com", "Änna");
    await world.step.people.workOutbox();
    const account = world.stub.users.find((user) => user.id === id);
    assert.equal(account?.first_name, "Änna");
    assert.equal(account?.email, "anna@contoso.com");
    assert.equal(await outboxCount(world), 0);
  });

  test("an account that opens no organization, or another one, is put back into ours", async () => {
    const account = world.stub.addUser("anna@contoso.com", { active_organization: null });
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.equal(account.active_organization, 1);
    account.active_organization = 7;
    await world.step.mendAccount(await world.viewer(userId));
    assert.equal(account.active_organization, 1);
    account.active_organization = null;
    await world.step.sync.run();
    assert.equal(account.active_organization, 1);
  });

  test("while Label Studio is away people wait, and are done once it is back", async () => {
    await world.stub.stop();
    const userId = await world.member("anna@contoso.com");
    await world.step.people.workOutbox();
    assert.equal((await world.link(userId)).id, null);
    await refused(world.step.ensureAccount(await world.viewer(userId)), /^upstream_/);
    await world.stub.start();
    world.advance(60_000);
    await world.step.people.workOutbox();
    assert.notEqual((await world.link(userId)).id, null);
  });

  test("one whom Label Studio refuses does not keep the others waiting", async () => {
    const refusedId = await world.member("anna@contoso.com");
    world.stub.addUser("anna@contoso.com", { isElsewhere: true });
    const userId = await world.member("bert@contoso.com");
    await world.step.people.workOutbox();
    assert.equal((await world.link(refusedId)).id, null);
    assert.notEqual((await world.link(userId)).id, null);
  });

  test("what is wished while an account is being made is not lost", async () => {
    const userId = await world.member("anna@contoso.com");
    const wish = { userId, wish: 1, attempts: 0 };
    await rename(world, "anna@contoso.com", "anna@contoso.com", "Later");
    const { settleWish } = await import("../../src/store/upstream-outbox.ts");
    await settleWish(world.store.db, wish);
    assert.equal(await outboxCount(world), 1);
  });

  test("people are never deleted, nor their addresses or memberships changed, in Label Studio", async () => {
    await world.member("anna@contoso.com");
    await world.step.sync.run();
    const { requests } = world.stub;
    assert.deepEqual(
      requests.filter(({ method }) => method === "DELETE"),
      [],
    );
    assert.deepEqual(
      requests.filter(({ target }) => target.includes("memberships")),
      [],
    );
  });
});

test("whoever is matched has the same letters, is nobody else's and not the service account", () => {
  const address = fc.constantFrom("a@x.org", "A@x.org", "a@X.org", "b@x.org", "K@x.org", "k@x.org");
  const accounts = fc.uniqueArray(
    fc.record({ id: fc.integer({ min: 1, max: 6 }), email: address }),
    { selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(
      accounts,
      fc.constantFrom("a@x.org", "k@x.org"),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }))),
      (found, email, holders) => {
        const match = matchAccount({
          ...{ userId: 1, email, serviceUser: 1 },
          accounts: found.map((account) => studio(account.id, account.email)),
          holders: new Map(holders),
        });
        if (match.outcome !== "found") return;
        const { account } = match;
        assert.equal(
          account.email.replaceAll(/[A-Z]/g, (c) => c.toLowerCase()),
          email,
        );
        assert.notEqual(account.id, 1);
        assert.ok([undefined, 1].includes(new Map(holders).get(account.id)));
        const same = found.filter((each) => each.email === email);
        assert.ok(same.length === 0 || account.email === email);
      },
    ),
  );
});

function studio(id: number, email: string): StudioAccount {
  return { id, email, firstName: "", lastName: "", activeOrganization: 1 };
}

async function outboxCount({ store }: StepWorld): Promise<number> {
  return (await store.db.selectFrom("upstream_outbox").selectAll().execute()).length;
}

async function rename(world: StepWorld, from: string, to: string, firstName = "Ada") {
  await world.store.transaction((tx) =>
    applyChanges(tx, world.organizationId, from, {
      changes: [
        {
          kind: "user_renamed",
          from: { firstName: "Ada", lastName: "Byron" },
          to: { firstName, lastName: "Byron" },
        },
        ...(from === to ? [] : [{ kind: "email_changed", to } as const]),
      ],
    }),
  );
}

/** The refusal's code. */
async function refused(work: Promise<unknown>, code: string | RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof AppError, String(error));
    if (typeof code === "string") assert.equal(error.code, code);
    else assert.match(error.code, code);
    return true;
  });
}
