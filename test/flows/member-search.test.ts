/** The search of members by the SDK's addresses: filters in JSON, what there is to filter by, and nothing ignored. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { onEveryEngine } from "../engines.ts";
import { callWith, type World, withWorld } from "./organization-world.ts";

onEveryEngine("the search of members", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);
  const item = (filter: string, operator: string, value: unknown) => ({ filter, operator, value });
  const filtersOf = (...items: readonly object[]) => ({ version: 1, conjunction: "and", items });

  const both = async (w: World, filters: unknown, query = "") => {
    const asText = encodeURIComponent(JSON.stringify(filters));
    const got = await w.admin("GET", `${w.at}/memberships/search?filters=${asText}${query}`);
    const posted = await w.admin("POST", `${w.at}/memberships/search?${query}`, { filters });
    assert.equal(posted.status, got.status, posted.text);
    assert.deepEqual(posted.body.results, got.body.results);
    assert.deepEqual(posted.body.validation_errors, got.body.validation_errors);
    return got;
  };
  const roles = async (w: World, filters: unknown, query = ""): Promise<string> => {
    const { status, body, text } = await both(w, filters, query);
    assert.equal(status, 200, text);
    return body.results.map(({ role }: { role: string }) => role).join(" ");
  };

  test("every filter that the schema lists finds whom the list's parameter finds", async () => {
    await world(async (w) => {
      const { body: schema } = await w.admin("GET", `${w.at}/memberships/filter-schema`);
      assert.equal(schema.version, 1);
      const { body: tag } = await w.admin("POST", `${w.at}/member-tags`, { label: "A" });
      await w.admin("POST", `${w.at}/member-tags/assignments`, {
        ...{ all: false, included: [w.people.AN.userId], tags: [tag.id] },
      });
      const { body: workspace } = await w.admin("POST", "/api/workspaces/", { title: "Radiology" });
      const { body: project } = await w.admin("POST", "/api/projects/", {
        ...{ title: "Scans", workspace: workspace.id },
      });
      const join = { user: w.people.RE.userId };
      await w.admin("POST", `/api/workspaces/${workspace.id}/memberships/`, join);
      const add = { user: w.people.AN.userId };
      await w.admin("POST", `/api/projects/${project.id}/members/`, add);
      await w.t.store.db
        .updateTable("memberships")
        .where("user_id", "=", w.people.MA.userId)
        .set({ last_sign_in_at: Date.parse("2026-03-01T12:00:00Z") })
        .execute();
      const found: Readonly<Record<string, readonly [unknown, string]>> = {
        "search contains": ["ANNA", "AN"],
        "role in": [["AN", "MA"], "MA AN"],
        "role_source in": [["scim"], ""],
        "tags in": [[tag.id], "AN"],
        "workspaces in": [[workspace.id], "RE"],
        "projects in": [[project.id], "RE AN"],
        "user_type in": [["flex"], ""],
        "has_password equal": [false, "OW AD MA RE AN NO DI"],
        "last_activity greater_or_equal": ["2026-03-01T12:00:00Z", "MA"],
        "last_activity less_or_equal": ["2026-03-01", ""],
      };
      const listed = schema.filters.flatMap((kind: { filter: string; operators: string[] }) =>
        kind.operators.map((operator) => `${kind.filter} ${operator}`),
      );
      assert.deepEqual(listed, Object.keys(found));
      for (const [name, [value, whom]] of Object.entries(found)) {
        const [filter = "", operator = ""] = name.split(" ");
        assert.equal(await roles(w, filtersOf(item(filter, operator, value))), whom, name);
      }
      const two = filtersOf(item("projects", "in", [project.id]), item("role", "in", ["AN"]));
      assert.equal(await roles(w, two), "AN");
      assert.equal(await roles(w, filtersOf(item("role", "in", ["AN"])), "&search=mary"), "");
      const pages = await both(w, {}, "&ordering=-email&page_size=3");
      assert.deepEqual([pages.body.count, pages.body.results.length], [7, 3]);
    });
  });

  test("whatever is no filter is refused by a sentence, and never ignored", async () => {
    await world(async (w) => {
      for (const [filters, sentence] of [
        [filtersOf(item("skills", "in", ["x"])), /no filter "skills".*filter-schema lists/],
        [filtersOf(item("role", "not_in", ["AN"])), /role has the operators in\./],
        [filtersOf(item("role", "in", ["XX"])), /^role: Send roles/],
        [filtersOf(item("tags", "in", "A")), /^tags: Send ids/],
        [filtersOf(item("role", "in", null)), /role has no value/],
        [filtersOf(item("role", "in", ["AN"]), item("role", "in", ["RE"])), /Send role in once/],
        [filtersOf(item("__proto__", "in", 1)), /no filter "__proto__"/],
        [filtersOf(item("role", "constructor", 1)), /operators in\./],
        [{ version: 2, items: [] }, /"version": 1/],
        [{ conjunction: "or", items: [] }, /joined by "and"/],
        [{ items: [{ filter: "role" }] }, /./],
        [{ role: ["AN"] }, /filter-schema lists/],
        [{ items: "role" }, /Send `items`/],
        [[item("role", "in", ["AN"])], /Send an object/],
        ["role", /Send an object/],
      ] as const) {
        const { status, body } = await both(w, filters);
        assert.equal(status, 400, JSON.stringify(filters));
        assert.match(body.validation_errors.filters[0], sentence);
      }
      const role = filtersOf(item("role", "in", ["AN"]));
      const twice = await both(w, role, "&role=RE");
      assert.match(twice.body.validation_errors.filters[0], /role is sent beside/);
      const unknown = await both(w, role, "&colour=red");
      assert.match(unknown.body.validation_errors.colour[0], /no such parameter/);
      const dropped = await both(w, role, "&workspaces=1");
      assert.match(dropped.body.validation_errors.workspaces[0], /no such parameter/);
      const long = await w.admin("GET", `${w.at}/memberships/search?filters=${"0".repeat(4_001)}`);
      assert.match(long.body.validation_errors.filters[0], /at most 4000 .* or POST/);
      const broken = await w.admin("GET", `${w.at}/memberships/search?filters=%7B`);
      assert.match(broken.body.validation_errors.filters[0], /as JSON/);
    });
  });

  test("no JSON makes the search fail, or find more than the list", async () => {
    await world(async (w) => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (filters) => {
          const answer = await w.admin("POST", `${w.at}/memberships/search`, { filters });
          const isWhole = answer.status === 200 && answer.body.count === 7;
          assert.ok(answer.status === 400 || isWhole, answer.text);
        }),
        { numRuns: 25 },
      );
    });
  });

  test("options are the workspaces with their projects, then projects without one, as a search narrows them", async () => {
    await world(async (w) => {
      const { body: workspace } = await w.admin("POST", "/api/workspaces/", { title: "Radiology" });
      const at = { workspace: workspace.id };
      const { body: scans } = await w.admin("POST", "/api/projects/", { title: "Scans", ...at });
      const { body: loose } = await w.admin("POST", "/api/projects/", { title: "Letters" });
      const options = `${w.at}/memberships/filter-options`;
      const scansOption = { id: scans.id, kind: "project", label: "Scans" };
      const whole = { id: workspace.id, kind: "workspace", label: "Radiology" };
      const loosely = { id: loose.id, kind: "project", label: "Letters" };
      const list = async (query: string) =>
        (await w.admin("GET", `${options}/membership${query}`)).body;
      assert.deepEqual(await list(""), [{ ...whole, projects: [scansOption] }, loosely]);
      assert.deepEqual(await list("?search=RADIO"), [{ ...whole, projects: [scansOption] }]);
      assert.deepEqual(await list("?search=scan"), [{ ...whole, projects: [scansOption] }]);
      assert.deepEqual(await list("?search=LETT"), [loosely]);
      assert.deepEqual((await w.admin("GET", `${options}/skills?search=x`)).body, []);
    });
  });

  test("who may not list members may not search them; another organization's are not there", async () => {
    await world(async (w) => {
      const paths = [
        "filter-schema",
        "search",
        "filter-options/membership",
        "filter-options/skills",
      ];
      for (const role of ["MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        for (const path of paths) {
          assert.equal((await call("GET", `${w.at}/memberships/${path}`)).status, 403, path);
        }
        const posted = await call("POST", `${w.at}/memberships/search`, { filters: {} });
        assert.equal(posted.status, 403);
      }
      const mallory = await w.t.createOrganizationWithOwner({ title: "Mallory's" });
      const theirs = callWith(w.t, await w.t.apiToken(mallory.email, mallory.organizationId));
      for (const path of paths) {
        assert.equal((await theirs("GET", `${w.at}/memberships/${path}`)).status, 404, path);
      }
      const { body: workspace } = await w.admin("POST", "/api/workspaces/", { title: "Radiology" });
      const join = { user: w.people.AN.userId };
      await w.admin("POST", `/api/workspaces/${workspace.id}/memberships/`, join);
      const there = `/api/organizations/${mallory.organizationId}/memberships/search`;
      const filters = filtersOf(item("workspaces", "in", [workspace.id]));
      assert.equal((await theirs("POST", there, { filters })).body.count, 0);
    });
  });
});
