/** The document's operations of trying things out: the test sign-on and the inspection (PRODUCT 8.2, 8.3). */
import { z } from "zod";
import { samlPatchSchema } from "../../settings/schema.ts";
import { inspectionSchema } from "../../settings/unsaved.ts";
import type { Operation } from "./operation.ts";

const reason = z.looseObject({
  subject: z.string(),
  result: z.string(),
  rule: z.string(),
  text: z.string(),
});

/** What a sign-on would come to; `checks` are always all, in one order. */
const story = z.object({
  outcome: z.enum(["admitted", "not_activated", "deactivated", "refused"]),
  code: z.string().nullable(),
  hint: z.string().nullable(),
  detail: z.string().nullable(),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      result: z.enum(["passed", "failed", "not_reached", "not_applicable"]),
      text: z.string(),
    }),
  ),
  attributes: z.array(
    z.object({
      name: z.string(),
      friendly_name: z.string().nullable(),
      values: z.array(z.string()),
      mapped_to: z.enum(["email", "first_name", "last_name", "groups"]).nullable(),
    }),
  ),
  identity: z
    .object({
      email: z.string(),
      first_name: z.string().nullable(),
      last_name: z.string().nullable(),
      groups: z.array(z.string()),
      groups_state: z.enum(["absent", "empty", "present", "overage"]),
    })
    .nullable(),
  evidence: z.looseObject({}),
  role: z.string().nullable(),
  changes: z.array(z.looseObject({ kind: z.string() })),
  reasons: z.array(reason),
  hints: z.array(reason),
});

export const trialOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/api/saml/inspect",
    tag: "Single sign-on",
    summary: "Tell what a pasted SAMLResponse would come to",
    description:
      "The text is XML, base64, deflated base64, URL-encoded or a whole query. Nobody is signed in and nothing is saved; whether the response was asked for or used before is not checked. A message that cannot be read is a story too.",
    body: inspectionSchema,
    status: 200,
    answer: story.extend({
      form: z.enum(["base64", "deflated", "url_encoded", "xml"]).nullable(),
      issue_instant: z.iso.datetime().nullable(),
    }),
  },
  {
    method: "post",
    path: "/api/saml/settings/test",
    tag: "Single sign-on",
    summary: "Prepare a test sign-on",
    description:
      "The body is a patch of the settings, which is not saved; an empty one tries the saved settings. The address is opened in a browser that is signed in as the caller. No session opens, and nothing is written but the story.",
    body: samlPatchSchema,
    bodyTypes: ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    status: 200,
    answer: z.object({ id: z.string(), url: z.string() }),
  },
  {
    method: "get",
    path: "/api/saml/settings/test/{id}",
    tag: "Single sign-on",
    summary: "Read the story of a test sign-on",
    description: "The story can be read for an hour after the identity provider's answer.",
    status: 200,
    answer: z.object({
      id: z.string(),
      state: z.enum(["waiting", "done", "expired"]),
      at: z.iso.datetime(),
      expires_at: z.iso.datetime(),
      configuration: z.enum(["saved", "unsaved"]),
      story: story.nullable(),
    }),
  },
];
