/**
 * Addresses that Labelgate answers although Label Studio has, or might have, them (GATEWAY 10.2). What
 * stands neither here nor in a row is nobody's: 404, never forwarded.
 */

/** Everything below these is Labelgate's. */
export const labelgatePrefixes: readonly string[] = [
  ...["/labelgate", "/saml", "/scim", "/user", "/logout", "/organization", "/people", "/recover"],
  ...["/setup", "/api/labelgate", "/api/saml", "/api/scim", "/api/organizations"],
  ...["/api/workspaces", "/api/activity-logs", "/api/invite", "/api/invites", "/api/sessions"],
  ...[
    "/api/jwt",
    "/api/session-policy",
    "/api/token",
    "/api/projects/{project}/members",
    "/api/projects/{project}/roles",
  ],
  ...["/api/projects/roles", "/api/users/{person}/sessions"],
];

/** Single addresses of Labelgate's; below them there is nothing, or something of another's. */
export const labelgateAddresses: readonly string[] = [
  ...["GET /", "GET /health", "GET /ready", "GET /metrics", "GET /docs/api"],
  // Its entry in Label Studio's menu is the way back to Labelgate (stylesheets.ts).
  ...["GET /version"],
  ...["GET /api/openapi.json", "GET /api/current-user", "PATCH /api/current-user"],
  ...["GET /api/current-user/token", "POST /api/current-user/reset-token", "POST /api/users"],
  ...["PATCH /api/users/{person}", "DELETE /api/users/{person}"],
];
