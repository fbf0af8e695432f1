/** What every answer has in common: headers, limits, request ids, errors, credentials, other sites. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { openTestApp, type Seeded, type TestApp } from "../app.ts";
import { costOf } from "../cost.ts";
import { onEveryEngine } from "../engines.ts";

const form = { "content-type": "application/x-www-form-urlencoded" } as const;
const uuidRe = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Envelope {
  readonly id: string;
  readonly status_code: number;
  readonly detail: string;
  readonly exc_info: null;
}

onEveryEngine("http", (engine) => {
  let t: TestApp;
  let owner: Seeded;
  before(async () => {
    t = await openTestApp(engine);
    owner = await t.createOrganizationWithOwner({
      title: "Contoso",
      password: "seven green bottles",
    });
  });
  after(() => t.close());

  const get = (url: string, headers: Record<string, string> = {}) =>
    t.app.inject({ method: "GET", url, headers });
  const ownersCookie = () => t.signedInCookie(owner.email, owner.organizationId);

  test("every page has a strict policy without inline scripts, and may not be framed", async () => {
    for (const url of ["/user/login", "/no/such/page", "/saml/sso-domain", "/labelgate/app.css"]) {
      const { headers } = await get(url);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'none'/, url);
      assert.match(policy, /script-src 'self'(;|$)/, url);
      assert.match(policy, /frame-ancestors 'none'/, url);
      assert.match(policy, /base-uri 'none'/, url);
      assert.doesNotMatch(policy, /unsafe/, url);
      assert.equal(headers["x-content-type-options"], "nosniff", url);
      assert.equal(headers["x-frame-options"], "DENY", url);
      assert.equal(headers["referrer-policy"], "same-origin", url);
      assert.equal(headers["strict-transport-security"], undefined, url);
    }
  });

  test("a page without need posts to this site alone", async () => {
    for (const url of ["/no/such/page", "/user/login", "/saml/sso-domain", "/user/signup"]) {
      const { headers } = await get(url, { accept: "text/html" });
      assert.match(String(headers["content-security-policy"]), /form-action 'self'$/, url);
    }
  });

  test("a form that leads to another site is answered by a page that goes on, a program is redirected", async () => {
    const out = await openTestApp(engine, {
      env: { LOGOUT_REDIRECT_URL: "https://portal.example/bye?a=ä" },
    });
    const post = (headers: Record<string, string>) =>
      out.app.inject({ method: "POST", url: "/user/logout", headers: { ...form, ...headers } });
    const program = await post({});
    assert.equal(program.statusCode, 303);
    assert.equal(program.headers.location, "https://portal.example/bye?a=%C3%A4");
    const browser = await post({ "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin" });
    assert.equal(browser.statusCode, 200);
    assert.equal(browser.headers["refresh"], "0; url=https://portal.example/bye?a=%C3%A4");
    assert.match(browser.body, /href="https:\/\/portal\.example\/bye/);
    await out.close();
  });

  test("nothing dynamic is cached, and static files are kept for long by their hash", async () => {
    for (const url of ["/user/login", "/api/saml/settings", "/health", "/no/such/page"]) {
      assert.equal((await get(url)).headers["cache-control"], "no-store", url);
    }
    const page = (await get("/user/login")).body;
    const css = /href="(\/labelgate\/app\.css[^"]*)"/.exec(page)?.[1] ?? "";
    const exact = await get(css);
    assert.equal(exact.statusCode, 200);
    assert.equal(exact.headers["cache-control"], "public, max-age=31536000, immutable");
    const script = await get("/labelgate/submit.js");
    assert.equal(script.headers["cache-control"], "no-cache");
    const again = await get("/labelgate/submit.js", {
      "if-none-match": String(script.headers.etag),
    });
    assert.equal(again.statusCode, 304);
  });

  test("files outside the static folder are not served", async () => {
    for (const url of [
      "/labelgate/../app.ts",
      "/labelgate/%2e%2e/routes.ts",
      "/labelgate/..%2froutes.ts",
      "/labelgate/",
    ]) {
      const { statusCode, body } = await get(url);
      assert.ok([400, 403, 404].includes(statusCode), `${url}: ${statusCode}`);
      assert.doesNotMatch(body, /import /, url);
    }
  });

  test("addresses of single sign-on and sign-in are not to be indexed, with and without slash", async () => {
    const paths = ["acs", "denied", "login", "logout", "xml", "metadata"].map(
      (p) => `/saml/tok/${p}`,
    );
    for (const path of [
      ...paths,
      "/saml/sso-domain",
      "/user/login",
      "/user/signup",
      "/api/invite",
    ]) {
      for (const url of [path, `${path}/`]) {
        assert.equal((await get(url)).headers["x-robots-tag"], "noindex, nofollow", url);
      }
    }
    assert.equal((await get("/health")).headers["x-robots-tag"], undefined);
  });

  test("every address answers with and without a trailing slash, without a redirect", async () => {
    const cookie = await ownersCookie();
    for (const path of [
      "/api/saml/settings",
      "/api/current-user/whoami",
      "/user/account",
      "/saml/sso-domain",
      "/health",
    ]) {
      const [plain, slashed] = [await get(path, { cookie }), await get(`${path}/`, { cookie })];
      assert.equal(plain.statusCode, 200, path);
      assert.equal(slashed.statusCode, 200, `${path}/`);
    }
  });

  test("an unknown address is 404: an envelope for the API, a page for people", async () => {
    const api = await get("/api/no/such");
    assert.equal(api.statusCode, 404);
    const envelope = api.json<Envelope>();
    assert.equal(envelope.status_code, 404);
    assert.match(envelope.id, uuidRe);
    assert.equal(envelope.id, api.headers["x-request-id"]);
    assert.equal(envelope.exc_info, null);
    const page = await get("/no/such");
    assert.equal(page.statusCode, 404);
    assert.match(String(page.headers["content-type"]), /^text\/html/);
    assert.match(page.body, /nothing at this address/);
  });

  test("a method that an address does not have is 405 and names those it has", async () => {
    const api = await t.app.inject({ method: "PUT", url: "/api/saml/settings/" });
    assert.equal(api.statusCode, 405);
    assert.deepEqual(
      String(api.headers["allow"])
        .split(", ")
        .sort((a, b) => a.localeCompare(b)),
      ["DELETE", "GET", "HEAD", "POST"],
    );
    assert.equal(api.json<Envelope>().status_code, 405);
    const page = await get("/saml/tok/acs");
    assert.equal(page.statusCode, 405);
    assert.match(String(page.headers["content-type"]), /^text\/html/);
  });

  test("a request id from outside counts for nothing", async () => {
    const { headers } = await get("/health", { "x-request-id": "from-outside-1" });
    assert.match(String(headers["x-request-id"]), uuidRe);
  });

  test("the request id stands on the answer and on its line in the log, the query does not", async () => {
    const { headers } = await get("/setup?token=very-secret-token&SAMLResponse=abc&RelayState=xyz");
    const lines = t
      .log()
      .split("\n")
      .filter((line) => line.includes(String(headers["x-request-id"])));
    assert.ok(
      lines.some((line) => line.includes('"path":"/setup"')),
      lines.join("\n"),
    );
    assert.doesNotMatch(t.log(), /very-secret-token|SAMLResponse|RelayState/);
  });

  test("a body that is too large is 413 with the limit", async () => {
    const api = await t.app.inject({
      method: "POST",
      url: "/api/token/refresh",
      headers: { "content-type": "application/json" },
      payload: JSON.stringify({ refresh: "x".repeat(200_000) }),
    });
    assert.equal(api.statusCode, 413);
    assert.match(api.json<Envelope>().detail, /at most 131072 bytes/);
    const acs = await t.app.inject({
      method: "POST",
      url: "/saml/tok/acs",
      headers: form,
      payload: `SAMLResponse=${"A".repeat(700_000)}`,
    });
    assert.equal(acs.statusCode, 413);
    assert.match(acs.body, /Too large/);
  });

  test("a form with thousands of fields is refused before it costs anything", async () => {
    const payload = Array.from({ length: 100_000 }, (_, n) => `a${n}=`)
      .join("&")
      .slice(0, 580_000);
    const cost = await costOf(async () => {
      const url = "/saml/tok/acs";
      const answer = await t.app.inject({ method: "POST", url, headers: form, payload });
      assert.equal(answer.statusCode, 400);
    });
    assert.ok(cost < 50, `it costs ${cost}`);
  });

  test("bodies that are not JSON, or of an unknown type, get a sentence", async () => {
    const post = (type: string, payload: string) =>
      t.app.inject({
        method: "POST",
        url: "/api/token/refresh",
        headers: { "content-type": type },
        payload,
      });
    const broken = await post("application/json", "{broken");
    assert.equal(broken.statusCode, 400);
    assert.match(broken.json<Envelope>().detail, /not valid JSON/);
    const polluted = await post("application/json", '{"__proto__":{"x":1}}');
    assert.equal(polluted.statusCode, 400);
    assert.equal((await post("text/plain", "hello")).statusCode, 415);
  });

  test("a bug is 500 with a reference that the log bears, and tells nothing else", async () => {
    const ended = await openTestApp(engine);
    await ended.store.close();
    const answer = await ended.app.inject({
      method: "GET",
      url: "/api/saml/settings",
      headers: { authorization: `Token ${"a".repeat(40)}` },
    });
    assert.equal(answer.statusCode, 500, answer.body);
    const { id, detail } = answer.json<Envelope>();
    assert.equal(detail, "Something went wrong on our side.");
    assert.ok(ended.log().includes(id));
    assert.match(ended.log(), /request failed/);
    await ended.app.close();
  });

  test("/health says that the process answers, /ready that the database does", async () => {
    assert.deepEqual((await get("/health")).json(), { status: "ok" });
    assert.deepEqual((await get("/ready")).json(), { status: "ready" });
    const ended = await openTestApp(engine);
    await ended.store.close();
    const answer = await ended.app.inject({ method: "GET", url: "/ready" });
    assert.equal(answer.statusCode, 503);
    assert.match(answer.json<Envelope>().detail, /database cannot be reached/);
    await ended.app.close();
  });

  test("while stopping, /ready turns away and connections are closed after their answer", async () => {
    const stopping = await openTestApp(engine, { wiring: { isStopping: () => true } });
    const answer = await stopping.app.inject({ method: "GET", url: "/ready" });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers.connection, "close");
    assert.equal((await stopping.app.inject({ method: "GET", url: "/health" })).statusCode, 200);
    await stopping.close();
  });

  test("/metrics counts requests by route and status, without addresses of people or tokens", async () => {
    await get("/saml/secret-token-of-an-organization/denied");
    const { body } = await get("/metrics");
    assert.match(
      body,
      /labelgate_http_request_duration_seconds_count\{[^}]*route="\/saml\/:token\/denied"/,
    );
    assert.match(body, /# TYPE labelgate_sign_ons_total counter/);
    assert.match(body, /# TYPE labelgate_idp_certificate_expiry_days gauge/);
    assert.doesNotMatch(body, /secret-token-of-an-organization/);
  });

  test("/metrics is for this machine and private networks, not for what came through a proxy", async () => {
    const read = async (remoteAddress: string, headers: Record<string, string> = {}) =>
      (await t.app.inject({ method: "GET", url: "/metrics", remoteAddress, headers })).statusCode;
    for (const near of [
      "127.0.0.1",
      "127.8.9.1",
      "::1",
      "10.1.2.3",
      "172.31.0.9",
      "192.168.7.7",
      "::ffff:10.1.2.3",
      "fd00::7",
    ]) {
      assert.equal(await read(near), 200, near);
    }
    for (const far of [
      "203.0.113.9",
      "172.32.0.1",
      "192.169.0.1",
      "2001:db8::1",
      "::ffff:203.0.113.9",
    ]) {
      assert.equal(await read(far), 403, far);
      assert.equal(await read(far, { "x-forwarded-for": "127.0.0.1" }), 403, far);
    }
    for (const header of [
      "X-Forwarded-For",
      "Forwarded",
      "X-Real-IP",
      "Via",
      "X-Forwarded-Host",
      "X-Forwarded-Proto",
      "X-Forwarded",
      "CF-Connecting-IP",
      "True-Client-IP",
    ]) {
      assert.equal(await read("127.0.0.1", { [header]: "10.0.0.1" }), 403, header);
    }
  });

  test("where there is a METRICS_TOKEN, /metrics takes it from everybody, from anywhere", async () => {
    const token = "a token for figures alone";
    const guarded = await openTestApp(engine, { env: { METRICS_TOKEN: token } });
    const read = async (remoteAddress: string, authorization?: string) =>
      await guarded.app.inject({
        method: "GET",
        url: "/metrics/",
        remoteAddress,
        headers: authorization === undefined ? {} : { authorization },
      });
    for (const address of ["127.0.0.1", "203.0.113.9"]) {
      assert.equal((await read(address, `Bearer ${token}`)).statusCode, 200);
      for (const wrong of [undefined, "", `Bearer ${token}x`, `Token ${token}`, token, "Bearer "]) {
        const refused = await read(address, wrong);
        assert.equal(refused.statusCode, 401, wrong ?? "nothing");
        assert.doesNotMatch(refused.body, /labelgate_/);
      }
    }
    await guarded.close();
  });

  test("the API answers 401 with WWW-Authenticate without a credential and with a bad one", async () => {
    const bad = [
      `Token ${"0".repeat(40)}`,
      "Token x",
      "Token",
      "Bearer a.b.c",
      "Bearer x",
      "token  ",
    ];
    for (const authorization of [undefined, ...bad]) {
      const answer = await get(
        "/api/saml/settings",
        authorization === undefined ? {} : { authorization },
      );
      assert.equal(answer.statusCode, 401, authorization ?? "no credential");
      assert.match(String(answer.headers["www-authenticate"]), /Token/);
      assert.equal(answer.json<Envelope>().status_code, 401);
    }
  });

  test("a credential of a proxy in front (Basic) counts as none", async () => {
    const cookie = await ownersCookie();
    const headers = { authorization: "Basic YTpi", cookie };
    assert.equal((await get("/api/saml/settings", headers)).statusCode, 200);
  });

  test("an outer gateway's Bearer is passed over beside a good session, and refused without one", async () => {
    const claims = Buffer.from('{"iss":"https://accounts.example"}').toString("base64url");
    for (const authorization of [`Bearer e30.${claims}.c2ln`, "Bearer opaque", "Token short"]) {
      const whoami = "/api/current-user/whoami";
      const cookie = await ownersCookie();
      assert.equal((await get(whoami, { authorization, cookie })).statusCode, 200, authorization);
      assert.equal((await get(whoami, { authorization })).statusCode, 401, authorization);
      const stale = `labelgate_session=${"s".repeat(43)}`;
      assert.equal((await get(whoami, { authorization, cookie: stale })).statusCode, 401);
      // The session counts, and with it its guards.
      assert.equal((await reset({ authorization, cookie })).statusCode, 403, authorization);
    }
  });

  test("a personal token opens the API by Authorization or X-Api-Key, which goes first", async () => {
    const token = await t.apiToken(owner.email, owner.organizationId);
    assert.equal(
      (await get("/api/saml/settings", { authorization: `Token ${token}` })).statusCode,
      200,
    );
    assert.equal(
      (await get("/api/saml/settings", { authorization: `token ${token.toUpperCase()}` }))
        .statusCode,
      200,
    );
    assert.equal((await get("/api/saml/settings", { "x-api-key": token })).statusCode, 200);
    const both = { "x-api-key": "0".repeat(40), authorization: `Token ${token}` };
    assert.equal((await get("/api/saml/settings", both)).statusCode, 401);
  });

  test("a credential in a header goes before the cookie, so a bad one is not rescued by it", async () => {
    const headers = { authorization: `Token ${"0".repeat(40)}`, cookie: await ownersCookie() };
    assert.equal((await get("/api/saml/settings", headers)).statusCode, 401);
  });

  test("people without access get nothing from the API, by session or by token", async () => {
    const { organizationId } = owner;
    const email = "waiting@contoso.com";
    await t.addMember({ organizationId, email, role: "NO" });
    const cookie = await t.signedInCookie(email, organizationId);
    const bySession = await get("/api/current-user/whoami", { cookie });
    assert.equal(bySession.statusCode, 403);
    assert.match(bySession.json<Envelope>().detail, /not active/);
    const authorization = `Token ${await t.apiToken(email, organizationId)}`;
    assert.equal((await get("/api/current-user/whoami", { authorization })).statusCode, 401);
    assert.equal((await get("/", { cookie })).statusCode, 200);
  });

  test("a session cookie that arrives twice counts as none", async () => {
    const cookie = await ownersCookie();
    const planted = `labelgate_session=${"A".repeat(43)}`;
    for (const doubled of [`${planted}; ${cookie}`, `${cookie}; ${planted}`]) {
      assert.equal((await get("/api/saml/settings", { cookie: doubled })).statusCode, 401);
    }
    assert.equal(
      (await get("/api/saml/settings", { cookie: `other=1; ${cookie}` })).statusCode,
      200,
    );
  });

  test("a session ends after five idle days, and while in use lasts", async () => {
    const own = await openTestApp(engine);
    const { email, organizationId } = await own.createOrganizationWithOwner({ title: "Idle" });
    const cookie = await own.signedInCookie(email, organizationId);
    const whoami = () =>
      own.app.inject({ method: "GET", url: "/api/current-user/whoami", headers: { cookie } });
    const day = 24 * 3_600_000;
    own.clock.advance(4 * day);
    assert.equal((await whoami()).statusCode, 200);
    own.clock.advance(4 * day);
    assert.equal((await whoami()).statusCode, 200);
    own.clock.advance(5 * day + 1);
    assert.equal((await whoami()).statusCode, 401);
    await own.close();
  });

  const reset = (headers: Record<string, string>, payload = "") =>
    t.app.inject({ method: "POST", url: "/api/current-user/reset-token", headers, payload });
  const tokenOf = async (cookie: string) =>
    /name="csrf_token" value="([^"]+)"/.exec((await get("/user/account", { cookie })).body)?.[1] ??
    "";

  test("with a session cookie, an unsafe request needs the form token, in header or field", async () => {
    const cookie = await ownersCookie();
    const token = await tokenOf(cookie);
    assert.ok(token.length > 40);
    assert.equal((await reset({ cookie })).statusCode, 403);
    assert.equal(
      (await reset({ cookie, "x-csrftoken": token.replace(/.$/, "_") })).statusCode,
      403,
    );
    assert.equal((await reset({ cookie, "x-csrftoken": "" })).statusCode, 403);
    assert.equal((await reset({ cookie, "x-csrftoken": token })).statusCode, 201);
    assert.equal((await reset({ cookie, ...form }, `csrf_token=${token}`)).statusCode, 201);
    const twice = `csrf_token=${token}&csrf_token=${token}`;
    assert.equal((await reset({ cookie, ...form }, twice)).statusCode, 403);
    const inQuery = await t.app.inject({
      method: "POST",
      url: `/api/current-user/reset-token?csrf_token=${token}`,
      headers: { cookie },
    });
    assert.equal(inQuery.statusCode, 403);
  });

  test("the form token of one session is worth nothing in another", async () => {
    const token = await tokenOf(await ownersCookie());
    assert.equal(
      (await reset({ cookie: await ownersCookie(), "x-csrftoken": token })).statusCode,
      403,
    );
  });

  test("an unsafe request that shows another site is refused, token or not, signed in or not", async () => {
    const cookie = await ownersCookie();
    const token = await tokenOf(cookie);
    const strangers: readonly Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:8081" },
      { origin: "https://localhost:8080" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "http://localhost:8080", "sec-fetch-site": "cross-site" },
    ];
    for (const headers of strangers) {
      const signedIn = await reset({ ...headers, cookie, "x-csrftoken": token });
      assert.equal(signedIn.statusCode, 403, JSON.stringify(headers));
      const anonymous = await t.app.inject({
        method: "POST",
        url: "/user/login",
        headers: { ...headers, ...form },
        payload: "email=owner%40contoso.com&password=seven+green+bottles",
      });
      assert.equal(anonymous.statusCode, 403, JSON.stringify(headers));
      assert.equal(anonymous.headers["set-cookie"], undefined);
    }
    const ours = { origin: "http://localhost:8080", "sec-fetch-site": "same-origin" };
    assert.equal((await reset({ ...ours, cookie, "x-csrftoken": token })).statusCode, 201);
  });

  test("the Assertion Consumer Service and token-authenticated API take requests of any origin", async () => {
    const headers = { origin: "https://idp.example", "sec-fetch-site": "cross-site" };
    const acs = await t.app.inject({
      method: "POST",
      url: "/saml/tok/acs/",
      headers: { ...headers, ...form },
      payload: "SAMLResponse=AAAA",
    });
    assert.equal(acs.statusCode, 404);
    const authorization = `Token ${await t.apiToken(owner.email, owner.organizationId)}`;
    assert.equal((await reset({ ...headers, authorization })).statusCode, 201);
  });

  test("reading needs no form token and never changes anything by another site's doing", async () => {
    const cookie = await ownersCookie();
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    assert.equal((await get("/user/account", headers)).statusCode, 200);
  });

  test("on http loopback the session cookie is HttpOnly and Lax; a new one at every sign-in", async () => {
    const signIn = async (cookie: string) => {
      const answer = await t.app.inject({
        method: "POST",
        url: "/user/login",
        headers: { ...form, cookie },
        payload: "email=owner%40contoso.com&password=seven+green+bottles&keep=1",
      });
      assert.equal(answer.statusCode, 303, answer.body);
      return answer.cookies.find(({ name }) => name === "labelgate_session");
    };
    const planted = `labelgate_session=${"B".repeat(43)}`;
    const first = await signIn(planted);
    assert.ok(first !== undefined);
    assert.notEqual(first.value, "B".repeat(43));
    assert.equal(first.httpOnly, true);
    assert.equal(first.sameSite, "Lax");
    assert.equal(first.path, "/");
    assert.equal(first.secure, undefined);
    assert.equal(first.domain, undefined);
    const second = await signIn("");
    assert.notEqual(second?.value, first.value);
    assert.equal((await get("/api/saml/settings", { cookie: planted })).statusCode, 401);
  });

  test("on https the cookie has the __Host- prefix and Secure, and the plain name counts for nothing", async () => {
    const secure = await openTestApp(engine, { env: { BASE_URL: "https://labels.example.com" } });
    const { email, organizationId } = await secure.createOrganizationWithOwner({
      title: "Safe",
      password: "seven green bottles",
    });
    const answer = await secure.app.inject({
      method: "POST",
      url: "/user/login",
      headers: form,
      payload: `email=${encodeURIComponent(email)}&password=seven+green+bottles`,
    });
    const cookie = answer.cookies.find(({ name }) => name === "__Host-labelgate_session");
    assert.equal(cookie?.secure, true);
    assert.equal(cookie?.path, "/");
    assert.equal(cookie?.domain, undefined);
    assert.equal(answer.headers["strict-transport-security"], "max-age=31536000");
    const plain = (await secure.signedInCookie(email, organizationId)).replace("__Host-", "");
    const read = await secure.app.inject({
      method: "GET",
      url: "/api/saml/settings",
      headers: { cookie: plain },
    });
    assert.equal(read.statusCode, 401);
    await secure.close();
  });

  test("forwarded headers count from trusted proxies alone", async () => {
    const proxied = await openTestApp(engine, { env: { TRUSTED_PROXIES: "10.0.0.0/8" } });
    const ask = async (remoteAddress: string) => {
      const { headers } = await proxied.app.inject({
        method: "GET",
        url: "/user/login",
        remoteAddress,
        headers: {
          "x-forwarded-for": "198.51.100.1, 203.0.113.9:5555",
          "x-request-id": "trace-12345678",
        },
      });
      const line = proxied
        .log()
        .split("\n")
        .findLast((text) => text.includes(String(headers["x-request-id"])));
      return JSON.parse(line ?? "{}") as { requestId: string; ip: string };
    };
    const trusted = await ask("10.1.2.3");
    assert.equal(trusted.requestId, "trace-12345678");
    assert.equal(trusted.ip, "203.0.113.9");
    const stranger = await ask("192.0.2.1");
    assert.match(stranger.requestId, uuidRe);
    assert.equal(stranger.ip, "192.0.2.1");
    await proxied.close();
  });

  test("the Host headers change no address that an answer contains", async () => {
    const authorization = `Token ${await t.apiToken(owner.email, owner.organizationId)}`;
    const answer = await get("/api/saml/settings", {
      authorization,
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
    });
    assert.equal(answer.statusCode, 200);
    assert.doesNotMatch(answer.body, /evil\.example/);
    assert.match(answer.body, /http:\/\/localhost:8080\/saml\//);
  });

  test("a credential header sent twice is refused", async () => {
    await t.app.listen({ port: await freePort(), host: "127.0.0.1" });
    const address = t.app.server.address();
    assert.ok(typeof address === "object" && address !== null);
    const token = await t.apiToken(owner.email, owner.organizationId);
    const status = await new Promise<number>((resolve, reject) => {
      const headers = [
        "Host",
        "localhost",
        "Authorization",
        `Token ${token}`,
        "Authorization",
        "Token x",
        "Connection",
        "close",
      ];
      const options = {
        port: address.port,
        host: "127.0.0.1",
        path: "/api/saml/settings",
        headers,
      };
      httpRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 400);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  probe.close();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
