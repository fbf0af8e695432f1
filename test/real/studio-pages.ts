/**
 * Label Studio's own pages as people work in them: by the hooks that its bundle keeps (roles D), waiting for
 * the request that each click is about. Pictures of each role go to a folder that git does not see.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, Response } from "playwright-core";

const pictures = fileURLToPath(new URL("../../.cache/label-studio/screenshots", import.meta.url));

/** Takes a picture of the page under this name. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Does `work` and waits for the answer to the request that it is about. */
export async function answered(
  page: Page,
  [method, path]: readonly [string, RegExp],
  work: () => Promise<void>,
): Promise<Response> {
  const [response] = await Promise.all([
    page.waitForResponse(
      (candidate) =>
        candidate.request().method() === method && path.test(new URL(candidate.url()).pathname),
    ),
    work(),
  ]);
  return response;
}

/** Buttons of the labeling page. */
export const buttons = {
  submit: '[data-testid="bottombar-submit-button"]',
  update: '[data-testid="bottombar-update-button"]',
  skip: '[data-testid="bottombar-skip-button"]',
} as const;

/** The wizard: name, a file, a template, save. Resolves with the project's number. */
export async function makeProject(
  page: Page,
  origin: string,
  { title, csv }: { readonly title: string; readonly csv: string },
): Promise<number> {
  await page.goto(`${origin}/projects/`);
  const create = 'button[aria-label="Create new project"], button:has-text("Create Project")';
  await answered(page, ["POST", /^\/api\/projects\/?$/], async () => {
    await page.locator(create).first().click();
  });
  await page.fill('input[name="name"]', title);
  await page.getByText("Data Import", { exact: true }).click();
  const file = { name: "reviews.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
  await answered(page, ["POST", /\/import$/], async () => {
    await page.setInputFiles('input[type="file"]', file);
  });
  await page.getByText("List of tasks").click();
  await page.getByText("Labeling Setup", { exact: true }).click();
  await page.getByText("Natural Language Processing").click();
  await answered(page, ["POST", /\/validate$/], async () => {
    await page.getByText("Text Classification", { exact: true }).click();
  });
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/projects\/\d+\/data/);
  await tasksOf(page).first().waitFor();
  return Number(/\/projects\/(\d+)\//.exec(page.url())?.[1]);
}

/** The rows of the data manager. */
export const tasksOf = (page: Page) => page.locator('[data-testid="table-row"]');

/** The data manager of a project, once its tasks are there. */
export async function openTasks(page: Page, origin: string, project: number): Promise<void> {
  await page.goto(`${origin}/projects/${project}/data`);
  await tasksOf(page).first().waitFor();
}

/** Opens one task beside the list, once the button for it is there. */
export async function openTask(
  page: Page,
  url: string,
  button: keyof typeof buttons,
): Promise<void> {
  await page.goto(url);
  await page.locator(buttons[button]).waitFor();
}

/** Ticks a choice of the template "Text Classification". */
export async function choose(page: Page, choice: "Positive" | "Negative" | "Neutral") {
  await page.getByText(choice).first().click();
}

/** Label Studio's complaints: its error dialogs, and a page with nothing on it. */
export async function complaints(page: Page): Promise<readonly string[]> {
  const text = await page.innerText("body");
  const found = /Runtime error|Failed to resolve reference|contact our team|Cannot load url/i.exec(
    text,
  );
  return [...(found === null ? [] : [found[0]]), ...(text.trim() === "" ? ["a blank page"] : [])];
}
