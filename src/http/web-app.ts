/**
 * The administrators' app under /organization: its files, and the document around them. What the app
 * does is web/'s; what it may do, the API's.
 *
 *   anonymous → sign-in page with the way back → role not enough → the ordinary page that says so
 *   → the document, with a nonce for the style elements that the app makes while it runs
 *
 * The document carries no script of its own: what the app must know at once stands in meta elements.
 */
import { randomBytes } from "node:crypto";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { type Action, authorize, type Principal, permissions } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { acceptsCoding } from "../gateway/static-files.ts";
import { type Html, html } from "../html.ts";
import { loadOrganization } from "../store/organizations.ts";
import { loadUserIn } from "../store/people.ts";
import { personNumber, toWire } from "../store/wire-numbers.ts";
import { contentSecurityPolicy } from "./headers.ts";
import { loadWebBuild, type WebBuild, type WebFile } from "./web-build.ts";

const assetsPath = "/organization/assets/";

/**
 * The paths at which the app's parts begin, and the action that a role must allow to open each (PRODUCT
 * 1.6, 6).
 */
const parts: readonly (readonly [path: string, action: Action])[] = [
  ["/organization/security/sign-ins", "sign_in_log:read"],
  ["/organization/security/scim", "scim_settings:read"],
  ["/organization/security", "saml_settings:read"],
  ["/organization/members", "members:read"],
  ["/organization/workspaces", "workspace_members:read"],
  ["/organization/projects", "project_members:read"],
  ["/organization/activity", "activity_log:read"],
  ["/organization/label-studio", "upstream:read"],
  ["/organization/settings", "organization:read"],
];

/** /organization itself leads on to the first part that the role may open. */
const start = ["/organization", "workspace_members:read"] as const;

/** The app's files. They hold nothing of anybody's, so that no credential is looked at for them. */
export const webAssets: FastifyPluginAsync = async (app) => {
  app.get<{ Params: { file: string } }>(`${assetsPath}:file`, async (request, reply) => {
    const file = loadWebBuild()?.files.get(request.params.file);
    if (file === undefined) throw new AppError("not_found");
    reply.header("cache-control", "public, max-age=31536000, immutable");
    reply.header("vary", "accept-encoding");
    return sendFile(reply, file, request.headers["accept-encoding"] ?? "");
  });
};

function sendFile(reply: FastifyReply, file: WebFile, accepted: string): FastifyReply {
  reply.type(file.type);
  if (file.br !== null && acceptsCoding(accepted, "br")) {
    return reply.header("content-encoding", "br").send(file.br);
  }
  if (file.gzip !== null && acceptsCoding(accepted, "gzip")) {
    return reply.header("content-encoding", "gzip").send(file.gzip);
  }
  return reply.send(file.content);
}

/** The app's document at /organization and every address under it. */
export function webAppRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      const principal = admit(request);
      const build = loadWebBuild();
      if (build === null) return reply.page(unbuiltBody, { title: "Not built yet", status: 503 });
      const nonce = randomBytes(16).toString("base64url");
      reply.header("content-security-policy", contentSecurityPolicy([], nonce));
      const boot = await wireBoot(deps, principal);
      const csrf = request.csrfToken();
      const document = renderDocument(build.entry, { boot, csrf, nonce });
      reply.code(partOf(request) === undefined ? 404 : 200).type("text/html; charset=utf-8");
      return reply.send(document.toString());
    };
    app.get("/organization", answer);
    app.get("/organization/*", answer);
  };
}

/** @throws AppError `not_authenticated`, or `permission_denied` with the permission table's sentence */
function admit(request: FastifyRequest): Principal {
  const [, action] = partOf(request) ?? start;
  return request.caller(action);
}

/** The part that an address belongs to; undefined where the app has nothing there. */
function partOf({ url }: FastifyRequest): readonly [path: string, action: Action] | undefined {
  const path = (url.split("?", 1)[0] ?? "").replace(/\/$/, "");
  if (path === start[0]) return start;
  return parts.find(([from]) => path === from || path.startsWith(`${from}/`));
}

/** As the API would answer it: the person by the number that lists of people have. */
async function wireBoot(deps: Deps, principal: Principal): Promise<object> {
  const boot = await bootOf(deps, principal);
  if (deps.config.upstreamUrl === "") return boot;
  return { ...boot, ...Object(await toWire(deps.store.db, boot)) };
}

/** The app's facts before it asks anything; web/src/boot.ts reads them. */
async function bootOf({ config, store }: Deps, principal: Principal) {
  const { userId, organizationId, email, role } = principal;
  const user = await loadUserIn(store.db, organizationId, userId);
  const organization = await loadOrganization(store.db, organizationId);
  if (user === null || organization === null) throw new AppError("not_authenticated");
  const actions = Object.keys(permissions) as Action[];
  return {
    user: {
      id: personNumber(userId),
      email,
      name: `${user.firstName} ${user.lastName}`.trim(),
      role,
    },
    organization: { id: organizationId, title: organization.title },
    base_url: config.baseUrl,
    // Where Label Studio is shown (GATEWAY 10.2); null where none is connected.
    studio_url: config.upstreamUrl === "" ? null : config.upstreamPublicUrl || config.baseUrl,
    may: actions.filter((action) => authorize(principal, action).allow),
    flags: {
      manual_role_management: config.manualRoleManagement,
      manual_workspace_management: config.manualWorkspaceManagement,
      manual_project_member_management: config.manualProjectMemberManagement,
    },
  };
}

function renderDocument(
  { script, modules, styles }: WebBuild["entry"],
  { boot, csrf, nonce }: { boot: object; csrf: string; nonce: string },
): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csrf-token" content="${csrf}">
<meta name="labelgate-boot" content="${JSON.stringify(boot)}">
<meta property="csp-nonce" nonce="${nonce}">
<title>Labelgate</title>
<link rel="icon" href="data:,">
${styles.map((name) => html`<link rel="stylesheet" href="${assetsPath}${name}">\n`)}${modules.map(
  (name) => html`<link rel="modulepreload" href="${assetsPath}${name}">\n`,
)}<script type="module" src="${assetsPath}${script}"></script>
</head>
<body>
<div id="root"></div>
<noscript>These pages need JavaScript. Everything they do can also be done by the API, which is described at <a href="/docs/api">/docs/api</a>.</noscript>
</body>
</html>
`;
}

const unbuiltBody = html`<section class="card tag">
<div class="intro"><h1>The administrators' pages are not built yet</h1>
<p>Run <code>npm start</code>, which builds them where that is needed, or <code>node scripts/build-web.mjs</code>, and load this page again. Signing in and the API work without them.</p></div>
<a class="button" href="/">Go to the start page</a>
</section>`;
