/**
 * One's own account: profile, sessions with their end, tokens that are shown once (PRODUCT 6.6, 9.6).
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import { hasAccess, roleName } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { currentToken, endTokens, makeAccessToken, resetApiToken } from "../people/api-tokens.ts";
import {
  endOtherSessions,
  endOwnSession,
  type OwnSession,
  ownSessions,
} from "../people/sessions.ts";
import { loadOrganization } from "../store/organizations.ts";
import { loadUserIn } from "../store/people.ts";
import { formToken, renderNotice } from "./form.ts";
import { renderNav, renderTime } from "./signed-in.ts";

type At = { readonly request: FastifyRequest; readonly reply: FastifyReply };

/** /user/account and its buttons. */
export function accountPages(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    // A page of Label Studio's account to which its help on keys links (GATEWAY 10.6).
    if (deps.config.upstreamUrl !== "") {
      app.get("/user/account/hotkeys", async (_request, reply) =>
        reply.redirect("/user/account", 303),
      );
    }

    app.get("/user/account", async (request, reply) => {
      if (request.principal === null) return reply.redirect("/user/login?next=/user/account", 303);
      return await renderAccount(
        deps,
        { request, reply },
        { caller: request.principal, done: null },
      );
    });

    app.post<{ Params: { id: string } }>(
      "/user/account/sessions/:id/end",
      async (request, reply) => {
        await endOwnSession(deps, callerOf(request), request.params.id);
        return reply.redirect("/user/account", 303);
      },
    );

    app.post("/user/account/sessions/end-others", async (request, reply) => {
      await endOtherSessions(deps, callerOf(request));
      return reply.redirect("/user/account", 303);
    });

    app.post("/user/account/token", async (request, reply) => {
      const caller = activeCallerOf(request);
      const done = shownOnce("Your new API token", await resetApiToken(deps, caller));
      return await renderAccount(deps, { request, reply }, { caller, done });
    });

    app.post("/user/account/access-token", async (request, reply) => {
      const caller = activeCallerOf(request);
      const made = await makeAccessToken(deps, caller, { replaces: true });
      const done = shownOnce("Your new personal access token", made.token);
      return await renderAccount(deps, { request, reply }, { caller, done });
    });

    for (const [path, kind] of [
      ["/user/account/token/end", "legacy"],
      ["/user/account/access-token/end", "pat"],
    ] as const) {
      app.post(path, async (request, reply) => {
        await endTokens(deps, callerOf(request), kind);
        return reply.redirect("/user/account", 303);
      });
    }
  };
}

/** Signed in by a session: a token cannot make tokens here. */
function callerOf(request: FastifyRequest): Principal {
  const { principal } = request;
  if (principal === null || principal.via !== "session") throw new AppError("not_authenticated");
  return principal;
}

function activeCallerOf(request: FastifyRequest): Principal {
  const caller = callerOf(request);
  if (!hasAccess(caller.role)) throw new AppError("permission_denied");
  return caller;
}

function shownOnce(what: string, secret: string): Html {
  return renderNotice(
    "good",
    html`<p><strong>${what}.</strong> Copy it now: it is shown only this once.</p><code class="secret">${secret}</code>`,
  );
}

async function renderAccount(
  deps: Deps,
  { request, reply }: At,
  { caller, done }: { caller: Principal; done: Html | null },
): Promise<FastifyReply> {
  const { db } = deps.store;
  const user = await loadUserIn(db, caller.organizationId, caller.userId);
  const organization = await loadOrganization(db, caller.organizationId);
  if (user === null || organization === null) throw new AppError("not_authenticated");
  const sessions = await ownSessions(deps, caller);
  const name = `${user.firstName} ${user.lastName}`.trim();
  const body = html`<div class="wide intro"><h1>Your account</h1><p>${organization.title}</p></div>
${done}
<div class="grid">
<section class="card" aria-labelledby="profile"><h2 id="profile">Profile</h2>
<dl class="facts">
<dt>Name</dt><dd>${name === "" ? html`<span class="empty">Not given</span>` : name}</dd>
<dt>E-mail</dt><dd>${user.email}</dd>
<dt>Role here</dt><dd><span class="badge">${roleName(caller.role)}</span></dd>
<dt>Member since</dt><dd>${renderTime(user.createdAt)}</dd>
</dl>
<p class="hint">Signing in through your identity provider brings name and role up to date.</p>
</section>
${hasAccess(caller.role) && (await renderTokens(deps, request, caller))}
</div>
${renderSessions(request, sessions)}`;
  return reply.page(body, { title: "Your account", nav: renderNav(request, deps.config) });
}

