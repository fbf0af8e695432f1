/** The API's document: as live as the routes, made of their schemas, and true of their answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiDocument, operationKey, operations } from "../../src/http/openapi/document.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE" | "PUT";
  /** As the document spells it. */
  readonly path: string;
  readonly ids?: Readonly<Record<string, unknown>>;
  readonly query?: string;
  readonly body?: object;
}

onEveryEngine("openapi", (engine) => {
  const withApp = async (work: (t: TestApp) => Promise<void>) => {
    const t = await openTestApp(engine);
    try {
      await work(t);
    } finally {
      await t.close();
    }
  };

  test("every live route of the API stands in the document, and every documented one is live", async () => {
    await withApp(async ({ app }) => {
      const document = (await app.inject({ url: "/api/openapi.json" })).json() as ApiDocument;
      const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => operationKey(method, path)),
      );
      const live = [...app.apiRoutes];
      const described = operations.map(({ method, path }) => operationKey(method, path));
      assert.deepEqual(
        live.filter((key) => !documented.includes(key)),
        [],
        "live and not described: see src/http/openapi/",
      );
      assert.deepEqual(
        [...described, ...documented].filter((key) => !live.includes(key)),
        [],
        "described and not live",
      );
    });
  });

  test("the document is OpenAPI 3.1 whose references lead somewhere and whose names are unique", async () => {
    await withApp(async ({ app, deps }) => {
      const answer = await app.inject({ url: "/api/openapi.json" });
      const document = answer.json() as ApiDocument;
      assert.equal(document.openapi, "3.1.1");
      assert.deepEqual(document.servers, [{ url: deps.config.baseUrl }]);
      for (const [, reference = ""] of answer.body.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        let found: unknown = document;
        for (const step of reference.split("/")) {
          found = (found as Readonly<Record<string, unknown>>)[step];
        }
        assert.ok(found, reference);
      }
      const names = [...answer.body.matchAll(/"operationId":"([^"]+)"/g)].map(([, name]) => name);
      assert.equal(new Set(names).size, operations.length);
      assert.equal(answer.body.includes("$schema"), false);
    });
  });

  test("the page shows every operation without a script and without anything from elsewhere", async () => {
    await withApp(async ({ app }) => {
      const page = await app.inject({ url: "/docs/api" });
      assert.equal(page.statusCode, 200);
      for (const { method, path } of operations) {
        assert.ok(page.body.includes(`<code>${method.toUpperCase()} ${path}</code>`), path);
      }
      assert.ok(page.body.includes("SHA-1 can be forged"), "a setting's help");
      assert.doesNotMatch(page.body, /<script|style=|https?:\/\/(?!www\.w3\.org)/);
    });
  });

  test("answers are what the document says they are", async () => {
    await withApp(async (t) => {
      const owner = await t.createOrganizationWithOwner({ title: "Contoso" });
      const token = await t.apiToken(owner.email, owner.organizationId);
      const { organizationId: id } = owner;
      const ada = await t.addMember({ organizationId: id, email: "ada@contoso.com", role: "AN" });
      const seen = new Set<string>();
      // Returns what was answered, once it is known to fit.
      const call = async ({ method, path, ids = {}, query = "", body }: Call): Promise<unknown> => {
        const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(ids[name]));
        const answer = await t.app.inject({
          method,
          url: url + query,
          headers: { authorization: `Token ${token}` },
          ...(body === undefined ? {} : { payload: body }),
        });
        const key = operationKey(method, path);
        const operation = operations.find((one) => operationKey(one.method, one.path) === key);
        assert.ok(operation, key);
        assert.equal(answer.statusCode, operation.status, `${key}: ${answer.body}`);
        seen.add(key);
        if (operation.answer === null) {
          assert.equal(answer.body, "", key);
          return null;
        }
        const [type = ""] = String(answer.headers["content-type"]).split(";");
        const { answerTypes = ["application/json"] } = operation;
        assert.ok(answerTypes.includes(type), `${key}: ${type}`);
        const value: unknown = type === "application/json" ? answer.json() : answer.body;
        assert.deepEqual(operation.answer.safeParse(value).error?.issues ?? [], [], key);
        return value;
      };
      const made = async (path: string, body: object): Promise<{ id: number }> =>
        (await call({ method: "POST", path, body })) as { id: number };
      const workspace = await made("/api/workspaces/", { title: "Radiology" });
      const project = await made("/api/projects/", { title: "Scans", workspace: workspace.id });
      const of = { workspace: "/api/workspaces/{id}/", project: "/api/projects/{id}/" };
      const user = { user: ada.userId };
      const many = { all: true };
      const inWorkspace: readonly Omit<Call, "ids">[] = [
        { method: "GET", path: of.workspace },
        { method: "PATCH", path: of.workspace, body: { color: "red" } },
        { method: "POST", path: `${of.workspace}memberships/`, body: user },
        { method: "GET", path: `${of.workspace}memberships/` },
        { method: "GET", path: `${of.workspace}memberships/paginated/` },
        { method: "DELETE", path: `${of.workspace}memberships/`, query: `?user_id=${ada.userId}` },
        { method: "POST", path: `${of.workspace}memberships/bulk/`, body: many },
        { method: "DELETE", path: `${of.workspace}memberships/bulk/`, query: "?all=true" },
        { method: "GET", path: `${of.workspace}projects/` },
        { method: "DELETE", path: `${of.workspace}projects/`, query: `?project=${project.id}` },
        { method: "POST", path: `${of.workspace}projects/`, body: { project: project.id } },
      ];
      for (const one of inWorkspace) await call({ ...one, ids: { id: workspace.id } });
      const role = await made("/api/projects/roles/", { project: project.id, ...user, role: "RE" });
      const inProject: readonly Omit<Call, "ids">[] = [
        { method: "GET", path: of.project },
        { method: "PATCH", path: of.project, body: { workspace: null } },
        { method: "POST", path: `${of.project}members/`, body: user },
        { method: "GET", path: `${of.project}members/` },
        { method: "GET", path: `${of.project}members/export/` },
        { method: "GET", path: `${of.project}members/paginated/` },
        { method: "GET", path: `${of.project}roles` },
      ];
      for (const one of inProject) await call({ ...one, ids: { id: project.id } });
      await call({ method: "DELETE", path: "/api/projects/roles/{id}/", ids: { id: role.id } });
      const leaving: readonly Omit<Call, "ids">[] = [
        { method: "DELETE", path: `${of.project}members/`, query: `?user=${ada.userId}` },
        { method: "POST", path: `${of.project}members/bulk/`, body: many },
        { method: "DELETE", path: `${of.project}members/bulk/`, query: "?all=true" },
        { method: "DELETE", path: of.project },
      ];
      for (const one of leaving) await call({ ...one, ids: { id: project.id } });
      await call({ method: "DELETE", path: of.workspace, ids: { id: workspace.id } });

      const organization = "/api/organizations/{id}";
      const next = { user_id: ada.userId, role: "MA" };
      const made2 = { email: "bob@contoso.com", first_name: "Bob" };
      const bob = await made("/api/users/", made2);
      const pat = (await call({ method: "POST", path: "/api/token/" })) as { token: string };
      const refresh = { refresh: pat.token };
      const inOrganization: readonly Call[] = [
        { method: "GET", path: organization },
        { method: "PATCH", path: organization, body: { title: "Contoso 2" } },
        { method: "PATCH", path: `${organization}/set-default-role`, body: { default_role: "RE" } },
        { method: "GET", path: `${organization}/memberships` },
        { method: "PATCH", path: `${organization}/memberships`, body: next },
        { method: "GET", path: `${organization}/memberships/{user}/` },
        { method: "GET", path: `${organization}/memberships/{user}/why/` },
        { method: "POST", path: `${organization}/memberships/{user}/deactivate` },
        { method: "PATCH", path: `${organization}/memberships`, body: { ...next, role: "AD" } },
        { method: "DELETE", path: `${organization}/memberships/{user}/` },
      ];
      const tags = `${organization}/member-tags`;
      const form = new FormData();
      form.set("bulk_tags", "Radiology");
      form.set("file", new Blob(["email,tags\nada@contoso.com,Berlin\n"]), "tags.csv");
      const found = `${organization}/memberships`;
      const rights = `${organization}/permissions`;
      const right = { permission: "users.token.any", roles: ["AD"] };
      const tagged: readonly Call[] = [
        { method: "GET", path: `${rights}/options` },
        { method: "POST", path: rights, body: right },
        { method: "GET", path: rights, query: "?ordering=-permission" },
        { method: "GET", path: `${rights}/{permission}` },
        { method: "PUT", path: `${rights}/{permission}`, body: right },
        { method: "PATCH", path: `${rights}/{permission}`, body: { roles: [] } },
        { method: "DELETE", path: `${rights}/{permission}` },
        { method: "GET", path: `${found}/filter-schema` },
        { method: "GET", path: `${found}/search`, query: "?filters=%7B%7D&ordering=-email" },
        { method: "POST", path: `${found}/search`, body: { filters: {} } },
        { method: "GET", path: `${found}/filter-options/membership` },
        { method: "GET", path: `${found}/filter-options/skills` },
        { method: "POST", path: tags, body: { label: "Night shift" } },
        { method: "GET", path: tags, query: "?search=night&ordering=-member_count" },
        { method: "GET", path: `${tags}/{tag}` },
        { method: "PATCH", path: `${tags}/{tag}`, body: { label: "Day shift" } },
        { method: "POST", path: `${tags}/assignments`, body: { all: true, tags: "1" } },
        { method: "DELETE", path: `${tags}/{tag}` },
        { method: "POST", path: `${tags}/bulk`, body: { labels: ["a", "b"] } },
        { method: "DELETE", path: `${tags}/bulk`, query: "?ids=2,3" },
        { method: "POST", path: `${tags}/imports`, body: form },
        { method: "GET", path: `${tags}/imports/{import}` },
      ];
      for (const one of [...inOrganization, ...tagged]) {
        await call({ ...one, ids: { id, user: ada.userId, tag: 1, import: 1, ...right } });
      }
      const scim = await made("/api/scim/tokens", { name: "Entra ID" });
      await call({ method: "DELETE", path: "/api/scim/tokens/{id}", ids: { id: scim.id } });
      const cyd = await t.addMember({ organizationId: id, email: "cyd@contoso.com", role: "AD" });
      const others: readonly Call[] = [
        { method: "GET", path: "/api/openapi.json" },
        ...["whoami", "token"].map(
          (one): Call => ({ method: "GET", path: `/api/current-user/${one}` }),
        ),
        { method: "GET", path: "/api/current-user" },
        { method: "PATCH", path: "/api/current-user", body: { first_name: "Olive" } },
        { method: "GET", path: "/api/organizations/" },
        { method: "GET", path: "/api/workspaces/" },
        { method: "GET", path: "/api/projects/" },
        { method: "GET", path: "/api/projects/roles/" },
        { method: "GET", path: "/api/users/" },
        { method: "GET", path: "/api/users/", query: "?page=1" },
        { method: "GET", path: "/api/users/{id}/", ids: { id: bob.id } },
        {
          method: "PATCH",
          path: "/api/users/{id}/",
          ids: { id: bob.id },
          body: { last_name: "B" },
        },
        { method: "GET", path: "/api/users/{id}/sessions", ids: { id: bob.id } },
        { method: "DELETE", path: "/api/users/{id}/sessions", ids: { id: bob.id } },
        { method: "DELETE", path: "/api/users/{id}/", ids: { id: bob.id } },
        { method: "GET", path: "/api/jwt/settings" },
        { method: "POST", path: "/api/jwt/settings", body: { api_token_ttl_days: 90 } },
        { method: "GET", path: "/api/session-policy" },
        { method: "PATCH", path: "/api/session-policy", body: { max_session_age: 1440 } },
        { method: "GET", path: "/api/invite" },
        { method: "POST", path: "/api/invite/reset-token" },
        { method: "POST", path: "/api/invite/send-email", body: { emails: ["dan@contoso.com"] } },
        { method: "GET", path: "/api/invites" },
        { method: "POST", path: "/api/invite/revoke", body: { email: "dan@contoso.com" } },
        { method: "GET", path: "/api/token/" },
        { method: "POST", path: "/api/token/refresh/", body: refresh },
        { method: "GET", path: "/api/sessions" },
        { method: "GET", path: "/api/activity-logs/" },
        { method: "GET", path: "/api/activity-logs/export", query: "?format=csv" },
        { method: "GET", path: "/api/scim/requests" },
        { method: "GET", path: "/api/scim/tokens" },
        { method: "GET", path: "/api/saml/settings" },
        { method: "POST", path: "/api/saml/settings", body: { roles_groups: [["Manager", "m"]] } },
        { method: "POST", path: "/api/saml/settings/preview", body: { roles_groups: [] } },
        { method: "POST", path: "/api/scim/settings/preview", body: { roles_groups: [] } },
        { method: "DELETE", path: "/api/saml/settings" },
        { method: "GET", path: "/api/saml/settings/revisions" },
        { method: "GET", path: "/api/saml/groups", query: "?search=a&limit=5" },
        { method: "GET", path: "/api/saml/sign-ins" },
        { method: "POST", path: "/api/saml/inspect", body: { saml_response: "PHg+" } },
        { method: "GET", path: "/api/saml/sp-keys" },
        { method: "POST", path: "/api/saml/sp-keys" },
        { method: "POST", path: "/api/saml/sp-keys/activate" },
        { method: "GET", path: "/api/scim/settings" },
        { method: "POST", path: "/api/scim/settings", body: { roles_groups: [] } },
        {
          method: "POST",
          path: `${organization}/transfer`,
          ids: { id },
          body: { user_id: cyd.userId },
        },
      ];
      for (const one of others) await call(one);
      await call({ method: "GET", path: "/api/labelgate/upstream" });
      const { results } = (await call({ method: "GET", path: "/api/saml/settings/revisions" })) as {
        results: { id: number }[];
      };
      await call({
        method: "POST",
        path: "/api/saml/settings/revisions/{id}/restore",
        ids: { id: Math.max(...results.map((revision) => revision.id)) },
      });
      const rotated = (await call({
        method: "POST",
        path: "/api/token/rotate/",
        body: refresh,
      })) as { refresh: string };
      await call({ method: "POST", path: "/api/token/blacklist/", body: rotated });
      await call({ method: "POST", path: "/api/current-user/reset-token/" });
      // What needs a session, a server or an identity provider has flows of its own.
      const elsewhere = [
        "DELETE /api/sessions/{}",
        "POST /api/saml/settings/validate-metadata-url",
        "POST /api/saml/settings/confirm",
        "POST /api/saml/settings/test",
        "GET /api/saml/settings/test/{}",
        // A Label Studio: test/gateway/upstream-api.test.ts.
        ...["sync", "link", "assign", "accept"].map(
          (name) => `POST /api/labelgate/upstream/${name}`,
        ),
      ];
      const unseen = [...t.app.apiRoutes].filter(
        (key) => !seen.has(key) && !elsewhere.includes(key),
      );
      assert.deepEqual(unseen, []);
    });
  });
});
