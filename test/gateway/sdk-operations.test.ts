/**
 * The operations of Label Studio's own SDK, and what becomes of each (GATEWAY 10.2): Labelgate answers it,
 * the Label Studio behind it does, or nobody, which is 404 in the envelope and never 405 by accident. The
 * operations are printed by scripts/label-studio-sdk-operations.py.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { ownerOf } from "../../src/labelstudio/match.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { type GatewayWorld, openGatewayWorld, sqliteAlone } from "./gateway-world.ts";

type Answerer = "labelgate" | "studio" | "nobody";

/** An operation by its name in the SDK, and the address that it calls. */
interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

const file = new URL("../fixtures/labelstudio/sdk-operations.txt", import.meta.url);
const operations: readonly Operation[] = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [name = "", method = "", path = ""] = line.split(" ");
    return { name, method, path };
  });

/** Who answers by themselves and with a Label Studio: the longest name that an operation begins with counts. */
const becomes: readonly (readonly [name: string, alone: Answerer, withStudio: Answerer])[] = [
  ["actions", "nobody", "studio"],
  ["activity_logs.list", "labelgate", "labelgate"],
  ["analytics.kpis", "nobody", "nobody"],
  ["annotation_history", "nobody", "nobody"],
  ["annotation_reviews", "nobody", "nobody"],
  ["annotations", "nobody", "studio"],
  ["billing.info", "nobody", "nobody"],
  ["comments", "nobody", "nobody"],
  ["dimensions", "nobody", "nobody"],
  ["export_storage", "nobody", "studio"],
  ["export_storage.azure_spi", "nobody", "nobody"],
  ["export_storage.databricks", "nobody", "nobody"],
  ["export_storage.gcs_sa", "nobody", "nobody"],
  ["export_storage.gcswif", "nobody", "nobody"],
  ["export_storage.s3s", "nobody", "nobody"],
  ["files", "nobody", "studio"],
  ["import_storage", "nobody", "studio"],
  ["import_storage.azure_spi", "nobody", "nobody"],
  ["import_storage.databricks", "nobody", "nobody"],
  ["import_storage.gcs_sa", "nobody", "nobody"],
  ["import_storage.gcswif", "nobody", "nobody"],
  ["import_storage.s3s", "nobody", "nobody"],
  ["interfaces", "nobody", "nobody"],
  ["jwt_settings", "labelgate", "labelgate"],
  ["ml", "nobody", "studio"],
  ["ml.predict_all_tasks", "nobody", "nobody"],
  ["model_providers", "nobody", "nobody"],
  ["organizations", "labelgate", "labelgate"],
  ["predictions", "nobody", "studio"],
  ["project_templates", "nobody", "nobody"],
  ["projects.assignments", "nobody", "nobody"],
  ["projects.create", "labelgate", "studio"],
  ["projects.delete", "labelgate", "studio"],
  ["projects.duplicate", "nobody", "nobody"],
  ["projects", "nobody", "studio"],
  ["projects.get", "labelgate", "studio"],
  ["projects.list", "labelgate", "studio"],
  ["projects.members", "labelgate", "labelgate"],
  ["projects.metrics", "nobody", "nobody"],
  ["projects.pauses", "nobody", "nobody"],
  ["projects.review_routing_rules", "nobody", "nobody"],
  ["projects.roles", "labelgate", "labelgate"],
  ["projects.stats", "nobody", "nobody"],
  ["projects.update", "labelgate", "studio"],
  ["prompts", "nobody", "nobody"],
  ["session_policy", "labelgate", "labelgate"],
  ["sso", "labelgate", "labelgate"],
  ["states", "nobody", "nobody"],
  ["tasks.agreement_matrix.get", "nobody", "nobody"],
  ["tasks", "nobody", "studio"],
  ["tasks.create_event", "nobody", "nobody"],
  ["tasks.create_many_status", "nobody", "nobody"],
  ["tokens", "labelgate", "labelgate"],
  ["users", "labelgate", "labelgate"],
  ["users.get", "labelgate", "studio"],
  ["users.get_hotkeys", "nobody", "studio"],
  ["users.list", "labelgate", "studio"],
  ["users.update_hotkeys", "nobody", "studio"],
  ["users.whoami", "labelgate", "studio"],
  ["versions.get", "nobody", "studio"],
  ["views", "nobody", "studio"],
  ["webhooks", "nobody", "studio"],
  ["workspaces", "labelgate", "labelgate"],
];

