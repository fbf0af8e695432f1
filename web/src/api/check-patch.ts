/** Settings checked before they are sent, by the server's own schema: the same sentences, at once. */
import "./zod-without-eval.ts";
import { samlPatchSchema, scimPatchSchema } from "../../../src/settings/schema.ts";
import type { FieldErrors } from "./client.ts";

/** The problems of a patch of the SAML settings by field, in the wire's spelling; {} where there are none. */
export function problemsOfSamlPatch(patch: object): FieldErrors {
  return problemsOf(samlPatchSchema.safeParse(patch).error?.issues ?? []);
}

/** The same for the SCIM settings. */
export function problemsOfScimPatch(patch: object): FieldErrors {
  return problemsOf(scimPatchSchema.safeParse(patch).error?.issues ?? []);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function problemsOf(issues: readonly Issue[]): FieldErrors {
  const problems: Record<string, string[]> = {};
  for (const { path, message } of issues) {
    const [field = "non_field_errors", entry] = path;
    const sentence = typeof entry === "number" ? `Entry ${entry + 1}: ${message}` : message;
    problems[String(field)] = [...(problems[String(field)] ?? []), sentence];
  }
  return problems;
}
