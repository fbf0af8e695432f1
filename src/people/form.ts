/**
 * What people type about themselves, parsed at the door: e-mail address, names, organization title.
 * Each parser returns the value to keep or a sentence to show beside the field.
 */
import type { FieldErrors } from "../errors.ts";

/** A field's value, or the sentence that says what is wrong with what was typed. */
export type Parsed = { readonly value: string } | { readonly problem: string };

/** RFC 5321 4.5.3.1: at most 64 octets before the at sign and 254 altogether. */
const emailRe =
  /^(?=.{3,254}$)[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u;

/** One e-mail address, lower-case (PRODUCT 1.2). */
export function parseEmail(text: string): Parsed {
  const email = text.trim().toLowerCase();
  if (email === "") return { problem: "Please enter your e-mail address." };
  if (!emailRe.test(email)) {
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
