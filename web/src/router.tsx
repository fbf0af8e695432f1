/**
 * Every address of the app. A page is a file of its own under pages/, loaded when it is first opened;
 * its component is named there as here. Who may open what is decided by the server (http/web-app.ts)
 * and by the API; here it decides what is offered.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { Action } from "../../src/access/authorize.ts";
import { may } from "./boot.ts";
import { firstPath } from "./nav.ts";
import { Shell } from "./shell.tsx";
import { asError } from "./ui/as-error.ts";
import { FailedPage, ForbiddenPage, MissingPage } from "./ui/failed-pages.tsx";

/** The query of an address: names to text. ui/use-search-state.ts reads and writes it. */
export type PageSearch = Readonly<Record<string, string>>;

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: MissingPage,
  validateSearch: (search: Record<string, unknown>): PageSearch => search as PageSearch,
});

/** Opened without the role for it, from a link within the app. */
class Forbidden extends Error {}

function guard(action: Action) {
  return () => {
    if (!may(action)) throw new Forbidden();
  };
}

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization",
  beforeLoad: () => {
    throw redirect({ to: firstPath(), replace: true });
  },
});

const ssoRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/sso",
  beforeLoad: guard("saml_settings:read"),
  component: lazyRouteComponent(() => import("./pages/sso/sso-page.tsx"), "SsoPage"),
});

const testRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/sso/test/$id",
  beforeLoad: guard("saml_settings:read"),
  component: lazyRouteComponent(() => import("./pages/sso/test-page.tsx"), "TestPage"),
});

const scimRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/scim",
  beforeLoad: guard("scim_settings:read"),
  component: lazyRouteComponent(() => import("./pages/scim/scim-page.tsx"), "ScimPage"),
});

const signInsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/sign-ins",
  beforeLoad: guard("sign_in_log:read"),
  component: lazyRouteComponent(() => import("./pages/sign-ins/sign-ins-page.tsx"), "SignInsPage"),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/sign-ins/$reference",
  beforeLoad: guard("sign_in_log:read"),
  component: lazyRouteComponent(() => import("./pages/sign-ins/sign-in-page.tsx"), "SignInPage"),
});

const inspectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/security/inspect",
  beforeLoad: guard("saml_settings:read"),
  component: lazyRouteComponent(() => import("./pages/inspect/inspect-page.tsx"), "InspectPage"),
});

const membersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/members",
  beforeLoad: guard("members:read"),
  component: lazyRouteComponent(() => import("./pages/members/members-page.tsx"), "MembersPage"),
});

const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/members/$id",
  beforeLoad: guard("members:read"),
  component: lazyRouteComponent(() => import("./pages/members/member-page.tsx"), "MemberPage"),
});

const workspacesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/workspaces",
  beforeLoad: guard("workspace_members:read"),
  component: lazyRouteComponent(
    () => import("./pages/workspaces/workspaces-page.tsx"),
    "WorkspacesPage",
  ),
});

const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/workspaces/$id",
  beforeLoad: guard("workspace_members:read"),
  component: lazyRouteComponent(
    () => import("./pages/workspaces/workspace-page.tsx"),
    "WorkspacePage",
  ),
});

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/projects",
  beforeLoad: guard("project_members:read"),
  component: lazyRouteComponent(() => import("./pages/projects/projects-page.tsx"), "ProjectsPage"),
});

const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/projects/$id",
  beforeLoad: guard("project_members:read"),
  component: lazyRouteComponent(() => import("./pages/projects/project-page.tsx"), "ProjectPage"),
});

const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/activity",
  beforeLoad: guard("activity_log:read"),
  component: lazyRouteComponent(() => import("./pages/activity/activity-page.tsx"), "ActivityPage"),
});

const labelStudioRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/label-studio",
  beforeLoad: guard("upstream:read"),
  component: lazyRouteComponent(
    () => import("./pages/label-studio/label-studio-page.tsx"),
    "LabelStudioPage",
  ),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organization/settings",
  beforeLoad: guard("organization:read"),
  component: lazyRouteComponent(() => import("./pages/settings/settings-page.tsx"), "SettingsPage"),
});

const routeTree = rootRoute.addChildren([
  startRoute,
  ...[ssoRoute, testRoute, scimRoute, signInsRoute, signInRoute, inspectRoute],
  ...[membersRoute, memberRoute, workspacesRoute, workspaceRoute, projectsRoute, projectRoute],
  ...[activityRoute, labelStudioRoute, settingsRoute],
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingMs: 400,
  defaultErrorComponent: ({ error, reset }) =>
    error instanceof Forbidden ? (
      <ForbiddenPage />
    ) : (
      <FailedPage error={asError(error)} onRetry={reset} />
    ),
  scrollRestoration: true,
  // Addresses are plain text that people read and share: no JSON in them.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
    return text === "" ? "" : `?${text}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
