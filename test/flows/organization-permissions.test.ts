/** The organization's permissions by the SDK's addresses: the Owner decides, and what is decided is so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import {
  assertRefused,
  callWith,
  sessionHeaders,
  type World,
  withWorld,
} from "./organization-world.ts";

onEveryEngine("permissions of an organization", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);
  const key = "users.token.any";

  test("options say what may be decided; overrides are made, read, changed and taken back", async () => {
    await world(async (w) => {
      const at = `${w.at}/permissions`;
      const { body: options } = await w.owner("GET", `${at}/options`);
      assert.deepEqual(
        options.map(({ permission, default: usual }: { permission: string; default: string[] }) => [
          permission,
          usual,
        ]),
        [[key, ["AD", "MA", "RE", "AN"]]],
      );
      assert.deepEqual((await w.owner("GET", at)).body, []);
      assert.equal((await w.owner("GET", `${at}/${key}`)).status, 404);
      const made = await w.owner("POST", at, { permission: key, roles: ["MA", "AD", "MA"] });
      assert.equal(made.status, 201, made.text);
      assert.deepEqual(
        [made.body.roles, made.body.organization, made.body.label],
        [["AD", "MA"], w.organizationId, "Create API tokens"],
      );
      assert.deepEqual((await w.owner("GET", at)).body, [made.body]);
      const again = await w.owner("POST", at, { permission: key, roles: [] });
      assert.match(again.body.validation_errors.permission[0], /already/);
      assert.deepEqual((await w.owner("PATCH", `${at}/${key}`, {})).body, made.body);
      const put = await w.owner("PUT", `${at}/${key}/`, { ...made.body, roles: ["RE"] });
      assert.deepEqual(put.body, { ...made.body, roles: ["RE"] }, "what was answered may be sent");
      assert.equal((await w.owner("PUT", `${at}/${key}`, { permission: key })).status, 400);
      const other = await w.owner("PATCH", `${at}/${key}`, { permission: "tasks.delete" });
      assert.match(other.body.validation_errors.permission[0], /stays that of its permission/);
      assert.equal((await w.owner("DELETE", `${at}/${key}`)).status, 204);
      assert.equal((await w.owner("DELETE", `${at}/${key}`)).status, 404);
      assert.equal((await w.owner("PATCH", `${at}/${key}`, { roles: [] })).status, 404);
      const rows = await w.t.store.db
        .selectFrom("audit_log")
        .where("action", "=", "permission_changed")
        .orderBy("id")
        .select(["actor_user_id as actor", "changes"])
        .execute();
      assert.ok(rows.every(({ actor }) => actor === w.people.OW.userId));
      assert.match(rows.at(-1)?.changes ?? "", /"roles":null,"before":\["RE"\]/);
    });
  });

  test("what Labelgate does not decide, and the Owner's own, is refused and never kept", async () => {
    await world(async (w) => {
      const at = `${w.at}/permissions`;
      for (const permission of [
        "tasks.delete",
        "organizations.invite",
        "__proto__",
        "",
        "x".repeat(9_999),
      ]) {
        const answer = await w.owner("POST", at, { permission, roles: ["AD"] });
        assert.equal(answer.status, 400);
        assert.match(
          answer.body.validation_errors.permission[0],
          /no such permission to configure/,
        );
      }
      for (const role of ["OW", "NO", "DI"]) {
        const answer = await w.owner("POST", at, { permission: key, roles: [role] });
        assert.match(answer.body.validation_errors.roles[0], /the Owner always has it/, role);
      }
      for (const roles of [["VO"], "AD", null, [null]]) {
        assert.equal((await w.owner("POST", at, { permission: key, roles })).status, 400);
      }
      assert.equal((await w.owner("POST", at, { permission: key })).status, 400);
      assert.deepEqual((await w.owner("GET", at)).body, []);
    });
  });

  test("whoever's role has not the permission makes no token of either kind, anew or on the account page; those that are there go on", async () => {
    await world(async (w) => {
      const annotator = await w.callAs(w.people.AN.email);
      const manager = await w.callAs(w.people.MA.email);
      const { body: pat } = await annotator("POST", "/api/token/");
      await w.owner("POST", `${w.at}/permissions`, { permission: key, roles: ["MA"] });
      assertRefused(
        await annotator("POST", "/api/current-user/reset-token/"),
        403,
        /Annotator makes no API tokens/,
      );
      assertRefused(
        await annotator("POST", "/api/token/rotate/", { refresh: pat.token }),
        403,
        /no API tokens/,
      );
      assert.equal((await annotator("GET", "/api/current-user/whoami")).status, 200, "lives on");
      assert.equal(
        (await annotator("POST", "/api/token/refresh/", { refresh: pat.token })).status,
        200,
      );
      assertRefused(await w.admin("POST", "/api/token/"), 403, /Administrator makes no API tokens/);
      const cookie = await w.t.signedInCookie(w.people.RE.email, w.organizationId);
      const page = await w.t.app.inject({
        method: "POST",
        url: "/user/account/token",
        headers: { ...sessionHeaders(w.t, cookie) },
      });
      assert.equal(page.statusCode, 403, page.body);
      assert.match(page.body, /Reviewer makes no API tokens/);
      assert.equal((await manager("POST", "/api/token/")).status, 201);
      assert.equal((await w.owner("POST", "/api/token/")).status, 201);
      await w.owner("PATCH", `${w.at}/permissions/${key}`, { roles: [] });
      assert.equal(
        (await w.owner("POST", "/api/current-user/reset-token/")).status,
        201,
        "the Owner always",
      );
    });
  });

  test("the Owner alone sees and decides, each organization of its own", async () => {
    await world(async (w) => {
      const at = `${w.at}/permissions`;
      const calls = [
        ["GET", at],
        ["GET", `${at}/options`],
        ["GET", `${at}/${key}`],
        ["POST", at, { permission: key, roles: ["AN"] }],
        ["PUT", `${at}/${key}`, { permission: key, roles: ["AN"] }],
        ["PATCH", `${at}/${key}`, { roles: ["AN"] }],
        ["DELETE", `${at}/${key}`],
      ] as const;
      for (const role of ["AD", "MA", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        for (const [method, url, body] of calls) {
          assertRefused(await call(method, url, body), 403, /permissions/);
        }
      }
      const mallory = await w.t.createOrganizationWithOwner({ title: "Mallory's" });
      const theirs = callWith(w.t, await w.t.apiToken(mallory.email, mallory.organizationId));
      for (const [method, url, body] of calls) {
        assert.equal((await theirs(method, url, body)).status, 404, `${method} ${url}`);
      }
      const there = `/api/organizations/${mallory.organizationId}/permissions`;
      await theirs("POST", there, { permission: key, roles: [] });
      assert.deepEqual((await w.owner("GET", at)).body, []);
      assert.equal((await w.admin("POST", "/api/token/")).status, 201);
    });
  });
});
