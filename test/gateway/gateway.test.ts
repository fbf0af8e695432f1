/** A request's way through the gateway, from the address to the answer (GATEWAY 10.2 to 10.6). */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type GatewayWorld, openGatewayWorld, upstreamSecret } from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

onEveryEngine("the gateway", (engine) => {
  let w: GatewayWorld;
  before(async () => {
    w = await openGatewayWorld(engine);
  });
  after(async () => await w.close());

  const last = () => w.stub.arrived.at(-1);

  test("a request goes on with the person's credential, on the canonical target, without cookies", async () => {
    w.stub.answer((_request, response) => sendJson(response, { id: 3, title: "Otters" }));
    const got = await w.ask("/api/label_links?project=3", {
      headers: {
        cookie: w.cookies.OW,
        "x-forwarded-for": "203.0.113.9",
        accept: "application/json",
      },
    });
    assert.equal(got.status, 200, got.text);
    const names = new Set(Object.keys(last()?.headers ?? {}));
    assert.deepEqual(
      names,
      new Set(["host", "connection", "accept", "accept-encoding", "authorization"]),
    );
    const jwt = (last()?.headers.authorization ?? "").slice("Bearer ".length);
    const [header, payload = "", signature] = jwt.split(".");
    assert.equal(
      signature,
      createHmac("sha256", upstreamSecret).update(`${header}.${payload}`).digest("base64url"),
    );
    assert.equal(JSON.parse(Buffer.from(payload, "base64url").toString()).user_id, "1");
  });
});
