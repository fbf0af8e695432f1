/**
 * The SAML service provider's addresses (PRODUCT 2.1): decode, call the flow, answer.
 * The error page, and asking for a domain, are pages/'s. Every address answers with and without a
 * trailing slash, which http/ sees to.
 */

import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { refuseOtherSites } from "../credentials/origin-guard.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { html } from "../html.ts";
import { declaredAsUtf8 } from "../saml/xml-encoding.ts";
import { loadSamlByToken } from "../store/saml-settings.ts";
import { type BegunLogin, beginLogin } from "./begin-login.ts";
import { browserKeysOf, setBrowserKey } from "./browser-keys.ts";
import { type ArrivedResponse, type CompletedLogin, completeLogin } from "./complete-login.ts";
import { decodePosted } from "./decide.ts";
import { keyRoutes } from "./key-routes.ts";
import { describeServiceProvider } from "./keys.ts";
import type { FetchMetadata } from "./metadata-refresh.ts";
import { beginTestSignIn, completeTestSignIn } from "./trial.ts";
import { testSignInRoutes, type UnsavedSettings } from "./trial-routes.ts";

interface TokenParams {
  readonly Params: { readonly token: string };
}

/** Routes under /saml/<token>; `fetchMetadata` serves the refresh on an unknown key, `unsaved` the test sign-ins. */
export function ssoRoutes(
  deps: Deps,
  { fetchMetadata, unsaved }: { fetchMetadata: FetchMetadata; unsaved: UnsavedSettings },
): FastifyPluginAsync {
  return async (app) => {
    await app.register(keyRoutes(deps));
    await app.register(testSignInRoutes(deps, unsaved));

    app.get<TokenParams & { Querystring: Record<string, unknown> }>(
      "/saml/:token/login",
      async (request, reply) => {
        const begun = await beginLogin(deps, fetchMetadata, {
          token: request.params.token,
          next: singleField(request.query, "next"),
          browserKeys: browserKeysOf(deps.config, request),
          ip: request.ip,
        });
        return sendToProvider(deps, reply, begun);
      },
    );

    app.get<{ Params: { token: string; id: string } }>(
      "/saml/:token/test/:id",
      async (request, reply) => {
        const { token, id } = request.params;
        const principal = request.caller("saml_settings:write");
        const browserKeys = browserKeysOf(deps.config, request);
        const begun = await beginTestSignIn(deps, principal, { token, id, browserKeys });
        if (begun.binding === "over") return reply.redirect(storyPage(id), 303);
        return sendToProvider(deps, reply, begun);
      },
    );

    app.post<TokenParams>(
      "/saml/:token/acs",
      { onRequest: requireForm },
      async (request, reply) => {
        const posted = postedOf(request);
        // Another site that claims it would skip the question whose place somebody takes.
        if (posted.isSecondPost) refuseOtherSites(request.headers, deps.config);
        const arrived = arrivedOf(deps, request, posted);
        const tried = await completeTestSignIn(deps, fetchMetadata, arrived);
        if (tried?.outcome === "told") return reply.redirect(storyPage(tried.id), 303);
        const completed = tried ?? (await completeLogin(deps, fetchMetadata, arrived));
        return answer(reply, completed, posted);
      },
    );

    app.get<TokenParams>("/saml/:token/logout", async (request, reply) => {
      await mustExist(deps, request.params.token);
      if (request.principal?.via === "session" && isFromElsewhere(deps, request)) {
        return askBeforeSignOut(request, reply);
      }
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
      const xml = declaredAsUtf8(record.idpMetadata);
      return reply.type("application/samlmetadata+xml; charset=utf-8").send(xml);
    });
  };
}

/**
 * HTTP-POST is a form (saml-bindings 3.5.4). Other bodies have other readers, and of a JSON object
 * nobody can tell any more that a field stood in it twice (rule 1.10).
 */
