/**
 * The document's operations of SCIM tokens and the log of SCIM requests. SCIM itself describes itself,
 * under /scim/v2/Schemas and its neighbours.
 */
import { z } from "zod";
import { scimRequestsQuerySchema, scimTokenSchema } from "../../provisioning/admin-routes.ts";
import type { Operation } from "./operation.ts";

const time = z.iso.datetime();

const token = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string(),
  is_active: z.boolean(),
  created_by: z.int().nullable(),
  created_at: time,
  last_used_at: time.nullable(),
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
});

const requests = z.object({
  next_before: z.int().nullable(),
  results: z.array(
    z.object({
      id: z.int(),
      at: time,
      token_id: z.int().nullable(),
      method: z.string(),
      path: z.string(),
      status: z.int(),
      summary: z.string(),
      quirks: z.array(z.string()),
      request_id: z.string(),
    }),
  ),
});

export const provisioningOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/api/scim/tokens",
    tag: "Provisioning",
    summary: "List the SCIM tokens",
    status: 200,
    description:
      "`review` says why a token wants a look: who made it, `made_by`, may make none now, and may still have it.",
    answer: z.array(
      token.extend({ made_by: z.string().nullable(), review: z.string().nullable() }),
    ),
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
    answer: token.extend({ token: z.string() }),
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
    answer: requests,
  },
];
