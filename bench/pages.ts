/**
 * `npm run bench:pages`: the pages of an organization of 100,000 members in a real browser. For each
 * thing that a person does there: from the key or click to the next frame that shows something of it
 * (what browsers call an interaction; bar 100 ms), and to the whole answer, which includes the server.
 *
 * The browser, the server and this process share the machine. Medians and the worst of several rounds;
 * fails where a median interaction passes its bar. The last line is one JSON object.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openStore } from "../src/store/store.ts";
import { startWeb } from "../test/browser/web.ts";
import { median } from "./median.ts";
import { analyze, insertCrowd } from "./people.ts";

const people = 100_000;
const rounds = 9;
/** What a person does is seen at once, however large the organization: INP of 100 ms. */
const barMs = 100;
/** The shortest interaction that a browser tells of. */
const shortestMs = 16;

/** A thing that a person does, and the page it begins on. */
interface Step {
  readonly name: string;
  readonly at: string;
  readonly act: (page: Page) => Promise<void>;
}

const members = "/organization/members";
const search = (page: Page) => page.getByRole("searchbox", { name: "Search members" });
const steps: readonly Step[] = [
  {
    name: "search the members, key by key",
    at: members,
    act: async (page) => await search(page).pressSequentially("person-777", { delay: 60 }),
  },
  {
    name: "order them by name",
    at: members,
    act: async (page) => await page.getByRole("button", { name: /^Person/ }).click(),
  },
  {
    name: "the next page",
    at: members,
    act: async (page) => await page.getByRole("button", { name: "Next" }).click(),
  },
  {
    name: "back from page 3,000",
    at: `${members}?page=3000`,
    act: async (page) => await page.getByRole("button", { name: "Previous" }).click(),
  },
  {
    name: "those with a password",
    at: members,
    act: async (page) => await page.getByRole("checkbox", { name: "Has a password" }).click(),
  },
  {
    name: "open a person",
    at: `${members}?search=person-4711`,
    act: async (page) => await page.getByRole("link", { name: /Ada/ }).first().click(),
  },
];

const web = await startWeb();
try {
  await fill();
  const figures: Figures[] = [];
  await web.visit("owner", async (page) => {
    await page.addInitScript(watchInteractions);
    for (const deed of steps) figures.push(tell(await measure(page, deed)));
  });
  console.log(JSON.stringify({ bench: "pages", people, barMs, figures }));
  const late = figures.filter(({ interactionMs }) => interactionMs > barMs);
  if (late.length > 0) throw new Error(`slower than ${barMs} ms: ${late.map(({ name }) => name)}`);
} finally {
  await web.stop();
}

/** The demo's organization, and everybody else, through a second door to its database. */
async function fill(): Promise<void> {
  const { port } = new URL(web.demo.origin);
  const store = await openStore({ databaseUrl: "", dataDir: join("data", `demo-${port}`) });
  const { id: organizationId } = await store.db
    .selectFrom("organizations")
    .select("id")
    .executeTakeFirstOrThrow();
  await insertCrowd(store, { organizationId, count: people, domain: "crowd.example" });
  await analyze(store);
  await store.close();
}

interface Figures {
  readonly name: string;
  /** Medians over the rounds; of a round that has several interactions, its longest counts. */
  readonly interactionMs: number;
  readonly worstInteractionMs: number;
  readonly answerMs: number;
}

async function measure(page: Page, { name, at, act }: Step): Promise<Figures> {
  const interactions: number[] = [];
  const answers: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await page.goto(web.at(at));
    await page.evaluate(whenSettled, "");
    const shown = await page.evaluate(shownNow);
    await page.evaluate(forget);
    await act(page);
    const answer = await page.evaluate(whenSettled, shown);
    const longest = await page.evaluate(longestInteraction);
    // The first round compiles the page's code.
    if (round === 0) continue;
    answers.push(answer);
    interactions.push(Math.max(longest, shortestMs));
  }
  return {
    name,
    interactionMs: median(interactions),
    worstInteractionMs: Math.max(...interactions),
    answerMs: Math.round(median(answers)),
  };
}

function tell(row: Figures): Figures {
  const { name, interactionMs, worstInteractionMs, answerMs } = row;
  console.log(
    `${name}: ${interactionMs} ms to the next frame (worst ${worstInteractionMs}), ${answerMs} ms to the answer`,
  );
  return row;
}

/*
 * What follows runs in the page. It keeps what it sees in one object of the window.
 */

interface Watched {
  interactions: number[];
  lastInput: number;
}

declare global {
  interface Window {
    watched: Watched;
  }
}

function watchInteractions(): void {
  window.watched = { interactions: [], lastInput: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.watched.interactions.push(duration);
  }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  const noteInput = (event: Event): void => {
    window.watched.lastInput = event.timeStamp;
  };
  window.addEventListener("keydown", noteInput, true);
  window.addEventListener("pointerup", noteInput, true);
}

function forget(): void {
  window.watched.interactions = [];
}

function shownNow(): string {
  return document.querySelector("main")?.textContent ?? "";
}

/** Waits until the page shows something else than `before`, and all of it; tells the milliseconds since the last key or click. */
async function whenSettled(before: string): Promise<number> {
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const main = document.querySelector("main");
    const isBusy = main?.querySelector("[data-busy], .mantine-Skeleton-root") !== null;
    const text = main?.textContent ?? "";
    if (!isBusy && text !== "" && text !== before)
      return performance.now() - window.watched.lastInput;
  }
}

function longestInteraction(): number {
  return Math.max(0, ...window.watched.interactions);
}
