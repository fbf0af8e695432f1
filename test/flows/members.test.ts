/** Members by API: list, role, deactivation, removal, transfer (PRODUCT 1.3, 1.6, 5; facts 4.4). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { loadMembership } from "../../src/store/people.ts";
import { saveSaml } from "../../src/store/saml-save.ts";
import { onEveryEngine } from "../engines.ts";
import { assertRefused, callWith, type World, withWorld } from "./organization-world.ts";

const roleOf = async ({ t, organizationId }: World, userId: number) =>
  (await loadMembership(t.store.db, organizationId, userId))?.role ?? null;

onEveryEngine("members", (engine) => {
  const world = async (
    config: Readonly<Record<string, string>>,
    work: (w: World) => Promise<void>,
  ) => await withWorld(engine, { config }, work);

  test("members are listed in the original's shape, with role and source", async () => {
    await world({}, async (w) => {
      const { status, body } = await w.owner("GET", `${w.at}/memberships?page=1`);
      assert.equal(status, 200);
      assert.equal(body.count, 7);
      assert.deepEqual([body.next, body.previous], [null, null]);
      const [first] = body.results;
      assert.equal(first.organization, w.organizationId);
      assert.deepEqual(
        [first.role, first.role_source, first.user_type],
        ["OW", "manual", "standard"],
      );
      assert.equal(first.user.email, "olga@contoso.com");
      assert.equal(first.user.initials, "OL");
    });
  });

  test("the list is searched, narrowed to roles, ordered and paged", async () => {
    await world({}, async (w) => {
      const emails = async (query: string) => {
        const { body } = await w.admin("GET", `${w.at}/memberships?${query}`);
        return body.results
          .map((member: { user: { email: string } }) => member.user.email[0])
          .join("");
      };
      assert.equal(await emails("search=NNA"), "a");
      assert.equal(await emails("search=contoso+ada"), "a");
      assert.equal(await emails("search=%25"), "");
      assert.equal(await emails("search=contoso&ordering=-email&page_size=3&page=2"), "mda");
      assert.equal(await emails("search=contoso&page=9"), "");
      const asked = async (query: string): Promise<number> =>
        (await w.admin("GET", `${w.at}/memberships?${query}`)).body.count;
      assert.equal(await asked("user_type=standard,flex"), 7);
      assert.equal(await asked("user_type=viewonly"), 0, "there are standard seats only");
      assert.equal(await asked("is_deleted=true"), 0, "whoever is removed is no member");
      assert.equal(await asked("is_deleted=false"), 7);
      const { userId } = w.people.AN;
      await w.t.store.db
        .updateTable("memberships")
        .where("user_id", "=", userId)
        .set({ last_sign_in_at: Date.parse("2026-03-01T12:00:00Z") })
        .execute();
      assert.equal(await asked("user__last_activity__gte=2026-03-01T12:00:00"), 1);
      assert.equal(await asked("user__last_activity__gte=2026-03-01T13:00:00%2B01:00"), 1);
      assert.equal(await asked("user__last_activity__gte=2026-03-02"), 0);
      assert.equal(await asked("user__last_activity__lte=2026-03-02"), 1);
      const wrong = await w.admin(
        "GET",
        `${w.at}/memberships?user_type=gold&user__last_activity__gte=soon`,
      );
      assert.deepEqual(Object.keys(wrong.body.validation_errors), [
        "user_type",
        "user__last_activity__gte",
      ]);
      const beyond = await w.admin("GET", `${w.at}/memberships?search=nna&page=9`);
      assert.equal(beyond.body.count, 1);
      const user_id = w.people.RE.userId;
      const renamed = { first_name: "Zoë", last_name: "Ärztin O_Neil" };
      await w.owner("PATCH", `/api/users/${user_id}/`, renamed);
      // Letters beyond ASCII are found as they were typed, on every engine.
      for (const word of ["zoë", "Zoë", "ZOë", "Ärzt", "ÄrZTIN", "o_n"]) {
        assert.equal(await emails(`search=${encodeURIComponent(word)}`), "r", word);
      }
      assert.equal(await emails("search=oxn"), "");
      assert.equal(await emails("role=AD,MA"), "am");
      assert.equal(await emails("role=AD&role=DI"), "ad");
      assert.equal(await emails("ordering=-email"), "ronmdaa");
      assert.equal(await emails("ordering=user__email&page_size=3&page=2"), "mno");
      assert.equal(await emails("ordering=user__email&page_size=3&page=3"), "r");
      assert.equal(await emails("page=9"), "");
      const { body } = await w.admin("GET", `${w.at}/memberships?role=AD,MA,RE&page_size=1&page=2`);
      assert.match(
        body.next,
        /^http:\/\/localhost:\d+\/api\/organizations\/1\/memberships\?role=AD%2CMA%2CRE&page_size=1&page=3$/,
      );
      assert.match(body.previous, /page=1$/);
    });
  });

  test("a parameter that is unknown or wrong is refused by its name", async () => {
    await world({}, async (w) => {
      const { status, body } = await w.admin(
        "GET",
        `${w.at}/memberships?rolle=AD&page=0&ordering=x`,
      );
      assert.equal(status, 400);
      assert.deepEqual(
        new Set(Object.keys(body.validation_errors)),
        new Set(["ordering", "page", "rolle"]),
      );
    });
  });

  test("people below Administrator neither see nor change members", async () => {
    await world({}, async (w) => {
      for (const role of ["MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        assert.equal((await call("GET", `${w.at}/memberships`)).status, 403);
        const patch = { user_id: w.people.NO.userId, role: "AN" };
        assertRefused(
          await call("PATCH", `${w.at}/memberships`, patch),
          403,
          /may not change roles/,
        );
      }
    });
  });

  test("a role is changed, and role_source says who set it last", async () => {
    await world({}, async (w) => {
      const user_id = w.people.AN.userId;
      const changed = await w.admin("PATCH", `${w.at}/memberships`, { user_id, role: "RE" });
      assert.equal(changed.status, 200, changed.text);
      assert.deepEqual([changed.body.role, changed.body.role_source], ["RE", "api"]);
      const one = await w.admin("GET", `${w.at}/memberships/${user_id}/`);
      assert.deepEqual([one.body.user, one.body.role], [user_id, "RE"]);
    });
  });

  test("a foreign organization or person answers exactly as a missing one", async () => {
    await world({}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const missing = 99_999;
      const strip = ({ body }: { body: Record<string, unknown> }) => ({ ...body, id: "" });
      const same = async (
        method: "GET" | "PATCH" | "DELETE" | "POST",
        url: (organization: number, user: number) => string,
        body?: (user: number) => unknown,
      ) => {
        const asks = async (organization: number, user: number) => {
          const answer = await w.owner(method, url(organization, user), body?.(user));
          assert.equal(answer.status, 404, answer.text);
          return strip(answer);
        };
        assert.deepEqual(
          await asks(other.organizationId, other.userId),
          await asks(missing, missing),
        );
        assert.deepEqual(
          await asks(w.organizationId, other.userId),
          await asks(w.organizationId, missing),
        );
      };
      await same("GET", (o, u) => `/api/organizations/${o}/memberships/${u}/`);
      await same("DELETE", (o, u) => `/api/organizations/${o}/memberships/${u}/`);
      await same("POST", (o, u) => `/api/organizations/${o}/memberships/${u}/deactivate`);
      await same(
        "PATCH",
        (o) => `/api/organizations/${o}/memberships`,
        (u) => ({ user_id: u, role: "AN" }),
      );
      await same(
        "POST",
        (o) => `/api/organizations/${o}/transfer`,
        (u) => ({ user_id: u }),
      );
      assert.equal(
        (await w.owner("GET", `/api/organizations/${other.organizationId}/memberships`)).status,
        404,
      );
    });
  });

  test("deactivating a person ends their sessions and tokens in the same transaction", async () => {
    await world({}, async (w) => {
      const { userId, email } = w.people.AN;
      const anna = await w.callAs(email);
      const cookie = await w.t.signedInCookie(email, w.organizationId);
      assert.equal((await anna("GET", "/api/current-user/whoami")).status, 200);
      const done = await w.admin("POST", `${w.at}/memberships/${userId}/deactivate`);
      assert.deepEqual([done.status, done.body.role], [200, "DI"], done.text);
      assert.equal((await anna("GET", "/api/current-user/whoami")).status, 401);
      const visit = await w.t.app.inject({ url: "/api/current-user/whoami", headers: { cookie } });
      assert.equal(visit.statusCode, 401);
    });
  });

  test("removing a person ends what they had here, and leaves their account and other places", async () => {
    await world({}, async (w) => {
      const { userId, email } = w.people.MA;
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      await w.t.addMember({ organizationId: other.organizationId, email, role: "AN" });
      const elsewhere = callWith(w.t, await w.t.apiToken(email, other.organizationId));
      const here = await w.callAs(email);
      assert.equal((await w.admin("DELETE", `${w.at}/memberships/${userId}/`)).status, 204);
      assert.equal(await roleOf(w, userId), null);
      assert.equal((await here("GET", "/api/current-user/whoami")).status, 401);
      assert.equal((await elsewhere("GET", "/api/current-user/whoami")).status, 200);
      assert.equal((await w.admin("DELETE", `${w.at}/memberships/${userId}/`)).status, 404);
    });
  });

  test("nobody removes or deactivates themselves", async () => {
    await world({}, async (w) => {
      const { userId } = w.people.AD;
      assertRefused(await w.admin("DELETE", `${w.at}/memberships/${userId}/`), 405, /themselves/);
      const off = await w.admin("PATCH", `${w.at}/memberships`, { user_id: userId, role: "DI" });
      assertRefused(off, 403, /themselves/);
      assert.equal(await roleOf(w, userId), "AD");
    });
  });

  test("the Owner is given, changed and removed by nothing but transfer", async () => {
    await world({}, async (w) => {
      const owner = w.people.OW.userId;
      for (const call of [w.admin, w.owner]) {
        const lower = await call("PATCH", `${w.at}/memberships`, { user_id: owner, role: "AD" });
        assertRefused(lower, 403, /by transfer alone/);
        const raise = { user_id: w.people.AD.userId, role: "OW" };
        assertRefused(await call("PATCH", `${w.at}/memberships`, raise), 403, /by transfer alone/);
      }
      assertRefused(await w.admin("DELETE", `${w.at}/memberships/${owner}/`), 403, /transfer/);
      assert.equal(await roleOf(w, owner), "OW");
    });
  });

  test("the Owner alone hands the organization over, to an active member, and becomes Administrator", async () => {
    await world({ MANUAL_ROLE_MANAGEMENT: "0" }, async (w) => {
      const { OW, AD, MA, NO } = w.people;
      const hand = { user_id: MA.userId };
      assert.equal((await w.admin("POST", `${w.at}/transfer`, hand)).status, 403);
      assert.equal((await w.owner("POST", `${w.at}/transfer`, { user_id: NO.userId })).status, 409);
      assert.equal((await w.owner("POST", `${w.at}/transfer`, { user_id: OW.userId })).status, 409);
      const done = await w.owner("POST", `${w.at}/transfer`, hand);
      assert.deepEqual([done.status, done.body.role], [200, "OW"], done.text);
      assert.deepEqual([await roleOf(w, OW.userId), await roleOf(w, MA.userId)], ["AD", "OW"]);
      assert.equal((await w.owner("POST", `${w.at}/transfer`, { user_id: AD.userId })).status, 403);
    });
  });

  test("where roles are managed by groups, changing one is 403 and names the flag; reading and deactivation work", async () => {
    await world({ MANUAL_ROLE_MANAGEMENT: "0" }, async (w) => {
      const user_id = w.people.AN.userId;
      for (const role of ["AD", "RE", "NO", "AN"]) {
        const answer = await w.owner("PATCH", `${w.at}/memberships`, { user_id, role });
        assertRefused(answer, 403, /MANUAL_ROLE_MANAGEMENT/);
      }
      assert.equal((await w.owner("GET", `${w.at}/memberships`)).status, 200);
      const off = await w.admin("PATCH", `${w.at}/memberships`, { user_id, role: "DI" });
      assert.equal(off.body.role, "DI", off.text);
      // What hands took in an emergency, hands undo: to no access, from where groups give the role.
      const raised = await w.admin("PATCH", `${w.at}/memberships`, { user_id, role: "AN" });
      assertRefused(raised, 403, /MANUAL_ROLE_MANAGEMENT/);
      const lifted = await w.admin("PATCH", `${w.at}/memberships`, { user_id, role: "NO" });
      assert.equal(lifted.body.role, "NO", lifted.text);
    });
  });

  test("the organization's manual_role_management goes before the server's flag, either way", async () => {
    for (const [server, own, status] of [
      ["1", false, 403],
      ["0", true, 200],
    ] as const) {
      await world({ MANUAL_ROLE_MANAGEMENT: server }, async (w) => {
        await w.t.store.transaction(async (tx) => {
          await saveSaml(tx, {
            organizationId: w.organizationId,
            settings: { ...defaultSamlSettings, manualRoleManagement: own },
            actorUserId: w.people.OW.userId,
            at: w.t.clock.nowMs,
          });
        });
        const patch = { user_id: w.people.AN.userId, role: "RE" };
        assert.equal((await w.admin("PATCH", `${w.at}/memberships`, patch)).status, status);
      });
    }
  });

  test("a step into access without a free seat is refused, and one among the seated is not", async () => {
    await world({}, async (w) => {
      // Owner, Administrator, Manager, Reviewer and Annotator are seated.
      await w.t.store.db.updateTable("organizations").set({ seat_limit: 5 }).execute();
      const { NO, AN } = w.people;
      const none = await w.admin("PATCH", `${w.at}/memberships`, {
        user_id: NO.userId,
        role: "AN",
      });
      assertRefused(none, 409, /All 5 seats are taken/);
      const among = { user_id: AN.userId, role: "RE" };
      assert.equal((await w.admin("PATCH", `${w.at}/memberships`, among)).status, 200);
    });
  });

  test("two Administrators without an Owner cannot remove one another", async () => {
    await world({}, async (w) => {
      const { organizationId, people } = w;
      const second = await w.t.addMember({ organizationId, email: "abel@contoso.com", role: "AD" });
      // An Owner is missing only where somebody wrote to the database; the rule holds even then.
      await w.t.store.db
        .updateTable("memberships")
        .where("role", "=", "OW")
        .set({ role: "MA" })
        .execute();
      const abel = await w.callAs(second.email);
      const answers = await Promise.all([
        w.admin("DELETE", `${w.at}/memberships/${second.userId}/`),
        abel("DELETE", `${w.at}/memberships/${people.AD.userId}/`),
      ]);
      const left = [await roleOf(w, second.userId), await roleOf(w, people.AD.userId)];
      assert.deepEqual(left.filter((role) => role === "AD").length, 1);
      assert.equal(answers.filter(({ status }) => status === 204).length, 1);
      const last =
        left[0] === "AD"
          ? { call: abel, id: second.userId }
          : { call: w.admin, id: people.AD.userId };
      const lower = await last.call("PATCH", `${w.at}/memberships`, {
        user_id: last.id,
        role: "MA",
      });
      assertRefused(lower, 403, /last active Administrator/);
    });
  });

  test("every change of a member stands in the audit log with its reason and from where", async () => {
    await world({}, async (w) => {
      await w.admin("PATCH", `${w.at}/memberships`, { user_id: w.people.AN.userId, role: "MA" });
      const row = await w.t.store.db
        .selectFrom("audit_log")
        .where("action", "=", "role_set")
        .selectAll()
        .executeTakeFirstOrThrow();
      assert.equal(row.actor_user_id, w.people.AD.userId);
      assert.equal(row.subject_user_id, w.people.AN.userId);
      assert.equal(row.ip, "127.0.0.1");
      assert.match(row.reasons, /set by API: Manager instead of Annotator/);
    });
  });
});
