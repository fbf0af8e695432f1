/** Invitations by API, the mail that carries them, and seats under a rush (PRODUCT 1.7, 5, 9.7). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hashToken } from "../../src/credentials/tokens.ts";
import { createInvite } from "../../src/store/invites.ts";
import { loadOrganization } from "../../src/store/organizations.ts";
import { findUserByEmail, loadMembership } from "../../src/store/people.ts";
import { onEveryEngine } from "../engines.ts";
import { Visitor } from "../visit.ts";
import { mailServer } from "./mail-server.ts";
import { assertRefused, callWith, type World, withWorld } from "./organization-world.ts";
import { SsoWorld } from "./sso-world.ts";

const newcomer = { firstName: "Ada", lastName: "Love", password: "analytical engines" };
const path = (url: string) => new URL(url).pathname + new URL(url).search;

onEveryEngine("invitations", (engine) => {
  const world = async (
    config: Readonly<Record<string, string>>,
    work: (w: World) => Promise<void>,
  ) => await withWorld(engine, { config }, work);

  test("without mail, invites come back as links to copy, and each gives its role once", async () => {
    await world({}, async (w) => {
      const emails = ["Ada@Contoso.com", "ben@contoso.com", "ada@contoso.com"];
      const made = await w.admin("POST", "/api/invite/send-email", { emails, role: "RE" });
      assert.equal(made.status, 200, made.text);
      const [ada, ben] = made.body.invites;
      assert.equal(made.body.invites.length, 2);
      assert.deepEqual([ada.email, ada.role, ada.is_sent], ["ada@contoso.com", "RE", false]);
      assert.notEqual(ada.invite_url, ben.invite_url);
      const open = await w.admin("GET", "/api/invites");
      assert.deepEqual(
        open.body.map((i: { email: string }) => i.email),
        ["ada@contoso.com", "ben@contoso.com"],
      );
      assert.doesNotMatch(open.text, /token/);
      const form = { ...newcomer, email: "ada@contoso.com" };
      const joined = await new Visitor(w.t.app).submit(path(ada.invite_url), "/user/signup", form);
      assert.equal(joined.status, 303);
      const user = await findUserByEmail(w.t.store.db, "ada@contoso.com");
      const membership = await loadMembership(w.t.store.db, w.organizationId, user?.id ?? 0);
      assert.equal(membership?.role, "RE");
      assert.equal((await new Visitor(w.t.app).get(path(ada.invite_url))).status, 404);
    });
  });

  test("with mail, the invite is sent and its link is nobody else's to see", async () => {
    const mail = await mailServer();
    try {
      await world(
        { SMTP_URL: mail.url, MAIL_FROM: "Labelgate <no-reply@contoso.com>" },
        async (w) => {
          const emails = ["ada@contoso.com"];
          const made = await w.owner("POST", "/api/invite/send-email", { emails, role: "AD" });
          assert.deepEqual(
            made.body.invites.map((i: Record<string, unknown>) => [i["is_sent"], i["invite_url"]]),
            [[true, null]],
            made.text,
          );
          assert.equal(mail.mails.length, 1);
          assert.match(mail.mails[0] ?? "", /To: ada@contoso\.com/);
          assert.match(mail.mails[0] ?? "", /join Contoso as Administrator/);
          assert.match(mail.mails[0] ?? "", /\/user\/signup\/\?token=/);
        },
      );
    } finally {
      mail.close();
    }
  });

  test("where the mail server is gone, the link comes back to copy", async () => {
    const smtp = { SMTP_URL: "smtp://user:hush@127.0.0.1:9", MAIL_FROM: "no-reply@contoso.com" };
    await world(smtp, async (w) => {
      const emails = ["ada@contoso.com"];
      const made = await w.owner("POST", "/api/invite/send-email", { emails, role: "AN" });
      assert.equal(made.body.invites[0].is_sent, false, made.text);
      assert.match(made.body.invites[0].invite_url, /signup/);
      assert.match(w.t.log(), /a mail was not taken/);
      assert.doesNotMatch(w.t.log(), /hush/);
    });
  });

  test("an invite without a role gives the organization's default role", async () => {
    await world({}, async (w) => {
      const made = await w.admin("POST", "/api/invite/send-email", { emails: ["a@b.de"] });
      assert.equal(made.body.invites[0].role, "AN");
    });
  });

  test("nobody invites above their own rank, and nobody an Owner", async () => {
    await world({}, async (w) => {
      const owner = { emails: ["a@b.de"], role: "OW" };
      assertRefused(await w.owner("POST", "/api/invite/send-email", owner), 403, /transfer/);
      const manager = await w.callAs(w.people.MA.email);
      const low = { emails: ["a@b.de"], role: "AN" };
      assert.equal((await manager("POST", "/api/invite/send-email", low)).status, 403);
    });
  });

  test("an invite gives its workspaces and projects with its role, and what is gone by then is left out", async () => {
    await world({}, async (w) => {
      const made = async (url: string, body: object): Promise<number> =>
        (await w.admin("POST", url, body)).body.id;
      const workspaces = [
        await made("/api/workspaces/", { title: "Radiology" }),
        await made("/api/workspaces/", { title: "Gone" }),
      ];
      const projects = [await made("/api/projects/", { title: "Scans" })];
      const invite = await w.admin("POST", "/api/invite/send-email", {
        ...{ emails: ["ada@contoso.com"], role: "AN", user_type: "standard" },
        ...{ workspaces, projects },
      });
      assert.equal(invite.status, 200, invite.text);
      const [open] = (await w.admin("GET", "/api/invites")).body;
      assert.deepEqual([open.workspaces, open.projects], [workspaces, projects]);
      assert.equal((await w.admin("DELETE", `/api/workspaces/${workspaces[1]}/`)).status, 204);
      const [{ invite_url: url }] = invite.body.invites;
      const form = { ...newcomer, email: "ada@contoso.com" };
      const joined = await new Visitor(w.t.app).submit(path(url), "/user/signup", form);
      assert.equal(joined.status, 303);
      const ada = await findUserByEmail(w.t.store.db, "ada@contoso.com");
      const { body: inWorkspace } = await w.admin(
        "GET",
        `/api/workspaces/${workspaces[0]}/memberships/`,
      );
      assert.ok(inWorkspace.some((one: { user: { id: number } }) => one.user.id === ada?.id));
      const { db } = w.t.store;
      const grants = await db
        .selectFrom("project_members")
        .where("user_id", "=", ada?.id ?? 0)
        .select(["project_id", "source", "role"])
        .execute();
      assert.deepEqual(grants, [{ project_id: projects[0], source: "manual", role: "IN" }]);
    });
  });

  test("an invite to what the organization does not have, or what groups decide, is refused", async () => {
    await world({}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const theirs = await w.t.store.db
        .insertInto("projects")
        .values({ organization_id: other.organizationId, title: "Theirs", created_at: 1 })
        .returning("id")
        .executeTakeFirstOrThrow();
      const places = { workspaces: [987_654], projects: [theirs.id] };
      const invite = { emails: ["ada@contoso.com"], role: "AN", ...places };
      const refused = await w.owner("POST", "/api/invite/send-email", invite);
      assert.equal(refused.status, 400);
      assert.deepEqual(Object.keys(refused.body.validation_errors), ["workspaces", "projects"]);
      assert.doesNotMatch(refused.text, /Theirs|Fabrikam/);
      assert.deepEqual((await w.owner("GET", "/api/invites")).body, []);
    });
    await world({ MANUAL_WORKSPACE_MANAGEMENT: "0" }, async (w) => {
      const { body } = await w.admin("POST", "/api/workspaces/", { title: "Radiology" });
      const invite = { emails: ["ada@contoso.com"], role: "AN", workspaces: [body.id] };
      const refused = await w.owner("POST", "/api/invite/send-email", invite);
      assertRefused(refused, 403, /MANUAL_WORKSPACE_MANAGEMENT/);
      const without = { ...invite, workspaces: [] };
      assert.equal((await w.owner("POST", "/api/invite/send-email", without)).status, 200);
    });
  });

  test("what is wrong with an invitation is said by field, and nobody is invited", async () => {
    await world({}, async (w) => {
      const body = {
        emails: ["a@b.de", "nobody"],
        role: "DI",
        workspaces: ["x"],
        user_type: "flex",
      };
      const wrong = await w.admin("POST", "/api/invite/send-email", body);
      assert.equal(wrong.status, 400);
      const { validation_errors: errors } = wrong.body;
      assert.deepEqual(
        new Set(Object.keys(errors)),
        new Set(["emails", "role", "workspaces", "user_type"]),
      );
      assert.match(errors.emails[0], /^Entry 2: This is not an e-mail address/);
      const members = { emails: ["new@b.de", w.people.AN.email, w.people.DI.email], role: "AN" };
      const known = await w.admin("POST", "/api/invite/send-email", members);
      assert.equal(known.body.validation_errors.emails.length, 2, known.text);
      assert.deepEqual((await w.admin("GET", "/api/invites")).body, []);
    });
  });

  test("where roles are managed by groups, an invite with a role is 403 and names the flag; the link works", async () => {
    await world({ MANUAL_ROLE_MANAGEMENT: "0" }, async (w) => {
      const invite = async (role?: string) =>
        await w.owner("POST", "/api/invite/send-email", { emails: ["a@b.de"], role });
      assertRefused(await invite("AN"), 403, /MANUAL_ROLE_MANAGEMENT/);
      assertRefused(await invite(), 403, /MANUAL_ROLE_MANAGEMENT/);
      assert.equal((await invite("NO")).status, 200);
      assert.equal((await w.admin("GET", "/api/invite")).status, 200);
    });
  });

  test("where passwords are off, an invite that nobody could accept is refused", async () => {
    await world({ DISABLE_PASSWORD_LOGIN: "1" }, async (w) => {
      const asked = { emails: ["a@b.de"], role: "AN" };
      assertRefused(await w.owner("POST", "/api/invite/send-email", asked), 409, /password/);
    });
  });

  const endings: Readonly<Record<string, (w: World) => Promise<unknown>>> = {
    deactivated: (w) => w.owner("POST", `${w.at}/memberships/${w.people.AD.userId}/deactivate`),
    demoted: (w) =>
      w.owner("PATCH", `${w.at}/memberships`, { user_id: w.people.AD.userId, role: "MA" }),
    removed: (w) => w.owner("DELETE", `${w.at}/memberships/${w.people.AD.userId}/`),
  };
  for (const [how, end] of Object.entries(endings)) {
    test(`what somebody handed out who was ${how} since opens nothing, and does not come back with them`, async () => {
      await world({}, async (w) => {
        const emails = ["ada@contoso.com"];
        const made = await w.admin("POST", "/api/invite/send-email", { emails, role: "AD" });
        const byOwner = { emails: ["ben@contoso.com"], role: "AD" };
        const other = await w.owner("POST", "/api/invite/send-email", byOwner);
        await end(w);
        const join = async (url: string, email: string) =>
          await new Visitor(w.t.app).post("/user/signup", {
            ...{ ...newcomer, email },
            token: new URL(url).searchParams.get("token") ?? "",
          });
        const page = path(made.body.invites[0].invite_url);
        assert.equal((await new Visitor(w.t.app).get(page)).status, 404);
        assert.equal((await join(made.body.invites[0].invite_url, "ada@contoso.com")).status, 404);
        assert.equal(await findUserByEmail(w.t.store.db, "ada@contoso.com"), null);
        const open = await w.owner("GET", "/api/invites");
        assert.deepEqual(
          open.body.map(({ email }: { email: string }) => email),
          ["ben@contoso.com"],
        );
        assert.equal(
          (await new Visitor(w.t.app).get(path(other.body.invites[0].invite_url))).status,
          200,
        );
        if (how === "removed") return;
        const again = { user_id: w.people.AD.userId, role: "AD" };
        assert.equal((await w.owner("PATCH", `${w.at}/memberships`, again)).status, 200);
        assert.equal((await new Visitor(w.t.app).get(page)).status, 404);
      });
    });
  }

  test("an Owner who became Administrator by a transfer keeps what they handed out", async () => {
    await world({}, async (w) => {
      const emails = ["ada@contoso.com"];
      const made = await w.owner("POST", "/api/invite/send-email", { emails, role: "AD" });
      const hand = { user_id: w.people.AD.userId };
      assert.equal((await w.owner("POST", `${w.at}/transfer`, hand)).status, 200);
      const page = path(made.body.invites[0].invite_url);
      assert.equal((await new Visitor(w.t.app).get(page)).status, 200);
    });
  });

  test("what was handed out before the upgrade by somebody who may invite no more is not open", async () => {
    await world({}, async (w) => {
      const token = "an-invite-of-a-former-version";
      await createInvite(w.t.store.db, {
        ...{ organizationId: w.organizationId, tokenHash: hashToken(token) },
        ...{ email: "ada@contoso.com", role: "AD", createdBy: w.people.DI.userId },
        ...{ at: w.t.clock.now(), expiresAt: w.t.clock.now() + 60_000 },
      });
      assert.equal((await new Visitor(w.t.app).get(`/user/signup?token=${token}`)).status, 404);
      assert.deepEqual((await w.owner("GET", "/api/invites")).body, []);
    });
  });

  test("a revoked invite is worth nothing, and revoking it again is 404", async () => {
    await world({}, async (w) => {
      const emails = ["ada@contoso.com"];
      const made = await w.admin("POST", "/api/invite/send-email", { emails, role: "AN" });
      const revoke = async () =>
        await w.admin("POST", "/api/invite/revoke", { email: "ADA@contoso.com" });
      assert.equal((await revoke()).status, 204);
      assert.equal((await revoke()).status, 404);
      const link = path(made.body.invites[0].invite_url);
      assert.equal((await new Visitor(w.t.app).get(link)).status, 404);
    });
  });

  test("another organization neither sees nor revokes an invite", async () => {
    await world({}, async (w) => {
      await w.admin("POST", "/api/invite/send-email", { emails: ["ada@contoso.com"], role: "AN" });
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const theirs = callWith(w.t, await w.t.apiToken(other.email, other.organizationId));
      assert.deepEqual((await theirs("GET", "/api/invites")).body, []);
      const revoked = await theirs("POST", "/api/invite/revoke", { email: "ada@contoso.com" });
      assert.equal(revoked.status, 404);
    });
  });

  test("deactivating a person revokes the invite to their address", async () => {
    await world({}, async (w) => {
      const { userId, email } = w.people.NO;
      const made = await w.admin("POST", "/api/invite/send-email", { emails: [email], role: "AN" });
      assert.equal(made.status, 200, made.text);
      await w.admin("POST", `${w.at}/memberships/${userId}/deactivate`);
      assert.deepEqual((await w.admin("GET", "/api/invites")).body, []);
    });
  });

  test("fifty sign-ons and invites at once take the free seats and not one more", async () => {
    const sso = await SsoWorld.open(engine);
    try {
      const { test: t, organizationId } = sso;
      const { db } = t.store;
      const owner = callWith(t, await t.apiToken("owner@contoso.com", organizationId));
      const at = `/api/organizations/${organizationId}`;
      // The Owner has one seat, so ten are free.
      assert.equal((await owner("PATCH", at, { seat_limit: 11 })).status, 200);
      const emails = Array.from({ length: 20 }, (_, n) => `invited-${n}@contoso.com`);
      const made = await owner("POST", "/api/invite/send-email", { emails, role: "AN" });
      assert.equal(made.status, 200, made.text);
      const joins = made.body.invites.map(
        async ({ email, invite_url: url }: { email: string; invite_url: string }, n: number) =>
          (
            await new Visitor(t.app, { ip: `203.0.113.${n}` }).submit(path(url), "/user/signup", {
              ...newcomer,
              email,
            })
          ).status,
      );
      const signOns = Array.from({ length: 30 }, async (_, n) => {
        const says = { email: `signed-${n}@contoso.com` };
        return (await sso.signOn(sso.browser(`198.51.100.${n}`), says)).statusCode;
      });
      const statuses = await Promise.all([...joins, ...signOns]);
      assert.ok(
        statuses.every((status) => status === 303 || status === 302),
        statuses.join(),
      );
      const people = await db.selectFrom("memberships").select(["role"]).execute();
      assert.equal(people.length, 51);
      assert.equal(people.filter(({ role }) => role === "AN").length, 10);
      assert.equal(people.filter(({ role }) => role === "NO").length, 40);
      assert.equal((await loadOrganization(db, organizationId))?.seatsUsed, 11);
    } finally {
      await sso.test.close();
    }
  });
});
