/** The operations on the organization's permissions, as the API's document describes them. */
import { z } from "zod";
import { orgRoles } from "../../access/roles.ts";
import {
  permissionListSchema,
  permissionPatchSchema,
  permissionSchema,
} from "../../people/organization-permission-routes.ts";
import { operation, under } from "./operation.ts";

const roles = z.array(z.enum(orgRoles));
const option = z.object({
  permission: z.string(),
  group: z.string(),
  label: z.string(),
  tooltip: z.string(),
  default: roles,
  options: roles,
});
const override = option.extend({
  id: z.int().positive(),
  organization: z.int().positive(),
  roles,
});

const base = "/api/organizations/{id}/permissions";

/** The operations of people/ that are about permissions. */
export const permissionOperations = under("Organization", [
  operation(`GET ${base}/options`, "List the permissions that may be configured", {
    query: permissionListSchema,
    answer: z.array(option),
  }),
  operation(`GET ${base}`, "List the permissions that are not the default", {
    query: permissionListSchema,
    answer: z.array(override),
  }),
  operation(`POST ${base}`, "Decide which roles have a permission", {
    description: "The Owner always has it. An empty list leaves it to the Owner alone.",
    body: permissionSchema,
    status: 201,
    answer: override,
  }),
  operation(`GET ${base}/{permission}`, "Read a permission that is not the default", {
    answer: override,
  }),
  operation(`PUT ${base}/{permission}`, "Decide anew which roles have a permission", {
    body: permissionSchema,
    answer: override,
  }),
  operation(`PATCH ${base}/{permission}`, "Change which roles have a permission", {
    body: permissionPatchSchema,
    answer: override,
  }),
  operation(`DELETE ${base}/{permission}`, "Return a permission to its default", {}),
]);
