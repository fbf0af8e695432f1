/**
 * Home: who I am here, what I may see, and why (PRODUCT 1.6, 8.5). People without access see a page
 * that says so and whom to ask.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import type { Reason } from "../access/changes.ts";
import { hasAccess, roleName, roleRank } from "../access/roles.ts";
import { becauseOf, projectRoleSentence, sourceSentence } from "../access/why.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { loadOrganization } from "../store/organizations.ts";
import {
  type Access,
  loadAccess,
  loadMembership,
  loadUserIn,
  type ProjectAccess,
} from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { type LoggedSignIn, listSignIns } from "../store/sign-in-log.ts";
import { renderNav, renderTime } from "./signed-in.ts";

const accessPath = "/user/access";

/** /user/access, and / as well where no Label Studio is to be found there (GATEWAY 10.2). */
export function homePages(deps: Deps): FastifyPluginAsync {
  const paths = deps.config.upstreamUrl === "" ? ["/", accessPath] : [accessPath];
  return async (app) => {
    // Label Studio's menu leads here by the entry of its version (GATEWAY 10.6).
    if (deps.config.upstreamUrl !== "") {
      app.get("/version", async (_request, reply) => reply.redirect(accessPath, 303));
    }
    for (const path of paths) {
      app.get(path, async (request, reply) => {
        const { principal } = request;
        const next = path === accessPath ? `?next=${accessPath}` : "";
        if (principal === null) return reply.redirect(`/user/login${next}`, 303);
        const facts = await loadFacts(deps, principal);
        return hasAccess(principal.role)
          ? renderHome(deps, { request, reply }, facts)
          : renderWithoutAccess(deps, { request, reply }, facts);
      });
    }
  };
}

