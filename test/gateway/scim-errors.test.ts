/**
 * Below /scim there is no form of an error but SCIM's own, also where the server in front of Fastify
 * refuses, or Node cannot read the request at all (RFC 7644 3.12).
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type GatewayWorld, openGatewayWorld } from "./gateway-world.ts";

onEveryEngine("errors of SCIM beside a Label Studio", (engine) => {
  let world: GatewayWorld;
  before(async () => {
    world = await openGatewayWorld(engine);
  });
  after(() => world.close());

  const host = "Host: labels.test:8080";
  const answerTo = async (line: string, ...headers: readonly string[]) => {
    const lines = [`${line} HTTP/1.1`, ...headers, "Connection: close", "", ""];
    const [head = "", body = ""] = (await world.raw(lines.join("\r\n"))).split("\r\n\r\n");
    const type = /^content-type: (.*)$/im.exec(head)?.[1]?.trim();
    return { status: Number(head.split(" ")[1]), type, body };
  };

  describe("in SCIM's form", () => {
    const long = `X: ${"x".repeat(70_000)}`;
    const cases: readonly (readonly [status: number, line: string, ...headers: string[]])[] = [
      [421, "GET /scim/v2/Users", "Host: elsewhere.test"],
      [421, "POST /scim/v2/Users", "Host: elsewhere.test", "Accept: text/html"],
      [404, "GET /SCIM/v2/Users", host],
      [404, "GET /scim/v3/Users", host],
      [404, "GET /scim/nothing", host, "Accept: text/html", "Sec-Fetch-Mode: navigate"],
      [401, "GET /scim/v2/Users", host],
      [401, "GET /scim//v2//Users?count=1", host],
      [400, "GET /scim/v2/%ff", host],
      [400, "FOO /scim/v2/Users", host],
      [400, "POST /scim/v2/Users", host, "Content-Length: many"],
      [400, "POST /scim?x=1", host, "Content-Length: 1", "Content-Length: 2"],
      [431, "GET /scim/v2/Users", host, long],
    ];
    for (const [status, line, ...headers] of cases) {
      test(`${line} with ${headers.join(", ").slice(0, 60)}`, async () => {
        const answer = await answerTo(line, ...headers);
        assert.deepEqual([answer.status, answer.type], [status, "application/scim+json"]);
        const body = JSON.parse(answer.body);
        assert.deepEqual(body.schemas, ["urn:ietf:params:scim:api:messages:2.0:Error"]);
        assert.equal(body.status, String(status));
        assert.equal(typeof body.detail, "string");
      });
    }
  });

  test("other addresses keep the envelope, whatever stands in their query", async () => {
    for (const [status, line, ...headers] of [
      [421, "GET /api/version?next=/scim/v2", "Host: elsewhere.test"],
      [404, "GET /scimmer/v2/Users", host],
      [404, "GET //scim/v2/Users", host],
      [400, "POST /api/scim/tokens", host, "Content-Length: many"],
    ] as const) {
      const answer = await answerTo(line, ...headers);
      assert.deepEqual([answer.status, answer.type], [status, "application/json; charset=utf-8"]);
      assert.equal(JSON.parse(answer.body).status_code, status);
    }
  });
});
