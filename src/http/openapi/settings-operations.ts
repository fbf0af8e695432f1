/** The document's operations of single sign-on and provisioning settings, and of the document. */

import { z } from "zod";
import { metadataVerdictAnswer } from "../../settings/answer-schemas.ts";
import { groupQuerySchema } from "../../settings/groups.ts";
import { previewQuerySchema } from "../../settings/preview.ts";
import { restoreQuerySchema, revisionQuerySchema } from "../../settings/revisions.ts";
import {
  confirmationSchema,
  metadataUrlSchema,
  samlPatchSchema,
  samlSettingsAnswer,
  scimPatchSchema,
  scimSettingsAnswer,
} from "../../settings/schema.ts";
import { signInQuerySchema } from "../../settings/sign-ins.ts";
import { documentAnswer } from "./answers.ts";
import type { Operation } from "./operation.ts";
import * as answers from "./sign-on-answers.ts";

const withFiles = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
] as const;

export const settingsOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/api/saml/settings",
    tag: "Single sign-on",
    summary: "Read the SAML settings",
    status: 200,
    answer: samlSettingsAnswer,
  },
  {
    method: "post",
    path: "/api/saml/settings",
    tag: "Single sign-on",
    summary: "Change the SAML settings",
    description:
      "Fields that are absent stay; null puts a field back to its default. With any problem nothing is saved.",
    body: samlPatchSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: samlSettingsAnswer,
  },
  {
    method: "post",
    path: "/api/saml/settings/preview",
    tag: "Single sign-on",
    summary: "Look ahead: who would gain or lose what",
    description:
      "Takes what saving takes, and saves nothing. Plans the next sign-on of every member over the groups that the identity provider sent last. Those who lose come first; send the same body to `next` for the next page.",
    query: previewQuerySchema,
    body: samlPatchSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: answers.previewAnswer,
  },
  {
    method: "post",
    path: "/api/saml/settings/confirm",
    tag: "Single sign-on",
    summary: "Confirm, as the Owner, who vouches for the Owner",
    description:
      "The Owner signs in by SAML only under the identity provider, keys or metadata URL, e-mail attribute and domains that they saved themselves or confirm here. `version` is that of the settings that were read; where they have changed since, the answer is 409.",
    body: confirmationSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: samlSettingsAnswer,
  },
  {
    method: "delete",
    path: "/api/saml/settings",
    tag: "Single sign-on",
    summary: "Reset the SAML settings and the SCIM mappings",
    description: "The token and the keys stay; the former settings are kept as a revision.",
    status: 204,
    answer: null,
  },
  {
    method: "get",
    path: "/api/saml/settings/revisions",
    tag: "Single sign-on",
    summary: "List former settings, of SAML and SCIM",
    description: "Who saved when and what it changed, latest first.",
    query: revisionQuerySchema,
    status: 200,
    answer: answers.revisionsAnswer,
  },
  {
    method: "post",
    path: "/api/saml/settings/revisions/{id}/restore",
    tag: "Single sign-on",
    summary: "Have former settings back",
    description:
      "Saves the settings as they were after the revision, or with `state=before` as they were before it, by the checks of any save. Answers the settings of its kind.",
    query: restoreQuerySchema,
    status: 200,
    answer: z.union([samlSettingsAnswer, scimSettingsAnswer]),
  },
  {
    method: "post",
    path: "/api/saml/settings/validate-metadata-url",
    tag: "Single sign-on",
    summary: "Ask whether a URL answers identity provider metadata",
    description: "Nothing is saved.",
    body: metadataUrlSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: metadataVerdictAnswer,
  },
  {
    method: "get",
    path: "/api/saml/groups",
    tag: "Single sign-on",
    summary: "List groups that are known of",
    description:
      "Groups that sign-ons told of and groups that SCIM clients pushed, those with the most members first.",
    query: groupQuerySchema,
    status: 200,
    answer: answers.groupsAnswer,
  },
  {
    method: "get",
    path: "/api/saml/sign-ins",
    tag: "Single sign-on",
    summary: "Read the sign-in log",
    query: signInQuerySchema,
    status: 200,
    answer: answers.signInsAnswer,
  },
  {
    method: "get",
    path: "/api/saml/sp-keys",
    tag: "Single sign-on",
    summary: "List the certificates of the service provider",
    status: 200,
    answer: answers.spKeysAnswer,
  },
  {
    method: "post",
    path: "/api/saml/sp-keys",
    tag: "Single sign-on",
    summary: "Publish the next key",
    status: 201,
    answer: answers.spKeysAnswer,
  },
  {
    method: "post",
    path: "/api/saml/sp-keys/activate",
    tag: "Single sign-on",
    summary: "Use the next key",
    status: 200,
    answer: answers.spKeysAnswer,
  },
  {
    method: "get",
    path: "/api/scim/settings",
    tag: "Provisioning",
    summary: "Read the group mappings for SCIM",
    status: 200,
    answer: scimSettingsAnswer,
  },
  {
    method: "post",
    path: "/api/scim/settings",
    tag: "Provisioning",
    summary: "Change the group mappings for SCIM",
    body: scimPatchSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: scimSettingsAnswer,
  },
  {
    method: "post",
    path: "/api/scim/settings/preview",
    tag: "Provisioning",
    summary: "Look ahead: whom new mappings would give or take what",
    description: "As the preview of the SAML settings, over the groups that SCIM clients pushed.",
    query: previewQuerySchema,
    body: scimPatchSchema,
    bodyTypes: withFiles,
    status: 200,
    answer: answers.previewAnswer,
  },
  {
    method: "get",
    path: "/api/openapi.json",
    tag: "Documentation",
    summary: "Read this document",
    status: 200,
    answer: documentAnswer,
    isPublic: true,
  },
];
