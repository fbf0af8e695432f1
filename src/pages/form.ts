/**
 * The parts that every form here is made of: fields with their label, hint and error, notices, and
 * the reading of what was sent. Errors stand beside their field and are linked to it
 * (aria-describedby); what was typed stays, except passwords.
 */
import type { FastifyRequest } from "fastify";
import type { FieldErrors } from "../errors.ts";
import { type Html, html } from "../html.ts";

/** One field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly value?: string | undefined;
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
  readonly autocomplete: string;
  readonly isOptional?: boolean;
  readonly isReadonly?: boolean;
  /** Receives the focus where no field has an error. */
  readonly isFirst?: boolean;
}

/** Label, input, hint and error. Passwords never carry a value. */
export function renderField(field: Field): Html {
  const { name, label, type = "text", value = "", problem, hint } = field;
  const isPassword = type === "password";
  const isWrong = problem !== undefined;
  const describedBy = [hint && `${name}-hint`, isWrong && `${name}-problem`]
    .filter(Boolean)
    .join(" ");
  return html`<div class="field">
<label for="${name}">${label}${field.isOptional && html` <span>(optional)</span>`}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${field.autocomplete}" maxlength="${isPassword ? "512" : "320"}"${
    !isPassword && value !== "" && html` value="${value}"`
  }${type !== "text" && html` autocapitalize="none" spellcheck="false"`}${
    !field.isOptional && html` required`
  }${field.isReadonly && html` readonly`}${(isWrong || field.isFirst) && html` autofocus`}${
    isWrong && html` aria-invalid="true"`
  }${describedBy !== "" && html` aria-describedby="${describedBy}"`}>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}${
  isWrong && html`<p class="wrong" id="${name}-problem">${problem}</p>`
}
</div>`;
}

/** A sentence above the form, read out at once: what went wrong, or what was done. */
export function renderNotice(
  kind: "bad" | "warn" | "good" | "plain",
  content: Html | string,
): Html {
  const role = kind === "bad" ? "alert" : "status";
  const look = kind === "plain" ? "note" : `note ${kind}`;
  return html`<div class="${look}" role="${role}">${typeof content === "string" ? html`<p>${content}</p>` : content}</div>`;
}

/** Renders the head of a form that came back: a sentence of its own, or the number of fields to fix. */
export function renderProblems(problems: FieldErrors, sentence: string | null): Html | null {
  const count = Object.keys(problems).length;
  if (sentence !== null) return renderNotice("bad", sentence);
  if (count === 0) return null;
  return renderNotice(
    "bad",
    count === 1 ? "One field needs another look." : `${count} fields need another look.`,
  );
}

/** The token that shows that the form came from this site. */
export function formToken(request: FastifyRequest): Html {
  return html`<input type="hidden" name="csrf_token" value="${request.csrfToken()}">`;
}

/** A hidden field, where there is something to carry. */
export function renderHidden(name: string, value: string | null): Html | null {
  return value === null ? null : html`<input type="hidden" name="${name}" value="${value}">`;
}

/** The text of a field of the form that was sent; "" where it is absent or not one text. */
export function sentText(request: FastifyRequest, name: string): string {
  return textOf(request.body, name);
}

/** The text of a parameter of the address, or null. */
export function queryText(request: FastifyRequest, name: string): string | null {
  const text = textOf(request.query, name);
  return text === "" ? null : text;
}

function textOf(source: unknown, name: string): string {
  if (typeof source !== "object" || source === null || !Object.hasOwn(source, name)) return "";
  const value: unknown = Reflect.get(source, name);
  return typeof value === "string" ? value : "";
}

/** The first sentence about each field, for `renderField`. */
export function problemOf(problems: FieldErrors, name: string): string | undefined {
  return problems[name]?.[0];
}
