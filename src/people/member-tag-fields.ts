/**
 * Parses tag labels, and the file that names members and their tags (Enterprise's "Tag members").
 * Labels are kept as they were typed but for white space; that two are one is tagKey's to say.
 */
import { z } from "zod";
import { canonicalEmail } from "../access/email.ts";
import { tagKey } from "../store/member-tags.ts";
import { readCsv } from "./csv.ts";
import type { Parsed } from "./form.ts";

const maxCharacters = 255;
/** PostgreSQL indexes keys, and some letters are many once they are compared. */
const maxKeyBytes = 1_024;
/** Far more than a page of members shows. */
const maxRows = 20_000;

/** Control characters, lone surrogates, and signs that turn the text after them around. */
const unreadable = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** A label, or the sentence that says what is wrong with it. */
export function parseLabel(text: string): Parsed {
  const value = text.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
  // Before it is compared: a long text costs time, and is none anyway.
  if ([...value].length > maxCharacters) {
    return { problem: `A label may have at most ${maxCharacters} characters.` };
  }
  if (unreadable.test(value)) {
    return { problem: "A label may not contain control characters or broken Unicode." };
  }
  const key = tagKey(value);
  if (key === "") return { problem: "A label may not be empty." };
  if (new TextEncoder().encode(key).length > maxKeyBytes) {
    return { problem: `A label may have at most ${maxKeyBytes} bytes.` };
  }
  return { value };
}

/** A tag's label. */
export const labelField = z.string().transform((text, context) => {
  const parsed = parseLabel(text);
  if ("value" in parsed) return parsed.value;
  context.addIssue({ code: "custom", message: parsed.problem });
  return z.NEVER;
});

/** Labels without those that are one with another before it. */
export function distinctLabels(labels: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const label of labels) if (!byKey.has(tagKey(label))) byKey.set(tagKey(label), label);
  return [...byKey.values()];
}

/** Labels separated by commas, in quotation marks where they contain some; or what is wrong. */
export function readLabels(
  text: string,
): { readonly labels: readonly string[] } | { readonly problem: string } {
  const read = readCsv(text);
  if ("problem" in read) {
    return { problem: "Separate labels by commas; a quotation mark is missing." };
  }
  const labels: string[] = [];
  for (const cell of read.rows.flat()) {
    if (cell === "") continue;
    const parsed = parseLabel(cell);
    if ("problem" in parsed) return parsed;
    labels.push(parsed.value);
  }
  return { labels: distinctLabels(labels) };
}

/** A member named by a file, in its order; `email` is null where the text there is no address. */
export interface NamedMember {
  readonly written: string;
  readonly email: string | null;
  readonly labels: readonly string[];
}

/** The rows of the file, or the sentence that says what is wrong with it. */
export function readTagFile(
  text: string,
): { readonly members: readonly NamedMember[] } | { readonly problem: string } {
  const read = readCsv(text);
  if ("problem" in read) return read;
  const [head = [], ...rows] = read.rows;
  const columns = head.map((name) => name.toLowerCase());
  const [email, tags] = [columns.indexOf("email"), columns.indexOf("tags")];
  if (email < 0 || tags < 0) {
    return { problem: "The first line must name the columns email and tags: email,tags." };
  }
  if (rows.length > maxRows) return { problem: `The file may have at most ${maxRows} rows.` };
  const members: NamedMember[] = [];
  for (const [index, row] of rows.entries()) {
    const read = readLabels(row[tags] ?? "");
    if ("problem" in read) return { problem: `Row ${index + 1}: ${read.problem}` };
    const written = row[email] ?? "";
    members.push({ written, email: canonicalEmail(written), labels: read.labels });
  }
  return { members };
}
