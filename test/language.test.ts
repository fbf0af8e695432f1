/**
 * One language in code, comments and documents: words that were given up do not come back, and a doc
 * comment opens with what the thing is or does, never with a clause ("What …", "Whose …").
 * Names on the wire, in the database and in addresses keep their words, and so do texts that quote them.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface File {
  readonly path: string;
  readonly text: string;
}

function filesOf(patterns: readonly string[], left: (path: string) => boolean): readonly File[] {
  return globSync([...patterns], { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !(path.includes("node_modules/") || left(path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Migrations are what they were; this file names the words. */
const isLeft = (path: string): boolean =>
  path.startsWith("src/store/migrations/") || path === "test/language.test.ts";

const code = filesOf(["{src,web/src,test,bench,demo,scripts}/**/*.{ts,tsx}"], isLeft);
const source = code.filter(({ path }) => /^(?:src|web\/src)\//.test(path) && !isTest(path));
const documents = filesOf(["*.md", "docs/**/*.md"], () => false);

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

const commentRe = /\/\*[\s\S]*?\*\/|(?<![:"'`\w])\/\/[^\n]*/g;
const docCommentRe = /\/\*\*[\s\S]*?\*\//g;
const clauseRe = /^\/\*\*[\s*]*(?:What|Who|Whose|Whom|Where|Which|Whether|How|When)\b/;

/** The comments of a file without what they quote, and without the stars that begin their lines. */
const commentsOf = (text: string): string =>
  (text.match(commentRe) ?? []).map((each) => unquoted(each.replace(/\n\s*\*/g, "\n"))).join("\n");

/** The text without code, quotes, emphasis (labels of pages) and the targets of links. */
function unquoted(text: string): string {
  return text.replace(
    /```[\s\S]*?```|`[^`]*`|\*\*[^*]+\*\*|\*[^*\n]+\*|"[^"\n]*"|\]\([^)]*\)|\S*\/\S+/g,
    " ",
  );
}

/** Names that are given up, and the name that stands in their place. */
const names: readonly (readonly [given: RegExp, instead: string])[] = [
  [/\bmost[A-Z]\w*/g, "maxX"],
  [/\bleast[A-Z]\w*/g, "minX"],
  [/\busual[A-Z]\w*/g, "defaultX"],
  [/\b(?:executeNow|PromptConnection)\b/g, "executeSync, SyncConnection"],
  [/\b(?:requireHand|\w*ByHand)\b/g, "requireManual, isManual"],
  [/\blookAhead\b/g, "preview"],
  [/\b(?:tellStory|StoryOfTrial|InspectedStory)\b/g, "buildReport, SignInReport"],
  [/\b[a-z]+Trial\b/g, "testSignIn"],
  [/\b(?:Maker\w*|maker[A-Z]\w*)\b/g, "Creator"],
  [/\bcodeWords\b/g, "codeLabels"],
];

/** Words that are given up, and the word that stands in their place. */
const words: readonly (readonly [given: RegExp, instead: string])[] = [
  [/(?<!\bsingle\s+)(?<![-\w])sign-ons?(?![-\w]|\.ts)/gi, "sign-in"],
  [/\b(?:signed|signs) on (?:by|with|first)\b/gi, "signed in, signs in"],
  [/\bmend(?:s|ed|ing)?\b/gi, "fix"],
  [/\bhad back\b/gi, "restored"],
  [/\bbuys access tokens?\b/gi, "personal access token"],
  [/\bnames of:/gi, "attribute mapping preset"],
  [/\bwhat groups give\b(?=:|\.|$)/gim, "group mappings"],
  [/\bplaces one belongs to\b/gi, "memberships"],
];

/** Each given-up word that stands in a text, told with its file and what to write. */
function found(files: readonly File[], list: typeof words): readonly string[] {
  return files.flatMap(({ path, text }) =>
    list.flatMap(([given, instead]) =>
      [...text.matchAll(given)].map(([word]) => `${path}: "${word}", write ${instead}`),
    ),
  );
}

/** Given-up words that stand in texts still. */
const textsLeft = 64;

const opensWithClause = (comment: string): boolean => clauseRe.test(comment);

describe("one language", () => {
  test("names that were given up stand in no code", () => {
    assert.ok(code.length > 800, String(code.length));
    assert.deepEqual(found(code, names), []);
  });

  test("words that were given up stand in no comment", () => {
    const comments = code.map(({ path, text }) => ({ path, text: commentsOf(text) }));
    assert.deepEqual(found(comments, words), []);
  });

  test("texts of pages and of the API use no more given-up words than today", () => {
    const texts = source.map(({ path, text }) => ({ path, text: text.replace(commentRe, "") }));
    const left = found(texts, words);
    // A ratchet: whoever takes some away lowers it. Browser tests hold the sentences that are left.
    assert.ok(left.length <= textsLeft, left.join("\n"));
  });

  test("words that were given up stand in no document", () => {
    assert.ok(documents.length > 10, String(documents.length));
    // Tables made of the server's own texts, which tests compare with their source.
    const written = documents.filter(({ path }) => !/\/(?:configuration|errors)\.md$/.test(path));
    const texts = written.map(({ path, text }) => ({ path, text: unquoted(text) }));
    assert.deepEqual(found(texts, words), []);
  });

  test("fewer than one doc comment in a hundred opens with a clause", () => {
    const comments = source.flatMap(({ text }) => text.match(docCommentRe) ?? []);
    assert.ok(comments.length > 4000, String(comments.length));
    const clauses = comments.filter(opensWithClause);
    assert.ok(clauses.length < comments.length / 100, clauses.join("\n"));
  });

  test("the search finds a word in a comment, and leaves names that are quoted", () => {
    const search = (text: string): number =>
      found([{ path: "x.ts", text: commentsOf(text) }], words).length;
    assert.equal(search("/** The next sign-on. */"), 1);
    assert.equal(search("// How to mend it\nconst mended = 1;"), 1);
    assert.equal(search("/** Single sign-on, and `next_sign-on`; see sign-on.ts. */"), 0);
    assert.equal(search("/**\n * By single\n * sign-on.\n */"), 0);
    assert.equal(found([{ path: "x.ts", text: "const mostRows = 1;" }], names).length, 1);
    assert.ok(opensWithClause("/**\n * Whose eyes a request has. */"));
    assert.ok(!opensWithClause("/** The person who asks. Whoever else asks is refused. */"));
  });
});
