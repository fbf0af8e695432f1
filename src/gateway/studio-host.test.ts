/** Two hosts: how a session comes to Label Studio's, what it is worth there, and what never works. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openTestApp, type Seeded, type TestApp } from "../../test/app.ts";
import { type Engine, onEveryEngine } from "../../test/engines.ts";
import { studioHost } from "./studio-host.ts";
import { KeptViewers } from "./viewers.ts";

const first = "https://labels.example.com";
const studio = "https://studio.example.com";

interface World {
  readonly t: TestApp;
  readonly anna: Seeded;
  readonly viewers: KeptViewers;
  /** A request to the studio host; `/begin` is any page there that needs a session. */
  studio(path: string, cookie?: string): Promise<Response>;
  /** A request to the first host. */
  first(address: string, cookie?: string, headers?: Record<string, string>): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function withWorld(engine: Engine, work: (w: World) => Promise<void>): Promise<void> {
  const t = await openTestApp(engine, {
    env: {
      BASE_URL: first,
      UPSTREAM_URL: "http://127.0.0.1:9",
      UPSTREAM_SECRET_KEY: "x",
      UPSTREAM_PUBLIC_URL: studio,
    },
  });
  const host = studioHost(t.deps);
  const server = createServer((request, response) => {
    if (host.answer(request, response)) return;
    const next = new URL(request.url ?? "", studio).searchParams.get("next") ?? "/projects/3/data";
    response.setHeader("location", host.signInAddress(next, response));
    response.writeHead(302).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const viewers = new KeptViewers(t.deps);
  try {
    const anna = await t.createOrganizationWithOwner({ title: "Contoso" });
    await work({
      t,
      anna,
      viewers,
      studio: async (path, cookie = "") =>
        await fetch(`http://127.0.0.1:${port}${path}`, {
          redirect: "manual",
          headers: { cookie },
        }),
      first: async (address, cookie = "", headers = {}) => {
        const answer = await t.app.inject({
          url: address.replace(first, ""),
          headers: { cookie, ...headers },
        });
        const { statusCode: status, headers: sent } = answer;
        return { status, location: String(sent.location ?? ""), headers: sent };
      },
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await viewers.stop();
    await t.close();
  }
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

/** The whole way for a browser with a session on the first host. */
async function handOver(w: World, cookie: string, next = "/projects/3/data?task=9") {
  const begun = await w.studio(`/begin?next=${encodeURIComponent(next)}`);
  const state = cookiesOf(begun);
  const entered = await w.first(begun.headers.get("location") ?? "", cookie);
  const take = entered.location.replace(studio, "");
  return { state, entered, take };
}

const authenticated = async ({ viewers }: World, cookie: string, host: "first" | "studio") =>
  await viewers.authenticate({ rawHeaders: ["Cookie", cookie] }, host);

onEveryEngine("Label Studio's own host", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, work);
  const signIn = async ({ t, anna }: World) =>
    await t.signedInCookie(anna.email, anna.organizationId);

  test("a browser takes its session across, and comes to where it wanted without the code", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const { state, entered, take } = await handOver(w, cookie);
      assert.equal(entered.status, 303);
      assert.match(
        entered.location,
        /^https:\/\/studio\.example\.com\/labelgate\/studio\/take\?code=[\w-]{43}$/,
      );
      assert.equal(entered.headers["referrer-policy"], "no-referrer");
      assert.equal(entered.headers["cache-control"], "no-store");
      const taken = await w.studio(take, state);
      assert.equal(taken.status, 303);
      assert.equal(taken.headers.get("location"), "/projects/3/data?task=9");
      assert.equal(taken.headers.get("referrer-policy"), "no-referrer");
      assert.equal(taken.headers.get("cache-control"), "no-store");
      assert.match(
        taken.headers.getSetCookie().join(),
        /^__Host-labelgate_studio=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      );
      const who = await authenticated(w, cookiesOf(taken), "studio");
      assert.equal(who?.principal.userId, w.anna.userId);
      assert.ok(who?.isAmbient);
    });
  });

  test("the state's cookie is the browser's alone, and its address is worth nothing without it", async () => {
    await world(async (w) => {
      const begun = await w.studio("/begin");
      assert.match(
        begun.headers.getSetCookie().join(),
        /^__Host-labelgate_state_[0-9a-f]{16}=[\w-]{43}; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      );
      const state = cookiesOf(begun).split("=")[1] ?? "";
      assert.ok(!begun.headers.get("location")?.includes(state));
    });
  });

  test("somebody without a session signs in first and comes back to the hand-over", async () => {
    await world(async (w) => {
      const { entered } = await handOver(w, "");
      assert.equal(entered.status, 303);
      const next = new URL(entered.location, first).searchParams.get("next") ?? "";
      const again = await w.first(next, await signIn(w));
      assert.match(again.location, /\/labelgate\/studio\/take\?code=/);
    });
  });

  test("a code is good once", async () => {
    await world(async (w) => {
      const { state, take } = await handOver(w, await signIn(w));
      assert.equal((await w.studio(take, state)).status, 303);
      const again = await w.studio(take, state);
      assert.equal(again.status, 400);
      assert.deepEqual(again.headers.getSetCookie(), []);
    });
  });

  test("of two that come with one code at once, one gets in", async () => {
    await world(async (w) => {
      const { state, take } = await handOver(w, await signIn(w));
      const answers = await Promise.all([w.studio(take, state), w.studio(take, state)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 400]);
    });
  });

  test("a code is worth nothing in another browser, and is used up by the try", async () => {
    await world(async (w) => {
      const { state, take } = await handOver(w, await signIn(w));
      const strangers = cookiesOf(await w.studio("/begin"));
      assert.equal((await w.studio(take, strangers)).status, 400);
      assert.equal((await w.studio(take)).status, 400);
      assert.equal((await w.studio(take, state)).status, 400);
    });
  });

  test("an attacker cannot bring somebody into the attacker's session, nor get theirs", async () => {
    await world(async (w) => {
      const victim = cookiesOf(await w.studio("/begin"));
      // The attacker's code in the victim's browser.
      const attack = await handOver(w, await signIn(w));
      assert.equal((await w.studio(attack.take, victim)).status, 400);
      // The attacker's state in the victim's first host: the code lands in the victim's browser.
      const begun = await w.studio("/begin");
      const entered = await w.first(begun.headers.get("location") ?? "", await signIn(w));
      assert.equal((await w.studio(entered.location.replace(studio, ""), victim)).status, 400);
    });
  });

  test("a code lasts half a minute", async () => {
    await world(async (w) => {
      const { state, take } = await handOver(w, await signIn(w));
      w.t.clock.advance(30_000);
      assert.equal((await w.studio(take, state)).status, 400);
    });
  });

  test("a code of a session that has ended meanwhile is worth nothing", async () => {
    await world(async (w) => {
      const { state, take } = await handOver(w, await signIn(w));
      await w.t.store.db.deleteFrom("sessions").execute();
      assert.equal((await w.studio(take, state)).status, 400);
    });
  });

  test("the studio session ends with the first host's, and a new hand-over ends the former", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const one = await handOver(w, cookie);
      const former = cookiesOf(await w.studio(one.take, one.state));
      assert.ok(await authenticated(w, former, "studio"));
      const two = await handOver(w, cookie);
      const present = cookiesOf(await w.studio(two.take, two.state));
      assert.equal(await authenticated(w, former, "studio"), null);
      assert.ok(await authenticated(w, present, "studio"));
      await w.t.store.db.deleteFrom("sessions").execute();
      assert.equal(await authenticated(w, present, "studio"), null);
    });
  });

  test("neither host takes the other's session, whatever name its cookie is given", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const { state, take } = await handOver(w, cookie);
      const theirs = cookiesOf(await w.studio(take, state));
      const secret = (text: string) => text.split("=")[1] ?? "";
      for (const planted of [theirs, `__Host-labelgate_session=${secret(theirs)}`]) {
        assert.equal(await authenticated(w, planted, "first"), null);
        const answer = await w.first("/api/current-user/whoami", planted);
        assert.equal(answer.status, 401);
      }
      for (const planted of [cookie, `__Host-labelgate_studio=${secret(cookie)}`]) {
        assert.equal(await authenticated(w, planted, "studio"), null);
      }
    });
  });

  test("a script of the studio's reaches nothing with the first host's session, not even a code", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const begun = await w.studio("/begin");
      const enter = begun.headers.get("location") ?? "";
      const byScript = {
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "no-cors",
        "sec-fetch-dest": "empty",
      };
      for (const address of [enter, "/api/current-user/whoami", "/user/account"]) {
        assert.equal((await w.first(address, cookie, byScript)).status, 403, address);
        assert.equal((await w.first(address, cookie, { origin: studio })).status, 403, address);
      }
      const link = {
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      };
      // A browser gets a page that goes on by itself.
      const entered = await w.first(enter, cookie, link);
      assert.deepEqual([entered.status, entered.headers["referrer-policy"]], [200, "no-referrer"]);
      assert.match(String(entered.headers["refresh"]), /^0; url=https:\/\/studio\.example\.com\//);
      assert.equal(
        (await w.first(enter, cookie, { ...link, "sec-fetch-dest": "iframe" })).status,
        403,
      );
    });
  });

  test("the way back leads to the studio host alone", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      for (const next of ["//evil.example/", "https://evil.example/", "/\\evil.example", "x"]) {
        const { state, take } = await handOver(w, cookie, next);
        const taken = await w.studio(take, state);
        assert.equal(taken.headers.get("location"), "/projects/", next);
        const enter = (await w.studio("/begin")).headers.get("location") ?? "";
        const forged = new URL(enter);
        forged.searchParams.set("next", next);
        const held = cookiesOf(await w.studio("/begin"));
        const entered = await w.first(forged.href, cookie);
        const answer = await w.studio(entered.location.replace(studio, ""), held);
        assert.ok(!(answer.headers.get("location") ?? "").includes("evil"));
      }
    });
  });

  test("tabs that open at once all come in, and one state serves those that follow", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const [one, two] = await Promise.all([handOver(w, cookie, "/a"), handOver(w, cookie, "/b")]);
      const both = `${one?.state}; ${two?.state}`;
      assert.equal((await w.studio(one?.take ?? "", both)).headers.get("location"), "/a");
      assert.equal((await w.studio(two?.take ?? "", both)).headers.get("location"), "/b");
      assert.deepEqual((await w.studio("/begin", both)).headers.getSetCookie(), []);
    });
  });

  test("links that are not complete, and other addresses of the hand-over, lead nowhere", async () => {
    await world(async (w) => {
      const cookie = await signIn(w);
      const enter = "/labelgate/studio/enter";
      const state = "0".repeat(64);
      for (const query of ["", "?state=x", `?state=${state}&state=${state}`, "?next=/a"]) {
        assert.equal((await w.first(`${enter}${query}`, cookie)).status, 400, query);
      }
      for (const path of ["/labelgate/studio/take", "/labelgate/studio/take?code=x&code=y"]) {
        assert.equal((await w.studio(path)).status, 400, path);
      }
      assert.equal((await w.studio(`${enter}?state=${state}`)).status, 404);
    });
  });

  test("a person without access gets no code", async () => {
    await world(async (w) => {
      const { organizationId } = w.anna;
      const rene = await w.t.addMember({ organizationId, email: "r@contoso.com", role: "NO" });
      const { entered } = await handOver(w, await w.t.signedInCookie(rene.email, organizationId));
      assert.deepEqual([entered.status, entered.location], [303, "/"]);
    });
  });
});
