/**
 * Signing in and out (PRODUCT 5, 9.6, 9.8): e-mail and password, the way to single sign-on, and the
 * page after signing out. What a password opens is people/'s business.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError, errorTable, type FieldErrors } from "../errors.ts";
import { html } from "../html.ts";
import { parseEmail } from "../people/form.ts";
import { signInByPassword } from "../people/sign-in.ts";
import {
  formToken,
  problemOf,
  queryText,
  renderField,
  renderHidden,
  renderNotice,
  renderProblems,
  sentText,
} from "./form.ts";
import { renderSsoForm } from "./sso-domain.ts";
import { askedNext, carriedNext, enter, visitorOf } from "./visitor.ts";

/** /user/login and /user/logout. */
export function signInPages(deps: Deps): FastifyPluginAsync {
  const { config } = deps;
  return async (app) => {
    app.get("/user/login", async (request, reply) => {
      const next = askedNext(request);
      if (request.principal !== null) return reply.redirect(next ?? "/", 303);
      const isForOwner = queryText(request, "owner") === "1";
      const isLocal = queryText(request, "local") === "1" && !config.disablePasswordLogin;
      const staysHere = isForOwner || isLocal;
      if (config.loginPageUrl !== null && !staysHere)
        return reply.redirect(config.loginPageUrl, 302);
      const isSignedOut = queryText(request, "signed_out") !== null;
      return renderSignIn(
        deps,
        { request, reply },
        {
          ...untouched,
          ...{ next, isSignedOut, isForOwner },
        },
      );
    });

    app.post("/user/login", async (request, reply) => {
      const next = carriedNext(request);
      const email = sentText(request, "email");
      const { principal } = request;
      if (principal !== null && isSomebodyElse(email, principal.email)) {
        return askBeforeChange(request, reply, { email, next });
      }
      const keep = sentText(request, "keep") !== "";
      const isForOwner = sentText(request, "owner") === "1";
      const again = { email, keep, next, isSignedOut: false, isForOwner };
      const problems = missing(email, sentText(request, "password"));
      if (Object.keys(problems).length > 0) {
        const state = { ...again, problems, sentence: null, status: 400 };
        return renderSignIn(deps, { request, reply }, state);
      }
      try {
        const password = sentText(request, "password");
        const visitor = visitorOf(request);
        const session = await signInByPassword(deps, { email, password, keep, visitor });
        request.countSignOn("password", "signed_in");
        return enter(reply, session, next);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        request.countSignOn("password", error.code);
        const state = { ...again, problems: {}, sentence: sentenceOf(error), status: error.status };
        return renderSignIn(deps, { request, reply }, state);
      }
    });

    app.get("/user/logout", async (request, reply) => {
      if (request.principal === null) return reply.redirect(afterSignOut(deps), 303);
      const body = html`<section class="card tag">
<div class="intro"><h1>Sign out?</h1><p>You are signed in as ${request.principal.email}.</p></div>
<form method="post" action="/user/logout">${formToken(request)}<button type="submit">Sign out</button></form>
</section>
<p class="after"><a href="/">Stay signed in</a></p>`;
      return reply.page(body, { title: "Sign out" });
    });

    app.post("/user/logout", async (_request, reply) => {
      await reply.endSession();
      return reply.leave(afterSignOut(deps));
    });
  };
}

function isSomebodyElse(typed: string, email: string): boolean {
  const parsed = parseEmail(typed);
  return "value" in parsed && parsed.value !== email;
}

/**
 * Before somebody else takes the place of whoever is signed in, in a page that was left open (GATEWAY
 * 10.6): their work in other tabs would go on under the other name.
 */
