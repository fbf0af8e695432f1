/**
 * The document's operations of SCIM tokens and the log of SCIM requests. SCIM itself describes itself,
 * under /scim/v2/Schemas and its neighbours.
 */
import { scimRequestsQuerySchema, scimTokenSchema } from "../../provisioning/admin-routes.ts";
import { operation, under } from "./operation.ts";
import { madeScimTokenAnswer, scimRequestsAnswer, scimTokensAnswer } from "./sign-on-answers.ts";

export const provisioningOperations = under("Provisioning", [
  operation("GET /api/scim/tokens", "List the SCIM tokens", {
    description:
      "`review` says why a token wants a look: who made it, `made_by`, may make none now, and may still have it.",
    answer: scimTokensAnswer,
  }),
  operation("POST /api/scim/tokens", "Make a SCIM token", {
    description: "The token is shown this once. Two may live at once, for rotation.",
    body: scimTokenSchema,
    bodyTypes: ["application/json"],
    status: 201,
    answer: madeScimTokenAnswer,
  }),
  operation("DELETE /api/scim/tokens/{id}", "Revoke a SCIM token", {}),
  operation("GET /api/scim/requests", "Read the log of SCIM requests, latest first", {
    query: scimRequestsQuerySchema,
    answer: scimRequestsAnswer,
  }),
]);
