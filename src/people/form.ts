/**
 * Parses the forms that people fill in about themselves: e-mail address, names, organization title.
 * Each parser returns the value to keep or a sentence to show beside the field.
 */
import { canonicalEmail } from "../access/email.ts";
import type { FieldErrors } from "../errors.ts";

/** A field's value, or the sentence that says what is wrong with what was typed. */
export type Parsed = { readonly value: string } | { readonly problem: string };

/**
 * One e-mail address, lower-case (PRODUCT 1.2), by the rule that single sign-on has: what one door
 * refuses must not come in by another and look like somebody else.
 */
export function parseEmail(text: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: "Please enter your e-mail address." };
  const email = canonicalEmail(trimmed);
  if (email === null) {
    return { problem: "This is not an e-mail address. It should look like ada@example.com." };
  }
  return { value: email };
}

/** A name or title of `most` characters at most, on one line; `what` names it in the sentence. */
export function parseName(
  text: string,
  { what, most = 150, isRequired = false }: { what: string; most?: number; isRequired?: boolean },
): Parsed {
  const value = text.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
  if (value === "" && isRequired) return { problem: `Please enter ${what}.` };
  if ([...value].length > most) return { problem: `Please use at most ${most} characters.` };
  if (/[\p{Cc}<>]/u.test(value))
    return { problem: "Please leave out control characters, < and >." };
  return { value };
}

/** The values of all fields, or every problem at once. */
export function collect<Name extends string>(
  parsed: Readonly<Record<Name, Parsed>>,
): { readonly values: Readonly<Record<Name, string>>; readonly problems: FieldErrors } {
  const problems: Record<string, readonly string[]> = {};
  const entries = Object.entries<Parsed>(parsed).map(([name, outcome]) => {
    if ("problem" in outcome) problems[name] = [outcome.problem];
    return [name, "value" in outcome ? outcome.value : ""] as const;
  });
  // One entry for each name of `parsed`, by the map above.
  return { values: Object.fromEntries(entries) as Record<Name, string>, problems };
}
