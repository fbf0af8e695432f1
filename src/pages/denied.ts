/**
 * The page after a refused sign-in (PRODUCT 2.1): a plain sentence, the reference number, what to do. It
 * says the same for every reference and every token that are not real. The reference that only their
 * browser was given tells a person one thing more: whether another attempt may help or their administrator
 * has to, and, where the identity provider vouched for them, that they are Deactivated (PRODUCT 1.6) or the
 * Owner who has to confirm the settings (PRODUCT 4.2).
 *
 * Whoever is signed in goes on from here, and sees no failure at all where their browser only repeated
 * what had signed them in: the cookie of the session comes along to this page, though not to the ACS.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { isRepeatCode, mayHelpToRetry } from "../access/repeats.ts";
import type { Deps } from "../deps.ts";
import { errorTable } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { loadSamlByToken } from "../store/saml-settings.ts";
import { findSignIn, type LoggedSignIn } from "../store/sign-in-log.ts";
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
      const attempt = reference === null ? null : await findAttempt(deps, { token, reference });
      if (isOwnRepeat(request, attempt)) return reply.redirect("/", 303);
      const present = request.principal?.email ?? null;
      const body = bodies[causeOf(attempt)]({ reference, again, present });
      return reply.page(body, {
        title: "Sign-in problem",
        status: errorTable.saml_unsolicited.status,
      });
    });
  };
}

async function findAttempt(
  { store }: Deps,
  { token, reference }: { token: string; reference: string },
): Promise<LoggedSignIn | null> {
  const record = await loadSamlByToken(store.db, token);
  if (record === null) return null;
  const { organizationId } = record;
  return await findSignIn(store.db, { organizationId, reference });
}

/** True where the refused response named the very person who is signed in here by now. */
function isOwnRepeat({ principal }: FastifyRequest, attempt: LoggedSignIn | null): boolean {
  return (
    attempt !== null &&
    isRepeatCode(attempt.code) &&
    principal?.via === "session" &&
    principal.organizationId === attempt.organizationId &&
    principal.email === attempt.identity?.email
  );
}

type Cause = "unknown" | "retry" | "administrator" | "deactivated" | "owner";

/** The cause of an attempt's failure, as far as it may be told. */
function causeOf(attempt: LoggedSignIn | null): Cause {
  if (attempt === null) return "unknown";
  const { outcome, code } = attempt;
  if (code === "sign_in_owner_unconfirmed") return "owner";
  if (outcome === "deactivated" || code === "sign_in_deactivated") return "deactivated";
  if (outcome !== "refused" || code === null) return "unknown";
  return mayHelpToRetry(code) ? "retry" : "administrator";
}

interface Shown {
  readonly reference: string | null;
  /** The address at which another attempt begins. */
  readonly again: string;
  /** The person who is signed in in this browser all the same. */
  readonly present: string | null;
}

const bodies: Readonly<Record<Cause, (shown: Shown) => Html>> = {
  unknown: (shown) => generalBody(shown, [tryOnce, thenAsk(shown)]),
  retry: (shown) => generalBody(shown, [tryOnce, thenAsk(shown)]),
  administrator: (shown) => generalBody(shown, [askAdministrator]),
  deactivated: deactivatedBody,
  owner: ownerBody,
};

function ownerBody({ reference }: Shown): Html {
  return html`<section class="card tag">
<div class="intro"><h1>The Owner has to confirm single sign-on first.</h1>
<p>The identity provider, its keys, the e-mail attribute, the domains or the switch for SHA-1 have changed, or the organization has a new Owner. Until the Owner confirms that, nobody opens the Owner's account by single sign-on.</p></div>
${referenceNote(reference)}
<div class="stack">
<h2>What to do</h2>
<p>Sign in by your password, look at the settings under SSO &amp; SAML, and confirm them there. Without a password, whoever runs the server makes you a link with <code>labelgate recover</code>.</p>
</div>
<a class="button" href="/user/login?owner=1">Sign in by password</a>
</section>`;
}

function deactivatedBody({ reference }: Shown): Html {
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

const tryOnce =
  "Try once more. An old tab, or a page that stood open for a quarter of an hour, is the usual cause.";

const thenAsk = ({ reference }: Shown): string =>
  `If it fails again, ask the administrator of your organization to look up ${reference === null ? "the time of your attempt" : "the reference above"} in Labelgate's sign-in log. It says what went wrong and how to fix it.`;

const askAdministrator =
  "Ask the administrator of your organization to look up the reference above in Labelgate's sign-in log. It says what went wrong and how to fix it. Trying again changes nothing before that.";

function generalBody(
  { reference, again, present }: Shown,
  steps: readonly [string, ...string[]],
): Html {
  const isRetry = steps[0] === tryOnce;
  const goesOn = present !== null;
  const retry = isRetry ? "Try again" : "Sign in again once that is done";
  const isFirst = isRetry && !goesOn;
  return html`<section class="card tag">
<div class="intro"><h1>${errorTable.saml_unsolicited.public}</h1>
<p>Your organization's identity provider answered, but the sign-in could not be completed here.</p></div>
${referenceNote(reference)}
<div class="stack">
<h2>What to do</h2>
<ol class="bullets">
${steps.map((step) => html`<li>${step}</li>`)}
</ol>
</div>
${
  goesOn &&
  html`<p>You are still signed in as ${present}.</p>
<a class="button" href="/">Continue as ${present}</a>`
}${isFirst && html`<a class="button" href="${again}">${retry}</a>`}
</section>
${!isFirst && html`<p class="after"><a href="${again}">${retry}</a></p>`}`;
}

function referenceNote(reference: string | null): Html | null {
  if (reference === null) return null;
  return html`<div class="note"><p class="hint">Reference</p><p><code class="reference">${reference}</code></p></div>`;
}
