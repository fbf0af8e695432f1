/**
 * Renders a refusal: the original's envelope for programs, SCIM's own for its clients, and the body of a
 * plain page for people. The servers choose the form and set the headers.
 */
import { type AppError, errorTable } from "./errors.ts";
import { type Html, html } from "./html.ts";

/** The original's envelope names its release; programs only show it. */
const version = "labelgate";

/** Codes whose public sentence is deliberately the same for every cause: no detail is added. */
const vague: ReadonlySet<string> = new Set([
  errorTable.saml_replayed.public,
  errorTable.password_sign_in_failed.public,
  errorTable.sso_domain_unknown.public,
  errorTable.internal_error.public,
]);

/** The sentence that the caller may read. */
export function publicDetail(error: AppError): string {
  const { public: sentence } = errorTable[error.code];
  const isExact = !vague.has(sentence) && error.code !== "validation_failed";
  return (isExact ? error.detail : undefined) ?? sentence;
}

/** The original's envelope around a refusal; `id` is the request's. */
export function envelopeOf(error: AppError, id: string) {
  return {
    id,
    status_code: error.status,
    version,
    detail: publicDetail(error),
    exc_info: null,
    ...(error.fields === undefined ? {} : { validation_errors: error.fields }),
  };
}

/** The content type of SCIM, and nothing behind it, since clients compare it as text. */
export const scimContentType = "application/scim+json";

/** True for the path of an address that SCIM clients ask, one that does not exist included. */
export function isScimPath(path: string): boolean {
  return /^\/scim(\/|$)/i.test(path);
}

/** The body of an error as SCIM clients read it (RFC 7644 3.12); `status` is text. */
export function scimErrorOf(error: AppError) {
  const { scimType } = error;
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: String(error.status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: error.detail ?? errorTable[error.code].public,
  };
}

const titles: Readonly<Record<number, string>> = {
  401: "Please sign in",
  403: "This is not allowed",
  404: "Page not found",
  405: "This does not work here",
  413: "Too large",
  429: "Please wait a moment",
  500: "Something went wrong",
  502: "Label Studio is away",
  503: "One moment, please",
  504: "Label Studio does not answer",
};

/** Title and body of the page of a refusal; `id` is the request's, for the administrator. */
export function refusalPage(error: AppError, id: string): { title: string; body: Html } {
  const { status, code, fields } = error;
  const title = titles[status] ?? "This did not work";
  const text = code === "not_found" ? "There is nothing at this address." : publicDetail(error);
  const sentences = Object.values(fields ?? {}).flat();
  const body = html`<section class="card tag">
<div class="intro"><h1>${title}</h1><p>${text}</p></div>
${sentences.length > 0 && html`<ul class="bullets">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${status >= 500 && html`<div class="note"><p class="hint">Reference, for your administrator</p><p><code class="reference">${id}</code></p></div>`}
<a class="button" href="/">Go to the start page</a>
</section>`;
  return { title, body };
}
