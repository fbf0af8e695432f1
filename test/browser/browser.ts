/**
 * A headless Chromium for tests: the machine's own where there is one, else the one that the npm
 * package @sparticuz/chromium carries.
 */
import { existsSync } from "node:fs";
import chromiumPackage from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const installed = [
  process.env["LABELGATE_TEST_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No sandbox, since test machines run as root; nothing that looks for the internet. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser; the caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const own = installed.find((path) => path !== "" && existsSync(path));
  const executablePath = own ?? (await chromiumPackage.executablePath());
  // Never the package's own flags: they switch off what these tests are about, web security first.
  return await chromium.launch({ executablePath, args: flags, headless: true });
}
