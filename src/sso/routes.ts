/**
 * The SAML service provider's addresses (PRODUCT 2.1): decode, call the flow, answer.
 * The error page, and asking for a domain, are pages/'s. Every address answers with and without a
 * trailing slash, which http/ sees to.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { isSecureOrigin } from "../config.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { html } from "../html.ts";
import { loadSamlByToken } from "../store/saml-settings.ts";
import { type BegunLogin, beginLogin, pendingLoginMs } from "./begin-login.ts";
import { type CompletedLogin, completeLogin } from "./complete-login.ts";
import { decodePosted } from "./decide.ts";
import { keyRoutes } from "./key-routes.ts";
import { describeServiceProvider } from "./keys.ts";
import type { FetchMetadata } from "./metadata-refresh.ts";
import { beginTrial, completeTrial } from "./trial.ts";
import { trialRoutes, type UnsavedSettings } from "./trial-routes.ts";

interface TokenParams {
  readonly Params: { readonly token: string };
}

/** Routes under /saml/<token>; `fetchMetadata` serves the refresh on an unknown key, `unsaved` the trials. */
export function ssoRoutes(
  deps: Deps,
  { fetchMetadata, unsaved }: { fetchMetadata: FetchMetadata; unsaved: UnsavedSettings },
): FastifyPluginAsync {
  return async (app) => {
    await app.register(keyRoutes(deps));
    await app.register(trialRoutes(deps, unsaved));

    app.get<TokenParams & { Querystring: Record<string, unknown> }>(
      "/saml/:token/login",
      async (request, reply) => {
        const begun = await beginLogin(deps, fetchMetadata, {
          token: request.params.token,
          next: singleField(request.query, "next"),
          browserKey: browserKeyOf(deps, request),
        });
        return sendToProvider(deps, reply, begun);
      },
    );

    app.get<{ Params: { token: string; id: string } }>(
      "/saml/:token/test/:id",
      async (request, reply) => {
        const { token, id } = request.params;
        const principal = request.caller("saml_settings:write");
        const browserKey = browserKeyOf(deps, request);
        const begun = await beginTrial(deps, principal, { token, id, browserKey });
        if (begun.binding === "over") return reply.redirect(storyPage(id), 303);
        return sendToProvider(deps, reply, begun);
      },
    );

    app.post<TokenParams>("/saml/:token/acs", async (request, reply) => {
      const form = formOf(request);
      const samlResponse = singleField(form, "SAMLResponse");
      if (samlResponse === null) throw new AppError("saml_missing_response");
      const relayState = singleField(form, "RelayState");
      const { token } = request.params;
      const arrived = {
        token,
        posted: decodePosted(deps, samlResponse),
        relayState,
        browserKey: browserKeyOf(deps, request),
        isSecondPost: singleField(form, "second_post") !== null,
        previousSessionHash: request.sessionTokenHash(),
        requestId: request.id,
        ip: request.ip,
        userAgent: (request.headers["user-agent"] ?? "").slice(0, 256),
      };
      const tried = await completeTrial(deps, fetchMetadata, arrived);
      if (tried?.outcome === "told") return reply.redirect(storyPage(tried.id), 303);
      const completed = tried ?? (await completeLogin(deps, fetchMetadata, arrived));
      return answer(reply, completed, { token, samlResponse, relayState });
    });

    app.get<TokenParams>("/saml/:token/logout", async (request, reply) => {
      await mustExist(deps, request.params.token);
      await reply.endSession();
      return reply.redirect(deps.config.logoutRedirectUrl ?? "/user/login?signed_out=1", 302);
    });

    app.get<TokenParams>("/saml/:token/metadata", async (request, reply) => {
      const record = await mustExist(deps, request.params.token);
      const metadata = await describeServiceProvider(deps, record);
      return reply.type("application/samlmetadata+xml").send(metadata);
    });

    app.get<TokenParams>("/saml/:token/xml", async (request, reply) => {
      const { organizationId } = request.caller("saml_metadata:read");
      const record = await mustExist(deps, request.params.token);
      const isOwn = organizationId === record.organizationId;
      if (!isOwn || record.idpMetadata === null) throw new AppError("not_found");
      return reply.type("application/samlmetadata+xml").send(record.idpMetadata);
    });
  };
}

