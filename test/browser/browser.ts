/**
 * A headless Chromium for tests: one for a whole run, which scripts/test.ts serves and each file
 * connects to, else one for the file.
 *
 * On Linux it is the headless build that the npm package @sparticuz/chromium carries, which takes a
 * third of the time that a whole Chromium takes, else the machine's own.
 */
import { existsSync } from "node:fs";
import chromiumPackage from "@sparticuz/chromium";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const installed = [
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

/** The browser of the run, or one that is started; what the caller opened in it ends as they close it. */
export async function launchBrowser(): Promise<Browser> {
  const served = process.env["LABELGATE_TEST_BROWSER"] ?? "";
  if (served !== "") return await chromium.connect(served);
  return await withFirst((options) => chromium.launch(options));
}

/** Starts a browser that any number of processes use at once, by its address. */
export async function serveBrowser(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await withFirst((options) => chromium.launchServer(options));
  return { url: server.wsEndpoint(), stop: async () => await server.close() };
}

/** Starts the first that starts: npm's build lacks libraries on some machines. */
async function withFirst<Started>(
  start: (options: LaunchOptions) => Promise<Started>,
): Promise<Started> {
  const given = process.env["LABELGATE_TEST_CHROMIUM"] ?? "";
  // Never the package's own flags: they switch off what these tests are about, web security first.
  const options = { args: flags, headless: true };
  if (given !== "") return await start({ ...options, executablePath: given });
  const own = installed.find((path) => existsSync(path));
  try {
    return await start({ ...options, executablePath: await chromiumPackage.executablePath() });
  } catch (error) {
    if (own === undefined) throw error;
    return await start({ ...options, executablePath: own });
  }
}
