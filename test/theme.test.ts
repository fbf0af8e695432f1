/**
 * The colours of both looks, light and dark: what is read stands out from what it stands on by WCAG 2.2
 * AA (1.4.3: 4.5 : 1 for text; 1.4.11: 3 : 1 for the lines of controls and for the focus), and the
 * server's pages and the administrators' app have the same colours. What pages make of them, axe looks at.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { cssVariables, theme } from "../web/src/theme.ts";

type Look = "light" | "dark";
type Colors = Readonly<Record<string, string>>;

const looks: readonly Look[] = ["light", "dark"];
const grounds = ["paper", "card", "sunken"];
const tones = ["bad", "warn", "good"];

/** What may be read on which grounds, by name without `--lg-`. */
const texts: Readonly<Record<string, readonly string[]>> = {
  ink: [...grounds, "tint", ...tones.map((tone) => `${tone}-tint`)],
  soft: grounds,
  accent: [...grounds, "tint"],
  ...Object.fromEntries(tones.map((tone) => [tone, [...grounds, `${tone}-tint`]])),
};

/** What is seen without being read. */
const shapes: Readonly<Record<string, readonly string[]>> = { field: grounds, accent: grounds };

function luminance(color: string): number {
  const [, hex = ""] = /^#([0-9a-f]{6})$/.exec(color) ?? [];
  assert.notEqual(hex, "", `${color} is no colour of six digits`);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The pairs that are too near to one another. */
function tooNear(
  pairs: Readonly<Record<string, readonly string[]>>,
  colorOf: (name: string) => string,
  least: number,
): readonly string[] {
  return Object.entries(pairs).flatMap(([above, below]) =>
    below
      .map((ground) => ({ ground, ratio: contrast(colorOf(above), colorOf(ground)) }))
      .filter(({ ratio }) => ratio < least)
      .map(({ ground, ratio }) => `${above} on ${ground}: ${ratio.toFixed(2)}`),
  );
}

/** The custom properties of the server's pages; what dark does not say stays as in light. */
function pageColors(look: Look): Colors {
  const text = readFileSync(new URL("../src/pages/static/app.css", import.meta.url), "utf8");
  const [, light = "", dark = ""] =
    /:root \{([^}]*)\}\s*@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}/.exec(text) ??
    [];
  const read = (block: string) =>
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", color = ""]) => [
      name,
      color,
    ]);
  return Object.fromEntries(look === "light" ? read(light) : [...read(light), ...read(dark)]);
}

const variablesOf = (look: Look): Colors => ({ ...cssVariables({} as never)[look] });

function named(colors: Colors, prefix: string): (name: string) => string {
  return (name) => {
    const color = colors[`${prefix}${name}`];
    assert.ok(color, `there is no ${prefix}${name}`);
    return color;
  };
}

test("the measure is WCAG's", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
  assert.deepEqual(
    tooNear({ a: ["b"] }, (name) => (name === "a" ? "#777777" : "#ffffff"), 4.5),
    ["a on b: 4.48"],
  );
});

for (const look of looks) {
  describe(`colours by ${look}`, () => {
    const app = named(variablesOf(look), "--lg-");
    const mantine = named(variablesOf(look), "--mantine-color-");
    const page = named(pageColors(look), "");

    test("texts of the app are read on every ground that they stand on", () => {
      assert.deepEqual(tooNear(texts, app, 4.5), []);
    });

    test("lines of controls and the focus of the app are seen", () => {
      assert.deepEqual(tooNear(shapes, app, 3), []);
    });

    test("what Mantine writes paler is read all the same", () => {
      for (const name of ["dimmed", "placeholder", "error", "disabled-color"]) {
        for (const ground of ["paper", "card"]) {
          const ratio = contrast(mantine(name), app(ground));
          assert.ok(ratio >= 4.5, `${name} on ${ground}: ${ratio}`);
        }
      }
      const border = contrast(mantine("default-border"), app("card"));
      assert.ok(border >= 3, `default-border on card: ${border}`);
    });

    test("what stands on a filled or tinted ground is read", () => {
      const shade = { light: 7, dark: 3 }[look];
      assert.deepEqual(theme.primaryShade, { light: 7, dark: 3 });
      for (const color of ["tag", "red"] as const) {
        const shades = theme.colors?.[color] ?? [];
        const filled = contrast(app("on-filled"), shades[shade] ?? "");
        assert.ok(filled >= 4.5, `on ${color}: ${filled}`);
        const tint = { tag: "tint", red: "bad-tint" }[color];
        const light = contrast(mantine(`${color}-light-color`), app(tint));
        assert.ok(light >= 4.5, `${color}-light-color on ${tint}: ${light}`);
      }
    });

    test("the server's pages are read", () => {
      assert.deepEqual(tooNear(texts, page, 4.5), []);
      assert.deepEqual(tooNear(shapes, page, 3), []);
      assert.deepEqual(tooNear({ ring: grounds }, page, 3), []);
      assert.deepEqual(tooNear({ "on-accent": ["accent", "accent-strong"] }, page, 4.5), []);
    });

    test("the app has the colours of the server's pages", () => {
      for (const name of [...Object.keys(texts), ...grounds, "line", "field", "tint"]) {
        assert.equal(app(name), page(name), name);
      }
    });
  });
}
