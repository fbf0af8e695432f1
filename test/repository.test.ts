/**
 * What the repository shows to whoever comes to it: links of the documents lead somewhere, a picture is
 * kept only where a document shows it (npm run screenshots makes the others), Node's version is the same
 * everywhere, the workflow may little, and who reports something is warned of secrets.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { neededNode } from "../src/cli/node-version.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const documents = globSync(["*.md", ".github/**/*.md", "docs/**/*.md"], { cwd: root }).map((path) =>
  path.replaceAll("\\", "/"),
);

interface Link {
  /** The document that has it. */
  readonly from: string;
  /** The file that it leads to, from the root. */
  readonly file: string;
  /** The heading that it leads to, or nothing. */
  readonly heading: string;
}

/** The links of a document into the repository, in Markdown's one spelling of them. */
function linksOf(from: string, text = read(from)): readonly Link[] {
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^(?:[a-z]+:|\/)/.test(target))
    .map((target) => {
      const [path = "", heading = ""] = target.split("#");
      const file = path === "" ? from : relative(root, join(root, dirname(from), path));
      return { from, file: file.replaceAll("\\", "/"), heading };
    });
}

/** The headings of a document as GitHub names them in addresses. */
function headingsOf(text: string): ReadonlySet<string> {
  const named = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set(named);
}

const isBroken = ({ file, heading }: Link): boolean =>
  !existsSync(join(root, file)) || (heading !== "" && !headingsOf(read(file)).has(heading));

describe("the documents", () => {
  test("lead to files and headings that there are", () => {
    const links = documents.flatMap((path) => linksOf(path));
    assert.ok(links.length > 25, String(links.length));
    const broken = links.filter(isBroken);
    assert.deepEqual(broken, []);
  });

  test("a link that leads nowhere is seen", () => {
    const text = "[a](docs/none.md) [b](README.md#nothing-here) ![c](docs/screenshots/none.webp)";
    assert.equal(linksOf("README.md", text).filter(isBroken).length, 3);
  });

  test("show every picture that is kept, and pictures as WebP", () => {
    const shown = documents
      .flatMap((path) => linksOf(path))
      .map(({ file }) => file)
      .filter((file) => file.startsWith("docs/screenshots/"));
    const kept = readdirSync(join(root, "docs/screenshots")).map(
      (name) => `docs/screenshots/${name}`,
    );
    assert.deepEqual(new Set(kept), new Set(shown));
    for (const file of kept) {
      assert.equal(readFileSync(join(root, file)).subarray(8, 12).toString("latin1"), "WEBP", file);
    }
  });
});

/** Characters of the lock file that hold the package itself, before its dependencies. */
const lockHead = read("package-lock.json").indexOf('"node_modules/');

describe("Node's version", () => {
  const { engines, devDependencies } = JSON.parse(read("package.json")) as {
    readonly engines: { readonly node: string };
    readonly devDependencies: { readonly node: string; readonly "@types/node": string };
  };
  const needed = engines.node.replace(/^>=/, "");

  test("is one major version, said by engines", () => {
    assert.match(engines.node, /^>=\d\d$/);
  });

  test("is the same for the command, the tests, the types, the image, version managers and containers", () => {
    const major = (text: string, pattern: RegExp): readonly string[] =>
      [...text.matchAll(pattern)].map(([, version = ""]) => version);
    const said: Readonly<Record<string, readonly string[]>> = {
      command: [String(neededNode)],
      "lock file": major(read("package-lock.json").slice(0, lockHead), /^ {8}"node": ">=(\d+)"$/gm),
      tests: major(devDependencies.node, /^(\d+)\./g),
      types: major(devDependencies["@types/node"], /^(\d+)\./g),
      ".nvmrc": [read(".nvmrc").trim()],
      image: major(read("deploy/Dockerfile"), /^FROM node:(\d+)-/gm),
      container: major(read(".devcontainer/devcontainer.json"), /typescript-node:(\d+)-/g),
      workflow: major(read(".github/workflows/ci.yml"), /container: node:(\d+)-/g),
    };
    for (const [place, versions] of Object.entries(said)) {
      assert.ok(versions.length > 0, place);
      for (const version of versions) assert.equal(version, needed, place);
    }
  });

  test("is told alike by every document; 20 is what can install it", () => {
    for (const path of documents) {
      const told = [...read(path).matchAll(/\bNode(?:\.js)? (?:from )?v?(\d+)/g)];
      for (const [text, version] of told) {
        assert.ok(version === needed || text === "Node from 20", `${path}: ${text}`);
      }
    }
    assert.match(read("README.md"), new RegExp(`brings Node ${needed}, on which Labelgate runs`));
  });
});

describe("the workflow", () => {
  const text = read(".github/workflows/ci.yml");
  const workflow = parse(text) as {
    readonly permissions: unknown;
    readonly jobs: Readonly<
      Record<string, { steps: readonly { uses?: string; run?: string; with?: object }[] }>
    >;
  };
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test("runs .ci/run and nothing else", () => {
    assert.deepEqual(
      steps.flatMap(({ run }) => run ?? []),
      [".ci/run"],
    );
  });

  test("may read the sources, keeps no credential, and takes actions by their commit", () => {
    assert.deepEqual(workflow.permissions, { contents: "read" });
    assert.doesNotMatch(text, /pull_request_target|secrets\.|: write/);
    for (const { uses, with: options } of steps) {
      if (uses === undefined) continue;
      assert.match(uses, /^actions\/checkout@[0-9a-f]{40}$/);
      assert.deepEqual(options, { "persist-credentials": false });
    }
  });
});

describe("an issue's form", () => {
  interface Form {
    readonly name: string;
    readonly body: readonly {
      readonly type: string;
      readonly attributes: { readonly label?: string; readonly value?: string };
    }[];
  }
  const forms = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root })
    .filter((path) => !path.endsWith("config.yml"))
    .map((path) => ({ path, text: read(path), form: parse(read(path)) as Form }));

  test("is a form, with a name and questions", () => {
    assert.ok(forms.length >= 3);
    for (const { path, form } of forms) {
      assert.ok(form.name.length > 10, path);
      assert.ok(
        form.body.every(({ type, attributes }) =>
          type === "markdown" ? attributes.value : attributes.label,
        ),
        path,
      );
    }
  });

  test("warns of assertions and tokens; one about a fault leads weaknesses elsewhere and asks for versions", () => {
    for (const { path, text } of forms) assert.match(text, /[Nn]o assertion[^.]*token/, path);
    for (const { path, text } of forms.filter(({ text: each }) => each.includes("[bug]"))) {
      assert.match(text, /report it privately/, path);
      assert.match(text, /label: Versions/, path);
      assert.match(text, /label: Nothing above is an assertion/, path);
    }
  });
});

test("editors write as the formatter does", () => {
  const { formatter } = JSON.parse(read("biome.json")) as {
    readonly formatter: { readonly indentStyle: string; readonly lineWidth: number };
  };
  const [, rules = ""] = /\[\*\]\n([\s\S]*?)\n\n/.exec(read(".editorconfig")) ?? [];
  assert.match(rules, new RegExp(`^indent_style = ${formatter.indentStyle}$`, "m"));
  assert.match(rules, new RegExp(`^max_line_length = ${formatter.lineWidth}$`, "m"));
});
