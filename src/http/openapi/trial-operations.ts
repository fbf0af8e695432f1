/** The document's operations of trying things out: the test sign-in and the inspection (PRODUCT 8.2, 8.3). */
import { samlPatchSchema } from "../../settings/schema.ts";
import { inspectionSchema } from "../../settings/unsaved.ts";
import { operation, under } from "./operation.ts";
import { inspectionAnswer, preparedTestSignInAnswer, testSignInAnswer } from "./sign-on-answers.ts";

export const testSignInOperations = under("Single sign-on", [
  operation("POST /api/saml/inspect", "Tell what a pasted SAMLResponse would come to", {
    description:
      "The text is XML, base64, deflated base64, URL-encoded or a whole query. Nobody is signed in and nothing is saved; whether the response was asked for or used before is not checked. A message that cannot be read is a story too.",
    body: inspectionSchema,
    answer: inspectionAnswer,
  }),
  operation("POST /api/saml/settings/test", "Prepare a test sign-in", {
    description:
      "The body is a patch of the settings, which is not saved; an empty one tries the saved settings. The address is opened in a browser that is signed in as the caller. No session opens, and nothing is written but the story.",
    body: samlPatchSchema,
    bodyTypes: ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    answer: preparedTestSignInAnswer,
  }),
  operation("GET /api/saml/settings/test/{id}", "Read the report of a test sign-in", {
    description: "The story can be read for an hour after the identity provider's answer.",
    answer: testSignInAnswer,
  }),
]);
