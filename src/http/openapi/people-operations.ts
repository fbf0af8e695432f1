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
import type { Operation } from "./operation.ts";

const caller: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: "/api/current-user/whoami",
    summary: "Read who is asking",
    status: 200,
    answer: answers.whoamiAnswer,
  },
  {
    method: "get",
    path: "/api/current-user",
    summary: "Read the caller's profile",
    status: 200,
    answer: answers.whoamiAnswer,
  },
  {
    method: "patch",
    path: "/api/current-user",
    summary: "Change the caller's names",
    body: userPatchSchema,
    status: 200,
    answer: answers.whoamiAnswer,
  },
  {
    method: "get",
    path: "/api/current-user/token",
    summary: "Show the personal API token to whoever sent it",
    description: "Tokens are stored hashed, so that nobody else can be shown it.",
    status: 200,
    answer: answers.tokenAnswer,
  },
  {
    method: "post",
    path: "/api/current-user/reset-token/",
    summary: "Make the personal API token anew",
    description: "The former one stops working at once. 403 for an access token.",
    status: 201,
    answer: answers.tokenAnswer,
  },
  {
    method: "get",
    path: "/api/token/",
    summary: "List the personal access tokens",
    query: shortListSchema,
    status: 200,
    answer: answers.accessTokensAnswer,
  },
  {
    method: "post",
    path: "/api/token/",
    summary: "Make a personal access token",
    description: "It is shown once. 409 while one is valid, 403 for an access token.",
    status: 201,
    answer: answers.accessTokenAnswer,
  },
  {
    method: "post",
    path: "/api/token/refresh/",
    summary: "Buy an access token of five minutes",
    body: refreshSchema,
    status: 200,
    answer: answers.accessAnswer,
    isPublic: true,
  },
  {
    method: "post",
    path: "/api/token/rotate/",
    summary: "Exchange a personal access token for a new one",
    body: refreshSchema,
    status: 200,
    answer: answers.refreshAnswer,
    isPublic: true,
  },
  {
    method: "post",
    path: "/api/token/blacklist/",
    summary: "End a personal access token",
    body: refreshSchema,
    status: 204,
    answer: null,
    isPublic: true,
  },
  {
    method: "get",
    path: "/api/sessions",
    summary: "List the caller's sessions",
    status: 200,
    answer: answers.sessionsAnswer,
  },
  {
    method: "delete",
    path: "/api/sessions/{id}",
    summary: "End a session",
    description: "Administrators end anybody's.",
    status: 204,
    answer: null,
  },
];

const organization: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: "/api/organizations/",
    summary: "List the organization that the credential opened",
    query: shortListSchema,
    status: 200,
    answer: answers.organizationListAnswer,
  },
  {
    method: "get",
    path: "/api/organizations/{id}",
    summary: "Read the organization",
    status: 200,
    answer: answers.organizationAnswer,
  },
  {
    method: "patch",
    path: "/api/organizations/{id}",
    summary: "Change the organization's title and seats",
    body: organizationPatchSchema,
    status: 200,
    answer: answers.organizationAnswer,
  },
  {
    method: "patch",
    path: "/api/organizations/{id}/set-default-role",
    summary: "Choose the role of new members",
    body: defaultRoleSchema,
    status: 200,
    answer: answers.defaultRoleAnswer,
  },
  {
    method: "post",
    path: "/api/organizations/{id}/transfer",
    summary: "Hand the organization to a new Owner",
    body: transferSchema,
    status: 200,
    answer: answers.memberAnswer,
  },
  {
    method: "get",
    path: "/api/jwt/settings",
    summary: "Read the rules for API tokens",
    status: 200,
    answer: answerSchemaOf(tokenRows),
  },
  {
    method: "post",
    path: "/api/jwt/settings",
    summary: "Change the rules for API tokens",
    body: changesSchemaOf(tokenRows),
    status: 200,
    answer: answerSchemaOf(tokenRows),
  },
  {
    method: "get",
    path: "/api/session-policy",
    summary: "Read how long sessions live",
    status: 200,
    answer: answerSchemaOf(sessionRows),
  },
  {
    method: "patch",
    path: "/api/session-policy",
    summary: "Change how long sessions live",
    body: changesSchemaOf(sessionRows),
    status: 200,
    answer: answerSchemaOf(sessionRows),
  },
  {
    method: "get",
    path: "/api/invite",
    summary: "Read the invite link",
    status: 200,
    answer: answers.inviteLinkAnswer,
  },
  {
    method: "post",
    path: "/api/invite/reset-token",
    summary: "Make the invite link anew",
    status: 201,
    answer: answers.inviteLinkAnswer,
  },
  {
    method: "post",
    path: "/api/invite/send-email",
    summary: "Invite people by e-mail address",
    body: inviteSchema,
    status: 200,
    answer: answers.invitesAnswer,
  },
  {
    method: "post",
    path: "/api/invite/revoke",
    summary: "Revoke an invitation",
    body: revokeSchema,
    status: 204,
    answer: null,
  },
  {
    method: "get",
    path: "/api/invites",
    summary: "List the open invitations",
    status: 200,
    answer: answers.inviteListAnswer,
  },
];

