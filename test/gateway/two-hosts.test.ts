/** Two hosts through the whole server (GATEWAY 10.2): what a cookie and a token open on each. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type GatewayWorld, openGatewayWorld, origin } from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const studioHost = "studio.test:8080";
const studio = `http://${studioHost}`;
const visit = {
  accept: "text/html",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "none",
};

onEveryEngine("Label Studio on a host of its own", (engine) => {
  let w: GatewayWorld;
  let studioCookie = "";
  before(async () => {
    w = await openGatewayWorld(engine, { env: { UPSTREAM_PUBLIC_URL: studio } });
    w.stub.answer(({ url = "" }, response) => {
      const page = { count: 0, next: null, previous: null, results: [] };
      sendJson(response, url.includes("label_links") ? page : []);
    });
    const begun = await w.ask("/projects/3/data?task=9", {
      headers: { ...visit, host: studioHost },
    });
    const state = String(begun.headers["set-cookie"]?.[0]).split(";")[0] ?? "";
    const entered = await w.ask(String(begun.headers.location).replace(origin, ""), {
      headers: { cookie: w.cookies.OW },
    });
    const taken = await w.ask(String(entered.headers.location).replace(studio, ""), {
      headers: { cookie: state, host: studioHost },
    });
    assert.equal(taken.headers.location, "/projects/3/data?task=9");
    studioCookie = String(taken.headers["set-cookie"]?.[0]).split(";")[0] ?? "";
  });
  after(async () => await w.close());

  const onStudio = (headers: Record<string, string>) => ({
    headers: { host: studioHost, accept: "application/json", ...headers },
  });
  const links = "/api/label_links?project=3";

  test("the studio's cookie opens Label Studio's addresses there, and none of Labelgate's", async () => {
    const got = await w.ask(links, onStudio({ cookie: studioCookie }));
    assert.equal(got.status, 200, got.text);
    for (const path of ["/api/sessions/", "/api/organizations/", "/api/saml/settings"]) {
      assert.equal((await w.ask(path, onStudio({ cookie: studioCookie }))).status, 404, path);
    }
    const account = await w.ask("/user/account", { headers: { ...visit, host: studioHost } });
    assert.equal(account.headers.location, `${origin}/user/account`);
  });

  test("the first host's cookie opens no page and no data of Label Studio there: it leads to its host", async () => {
    const page = await w.ask("/projects/3/data?task=9", {
      headers: { ...visit, cookie: w.cookies.OW },
    });
    assert.deepEqual(
      [page.status, page.headers.location],
      [302, `${studio}/projects/3/data?task=9`],
    );
    const file = await w.ask("/data/upload/3/0a1b2c3d-page.html", {
      headers: { cookie: w.cookies.OW, "sec-fetch-mode": "no-cors" },
    });
    assert.equal(file.status, 421);
    assert.equal((await w.ask(links, { headers: { cookie: w.cookies.OW } })).status, 421);
  });

  test("each host's cookie is worth nothing on the other", async () => {
    assert.equal((await w.ask(links, { headers: { cookie: studioCookie } })).status, 401);
    assert.equal((await w.ask(links, onStudio({ cookie: w.cookies.OW }))).status, 401);
  });

  test("a token opens everything on either host, without a redirect", async () => {
    const authorization = `Token ${w.token}`;
    for (const headers of [{ authorization }, { authorization, host: studioHost }]) {
      assert.equal((await w.ask(links, { headers })).status, 200);
      assert.equal((await w.ask("/api/sessions/", { headers })).status, 200);
    }
  });

  test("another site's page makes no browser change anything on the studio host", async () => {
    for (const from of ["https://evil.example", "null", "http://other.test:8080"]) {
      const got = await w.ask("/api/dm/actions?id=next_task&project=3&tabID=1", {
        ...{ method: "POST", body: "{}" },
        headers: {
          ...{ host: studioHost, cookie: studioCookie, origin: from },
          "content-type": "application/json",
        },
      });
      assert.equal(got.status, 403, from);
    }
  });

  test("a host that is neither is not answered for", async () => {
    assert.equal((await w.ask(links, { headers: { host: "evil.test" } })).status, 421);
  });
});
