/**
 * What the repository shows to whoever comes to it: links of the documents lead somewhere, and a picture
 * is kept only where a document shows it (npm run screenshots makes the others).
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

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
