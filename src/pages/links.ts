/** One-time links: set-up of the first Owner (PRODUCT 9.2), recovery (PRODUCT 9.4), and dead ones. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError, errorTable } from "../errors.ts";
import { html } from "../html.ts";
import { admitSetup, setUpFirstOwner } from "../people/first-owner.ts";
import { admitRecovery, completeRecovery, type Recovery } from "../people/recover.ts";
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
  renderNewPassword,
  renderPersonFields,
  sentJoin,
} from "./join-forms.ts";
import { enter, visitorOf } from "./visitor.ts";

interface At {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly token: string;
}

/** /setup?token= and /recover?token=. Opening a link does not use it up; sending its form does. */
export function linkPages(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/setup", async (request, reply) => {
      const token = queryText(request, "token") ?? "";
      return await unlessDead(reply, "set-up link", async () => {
        await admitSetup(deps, token);
        return renderSetup({ request, reply, token }, emptyJoin);
      });
    });

    app.post("/setup", async (request, reply) => {
      const token = sentText(request, "token");
      return await unlessDead(reply, "set-up link", async () => {
        try {
          const form = { ...sentJoin(request), password: sentText(request, "password") };
          const visitor = visitorOf(request);
          return enter(reply, await setUpFirstOwner(deps, { token, form, visitor }), null);
        } catch (error) {
          return renderSetup({ request, reply, token }, refusedJoin(request, error));
        }
      });
    });

    app.get("/recover", async (request, reply) => {
      const token = queryText(request, "token") ?? "";
      return await unlessDead(reply, "recovery link", async () => {
        return renderRecover(
          { request, reply, token },
          await admitRecovery(deps, token),
          emptyJoin,
        );
      });
    });

    app.post("/recover", async (request, reply) => {
      const token = sentText(request, "token");
      return await unlessDead(reply, "recovery link", async () => {
        const recovery = await admitRecovery(deps, token);
        try {
          const password = sentText(request, "password");
          const visitor = visitorOf(request);
          return enter(reply, await completeRecovery(deps, { token, password, visitor }), null);
        } catch (error) {
          return renderRecover({ request, reply, token }, recovery, refusedJoin(request, error));
        }
      });
    });
  };
}

async function unlessDead(
  reply: FastifyReply,
  what: string,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "link_invalid") throw error;
    return renderDeadLink(reply, what);
  }
}

/** The page of a link that was used, revoked or has expired; it does not say which. */
export function renderDeadLink(reply: FastifyReply, what: string): FastifyReply {
  const help: Readonly<Record<string, string>> = {
    invitation: "Ask the person who invited you for a new link.",
    "set-up link":
      "If the server has no Owner yet, restart it: it prints a fresh link in its log. Otherwise sign in.",
    "recovery link": "Run the command labelgate recover again to get a fresh link.",
  };
  const body = html`<section class="card tag">
<div class="intro"><h1>This ${what} does not work any more</h1>
<p>It was used already, was withdrawn, or is too old. ${help[what]}</p></div>
<a class="button" href="/user/login">Go to sign-in</a>
</section>`;
  return reply.page(body, { title: "Link not valid", status: errorTable.link_invalid.status });
}

function renderSetup({ request, reply, token }: At, state: JoinState): FastifyReply {
  const { problems } = state;
  const body = html`<section class="card tag">
<div class="intro"><h1>Welcome to Labelgate</h1>
<p>Set up your organization. You become its Owner: the one whom nobody else can change or remove.</p></div>
${renderProblems(problems, state.sentence)}
<form method="post" action="/setup" novalidate>
${formToken(request)}${renderHidden("token", token)}
${renderField({ name: "organizationTitle", label: "Name of the organization", value: state.organizationTitle, problem: problemOf(problems, "organizationTitle"), autocomplete: "organization", isFirst: Object.keys(problems).length === 0 })}
${renderPersonFields(state)}
<button type="submit">Set up</button>
</form>
</section>`;
  return reply.page(body, { title: "Set up", status: state.status });
}

function renderRecover(
  { request, reply, token }: At,
  recovery: Recovery,
  state: JoinState,
): FastifyReply {
  const { problems } = state;
  const becomesOwner =
    recovery.makesOwner &&
    html`<div class="note warn"><p>This makes you the Owner of ${recovery.organizationTitle}. Whoever is Owner now becomes an Administrator.</p></div>`;
  const password = recovery.allowsPassword
    ? renderNewPassword(problems)
    : html`<p class="hint">Passwords are turned off here, so the link signs you in once and sets none.</p>`;
  const body = html`<section class="card tag">
<div class="intro"><h1>Recover your account</h1>
<p>For ${recovery.email} in ${recovery.organizationTitle}. Your other sessions end.</p></div>
${becomesOwner}
${renderProblems(problems, state.sentence)}
<form method="post" action="/recover" novalidate>
${formToken(request)}${renderHidden("token", token)}
<input type="hidden" name="username" autocomplete="username" value="${recovery.email}">
${password}
<button type="submit">${recovery.allowsPassword ? "Save and sign in" : "Sign in"}</button>
</form>
</section>`;
  return reply.page(body, { title: "Recover your account", status: state.status });
}
