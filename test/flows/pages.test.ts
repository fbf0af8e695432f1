/** The server-rendered pages, as a browser without JavaScript meets them (PRODUCT 2.1, 5, 8.5). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "../../src/access/changes.ts";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { ensureFirstOwner } from "../../src/people/first-owner.ts";
import { applyPlan } from "../../src/store/apply.ts";
import { saveSaml } from "../../src/store/saml-save.ts";
import { loadSamlByOrganization } from "../../src/store/saml-settings.ts";
import { recordSignIn } from "../../src/store/sign-in-log.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { textOf, Visitor } from "../visit.ts";

const owner = {
  organizationTitle: "Contoso Research",
  firstName: "Olive",
  lastName: "Owner",
  email: "olive@contoso.example",
  password: "seven green bottles",
};

onEveryEngine("pages", (engine) => {
  const withApp = async (
    config: Readonly<Record<string, string>>,
    work: (t: TestApp) => Promise<void>,
  ) => {
    const t = await openTestApp(engine, { config });
    try {
      await work(t);
    } finally {
      await t.close();
    }
  };
  const setUp = async (t: TestApp) => {
    const first = await ensureFirstOwner(t.deps);
    assert.equal(first.outcome, "link");
    const browser = new Visitor(t.app);
    const path = first.url.slice(t.deps.config.baseUrl.length);
    assert.equal((await browser.submit(path, "/setup", owner)).status, 303);
    return browser;
  };
  const claimDomain = async (t: TestApp, domain: string) => {
    await t.deps.store.transaction(async (tx) => {
      const settings = { ...defaultSamlSettings, domain, domains: [domain] };
      await saveSaml(tx, { organizationId: 1, settings, actorUserId: 1, at: t.deps.now() });
    });
    return (await loadSamlByOrganization(t.deps.store.db, 1)).token;
  };

  test("whoever is not signed in is led to sign-in, and home again afterwards", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const browser = new Visitor(t.app);
      assert.equal((await browser.get("/")).location, "/user/login");
      const answer = await browser.submit("/user/login", "/user/login", owner);
      assert.equal(answer.location, "/");
    });
  });

  test("sign-in leads to the page that was asked for, on this site only", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const to = async (next: string) => {
        const page = `/user/login?next=${encodeURIComponent(next)}`;
        return (await new Visitor(t.app).submit(page, "/user/login", owner)).location;
      };
      assert.equal(await to("/user/account"), "/user/account");
      for (const next of [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%2Fevil",
      ]) {
        assert.equal(await to(next), "/");
      }
    });
  });

  test("a form that came back keeps what was typed, except the password, and says what is wrong", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const fields = { email: `"><b>@x`, password: "secret words", next: "/user/account" };
      const { status, body } = await new Visitor(t.app).submit(
        "/user/login",
        "/user/login",
        fields,
      );
      assert.equal(status, 400);
      assert.match(body, /value="&quot;&gt;&lt;b&gt;@x"/);
      assert.doesNotMatch(body, /secret words/);
      assert.match(body, /id="email-problem">This is not an e-mail address/);
      assert.match(body, /aria-describedby="email-problem"/);
      assert.match(body, /name="next" value="\/user\/account"/);
    });
  });

  test("a form without this session's token is refused", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      for (const path of [
        "/user/logout",
        "/user/account/token",
        "/user/account/sessions/end-others",
      ]) {
        assert.equal((await browser.post(path, {})).status, 403, path);
      }
      assert.equal((await browser.get("/")).status, 200);
    });
  });

  test("every page has the strict headers and is not kept", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      for (const path of ["/", "/user/account", "/user/logout"]) {
        const { headers } = await browser.get(path);
        assert.match(String(headers["cache-control"]), /no-store/, path);
        const policy = String(headers["content-security-policy"]);
        assert.doesNotMatch(policy, /unsafe/, path);
      }
    });
  });

  test("page and stylesheet together stay under 30 kB and ask for nothing else", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      const css = await browser.get("/labelgate/app.css");
      assert.equal(css.status, 200);
      assert.match(String(css.headers["content-type"]), /^text\/css/);
      assert.ok(css.body.length < 12_288, `${css.body.length} bytes of CSS`);
      for (const path of ["/", "/user/account"]) {
        const { body } = await browser.get(path);
        assert.ok(body.length + css.body.length < 30_000, `${path} has ${body.length} bytes`);
        assert.doesNotMatch(body, /<script|<img|style=|@import/);
      }
      assert.doesNotMatch(css.body, /url\(|@import/);
    });
  });

  test("LOGIN_PAGE_URL leads elsewhere, and ?local=1 shows the built-in page", async () => {
    await withApp({ LOGIN_PAGE_URL: "https://portal.example/login" }, async (t) => {
      const browser = new Visitor(t.app);
      assert.equal((await browser.get("/user/login")).location, "https://portal.example/login");
      assert.equal((await browser.get("/user/login?local=1")).status, 200);
    });
  });

  test("?local=1 shows nothing where password sign-in is off", async () => {
    const config = { LOGIN_PAGE_URL: "https://portal.example/login", DISABLE_PASSWORD_LOGIN: "1" };
    await withApp(config, async (t) => {
      const browser = new Visitor(t.app);
      const { location } = await browser.get("/user/login?local=1");
      assert.equal(location, "https://portal.example/login");
    });
  });

  test("the sign-in page leads to single sign-on by one field, and on to where one wanted to go", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const token = await claimDomain(t, "contoso.example");
      const page = "/user/login?next=/user/account";
      for (const domain of ["Ada@Contoso.example", "contoso.example"]) {
        const answer = await new Visitor(t.app).submit(page, "/saml/sso-domain", { domain });
        assert.equal(answer.location, `/saml/${token}/login?next=%2Fuser%2Faccount`);
      }
    });
  });

  test("only single sign-on is shown where password sign-in is off", async () => {
    await withApp({ DISABLE_PASSWORD_LOGIN: "1" }, async (t) => {
      const { status, body } = await new Visitor(t.app).get("/user/login");
      assert.equal(status, 200);
      assert.doesNotMatch(body, /type="password"|\/user\/signup/);
      assert.match(body, /action="\/saml\/sso-domain"/);
    });
  });

  test("signing out ends the session and says that the identity provider's goes on", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      const answer = await browser.submit("/", "/user/logout");
      assert.equal(answer.status, 303);
      assert.equal(answer.headers["clear-site-data"], '"cache", "storage"');
      const page = await browser.get(answer.location ?? "");
      assert.match(textOf(page.body), /signed out of Labelgate.*there is no single logout/);
      assert.equal((await browser.get("/")).location, "/user/login");
    });
  });

  test("signing in as somebody else where a session lives asks first, naming both", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      const { body } = await browser.get("/user/account");
      const token = /name="csrf_token" value="([^"]+)"/.exec(body)?.[1] ?? "";
      const fields = { csrf_token: token, password: "seven green bottles" };
      const other = await browser.post("/user/login", { ...fields, email: "eve@contoso.com" });
      assert.equal(other.status, 409);
      assert.match(
        textOf(other.body),
        /signed in as \S+@\S+\. To sign in as eve@contoso\.com, sign out first/,
      );
      assert.equal((await browser.get("/user/account")).status, 200);
    });
  });

  test("LOGOUT_REDIRECT_URL is where signing out leads", async () => {
    await withApp({ LOGOUT_REDIRECT_URL: "https://portal.example/bye" }, async (t) => {
      const browser = await setUp(t);
      const { location } = await browser.submit("/", "/user/logout");
      assert.equal(location, "https://portal.example/bye");
    });
  });

  test("an address or a domain leads to the sign-on of the organization that claims it", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const token = await claimDomain(t, "contoso.example");
      for (const typed of ["ada@contoso.example", "Contoso.Example", "@contoso.example"]) {
        const page = "/saml/sso-domain?next=/user/account";
        const answer = await new Visitor(t.app).submit(page, "/saml/sso-domain", { email: typed });
        assert.equal(answer.status, 303);
        assert.equal(answer.location, `/saml/${token}/login?next=%2Fuser%2Faccount`);
      }
    });
  });

  test("an unknown domain gets one neutral sentence and keeps what was typed", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      await claimDomain(t, "contoso.example");
      const sentences = new Set<string>();
      for (const typed of ["ada@elsewhere.example", "sub.contoso.example"]) {
        const answer = await new Visitor(t.app).submit("/saml/sso-domain", "/saml/sso-domain", {
          email: typed,
        });
        assert.equal(answer.status, 404);
        assert.ok(answer.body.includes(`value="${typed}"`));
        sentences.add(/id="email-problem">([^<]*)</.exec(answer.body)?.[1] ?? "");
      }
      assert.equal(sentences.size, 1);
    });
  });

  test("the denied page shows the reference and looks the same for every token", async () => {
    await withApp({}, async (t) => {
      await setUp(t);
      const token = await claimDomain(t, "contoso.example");
      const pages = [];
      for (const path of [token, "no-such-token"]) {
        const page = await new Visitor(t.app).get(`/saml/${path}/denied?ref=K3M9QX7P2A`);
        assert.equal(page.status, 403);
        assert.match(String(page.headers["x-robots-tag"]), /noindex/);
        assert.match(textOf(page.body), /We could not sign you in\. .* Reference K3M9QX7P2A/);
        pages.push(textOf(page.body));
      }
      assert.equal(pages[0], pages[1]);
    });
  });

  test("a reference that could not be ours is not repeated", async () => {
    await withApp({}, async (t) => {
      const hostile = encodeURIComponent("<script>alert(1)</script>");
      const page = await new Visitor(t.app).get(`/saml/x/denied?ref=${hostile}`);
      assert.equal(page.status, 403);
      assert.doesNotMatch(page.body, /alert/);
    });
  });

  test("home tells role, workspaces and projects, and why each", async () => {
    await withApp({}, async (t) => {
      const browser = await setUp(t);
      const { store } = t.deps;
      const at = t.deps.now();
      const plan = {
        email: owner.email,
        userId: 1,
        changes: [
          { kind: "workspace_created", title: "Cats" },
          {
            kind: "workspace_member_added",
            workspace: { id: null, title: "Cats" },
            source: "saml",
          },
        ],
        reasons: [],
      } as const;
      await store.transaction(async (tx) => {
        const actor = { kind: "saml" } as const;
        await applyPlan(tx, { organizationId: 1, plan, actor, at, action: "sign_in" });
        const reasons: readonly Reason[] = [
          {
            subject: "workspace",
            result: "granted",
            rule: "4.3",
            text: "The group ls-cats gives the workspace Cats.",
            group: "ls-cats",
            target: "Cats",
          },
          {
            subject: "hint",
            result: "noted",
            rule: "8.7",
            text: "The group LS-Dogs differs only by case from ls-dogs.",
          },
        ];
        await recordSignIn(tx, {
          reference: "REFERENCE1",
          organizationId: 1,
          at,
          outcome: "admitted",
          code: null,
          signed: true,
          email: owner.email,
          userId: 1,
          requestId: null,
          ip: null,
          userAgent: null,
          evidence: {},
          attributeNames: [],
          identity: {
            email: owner.email,
            firstName: null,
            lastName: null,
            groups: ["ls-cats", "LS-Dogs"],
            groupsState: "present",
          },
          changes: [],
          reasons,
        });
      });
      const home = textOf((await browser.get("/")).body);
      assert.match(home, /Welcome, Olive Owner/);
      assert.match(home, /Your role Owner This organization is yours/);
      assert.match(home, /Workspaces Cats The group ls-cats gives the workspace Cats\./);
      assert.match(home, /Groups sent ls-cats LS-Dogs/);
      assert.match(home, /Worth knowing The group LS-Dogs differs only by case/);
      assert.match(home, /Single sign-on Not connected yet/);
    });
  });
});
