/** Fields that several routes of people/ have: addresses, names and titles, as form.ts parses them. */
import { z } from "zod";
import { type Parsed, parseEmail, parseName } from "./form.ts";

/** One e-mail address, lower-case (PRODUCT 1.2). */
export const emailField = textField(parseEmail);

/** A person's first or last name, on one line; may be empty. */
export const nameField = textField((text) => parseName(text, { what: "a name" }));

/** A title on one line. */
export const titleField = textField((text) =>
  parseName(text, { what: "a title", isRequired: true }),
);

function textField(parse: (text: string) => Parsed) {
  return z.string().transform((text, context) => {
    const parsed = parse(text);
    if ("value" in parsed) return parsed.value;
    context.addIssue({ code: "custom", message: parsed.problem });
    return z.NEVER;
  });
}
