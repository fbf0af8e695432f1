/**
 * The canary sweep (GATEWAY 10.8): two projects in a real Label Studio, everything of the second carrying
 * a secret word, and every route asked for it, in every way, by people with rights on the first alone.
 * `LABELGATE_SWEEP` sets how many requests a role sends, `LABELGATE_SEED` which.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../browser/browser.ts";
import { guesses, orders } from "./canary-filters.ts";
import { makeProbes, type Probe, randomFrom, type TargetedRequest } from "./canary-requests.ts";
import { type Finding, pickProbes, type Sweep, type Swept, sweep } from "./canary-sweep.ts";
import { makeWorld, rowsOf, type Words, type World } from "./canary-world.ts";
import { type LabelStudio, startLabelStudio } from "./label-studio.ts";
import { domain, type Person, type RoleName, type Studio, startStudio } from "./studio.ts";

const seed = Number(process.env["LABELGATE_SEED"] ?? Date.now() % 1_000_000);
const count = Number(process.env["LABELGATE_SWEEP"] ?? 1_200);

let browser: Browser;
let labelStudio: LabelStudio;
let studio: Studio;
let world: World;
let probes: readonly Probe[];
let people: Readonly<Record<"annotator" | "reviewer" | "manager" | "gone" | "stranger", Person>>;

before(async () => {
  [browser, labelStudio] = await Promise.all([launchBrowser(), startLabelStudio()]);
  world = await makeWorld(labelStudio, domain);
  const { first, second } = world;
  studio = await startStudio(browser, labelStudio, [first.project, second.project]);
  const signIn = async (name: string, role: RoleName, project: number): Promise<Person> =>
    await studio.signIn({ name, role, projects: [project] });
  people = {
    annotator: await signIn("annotator", "Annotator", first.project),
    reviewer: await signIn("reviewer", "Reviewer", first.project),
    manager: await signIn("manager", "Manager", first.project),
    gone: await signIn("gone", "Annotator", first.project),
    stranger: await studio.signIn({
      ...{ name: "stranger", role: "Manager", projects: [second.project] },
      firstName: world.secondWords.get("person") ?? "",
    }),
  };
  probes = makeProbes(first);
});

after(async () => {
  await Promise.all([studio.stop(), browser.close()]);
  await labelStudio.stop();
});

/** Asks with the cookie of a session, as the person's browser does. */
function byCookie({ cookie }: Person): Sweep["ask"] {
  const { baseUrl: origin } = studio.labelgate;
  return async ({ headers, ...request }) =>
    await studio.ask({ ...request, headers: { ...headers, cookie, origin } });
}

/** Asks with a token in the header that the official SDK prefers. */
function byToken({ token }: Person): Sweep["ask"] {
  return async ({ headers, ...request }) =>
    await studio.ask({ ...request, headers: { ...headers, "x-api-key": token } });
}

/** Both by turns. */
function byEither(person: Person): Sweep["ask"] {
  const [cookie, token] = [byCookie(person), byToken(person)];
  return async (request, turn) => await (turn % 4 === 3 ? token : cookie)(request, turn);
}

function assertNothing({ findings }: Swept): void {
  const show = ({ what, way, request, answer }: Finding): string =>
    `${what}\n  by ${way}: ${request}\n  answered ${answer}`;
  const text = findings.slice(0, 25).map(show).join("\n\n");
  assert.equal(findings.length, 0, `seed ${seed}: ${findings.length} findings\n\n${text}`);
}

const everyWord = (): Words =>
  new Map([...world.secondWords, ...world.storedSecrets, ...world.othersWords]);

test("a Manager of the second project finds there everything but what nobody is shown", async () => {
  const { second, secondWords, storedSecrets } = world;
  const reading = probes.filter(({ method, way }) => method === "GET" && way === "path");
  const { found } = await sweep({
    ...{ ask: byEither(people.stranger), probes: reading, target: second, absent: null },
    words: new Map([...secondWords, ...storedSecrets]),
  });
  // No address of the policy shows labels of the organization or the records of imports.
  const unshown = new Set(["label", "import", "reimport"]);
  const missed = [...secondWords.keys()].filter((kind) => !unshown.has(kind) && !found.has(kind));
  assert.deepEqual(missed, []);
  const shown = [...storedSecrets.keys()].filter((kind) => found.has(kind));
  assert.deepEqual(shown, [], "passwords, keys, headers and credentials stay in Label Studio");
});