function askBeforeChange(
  request: FastifyRequest,
  reply: FastifyReply,
  { email, next }: { readonly email: string; readonly next: string | null },
): FastifyReply {
  const present = request.principal?.email ?? "";
  const body = html`<section class="card tag">
<div class="intro"><h1>Change the account?</h1><p>This browser is signed in as ${present}. To sign in as ${email}, sign out first; work that is open in other tabs then ends with it.</p></div>
<form method="post" action="/user/logout">${formToken(request)}<button type="submit">Sign out ${present}</button></form>
</section>
<p class="after"><a href="${next ?? "/"}">Stay signed in as ${present}</a></p>`;
  return reply.page(body, { title: "Change the account", status: 409 });
}

function afterSignOut(deps: Deps): string {
  return deps.config.logoutRedirectUrl ?? "/user/login?signed_out=1";
}

interface SignInState {
  readonly email: string;
  readonly keep: boolean;
  readonly next: string | null;
  readonly isSignedOut: boolean;
  /** The password is asked for whatever the switches say: for an Owner whose SAML sign-in is suspended. */
  readonly isForOwner: boolean;
  readonly problems: FieldErrors;
  readonly sentence: string | null;
  readonly status: number;
}

const untouched = { email: "", keep: true, problems: {}, sentence: null, status: 200 } as const;

function missing(email: string, password: string): FieldErrors {
  const parsed = parseEmail(email);
  return {
    ...("problem" in parsed ? { email: [parsed.problem] } : {}),
    ...(password === "" ? { password: ["Please enter your password."] } : {}),
  };
}

function sentenceOf(error: AppError): string {
  if (error.code === "sign_in_deactivated") {
    return "Your account gives no access any more. Please ask an administrator of your organization to let you in again.";
  }
  return errorTable[error.code].public;
}

/** The built-in sign-in page; only the way to single sign-on where passwords are off (PRODUCT 5). */
function renderSignIn(
  deps: Deps,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  state: SignInState,
): FastifyReply {
  const { config } = deps;
  const status = state.status;
  const notice = state.isSignedOut && signedOutNotice;
  if (config.disablePasswordLogin && !state.isForOwner) {
    const body = html`<section class="card tag">
<div class="intro"><h1>Sign in</h1><p>With your organization's single sign-on.</p></div>
${notice}${renderProblems({}, state.sentence)}
${renderSsoForm(request, { field: "email", typed: "", next: state.next, problem: undefined, isFirst: true })}
</section>`;
    return reply.page(body, { title: "Sign in", status });
  }
  const { problems } = state;
  const isFresh = Object.keys(problems).length === 0 && state.email === "";
  const body = html`<section class="card tag">
<div class="intro"><h1>Sign in</h1></div>
${notice}${renderProblems(problems, state.sentence)}
<form method="post" action="/user/login" novalidate>
${formToken(request)}${renderHidden("next", state.next)}${renderHidden("owner", state.isForOwner ? "1" : null)}
${renderField({ name: "email", label: "E-mail address", type: "email", value: state.email, problem: problemOf(problems, "email"), autocomplete: "username", isFirst: isFresh })}
${renderField({ name: "password", label: "Password", type: "password", problem: problemOf(problems, "password"), autocomplete: "current-password", isFirst: !isFresh && problems["email"] === undefined })}
<label class="check"><input type="checkbox" name="keep" value="1"${state.keep && html` checked`}> Keep me signed in</label>
<button type="submit">Sign in</button>
</form>
<p class="or">or</p>
<div class="intro"><h2>Single sign-on (SSO)</h2></div>
${renderSsoForm(request, { field: "domain", typed: "", next: state.next, problem: undefined, isFirst: false })}
</section>
${config.isOpenToFounders && html`<p class="after">New here? <a href="/user/signup">Create an organization</a></p>`}`;
  return reply.page(body, { title: state.status === 200 ? "Sign in" : "Sign-in problem", status });
}

const signedOutNotice = renderNotice(
  "good",
  html`<p><strong>You are signed out of Labelgate.</strong></p>
<p>If you came through your organization's identity provider, your session there goes on: Labelgate does not end it (there is no single logout). On a shared computer, sign out there too.</p>`,
);
