/** The activity log: who did what from where (PRODUCT 8.8; facts 6.3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { callWith, type World, withWorld } from "./organization-world.ts";

onEveryEngine("the activity log", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);

  /** Three changes by two people, an hour apart, one of them refused. */
  async function act(w: World): Promise<void> {
    const { AN, RE } = w.people;
    await w.admin("PATCH", `${w.at}/memberships?note=secret`, { user_id: AN.userId, role: "RE" });
    w.t.clock.advance(3_600_000);
    await w.owner("PATCH", w.at, { title: "Contoso AG" });
    w.t.clock.advance(3_600_000);
    await w.admin("DELETE", `${w.at}/memberships/${RE.userId}/`);
  }

  const list = async (w: World, query = "") => {
    const answer = await w.owner("GET", `/api/activity-logs/${query}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  test("an entry is one request: who, when, from where, what came of it, and what it changed", async () => {
    await world(async (w) => {
      await act(w);
      const { data, recordsTotal, recordsFiltered } = await list(w, "?ordering=id");
      assert.deepEqual([recordsTotal, recordsFiltered, data.length], [3, 3, 3]);
      const [first] = data;
      assert.equal(first.email, w.people.AD.email);
      assert.equal(first.user_id, w.people.AD.userId);
      assert.equal(first.datetime, "2026-01-05T09:30:00.000Z");
      assert.equal(first.ip_address, "127.0.0.1");
      assert.equal(first.request_method, "PATCH");
      assert.equal(first.request_url, `${w.at}/memberships`);
      assert.equal(first.response_code, "200");
      assert.deepEqual(first.extra_data[0].changes[0], {
        kind: "role_changed",
        from: "AN",
        to: "RE",
        source: "api",
      });
      assert.match(first.extra_data[0].reasons[0], /Reviewer instead of Annotator/);
    });
  });

  test("reading is not logged, and a refused change is", async () => {
    await world(async (w) => {
      await w.owner("GET", w.at);
      const anna = await w.callAs(w.people.AN.email);
      await anna("PATCH", w.at, { title: "Mine" });
      const { data } = await list(w);
      assert.equal(data.length, 1);
      assert.deepEqual([data[0].response_code, data[0].extra_data], ["403", null]);
    });
  });

  test("the log is filtered by person, method, time and words of the address", async () => {
    await world(async (w) => {
      await act(w);
      const count = async (query: string) => (await list(w, query)).recordsFiltered;
      assert.equal(await count(`?user=${w.people.AD.userId}`), 2);
      assert.equal(await count(`?email=${w.people.AD.email.toUpperCase()}`), 2);
      assert.equal(await count("?email=nobody@acme.test"), 0);
      assert.equal(await count("?method=delete"), 1);
      assert.equal(await count("?method=GET"), 0);
      assert.equal(await count("?start_date=2026-01-05T10:00:00Z"), 2);
      assert.equal(
        await count("?start_date=2026-01-05T10:00:00Z&end_date=2026-01-05T11:00:00Z"),
        1,
      );
      assert.equal(await count("?search=MEMBERSHIPS"), 2);
      assert.equal(await count("?search=organizations+AND+memberships"), 2);
      assert.equal(await count("?search=nothing+OR+memberships"), 2);
      assert.equal(await count("?search=%25"), 0);
    });
  });

  test("the log is paged either way that the original knows, the latest first", async () => {
    await world(async (w) => {
      await act(w);
      const methods = async (query: string) =>
        (await list(w, query)).data.map((e: { request_method: string }) => e.request_method);
      assert.deepEqual(await methods("?page_size=2"), ["DELETE", "PATCH"]);
      assert.deepEqual(await methods("?page=2&page_size=2"), ["PATCH"]);
      assert.deepEqual(await methods("?start=1&length=1"), ["PATCH"]);
      assert.equal((await methods("?page_size=-1")).length, 3);
      const wrong = await w.owner("GET", "/api/activity-logs/?page_size=0&start_date=never");
      assert.deepEqual(Object.keys(wrong.body.validation_errors), ["start_date"]);
    });
  });

  test("the log is exported as JSON lines and as CSV that no spreadsheet computes", async () => {
    await world(async (w) => {
      await act(w);
      await w.t.app.inject({
        method: "PATCH",
        url: w.at,
        headers: {
          authorization: `Token ${await w.t.apiToken(w.people.MA.email, w.organizationId)}`,
          "user-agent": '=HYPERLINK("x")',
        },
        payload: { title: "x" },
      });
      const lines = await w.owner("GET", "/api/activity-logs/export");
      assert.equal(lines.headers["content-type"], "application/jsonl; charset=utf-8");
      const entries = lines.text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.equal(entries.length, 4);
      const csv = await w.owner("GET", "/api/activity-logs/export?format=csv&method=PATCH");
      const rows = csv.text.trim().split("\r\n");
      assert.equal(rows.length, 4);
      assert.match(rows[0] ?? "", /^id,datetime,user_id,email/);
      assert.match(rows[3] ?? "", /,"'=HYPERLINK\(""x""\)",/);
    });
  });

  test("nobody but Owner and Administrators reads the log, and each their own organization's", async () => {
    await world(async (w) => {
      await act(w);
      for (const role of ["MA", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        assert.equal((await call("GET", "/api/activity-logs/")).status, 403);
        assert.equal((await call("GET", "/api/activity-logs/export")).status, 403);
      }
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const theirs = callWith(w.t, await w.t.apiToken(other.email, other.organizationId));
      assert.equal((await theirs("GET", "/api/activity-logs/")).body.recordsTotal, 0);
      assert.equal((await theirs("GET", "/api/activity-logs/export")).text, "");
    });
  });
});
