/**
 * The way to single sign-on (PRODUCT 2.1): an e-mail address or a domain leads to the organization
 * whose proven domain it is. An unknown one gets one neutral sentence.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { errorTable } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { admitDomainLookup } from "../people/limits.ts";
import { findOrganizationByProvenDomain } from "../store/access-policy.ts";
import { formToken, queryText, renderField, renderHidden, sentText } from "./form.ts";
import { askedNext, carriedNext, withNext } from "./visitor.ts";

/** /saml/sso-domain. */
export function ssoDomainPages(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/saml/sso-domain", async (request, reply) => {
      const typed = queryText(request, "email") ?? queryText(request, "domain") ?? "";
      return renderAsk(deps, { request, reply }, { typed, next: askedNext(request) });
    });

    app.post("/saml/sso-domain", async (request, reply) => {
      const next = carriedNext(request);
      const typed = sentText(request, "email") || sentText(request, "domain");
      const domain = domainOf(typed);
      if (domain === null) {
        const problem = "Please enter your work e-mail address, or your company's domain.";
        return renderAsk(deps, { request, reply }, { typed, next, problem, status: 400 });
      }
      const found = await findOrganizationByProvenDomain(deps.store.db, domain, deps.config);
      await admitDomainLookup(deps, { ip: request.ip, isFound: found !== null });
      if (found !== null) {
        return reply.leave(withNext(`/saml/${found.token}/login`, next));
      }
      const { public: problem, status } = errorTable.sso_domain_unknown;
      return renderAsk(deps, { request, reply }, { typed, next, problem, status });
    });
  };
}

/** The domain in what was typed: after the last at sign where there is one, lower-case, in ASCII. */
export function domainOf(typed: string): string | null {
  const text = typed.trim().toLowerCase().split("@").at(-1) ?? "";
  if (text === "" || text.length > 253 || !/^[^\s/\\:?#[\]<>%]+$/.test(text)) return null;
  const host = URL.parse(`https://${text.replace(/\.$/, "")}/`)?.hostname;
  return host?.includes(".") ? host : null;
}

/** The form's values and problem on its page. */
interface SsoForm {
  /** The field's name; where another form of the page asks for an e-mail address, it is "domain". */
  readonly field: "email" | "domain";
  readonly typed: string;
  readonly next: string | null;
  readonly problem: string | undefined;
  readonly isFirst: boolean;
}

/** The one field and its button; on the sign-in page too, alone there where passwords are off. */
export function renderSsoForm(request: FastifyRequest, form: SsoForm): Html {
  return html`<form method="post" action="/saml/sso-domain" novalidate>
${formToken(request)}${renderHidden("next", form.next)}
${renderField({ name: form.field, label: "Work e-mail address or company domain", value: form.typed, problem: form.problem, hint: "For example ada@example.com or example.com", autocomplete: "username", isFirst: form.isFirst })}
<button type="submit"${form.field === "domain" && html` class="quiet"`}>${form.field === "domain" ? "Continue with SSO" : "Continue"}</button>
</form>`;
}

function renderAsk(
  deps: Deps,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  form: { typed: string; next: string | null; problem?: string; status?: number },
): FastifyReply {
  const { typed, next, problem, status = 200 } = form;
  const body = html`<section class="card tag">
<div class="intro"><h1>Single sign-on</h1><p>We take you to your organization's own sign-in page.</p></div>
${renderSsoForm(request, { field: "email", typed, next, problem, isFirst: true })}
</section>
${!deps.config.disablePasswordLogin && html`<p class="after"><a href="${withNext("/user/login", next)}">Sign in with a password instead</a></p>`}`;
  return reply.page(body, { title: "Single sign-on", status });
}
