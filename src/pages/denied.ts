/**
 * The page after a refused sign-on (PRODUCT 2.1): a plain sentence, the reference number, what to
 * ask the administrator. It looks nothing up, so that it says the same for every reference and for
 * every token, real or not.
 */
import type { FastifyPluginAsync } from "fastify";
import { errorTable } from "../errors.ts";
import { html } from "../html.ts";
import { queryText } from "./form.ts";

const referenceRe = /^[0-9A-Za-z]{4,32}$/;
const tokenRe = /^[\w-]{1,128}$/;

/** /saml/:token/denied?ref= */
export function deniedPages(): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Params: { token: string } }>("/saml/:token/denied", async (request, reply) => {
      const asked = queryText(request, "ref") ?? "";
      const reference = referenceRe.test(asked) ? asked : null;
      const { token } = request.params;
      const again = tokenRe.test(token) ? `/saml/${token}/login` : "/saml/sso-domain";
      const body = html`<section class="card tag">
<div class="intro"><h1>${errorTable.saml_unsolicited.public}</h1>
<p>Your organization's identity provider answered, but the sign-in could not be completed here.</p></div>
${reference !== null && html`<div class="note"><p class="hint">Reference</p><p><code class="reference">${reference}</code></p></div>`}
<div class="stack">
<h2>What to do</h2>
<ol class="bullets">
<li>Try once more. An old tab, or a page that stood open for a quarter of an hour, is the usual cause.</li>
<li>If it fails again, ask the administrator of your organization to look up ${reference === null ? "the time of your attempt" : "the reference above"} in Labelgate's sign-in log. It says what went wrong and how to mend it.</li>
</ol>
</div>
<a class="button" href="${again}">Try again</a>
</section>`;
      return reply.page(body, {
        title: "Sign-in problem",
        status: errorTable.saml_unsolicited.status,
      });
    });
  };
}