interface At {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Longer lists are cut, so that the page stays small for a person in a thousand groups. */
const maxShown = 40;

function renderMore(count: number): Html | null {
  return count > maxShown ? html`<p class="because">… and ${count - maxShown} more.</p>` : null;
}

/** Everything that the page tells. */
interface Facts {
  readonly caller: Principal;
  readonly name: string;
  readonly organizationTitle: string;
  readonly membership: NonNullable<Awaited<ReturnType<typeof loadMembership>>>;
  readonly access: Access;
  /** The last sign-in by SAML that was let in, or null. */
  readonly lastSignOn: LoggedSignIn | null;
  readonly samlToken: string;
  readonly isSamlReady: boolean;
}

async function loadFacts(deps: Deps, caller: Principal): Promise<Facts> {
  const { db } = deps.store;
  const { organizationId, userId } = caller;
  const user = await loadUserIn(db, organizationId, userId);
  const organization = await loadOrganization(db, organizationId);
  const membership = await loadMembership(db, organizationId, userId);
  if (user === null || organization === null || membership === null) {
    throw new AppError("not_authenticated");
  }
  const access = await loadAccess(db, organizationId, userId);
  const signIns = await listSignIns(db, { organizationId, userId, limit: 20 });
  const saml = await loadSamlByOrganization(db, organizationId);
  return {
    caller,
    name: `${user.firstName} ${user.lastName}`.trim(),
    organizationTitle: organization.title,
    membership,
    access,
    lastSignOn: signIns.find(({ identity, code }) => identity !== null && code === null) ?? null,
    samlToken: saml.token,
    isSamlReady: saml.idpMetadata !== null,
  };
}

function renderHome(deps: Deps, { request, reply }: At, facts: Facts): FastifyReply {
  const { caller, name } = facts;
  const body = html`<div class="wide intro"><h1>${name === "" ? "Welcome" : `Welcome, ${name}`}</h1>
<p>You are signed in to ${facts.organizationTitle} as ${caller.email}.</p>
${renderStudio(deps, caller)}</div>
<div class="grid">
${renderRole(facts)}
${renderWorkspaces(facts)}
${renderProjects(deps, facts)}
</div>
${renderLastSignOn(facts)}
${roleRank(caller.role) >= roleRank("AD") && renderNext(deps, facts)}`;
  const title = deps.config.upstreamUrl === "" ? "Home" : "Your access";
  return reply.page(body, { title, nav: renderNav(request, deps.config) });
}

/** The way to Label Studio; where none is connected, administrators read how to connect one. */
function renderStudio({ config }: Deps, { role }: Principal): Html | null {
  const origin = studioOrigin(config);
  if (origin !== null) {
    return html`<p><a class="button" href="${origin}/projects/">Open Label Studio</a></p>`;
  }
  if (roleRank(role) < roleRank("AD")) return null;
  return html`<p>No Label Studio is connected. Start Labelgate with <code>UPSTREAM_URL</code>, the address of yours or <code>embedded</code>, to have people land in it; docs/label-studio.md leads through it.</p>`;
}

/** The origin at which Label Studio is shown (GATEWAY 10.2), or null where none is connected. */
function studioOrigin({ upstreamUrl, upstreamPublicUrl, baseUrl }: Deps["config"]): string | null {
  return upstreamUrl === "" ? null : upstreamPublicUrl || baseUrl;
}

function renderRole({ caller, membership, lastSignOn }: Facts): Html {
  const sentences =
    caller.role === "OW"
      ? ["This organization is yours. No group and no administrator changes an Owner."]
      : becauseOf([membership.roleSource], {
          subject: "role",
          target: roleName(caller.role),
          reasons: lastSignOn?.reasons ?? [],
        });
  return html`<section class="card" aria-labelledby="role"><div class="row"><h2 id="role">Your role</h2><span class="badge">${roleName(caller.role)}</span></div>
<div>${renderBecause(sentences)}
<p class="because">Since ${renderTime(membership.roleSetAt)}.</p></div>
</section>`;
}

function renderBecause(sentences: readonly string[]): Html[] {
  return sentences.map((sentence) => html`<p class="because">${sentence}</p>`);
}

function renderWorkspaces({ access, caller, lastSignOn }: Facts): Html {
  const reasons = lastSignOn?.reasons ?? [];
  const items = access.workspaces.slice(0, maxShown).map(
    ({ title, sources }) => html`<li><h3>${title}</h3>
${renderBecause(becauseOf(sources, { subject: "workspace", target: title, reasons }))}</li>`,
  );
  return html`<section class="card" aria-labelledby="workspaces"><h2 id="workspaces">Workspaces</h2>
${items.length > 0 ? html`<ul class="items">${items}</ul>${renderMore(access.workspaces.length)}` : html`<p class="empty">${emptySentence(caller, "workspace")}</p>`}
</section>`;
}

function renderProjects(deps: Deps, { access, caller, lastSignOn }: Facts): Html {
  const reasons = lastSignOn?.reasons ?? [];
  const items = access.projects.slice(0, maxShown).map((project) => {
    const sources = project.grants.map(({ source }) => source);
    const because = becauseOf(sources, {
      subject: "project",
      target: String(project.id),
      reasons,
    });
    const via =
      project.throughWorkspace === null
        ? []
        : [`Part of the workspace ${project.throughWorkspace}.`];
    return html`<li><div class="row"><h3>${renderProjectTitle(deps, project)}</h3><span class="badge plain">${projectRoleSentence(caller.role, project.grants)}</span></div>
${renderBecause([...because, ...via])}</li>`;
  });
  return html`<section class="card" aria-labelledby="projects"><h2 id="projects">Projects</h2>
${items.length > 0 ? html`<ul class="items">${items}</ul>${renderMore(access.projects.length)}` : html`<p class="empty">${emptySentence(caller, "project")}</p>`}
</section>`;
}

/** The title leads to the project's tasks in Label Studio, where it is there. */
function renderProjectTitle({ config }: Deps, { title, upstreamId }: ProjectAccess): Html {
  const origin = studioOrigin(config);
  if (origin === null || upstreamId === null) return html`${title}`;
  return html`<a href="${origin}/projects/${upstreamId}/data">${title}</a>`;
}

function emptySentence(caller: Principal, what: "workspace" | "project"): string {
  return roleRank(caller.role) >= roleRank("AD")
    ? `You belong to no ${what} yourself. As ${roleName(caller.role)} you see all of them anyway.`
    : `You belong to no ${what} yet. Groups at your identity provider, or an administrator, can give you one.`;
}

function renderNext(deps: Deps, { samlToken, isSamlReady }: Facts): Html {
  const base = deps.config.baseUrl;
  const addresses = html`<dl class="facts">
<dt>ACS URL, also Entity ID</dt><dd><code>${base}/saml/${samlToken}/acs</code></dd>
<dt>Login URL</dt><dd><code>${base}/saml/${samlToken}/login</code></dd>
<dt>SP metadata</dt><dd><a href="/saml/${samlToken}/metadata">${base}/saml/${samlToken}/metadata</a></dd>
</dl>`;
  return html`<section class="card" aria-labelledby="next"><div class="row"><h2 id="next">Single sign-on</h2><span class="badge${!isSamlReady && " warn"}">${isSamlReady ? "Connected" : "Not connected yet"}</span></div>
${addresses}
<p>${
    isSamlReady
      ? "Your identity provider is connected. Its settings, what its groups give, and every sign-in are on the organization's pages."
      : "Give your identity provider the addresses above. The set-up page has the steps for each provider, and tries a sign-in before anybody depends on it."
  }</p>
<div class="row start"><a class="button" href="/organization/security/sso">${isSamlReady ? "Open single sign-on" : "Set up single sign-on"}</a><a href="/organization/security/sign-ins">Sign-in log</a></div>
</section>`;
}

function renderLastSignOn({ lastSignOn }: Facts): Html | null {
  if (lastSignOn === null) return null;
  const { identity, reasons } = lastSignOn;
  const notes = reasons.filter(({ result }) => notable.has(result));
  const groups = identity?.groups ?? [];
  return html`<section class="card" aria-labelledby="last"><h2 id="last">Your last single sign-on</h2>
<dl class="facts">
<dt>When</dt><dd>${renderTime(lastSignOn.at)}</dd>
<dt>Groups sent</dt><dd>${groups.length === 0 ? groupsSentence(identity?.groupsState) : [groups.slice(0, maxShown).map((group) => html`<span class="badge plain">${group}</span> `), renderMore(groups.length)]}</dd>
</dl>
${notes.length > 0 && html`<div><h3>Worth knowing</h3><ul class="bullets because">${notes.slice(0, maxShown).map(({ text }) => html`<li>${text}</li>`)}</ul></div>`}
</section>`;
}

const notable: ReadonlySet<Reason["result"]> = new Set(["noted", "skipped", "removed", "refused"]);

function groupsSentence(state: "absent" | "empty" | "present" | "overage" | undefined): string {
  if (state === "overage")
    return "Unknown: there are too many to send, and your provider sent a link in place of them.";
  if (state === "empty") return "None: your provider sent an empty list.";
  return "None: your provider sent no group attribute.";
}

/** Not Activated and Deactivated people see this and nothing else (PRODUCT 1.6). */
function renderWithoutAccess(deps: Deps, { request, reply }: At, facts: Facts): FastifyReply {
  const { caller, membership, lastSignOn, organizationTitle } = facts;
  const seat = lastSignOn?.reasons.find(({ subject }) => subject === "seat");
  const isWaiting = caller.role === "NO";
  const body = html`<section class="card tag">
<div class="intro"><h1>${isWaiting ? "Your account awaits activation" : "Your account is deactivated"}</h1>
<p>You are signed in to ${organizationTitle} as ${caller.email}, but your account gives no access ${isWaiting ? "yet" : "any more"}.</p></div>
${seat && html`<div class="note warn"><p>${seat.text}</p></div>`}
<div class="stack"><h2>What to do</h2>
<p>${
    isWaiting
      ? "Ask an administrator of the organization to activate you, or to put you into a group that gives a role. Then come back to this page; you need not sign in again."
      : `${sourceSentence(membership.roleSource).replace("Given", "Decided")} Ask an administrator of the organization if you think that this is a mistake.`
  }</p></div>
</section>`;
  const title = isWaiting ? "Not activated" : "Deactivated";
  return reply.page(body, { title, nav: renderNav(request, deps.config) });
}
