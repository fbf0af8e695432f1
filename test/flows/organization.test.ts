/** The organization, the caller and other people's accounts by API (PRODUCT 1.1, 1.2, 1.7; facts 4.4). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyPassword } from "../../src/people/password.ts";
import { findUserByEmail, loadMembership } from "../../src/store/people.ts";
import { onEveryEngine } from "../engines.ts";
import { assertRefused, callWith, type World, withWorld } from "./organization-world.ts";

onEveryEngine("the organization", (engine) => {
  const world = async (
    config: Readonly<Record<string, string>>,
    work: (w: World) => Promise<void>,
  ) => await withWorld(engine, { config }, work);

  test("everybody active sees the one organization that their credential opened", async () => {
    await world({ MANUAL_WORKSPACE_MANAGEMENT: "0" }, async (w) => {
      await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      for (const role of ["OW", "AD", "MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        const list = await call("GET", "/api/organizations/");
        assert.deepEqual(
          list.body.map((o: { id: number; title: string }) => [o.id, o.title]),
          [[w.organizationId, "Contoso"]],
        );
        const { body } = await call("GET", `${w.at}`);
        assert.equal(body.default_role, "AN");
        assert.equal(body.billing.manual_role_management, true);
        assert.equal(body.billing.manual_workspace_management, false);
        assert.equal(body.seats_used, role === "OW" || role === "AD" ? 5 : undefined);
      }
    });
  });

  test("Not Activated and Deactivated people call nothing of it", async () => {
    await world({}, async (w) => {
      for (const role of ["NO", "DI"] as const) {
        const call = await w.callAs(w.people[role].email);
        for (const url of [w.at, `${w.at}/memberships`, "/api/users/", "/api/current-user"]) {
          const { status } = await call("GET", url);
          assert.ok(status === 401 || status === 403, `${role} ${url} ${status}`);
        }
      }
    });
  });

  test("the Owner changes title and seats; an Administrator the default role alone", async () => {
    await world({}, async (w) => {
      const changed = await w.owner("PATCH", w.at, { title: "  Contoso  AG ", seat_limit: 9 });
      assert.equal(changed.status, 200, changed.text);
      assert.deepEqual([changed.body.title, changed.body.seat_limit], ["Contoso AG", 9]);
      assert.equal((await w.owner("PATCH", w.at, { seat_limit: null })).body.seat_limit, null);
      assertRefused(await w.admin("PATCH", w.at, { title: "Mine" }), 403, /Administrator may not/);
      const set = await w.admin("PATCH", `${w.at}/set-default-role`, { default_role: "RE" });
      assert.deepEqual(set.body, { organization: w.organizationId, default_role: "RE" });
      assert.equal((await w.owner("GET", w.at)).body.default_role, "RE");
      const manager = await w.callAs(w.people.MA.email);
      const refused = await manager("PATCH", `${w.at}/set-default-role`, { default_role: "MA" });
      assert.equal(refused.status, 403);
    });
  });

  test("what is wrong with a change of the organization is said by field, and nothing is saved", async () => {
    await world({}, async (w) => {
      const body = { title: "", seat_limit: 0, token: "x", contact_info: "me" };
      const wrong = await w.owner("PATCH", w.at, { ...body });
      assert.equal(wrong.status, 400);
      assert.deepEqual(Object.keys(wrong.body.validation_errors).length, 4, wrong.text);
      assert.equal((await w.owner("GET", w.at)).body.title, "Contoso");
      for (const default_role of ["OW", "DI", "Annotator"]) {
        const role = await w.owner("PATCH", `${w.at}/set-default-role`, { default_role });
        assert.match(role.body.validation_errors.default_role[0], /AD, MA, RE, AN, NO/);
      }
    });
  });

  test("another organization answers exactly as a missing one", async () => {
    await world({}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      for (const id of [other.organizationId, 99_999, "x", "1e3", "99999999999"]) {
        const at = `/api/organizations/${id}`;
        assert.equal((await w.owner("GET", at)).status, 404, at);
        assert.equal((await w.owner("PATCH", at, { title: "Mine" })).status, 404);
        const set = await w.owner("PATCH", `${at}/set-default-role`, { default_role: "AD" });
        assert.equal(set.status, 404);
      }
    });
  });

  test("the current user is read and renamed, and a field that is not kept is refused", async () => {
    await world({}, async (w) => {
      const anna = await w.callAs(w.people.AN.email);
      const named = await anna("PATCH", "/api/current-user", {
        first_name: "Anna",
        last_name: "Ode",
      });
      assert.equal(named.status, 200, named.text);
      const { body } = await anna("GET", "/api/current-user");
      assert.deepEqual([body.first_name, body.last_name, body.initials], ["Anna", "Ode", "AO"]);
      const wrong = await anna("PATCH", "/api/current-user", {
        phone: "1",
        email: "b@contoso.com",
      });
      assert.deepEqual(Object.keys(wrong.body.validation_errors), ["phone"]);
      const moved = await anna("PATCH", "/api/current-user", { email: "b@contoso.com" });
      assert.match(moved.body.validation_errors.email[0], /not changed here/);
      const { first_name, phone, email } = body;
      const echoed = await anna("PATCH", "/api/current-user", { first_name, phone, email });
      assert.equal(echoed.status, 200, echoed.text);
    });
  });

  test("whoami names the permissions of the role", async () => {
    await world({}, async (w) => {
      const anna = await w.callAs(w.people.AN.email);
      const { body } = await anna("GET", "/api/current-user/whoami");
      assert.ok(body.permissions.includes("annotations:write"));
      assert.ok(!body.permissions.includes("members:write"));
    });
  });

  test("Managers and above see everybody's account, others their own", async () => {
    await world({}, async (w) => {
      const counts: Record<string, number> = {};
      for (const role of ["OW", "AD", "MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        counts[role] = (await call("GET", "/api/users/")).body.length;
        const other = await call("GET", `/api/users/${w.people.NO.userId}/`);
        assert.equal(other.status, role === "RE" || role === "AN" ? 404 : 200);
      }
      assert.deepEqual(counts, { OW: 7, AD: 7, MA: 7, RE: 1, AN: 1 });
      const page = await w.admin("GET", "/api/users/?page=2&page_size=5&ordering=email");
      assert.deepEqual([page.body.count, page.body.results.length], [7, 2]);
    });
  });

  test("a new account joins the caller's organization as Not Activated, without a seat", async () => {
    await world({ MANUAL_ROLE_MANAGEMENT: "0" }, async (w) => {
      await w.t.store.db.updateTable("organizations").set({ seat_limit: 5 }).execute();
      const made = await w.admin("POST", "/api/users/", {
        username: "New@Contoso.com",
        first_name: "Nia",
        password: "seven green bottles",
      });
      assert.equal(made.status, 201, made.text);
      assert.deepEqual(
        [made.body.email, made.body.organization_membership.role],
        ["new@contoso.com", "NO"],
      );
      const user = await findUserByEmail(w.t.store.db, "new@contoso.com");
      assert.ok(user?.passwordHash);
      assert.ok(await verifyPassword("seven green bottles", user.passwordHash));
      const again = await w.admin("POST", "/api/users/", { email: "new@contoso.com" });
      assertRefused(again, 409, /member already/);
    });
  });

  test("an account of another organization gains the membership and keeps name and password", async () => {
    await world({}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const before = await findUserByEmail(w.t.store.db, other.email);
      const email = other.email;
      const taken = await w.admin("POST", "/api/users/", {
        email,
        password: "seven green bottles",
      });
      assert.ok(taken.body.validation_errors.password, taken.text);
      const made = await w.admin("POST", "/api/users/", { email, first_name: "Mallory" });
      assert.equal(made.status, 201, made.text);
      assert.deepEqual(await findUserByEmail(w.t.store.db, email), before);
      const renamed = await w.admin("PATCH", `/api/users/${other.userId}/`, { first_name: "M" });
      assertRefused(renamed, 403, /not the organization's alone/);
      const joined = await loadMembership(w.t.store.db, w.organizationId, other.userId);
      assert.deepEqual([joined?.role, joined?.opensByPassword], ["NO", false]);
    });
  });

  test("a user name that is no address is taken beside one, and the address stays the user name", async () => {
    await world({}, async (w) => {
      const sent = { email: "Ada@Contoso.com", username: "ada.lovelace", first_name: "Ada" };
      const { status, body } = await w.admin("POST", "/api/users/", sent);
      assert.equal(status, 201);
      assert.deepEqual([body.email, body.username], ["ada@contoso.com", "ada@contoso.com"]);
    });
  });

  test("the members of a project are written as CSV, in which nothing computes", async () => {
    await world({}, async (w) => {
      const { body } = await w.owner("POST", "/api/projects/", { title: "Scans" });
      const base = `/api/projects/${body.id}/members`;
      const evil = await w.owner("POST", "/api/users/", {
        ...{ email: "eve@contoso.com", first_name: '=cmd|" /C calc"!A0', last_name: "Nul, Eve" },
      });
      assert.equal(evil.status, 201, JSON.stringify(evil.body));
      await w.owner("POST", `${base}/`, { user: evil.body.id });
      const answer = await w.owner("GET", `${base}/export/?implicit=false`);
      assert.equal(answer.status, 200);
      const [head, row, ...rest] = answer.text.split("\r\n");
      assert.match(head ?? "", /^id,email,first_name,last_name,role,project_role,/);
      const names = `"'=cmd|"" /C calc""!A0","Nul, Eve"`;
      assert.ok(row?.startsWith(`${evil.body.id},eve@contoso.com,${names},`), answer.text);
      assert.deepEqual(rest, [""]);
      assert.equal((await w.owner("GET", "/api/projects/987654/members/export")).status, 404);
      const wrong = await w.owner("GET", `${base}/export?tags=night`);
      assert.deepEqual(Object.keys(wrong.body.validation_errors), ["tags"]);
    });
  });

  test("members of a project are found, ordered and removed by their last activity, as the SDK names it", async () => {
    await world({}, async (w) => {
      const { body: project } = await w.admin("POST", "/api/projects/", { title: "Scans" });
      const base = `/api/projects/${project.id}/members`;
      const { AN, RE, MA } = w.people;
      const included = [AN.userId, RE.userId, MA.userId];
      await w.admin("POST", `${base}/bulk/`, { all: false, included });
      for (const [person, at] of [
        [AN, "2026-03-01T12:00:00Z"],
        [RE, "2026-04-01T12:00:00Z"],
      ] as const) {
        await w.t.store.db
          .updateTable("memberships")
          .where("user_id", "=", person.userId)
          .set({ last_sign_in_at: Date.parse(at) })
          .execute();
      }
      const found = async (query: string): Promise<string> => {
        const url = `${base}/paginated/?implicit=false&${query}`;
        const { status, body, text } = await w.admin("GET", url);
        assert.equal(status, 200, text);
        return body.results.map(({ email }: { email: string }) => email.slice(0, 1)).join("");
      };
      assert.equal(await found("last_activity__gte=2026-04-01"), "r");
      assert.equal(await found("last_activity__lte=2026-03-01T13:00:00%2B01:00"), "a");
      assert.equal(
        await found("last_activity__lte=2026-05-01"),
        "ra",
        "who never came is in neither",
      );
      assert.equal(await found("ordering=-last_activity"), "ram");
      assert.equal(await found("ordering=last_activity"), "mar");
      assert.equal(await found("user_type=standard,flex"), "mra");
      assert.equal(await found("user_type=flex"), "");
      const wrong = await w.admin("GET", `${base}/paginated/?last_activity__gte=soon`);
      assert.match(wrong.body.validation_errors.last_activity__gte[0], /Send a time/);
      const none = await w.admin("DELETE", `${base}/bulk/?all=true&user_type=viewonly`);
      assert.equal(none.body.unassignments, 0, "and never everybody");
      const old = await w.admin("DELETE", `${base}/bulk/?all=true&last_activity__lte=2026-03-15`);
      assert.equal(old.body.unassignments, 1);
      assert.equal(await found(""), "mr");
      const { body } = await w.admin("GET", `${w.at}/memberships?ordering=-user__last_activity`);
      assert.deepEqual(
        body.results.slice(0, 2).map(({ role }: { role: string }) => role),
        ["RE", "AN"],
      );
      const every = await w.admin("GET", "/api/activity-logs/?method=all");
      assert.ok(every.body.recordsFiltered > 0 && every.body.data[0].request_method !== "all");
    });
  });

  test("an account is not made without an address, with two, or for another organization", async () => {
    await world({}, async (w) => {
      const problems = async (body: unknown) =>
        Object.keys((await w.admin("POST", "/api/users/", body)).body.validation_errors ?? {});
      assert.deepEqual(await problems({}), ["email"]);
      assert.deepEqual(await problems({ email: "a@b.de", username: "c@b.de" }), ["username"]);
      assert.deepEqual(await problems({ username: "nobody" }), ["email"]);
      assert.deepEqual(await problems({ email: "a@b.de", username: "a@b" }), ["username"]);
      assert.deepEqual(await problems({ email: "a@b.de", active_organization: 77 }), [
        "active_organization",
      ]);
    });
  });

  test("an Administrator renames people up to their own rank, and not the Owner", async () => {
    await world({}, async (w) => {
      const name = { last_name: "Ray" };
      const done = await w.admin("PATCH", `/api/users/${w.people.MA.userId}/`, name);
      assert.equal(done.body.last_name, "Ray", done.text);
      const owner = await w.admin("PATCH", `/api/users/${w.people.OW.userId}/`, name);
      assertRefused(owner, 403, /above their own/);
      const manager = await w.callAs(w.people.MA.email);
      assert.equal((await manager("PATCH", `/api/users/${w.people.AN.userId}/`, name)).status, 403);
    });
  });

  test("deleting a person by their account ends the membership and leaves the account", async () => {
    await world({}, async (w) => {
      const { userId, email } = w.people.RE;
      assert.equal((await w.admin("DELETE", `/api/users/${userId}/`)).status, 204);
      assert.equal((await w.admin("GET", `/api/users/${userId}/`)).status, 404);
      assert.ok(await findUserByEmail(w.t.store.db, email));
    });
  });

  test("another organization's person answers exactly as a missing one", async () => {
    await world({}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const theirs = callWith(w.t, await w.t.apiToken(other.email, other.organizationId));
      const { userId } = w.people.AN;
      for (const id of [userId, 99_999]) {
        assert.equal((await theirs("GET", `/api/users/${id}/`)).status, 404);
        assert.equal((await theirs("PATCH", `/api/users/${id}/`, { first_name: "X" })).status, 404);
        assert.equal((await theirs("DELETE", `/api/users/${id}/`)).status, 404);
      }
    });
  });
});
