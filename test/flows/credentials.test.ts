/** Tokens and sessions by API (PRODUCT 6.6, 9.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { callWith, type World, withWorld } from "./organization-world.ts";

onEveryEngine("tokens and sessions", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);

  const whoami = async (w: World, authorization: string) =>
    (await w.t.app.inject({ url: "/api/current-user/whoami", headers: { authorization } }))
      .statusCode;

  const bearer = async (w: World, refresh: string) => {
    const answer = await w.t.app.inject({
      method: "POST",
      url: "/api/token/refresh/",
      payload: { refresh },
    });
    return { status: answer.statusCode, access: `Bearer ${answer.json().access}` };
  };

  const post = async (w: World, url: string, refresh: unknown) =>
    await w.t.app.inject({ method: "POST", url, payload: { refresh } as object });

  test("a personal access token is listed without its text", async () => {
    await world(async (w) => {
      assert.deepEqual((await w.admin("GET", "/api/token/")).body, []);
      const made = await w.admin("POST", "/api/token/");
      const listed = await w.admin("GET", "/api/token/?ordering=id");
      assert.equal(listed.body.length, 1);
      assert.equal(listed.body[0].token, "");
      assert.ok(!listed.text.includes(made.body.token));
      assert.equal((await w.admin("POST", "/api/token/")).status, 409);
    });
  });

  test("rotating a token gives a new one, and the former and all bought with it are dead", async () => {
    await world(async (w) => {
      const { token } = (await w.admin("POST", "/api/token/")).body;
      const old = await bearer(w, token);
      const rotated = await post(w, "/api/token/rotate/", token);
      assert.equal(rotated.statusCode, 200, rotated.body);
      assert.equal(await whoami(w, old.access), 401);
      assert.equal((await bearer(w, token)).status, 401);
      assert.equal(await whoami(w, (await bearer(w, rotated.json().refresh)).access), 200);
      assert.equal((await post(w, "/api/token/rotate/", token)).statusCode, 400);
    });
  });

  test("a blacklisted token is dead at once, and blacklisting it again is 404", async () => {
    await world(async (w) => {
      const { token } = (await w.admin("POST", "/api/token/")).body;
      const { access } = await bearer(w, token);
      assert.equal((await post(w, "/api/token/blacklist/", token)).statusCode, 204);
      assert.equal(await whoami(w, access), 401);
      assert.equal((await post(w, "/api/token/blacklist/", token)).statusCode, 404);
      assert.equal((await w.admin("POST", "/api/token/")).status, 201);
    });
  });

  test("a body without a token is 400 by field, and an access token is no refresh token", async () => {
    await world(async (w) => {
      const { token } = (await w.admin("POST", "/api/token/")).body;
      const { access } = await bearer(w, token);
      for (const url of ["/api/token/rotate/", "/api/token/blacklist/", "/api/token/refresh/"]) {
        for (const wrong of [undefined, "", 7]) {
          const answer = await post(w, url, wrong);
          assert.equal(answer.statusCode, 400);
          assert.ok(answer.json().validation_errors.refresh, url);
        }
        assert.ok((await post(w, url, access.slice(7))).statusCode >= 400, url);
      }
    });
  });

  test("an access token of five minutes makes no lasting token, and sees and renews as before", async () => {
    await world(async (w) => {
      const { token } = (await w.admin("POST", "/api/token/")).body;
      const { access: authorization } = await bearer(w, token);
      const ask = async (method: "GET" | "POST", url: string, payload = {}) =>
        await w.t.app.inject({
          ...{ method, url, headers: { authorization } },
          ...(method === "POST" && { payload }),
        });
      for (const [url, body] of [
        ["/api/token/", {}],
        ["/api/current-user/reset-token/", {}],
        ["/api/scim/tokens", { name: "from a stolen access token" }],
      ] as const) {
        const answer = await ask("POST", url, body);
        assert.equal(answer.statusCode, 403, url);
        assert.match(answer.json().detail, /five minutes/);
      }
      assert.equal((await w.admin("GET", "/api/current-user/whoami")).status, 200);
      assert.deepEqual((await w.admin("GET", "/api/scim/tokens")).body, []);
      assert.equal((await ask("GET", "/api/token/")).json().length, 1);
      assert.equal((await post(w, "/api/token/rotate/", token)).statusCode, 200);
    });
  });

  test("a deactivated person's tokens can be neither rotated nor refreshed", async () => {
    await world(async (w) => {
      const anna = await w.callAs(w.people.AN.email);
      const { token } = (await anna("POST", "/api/token/")).body;
      await w.admin("POST", `${w.at}/memberships/${w.people.AN.userId}/deactivate`);
      assert.equal((await bearer(w, token)).status, 401);
      assert.equal((await post(w, "/api/token/rotate/", token)).statusCode, 400);
    });
  });

  test("people see and end their own sessions, and nobody else's", async () => {
    await world(async (w) => {
      const { email } = w.people.AN;
      const cookie = await w.t.signedInCookie(email, w.organizationId);
      await w.t.signedInCookie(w.people.RE.email, w.organizationId);
      const anna = await w.callAs(email);
      const { body } = await anna("GET", "/api/sessions/");
      assert.equal(body.length, 1);
      assert.deepEqual(
        [body[0].method, body[0].ip_address, body[0].is_current],
        ["password", "192.0.2.10", false],
      );
      const rene = await w.admin("GET", `/api/users/${w.people.RE.userId}/sessions`);
      assert.equal((await anna("DELETE", `/api/sessions/${rene.body[0].id}`)).status, 404);
      assert.equal((await anna("GET", `/api/users/${w.people.RE.userId}/sessions`)).status, 403);
      assert.equal((await anna("DELETE", `/api/sessions/${body[0].id}`)).status, 204);
      const visit = await w.t.app.inject({ url: "/api/current-user/whoami", headers: { cookie } });
      assert.equal(visit.statusCode, 401);
    });
  });

  test("an administrator sees and ends the sessions of all but the Owner, and the log says so", async () => {
    await world(async (w) => {
      const { userId, email } = w.people.MA;
      await w.t.signedInCookie(email, w.organizationId);
      await w.t.signedInCookie(email, w.organizationId);
      const { body } = await w.admin("GET", `/api/users/${userId}/sessions`);
      assert.equal((await w.admin("DELETE", `/api/sessions/${body[0].id}`)).status, 204);
      const ended = await w.admin("DELETE", `/api/users/${userId}/sessions`);
      assert.deepEqual(ended.body, { ended: 1 });
      const rows = await w.t.store.db
        .selectFrom("audit_log")
        .where("action", "=", "sessions_ended")
        .where("subject_user_id", "=", userId)
        .selectAll()
        .execute();
      assert.equal(rows.length, 2);
    });
  });

  test("sessions of another organization answer as missing ones", async () => {
    await world(async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      await w.t.signedInCookie(other.email, other.organizationId);
      const theirs = callWith(w.t, await w.t.apiToken(other.email, other.organizationId));
      const { body } = await theirs("GET", "/api/sessions/");
      assert.equal((await w.owner("DELETE", `/api/sessions/${body[0].id}`)).status, 404);
      assert.equal((await w.owner("GET", `/api/users/${other.userId}/sessions`)).status, 404);
      assert.equal((await w.owner("DELETE", `/api/users/${other.userId}/sessions`)).status, 404);
      assert.equal((await theirs("GET", "/api/sessions/")).body.length, 1);
    });
  });
});