function renderSessions(request: FastifyRequest, sessions: readonly OwnSession[]): Html {
  const others = sessions.filter(({ isThis }) => !isThis);
  return html`<section class="card" aria-labelledby="sessions">
<div class="row"><h2 id="sessions">Where you are signed in</h2>${
    others.length > 0 &&
    html`<form class="inline" method="post" action="/user/account/sessions/end-others">${formToken(request)}<button class="quiet small" type="submit">End all others</button></form>`
  }</div>
<ul class="items">${sessions.map((session) => renderSession(request, session))}</ul>
</section>`;
}

const methods = { saml: "single sign-on", password: "password", link: "one-time link" } as const;

function renderSession(request: FastifyRequest, session: OwnSession): Html {
  const where = `${browserName(session.userAgent)} at ${session.ip}`;
  return html`<li class="row"><div><p>${where} ${session.isThis && html`<span class="badge">This browser</span>`}</p>
<p class="because">${session.organizationTitle}, by ${methods[session.method]}. Since ${renderTime(session.createdAt)}, last seen ${renderTime(session.lastSeenAt)}.</p></div>
<form class="inline" method="post" action="${session.isThis ? "/user/logout" : `/user/account/sessions/${encodeURIComponent(session.id)}/end`}">${formToken(request)}<button class="quiet small" type="submit">${session.isThis ? "Sign out" : "End"}<span class="hidden"> the session of ${where}</span></button></form></li>`;
}

/** A name that a person recognises; the full user agent says nothing to most. */
export function browserName(userAgent: string): string {
  const known: readonly (readonly [RegExp, string])[] = [
    [/\bEdg\//, "Edge"],
    [/\bOPR\//, "Opera"],
    [/\bFirefox\//, "Firefox"],
    [/\bChrom(?:e|ium)\//, "Chrome"],
    [/\bHeadlessChrome\//, "Chrome"],
    [/\bSafari\//, "Safari"],
    [/^(?:curl|Wget|python|node)/i, "A script"],
  ];
  const systems: readonly (readonly [RegExp, string])[] = [
    [/\bAndroid\b/, "Android"],
    [/\b(?:iPhone|iPad)\b/, "iOS"],
    [/\bWindows\b/, "Windows"],
    [/\bMac OS X\b/, "macOS"],
    [/\bLinux\b/, "Linux"],
  ];
  const find = (table: typeof known) => table.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find(known) ?? "A browser";
  const system = find(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
}

async function renderTokens(deps: Deps, request: FastifyRequest, caller: Principal): Promise<Html> {
  const api = await currentToken(deps, caller, "legacy");
  const access = await currentToken(deps, caller, "pat");
  return html`<section class="card" aria-labelledby="tokens"><h2 id="tokens">Tokens for scripts</h2>
${renderToken(request, {
  title: "API token",
  action: "/user/account/token",
  token: api,
  about: html`For <code>Authorization: Token …</code> with curl and the SDK. It lasts until you end it.`,
})}
${renderToken(request, {
  title: "Personal access token",
  action: "/user/account/access-token",
  token: access,
  about: html`Gives access tokens of five minutes at <code>/api/token/refresh</code>.`,
})}
</section>`;
}

interface TokenCard {
  readonly title: string;
  readonly action: string;
  readonly token: Awaited<ReturnType<typeof currentToken>>;
  readonly about: Html;
}

function renderToken(request: FastifyRequest, { title, action, token, about }: TokenCard): Html {
  const state =
    token === null
      ? html`<span class="badge plain">None</span>`
      : html`Made ${renderTime(token.createdAt)}, ${token.lastUsedAt === null ? "never used" : html`last used ${renderTime(token.lastUsedAt)}`}${token.expiresAt !== null && html`, ends ${renderTime(token.expiresAt)}`}.`;
  return html`<div class="stack"><div><h3>${title}</h3><p class="because">${about}</p><p class="because">${state}</p></div>
<div class="row start"><form class="inline" method="post" action="${action}">${formToken(request)}<button class="quiet small" type="submit">${token === null ? "Make" : "Replace"}<span class="hidden"> ${title}</span></button></form>${
    token !== null &&
    html`<form class="inline" method="post" action="${action}/end">${formToken(request)}<button class="text" type="submit">End it<span class="hidden">: ${title}</span></button></form>`
  }</div></div>`;
}
