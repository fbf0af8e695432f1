/**
 * The one HTML writer: text becomes markup only here, and only escaped.
 * Owns the escaping and the document around a page's body; what pages say is pages/' and sso/'s, and
 * the headers they are sent with are http/'s.
 *
 * `html` escapes every interpolation for text and for quoted attribute values. Attributes are always
 * written with quotes, and nothing is ever interpolated into a script, a style or a tag name.
 */

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Markup that `html` made; nothing else can make it, so a string never passes for markup. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Escaped markup. Only the `html` template makes it. */
export type Html = Markup;

/** A value of a template: text is escaped, markup passes, lists are joined, nothing is nothing. */
export type Interpolation =
  | Html
  | string
  | number
  | null
  | undefined
  | false
  | readonly Interpolation[];

/** Markup from a template; every interpolated text is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Interpolation[]): Html {
  let text = strings[0] ?? "";
  values.forEach((value, index) => {
    text += renderValue(value) + (strings[index + 1] ?? "");
  });
  return new Markup(text);
}

function renderValue(value: Interpolation): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return value.map(renderValue).join("");
  return escapeText(String(value));
}

function escapeText(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => escapes[character] ?? "");
}

/**
 * The mark beside the name: a hang-tag with a keyhole. Inline, so that a page costs one request.
 */
const mark = html`<svg viewBox="0 0 28 28" aria-hidden="true"><path d="M8.2 2h11.6a2 2 0 0 1 1.6.8l4.2 5.6a2 2 0 0 1 .4 1.2V24a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9.6a2 2 0 0 1 .4-1.2l4.2-5.6A2 2 0 0 1 8.2 2z"/><path class="keyhole" d="M14 8.5a3.6 3.6 0 0 1 1.900 6.66L17 21h-6l1.1-5.84A3.6 3.6 0 0 1 14 8.5z"/></svg>`;

/**
 * A whole document: the frame of every page around `body`, which is the content of its main element.
 * `csrf`, where given, stands in a meta element for scripts; `stylesheet` is the address of the one
 * CSS file; `nav` is what stands at the right of the header.
 */
export function renderPage(page: {
  readonly title: string;
  readonly body: Html;
  readonly csrf?: string;
  readonly stylesheet?: string;
  readonly nav?: Html;
}): string {
  const { title, body, csrf, stylesheet = "/labelgate/app.css", nav } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${csrf === undefined ? "" : html`<meta name="csrf-token" content="${csrf}">\n`}<title>${title} · Labelgate</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/">${mark}Labelgate</a>${nav === undefined ? "" : html`<nav aria-label="Account">${nav}</nav>`}</header>
<main id="main">
${body}
</main>
</body>
</html>
`.toString();
}
