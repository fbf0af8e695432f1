/**
 * Four people sign in by SAML and work in a real Label Studio, each in a browser of their own: a Manager makes
 * a project, an Annotator labels it, a Reviewer corrects, an Administrator looks (GATEWAY 10.8). What they
 * did is then read from Label Studio itself.
 */
import assert from "node:assert/strict";
import { json } from "node:stream/consumers";
import { after, afterEach, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type DemoIdentityProvider, startIdentityProvider } from "../../demo/identity-provider.ts";
import { demoSettings } from "../../demo/people.ts";
import { launchBrowser } from "../browser/browser.ts";
import { type LabelStudio, serviceUser, startLabelStudio } from "./label-studio.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import {
  answered,
  buttons,
  choose,
  complaints,
  makeProject,
  openTask,
  openTasks,
  picture,
  tasksOf,
} from "./studio-pages.ts";

type Who = "ada" | "mateo" | "ravi" | "anna";

let browser: Browser;
let labelStudio: LabelStudio;
let labelgate: Labelgate;
let idp: DemoIdentityProvider;
let loginUrl = "";
let project = 0;
const pages = new Map<Who, Page>();

before(async () => {
  [browser, labelStudio] = await Promise.all([launchBrowser(), startLabelStudio()]);
  labelgate = await startLabelgate(browser, {
    UPSTREAM_URL: labelStudio.origin,
    UPSTREAM_SECRET_KEY: labelStudio.secretKey,
  });
  let acsUrl = "";
  idp = await startIdentityProvider({ port: 0, acsUrl: () => acsUrl });
  // The demo's mappings of projects follow once there is one.
  const saved = await labelgate.saveSettings(demoSettings(idp.metadataUrl, null));
  acsUrl = saved.acs_url;
  loginUrl = saved.login_url;
});

after(async () => {
  await browser.close();
  await Promise.all([labelgate.stop(), idp.close()]);
  await labelStudio.stop();
});

afterEach(async (t) => {
  if (!("passed" in t) || t.passed) return;
  for (const [who, page] of pages) if (!page.isClosed()) await picture(page, `failed-${who}`);
});

/** A page of somebody who has just signed in at the demo's identity provider. */
async function signIn(who: Who): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(loginUrl);
  await page.locator(`form:has(input[value="${who}"]) button`).click();
  await page.waitForURL(
    (url) => url.origin === labelgate.baseUrl && !/^\/saml\//.test(url.pathname),
  );
  pages.set(who, page);
  return page;
}

/** Label Studio's number of a person, by their address. */
async function numberOf(email: string): Promise<number> {
  const users = await labelStudio.json<{ id: number; email: string }[]>(
    ...([serviceUser.id, "GET", "/api/users/"] as const),
  );
  return users.find((user) => user.email === email)?.id ?? 0;
}

interface StoredAnnotation {
  readonly id: number;
  readonly completed_by: number;
  readonly updated_by: number | null;
  readonly was_cancelled: boolean;
  readonly result: readonly { readonly value: { readonly choices: readonly string[] } }[];
}

/** A task's annotations as Label Studio itself has them. */
async function annotationsOf(task: number): Promise<readonly StoredAnnotation[]> {
  return await labelStudio.json<readonly StoredAnnotation[]>(
    ...([serviceUser.id, "GET", `/api/tasks/${task}/annotations/`] as const),
  );
}

interface StoredTask {
  readonly id: number;
}

async function tasksIn(): Promise<readonly number[]> {
  const { tasks } = await labelStudio.json<{ tasks: readonly StoredTask[] }>(
    ...([serviceUser.id, "GET", `/api/tasks?project=${project}`] as const),
  );
  return tasks.map(({ id }) => id).sort((one, other) => one - other);
}

/** Who skipped tasks of the project; Label Studio's lists of annotations leave those out, its tasks do not. */
async function skippers(): Promise<readonly number[]> {
  interface Shown {
    readonly annotations: readonly {
      readonly was_cancelled: boolean;
      readonly completed_by: { readonly id: number } | number;
    }[];
  }
  const tasks = await Promise.all(
    (await tasksIn()).map((id) =>
      labelStudio.json<Shown>(serviceUser.id, "GET", `/api/tasks/${id}/`),
    ),
  );
  return tasks
    .flatMap(({ annotations }) => annotations)
    .filter(({ was_cancelled: isSkipped }) => isSkipped)
    .map(({ completed_by: author }) => (typeof author === "number" ? author : author.id));
}

