/** Whoever floods the sign-in log with garbage must not blind administrators to what the provider signed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mayRecordStranger } from "../../src/sso/strangers.ts";
import { onEveryEngine } from "../engines.ts";
import { SsoWorld } from "../flows/sso-world.ts";

onEveryEngine("a flooded sign-in log", (engine) => {
  test("takes no more rows of strangers, and every refusal of what the provider signed for us", async () => {
    const world = await SsoWorld.open(engine);
    const { test: t, organizationId } = world;
    for (let at = 0; at < 2000; at += 1) {
      mayRecordStranger(t.deps, { organizationId, ip: `192.0.2.${at}`, at: t.clock.now() });
    }
    const rows = async () =>
      (await t.store.db.selectFrom("sign_in_log").select("code").orderBy("id").execute()).map(
        ({ code }) => code,
      );
    await world.browser().post(world.path("acs"), { SAMLResponse: "AAAA" });
    assert.deepEqual(await rows(), []);
    // Signed, and yet without anything that says who it is.
    await world.signOn(world.browser(), { email: "no address at all" });
    assert.equal((await rows()).length, 1);
    await world.close();
  });
});
