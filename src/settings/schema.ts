/**
 * Schemas of the settings' requests and answers: one schema of each for JSON, forms, multipart and the
 * API's document (PRODUCT 6.2, 6.5), from the table of settings.
 *
 * Owns what a field may hold by itself. `null` stands for "back to the default" and is kept as null here;
 * merge.ts puts the default in.
 */
import { z } from "zod";
import { mappingRows, samlRows } from "../access/settings-table.ts";
import { answerSchemaOf, line, patchSchemaOf } from "../setting-fields.ts";
import { computedAnswer, warningAnswer } from "./answer-schemas.ts";

/** The body of `POST /api/scim/settings`. */
export const scimPatchSchema = patchSchemaOf(mappingRows);

/** The body of `POST /api/saml/settings`; lengths as in the original's schema. */
export const samlPatchSchema = patchSchemaOf(samlRows);

/** The body of `POST /api/saml/settings/validate-metadata-url`. */
export const metadataUrlSchema = z.object({ metadata_url: line(65_536) });

/** The body of `POST /api/saml/settings/confirm`: the version of the settings that were shown. */
export const confirmationSchema = z.object({
  version: z.coerce
    .number({ error: "Send the version of the settings that you confirm, from their answer." })
    .int({ error: "Send a whole number." })
    .positive({ error: "Send the version of the settings, from 1." }),
});

/** The answer of `GET /api/scim/settings`, and of saving. */
export const scimSettingsAnswer = answerSchemaOf(mappingRows)
  .extend({ warnings: z.array(warningAnswer) })
  .loose();

/** The answer of `GET /api/saml/settings`, and of saving. */
export const samlSettingsAnswer = answerSchemaOf(samlRows).extend(computedAnswer.shape).loose();

/**
 * Fields of the answer that nobody can set. They are accepted and left alone, so that what GET
 * answered can be posted back.
 */
export const readOnlyFields: ReadonlySet<string> = new Set([
  ...Object.keys(computedAnswer.shape),
  // Enterprise's count of seats by type.
  "user_type_capacities",
]);
