/**
 * `npm run screenshots`: pictures of the pages, from the demo, into .cache/screenshots/: light, dark and
 * at the width of a telephone. They are looked at before a page counts as done. Pictures that documents
 * show are renewed in docs/screenshots/ too; only those are kept in the repository. With names after
 * `--`, these pages alone. Pages of Label Studio itself are pictured by hand.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../test/browser/browser.ts";
import { startDemo } from "../test/browser/demo.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".cache", "screenshots");
const shown = join(root, "docs", "screenshots");
/** Of 100: letters stay sharp, and a picture takes a fourth of what a PNG takes. */
const quality = 80;

const looks = [
  { suffix: "", width: 1100, scheme: "light" },
  { suffix: "-dark", width: 1100, scheme: "dark" },
  { suffix: "-narrow", width: 360, scheme: "light" },
] as const;

interface Shot {
  readonly name: string;
  /** The person to sign in as first, or null for a stranger. */
  readonly person: string | null;
  /** The address to open then, or null to stay where the sign-in ended. */
  readonly path: string | null;
}

const shots: readonly Shot[] = [
  { name: "home", person: "mateo", path: null },
  { name: "home-administrator", person: "ada", path: null },
  { name: "home-near-miss", person: "casey", path: null },
  { name: "denied", person: "olga", path: null },
  { name: "account", person: "anna", path: "/user/account" },
  { name: "login", person: null, path: "/user/login" },
  { name: "sso-domain", person: null, path: "/saml/sso-domain" },
  { name: "signed-out", person: null, path: "/user/login?signed_out=1" },
  { name: "organization-sso", person: "ada", path: "/organization/security/sso" },
  { name: "organization-scim", person: "ada", path: "/organization/security/scim" },
  { name: "organization-sign-ins", person: "ada", path: "/organization/security/sign-ins" },
  { name: "organization-inspect", person: "ada", path: "/organization/security/inspect" },
  { name: "organization-members", person: "ada", path: "/organization/members" },
  { name: "organization-workspaces", person: "ada", path: "/organization/workspaces" },
  { name: "organization-projects", person: "ada", path: "/organization/projects" },
  { name: "organization-activity", person: "ada", path: "/organization/activity" },
  { name: "organization-settings", person: "ada", path: "/organization/settings" },
];

const asked = process.argv.slice(2);
const chosen = shots.filter(({ name }) => asked.length === 0 || asked.includes(name));
if (chosen.length === 0) throw new Error(`there is no page called ${asked.join(" or ")}`);

const demo = await startDemo();
const browser = await launchBrowser();
try {
  mkdirSync(folder, { recursive: true });
  for (const shot of chosen) {
    for (const look of looks) await take(browser, shot, look);
  }
} finally {
  await browser.close();
  await demo.stop();
}

async function take(from: Browser, shot: Shot, look: (typeof looks)[number]): Promise<void> {
  const context = await from.newContext({
    viewport: { width: look.width, height: 720 },
    colorScheme: look.scheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (shot.person !== null) await signOnAs(page, shot.person);
  if (shot.path !== null) await page.goto(demo.origin + shot.path, { waitUntil: "networkidle" });
  const name = `${shot.name}${look.suffix}.webp`;
  writeFileSync(join(folder, name), await pictureOf(page));
  await context.close();
  if (existsSync(join(shown, name))) copyFileSync(join(folder, name), join(shown, name));
  console.log(name);
}

/** The whole page as WebP, which Playwright's own screenshots cannot be. */
async function pictureOf(page: Page): Promise<Buffer> {
  const chromium = await page.context().newCDPSession(page);
  const { cssContentSize } = await chromium.send("Page.getLayoutMetrics");
  const { data } = await chromium.send("Page.captureScreenshot", {
    format: "webp",
    quality,
    captureBeyondViewport: true,
    clip: { ...cssContentSize, scale: 1 },
  });
  return Buffer.from(data, "base64");
}

async function signOnAs(page: Page, person: string): Promise<void> {
  await page.goto(demo.loginUrl);
  await page.locator(`form:has(input[value="${person}"]) button`).click();
  await page.waitForURL(`${demo.origin}/**`);
}
