/**
 * The canary sweep's requests (test/real) against the pure policy alone: all of them, for each role, in a
 * second. What goes on to Label Studio never holds a number of the other project, and what becomes of a
 * request does not depend on whether the thing that it names exists there.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Forward, StudioRefusal } from "../../src/labelstudio/decision.ts";
import { type Resource, resourceKey } from "../../src/labelstudio/resource.ts";
import type { StudioRole } from "../../src/labelstudio/viewer.ts";
import { ask, askEarly, viewerAs } from "../fixtures/label-studio/world.ts";
import { makeProbes, type TargetedRequest } from "../real/canary-requests.ts";
import type { Numbers } from "../real/canary-world.ts";

const storageTypes = ["s3", "azure", "gcs", "redis", "localfiles"];

/** Numbers of one project's things, which begin at `base` and are nobody else's. */
function numbersFrom(base: number): Numbers {
  const types = [...storageTypes, ...storageTypes.map((type) => `export/${type}`)];
  const storages = Object.fromEntries(types.map((type, index) => [type, base + 50 + index]));
  return {
    ...{ project: base, task: base + 1, annotation: base + 2, draft: base + 3 },
    ...{ prediction: base + 4, view: base + 5, upload: base + 6, export: base + 7 },
    ...{ import: base + 8, reimport: base + 9, webhook: base + 10, ml: base + 11 },
    ...{ label: base + 12, labelLink: base + 13, user: base + 14, storages },
    file: `${base}/0123abcd-file.csv`,
  };
}

const own = { ...numbersFrom(3_000), project: 3 };
const second = numbersFrom(7_100);
const absent = numbersFrom(8_200);

function thingsOf(numbers: Numbers): readonly Resource[] {
  const projectId = numbers.project;
  const inTask = { projectId, taskId: numbers.task, createdBy: 6 };
  return [
    { kind: "task", id: numbers.task, projectId },
    { kind: "annotation", id: numbers.annotation, ...inTask },
    { kind: "draft", id: numbers.draft, ...inTask },
    { kind: "prediction", id: numbers.prediction, projectId, taskId: numbers.task },
    { kind: "view", id: numbers.view, projectId, createdBy: 6, data: {} },
    { kind: "file_upload", id: numbers.upload, projectId },
    { kind: "export", type: String(projectId), id: numbers.export, projectId },
    { kind: "webhook", id: numbers.webhook, projectId },
    { kind: "ml_backend", id: numbers.ml, projectId },
    { kind: "label_link", id: numbers.labelLink, projectId },
    ...Object.entries(numbers.storages).map(
      ([type, id]): Resource => ({ kind: "storage", type, id, projectId }),
    ),
  ];
}

const resources = new Map(
  [...thingsOf(own), ...thingsOf(second)].map((thing) => [resourceKey(thing), thing]),
);

/** What becomes of a request; a refusal before the look-ups is one after them too. */
function outcomeOf(role: StudioRole, request: TargetedRequest): Forward | StudioRefusal {
  const { method, path, headers = {}, body } = request;
  const type = headers["content-type"];
  const sent = body === undefined ? undefined : { type: String(type), bytes: body };
  const asker = { viewer: viewerAs(role), resources };
  const outcome = ask(asker, `${method} ${path}`, sent);
  const early = askEarly(asker, `${method} ${path}`, sent);
  assert.ok(early === null || "code" in outcome, `${method} ${path}`);
  return early ?? outcome;
}

/** All that goes on, as text. */
function written(outcome: Forward | StudioRefusal): string {
  if ("code" in outcome) return `${outcome.code} ${outcome.detail ?? ""}`;
  const { method, target, body } = outcome;
  const bytes = body.kind === "bytes" ? Buffer.from(body.bytes).toString() : body.kind;
  const plain = decodeURIComponent(target).replace(/(?<=fileuri=)[^&]+/, (coded) =>
    Buffer.from(coded, "base64").toString(),
  );
  return `${method} ${plain} ${bytes}`;
}

/** The numbers of both are as long, so that a mask leaves the same text. */
const masked = (text: string): string => text.replaceAll(/\b(71|82)(\d\d)\b/g, "…$2");

/**
 * Addresses where numbers go on that are not looked up: Labelgate's own lists make `ids` granted ones,
 * people are in nobody's project, and Label Studio itself takes only what is of the project in the
 * path (the sweep against a real one shows that).
 */
const confined: readonly RegExp[] = [
  /^GET \/api\/projects\/(counts\/)?$/,
  /^GET \/(tasks|projects)\/<\w+>\/(resolve|presign)\/$/,
  /^GET \/api\/users\/<pk>\/$/,
  /^POST \/api\/projects\/<pk>\/import\/predictions$/,
  /^GET \/api\/projects\/<pk>\/export$/,
];

const probes = makeProbes(own);

for (const role of ["AN", "RE", "MA"] as const) {
  test(`nothing that goes on for ${role} names another's project, and no refusal tells of it`, () => {
    assert.ok(probes.length > 10_000);
    let forwarded = 0;
    for (const { route, way, method, build } of probes) {
      const request = build(second);
      const outcome = outcomeOf(role, request);
      const text = written(outcome);
      const what = `${way}: ${method} ${route} → ${request.path}`;
      if (!("code" in outcome)) {
        forwarded += 1;
        const isFree = confined.some((address) => address.test(`${method} ${route}`));
        assert.ok(isFree || !/\b71\d\d\b/.test(text), `${what}\n${text}`);
      }
      assert.equal(masked(text), masked(written(outcomeOf(role, build(absent)))), what);
    }
    assert.ok(forwarded > 100, "a policy that refuses everything shows nothing");
  });
}
