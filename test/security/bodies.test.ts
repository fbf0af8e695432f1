/** Bodies that are within every limit of size and still unlike any that a client sends. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

const form = "application/x-www-form-urlencoded";
const json = "application/json";

onEveryEngine("bodies of strangers", (engine) => {
  let t: TestApp;
  before(async () => {
    t = await openTestApp(engine);
    await t.createOrganizationWithOwner({ title: "Contoso", email: "olga@contoso.com" });
  });
  after(() => t.close());

  const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
  const bodies: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "lists, twenty thousand deep": [json, deep("[", "]")],
    "objects, ten thousand deep": [json, `${'{"refresh":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    "a refresh token that is deep": [json, `{"refresh":${deep("[", "]")}}`],
    "a prototype": [json, '{"__proto__":{"refresh":"x"},"constructor":{"prototype":{}}}'],
    "a number beyond all": [json, '{"refresh":1e999}'],
    "a NUL": [json, '{"refresh":"a\\u0000b"}'],
    "half a surrogate": [json, '{"refresh":"\\ud800"}'],
    "a form with a prototype": [form, "__proto__=x&constructor=y&toString=z&hasOwnProperty=a"],
    "a form with NUL": [form, "email=a%00@b.com&password=%00&token=%00&domain=%00.com&next=%00"],
    "a form of broken escapes": [form, "email=%&password=%zz&token=%ff&SAMLResponse=%"],
    "a form of the same field": [form, "email=a@b.com&".repeat(900)],
  };
  const doors = [
    "/api/token/refresh",
    "/user/login",
    "/user/signup",
    "/setup",
    "/recover",
    "/user/logout",
    "/saml/sso-domain",
    "/saml/unknown/acs",
  ];
  for (const [what, [type, body]] of Object.entries(bodies)) {
    test(`${what} is no internal error at any door`, async () => {
      for (const url of doors) {
        const answer = await t.app.inject({
          method: "POST",
          url,
          headers: { "content-type": type },
          payload: body,
        });
        assert.ok(answer.statusCode < 500, `${url}: ${answer.statusCode} ${answer.body}`);
      }
    });
  }

  test("the same bodies with a token are no internal error at the settings' doors", async () => {
    const authorization = `Token ${await t.apiToken("olga@contoso.com", 1)}`;
    for (const [what, [type, body]] of Object.entries(bodies)) {
      for (const url of [
        "/api/saml/settings",
        "/api/saml/settings/validate-metadata-url",
        "/api/scim/settings",
        "/api/users",
        "/api/invite/send-email",
      ]) {
        const answer = await t.app.inject({
          method: "POST",
          url,
          headers: { "content-type": type, authorization },
          payload: body.replaceAll("refresh", "metadata_url"),
        });
        assert.ok(answer.statusCode < 500, `${what}, ${url}: ${answer.statusCode} ${answer.body}`);
      }
    }
  });
});