async function requireForm({ headers }: FastifyRequest): Promise<void> {
  const type = headers["content-type"] ?? "";
  if (type === "" || /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return;
  throw new AppError("unsupported_media_type", {
    detail: "A SAML response comes as a form: application/x-www-form-urlencoded.",
  });
}

/** True where a page of another site led here, as far as the browser tells. */
function isFromElsewhere({ config }: Deps, { headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { referer } = headers;
  return referer !== undefined && URL.parse(referer)?.origin !== config.baseUrl;
}

/** Whoever can make a browser follow a link must not end work that is under way by it. */
function askBeforeSignOut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = html`<section class="card tag">
<div class="intro"><h1>Sign out?</h1><p>A link of another site leads here. You are signed in as ${request.principal?.email ?? ""}.</p></div>
<form method="post" action="/user/logout"><input type="hidden" name="csrf_token" value="${request.csrfToken()}"><button type="submit">Sign out</button></form>
</section>
<p class="after"><a href="/">Stay signed in</a></p>`;
  return reply.page(body, { title: "Sign out" });
}

/** The fields of the form that the identity provider, or one of our own pages, had the browser post. */
interface PostedResponse {
  readonly token: string;
  readonly samlResponse: string;
  readonly relayState: string | null;
  readonly isSecondPost: boolean;
}

function postedOf(request: FastifyRequest<TokenParams>): PostedResponse {
  const form = formOf(request);
  const samlResponse = singleField(form, "SAMLResponse");
  if (samlResponse === null) throw new AppError("saml_missing_response");
  return {
    token: request.params.token,
    samlResponse,
    relayState: singleField(form, "RelayState"),
    isSecondPost: singleField(form, "second_post") !== null,
  };
}

function arrivedOf(
  deps: Deps,
  request: FastifyRequest,
  { token, samlResponse, relayState, isSecondPost }: PostedResponse,
): ArrivedResponse {
  const { principal } = request;
  return {
    token,
    posted: decodePosted(deps, samlResponse),
    relayState,
    browserKeys: browserKeysOf(deps.config, request),
    isSecondPost,
    sessionHash: request.sessionTokenHash(),
    isSessionHeldBack: request.isSessionHeldBack(),
    presentEmail: principal?.via === "session" ? principal.email : null,
    mayReplace: request.showsFormToken,
    requestId: request.id,
    ip: request.ip,
    userAgent: (request.headers["user-agent"] ?? "").slice(0, 256),
  };
}

/** The page of the administrators' app that shows a test sign-in's story. */
function storyPage(id: string): string {
  return `/organization/security/sso/test/${encodeURIComponent(id)}`;
}

/** Takes the browser to the identity provider, with the cookie that its answer must come back with. */
function sendToProvider(deps: Deps, reply: FastifyReply, begun: BegunLogin): FastifyReply {
  setBrowserKey(deps.config, reply, begun.browserKey);
  if (begun.binding === "redirect") return reply.redirect(begun.url, 302);
  return postPage(reply, { action: begun.action, fields: begun.fields });
}

/** The response, or a refusal that tells the browser no more than a reference. */
function answer(
  reply: FastifyReply,
  completed: CompletedLogin,
  posted: PostedResponse,
): FastifyReply {
  const { request } = reply;
  if (completed.outcome === "signed_in") {
    request.countSignOn("saml", "signed_in");
    reply.startSession(completed.sessionToken, completed.expiresAt, true);
    return reply.redirect(completed.next, 303);
  }
  if (completed.outcome === "repeated") return reply.redirect(completed.next, 303);
  if (completed.outcome === "denied") {
    request.countSignOn("saml", completed.code);
    return reply.redirect(`/saml/${posted.token}/denied?ref=${completed.reference}`, 303);
  }
  const { samlResponse, relayState } = posted;
  const action = `/saml/${posted.token}/acs`;
  const fields = {
    SAMLResponse: samlResponse,
    ...(relayState === null ? {} : { RelayState: relayState }),
    second_post: "1",
  };
  if (completed.outcome === "post_again") return postPage(reply, { action, fields });
  return changePage(reply, { ...completed, action, fields });
}

/**
 * Asks whoever is signed in before somebody else takes their place (GATEWAY 10.6). The answer is the same
 * response, from this page: with the form token of the session that it ends, used once as any response,
 * and only as long as it is valid.
 */
function changePage(
  reply: FastifyReply,
  { present, email, action, fields }: { present: string; email: string } & PostedForm,
): FastifyReply {
  const token = reply.request.csrfToken();
  const body = html`<section class="card tag">
<div class="intro"><h1>Change the account?</h1><p>This browser is signed in as ${present}. Your identity provider says that you are ${email}. If you go on, ${present} is signed out; work that is open in other tabs then ends with it.</p></div>
<form method="post" action="${action}">${hiddenFields({ ...fields, csrf_token: token })}<button type="submit">Sign out ${present} and continue as ${email}</button></form>
</section>
<p class="after"><a href="/">Stay signed in as ${present}</a></p>`;
  return reply.page(body, { title: "Change the account", status: 409 });
}

/** A form whose fields the person does not see. */
interface PostedForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

function hiddenFields(fields: PostedForm["fields"]) {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}

/** A form that posts itself; without JavaScript it takes one click. */
function postPage(reply: FastifyReply, { action, fields }: PostedForm): FastifyReply {
  const body = html`<h1>One moment…</h1>
    <p>We are taking you on. If nothing happens, please press the button.</p>
    <form method="post" action="${action}" data-submit>
      ${hiddenFields(fields)}
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
