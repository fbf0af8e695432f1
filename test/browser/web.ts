/**
 * The administrators' app for browser tests: the demo as a process of its own, people signed in to it,
 * and pages that complain. Every page is held to the Content-Security-Policy and to a quiet console;
 * `expectAccessible` looks at one with axe.
 */
import assert from "node:assert/strict";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContext, Locator, Page, Request } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { type DemoVariables, type RunningDemo, startDemo } from "./demo.ts";
import { freePort } from "./free-port.ts";

/** Who may be signed in: the Owner by password, the demo's people by single sign-on, or nobody. */
export type Visitor = "owner" | "ada" | "mateo" | "anna" | "ravi" | "casey" | "nora" | "nobody";

/** How a window looks: wide and light, wide and dark, or as on a telephone. */
export const looks = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 860 } },
  narrow: { colorScheme: "light", viewport: { width: 360, height: 740 } },
} as const;

/** One of the three looks. */
export type Look = keyof typeof looks;

/** The running app and its visitors. */
export interface Web {
  readonly demo: RunningDemo;
  readonly browser: Browser;
  /** The address of a path of this site. */
  at(path: string): string;
  /** A page of somebody's, in a window of its own; `work` done, the console must have been quiet. */
  visit(as: Visitor, work: (page: Page) => Promise<void>, options?: VisitOptions): Promise<void>;
  /** Asks the API as the Owner; answers the parsed body. Fails where the status is not 2xx. */
  api(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

export interface VisitOptions {
  readonly look?: Look;
  /** Complaints of the console that the test provokes, such as a refused request. */
  readonly expects?: RegExp;
}

/** Starts the demo, with these variables of the server, and a browser. */
export async function startWeb(variables: DemoVariables = {}): Promise<Web> {
  const [demo, browser] = await Promise.all([
    startDemo(await freePort(), variables),
    launchBrowser(),
  ]);
  const states = new Map<Visitor, SignedIn>();
  return {
    demo,
    browser,
    at: (path) => demo.origin + path,
    visit: async (as, work, { look = "light", expects } = {}) => {
      const signedIn = states.get(as) ?? (await signIn(demo, browser, as));
      states.set(as, signedIn);
      const context = await browser.newContext({
        ...looks[look],
        storageState: signedIn,
        reducedMotion: "reduce",
      });
      try {
        const complaints = await watched(context, work);
        assert.deepEqual(
          complaints.filter((text) => expects === undefined || !expects.test(text)),
          [],
        );
      } finally {
        await context.close();
      }
    },
    api: async (method, path, body) => await askApi(demo, { method, path, body }),
    stop: async () => {
      await browser.close();
      await demo.stop();
    },
  };
}

type SignedIn = Awaited<ReturnType<BrowserContext["storageState"]>>;

async function signIn(demo: RunningDemo, browser: Browser, as: Visitor): Promise<SignedIn> {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (as === "owner") {
    await page.goto(`${demo.origin}/user/login`);
    await page.fill("#email", demo.owner.email);
    await page.fill("#password", demo.owner.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${demo.origin}/`);
  } else if (as !== "nobody") {
    await page.goto(demo.loginUrl);
    await page.locator(`form:has(input[value="${as}"]) button`).click();
    await page.waitForURL(`${demo.origin}/**`);
  }
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Does the work on a new page; answers what its console complained of. */
async function watched(
  context: BrowserContext,
  work: (page: Page) => Promise<void>,
): Promise<string[]> {
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  const open = new Set<Request>();
  underWay.set(page, open);
  page.on("request", (request) => open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  await work(page);
  return complaints;
}

/** The requests of each page that have no answer yet. */
const underWay = new WeakMap<Page, ReadonlySet<Request>>();

/** How often in a row nothing must be under way; what an answer leads to is asked within a frame or two. */
const quietTurns = 4;

/** Waits until the page of a visit has asked for all that it asks for, and has drawn it. */
export async function settled(page: Page): Promise<void> {
  const drawn = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
  for (let quiet = 0; quiet < quietTurns; ) {
    await page.evaluate(drawn);
    const open = underWay.get(page);
    if (open === undefined) throw new Error("only the pages of visits are watched");
    quiet = open.size === 0 ? quiet + 1 : 0;
  }
}

async function askApi(
  demo: RunningDemo,
  { method, path, body }: { method: string; path: string; body: object | undefined },
): Promise<unknown> {
  const response = await fetch(demo.origin + path, {
    method,
    headers: {
      authorization: `Token ${demo.apiToken}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/**
 * Presses the key on the control once it is enabled. While it is disabled it takes no focus, and
 * Playwright's own `press`, unlike its `click`, does not wait: the key would be somebody else's.
 */
export async function pressOn(control: Locator, key: string): Promise<void> {
  await control.and(control.page().locator(":not(:disabled)")).press(key);
}

/** axe finds nothing on the page as it stands: by all its rules, or by those that are named. */
export async function expectAccessible(page: Page, rules: readonly string[] = []): Promise<void> {
  // The page's own policy keeps holding: the debugger's evaluation is not a script of the page.
  if ((await page.evaluate("typeof window.axe")) === "undefined") await page.evaluate(axe.source);
  const options = { resultTypes: ["violations"], ...(rules.length > 0 && { runOnly: rules }) };
  const result = (await page.evaluate(`window.axe.run(${JSON.stringify(options)})`)) as AxeResults;
  const found = result.violations.map(
    ({ id, help, nodes }) =>
      `${id} (${help}): ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ""}`).join("; ")}`,
  );
  assert.deepEqual(found, [], page.url());
}

/** Nothing of the page stands out of the window, so that nobody scrolls sideways. */
export async function expectFits(page: Page): Promise<void> {
  const width = await page.locator("html").evaluate((element) => element.scrollWidth);
  const window = page.viewportSize()?.width ?? 0;
  assert.ok(width <= window, `${page.url()} is ${width} px wide in a window of ${window}`);
}

/** Colours go over into others in a moment, in which neither holds. */
const colorsHaveChanged = `new Promise((drawn) => requestAnimationFrame(drawn)).then(() =>
  Promise.allSettled(document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished)))`;

/**
 * The page, as it stands, in every look: axe finds nothing, and in dark colours nothing that colours
 * decide; it fits its window, wide and narrow. Leaves it wide and light.
 */
export async function expectGoodInEveryLook(page: Page): Promise<void> {
  await expectAccessible(page);
  await expectFits(page);
  await page.emulateMedia({ colorScheme: looks.dark.colorScheme });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  await page.evaluate(colorsHaveChanged);
  await expectAccessible(page, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: looks.light.colorScheme });
  await page.setViewportSize(looks.narrow.viewport);
  await expectFits(page);
  await page.setViewportSize(looks.light.viewport);
}

/** The page is there: its heading says `title`, and nothing is loading any more. */
export async function expectHeading(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}