/** The page of the administrators' app that shows a test sign-on's story. */
function storyPage(id: string): string {
  return `/organization/security/sso/test/${encodeURIComponent(id)}`;
}

/** Takes the browser to the identity provider, with the cookie that its answer must come back with. */
function sendToProvider(deps: Deps, reply: FastifyReply, begun: BegunLogin): FastifyReply {
  setBrowserKey(deps, reply, begun.browserKey);
  if (begun.binding === "redirect") return reply.redirect(begun.url, 302);
  return postPage(reply, { action: begun.action, fields: begun.fields });
}

/** The response, or a refusal that tells the browser no more than a reference. */
function answer(
  reply: FastifyReply,
  completed: CompletedLogin,
  posted: { token: string; samlResponse: string; relayState: string | null },
): FastifyReply {
  const { request } = reply;
  if (completed.outcome === "signed_in") {
    request.countSignOn("saml", "signed_in");
    reply.startSession(completed.sessionToken, completed.expiresAt, true);
    return reply.redirect(completed.next, 303);
  }
  if (completed.outcome === "denied") {
    request.countSignOn("saml", completed.code);
    return reply.redirect(`/saml/${posted.token}/denied?ref=${completed.reference}`, 303);
  }
  const { samlResponse, relayState } = posted;
  return postPage(reply, {
    action: `/saml/${posted.token}/acs`,
    fields: {
      SAMLResponse: samlResponse,
      ...(relayState === null ? {} : { RelayState: relayState }),
      second_post: "1",
    },
  });
}

/** A form that posts itself; without JavaScript it takes one click. */
function postPage(
  reply: FastifyReply,
  { action, fields }: { action: string; fields: Readonly<Record<string, string>> },
): FastifyReply {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const body = html`<h1>One moment…</h1>
    <p>We are taking you on. If nothing happens, please press the button.</p>
    <form method="post" action="${action}" data-submit>
      ${inputs}
      <button type="submit">Continue</button>
    </form>
    <script src="/labelgate/submit.js" defer></script>`;
  const formAction = URL.parse(action)?.origin;
  return reply.page(body, {
    title: "Signing in",
    ...(formAction === undefined ? {} : { formAction }),
  });
}

async function mustExist(deps: Deps, token: string) {
  const record = await loadSamlByToken(deps.store.db, token);
  if (record === null) throw new AppError("saml_unknown_token");
  return record;
}

/** A field sent twice is refused, since two readers might each believe another (rule 1.10). */
function singleField(form: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  if (value === undefined) return null;
  if (typeof value !== "string") throw new AppError("saml_duplicate_field", { evidence: { name } });
  return value;
}

function formOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { body } = request;
  return typeof body === "object" && body !== null ? { ...body } : {};
}

/**
 * The cookie that ties a pending login to a browser. The identity provider's POST comes from another
 * site, so it needs SameSite=None, which browsers take on https only. On http loopback no SameSite
 * is named, and a browser that keeps the cookie back is asked to post again from this site.
 */
function browserCookie(deps: Deps) {
  return isSecureOrigin(deps.config)
    ? ({ name: "__Host-labelgate_login", secure: true, sameSite: "none" } as const)
    : ({ name: "labelgate_login", secure: false } as const);
}

function browserKeyOf(deps: Deps, request: FastifyRequest): string | null {
  const value = request.cookies[browserCookie(deps).name];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
}

function setBrowserKey(deps: Deps, reply: FastifyReply, browserKey: string): void {
  const { name, ...flags } = browserCookie(deps);
  reply.setCookie(name, browserKey, {
    ...flags,
    httpOnly: true,
    path: "/",
    maxAge: pendingLoginMs / 1000,
  });
}
