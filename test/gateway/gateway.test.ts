/** A request's way through the gateway, from the address to the answer (GATEWAY 10.2 to 10.6). */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { listActivity } from "../../src/store/activity.ts";
import { onEveryEngine } from "../engines.ts";
import { type GatewayWorld, openGatewayWorld, origin, upstreamSecret } from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const list = "/api/label_links?project=3";
const navigates = { "sec-fetch-mode": "navigate", accept: "text/html,*/*" };
const isJson = { "content-type": "application/json" };

/** A stub that writes every 50 ms writes so often within seconds; without an end it would go on. */
const maxWrites = 120;

onEveryEngine("the gateway", (engine) => {
  let w: GatewayWorld;
  before(async () => {
    w = await openGatewayWorld(engine);
  });
  after(async () => await w.close());
  beforeEach(() => {
    w.stub.answer((_request, response) => sendJson(response, { ok: true }));
    w.stub.arrived.length = 0;
  });

  const last = () => w.stub.arrived.at(-1);

  test("a request goes on with the person's credential, on the canonical target, without cookies", async () => {
    w.stub.answer((_request, response) => sendJson(response, { id: 3, title: "Otters" }));
    const got = await w.ask("/api/label_links?project=3", {
      headers: {
        cookie: w.cookies.OW,
        "x-forwarded-for": "203.0.113.9",
        accept: "application/json",
      },
    });
    assert.equal(got.status, 200, got.text);
    const names = new Set(Object.keys(last()?.headers ?? {}));
    assert.deepEqual(
      names,
      new Set(["host", "connection", "accept", "accept-encoding", "authorization"]),
    );
    const jwt = (last()?.headers.authorization ?? "").slice("Bearer ".length);
    const [header, payload = "", signature] = jwt.split(".");
    assert.equal(
      signature,
      createHmac("sha256", upstreamSecret).update(`${header}.${payload}`).digest("base64url"),
    );
    assert.equal(JSON.parse(Buffer.from(payload, "base64url").toString()).user_id, "1");
  });

  test("a token opens the same addresses as a session, in either header", async () => {
    for (const headers of [
      { authorization: `Token ${w.token}` },
      { "x-api-key": w.token },
      { authorization: `Token ${w.token}`, cookie: w.cookies.OW },
    ] as const) {
      assert.equal((await w.ask("/api/projects/3/label-stream-history", { headers })).status, 200);
      const jwt = String(last()?.headers.authorization).split(".")[1] ?? "";
      assert.equal(JSON.parse(Buffer.from(jwt, "base64url").toString()).user_id, "4");
    }
    const bad = await w.ask(list, {
      headers: { authorization: `Token ${"0".repeat(40)}`, cookie: w.cookies.OW },
    });
    assert.equal(bad.status, 401);
  });

  test("only a navigation is led to sign-in, with the way back; everything else is 401 JSON", async () => {
    const deep = "/projects/3/data?task=9&tab=2";
    const page = await w.ask(deep, { headers: navigates });
    assert.equal(page.status, 302);
    assert.equal(page.headers.location, `/user/login?next=${encodeURIComponent(deep)}`);
    assert.equal(page.headers["cache-control"], "no-store");
    for (const [path, headers] of [
      [list, navigates],
      ["/projects/3/data", { "sec-fetch-mode": "cors", accept: "*/*" }],
      ["/projects/3/resolve/?fileuri=czM6", { "sec-fetch-mode": "no-cors" }],
      ["/data/upload/3/a.png", {}],
    ] as const) {
      const got = await w.ask(path, { headers });
      assert.equal(got.status, 401, path);
      assert.equal(JSON.parse(got.text).status_code, 401, path);
    }
    const data = await w.ask("/api/tasks?project=3", { headers: { "sec-fetch-mode": "cors" } });
    assert.match(JSON.parse(data.text).detail, /Sign in in another tab, then press Submit again/);
    assert.equal(w.stub.arrived.length, 0);
  });

  test("/ leads people to their projects, and others to sign-in with the page that they came from", async () => {
    const known = await w.ask("/", { headers: { ...navigates, cookie: w.cookies.AN } });
    assert.deepEqual([known.status, known.headers.location], [302, "/projects/"]);
    for (const [referer, next] of [
      [`${origin}/projects/3/data?task=9`, "/projects/3/data?task=9"],
      ["https://evil.example/projects/3", "/projects/"],
      [`${origin}/`, "/projects/"],
      [`${origin}/user/login`, "/projects/"],
    ] as const) {
      const { headers } = await w.ask("/", { headers: { ...navigates, referer } });
      assert.equal(headers.location, `/user/login?next=${encodeURIComponent(next)}`, referer);
    }
    const rights = await w.ask("/user/access", { headers: { cookie: w.cookies.AN } });
    assert.match(rights.text, /Your role/);
  });

  test("a browser that keeps no cookie ends on a page that says so, not in a circle", async () => {
    const back = {
      ...navigates,
      "sec-fetch-site": "cross-site",
      "user-agent": `cookieless ${engine.name}`,
    };
    assert.equal((await w.ask("/projects/3/data", { headers: back })).status, 302);
    const again = await w.ask("/projects/3/data", { headers: back });
    assert.equal(again.status, 400);
    assert.match(again.text, /keeps no cookies/);
  });

  test("a change with a cookie must come from our own pages; with a token it need not", async () => {
    const path = "/api/projects/3/sample-task";
    const body = '{"label_config":"<View/>"}';
    const send = (headers: Record<string, string>) =>
      w.ask(path, {
        method: "POST",
        body,
        headers: { ...isJson, cookie: w.cookies.OW, ...headers },
      });
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { origin: origin.replace(":8080", ":8081") },
    ] as const) {
      const got = await send(headers as Record<string, string>);
      assert.equal(got.status, 403, JSON.stringify(headers));
      assert.match(JSON.parse(got.text).detail, /BASE_URL/);
    }
    assert.equal(w.stub.arrived.length, 0);
    assert.equal((await send({ origin })).status, 200);
    assert.equal((await send({ "sec-fetch-site": "same-origin" })).status, 200);
  });

  test("with a host of its own, a script on Label Studio's host uses no session of the first", async () => {
    const studio = "http://studio.test:8080";
    const two = await openGatewayWorld(engine, { env: { UPSTREAM_PUBLIC_URL: studio } });
    try {
      two.stub.answer((_request, response) => sendJson(response, { ok: true }));
      for (const headers of [{ origin: studio }, { "sec-fetch-site": "same-site" }] as const) {
        const got = await two.ask(list, { headers: { cookie: two.cookies.OW, ...headers } });
        assert.equal(got.status, 403);
      }
      const host = "studio.test:8080";
      const own = await two.ask(list, { headers: { host, cookie: two.cookies.OW } });
      assert.equal(own.status, 401, "the first host's cookie opens nothing there");
      const page = await two.ask("/projects/", { headers: { host, ...navigates } });
      assert.match(
        String(page.headers.location),
        /^http:\/\/labels\.test:8080\/labelgate\/studio\/enter/,
      );
      const ours = await two.ask("/organization", { headers: { host, ...navigates } });
      assert.equal(ours.headers.location, `${origin}/organization`);
      assert.equal(two.stub.arrived.length, 0);
    } finally {
      await two.close();
    }
  });

  test("what is not granted answers as what is not there, and a role that is not enough says so", async () => {
    const headers = { cookie: w.cookies.AN };
    const foreign = await w.ask("/api/projects/4/label-stream-history", { headers });
    const unknown = await w.ask("/api/projects/999/label-stream-history", { headers });
    assert.deepEqual([foreign.status, unknown.status], [404, 404]);
    const { id: _a, ...one } = JSON.parse(foreign.text);
    const { id: _b, ...other } = JSON.parse(unknown.text);
    assert.deepEqual(one, other);
    const settings = await w.ask("/projects/3/settings", { headers: { ...headers, ...navigates } });
    assert.equal(settings.status, 403);
    assert.match(settings.headers["content-type"] ?? "", /html/);
    for (const path of ["/api/unheard-of", "/admin/", "/django-rq/", "/api/users.json", "/sw.js"]) {
      assert.equal((await w.ask(path, { headers })).status, 404, path);
    }
    assert.equal(w.stub.arrived.length, 0);
  });

  test("a changing request stands in the activity log, and so does a refused one", async () => {
    const headers = { ...isJson, cookie: w.cookies.MA, origin };
    await w.ask("/api/projects/3/sample-task?a=secret", {
      ...{ method: "POST", body: '{"label_config":"<View/>"}', headers },
    });
    await w.ask("/api/projects/4", { method: "DELETE", headers: { cookie: w.cookies.MA, origin } });
    await w.ask(list, { headers: { cookie: w.cookies.MA } });
    const { organizationId } = await w.t.store.db
      .selectFrom("memberships")
      .select("organization_id as organizationId")
      .executeTakeFirstOrThrow();
    const rows = await listActivity(
      w.t.store.db,
      { organizationId, email: "mia@contoso.com" },
      { isDescending: false, offset: 0, limit: 10 },
    );
    assert.deepEqual(
      rows.map(({ method, url, status, projectId }) => [method, url, status, projectId]),
      [
        ["POST", "/api/projects/3/sample-task", 200, 3],
        ["DELETE", "/api/projects/4", 404, null],
      ],
    );
  });

  test("a project's creator belongs to it before the 201 goes out", async () => {
    const created = {
      ...{ id: 40 + (engine.name === "sqlite" ? 1 : 2), title: "New", description: "" },
      ...{ created_at: "2026-01-05T09:30:00.000000Z", created_by: { id: 2 }, is_draft: false },
      ...{ pinned_at: null, organization: 1 },
    };
    w.stub.answer((_request, response) => sendJson(response, created, 201));
    const headers = { ...isJson, cookie: w.cookies.MA, origin };
    const got = await w.ask("/api/projects", { method: "POST", body: '{"title":"New"}', headers });
    assert.equal(got.status, 201, got.text);
    const next = await w.ask(`/api/projects/${created.id}/label-stream-history`, {
      headers: { cookie: w.cookies.MA },
    });
    assert.notEqual(next.status, 404, next.text);
    const others = await w.ask(`/api/projects/${created.id}/label-stream-history`, {
      headers: { cookie: w.cookies.AN },
    });
    assert.equal(others.status, 404);
  });

  test("while Label Studio is away, pages try again by themselves and programs get a sentence", async () => {
    const alone = await openGatewayWorld(engine, { env: { UPSTREAM_URL: "http://127.0.0.1:9" } });
    try {
      const page = await alone.ask("/projects/3/data", {
        headers: { ...navigates, cookie: alone.cookies.OW },
      });
      assert.equal(page.status, 502);
      assert.equal(page.headers["refresh"], "10");
      assert.match(page.text, /tries again by itself/);
      assert.match(String(page.headers["content-security-policy"]), /script-src 'self'/);
      const api = await alone.ask(list, { headers: { cookie: alone.cookies.OW } });
      assert.equal(api.status, 502);
      assert.equal(api.headers["retry-after"], "30");
      assert.equal((await alone.ask("/user/login")).status, 200);
    } finally {
      await alone.close();
    }
  });

  test("whoever has no project sees a page that says so, and whoever has no access what to do", async () => {
    const { organizationId } = await w.t.store.db
      .selectFrom("memberships")
      .select("organization_id as organizationId")
      .executeTakeFirstOrThrow();
    for (const [role, email] of [
      ["RE", "rita@contoso.com"],
      ["NO", "nora@contoso.com"],
    ] as const) {
      const { userId } = await w.t.addMember({ organizationId, email, role });
      await w.t.store.db
        .updateTable("users")
        .set({ upstream_id: 100 + userId, upstream_email: email })
        .where("id", "=", userId)
        .execute();
    }
    const look = async (email: string, path: string) =>
      await w.ask(path, {
        headers: { ...navigates, cookie: await w.t.signedInCookie(email, organizationId) },
      });
    const empty = await look("rita@contoso.com", "/projects/");
    assert.equal(empty.status, 200);
    assert.match(empty.text, /No projects yet/);
    for (const path of ["/", "/projects/"]) {
      const refused = await look("nora@contoso.com", path);
      assert.deepEqual([refused.status, refused.headers.location], [302, `${origin}/user/access`]);
    }
    assert.equal(w.stub.arrived.length, 0);
  });

  test("a project that is not known yet is learnt before an administrator's request goes on", async () => {
    const headers = { cookie: w.cookies.OW };
    const asked: string[] = [];
    w.stub.answer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.startsWith("/api/projects/9/") === true) sendJson(response, {}, 404);
      else sendJson(response, { id: 8, title: "Seals", created_at: "2026-01-05T09:30:00Z" });
    });
    const paths = ["/api/projects/8/summary", "/api/projects/8/validate"];
    for (const got of await Promise.all(paths.map((path) => w.ask(path, { headers })))) {
      assert.equal(got.status, 200, got.text);
    }
    assert.equal(asked.length, 3);
    assert.match(asked[0] ?? "", /^\/api\/projects\/8\/\?include=id,title/);
    const rows = w.t.store.db.selectFrom("projects").where("upstream_id", "=", 8);
    assert.deepEqual(await rows.select("title").execute(), [{ title: "Seals" }]);
    asked.length = 0;
    assert.equal((await w.ask("/api/projects/9/summary", { headers })).status, 404);
    const others = { cookie: w.cookies.MA };
    assert.equal((await w.ask("/api/projects/9/summary", { headers: others })).status, 404);
    assert.equal(asked.length, 1, "asked about, and the request itself not sent");
    await w.t.store.db.deleteFrom("projects").where("upstream_id", "=", 8).execute();
  });

  test("nobody is let in by a number that another project has now", async () => {
    const headers = { cookie: w.cookies.MA };
    const webhook = async (id: number) => (await w.ask(`/api/webhooks/${id}`, { headers })).status;
    w.stub.answer((_request, response) => sendJson(response, { id: 1, project: 6 }));
    await w.t.store.db
      .updateTable("projects")
      .where("upstream_id", "=", 3)
      .set({ upstream_id: 6 })
      .execute();
    // A record of that number, made at another time.
    const other = { id: 6, title: "Theirs", created_at: "2020-01-05T09:30:00Z" };
    w.stub.answer((request, response) => {
      const isRecord = request.url?.startsWith("/api/projects/6/") === true;
      sendJson(response, isRecord ? other : { id: 1, project: 6, url: "https://x.test" });
    });
    assert.equal(await webhook(1), 404);
    const asked = w.stub.arrived.filter(({ url }) => url.startsWith("/api/webhooks/"));
    assert.equal(asked.length, 1, "looked up, and not sent");
    await w.t.store.db
      .updateTable("projects")
      .where("title", "=", "Otters")
      .set({ upstream_id: 3 })
      .execute();
  });

  test("minus Labelgate's number is the same person and project, whoever has them", async () => {
    const { db } = w.t.store;
    const person = await db
      .selectFrom("users")
      .select("id")
      .where("email", "=", "rex@contoso.com")
      .executeTakeFirstOrThrow();
    const linked = await db
      .selectFrom("projects")
      .select("id")
      .where("upstream_id", "=", 3)
      .executeTakeFirstOrThrow();
    const { organization_id } = await db
      .selectFrom("projects")
      .select("organization_id")
      .executeTakeFirstOrThrow();
    const own = await db
      .insertInto("projects")
      .values({ organization_id, title: "From before", created_at: 1 })
      .returning("id")
      .executeTakeFirstOrThrow();
    const headers = { cookie: w.cookies.OW };
    const isAsked = (start: string) => w.stub.arrived.some(({ url }) => url.startsWith(start));
    w.stub.answer(({ url = "" }, response) => {
      const record = { id: Number(url.split("/")[3]), title: "Otters", email: "rex@contoso.com" };
      sendJson(response, url.startsWith("/api/users/?") ? [{ ...record, id: 3 }] : record);
    });
    for (const path of [`/api/projects/-${linked.id}`, `/api/projects/-${linked.id}/?include=id`]) {
      await w.ask(path, { headers });
      assert.ok(isAsked("/api/projects/3/"), path);
    }
    assert.equal((await w.ask(`/api/projects/-${linked.id}/summary`, { headers })).status, 200);
    assert.ok(isAsked("/api/projects/3/summary/"));
    await w.ask(`/api/users/-${person.id}/`, { headers });
    assert.ok(isAsked("/api/users/3/"));
    w.stub.arrived.length = 0;
    const foreign = await w.ask(`/api/projects/-${own.id}/`, { headers });
    const { id, title, labelgate_id } = JSON.parse(foreign.text);
    assert.deepEqual([id, title, labelgate_id], [-own.id, "From before", own.id]);
    const annas = { cookie: w.cookies.AN };
    const refused: readonly (readonly [string, object])[] = [
      [`/api/projects/-${own.id}/`, annas],
      [`/api/projects/-${own.id}/summary`, headers],
      ["/api/projects/-99999/", headers],
      ["/api/users/-99999/", headers],
      [`/projects/-${own.id}/data`, headers],
    ];
    for (const [path, by] of refused) {
      assert.equal((await w.ask(path, { headers: { ...by } })).status, 404, path);
    }
    for (const path of ["/api/projects/-03/", "/api/projects/--3/", "/api/projects/-0/"]) {
      assert.equal((await w.ask(path, { headers })).status, 400, path);
    }
    assert.equal((await w.ask(`/api/projects/-${own.id}`)).status, 401);
    assert.deepEqual(w.stub.arrived, []);
    await db.deleteFrom("projects").where("id", "=", own.id).execute();
  });

  test("tabs are shared with Managers of the project, and with no Manager of others", async () => {
    const { db } = w.t.store;
    const headers = { cookie: w.cookies.OW };
    const rex = db
      .updateTable("memberships")
      .where("user_id", "in", (eb) =>
        eb.selectFrom("users").select("id").where("email", "=", "rex@contoso.com"),
      );
    const tab = (user: number) => ({ id: user, data: {}, user, project: 3, order: 1 });
    w.stub.answer(({ url = "" }, response) => {
      const [, id] = /^\/api\/dm\/views\/(\d)\//.exec(url) ?? [];
      sendJson(response, id === undefined ? [1, 2, 3, 4].map(tab) : tab(Number(id)));
    });
    const shown = async () =>
      JSON.parse((await w.ask("/api/dm/views?project=3", { headers })).text).map(
        ({ user }: { user: number }) => user,
      );
    const open = async (id: number) =>
      (await w.ask(`/api/dm/views/${id}?project=3`, { headers })).status;
    assert.deepEqual(await shown(), [1, 2]);
    assert.deepEqual([await open(2), await open(3)], [200, 404]);
    await rex.set({ role: "MA" }).execute();
    assert.deepEqual(await shown(), [1, 2, 3], "the Manager of this project");
    assert.equal(await open(3), 200);
    const member = db
      .selectFrom("project_members")
      .where("user_id", "in", (eb) =>
        eb.selectFrom("users").select("id").where("email", "=", "rex@contoso.com"),
      );
    const rows = await member.selectAll().execute();
    await db.deleteFrom("project_members").where("id", "in", member.select("id")).execute();
    assert.deepEqual(await shown(), [1, 2], "a Manager elsewhere");
    assert.equal(await open(3), 404);
    await db.insertInto("project_members").values(rows).execute();
    await rex.set({ role: "RE" }).execute();
  });

  test("an answer that is taken whole ends when its person's session is ended", async () => {
    let written = 0;
    let hasLeft: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      hasLeft = resolve;
    });
    w.stub.answer((request, response) => {
      if (!request.url?.startsWith("/api/dm/columns")) return sendJson(response, { ok: true });
      response.writeHead(200, { "content-type": "application/json" });
      const more = setInterval(() => {
        written += 1;
        response.write(" ");
      }, 50);
      response.on("close", () => {
        clearInterval(more);
        hasLeft();
      });
    });
    const headers = { cookie: w.cookies.AN };
    const sent = w.open("/api/dm/columns?project=3", { headers });
    const broken = once(sent, "error");
    sent.end();
    while (!w.stub.arrived.some(({ url }) => url.startsWith("/api/dm/columns"))) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    const anna = w.t.store.db.selectFrom("users").where("email", "=", "anna@contoso.com");
    await w.t.store.db.deleteFrom("sessions").where("user_id", "=", anna.select("id")).execute();
    await Promise.all([broken, left]);
    assert.ok(written < maxWrites, `${written} pieces were written meanwhile`);
  });

  test("a transfer ends within seconds when its person's session is ended", async () => {
    let written = 0;
    w.stub.answer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const more = setInterval(() => {
        written += 1;
        response.write("x");
      }, 50);
      response.on("close", () => clearInterval(more));
    });
    const sent = w.open("/data/upload/3/a.bin", { headers: { cookie: w.cookies.RE } });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    response.on("error", () => undefined);
    const { id } = await w.t.store.db
      .selectFrom("users")
      .select("id")
      .where("email", "=", "rex@contoso.com")
      .executeTakeFirstOrThrow();
    written = 0;
    await w.t.app.inject({
      method: "POST",
      url: "/user/logout",
      headers: { cookie: w.cookies.RE, origin },
      payload: {},
    });
    await w.t.store.db.deleteFrom("sessions").where("user_id", "=", id).execute();
    await new Promise((resolve) => {
      response.once("close", resolve);
    });
    assert.ok(written < maxWrites, `${written} pieces were written meanwhile`);
  });
});

