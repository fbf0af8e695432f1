/**
 * `npm run screenshots`: pictures of the pages, from the demo, into docs/screenshots/: light, dark and
 * at the width of a telephone. They are looked at before a page counts as done.
 */
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../test/browser/browser.ts";
import { startDemo } from "../test/browser/demo.ts";

const folder = new URL("../docs/screenshots/", import.meta.url).pathname;

const looks = [
  { suffix: "", width: 1100, scheme: "light" },
  { suffix: "-dark", width: 1100, scheme: "dark" },
  { suffix: "-narrow", width: 360, scheme: "light" },
] as const;

interface Shot {
  readonly name: string;
  /** Whom to sign on as first, or null for a stranger. */
  readonly person: string | null;
  /** Where to go then, or null to stay where the sign-on ended. */
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

const demo = await startDemo();
const browser = await launchBrowser();
try {
  mkdirSync(folder, { recursive: true });
  for (const shot of shots) {
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
  await page.screenshot({ path: `${folder}${shot.name}${look.suffix}.png`, fullPage: true });
  await context.close();
  console.log(`${shot.name}${look.suffix}.png`);
}

async function signOnAs(page: Page, person: string): Promise<void> {
  await page.goto(demo.loginUrl);
  await page.locator(`form:has(input[value="${person}"]) button`).click();
  await page.waitForURL(`${demo.origin}/**`);
}
