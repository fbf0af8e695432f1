/**
 * The page after a refused sign-on (PRODUCT 2.1): a plain sentence, the reference number, what to
 * ask the administrator. It says the same for every reason, every reference and every token, real or
 * not, with two exceptions: a person whom the identity provider vouched for and who is Deactivated is
 * told so (PRODUCT 1.6), and an Owner who has to confirm the settings (PRODUCT 4.2), each by the reference
 * that only their browser was given.
 */
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { errorTable } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { loadSamlByToken } from "../store/saml-settings.ts";
import { findSignIn } from "../store/sign-in-log.ts";
import { queryText } from "./form.ts";

const referenceRe = /^[0-9A-Za-z]{4,32}$/;
const tokenRe = /^[\w-]{1,128}$/;

/** /saml/:token/denied?ref= */
export function deniedPages(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Params: { token: string } }>("/saml/:token/denied", async (request, reply) => {
      const asked = queryText(request, "ref") ?? "";
      const reference = referenceRe.test(asked) ? asked : null;
      const { token } = request.params;
      const again = tokenRe.test(token) ? `/saml/${token}/login` : "/saml/sso-domain";
      const cause = reference === null ? null : await causeToTell(deps, { token, reference });
      const body =
        reference === null || cause === null
          ? generalBody(reference, again)
          : bodies[cause](reference);
      return reply.page(body, {
        title: "Sign-in problem",
        status: errorTable.saml_unsolicited.status,
      });
    });
  };
}

/** What may be told of a verified attempt: the person is Deactivated, or the Owner has to confirm. */
async function causeToTell(
  { store }: Deps,
  { token, reference }: { token: string; reference: string },
): Promise<"deactivated" | "owner" | null> {
  const record = await loadSamlByToken(store.db, token);
  if (record === null) return null;
  const { organizationId } = record;
  const attempt = await findSignIn(store.db, { organizationId, reference });
  if (attempt?.code === "sign_in_owner_unconfirmed") return "owner";
  const isDeactivated =
    attempt?.outcome === "deactivated" || attempt?.code === "sign_in_deactivated";
  return isDeactivated ? "deactivated" : null;
}

const bodies = { deactivated: deactivatedBody, owner: ownerBody } as const;

function ownerBody(reference: string): Html {
  return html`<section class="card tag">
<div class="intro"><h1>The Owner has to confirm single sign-on first.</h1>
<p>The identity provider, its keys, the e-mail attribute or the domains have changed, or the organization has a new Owner. Until the Owner confirms that, nobody opens the Owner's account by single sign-on.</p></div>
${referenceNote(reference)}
<div class="stack">
<h2>What to do</h2>
<p>Sign in by your password, look at the settings under SSO &amp; SAML, and confirm them there. Without a password, whoever runs the server makes you a link with <code>labelgate recover</code>.</p>
</div>
<a class="button" href="/user/login?owner=1">Sign in by password</a>
</section>`;
}

function deactivatedBody(reference: string): Html {
  return html`<section class="card tag">
<div class="intro"><h1>Your account is deactivated.</h1>
<p>Your identity provider knows you, but your account in this organization is switched off, so there is nothing here to open.</p></div>
${referenceNote(reference)}
<div class="stack">
<h2>What to do</h2>
<p>If you should have access, ask the administrator of your organization to activate you, or to put you into a group that gives access. Then sign in again.</p>
</div>
</section>`;
}

function generalBody(reference: string | null, again: string): Html {
  return html`<section class="card tag">
<div class="intro"><h1>${errorTable.saml_unsolicited.public}</h1>
<p>Your organization's identity provider answered, but the sign-in could not be completed here.</p></div>
${reference !== null && referenceNote(reference)}
<div class="stack">
<h2>What to do</h2>
<ol class="bullets">
<li>Try once more. An old tab, or a page that stood open for a quarter of an hour, is the usual cause.</li>
<li>If it fails again, ask the administrator of your organization to look up ${reference === null ? "the time of your attempt" : "the reference above"} in Labelgate's sign-in log. It says what went wrong and how to mend it.</li>
</ol>
</div>
<a class="button" href="${again}">Try again</a>
</section>`;
}

function referenceNote(reference: string): Html {
  return html`<div class="note"><p class="hint">Reference</p><p><code class="reference">${reference}</code></p></div>`;
}