const isVisible = async (page: Page, selector: string): Promise<boolean> =>
  await page.locator(selector).first().isVisible();

test("a Manager makes a project in the wizard, with a file, and is its author", async () => {
  const page = await signIn("mateo");
  project = await makeProject(page, labelgate.baseUrl, {
    title: "Reviews",
    csv: "text\nA fine day\nA bad day\nA long day\nA short day\n",
  });
  await picture(page, "manager-tasks");
  assert.equal(await tasksOf(page).count(), 4);
  assert.deepEqual(await complaints(page), []);
  const stored = await labelStudio.json<{ title: string; created_by: { email: string } }>(
    ...([serviceUser.id, "GET", `/api/projects/${project}/`] as const),
  );
  assert.equal(stored.title, "Reviews");
  assert.equal(stored.created_by.email, "mateo@acme.example");
});

test("somebody without a project sees a page that says so, not an empty list", async () => {
  const page = await signIn("anna");
  await page.goto(`${labelgate.baseUrl}/projects/`);
  await picture(page, "annotator-without-project");
  const text = await page.innerText("body");
  assert.match(text, /no project/i);
  assert.doesNotMatch(text, /Reviews|Create/);
  const answer = await page.goto(`${labelgate.baseUrl}/projects/${project}/data`);
  assert.equal(answer?.status(), 404);
  await page.context().close();
});

test("an Annotator labels: draft, submit, skip and update, each as themselves", async () => {
  await labelgate.saveSettings(demoSettings(idp.metadataUrl, project));
  const page = await signIn("anna");
  await openTasks(page, labelgate.baseUrl, project);
  await picture(page, "annotator-tasks");
  for (const hidden of [
    ...['[data-testid="dm-import-button"]', '[data-testid="dm-export-button"]'],
    ...[`a[href$="/settings"]`, 'button[aria-label="Tasks Actions"]'],
  ]) {
    assert.equal(await isVisible(page, hidden), false, hidden);
  }
  const [first = 0] = await tasksIn();
  await page
    .getByRole("button", { name: /^Label/ })
    .first()
    .click();
  await page.locator(buttons.submit).waitFor();
  await answered(page, ["POST", /\/drafts$/], async () => await choose(page, "Positive"));
  await picture(page, "annotator-draft");
  await answered(page, ["POST", /\/annotations$/], async () => await page.click(buttons.submit));
  await answered(page, ["POST", /\/annotations$/], async () => await page.click(buttons.skip));
  await openTask(page, `${labelgate.baseUrl}/projects/${project}/data?task=${first}`, "update");
  await choose(page, "Negative");
  await answered(page, ["PATCH", /\/annotations\/\d+$/], async () => {
    await page.click(buttons.update);
  });
  await picture(page, "annotator-updated");
  assert.deepEqual(await complaints(page), []);
  const anna = await numberOf("anna@acme.example");
  const [submitted, ...more] = await annotationsOf(first);
  assert.equal(more.length, 0);
  assert.equal(submitted?.completed_by, anna);
  assert.ok(submitted?.result[0]?.value.choices.includes("Negative"));
  assert.deepEqual(await skippers(), [anna]);
});

test("a Reviewer corrects an annotation, and its author stays its author", async () => {
  const page = await signIn("ravi");
  const [first = 0] = await tasksIn();
  await openTasks(page, labelgate.baseUrl, project);
  await picture(page, "reviewer-tasks");
  await openTask(page, `${labelgate.baseUrl}/projects/${project}/data?task=${first}`, "update");
  await choose(page, "Neutral");
  await answered(page, ["PATCH", /\/annotations\/\d+$/], async () => {
    await page.click(buttons.update);
  });
  await picture(page, "reviewer-corrected");
  assert.deepEqual(await complaints(page), []);
  const [corrected] = await annotationsOf(first);
  assert.equal(corrected?.completed_by, await numberOf("anna@acme.example"));
  assert.equal(corrected?.updated_by, await numberOf("ravi@acme.example"));
  assert.ok(corrected?.result[0]?.value.choices.includes("Neutral"));
});

