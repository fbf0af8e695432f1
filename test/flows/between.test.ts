/**
 * Who asks, and what they proved, is found out before the transaction of their change begins. Here
 * somebody puts them out right between the two (DESIGN 5): nothing may be left behind by then, neither a
 * session nor a token, an invitation, a role or a setting.
 */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { beginRecovery, completeRecovery } from "../../src/people/recover.ts";
import { signInByPassword } from "../../src/people/sign-in.ts";
import { signUp } from "../../src/people/sign-up.ts";
import { loadOrganization } from "../../src/store/organizations.ts";
import { lockAccount } from "../../src/store/people.ts";
import type { TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { sessionHeaders, type World, withWorld } from "./organization-world.ts";
import { SsoWorld } from "./sso-world.ts";

const password = "between two moments";
const visitor = {
  ...{ ip: "192.0.2.80", userAgent: "between", requestId: "between" },
  previousSessionHash: null,
};

/** The application's next transaction begins once `act` is over. */
function beforeNext({ store }: TestApp, act: () => Promise<unknown>): void {
  const { transaction } = store;
  const late: typeof transaction = async (work) => {
    Object.assign(store, { transaction });
    await act();
    return await transaction(work);
  };
  Object.assign(store, { transaction: late });
}

onEveryEngine("put out between asking and doing", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);
  const count = async (
    { t }: World,
    table: "sessions" | "api_tokens" | "invites",
    userId?: number,
  ) => {
    let rows = t.store.db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as("rows"));
    if (userId !== undefined) rows = rows.where("user_id" as "id", "=", userId);
    return Number((await rows.executeTakeFirstOrThrow()).rows);
  };
  const recover = async ({ t }: World, email: string) => {
    const made = await beginRecovery(t.deps, { email, makesOwner: true, organizationId: 1 });
    assert.equal(made.outcome, "link");
    const token = new URL(made.url).searchParams.get("token") ?? "";
    await completeRecovery(t.deps, { token, password: "a brand new one", visitor });
  };
  const deactivate = async (w: World, who: keyof World["people"]) => {
    const url = `${w.at}/memberships/${w.people[who].userId}/deactivate`;
    assert.equal((await w.owner("POST", url)).status, 200);
  };
  const withPassword = async (w: World) =>
    await w.t.addMember({
      ...{ organizationId: w.organizationId, email: "paul@contoso.com", role: "AD", password },
    });

  test("a password that was proved opens nothing once the account was recovered", async () => {
    await world(async (w) => {
      const { userId, email } = await withPassword(w);
      beforeNext(w.t, () => recover(w, email));
      const form = { email, password, keep: false, visitor };
      await assert.rejects(signInByPassword(w.t.deps, form), { code: "password_sign_in_failed" });
      assert.equal(await count(w, "sessions", userId), 1, "the recovery's own");
    });
  });

  test("nor does it open an organization that put the person out, or join another", async () => {
    await world(async (w) => {
      const { userId, email } = await withPassword(w);
      beforeNext(w.t, () =>
        w.owner("PATCH", `${w.at}/memberships`, { user_id: userId, role: "DI" }),
      );
      const form = { email, password, keep: false, visitor };
      await assert.rejects(signInByPassword(w.t.deps, form), { code: "sign_in_deactivated" });
      assert.equal(await count(w, "sessions", userId), 0);
      const elsewhere = await w.t.createOrganizationWithOwner({ title: "Elsewhere" });
      const organization = await loadOrganization(w.t.store.db, elsewhere.organizationId);
      await w.owner("PATCH", `${w.at}/memberships`, { user_id: userId, role: "AD" });
      beforeNext(w.t, () => recover(w, email));
      const joining = {
        ...{ inviteToken: organization?.inviteToken ?? "", organizationTitle: "" },
        ...{ firstName: "Paul", lastName: "P", email, password },
      };
      await assert.rejects(signUp(w.t.deps, joining, visitor), { code: "password_sign_in_failed" });
    });
  });

  test("whoever is put out while they make a token has none when they are let in again", async () => {
    await world(async (w) => {
      const { userId, email } = w.people.MA;
      const cookie = await w.t.signedInCookie(email, w.organizationId);
      const mary = await w.callAs(email);
      const bySession = async (url: string) =>
        await w.t.app.inject({
          ...{ method: "POST", url, payload: {} },
          headers: sessionHeaders(w.t, cookie),
        });
      beforeNext(w.t, () => deactivate(w, "MA"));
      assert.equal((await bySession("/api/current-user/reset-token/")).statusCode, 401);
      assert.equal(await count(w, "api_tokens", userId), 0);
      await w.owner("PATCH", `${w.at}/memberships`, { user_id: userId, role: "MA" });
      assert.equal((await mary("GET", "/api/current-user/whoami")).status, 401);
    });
  });

  for (const how of ["token", "rotation"] as const) {
    test(`a recovery in the middle of a ${how} leaves the thief none`, async () => {
      await world(async (w) => {
        const { userId, email } = w.people.AD;
        const thief = await w.callAs(email);
        const { token: refresh } = (await thief("POST", "/api/token/")).body;
        beforeNext(w.t, () => recover(w, email));
        const answer =
          how === "token"
            ? await thief("POST", "/api/current-user/reset-token/")
            : await thief("POST", "/api/token/rotate/", { refresh });
        assert.equal(answer.status, 401, answer.text);
        assert.equal(await count(w, "api_tokens", userId), 0);
      });
    });
  }

  test("a demoted Administrator invites nobody, gives no role, makes no SCIM token and saves nothing", async () => {
    await world(async (w) => {
      const user = { user_id: w.people.AN.userId };
      const { body: before } = await w.owner("GET", "/api/saml/settings");
      for (const [method, url, body] of [
        ["POST", "/api/invite/send-email", { emails: ["a@b.de"], role: "AD" }],
        ["PATCH", `${w.at}/memberships`, { ...user, role: "AD" }],
        ["DELETE", `${w.at}/memberships/${w.people.AN.userId}/`, undefined],
        ["POST", "/api/users/", { email: "new@b.de" }],
        ["POST", "/api/scim/tokens", { name: "late" }],
        ["POST", "/api/saml/settings", { domain: "late.example" }],
        ["DELETE", "/api/saml/settings", undefined],
        ["POST", "/api/scim/settings", { roles_groups: [["Administrator", "late"]] }],
        ["PATCH", `${w.at}/set-default-role`, { default_role: "AD" }],
      ] as const) {
        const role = async (to: string) =>
          await w.owner("PATCH", `${w.at}/memberships`, { user_id: w.people.AD.userId, role: to });
        beforeNext(w.t, () => role("MA"));
        const answer = await w.admin(method, url, body);
        assert.equal(answer.status, 403, `${method} ${url} ${answer.text}`);
        await role("AD");
      }
      assert.deepEqual((await w.owner("GET", "/api/saml/settings")).body, before);
      assert.deepEqual((await w.owner("GET", "/api/scim/tokens")).body, []);
      assert.equal(await count(w, "invites"), 0);
      const anna = await w.owner("GET", `${w.at}/memberships/${w.people.AN.userId}`);
      assert.equal(anna.body.role, "AN");
    });
  });

  test("a demoted Manager brings nobody into a workspace", async () => {
    await world(async (w) => {
      const mary = await w.callAs(w.people.MA.email);
      const { id } = (await mary("POST", "/api/workspaces", { title: "Desk" })).body;
      beforeNext(w.t, () =>
        w.owner("PATCH", `${w.at}/memberships`, { user_id: w.people.MA.userId, role: "AN" }),
      );
      const added = await mary("POST", `/api/workspaces/${id}/memberships/`, {
        user: w.people.AN.userId,
      });
      assert.equal(added.status, 403, added.text);
    });
  });

  test("of two Administrators who put each other out at once, one stays", async () => {
    await world(async (w) => {
      const other = await w.t.addMember({
        ...{ organizationId: w.organizationId, email: "adele@contoso.com", role: "AD" },
      });
      const adele = await w.callAs(other.email);
      const answers = await Promise.all([
        w.admin("POST", `${w.at}/memberships/${other.userId}/deactivate`),
        adele("POST", `${w.at}/memberships/${w.people.AD.userId}/deactivate`),
      ]);
      const done = answers.filter(({ status }) => status === 200);
      assert.equal(done.length, 1, answers.map(({ text }) => text).join("\n"));
    });
  });

  test("an invitation to somebody who is being deactivated does not outlive it", async () => {
    await world(async (w) => {
      const { userId, email } = w.people.NO;
      beforeNext(w.t, () => deactivate(w, "NO"));
      const emails = [email];
      const made = await w.admin("POST", "/api/invite/send-email", { emails, role: "AN" });
      assert.equal(made.status, 400, made.text);
      assert.equal(await count(w, "invites"), 0);
      assert.equal(await count(w, "sessions", userId), 0);
    });
  });

  // SQLite has one writer at a time: nobody reads while another is at it.
  if (engine.name === "postgres") {
    for (const [who, role, status] of [
      ["NO", "DI", 400],
      ["AD", "MA", 403],
    ] as const) {
      test(`an invitation waits for what becomes of its ${who === "NO" ? "person" : "maker"}`, async () => {
        await world(async (w) => {
          const { userId, email } = w.people[who];
          const gate = new EventEmitter();
          const [held, released] = [once(gate, "held"), once(gate, "released")];
          const changing = w.t.store.transaction(async (tx) => {
            await lockAccount(tx, userId);
            await tx
              .updateTable("memberships")
              .where("user_id", "=", userId)
              .set({ role })
              .execute();
            gate.emit("held");
            await released;
          });
          await held;
          const emails = [who === "NO" ? email : "new@contoso.com"];
          const inviting = w.admin("POST", "/api/invite/send-email", { emails, role: "AN" });
          await pause(200);
          gate.emit("released");
          await changing;
          assert.equal((await inviting).status, status);
          assert.equal(await count(w, "invites"), 0);
        });
      });
    }
  }

  test("a sign-on by SAML grants nothing by settings that were reset meanwhile", async () => {
    const sso = await SsoWorld.open(engine);
    const { test: t, organizationId } = sso;
    await sso.saveSettings({ roles: [{ role: "AD", group: "Admins" }] });
    const owner = `Token ${await t.apiToken("owner@contoso.com", organizationId)}`;
    const browser = sso.browser();
    const inResponseTo = await sso.begin(browser);
    const response = sso.respond({ inResponseTo, groups: ["Admins"] });
    beforeNext(t, async () => {
      const headers = { authorization: owner };
      await t.app.inject({ method: "DELETE", url: "/api/saml/settings", headers });
    });
    const answer = await browser.post(sso.path("acs"), { SAMLResponse: response });
    assert.match(String(answer.headers["location"]), /denied/);
    assert.equal(await sso.lastCode(), "saml_not_configured");
    assert.equal(await sso.roleOf("alice@contoso.com"), null);
    await t.close();
  });

  test("a sign-on by SAML goes by mappings that were saved meanwhile", async () => {
    const sso = await SsoWorld.open(engine);
    await sso.saveSettings({ roles: [{ role: "AD", group: "Staff" }] });
    const browser = sso.browser();
    const inResponseTo = await sso.begin(browser);
    const response = sso.respond({ inResponseTo, groups: ["Staff"] });
    beforeNext(sso.test, () => sso.saveSettings({ roles: [{ role: "AN", group: "Staff" }] }));
    const answer = await browser.post(sso.path("acs"), { SAMLResponse: response });
    assert.equal(answer.headers["location"], "/");
    assert.equal((await sso.roleOf("alice@contoso.com"))?.role, "AN");
    await sso.test.close();
  });
});