onEveryEngine("Label Studio's static files", (engine) => {
  let w: GatewayWorld;
  const text = `/* ${"x".repeat(5000)} */`;
  before(async () => {
    w = await openGatewayWorld(engine);
    w.stub.answer((request, response) => {
      if (request.url?.startsWith("/projects/") === true) {
        response.writeHead(200, { "content-type": "text/html" });
        response.end('<html><head><script src="/react-app/main.js?v=abc"></script></head></html>');
        return;
      }
      if (request.headers["if-modified-since"] !== undefined) {
        response.writeHead(304).end();
        return;
      }
      response.writeHead(200, {
        "content-type": "application/javascript",
        "last-modified": "Mon, 05 Jan 2026 09:00:00 GMT",
        "set-cookie": "sessionid=1",
      });
      response.end(text);
    });
  });
  after(async () => await w.close());

  test("need no session, are fetched once without credentials, and are compressed once", async () => {
    const got = await w.ask("/react-app/main.js", { headers: { "accept-encoding": "gzip, br" } });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.headers["content-encoding"], "br");
    assert.ok(got.body.length < 200);
    assert.equal(got.headers["set-cookie"], undefined);
    assert.equal(got.headers["cache-control"], "public, no-cache");
    const plain = await w.ask("/react-app/main.js");
    assert.equal(plain.text, text);
    const same = await w.ask("/react-app/main.js", {
      headers: { "if-none-match": String(plain.headers.etag) },
    });
    assert.equal(same.status, 304);
    assert.equal(w.stub.arrived.length, 1);
    assert.equal(w.stub.arrived[0]?.headers.authorization, undefined);
  });

  test("are kept for ever only under the version that Label Studio's pages name", async () => {
    const early = await w.ask("/react-app/main.js?v=abc");
    assert.equal(early.headers["cache-control"], "public, no-cache");
    await w.ask("/projects/3/data", { headers: { ...navigates, cookie: w.cookies.OW } });
    w.t.clock.advance(61_000);
    const later = await w.ask("/react-app/main.js?v=abc");
    assert.equal(later.headers["cache-control"], "public, max-age=31536000, immutable");
    const planted = await w.ask("/react-app/main.js?v=tomorrow");
    assert.equal(planted.headers["cache-control"], "public, no-cache");
  });

  test("are served while Label Studio is away, as far as they are kept", async () => {
    await w.stub.close();
    w.t.clock.advance(61_000);
    assert.equal((await w.ask("/react-app/main.js")).status, 200);
    assert.equal((await w.ask("/react-app/other.js")).status, 502);
  });
});
