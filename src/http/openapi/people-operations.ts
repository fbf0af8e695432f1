/** The document's operations of the caller, the organization, its members and their accounts. */
import { sessionRows, tokenRows } from "../../access/settings-table.ts";
import { activityExportSchema, activityListSchema } from "../../people/activity-routes.ts";
import { inviteSchema, revokeSchema } from "../../people/invite-routes.ts";
import { memberListSchema } from "../../people/member-list.ts";
import { emptySchema, memberPatchSchema, transferSchema } from "../../people/member-routes.ts";
import {
  defaultRoleSchema,
  organizationPatchSchema,
  shortListSchema,
} from "../../people/organization-routes.ts";
import { refreshSchema } from "../../people/token-routes.ts";
import { userCreateSchema, userListSchema, userPatchSchema } from "../../people/user-routes.ts";
import { answerSchemaOf, changesSchemaOf } from "../../setting-fields.ts";
import * as answers from "./answers.ts";
import { type Operation, operation, under } from "./operation.ts";

const caller = under("Current user", [
  operation("GET /api/current-user/whoami", "Read who is asking", { answer: answers.whoamiAnswer }),
  operation("GET /api/current-user", "Read the caller's profile", { answer: answers.whoamiAnswer }),
  operation("PATCH /api/current-user", "Change the caller's names", {
    body: userPatchSchema,
    answer: answers.whoamiAnswer,
  }),
  operation("GET /api/current-user/token", "Show the personal API token to whoever sent it", {
    description: "Tokens are stored hashed, so that nobody else can be shown it.",
    answer: answers.tokenAnswer,
  }),
  operation("POST /api/current-user/reset-token/", "Make the personal API token anew", {
    description: "The former one stops working at once. 403 for an access token.",
    status: 201,
    answer: answers.tokenAnswer,
  }),
  operation("GET /api/token/", "List the personal access tokens", {
    query: shortListSchema,
    answer: answers.accessTokensAnswer,
  }),
  operation("POST /api/token/", "Make a personal access token", {
    description: "It is shown once. 409 while one is valid, 403 for an access token.",
    status: 201,
    answer: answers.accessTokenAnswer,
  }),
  operation("POST /api/token/refresh/", "Buy an access token of five minutes", {
    body: refreshSchema,
    answer: answers.accessAnswer,
    isPublic: true,
  }),
  operation("POST /api/token/rotate/", "Exchange a personal access token for a new one", {
    body: refreshSchema,
    answer: answers.refreshAnswer,
    isPublic: true,
  }),
  operation("POST /api/token/blacklist/", "End a personal access token", {
    body: refreshSchema,
    isPublic: true,
  }),
  operation("GET /api/sessions", "List the caller's sessions", { answer: answers.sessionsAnswer }),
  operation("DELETE /api/sessions/{id}", "End a session", {
    description: "Administrators end anybody's.",
  }),
]);

const organization = under("Organization", [
  operation("GET /api/organizations/", "List the organization that the credential opened", {
    query: shortListSchema,
    answer: answers.organizationListAnswer,
  }),
  operation("GET /api/organizations/{id}", "Read the organization", {
    answer: answers.organizationAnswer,
  }),
  operation("PATCH /api/organizations/{id}", "Change the organization's title and seats", {
    body: organizationPatchSchema,
    answer: answers.organizationAnswer,
  }),
  operation("PATCH /api/organizations/{id}/set-default-role", "Choose the role of new members", {
    body: defaultRoleSchema,
    answer: answers.defaultRoleAnswer,
  }),
  operation("POST /api/organizations/{id}/transfer", "Hand the organization to a new Owner", {
    body: transferSchema,
    answer: answers.memberAnswer,
  }),
  operation("GET /api/jwt/settings", "Read the rules for API tokens", {
    answer: answerSchemaOf(tokenRows),
  }),
  operation("POST /api/jwt/settings", "Change the rules for API tokens", {
    body: changesSchemaOf(tokenRows),
    answer: answerSchemaOf(tokenRows),
  }),
  operation("GET /api/session-policy", "Read how long sessions live", {
    answer: answerSchemaOf(sessionRows),
  }),
  operation("PATCH /api/session-policy", "Change how long sessions live", {
    body: changesSchemaOf(sessionRows),
    answer: answerSchemaOf(sessionRows),
  }),
  operation("GET /api/invite", "Read the invite link", { answer: answers.inviteLinkAnswer }),
  operation("POST /api/invite/reset-token", "Make the invite link anew", {
    status: 201,
    answer: answers.inviteLinkAnswer,
  }),
  operation("POST /api/invite/send-email", "Invite people by e-mail address", {
    body: inviteSchema,
    answer: answers.invitesAnswer,
  }),
  operation("POST /api/invite/revoke", "Revoke an invitation", { body: revokeSchema }),
  operation("GET /api/invites", "List the open invitations", { answer: answers.inviteListAnswer }),
]);

const members = under("Members", [
  operation("GET /api/organizations/{id}/memberships", "List the members page by page", {
    query: memberListSchema,
    answer: answers.memberPageAnswer,
  }),
  operation("PATCH /api/organizations/{id}/memberships", "Give a member a role", {
    body: memberPatchSchema,
    answer: answers.memberAnswer,
  }),
  operation("GET /api/organizations/{id}/memberships/{user}/", "Read a member", {
    answer: answers.memberAnswer,
  }),
  operation(
    "GET /api/organizations/{id}/memberships/{user}/why/",
    "Read why a member has what they have",
    {
      description:
        "Each role and membership with its sources, times and reasons, and what the next sign-in would do by the groups that the identity provider sent last.",
      answer: answers.whyAnswer,
    },
  ),
  operation("DELETE /api/organizations/{id}/memberships/{user}/", "Remove a member", {}),
  operation("POST /api/organizations/{id}/memberships/{user}/deactivate", "Deactivate a member", {
    description: "Sessions, tokens and invitations of the person end with it.",
    body: emptySchema,
    answer: answers.memberAnswer,
  }),
]);

const users = under("Users", [
  operation("GET /api/users/", "List the accounts of members", {
    query: userListSchema,
    answer: answers.usersAnswer,
  }),
  operation("POST /api/users/", "Make an account and a member", {
    body: userCreateSchema,
    status: 201,
    answer: answers.userAnswer,
  }),
  operation("GET /api/users/{id}/", "Read an account", { answer: answers.userAnswer }),
  operation("PATCH /api/users/{id}/", "Change the names of an account", {
    body: userPatchSchema,
    answer: answers.userAnswer,
  }),
  operation("DELETE /api/users/{id}/", "End a membership; the account stays", {}),
  operation("GET /api/users/{id}/sessions", "List somebody's sessions", {
    answer: answers.sessionsAnswer,
  }),
  operation("DELETE /api/users/{id}/sessions", "End somebody's sessions", {
    answer: answers.endedAnswer,
  }),
]);

const logs = under("Logs", [
  operation("GET /api/activity-logs/", "Read the activity log", {
    description: "`search` takes words with AND and OR.",
    query: activityListSchema,
    answer: answers.activityAnswer,
  }),
  operation("GET /api/activity-logs/export", "Export the activity log", {
    description: "Oldest first, as JSON lines or CSV.",
    query: activityExportSchema,
    answer: answers.textAnswer,
    answerTypes: ["application/jsonl", "text/csv"],
  }),
]);

export const peopleOperations: readonly Operation[] = [
  ...caller,
  ...organization,
  ...members,
  ...users,
  ...logs,
];
