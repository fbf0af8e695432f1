import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { landingPath, safeNext } from "./next.ts";

suite("next leads only to a path of this site", () => {
  for (const path of ["/", "/projects/7", "/projects?page=2&x=%2F%2Fa#top", "/a%20b", "/@host"]) {
    test(`${path} is kept as it is`, () => {
      assert.equal(safeNext(path), path);
    });
  }

  test("letters outside ASCII are percent-encoded, since the path goes into a header", () => {
    assert.equal(safeNext("/größe"), "/gr%C3%B6%C3%9Fe");
  });

  test("dot segments are resolved", () => {
    assert.equal(safeNext("/a/../b/./c"), "/b/c");
  });

  const refused: readonly (readonly [string, string])[] = [
    ["an empty text", ""],
    ["a relative path", "projects"],
    ["an absolute URL", "https://evil.example/"],
    ["a script", "javascript:alert(1)"],
    ["a host after two slashes", "//evil.example"],
    ["a host after slash and backslash", "/\\evil.example"],
    ["a backslash anywhere", "/a\\..\\evil"],
    ["an encoded second slash", "/%2Fevil.example"],
    ["an encoded second slash in lower case", "/%2fevil.example"],
    ["an encoded backslash", "/%5Cevil.example"],
    ["a slash that is encoded twice", "/%252Fevil.example"],
    ["a slash that is encoded four times", "/%2525252Fevil.example"],
    ["wholly encoded slashes", "%2F%2Fevil.example"],
    ["two slashes behind a dot segment", "/.//evil.example"],
    ["two slashes behind a parent segment", "/a/..//evil.example"],
    ["two slashes behind an encoded dot segment", "/%2e//evil.example"],
    ["a tab between two slashes", "/\t/evil.example"],
    ["a line break", "/a\r\nSet-Cookie: a=b"],
    ["an encoded line break in the path", "/a%0d%0aSet-Cookie:%20a=b"],
    ["a NUL", "/a\0b"],
    ["leading white space", " /a"],
    ["more than 2048 characters", `/${"a".repeat(2048)}`],
  ];
  for (const [what, next] of refused) {
    test(`${what} is refused`, () => {
      assert.equal(safeNext(next), null);
    });
  }

  test("whatever is accepted stays on the site, is ASCII, and is accepted again unchanged", () => {
    const pieces = fc.constantFrom(
      "/",
      "\\",
      "%2f",
      "%5C",
      "%25",
      ".",
      "..",
      "%2e",
      "@",
      ":",
      "a",
      "?",
      "#",
      "é",
      "\t",
      "evil.example",
      "//",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const path: string | null = safeNext(`/${parts.join("")}`);
        if (path === null) return;
        assert.match(path, /^\/(?![/\\])[\x21-\x7e]*$/);
        assert.equal(new URL(path, "https://labelgate.example").host, "labelgate.example");
        assert.equal(safeNext(path), path);
      }),
      { numRuns: 5000 },
    );
  });
});

test("an absolute address of this site counts as its path", () => {
  const site = "https://labels.example.org";
  assert.equal(landingPath(`${site}/projects/3?tab=1#x`, site), "/projects/3?tab=1#x");
  assert.equal(landingPath("HTTPS://Labels.example.org:443/a", site), "/a");
  assert.equal(landingPath(site, site), "/");
  assert.equal(landingPath("/a", site), "/a");
});

test("no other address leads anywhere", () => {
  const site = "https://labels.example.org";
  for (const sent of [
    "https://labels.example.org.evil.example/a",
    "https://labels.example.org@evil.example/a",
    "https://evil@labels.example.org/a",
    "http://labels.example.org/a",
    "https://labels.example.org:8443/a",
    "https:/\\evil.example/a",
    "https://labels.example.org/\t/evil.example",
    "https://labels.example.org//evil.example",
    "https://labels.example.org/%2f/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    `${site}/${"a".repeat(3000)}`,
  ]) {
    assert.equal(landingPath(sent, site), null, sent);
  }
});
