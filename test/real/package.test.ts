/**
 * The npm package as somebody gets it who never saw the repository: packed, installed by npm into an
 * empty folder, and run. Packed is a copy of this checkout with what lies about in one that is worked in.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort, run, runToEnd, startServer, waitForAnswer } from "./process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a checkout holds beside its sources, each file of it a reason not to publish the folder. */
const lyingAbout = [
  ".env",
  ".npmrc",
  ".cache/screenshots/home.webp",
  "data/secret_key",
  "data/labelgate.db",
  "deploy/.env",
  "dist/src/old.js",
  "dist/src/access/plan.test.js",
  "dist/demo/main.js",
  "dist/web-123/index.js",
  "dist/web/left-over.js",
  "coverage/lcov.info",
  "npm-debug.log",
  "src/notes.txt",
];

/** Nothing but these is published. */
const published = [
  /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICE)$/,
  /^docs\/(?:[a-z]+\/)?[\w-]+\.md$/,
  /^dist\/src\/(?:[a-z]+\/)*[\w-]+\.js$/,
  /^dist\/src\/pages\/static\/[\w-]+\.(?:css|svg)$/,
  /^dist\/src\/cli\/embedded\/(?:run\.py|schema\.sql|[a-z]+\.lock)$/,
  /^dist\/web\/(?:manifest\.json|[\w.-]+\.(?:js|css|svg|woff2))(?:\.br|\.gz)?$/,
];

describe("the package", () => {
  const folder = mkdtempSync(join(tmpdir(), "labelgate-package-"));
  const checkout = join(folder, "checkout");
  const home = join(folder, "home");
  // The commands find the Node that the tests run on, as somebody's who has it installed.
  const env = { PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}` };
  let packed: readonly string[] = [];

  before(async () => {
    copyCheckout(checkout);
    mkdirSync(home);
    await run("npm", ["pack", "--pack-destination", folder], { cwd: checkout, env });
    const [tarball = ""] = globSync(join(folder, "labelgate-*.tgz"));
    const list = await run("tar", ["-tzf", tarball]);
    packed = list.split("\n").filter((line) => line !== "");
    await run("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: home, env });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the installed command as the README of a package says. */
  const labelgate = async (args: readonly string[], more = {}) =>
    await runToEnd("npx", ["--no-install", "labelgate", ...args], {
      cwd: home,
      env: { ...env, ...more },
    });

  test("holds nothing that does not belong", () => {
    const names = packed.map((path) => path.replace(/^package\//, ""));
    const strange = names.filter((name) => !published.some((pattern) => pattern.test(name)));
    assert.deepEqual(strange, []);
    for (const path of lyingAbout) assert.ok(!names.includes(path), path);
  });

  test("holds every module, page file and document", () => {
    const names = new Set(packed);
    const modules = globSync("src/**/*.ts", { cwd: root })
      .filter((path) => !path.endsWith(".test.ts"))
      .map((path) => `dist/${path.replace(/\.ts$/, ".js")}`);
    const others = globSync(["docs/**/*.md", "README.md", "LICENSE", "NOTICE"], { cwd: root });
    assert.ok(modules.length > 200);
    for (const path of [...modules, ...others]) assert.ok(names.has(`package/${path}`), path);
  });

  test("brings no package that only its development needs", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const { packages } = JSON.parse(
      readFileSync(join(home, "node_modules", ".package-lock.json"), "utf8"),
    ) as { packages: Record<string, unknown> };
    const installed = Object.keys(packages).map((path) => path.replace(/^node_modules\//, ""));
    for (const name of Object.keys(dependencies)) assert.ok(installed.includes(name), name);
    for (const name of ["node", "typescript", "playwright-core", "react", "vite"])
      assert.ok(!installed.includes(name), name);
  });

  test("names its commands, and says what the documents say of Node where it is too old", async () => {
    const help = await labelgate(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.output, /^Usage: labelgate <command>/);
    const old = `data:text/javascript,${encodeURIComponent(
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })',
    )}`;
    const refused = await labelgate(["check"], { NODE_OPTIONS: `--import=${old}` });
    assert.equal(refused.code, 1);
    assert.match(refused.output, /Labelgate needs Node \d+ or later, and this is Node 20\.20\.2\./);
  });

  test("serves sign-in, the administrators' app and its own files, and is found in order", async () => {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const settings = { PORT: String(port), BASE_URL: origin, DATA_DIR: join(home, "data") };
    const options = { cwd: home, env: { ...env, ...settings } };
    // Without npx between, which does not pass the signal to stop on.
    const command = join(home, "node_modules", ".bin", "labelgate");
    const server = startServer(command, ["serve"], options);
    try {
      await waitForAnswer(server, `${origin}/health`, 60_000);
      await waitForAnswer(server, `${origin}/ready`, 60_000);
      const page = await (await fetch(`${origin}/user/login`)).text();
      const [, style = ""] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? [];
      assert.equal((await fetch(origin + style)).status, 200, style);
      assert.equal((await fetch(`${origin}/api/openapi.json`)).status, 200);
      const [script = ""] = globSync("node_modules/labelgate/dist/web/*.js", { cwd: home });
      const name = relative("node_modules/labelgate/dist/web", script);
      assert.equal((await fetch(`${origin}/organization/assets/${name}`)).status, 200, name);
      const check = await labelgate(["check"], settings);
      assert.equal(check.code, 0, check.output);
      const told = await labelgate(["migrate"], settings);
      assert.match(told.output, /The database is up to date\./);
    } finally {
      await server.stop();
    }
  });
});

/** The sources of this checkout, with the packages that are installed, and what lies about. */
function copyCheckout(target: string): void {
  const left = new Set(["node_modules", ".git", ".cache", "data", "dist", "coverage"]);
  cpSync(root, target, {
    recursive: true,
    filter: (path) => !left.has(relative(root, path).split(/[\\/]/)[0] ?? ""),
  });
  symlinkSync(join(root, "node_modules"), join(target, "node_modules"));
  for (const path of lyingAbout) {
    mkdirSync(join(target, dirname(path)), { recursive: true });
    writeFileSync(join(target, path), "");
  }
}
