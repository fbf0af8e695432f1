/** Tags of members by the SDK's addresses: who may what, which labels are one, files, other organizations, races. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteExpired } from "../../src/store/cleanup.ts";
import { onEveryEngine } from "../engines.ts";
import { assertRefused, type Call, callWith, type World, withWorld } from "./organization-world.ts";

onEveryEngine("tags of members", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);

  const make = async (call: Call, w: World, label: string): Promise<number> => {
    const answer = await call("POST", `${w.at}/member-tags`, { label });
    assert.equal(answer.status, 201, answer.text);
    return answer.body.id;
  };
  const labelsOf = async (w: World, userId: number): Promise<readonly string[]> => {
    const { body } = await w.admin("GET", `${w.at}/memberships/${userId}/`);
    return body.tags.map((tag: { label: string }) => tag.label);
  };
  const peopleWith = async (w: World, query: string): Promise<readonly string[]> => {
    const { status, body, text } = await w.admin("GET", `${w.at}/memberships?${query}`);
    assert.equal(status, 200, text);
    return body.results.map((member: { role: string }) => member.role);
  };
  const assign = async (w: World, body: object, query = "") =>
    await w.admin("POST", `${w.at}/member-tags/assignments${query}`, body);
  const upload = async (w: World, file: string | Uint8Array<ArrayBuffer>, bulk = "") => {
    const form = new FormData();
    form.set("bulk_tags", bulk);
    form.set("file", new Blob([file]), "tags.csv");
    return await w.admin("POST", `${w.at}/member-tags/imports`, form);
  };
  const audited = async ({ t }: World) =>
    await t.store.db
      .selectFrom("audit_log")
      .where("action", "like", "member_tag%")
      .orderBy("id")
      .select(["action", "actor_user_id as actor", "changes"])
      .execute();

  test("a tag is made, listed, renamed and deleted, and each change stands in both logs", async () => {
    await world(async (w) => {
      const id = await make(w.admin, w, "  Night \t shift ");
      const { body: tag } = await w.admin("GET", `${w.at}/member-tags/${id}`);
      assert.deepEqual(
        [tag.label, tag.organization, tag.member_count, tag.created_by.email],
        ["Night shift", w.organizationId, 0, "adam@contoso.com"],
      );
      const renamed = await w.admin("PATCH", `${w.at}/member-tags/${id}/`, {
        label: "NIGHT shift",
      });
      assert.deepEqual([renamed.status, renamed.body.label], [200, "NIGHT shift"], "its own label");
      const back = await w.admin("PATCH", `${w.at}/member-tags/${id}`, renamed.body);
      assert.equal(back.status, 200, "what was answered may be sent");
      const { body: list } = await w.admin("GET", `${w.at}/member-tags?search=SHIFT`);
      assert.deepEqual([list.count, list.results[0].id], [1, id]);
      assert.equal((await w.admin("DELETE", `${w.at}/member-tags/${id}`)).status, 204);
      assert.equal((await w.admin("GET", `${w.at}/member-tags/${id}`)).status, 404);
      assert.equal((await w.admin("DELETE", `${w.at}/member-tags/${id}`)).status, 404);
      const rows = await audited(w);
      assert.deepEqual(
        rows.map(({ action, actor }) => [action, actor]),
        ["member_tag_made", "member_tag_renamed", "member_tags_deleted"].map((action) => [
          action,
          w.people.AD.userId,
        ]),
      );
      const { body: log } = await w.admin("GET", "/api/activity-logs/?search=member-tags");
      assert.equal(log.data.length, 5);
      assert.match(JSON.stringify(log.data), /member_tag_renamed/);
    });
  });

  test("the list has pages of 30, an order and a search that knows no case", async () => {
    await world(async (w) => {
      const labels = Array.from(
        { length: 35 },
        (_, index) => `Tag ${String(index).padStart(2, "0")}`,
      );
      const many = await w.admin("POST", `${w.at}/member-tags/bulk`, {
        labels: ["ÄRZTE", ...labels],
      });
      assert.deepEqual([many.status, many.body], [201, { created: 36 }]);
      const first = (await w.admin("GET", `${w.at}/member-tags`)).body;
      assert.deepEqual([first.count, first.results.length], [36, 30]);
      assert.equal(first.results[0].label, "Tag 00");
      const second = (await w.admin("GET", first.next)).body;
      assert.deepEqual([second.results.length, second.next], [6, null]);
      const found = (await w.admin("GET", `${w.at}/member-tags?search=%C3%A4rz`)).body;
      assert.deepEqual([found.count, found.results[0].label], [1, "ÄRZTE"]);
      const last = (await w.admin("GET", `${w.at}/member-tags?ordering=-id&page_size=1`)).body;
      assert.equal(last.results[0].label, "Tag 34");
      for (const field of ["id", "label", "member_count", "created_at", "updated_at"]) {
        for (const order of [field, `-${field}`]) {
          const { body } = await w.admin("GET", `${w.at}/member-tags?ordering=${order}`);
          assert.equal(body.count, 36, order);
        }
      }
      const wrong = await w.admin("GET", `${w.at}/member-tags?ordering=colour`);
      assert.match(wrong.body.validation_errors.ordering[0], /Order by one of id, label/);
    });
  });

  test("labels that people read as one are one tag, whoever makes them at once", async () => {
    await world(async (w) => {
      await make(w.admin, w, "Straße");
      for (const same of [
        "strasse".toUpperCase() === "STRASSE" ? "STRAßE" : "",
        "Ｓtraße",
        "stra\u200bße",
      ]) {
        const answer = await w.admin("POST", `${w.at}/member-tags`, { label: same });
        assert.equal(answer.status, 400, same);
        assert.match(answer.body.validation_errors.label[0], /with this label already/);
      }
      const other = await make(w.admin, w, "Way");
      const taken = await w.admin("PATCH", `${w.at}/member-tags/${other}`, { label: "STRAßE" });
      assert.match(taken.body.validation_errors.label[0], /with this label already/);
      const bulk = await w.admin("POST", `${w.at}/member-tags/bulk`, {
        labels: ["way", "WAY", "New", "new "],
      });
      assert.deepEqual(bulk.body, { created: 1 });
      const raced = await Promise.all(
        ["race", "Race", "RACE", "rACE"].map((label) =>
          w.admin("POST", `${w.at}/member-tags`, { label }),
        ),
      );
      assert.deepEqual(raced.map(({ status }) => status).sort(), [201, 400, 400, 400]);
      const renames = await Promise.all([
        w.admin("PATCH", `${w.at}/member-tags/${other}`, { label: "one" }),
        make(w.admin, w, "Two").then(
          async (id) => await w.admin("PATCH", `${w.at}/member-tags/${id}`, { label: "ONE" }),
        ),
      ]);
      assert.deepEqual(renames.map(({ status }) => status).sort(), [200, 400]);
    });
  });

  test("a label is text of 1 to 255 characters; markup is text, and what cannot be read is refused", async () => {
    await world(async (w) => {
      const markup = `<img src=x onerror="alert(1)">'; drop table users; --`;
      const id = await make(w.admin, w, markup);
      const shown = await w.admin("GET", `${w.at}/member-tags/${id}`);
      assert.equal(shown.body.label, markup);
      assert.match(String(shown.headers["content-type"]), /^application\/json/);
      assert.equal(shown.headers["x-content-type-options"], "nosniff");
      await make(w.admin, w, "x".repeat(255));
      for (const [label, sentence] of [
        ["", /may not be empty/],
        ["\u200b\u200d \u00ad", /may not be empty/],
        ["x".repeat(256), /at most 255 characters/],
        // One letter that is eighteen once it is compared: more than an index holds.
        ["\ufdfa".repeat(255), /at most 1024 bytes/],
        ["a\u0000b", /control characters/],
        ["a\ud800b", /control characters/],
        ["\u202egnp.exe", /control characters/],
        [7, /Send text/],
        [["a"], /Send text/],
        [null, /Send text/],
      ] as const) {
        const answer = await w.admin("POST", `${w.at}/member-tags`, { label });
        assert.equal(answer.status, 400, String(label).slice(0, 20));
        assert.match(answer.body.validation_errors.label[0], sentence);
      }
      const huge = await w.admin("POST", `${w.at}/member-tags`, { label: "x".repeat(1_048_576) });
      assert.equal(huge.status, 413);
      const bulk = await w.admin("POST", `${w.at}/member-tags/bulk`, {
        labels: ["fine", "\u0001"],
      });
      assert.match(bulk.body.validation_errors.labels[0], /^Entry 2: /);
      assert.equal((await w.admin("GET", `${w.at}/member-tags`)).body.count, 2, "and nothing else");
      const unknown = await w.admin("POST", `${w.at}/member-tags`, { label: "a", color: "red" });
      assert.match(unknown.body.validation_errors.color[0], /no such field/);
    });
  });

  test("an organization has at most a thousand tags", async () => {
    await world(async (w) => {
      const labels = Array.from({ length: 999 }, (_, index) => `tag ${index}`);
      assert.equal((await w.admin("POST", `${w.at}/member-tags/bulk`, { labels })).status, 201);
      const two = await w.admin("POST", `${w.at}/member-tags/bulk`, { labels: ["x", "y"] });
      assert.match(two.body.validation_errors.label[0], /at most 1000 tags/);
      assert.equal((await upload(w, 'email,tags\nanna@contoso.com,"x,y"\n')).status, 400);
      await make(w.admin, w, "x");
      const again = await w.admin("POST", `${w.at}/member-tags/bulk`, { labels: ["x", "tag 7"] });
      assert.deepEqual(again.body, { created: 0 }, "those that are there need no room");
    });
  });

  test("members are tagged one by one, all, all but some, and as filters narrow them", async () => {
    await world(async (w) => {
      const { AN, RE, MA, DI, OW } = w.people;
      const [a, b] = [await make(w.admin, w, "A"), await make(w.admin, w, "B")];
      const some = { all: false, included: [AN.userId, RE.userId], tags: [a] };
      assert.deepEqual((await assign(w, some)).body, { assigned: 2 });
      assert.deepEqual((await assign(w, some)).body, { assigned: 0 }, "not twice");
      const most = { all: true, excluded: [OW.userId, AN.userId], tags: [b] };
      assert.deepEqual((await assign(w, most)).body, { assigned: 5 });
      assert.deepEqual(await labelsOf(w, RE.userId), ["A", "B"]);
      assert.deepEqual(await labelsOf(w, DI.userId), ["B"], "deactivated people are members");
      assert.deepEqual(await labelsOf(w, OW.userId), []);
      assert.deepEqual(await peopleWith(w, `tags=${a}`), ["RE", "AN"]);
      assert.deepEqual(await peopleWith(w, `tags=${a},${b}&role=RE,MA`), ["MA", "RE"]);
      assert.deepEqual(await peopleWith(w, "tags=987654"), []);
      assert.equal((await w.admin("GET", `${w.at}/memberships?tags=A`)).status, 400);
      const { body } = await w.admin("GET", `${w.at}/member-tags?ordering=-member_count`);
      assert.deepEqual(
        body.results.map((tag: { label: string; member_count: number }) => [
          tag.label,
          tag.member_count,
        ]),
        [
          ["B", 5],
          ["A", 2],
        ],
      );
      const c = await make(w.admin, w, "C");
      const tagged = await assign(w, { all: true, tags: [c] }, `?tags=${a}&role=AN,MA&search=anna`);
      assert.deepEqual(tagged.body, { assigned: 1 });
      assert.deepEqual(await labelsOf(w, AN.userId), ["A", "C"]);
      const both = { all: false, included: [AN.userId, MA.userId], tags: [c] };
      assert.deepEqual((await assign(w, both, "?role=MA")).body, { assigned: 1 });
      assert.deepEqual((await assign(w, both, "?is_deleted=true")).body, { assigned: 0 });
      assert.deepEqual((await assign(w, { ...both, all: true }, "?user_type=flex")).body, {
        assigned: 0,
      });
    });
  });

  test("overwrite replaces the tags of those who are meant, and of nobody else", async () => {
    await world(async (w) => {
      const { AN, RE } = w.people;
      const [a, b] = [await make(w.admin, w, "A"), await make(w.admin, w, "B")];
      await assign(w, { all: true, tags: [a] });
      const swap = { all: false, included: [AN.userId], tags: [b], overwrite: true };
      assert.deepEqual((await assign(w, swap)).body, { assigned: 1 });
      assert.deepEqual(await labelsOf(w, AN.userId), ["B"]);
      assert.deepEqual(await labelsOf(w, RE.userId), ["A"]);
      assert.deepEqual((await assign(w, swap)).body, { assigned: 0 });
      const forgotten = await assign(w, { all: true, overwrite: true });
      assert.match(forgotten.body.validation_errors.tags[0], /an empty list takes all away/);
      assert.deepEqual(await labelsOf(w, RE.userId), ["A"]);
      const none = { all: false, included: [RE.userId], tags: [], overwrite: true };
      assert.deepEqual((await assign(w, none)).body, { assigned: 0 });
      assert.deepEqual(await labelsOf(w, RE.userId), []);
      const [last] = (await audited(w)).slice(-1);
      assert.match(last?.changes ?? "", /"given":0,"taken":1/);
    });
  });

  test("whom and what the organization does not have is named, and nobody is tagged", async () => {
    await world(async (w) => {
      const a = await make(w.admin, w, "A");
      const { AN } = w.people;
      const nobody = await assign(w, { all: false });
      assert.deepEqual([nobody.status, nobody.body], [200, { assigned: 0 }], nobody.text);
      const people = await assign(w, { all: false, included: [AN.userId, 987_654], tags: [a] });
      assert.match(people.body.validation_errors.included[0], /no such person .*\(987654\)/);
      const tags = await assign(w, { all: true, tags: [a, 987_654] });
      assert.match(tags.body.validation_errors.tags[0], /no such tag .*\(987654\)/);
      const unsaid = await assign(w, { tags: [a] });
      assert.match(unsaid.body.validation_errors.all[0], /required/);
      assert.deepEqual(await labelsOf(w, AN.userId), []);
    });
  });

  test("another organization's tags and members are not there, by any address", async () => {
    await world(async (w) => {
      const mallory = await w.t.createOrganizationWithOwner({ title: "Mallory's" });
      const theirs = callWith(w.t, await w.t.apiToken(mallory.email, mallory.organizationId));
      const there = `/api/organizations/${mallory.organizationId}`;
      const ours = await make(w.admin, w, "Secret project");
      await assign(w, { all: true, tags: [ours] });
      const { body: own } = await theirs("POST", `${there}/member-tags`, { label: "Mine" });
      for (const [method, path, body] of [
        ["GET", `${w.at}/member-tags`],
        ["POST", `${w.at}/member-tags`, { label: "x" }],
        ["DELETE", `${w.at}/member-tags/bulk?ids=${ours}`],
        ["POST", `${w.at}/member-tags/assignments`, { all: true, tags: [own.id] }],
        ["GET", `${w.at}/member-tags/${ours}`],
        ["GET", `${there}/member-tags/${ours}`],
        ["PATCH", `${there}/member-tags/${ours}`, { label: "x" }],
        ["DELETE", `${there}/member-tags/${ours}`],
      ] as const) {
        assert.equal((await theirs(method, path, body)).status, 404, `${method} ${path}`);
      }
      const bulk = await theirs("DELETE", `${there}/member-tags/bulk?ids=${ours}`);
      assert.deepEqual(bulk.body, { deleted: 0 });
      const foreign = await theirs("POST", `${there}/member-tags/assignments`, {
        all: true,
        tags: [ours],
      });
      assert.equal(foreign.status, 400);
      const person = await theirs("POST", `${there}/member-tags/assignments`, {
        all: false,
        included: [w.people.AN.userId],
        tags: [own.id],
      });
      assert.match(person.body.validation_errors.included[0], /no such person/);
      const listed = await theirs("GET", `${there}/memberships?tags=${ours}`);
      assert.equal(listed.body.count, 0);
      assert.deepEqual(await labelsOf(w, w.people.AN.userId), ["Secret project"]);
      await make(theirs, { ...w, at: there }, "Secret project");
      const { body: job } = await upload(w, "email,tags\nanna@contoso.com,B\n");
      assert.equal((await theirs("GET", `${there}/member-tags/imports/${job.import}`)).status, 404);
      const { db } = w.t.store;
      await assert.rejects(
        db
          .insertInto("member_taggings")
          .values({
            organization_id: mallory.organizationId,
            user_id: mallory.userId,
            tag_id: ours,
          })
          .execute(),
        "the keys themselves keep them apart",
      );
    });
  });

  test("Managers read tags and change none; Reviewers, Annotators and strangers do neither", async () => {
    await world(async (w) => {
      const id = await make(w.owner, w, "A");
      const manager = await w.callAs(w.people.MA.email);
      assert.equal((await manager("GET", `${w.at}/member-tags`)).body.count, 1);
      assert.equal((await manager("GET", `${w.at}/member-tags/${id}`)).status, 200);
      const changes = [
        ["POST", "", { label: "x" }],
        ["PATCH", `/${id}`, { label: "x" }],
        ["DELETE", `/${id}`, undefined],
        ["POST", "/bulk", { labels: ["x"] }],
        ["DELETE", `/bulk?ids=${id}`, undefined],
        ["POST", "/assignments", { all: true, tags: [id] }],
        ["POST", "/imports", new FormData()],
        ["GET", "/imports/1", undefined],
      ] as const;
      for (const role of ["MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        for (const [method, path, body] of changes) {
          assertRefused(await call(method, `${w.at}/member-tags${path}`, body), 403, /tags/);
        }
      }
      for (const role of ["RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        assert.equal((await call("GET", `${w.at}/member-tags`)).status, 403);
      }
      const stranger = callWith(w.t, "0".repeat(40));
      assert.equal((await stranger("GET", `${w.at}/member-tags`)).status, 401);
      assert.deepEqual(await labelsOf(w, w.people.AN.userId), []);
    });
  });

  test("Managers find the members of their project by tags", async () => {
    await world(async (w) => {
      const a = await make(w.admin, w, "A");
      await assign(w, { all: false, included: [w.people.AN.userId], tags: [a] });
      const manager = await w.callAs(w.people.MA.email);
      const { body: project } = await manager("POST", "/api/projects/", { title: "Scans" });
      const members = `/api/projects/${project.id}/members`;
      const added = await manager("POST", `${members}/bulk/?tags=${a}`, { all: true });
      assert.equal(added.body.assignments, 1, added.text);
      await manager("POST", `${members}/`, { user: w.people.RE.userId });
      const { body } = await manager("GET", `${members}/paginated/?tags=${a}&implicit=false`);
      assert.deepEqual(
        body.results.map((member: { email: string; tags: object[] }) => [
          member.email,
          member.tags,
        ]),
        [["anna@contoso.com", [{ id: a, label: "A" }]]],
      );
      const csv = await manager("GET", `${members}/export/?tags=${a}`);
      assert.match(csv.text, /anna@/);
      assert.doesNotMatch(csv.text, /rene@/);
      const removed = await manager("DELETE", `${members}/bulk/?all=true&tags=${a}`);
      assert.equal(removed.body.unassignments, 1);
    });
  });

  test("tags go with the tag and with the membership, and stay with who is deactivated", async () => {
    await world(async (w) => {
      const { AN, RE } = w.people;
      const [a, b] = [await make(w.admin, w, "A"), await make(w.admin, w, "B")];
      await assign(w, { all: false, included: [AN.userId, RE.userId], tags: [a, b] });
      await w.admin("POST", `${w.at}/memberships/${RE.userId}/deactivate`);
      assert.deepEqual(await labelsOf(w, RE.userId), ["A", "B"]);
      await w.admin("DELETE", `${w.at}/member-tags/bulk?ids=${a}&ids=987654`);
      assert.deepEqual(await labelsOf(w, AN.userId), ["B"]);
      await w.admin("DELETE", `${w.at}/memberships/${AN.userId}/`);
      assert.equal((await w.admin("GET", `${w.at}/member-tags/${b}`)).body.member_count, 1);
      await w.admin("POST", "/api/users/", { email: AN.email });
      assert.deepEqual(await labelsOf(w, AN.userId), [], "who comes again comes without");
      assert.equal((await w.admin("DELETE", `${w.at}/member-tags/bulk`)).status, 400);
      const body = await w.admin("DELETE", `${w.at}/member-tags/bulk`, { ids: [b] });
      assert.deepEqual(body.body, { deleted: 1 }, "the original takes a body still");
    });
  });

  test("tags that are deleted, members who are removed and callers who are demoted while they are tagged end in one of both", async () => {
    await world(async (w) => {
      for (let round = 0; round < 5; round += 1) {
        const tag = await make(w.admin, w, `Race ${round}`);
        const email = `round${round}@contoso.com`;
        const person = await w.t.addMember({
          organizationId: w.organizationId,
          email,
          role: "AN",
        });
        const answers = await Promise.all([
          assign(w, { all: true, tags: [tag] }),
          w.owner("DELETE", `${w.at}/memberships/${person.userId}/`),
          assign(w, { all: false, included: [person.userId], tags: [tag] }),
          w.owner("DELETE", `${w.at}/member-tags/${tag}`),
          w.admin("PATCH", `${w.at}/member-tags/${tag}`, { label: `Raced ${round}` }),
        ]);
        for (const { status, text } of answers)
          assert.ok([200, 204, 400, 404].includes(status), text);
        assert.deepEqual(await labelsOf(w, w.people.AN.userId), []);
      }
      const left = await w.t.store.db.selectFrom("member_taggings").selectAll().execute();
      assert.deepEqual(left, []);
    });
  });

  test("a file tags the members it names, makes what is missing, and says who is no member", async () => {
    await world(async (w) => {
      await make(w.admin, w, "Finance");
      const file = [
        "\ufeffEmail,Name,Tags",
        'Anna@Contoso.com,Anna,"Data Science, ""Berlin, Mitte"""',
        "rene@contoso.com,,finance",
        "",
        "nobody@contoso.com,,Data Science",
        "not an address,,x",
        'anna@contoso.com,,"Night, NIGHT"',
      ].join("\r\n");
      const { status, body, text } = await upload(w, file, "Imported");
      assert.equal(status, 201, text);
      const { body: job } = await w.admin("GET", `${w.at}/member-tags/imports/${body.import}`);
      const { id, created_at: at, finished_at: end, ...done } = job;
      assert.deepEqual([id, at], [body.import, end]);
      assert.deepEqual(done, {
        status: "completed",
        tags_created: 4,
        assignments_created: 6,
        users_skipped: ["nobody@contoso.com", "not an address"],
      });
      assert.deepEqual(await labelsOf(w, w.people.AN.userId), [
        ...["Berlin, Mitte", "Data Science", "Imported", "Night"],
      ]);
      assert.deepEqual(await labelsOf(w, w.people.RE.userId), ["Finance", "Imported"]);
      const again = await upload(w, file, "Imported");
      const { body: second } = await w.admin(
        "GET",
        `${w.at}/member-tags/imports/${again.body.import}`,
      );
      assert.deepEqual([second.tags_created, second.assignments_created], [0, 0]);
      assert.equal((await w.admin("GET", `${w.at}/member-tags/imports/987654`)).status, 404);
      await deleteExpired(w.t.store.db, w.t.clock.now() + 31 * 24 * 3_600_000);
      const { status: later } = await w.admin("GET", `${w.at}/member-tags/imports/${body.import}`);
      assert.equal(later, 404, "for a month");
    });
  });

  test("a file that cannot be read is refused with its line, and nothing of it is kept", async () => {
    await world(async (w) => {
      for (const [file, sentence] of [
        ["", /first line must name the columns email and tags/],
        ["email;tags\na@contoso.com;b\n", /separated|first line must name/],
        ["anna@contoso.com,A\n", /first line must name/],
        ['email,tags\nanna@contoso.com,"A\n', /^Line 2: a quotation mark is missing/],
        ['email,tags\nanna@contoso.com,A\nrene@contoso.com,"B" C\n', /^Line 3: /],
        [`email,tags\nanna@contoso.com,A\nrene@contoso.com,${"x".repeat(256)}\n`, /^Row 2: .*255/],
        ['email,tags\nanna@contoso.com,"A, ""B"\n', /^Row 1: /],
        [Uint8Array.of(0xff, 0xfe, 0x65, 0x00), /UTF-8/],
        [`email,tags\n${"anna@contoso.com,A\n".repeat(20_001)}`, /at most 20000 rows/],
      ] as const) {
        const answer = await upload(w, file);
        assert.equal(answer.status, 400, answer.text);
        assert.match(answer.body.validation_errors.file[0], sentence);
      }
      const bulk = await upload(w, "email,tags\nanna@contoso.com,A\n", '"A');
      assert.match(bulk.body.validation_errors.bulk_tags[0], /quotation mark/);
      assert.equal((await upload(w, "x".repeat(1_100_000))).status, 413);
      const json = await w.admin("POST", `${w.at}/member-tags/imports`, { file: "email,tags" });
      assertRefused(json, 415, /multipart form/);
      const twice = new FormData();
      twice.append("file", new Blob(["email,tags\n"]), "a.csv");
      twice.append("file", new Blob(["email,tags\n"]), "b.csv");
      const sent = await w.admin("POST", `${w.at}/member-tags/imports`, twice);
      assert.match(sent.body.validation_errors.file[0], /only once/);
      const none = await w.admin("POST", `${w.at}/member-tags/imports`, new FormData());
      assert.equal(none.status, 400);
      assert.equal((await w.admin("GET", `${w.at}/member-tags`)).body.count, 0);
      const kept = await w.t.store.db.selectFrom("member_tag_imports").selectAll().execute();
      assert.deepEqual(kept, []);
    });
  });
});
