/**
 * An Administrator wants to be the Owner, or to have the Owner's account opened by an identity provider
 * of their own: by every way to write settings, people, groups, invitations and addresses (PRODUCT 1.3,
 * 4.2, 7.6, 9.6a). The settings form itself is flows/owner-confirmation.test.ts's.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hashPassword } from "../../src/people/password.ts";
import { onEveryEngine } from "../engines.ts";
import { type Answer, type Call, callWith } from "../flows/organization-world.ts";
import { ScimClient, type ScimMethod } from "../flows/scim-world.ts";
import { idpEntityId, newSigner, SsoWorld } from "../flows/sso-world.ts";
import { Visitor } from "../visit.ts";

const path = "/api/saml/settings";
const email = "owner@contoso.com";
const evePassword = "what Eve has chosen";

onEveryEngine("an Administrator who would be Owner", (engine) => {
  let world: SsoWorld;
  let ownerId = 0;
  let owner: Call;
  let eve: Call;
  let eveToken = "";
  let scim: ScimClient;
  let stood: unknown;
  /** Eve's provider, which goes by the Owner's provider's name. */
  const evil = newSigner(idpEntityId, { fresh: true });
  const good = () => ({ domain: "contoso.com", metadata_xml: world.signer.metadataXml() });

  before(async () => {
    world = await SsoWorld.open(engine);
    const { test: t, organizationId } = world;
    const password_hash = await hashPassword("the Owner's own password");
    const user = await t.store.db
      .updateTable("users")
      .set({ password_hash, password_proved: 1 })
      .where("email", "=", email)
      .returning("id")
      .executeTakeFirstOrThrow();
    ownerId = user.id;
    owner = callWith(t, await t.apiToken(email, organizationId));
    await t.addMember({ organizationId, email: "eve@contoso.com", role: "AD" });
    eveToken = await t.apiToken("eve@contoso.com", organizationId);
    eve = callWith(t, eveToken);
    const made = await eve("POST", "/api/scim/tokens", { name: "Eve's" });
    scim = new ScimClient(t, made.body.token);
    // What there is to restore: Eve's provider from before the Owner confirmed another.
    await expectOk(eve("POST", path, { ...good(), metadata_xml: evil.metadataXml() }));
    await expectOk(owner("POST", path, good()));
    await world.reload();
    stood = await standing();
  });
  after(() => world.close());

  const expectOk = async (answer: Promise<Answer>) => {
    const { status, text, body } = await answer;
    assert.ok(status < 300, text);
    return body;
  };

  /** All that makes the Owner the Owner, and what opens the account. */
  async function standing(): Promise<unknown> {
    const { db } = world.test.store;
    const owners = await db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .where("memberships.role", "=", "OW")
      .select(["users.id", "users.email", "users.password_hash", "memberships.opens_by_password"])
      .execute();
    const tokens = await db
      .selectFrom("api_tokens")
      .where("user_id", "=", ownerId)
      .select("token_hash")
      .execute();
    const sessions = await db
      .selectFrom("sessions")
      .where("user_id", "=", ownerId)
      .select("method")
      .execute();
    return { owners, tokens, sessions };
  }
  const comesIn = async (says: object, signer = world.signer) => {
    await world.reload();
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const response = world.respond({ inResponseTo, email, ...says }, signer);
    const answer = await browser.post(world.path("acs"), { SAMLResponse: response });
    return answer.headers["location"] === "/";
  };

  /** Settings by which Eve's provider would vouch, in each form that settings are written in. */
  const multipart = (xml: string) => {
    const part = `--b\r\ncontent-disposition: form-data; name="metadata_xml"; filename="m.xml"\r\ncontent-type: text/xml\r\n\r\n${xml}\r\n--b--\r\n`;
    return { type: "multipart/form-data; boundary=b", payload: part };
  };
  const evils = { metadata_xml: evil.metadataXml() };
  const revisionBy = async (state: "after" | "before") => {
    const { results } = await expectOk(eve("GET", `${path}/revisions?kind=saml&page_size=50`));
    const found = results.at(state === "after" ? -2 : -3);
    return await eve("POST", `${path}/revisions/${found.id}/restore?state=${state}`);
  };
  const raw = async (method: "POST" | "PUT" | "PATCH", type: string, payload: string) => {
    const answer = await world.test.app.inject({
      ...{ method, url: path, payload },
      headers: { authorization: `Token ${eveToken}`, "content-type": type },
    });
    return answer.statusCode;
  };
  const form = new URLSearchParams(evils).toString();
  const save = () => eve("POST", path, evils);
  /** What is done, and whether Eve's provider is the organization's then. */
  const ways: readonly (readonly [string, boolean, () => Promise<unknown>])[] = [
    ["JSON by API token", true, save],
    ["a form", true, () => raw("POST", "application/x-www-form-urlencoded", form)],
    [
      "an uploaded file",
      true,
      () => {
        const { type, payload } = multipart(evils.metadata_xml);
        return raw("POST", type, payload);
      },
    ],
    ["PATCH", false, () => eve("PATCH", path, evils)],
    ["PUT", false, () => eve("PUT", path, evils)],
    [
      "a whole record that claims to be confirmed",
      true,
      async () => {
        const record = (await owner("GET", path)).body;
        const confirmed = { is_confirmed: true, may_confirm: true };
        return await eve("POST", path, { ...record, ...evils, owner_sign_in: confirmed });
      },
    ],
    ["a restored revision", true, () => revisionBy("after")],
    ["the state before one", true, () => revisionBy("before")],
    [
      "a reset, and what stood before it",
      true,
      async () => {
        await save();
        await eve("DELETE", path);
        const { results } = await expectOk(eve("GET", `${path}/revisions?kind=saml`));
        return await eve("POST", `${path}/revisions/${results[0].id}/restore?state=before`);
      },
    ],
    ["the preview", false, () => eve("POST", `${path}/preview`, evils)],
    [
      "confirming in the Owner's place",
      true,
      async () => {
        const { version } = await expectOk(save());
        return await eve("POST", `${path}/confirm`, { version });
      },
    ],
    ["a trial of unsaved settings", false, () => eve("POST", `${path}/test`, evils)],
  ];
  for (const [way, isTheirs, write] of ways) {
    test(`gets no vouching for the Owner's account by ${way}`, async () => {
      await write();
      assert.equal(await comesIn({ email: "eve@contoso.com" }, evil), isTheirs);
      assert.equal(await comesIn({}, evil), false);
      assert.deepEqual(await standing(), stood);
      await expectOk(eve("POST", path, good()));
      assert.equal(await comesIn({}), true, "what the Owner confirmed stands again");
      await expectOk(owner("DELETE", `/api/users/${ownerId}/sessions`));
    });
  }

  test("gets nothing of it by provisioning: address, activity, groups, bulk", async () => {
    const eveId = await scim.addUser("eve@contoso.com");
    const id = await scim.addUser(email);
    const mallory = await scim.addUser("mallory@contoso.com");
    const group = await scim.addGroup("Owner", eveId, id);
    const replace = (at: string, value: unknown) => ({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: at, value }],
    });
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const bulk = (method: string, to: string, data?: object) => ({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      Operations: [{ method, path: to, bulkId: "b", ...(data && { data }) }],
    });
    const roles = [{ value: "Owner", primary: true }];
    const tries: readonly (readonly [ScimMethod, string, object?])[] = [
      ["PATCH", `/Users/${id}`, replace("userName", "old@contoso.com")],
      ["PATCH", `/Users/${id}`, replace("active", false)],
      ["PUT", `/Users/${id}`, { schemas, userName: "old@contoso.com" }],
      ["PUT", `/Users/${email}`, { schemas, userName: email, active: false }],
      ["DELETE", `/Users/${id}`],
      ...[email, "OWNER@Contoso.com", ` ${email} `].flatMap((userName) => [
        ["PATCH", `/Users/${mallory}`, replace("userName", userName)] as const,
        ["PUT", `/Users/${mallory}`, { schemas, userName }] as const,
        ["POST", "/Bulk", bulk("PUT", `/Users/${mallory}`, { schemas, userName })] as const,
      ]),
      ["POST", "/Bulk", bulk("DELETE", `/Users/${id}`)],
      ["POST", "/Bulk", bulk("PATCH", `/Users/${id}`, replace("userName", "old@contoso.com"))],
      ["PATCH", `/Users/${mallory}`, replace("id", id)],
      ["PATCH", `/Users/${mallory}`, replace("emails", [{ value: email, primary: true }])],
      ["PUT", `/Users/${eveId}`, { schemas, userName: "eve@contoso.com", roles }],
      ["PATCH", `/Users/${eveId}`, replace("roles", roles)],
      ["PATCH", `/Groups/${group}`, replace("displayName", "OW")],
      ["DELETE", `/Groups/${group}`],
    ];
    for (const [method, to, body] of tries) {
      const { status, text } = await scim.send(method, to, body);
      assert.ok(status < 500, text);
      assert.deepEqual(await standing(), stood, `${method} ${to} ${JSON.stringify(body)}`);
    }
    // Mallory is Mallory still: what the Owner's provider says of her opens her account alone.
    assert.equal(await comesIn({ email: "mallory@contoso.com" }), true);
    assert.deepEqual(await standing(), stood);
  });

  test("is given the role neither by mapping, import, default, invitation nor by hand", async () => {
    const { organizationId } = world;
    const at = `/api/organizations/${organizationId}`;
    const { id: eveId } = await expectOk(eve("GET", "/api/current-user"));
    const tries: readonly (readonly ["POST" | "PATCH", string, object])[] = [
      ["POST", path, { roles_groups: [["Owner", "staff"]] }],
      [
        "POST",
        path,
        { acs_url: "https://ls.example/saml/x/acs", roles_groups: [["Owner", "staff"]] },
      ],
      ["POST", "/api/scim/settings", { roles_groups: [["Owner", "staff"]] }],
      ["PATCH", `${at}/set-default-role`, { default_role: "OW" }],
      ["PATCH", at, { default_role: "OW" }],
      ["PATCH", `${at}/memberships`, { user_id: eveId, role: "OW" }],
      ["POST", `${at}/transfer`, { user_id: eveId }],
      ["POST", "/api/invite/send-email", { emails: ["new@contoso.com"], role: "OW" }],
      ["POST", "/api/invite/send-email", { emails: [email], role: "AD" }],
      ["POST", "/api/invite/send-email", { emails: ["OWNER@contoso.com"], role: "AD" }],
      ["POST", "/api/users", { email, password: evePassword }],
      ["PATCH", `/api/users/${ownerId}`, { email: "old@contoso.com" }],
      ["PATCH", `/api/users/${eveId}`, { email }],
      ["PATCH", "/api/current-user", { email }],
      ["PATCH", `/api/users/${ownerId}`, { password: evePassword }],
    ];
    for (const [method, to, body] of tries) {
      const { status, text } = await eve(method, to, body);
      assert.ok(status >= 400 && status < 500, `${method} ${to} ${JSON.stringify(body)}: ${text}`);
      assert.deepEqual(await standing(), stood);
    }
    assert.deepEqual((await expectOk(eve("GET", "/api/invites"))) as unknown[], []);
  });

  test("joins by no link as the Owner", async () => {
    const { invite_url: link } = await expectOk(eve("GET", "/api/invite"));
    const page = new URL(link);
    const answer = await new Visitor(world.test.app).submit(
      page.pathname + page.search,
      "/user/signup",
      { ...{ email, password: evePassword }, ...{ firstName: "Eve", lastName: "E" } },
    );
    assert.equal(answer.status, 400);
    assert.deepEqual(await standing(), stood);
  });
});

