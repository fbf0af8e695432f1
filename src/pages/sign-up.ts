/**
 * Joining (PRODUCT 5): /user/signup with an invite link into its organization, without one into a new
 * organization. Where neither is possible, the page says what is.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { roleName } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError, errorTable } from "../errors.ts";
import { html } from "../html.ts";
import type { Invitation } from "../people/invites.ts";
import { admitSignUp, signUp } from "../people/sign-up.ts";
import {
  formToken,
  problemOf,
  queryText,
  renderField,
  renderHidden,
  renderProblems,
  sentText,
} from "./form.ts";
import {
  emptyJoin,
  type JoinState,
  refusedJoin,
  renderPersonFields,
  sentJoin,
} from "./join-forms.ts";
import { renderDeadLink } from "./links.ts";
import { enter, visitorOf } from "./visitor.ts";

/** /user/signup, with or without ?token= of an invite. */
export function signUpPages(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/user/signup", async (request, reply) => {
      return await attempt(
        deps,
        { request, reply, inviteToken: queryText(request, "token") },
        emptyJoin,
      );
    });

    app.post("/user/signup", async (request, reply) => {
      const inviteToken = sentText(request, "token") || null;
      const at = { request, reply, inviteToken };
      try {
        const form = { ...sentJoin(request), password: sentText(request, "password"), inviteToken };
        return enter(reply, await signUp(deps, form, visitorOf(request)), null);
      } catch (error) {
        if (error instanceof AppError && closedDoors.has(error.code))
          return renderClosed(at, error);
        return await attempt(deps, at, refusedJoin(request, error));
      }
    });
  };
}

interface At {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly inviteToken: string | null;
}

const closedDoors: ReadonlySet<string> = new Set([
  "link_invalid",
  "sign_up_disabled",
  "password_login_disabled",
]);

/** The form where joining is possible now, else the page that says why not. */
async function attempt(deps: Deps, at: At, state: JoinState): Promise<FastifyReply> {
  try {
    const invitation = await admitSignUp(deps, at.inviteToken);
    return renderForm(at, invitation, state);
  } catch (error) {
    if (!(error instanceof AppError && closedDoors.has(error.code))) throw error;
    return renderClosed(at, error);
  }
}

function renderForm(
  { request, reply, inviteToken }: At,
  invitation: Invitation | null,
  state: JoinState,
): FastifyReply {
  const { problems } = state;
  const isFresh = Object.keys(problems).length === 0;
  const intro =
    invitation === null
      ? html`<h1>Create an organization</h1><p>You become its Owner, and can invite others or connect your identity provider next.</p>`
      : html`<h1>Join ${invitation.organizationTitle}</h1><p>${roleSentence(invitation)}</p>`;
  const body = html`<section class="card tag">
<div class="intro">${intro}</div>
${renderProblems(problems, state.sentence)}
<form method="post" action="/user/signup" novalidate>
${formToken(request)}${renderHidden("token", inviteToken)}
${
  invitation === null &&
  renderField({
    name: "organizationTitle",
    label: "Name of the organization",
    value: state.organizationTitle,
    problem: problemOf(problems, "organizationTitle"),
    autocomplete: "organization",
    isFirst: isFresh,
  })
}
${renderPersonFields(state, { invitedEmail: invitation?.email ?? null, isFirst: invitation !== null })}
<button type="submit">${invitation === null ? "Create organization" : "Join"}</button>
</form>
</section>
<p class="after">${
    invitation === null
      ? html`Have an account? <a href="/user/login">Sign in</a>`
      : "With an account already? Enter its address and password to join with it."
  }</p>`;
  const title =
    invitation === null ? "Create an organization" : `Join ${invitation.organizationTitle}`;
  return reply.page(body, { title, status: state.status });
}

function roleSentence(invitation: Invitation): string {
  return invitation.role === "NO"
    ? "After you join, an administrator decides what you may see."
    : `You are invited as ${roleName(invitation.role)}.`;
}

function renderClosed({ reply }: At, error: AppError): FastifyReply {
  if (error.code === "link_invalid") return renderDeadLink(reply, "invitation");
  const isSsoOnly = error.code === "password_login_disabled";
  const body = html`<section class="card tag">
<div class="intro"><h1>${isSsoOnly ? "Please use single sign-on" : "Signing up needs an invitation"}</h1>
<p>${
    isSsoOnly
      ? "Passwords are turned off here. Your account is made when you first sign in through your organization's identity provider."
      : "Ask an administrator of your organization for an invite link, or sign in with single sign-on if your organization uses it."
  }</p></div>
<a class="button" href="/saml/sso-domain">Use single sign-on (SSO)</a>
</section>
${!isSsoOnly && html`<p class="after">Have an account? <a href="/user/login">Sign in</a></p>`}`;
  return reply.page(body, { title: "Sign up", status: errorTable[error.code].status });
}
