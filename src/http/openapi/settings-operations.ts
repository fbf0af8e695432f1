/** The document's operations of single sign-on and provisioning settings, and of the document. */

import { z } from "zod";
import { metadataVerdictAnswer } from "../../settings/answer-schemas.ts";
import { samlSentSchema } from "../../settings/by-hand.ts";
import { groupQuerySchema } from "../../settings/groups.ts";
import { previewQuerySchema } from "../../settings/preview.ts";
import { restoreQuerySchema, revisionQuerySchema } from "../../settings/revisions.ts";
import {
  confirmationSchema,
  metadataUrlSchema,
  samlSettingsAnswer,
  scimPatchSchema,
  scimSettingsAnswer,
} from "../../settings/schema.ts";
import { signInQuerySchema } from "../../settings/sign-ins.ts";
import { documentAnswer } from "./answers.ts";
import { type Operation, operation, under } from "./operation.ts";
import * as answers from "./sign-on-answers.ts";

const withFiles = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
] as const;

export const settingsOperations: readonly Operation[] = [
  ...under("Single sign-on", [
    operation("GET /api/saml/settings", "Read the SAML settings", { answer: samlSettingsAnswer }),
    operation("POST /api/saml/settings", "Change the SAML settings", {
      description:
        "Fields that are absent stay; null puts a field back to its default. With any problem nothing is saved. A provider without metadata is entered by hand as idp_entity_id, idp_sso_url and idp_certificate (PEM, or DER in base64), together; they become the metadata_xml, in place of a metadata_url on record.",
      body: samlSentSchema,
      bodyTypes: withFiles,
      answer: samlSettingsAnswer,
    }),
    operation("POST /api/saml/settings/preview", "Look ahead: who would gain or lose what", {
      description:
        "Takes what saving takes, and saves nothing. Plans the next sign-in of every member over the groups that the identity provider sent last. Those who lose come first; send the same body to `next` for the next page.",
      query: previewQuerySchema,
      body: samlSentSchema,
      bodyTypes: withFiles,
      answer: answers.previewAnswer,
    }),
    operation(
      "POST /api/saml/settings/confirm",
      "Confirm, as the Owner, who vouches for the Owner",
      {
        description:
          "The Owner signs in by SAML only under the identity provider, keys or metadata URL, e-mail attribute and domains that they saved themselves or confirm here. `version` is that of the settings that were read; where they have changed since, the answer is 409.",
        body: confirmationSchema,
        bodyTypes: withFiles,
        answer: samlSettingsAnswer,
      },
    ),
    operation("DELETE /api/saml/settings", "Reset the SAML settings and the SCIM mappings", {
      description: "The token and the keys stay; the former settings are kept as a revision.",
    }),
    operation("GET /api/saml/settings/revisions", "List former settings, of SAML and SCIM", {
      description: "Who saved when and what it changed, latest first.",
      query: revisionQuerySchema,
      answer: answers.revisionsAnswer,
    }),
    operation("POST /api/saml/settings/revisions/{id}/restore", "Have former settings back", {
      description:
        "Saves the settings as they were after the revision, or with `state=before` as they were before it, by the checks of any save. Answers the settings of its kind.",
      query: restoreQuerySchema,
      answer: z.union([samlSettingsAnswer, scimSettingsAnswer]),
    }),
    operation(
      "POST /api/saml/settings/validate-metadata-url",
      "Ask whether a URL answers identity provider metadata",
      {
        description: "Nothing is saved.",
        body: metadataUrlSchema,
        bodyTypes: withFiles,
        answer: metadataVerdictAnswer,
      },
    ),
    operation("GET /api/saml/groups", "List groups that are known of", {
      description:
        "Groups that sign-ins told of and groups that SCIM clients pushed, those with the most members first.",
      query: groupQuerySchema,
      answer: answers.groupsAnswer,
    }),
    operation("GET /api/saml/sign-ins", "Read the sign-in log", {
      query: signInQuerySchema,
      answer: answers.signInsAnswer,
    }),
    operation("GET /api/saml/sp-keys", "List the certificates of the service provider", {
      answer: answers.spKeysAnswer,
    }),
    operation("POST /api/saml/sp-keys", "Publish the next key", {
      status: 201,
      answer: answers.spKeysAnswer,
    }),
    operation("POST /api/saml/sp-keys/activate", "Use the next key", {
      answer: answers.spKeysAnswer,
    }),
  ]),
  ...under("Provisioning", [
    operation("GET /api/scim/settings", "Read the group mappings for SCIM", {
      answer: scimSettingsAnswer,
    }),
    operation("POST /api/scim/settings", "Change the group mappings for SCIM", {
      body: scimPatchSchema,
      bodyTypes: withFiles,
      answer: scimSettingsAnswer,
    }),
    operation(
      "POST /api/scim/settings/preview",
      "Look ahead: whom new mappings would give or take what",
      {
        description:
          "As the preview of the SAML settings, over the groups that SCIM clients pushed.",
        query: previewQuerySchema,
        body: scimPatchSchema,
        bodyTypes: withFiles,
        answer: answers.previewAnswer,
      },
    ),
  ]),
  ...under("Documentation", [
    operation("GET /api/openapi.json", "Read this document", {
      answer: documentAnswer,
      isPublic: true,
    }),
  ]),
];
