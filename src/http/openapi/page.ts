/**
 * The API's document for reading: every operation with its parameters and fields, without a script
 * and without anything from elsewhere. Disclosure is the browser's own.
 */
import { type Html, html } from "../../html.ts";
import { inputSchema, type JsonSchema, type Operation, type Tag, tags } from "./operation.ts";

/** The page's body. */
export function renderApiPage(described: readonly Operation[]): Html {
  const sections = (Object.keys(tags) as Tag[])
    .map((tag) => ({ tag, of: described.filter((operation) => operation.tag === tag) }))
    .filter(({ of }) => of.length > 0);
  return html`<div class="wide stack">
<div class="intro"><h1>API</h1>
<p>The organization API of Label Studio Enterprise as Labelgate answers it. Programs read the same as
<a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
<p class="hint">Send <code>Authorization: Token &lt;API token&gt;</code>, or <code>Authorization: Bearer &lt;access token&gt;</code>.
Addresses answer with and without a trailing slash.</p></div>
<nav aria-label="Subjects"><ul class="bullets">${sections.map(({ tag }) => html`<li><a href="#${anchor(tag)}">${tag}</a></li>`)}</ul></nav>
${sections.map(({ tag, of }) => renderSection(tag, of))}
</div>`;
}

function renderSection(tag: Tag, described: readonly Operation[]): Html {
  return html`<section class="card" aria-labelledby="${anchor(tag)}">
<h2 id="${anchor(tag)}">${tag}</h2>
<p class="hint">${tags[tag]}</p>
${described.map(renderOperation)}
</section>`;
}

function renderOperation(operation: Operation): Html {
  const { method, path, summary, description, query, body, status } = operation;
  return html`<details>
<summary><code>${method.toUpperCase()} ${path}</code> ${summary}</summary>
${description !== undefined && html`<p>${description}</p>`}
${query !== undefined && html`<h3>Parameters</h3>${renderFields(inputSchema(query))}`}
${body !== undefined && html`<h3>Body</h3>${renderFields(inputSchema(body))}`}
<p class="hint">Answers ${status}${operation.answer === null ? " without a body" : ""}.</p>
</details>`;
}

function renderFields(schema: JsonSchema): Html {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  const fields = Object.entries(properties);
  if (fields.length === 0) return html`<p class="hint">None.</p>`;
  return html`<dl class="facts">${fields.map(
    ([name, field]) =>
      html`<dt><code>${name}</code></dt><dd>${kindOf(field)}${required.includes(name) && ", required"}${aboutOf(field)}</dd>`,
  )}</dl>`;
}

const aboutOf = ({ description }: JsonSchema) =>
  typeof description === "string" && html`. ${description}`;

/** Describes a field's type in a few words. */
function kindOf({ type, enum: choices, anyOf, items, maxLength }: JsonSchema): string {
  if (Array.isArray(choices)) return `one of ${choices.join(", ")}`;
  if (Array.isArray(anyOf)) {
    return [...new Set(anyOf.map((option: JsonSchema) => kindOf(option)))].join(" or ");
  }
  if (type === "array") return `list of ${kindOf((items ?? {}) as JsonSchema)}`;
  const words = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "true or false",
    null: "null",
    object: "object",
  };
  const word = words[type as keyof typeof words] ?? "anything";
  return typeof maxLength === "number" ? `${word} of at most ${maxLength} characters` : word;
}

function anchor(tag: Tag): string {
  return tag.toLowerCase().replaceAll(/\W+/g, "-");
}