const members: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: "/api/organizations/{id}/memberships",
    summary: "List the members page by page",
    query: memberListSchema,
    status: 200,
    answer: answers.memberPageAnswer,
  },
  {
    method: "patch",
    path: "/api/organizations/{id}/memberships",
    summary: "Give a member a role",
    body: memberPatchSchema,
    status: 200,
    answer: answers.memberAnswer,
  },
  {
    method: "get",
    path: "/api/organizations/{id}/memberships/{user}/",
    summary: "Read a member",
    status: 200,
    answer: answers.memberAnswer,
  },
  {
    method: "get",
    path: "/api/organizations/{id}/memberships/{user}/why/",
    summary: "Read why a member has what they have",
    description:
      "Each role and membership with its sources, times and reasons, and what the next sign-on would do by the groups that the identity provider sent last.",
    status: 200,
    answer: answers.whyAnswer,
  },
  {
    method: "delete",
    path: "/api/organizations/{id}/memberships/{user}/",
    summary: "Remove a member",
    status: 204,
    answer: null,
  },
  {
    method: "post",
    path: "/api/organizations/{id}/memberships/{user}/deactivate",
    summary: "Deactivate a member",
    description: "Sessions, tokens and invitations of the person end with it.",
    body: emptySchema,
    status: 200,
    answer: answers.memberAnswer,
  },
];

const users: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: "/api/users/",
    summary: "List the accounts of members",
    query: userListSchema,
    status: 200,
    answer: answers.usersAnswer,
  },
  {
    method: "post",
    path: "/api/users/",
    summary: "Make an account and a member",
    body: userCreateSchema,
    status: 201,
    answer: answers.userAnswer,
  },
  {
    method: "get",
    path: "/api/users/{id}/",
    summary: "Read an account",
    status: 200,
    answer: answers.userAnswer,
  },
  {
    method: "patch",
    path: "/api/users/{id}/",
    summary: "Change the names of an account",
    body: userPatchSchema,
    status: 200,
    answer: answers.userAnswer,
  },
  {
    method: "delete",
    path: "/api/users/{id}/",
    summary: "End a membership; the account stays",
    status: 204,
    answer: null,
  },
  {
    method: "get",
    path: "/api/users/{id}/sessions",
    summary: "List somebody's sessions",
    status: 200,
    answer: answers.sessionsAnswer,
  },
  {
    method: "delete",
    path: "/api/users/{id}/sessions",
    summary: "End somebody's sessions",
    status: 200,
    answer: answers.endedAnswer,
  },
];

const logs: readonly Omit<Operation, "tag">[] = [
  {
    method: "get",
    path: "/api/activity-logs/",
    summary: "Read the activity log",
    description: "`search` takes words with AND and OR.",
    query: activityListSchema,
    status: 200,
    answer: answers.activityAnswer,
  },
  {
    method: "get",
    path: "/api/activity-logs/export",
    summary: "Export the activity log",
    description: "Oldest first, as JSON lines or CSV.",
    query: activityExportSchema,
    status: 200,
    answer: answers.textAnswer,
    answerTypes: ["application/jsonl", "text/csv"],
  },
];

export const peopleOperations: readonly Operation[] = [
  ...caller.map((operation): Operation => ({ ...operation, tag: "Current user" })),
  ...organization.map((operation): Operation => ({ ...operation, tag: "Organization" })),
  ...members.map((operation): Operation => ({ ...operation, tag: "Members" })),
  ...users.map((operation): Operation => ({ ...operation, tag: "Users" })),
  ...logs.map((operation): Operation => ({ ...operation, tag: "Logs" })),
];