for (const name of ["annotator", "reviewer", "manager"] as const) {
  test(`no request of a ${name} of the first project reads, changes or betrays the second`, async () => {
    const { second, absent } = world;
    const whole = { project: second.project, words: world.secondWords };
    const before = rowsOf(labelStudio, whole);
    const swept = await sweep({
      ask: byEither(people[name]),
      probes: pickProbes(probes, count, randomFrom(seed)),
      target: second,
      absent,
      words: new Map([...world.secondWords, ...world.storedSecrets]),
    });
    assertNothing(swept);
    assert.deepEqual(rowsOf(labelStudio, whole), before, `seed ${seed}: the second has changed`);
    const refused = [...swept.statuses].filter(([status]) => status >= 400);
    assert.ok(refused.length > 0, "a sweep without a refusal has asked nothing");
  });
}

test("nobody who is not signed in is told anything, nor is somebody deactivated", async () => {
  const picked = pickProbes(probes, 400, randomFrom(seed));
  const anonymous = await sweep({
    ...{ ask: studio.ask, probes: picked, target: world.second, absent: world.absent },
    words: everyWord(),
  });
  assertNothing(anonymous);
  const members = await studio.owner<{ results: { user: { id: number; email: string } }[] }>(
    ...(["GET", "/api/organizations/1/memberships?page_size=100"] as const),
  );
  const gone = members.results.find(({ user }) => user.email === people.gone.email)?.user.id;
  await studio.owner("PATCH", `/api/organizations/1/memberships/`, { user_id: gone, role: "DI" });
  const deactivated = await sweep({
    ...{ ask: byEither(people.gone), probes: picked, target: world.first, absent: null },
    words: everyWord(),
  });
  assertNothing(deactivated);
});

test("an Annotator sees, changes and removes nothing of another's work in their own project", async () => {
  const { first, others, othersWords } = world;
  const target = { ...first, ...others };
  const whole = { project: 0, words: othersWords };
  const before = rowsOf(labelStudio, whole);
  const swept = await sweep({
    ask: byEither(people.annotator),
    probes: pickProbes(probes, count, randomFrom(seed + 1)),
    ...{ target, absent: null, words: othersWords },
  });
  assertNothing(swept);
  assert.deepEqual(rowsOf(labelStudio, whole), before, `seed ${seed}: others' work has changed`);
});

test("no filter and no order tells an Annotator of another's work, however it is asked", async () => {
  const ask = byCookie(people.annotator);
  for (const { what, right, wrong } of guesses(world)) {
    assert.equal(await listed(ask, right), await listed(ask, wrong), what);
  }
  for (const { what, up, down } of orders(world)) {
    assert.equal(await listed(ask, up), await listed(ask, down), what);
  }
});

test("no tab of a Manager's tells an Annotator of another's work", async () => {
  const { first, othersWords } = world;
  const answers: string[] = [];
  for (const value of [othersWords.get("othersAnnotation") ?? "", "nowhere"]) {
    const column = "filter:tasks:annotations_results";
    const item = { filter: column, operator: "contains", type: "String", value };
    const made = await studio.as(people.manager, "POST", `/api/dm/views?project=${first.project}`, {
      project: String(first.project),
      data: { title: "whose", filters: { conjunction: "and", items: [item] } },
    });
    assert.equal(made.status, 201, made.text);
    const { id } = JSON.parse(made.text) as { id: number };
    const path = `/api/tasks?project=${first.project}&view=${id}`;
    const answer = await byCookie(people.annotator)({ method: "GET", path }, 0);
    answers.push(`${answer.status} ${tasksOf(answer.text)}`);
  }
  assert.equal(answers[0], answers[1]);
});

/** The status and the tasks that a request lists; of a tab that it makes, what the tab lists. */
async function listed(ask: Sweep["ask"], request: TargetedRequest): Promise<string> {
  const answer = await ask(request, 0);
  const isTab = request.path.startsWith("/api/dm/views") && answer.status === 201;
  if (!isTab) return `${answer.status} ${tasksOf(answer.text)}`;
  const { id } = JSON.parse(answer.text) as { id: number };
  const path = `/api/tasks?project=${world.first.project}&view=${id}`;
  const shown = await ask({ method: "GET", path }, 0);
  return `${answer.status}, ${shown.status} ${tasksOf(shown.text)}`;
}

/** How many tasks an answer counts, and the numbers of those that it lists, in its order. */
function tasksOf(text: string): string {
  const ids = [...text.matchAll(/"inner_id":\s*(\d+)/g)].map(([, id = ""]) => id);
  const total = /"total":\s*(\d+)/.exec(text)?.[1] ?? "";
  return `${total}: ${ids.join()}`;
}