test("an Annotator is not shown what another annotated, and gets a form of their own", async () => {
  const [, , third = 0] = await tasksIn();
  const ravi = await numberOf("ravi@acme.example");
  await labelStudio.json(ravi, "POST", `/api/tasks/${third}/annotations/`, {
    result: [
      { from_name: "sentiment", to_name: "text", type: "choices", value: { choices: ["Neutral"] } },
    ],
  });
  const page = pages.get("anna") ?? (await signIn("anna"));
  await openTask(page, `${labelgate.baseUrl}/projects/${project}/data?task=${third}`, "submit");
  await picture(page, "annotator-others-hidden");
  assert.doesNotMatch(await page.innerText("body"), /Ravi/);
  const reviewer = pages.get("ravi") ?? (await signIn("ravi"));
  const url = `${labelgate.baseUrl}/projects/${project}/data?task=${third}`;
  await openTask(reviewer, url, "update");
  assert.deepEqual([...(await complaints(page)), ...(await complaints(reviewer))], []);
});

test("a Manager has the settings, and exports what was labelled with its authors", async () => {
  const page = pages.get("mateo") ?? (await signIn("mateo"));
  await page.goto(`${labelgate.baseUrl}/projects/${project}/settings`);
  await page.getByText("General Settings").waitFor();
  await picture(page, "manager-settings");
  await page.goto(`${labelgate.baseUrl}/projects/${project}/data/export`);
  const button = page.getByRole("button", { name: "Export data", exact: true });
  await button.waitFor();
  await picture(page, "manager-export");
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const exported = (await json(await download.createReadStream())) as {
    annotations: { completed_by: number }[];
  }[];
  const authors = new Set(
    exported.flatMap(({ annotations }) => annotations.map((a) => a.completed_by)),
  );
  assert.ok(authors.has(await numberOf("anna@acme.example")));
  assert.ok(authors.has(await numberOf("ravi@acme.example")));
});

test("an Administrator sees projects that are not theirs, and the organization in Labelgate", async () => {
  const page = await signIn("ada");
  await page.goto(`${labelgate.baseUrl}/projects/`);
  await page.getByText("Reviews").first().waitFor();
  await picture(page, "administrator-projects");
  await openTasks(page, labelgate.baseUrl, project);
  assert.ok(await isVisible(page, '[data-testid="dm-export-button"]'));
  assert.deepEqual(await complaints(page), []);
  await page.goto(`${labelgate.baseUrl}/organization`);
  assert.ok(!/\/projects/.test(new URL(page.url()).pathname));
  await picture(page, "administrator-organization");
});

test("a deep link survives signing in", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const target = `/projects/${project}/data?task=${(await tasksIn())[0]}`;
  await page.goto(labelgate.baseUrl + target);
  assert.equal(new URL(page.url()).pathname, "/user/login");
  await page.fill('input[name="domain"]', "acme.example");
  await page.press('input[name="domain"]', "Enter");
  await page.locator(`form:has(input[value="anna"]) button`).click();
  await page.waitForURL(
    (url) => url.origin === labelgate.baseUrl && url.pathname.startsWith("/projects/"),
  );
  const arrived = new URL(page.url());
  assert.equal(arrived.pathname + arrived.search, target);
  await context.close();
});

test("a session that ends in Label Studio's pages ends at the sign-in page, not in a loop", async () => {
  const page = await signIn("anna");
  await openTasks(page, labelgate.baseUrl, project);
  let navigations = 0;
  page.on("framenavigated", () => {
    navigations += 1;
  });
  await page.context().clearCookies();
  await page.goto(`${labelgate.baseUrl}/projects/`);
  await page.waitForURL(/\/user\/login/);
  await page.waitForTimeout(2_000);
  assert.ok(navigations < 5, `${navigations} navigations`);
});
