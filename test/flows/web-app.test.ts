/** How the administrators' app is served: to whom, with which headers, and what stands in its document. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { OrgRole } from "../../src/access/roles.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

const title = `Kim & "Co" </script><b>`;

onEveryEngine("the administrators' app is served", (engine) => {
  let t: TestApp;
  let organizationId = 0;
  const cookies = new Map<OrgRole, string>();

  before(async () => {
    t = await openTestApp(engine);
    const owner = await t.createOrganizationWithOwner({ title, email: "kim@kim.example" });
    organizationId = owner.organizationId;
    cookies.set("OW", await t.signedInCookie(owner.email, organizationId));
    for (const role of ["AD", "MA", "RE", "AN", "NO", "DI"] as const) {
      const email = `${role.toLowerCase()}@kim.example`;
      await t.addMember({ organizationId, email, role });
      cookies.set(role, await t.signedInCookie(email, organizationId));
    }
  });
  after(() => t.close());

  const open = async (url: string, role?: OrgRole, headers: Record<string, string> = {}) => {
    const cookie = role === undefined ? undefined : cookies.get(role);
    return await t.app.inject({
      url,
      headers: { accept: "text/html", ...headers, ...(cookie !== undefined && { cookie }) },
    });
  };

  const metaOf = (body: string, name: string): string => {
    const content = new RegExp(`<meta name="${name}" content="([^"]*)">`).exec(body)?.[1] ?? "";
    const entities: Record<string, string> = {
      quot: '"',
      "#39": "'",
      "#96": "`",
      lt: "<",
      gt: ">",
    };
    return content
      .replaceAll(/&(quot|#39|#96|lt|gt);/g, (_, name: string) => entities[name] ?? "")
      .replaceAll("&amp;", "&");
  };

  test("a stranger is led to the sign-in page and back to where they wanted to go", async () => {
    const answer = await open("/organization/members?search=kim");
    assert.equal(answer.statusCode, 302);
    const next = encodeURIComponent("/organization/members?search=kim");
    assert.equal(answer.headers.location, `/user/login?next=${next}`);
  });

  /** Every page, and whether it takes an Administrator (2) or a Manager (1). */
  const pages = [
    ...["security/sso", "security/sso/test/x1", "security/scim", "security/inspect"],
    ...["security/sign-ins", "security/sign-ins/ABC", "members", "members/3", "activity"],
    "settings",
  ]
    .map((path) => ({ path, needed: 2 }))
    .concat(
      ["", "workspaces", "workspaces/3", "projects", "projects/3"].map((path) => ({
        path,
        needed: 1,
      })),
    );
  const ranks = { OW: 2, AD: 2, MA: 1, RE: 0, AN: 0, NO: 0, DI: 0 } as const;

  for (const role of ["OW", "AD", "MA", "RE", "AN", "NO", "DI"] as const) {
    test(`${role} gets the pages of the role, and for the others a page that says why not`, async () => {
      for (const { path, needed } of pages) {
        const { statusCode, body } = await open(`/organization/${path}`, role);
        assert.equal(statusCode, ranks[role] >= needed ? 200 : 403, path);
        if (statusCode === 200) continue;
        assert.match(body, /This is not allowed/);
        assert.match(body, /Somebody with the role .* may not /);
        assert.doesNotMatch(body, /<script/);
      }
    });
  }

  test("an address that the app does not have is a 404, told by the app", async () => {
    const answer = await open("/organization/nothing/here", "OW");
    assert.equal(answer.statusCode, 404);
    assert.match(answer.body, /<div id="root">/);
    assert.equal((await open("/organization/nothing", "AN")).statusCode, 403);
  });

  test("the document allows no inline script, and styles only by a nonce of its own", async () => {
    const nonces = new Set<string>();
    for (let visit = 0; visit < 2; visit++) {
      const { headers, body } = await open("/organization/members", "OW");
      const policy = String(headers["content-security-policy"]);
      const nonce = /style-src 'self' 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.match(body, new RegExp(`<meta property="csp-nonce" nonce="${nonce}">`));
      assert.equal(headers["cache-control"], "no-store");
      for (const [tag] of body.matchAll(/<script[^>]*>/g))
        assert.match(tag, / src="\/organization/);
      nonces.add(nonce);
    }
    assert.equal(nonces.size, 2);
  });

  test("the document tells who is here and what the role may do, and no title breaks out", async () => {
    const { body } = await open("/organization/projects", "MA");
    const boot = JSON.parse(metaOf(body, "labelgate-boot"));
    assert.equal(boot.user.email, "ma@kim.example");
    assert.equal(boot.user.role, "MA");
    assert.deepEqual(boot.organization, { id: organizationId, title });
    assert.equal(boot.base_url, t.deps.config.baseUrl);
    assert.ok(boot.may.includes("workspaces:write"));
    assert.ok(!boot.may.includes("members:read"));
    assert.doesNotMatch(body, /<b>/);
    assert.match(metaOf(body, "csrf-token"), /^[\w-]{43}$/);
  });

  test("the form token of the document opens the API to the session, and no other does", async () => {
    const { body } = await open("/organization/settings", "OW");
    const change = async (token: string) =>
      await t.app.inject({
        method: "PATCH",
        url: `/api/organizations/${organizationId}/set-default-role`,
        headers: { cookie: cookies.get("OW") ?? "", "x-csrftoken": token },
        payload: { default_role: "RE" },
      });
    assert.equal((await change("wrong")).statusCode, 403);
    assert.equal((await change(metaOf(body, "csrf-token"))).statusCode, 200);
  });

  test("the app's files are kept for good, and sent as the browser can read them", async () => {
    const { body } = await open("/organization/projects", "OW");
    const script = /src="(\/organization\/assets\/[^"]+\.js)"/.exec(body)?.[1] ?? "";
    const plain = await open(script);
    assert.equal(plain.statusCode, 200);
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.equal(plain.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(plain.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(plain.headers["vary"], "accept-encoding");
    assert.equal(plain.headers["x-content-type-options"], "nosniff");
    const sent = async (accepted: string) =>
      await open(script, undefined, { "accept-encoding": accepted });
    const br = await sent("gzip, deflate, br");
    assert.equal(br.headers["content-encoding"], "br");
    assert.equal(brotliDecompressSync(br.rawPayload).equals(plain.rawPayload), true);
    const gzip = await sent("gzip;q=0.5, br;q=0");
    assert.equal(gzip.headers["content-encoding"], "gzip");
    assert.equal(gunzipSync(gzip.rawPayload).equals(plain.rawPayload), true);
    assert.equal((await sent("identity")).headers["content-encoding"], undefined);
  });

  test("nothing but the app's own files is found among them", async () => {
    for (const name of ["nothing.js", "manifest.json", ".sources", "..%2f..%2fpackage.json"]) {
      assert.equal((await open(`/organization/assets/${name}`)).statusCode, 404, name);
    }
  });

  test("the pages of Managers and above lead to the app, the others' do not", async () => {
    for (const [role, leads] of [
      ["OW", true],
      ["AD", true],
      ["MA", true],
      ["AN", false],
      ["NO", false],
    ] as const) {
      const { body } = await open("/", role);
      assert.equal(body.includes('<a href="/organization">'), leads, role);
    }
    assert.match((await open("/", "OW")).body, /href="\/organization\/security\/sso"/);
    assert.doesNotMatch((await open("/", "MA")).body, /\/organization\/security/);
  });
});