function rowOf(name: string): (typeof becomes)[number] {
  const fits = becomes.filter(([part]) => name === part || name.startsWith(`${part}.`));
  const [longest] = fits.sort((a, b) => b[0].length - a[0].length);
  return longest ?? assert.fail(`no row says what becomes of ${name}`);
}

/** Numbers that nothing has, so that nobody's only credential or membership goes on the way. */
const addressOf = ({ path }: Operation, organizationId: number) =>
  path
    .replace("/organizations/<id>", `/organizations/${organizationId}`)
    .replaceAll(/<(?:kpi_key|indicator_key|permission_key|entity_name|model_version)>/g, "word")
    .replace("<filename>", "3/file.csv")
    .replaceAll(/<[^>]+>/g, "987654");

const hasBody = (method: string) => !["GET", "DELETE"].includes(method);

/** The live route of an address, as the application lists it. */
function isLive({ app }: TestApp, { method, path }: Operation): boolean {
  const plain = (text: string) => text.replaceAll(/[<{][^>}]*[>}]/g, "*").replace(/\/$/, "");
  const wanted = plain(`${method} ${path}`);
  return [...app.apiRoutes].some((key) => plain(key) === wanted);
}

/** 404 as the original words it, which its SDK raises as NotFoundError. */
function assertNobodys(operation: Operation, { status, text }: { status: number; text: string }) {
  assert.equal(status, 404, `${operation.name}: ${text}`);
  const envelope = JSON.parse(text);
  assert.equal(envelope.status_code, 404, operation.name);
  assert.equal(typeof envelope.detail, "string", operation.name);
}

describe("the operations of label_studio_sdk", () => {
  let world: GatewayWorld;
  let alone: TestApp;
  before(async () => {
    world = await openGatewayWorld(sqliteAlone());
    alone = await openTestApp(sqliteAlone());
  });
  after(async () => {
    await alone.close();
    await world.close();
  });

  test("every operation has one row, and every row stands for operations", () => {
    const used = new Set(operations.map(({ name }) => rowOf(name)[0]));
    assert.ok(operations.length > 400);
    assert.deepEqual(
      becomes.map(([name]) => name),
      [...used],
      "in the order of the list",
    );
  });

  test("without a Label Studio, each is answered by Labelgate or by nobody, as its row says", async () => {
    const { organizationId, email } = await alone.createOrganizationWithOwner({ title: "Contoso" });
    for (const operation of operations) {
      const [, wanted] = rowOf(operation.name);
      assert.equal(isLive(alone, operation) ? "labelgate" : "nobody", wanted, operation.name);
      const { method } = operation;
      const answer = await alone.app.inject({
        method: method as "GET",
        url: addressOf(operation, organizationId),
        // Anew each time: some of the operations end it.
        headers: { authorization: `Token ${await alone.apiToken(email, organizationId)}` },
        ...(hasBody(method) && { payload: {} }),
      });
      const { statusCode: status, body: text } = answer;
      assert.ok(status < 500 && status !== 405 && status !== 401, `${operation.name}: ${text}`);
      if (wanted === "nobody") assertNobodys(operation, { status, text });
    }
  });

  test("with a Label Studio, each goes where its row says, and none ends in 405 or 500", async () => {
    const { db } = world.t.store;
    const { id } = await db.selectFrom("organizations").select("id").executeTakeFirstOrThrow();
    for (const operation of operations) {
      const [, , wanted] = rowOf(operation.name);
      const { method, path } = operation;
      const url = addressOf(operation, id);
      const owner = ownerOf(method, url).replace("both", "studio");
      const isAnswered = owner !== "labelgate" || isLive(alone, operation);
      assert.equal(isAnswered ? owner : "nobody", wanted, `${operation.name} ${path}`);
      const token = await world.t.apiToken("owner@contoso.com", id);
      const got = await world.ask(url, {
        method,
        headers: { authorization: `Token ${token}`, "content-type": "application/json" },
        ...(hasBody(method) && { body: "{}" }),
      });
      // The stub has none of the things: 502 is what the gateway makes of its answers.
      const isSound =
        ![401, 405, 500].includes(got.status) && (wanted === "studio" || got.status < 500);
      assert.ok(isSound, `${operation.name}: ${got.status} ${got.text}`);
      if (wanted === "nobody") assertNobodys(operation, got);
    }
  });

  test("what nobody answers is 404 for whoever asks, and tells a stranger nothing", async () => {
    for (const operation of operations) {
      if (rowOf(operation.name)[2] !== "nobody") continue;
      const got = await world.ask(addressOf(operation, 1), { method: operation.method });
      assert.ok([401, 404].includes(got.status), `${operation.name}: ${got.status}`);
    }
  });
});
