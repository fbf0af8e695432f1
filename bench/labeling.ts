/**
 * `npm run bench:labeling`: the labeling page in a real browser, through Labelgate and from the same bare
 * Label Studio (GATEWAY 10.7): bytes over the wire and time until the form can be submitted, each visit in
 * a browser that knows nothing yet, and once more in one that was there before. Visits alternate.
 *
 * Bare Label Studio is visited with a credential of its own in every request, which spares it the look-up of
 * a session. Browser and servers share the machine. Prints medians; the last line is one JSON object.
 */
import type { Browser, BrowserContext } from "playwright-core";
import { launchBrowser } from "../test/browser/browser.ts";
import { mintToken, serviceUser, startLabelStudio } from "../test/real/label-studio.ts";
import { startStudio } from "../test/real/studio.ts";
import { median } from "./median.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);

/** One visit of the page. */
interface Visit {
  readonly ms: number;
  readonly bytes: number;
}

interface Side {
  readonly name: string;
  readonly origin: string;
  readonly enter: (context: BrowserContext) => Promise<void>;
}

async function visit(context: BrowserContext, address: string): Promise<Visit> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const startedMs = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  await page.locator('[data-testid="bottombar-submit-button"]').waitFor();
  const ms = performance.now() - startedMs;
  await page.waitForLoadState("networkidle");
  await page.close();
  return { ms, bytes };
}

/** A first visit and a second one in the same browser. */
async function visitTwice(browser: Browser, side: Side, path: string) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  try {
    await side.enter(context);
    const first = await visit(context, side.origin + path);
    return { first, again: await visit(context, side.origin + path) };
  } finally {
    await context.close();
  }
}

const [browser, labelStudio] = await Promise.all([launchBrowser(), startLabelStudio()]);
const project = await labelStudio.json<{ id: number }>(serviceUser.id, "POST", "/api/projects/", {
  title: "Benchmark",
  label_config:
    '<View><Text name="text" value="$text"/><Choices name="mood" toName="text"><Choice value="Good"/></Choices></View>',
});
const task = await labelStudio.json<{ id: number }>(serviceUser.id, "POST", "/api/tasks/", {
  project: project.id,
  data: { text: "What a day." },
});
const studio = await startStudio(browser, labelStudio, [project.id]);
const annotator = await studio.signIn({
  name: "annotator",
  role: "Annotator",
  projects: [project.id],
});
const sides: readonly Side[] = [
  {
    name: "bare Label Studio",
    origin: labelStudio.origin,
    enter: async (context) => {
      const authorization = `Bearer ${mintToken(serviceUser.id)}`;
      await context.setExtraHTTPHeaders({ authorization });
    },
  },
  {
    name: "through Labelgate",
    origin: studio.labelgate.baseUrl,
    enter: async (context) => {
      await context.setExtraHTTPHeaders({ cookie: annotator.cookie });
    },
  },
];

const path = `/projects/${project.id}/data?task=${task.id}`;
const visits = sides.map(() => ({ first: [] as Visit[], again: [] as Visit[] }));
// The first round warms both servers up and is not counted.
for (let round = 0; round <= rounds; round += 1) {
  for (const [at, side] of sides.entries()) {
    const { first, again } = await visitTwice(browser, side, path);
    if (round === 0) continue;
    visits[at]?.first.push(first);
    visits[at]?.again.push(again);
  }
}
await studio.stop();
await Promise.all([browser.close(), labelStudio.stop()]);

const results = sides.map(({ name }, at) => ({
  name,
  ...Object.fromEntries(
    (["first", "again"] as const).map((which) => {
      const found = visits[at]?.[which] ?? [];
      return [
        which,
        {
          ms: Math.round(median(found.map(({ ms }) => ms))),
          kB: Math.round(median(found.map(({ bytes }) => bytes)) / 1000),
        },
      ];
    }),
  ),
}));
for (const result of results) console.log(JSON.stringify(result));
console.log(JSON.stringify({ bench: "labeling", rounds, results }));
