/** A person's own page with and without a Label Studio: where it leads, and for whom (GATEWAY 10.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrgRole } from "../../src/access/roles.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

const connected = {
  UPSTREAM_URL: "http://label-studio.test:8080",
  UPSTREAM_SECRET_KEY: "a secret key that both servers share",
};
const openButton = /<a class="button" href="([^"]+)">Open Label Studio<\/a>/;
const titled = `Otters & <b>"Seals"</b>`;

onEveryEngine("the page of one's own access", (engine) => {
  /** An application with an Owner; `open` answers the page of somebody with the role. */
  const withApp = async (
    env: Readonly<Record<string, string>>,
    work: (open: (role: OrgRole, path?: string) => Promise<string>, t: TestApp) => Promise<void>,
  ) => {
    const t = await openTestApp(engine, { env });
    try {
      const { organizationId, email: owner } = await t.createOrganizationWithOwner({ title: "Co" });
      await work(async (role, path = "/user/access") => {
        const email = role === "OW" ? owner : `${role.toLowerCase()}@co.com`;
        if (role !== "OW" && !(await isThere(t, email))) {
          await t.addMember({ organizationId, email, role });
          await giveProjects(t, email);
        }
        const cookie = await t.signedInCookie(email, organizationId);
        return (await t.app.inject({ url: path, headers: { cookie } })).body;
      }, t);
    } finally {
      await t.close();
    }
  };

  test("a project's title leads to it in Label Studio, by the number that it has there", async () => {
    await withApp(connected, async (open, t) => {
      const body = await open("AN");
      const { baseUrl } = t.deps.config;
      const escaped = "Otters &amp; &lt;b&gt;&quot;Seals&quot;&lt;/b&gt;";
      assert.ok(body.includes(`<h3><a href="${baseUrl}/projects/71/data">${escaped}</a></h3>`));
      assert.equal(openButton.exec(body)?.[1], `${baseUrl}/projects/`);
    });
  });

  test("a project that is not in Label Studio, or not any more, leads nowhere", async () => {
    await withApp(connected, async (open) => {
      const body = await open("AN");
      assert.match(body, /<h3>Not linked<\/h3>/);
      assert.match(body, /<h3>Gone<\/h3>/);
    });
  });

  test("where Label Studio has a host of its own, every way leads to that", async () => {
    const studio = "https://studio.example.com";
    const env = { ...connected, BASE_URL: "https://labels.example.com" };
    await withApp({ ...env, UPSTREAM_PUBLIC_URL: studio }, async (open) => {
      const body = await open("RE");
      assert.equal(openButton.exec(body)?.[1], `${studio}/projects/`);
      assert.ok(body.includes(`href="${studio}/projects/71/data"`));
    });
  });

  test("with a Label Studio the page is called what it is, since home is Label Studio's", async () => {
    await withApp(connected, async (open) => {
      for (const path of ["/user/access", "/user/account"]) {
        const body = await open("MA", path);
        assert.match(body, /<a href="\/user\/access">Your access<\/a>/, path);
        assert.doesNotMatch(body, />Home</, path);
      }
    });
    await withApp({}, async (open) => {
      assert.match(await open("MA", "/"), /<a href="\/">Home<\/a>/);
    });
  });

  test("people without access are led into no Label Studio", async () => {
    await withApp(connected, async (open) => {
      for (const role of ["NO", "DI"] as const) {
        const body = await open(role);
        assert.doesNotMatch(body, openButton, role);
        assert.doesNotMatch(body, /\/projects\//, role);
        assert.match(body, /Your access<\/a>/, role);
      }
    });
  });

  test("without one, administrators alone read that none is connected and how to connect it", async () => {
    await withApp({}, async (open) => {
      for (const role of ["OW", "AD"] as const) {
        assert.match(await open(role), /No Label Studio is connected.*UPSTREAM_URL/, role);
      }
      for (const role of ["MA", "RE", "AN", "NO", "DI"] as const) {
        const body = await open(role);
        assert.doesNotMatch(body, /Label Studio is connected|UPSTREAM_URL/, role);
        assert.doesNotMatch(body, openButton, role);
        assert.doesNotMatch(body, /\/projects\//, role);
      }
    });
  });
});

async function isThere(t: TestApp, email: string): Promise<boolean> {
  const found = t.store.db.selectFrom("users").where("email", "=", email).select("id");
  return (await found.executeTakeFirst()) !== undefined;
}

/** Membership of a project in Label Studio, of one that is only here, and of one that is gone there. */
async function giveProjects(t: TestApp, email: string): Promise<void> {
  const { db } = t.store;
  const at = t.clock.nowMs;
  const { id: userId } = await db
    .selectFrom("users")
    .where("email", "=", email)
    .select("id")
    .executeTakeFirstOrThrow();
  const { id: organizationId } = await db
    .selectFrom("organizations")
    .select("id")
    .executeTakeFirstOrThrow();
  const found = await db.selectFrom("projects").select("id").execute();
  const ids = found.map(({ id }) => id);
  if (ids.length === 0) {
    for (const [title, upstreamId, goneAt] of [
      [titled, 71, null],
      ["Not linked", null, null],
      ["Gone", 72, at],
    ] as const) {
      const { id } = await db
        .insertInto("projects")
        .values({
          ...{ organization_id: organizationId, title, created_at: at, gone_at: goneAt },
          ...{ upstream_id: upstreamId, upstream_created_at: upstreamId === null ? null : at },
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      ids.push(id);
    }
  }
  for (const id of ids) {
    await db
      .insertInto("project_members")
      .values({
        ...{ project_id: id, user_id: userId, source: "manual", role: "IN" },
        ...{ organization_id: organizationId, is_pending: 0, granted_at: at },
      })
      .execute();
  }
}