onEveryEngine("an Administrator who knows the next Owner's doors", (engine) => {
  const opened: SsoWorld[] = [];
  after(async () => {
    for (const world of opened) await world.close();
  });
  const open = async () => {
    const world = await SsoWorld.open(engine);
    opened.push(world);
    const { organizationId, test: t } = world;
    const owner = callWith(t, await t.apiToken(email, organizationId));
    await t.addMember({ organizationId, email: "eve@contoso.com", role: "AD" });
    const eve = callWith(t, await t.apiToken("eve@contoso.com", organizationId));
    const metadata_xml = world.signer.metadataXml();
    const saved = await owner("POST", path, { domain: "contoso.com", metadata_xml });
    assert.equal(saved.status, 200, saved.text);
    const cookie = await t.signedInCookie(email, organizationId);
    return { world, t, organizationId, owner, eve, cookie };
  };
  type Opened = Awaited<ReturnType<typeof open>>;
  const bob = "bob@contoso.com";
  const signOn = async ({ world }: Opened) => {
    await world.reload();
    const answer = await world.signOn(world.browser(), { email: bob });
    return answer.headers["location"] === "/";
  };
  const manualRole = async ({ owner, organizationId, t }: Opened, role: string) => {
    const user = await t.store.db
      .selectFrom("users")
      .where("email", "=", bob)
      .select("id")
      .executeTakeFirstOrThrow();
    const at = `/api/organizations/${organizationId}/memberships`;
    const set = await owner("PATCH", at, { user_id: user.id, role });
    assert.equal(set.status, 200, set.text);
    return user.id;
  };
  const transfer = async (w: Opened) => {
    const userId = await manualRole(w, "MA");
    const { transferOrganization } = await import("../../src/people/members.ts");
    const from = await w.t.store.db
      .selectFrom("memberships")
      .where("organization_id", "=", w.organizationId)
      .where("role", "=", "OW")
      .select("user_id as userId")
      .executeTakeFirstOrThrow();
    const principal = {
      ...{ userId: from.userId, organizationId: w.organizationId, email, role: "OW" as const },
      ...{ via: "session" as const, sessionId: null },
    };
    const acting = { principal, ip: "192.0.2.1", requestId: "transfer" };
    await transferOrganization(w.t.deps, acting, userId);
    assert.equal((await w.world.roleOf(bob))?.role, "OW");
  };
  const byPassword = async ({ world }: Opened, password: string) => {
    const browser = world.browser("203.0.113.9");
    return (await browser.post("/user/login", { email: bob, password })).statusCode;
  };
  const inviteBob = async ({ eve }: Opened) => {
    const made = await eve("POST", "/api/invite/send-email", { emails: [bob], role: "AN" });
    assert.equal(made.status, 200, made.text);
    const url = new URL(made.body.invites[0].invite_url);
    return url.pathname + url.search;
  };
  const joinAsBob = async ({ t }: Opened, page: string) =>
    await new Visitor(t.app, { ip: "203.0.113.10" }).post("/user/signup", {
      ...{ email: bob, password: evePassword, firstName: "Bob", lastName: "B" },
      token: new URLSearchParams(page.slice(page.indexOf("?"))).get("token") ?? "",
    });

  test("opens by a link that she kept nobody who came in without it, and not the Owner", async () => {
    const w = await open();
    const page = await inviteBob(w);
    assert.equal(await signOn(w), true);
    assert.equal((await joinAsBob(w, page)).status, 400, "a member is in already");
    assert.equal(await byPassword(w, evePassword), 401);
    await transfer(w);
    assert.equal((await joinAsBob(w, page)).status, 404, "the link ended");
    assert.equal(await byPassword(w, evePassword), 401);
    assert.equal(await signOn(w), true);
  });

  test("made the account and its password, which opens the organization no more once its person is Owner", async () => {
    const w = await open();
    const made = await w.eve("POST", "/api/users", { email: bob, password: evePassword });
    assert.equal(made.status, 201, made.text);
    await manualRole(w, "AN");
    assert.equal(await byPassword(w, evePassword), 303, "as an annotator's");
    assert.equal(await signOn(w), true);
    await transfer(w);
    assert.equal(await byPassword(w, evePassword), 403);
    assert.equal(await signOn(w), true, "by the provider that the former Owner confirmed");
  });

  test("joined by an invitation in the next Owner's name, with as little", async () => {
    const w = await open();
    assert.equal((await joinAsBob(w, await inviteBob(w))).status, 303);
    assert.equal(await signOn(w), true);
    await transfer(w);
    assert.equal(await byPassword(w, evePassword), 403);
  });

  test("leaves an Owner who has nothing but a password theirs", async () => {
    const w = await open();
    assert.equal((await joinAsBob(w, await inviteBob(w))).status, 303);
    await transfer(w);
    assert.equal(await byPassword(w, evePassword), 303, "nobody but Bob is known to have it");
  });
});
