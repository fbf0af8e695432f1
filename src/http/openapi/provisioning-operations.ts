/**
 * The document's operations of SCIM tokens and the log of SCIM requests. SCIM itself describes itself,
 * under /scim/v2/Schemas and its neighbours.
 */
import { scimRequestsQuerySchema, scimTokenSchema } from "../../provisioning/admin-routes.ts";
import type { Operation } from "./operation.ts";
import { madeScimTokenAnswer, scimRequestsAnswer, scimTokensAnswer } from "./sign-on-answers.ts";

export const provisioningOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/api/scim/tokens",
    tag: "Provisioning",
    summary: "List the SCIM tokens",
    status: 200,
    description:
      "`review` says why a token wants a look: who made it, `made_by`, may make none now, and may still have it.",
    answer: scimTokensAnswer,
  },
  {
    method: "post",
    path: "/api/scim/tokens",
    tag: "Provisioning",
    summary: "Make a SCIM token",
    description: "The token is shown this once. Two may live at once, for rotation.",
    body: scimTokenSchema,
    bodyTypes: ["application/json"],
    status: 201,
    answer: madeScimTokenAnswer,
  },
  {
    method: "delete",
    path: "/api/scim/tokens/{id}",
    tag: "Provisioning",
    summary: "Revoke a SCIM token",
    status: 204,
    answer: null,
  },
  {
    method: "get",
    path: "/api/scim/requests",
    tag: "Provisioning",
    summary: "Read the log of SCIM requests, latest first",
    query: scimRequestsQuerySchema,
    status: 200,
    answer: scimRequestsAnswer,
  },
];
