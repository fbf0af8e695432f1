/**
 * Filter text → tokens: one pass, no backtracking, no regular expression over the whole text.
 *
 * Looser than RFC 7644 3.4.2.2 where clients are (scim-clients 1.9.7): any run of blanks or none
 * around quotes and brackets, and values without quotes.
 */
import { AppError } from "../errors.ts";
import { isStorableText } from "./json.ts";

/** A piece of a filter; `at` is where it begins, for the sentences of refusals. */
export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "(" | ")" | "[" | "]"; readonly text: string; readonly at: number };

/** The longest filter, in bytes of UTF-8. */
export const maxFilterBytes = 4096;

const blanks = " \t\r\n";
const brackets = "()[]";

/**
 * All tokens of `text`.
 * @throws AppError `scim_invalid_filter` for a text that is too long, a quote without its pair, or
 * a quoted text that is not JSON
 */
export function readTokens(text: string): readonly Token[] {
  if (text.length > maxFilterBytes || Buffer.byteLength(text) > maxFilterBytes) {
    throw filterError(`The filter is longer than ${maxFilterBytes} bytes.`);
  }
  if (!isStorableText(text)) throw filterError("The filter is not well-formed Unicode text.");
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (blanks.includes(character)) {
      at += 1;
      continue;
    }
    const end = endOfToken(text, at);
    tokens.push(tokenOf(text.slice(at, end), at));
    at = end;
  }
  return tokens;
}

function endOfToken(text: string, start: number): number {
  const first = text.charAt(start);
  if (brackets.includes(first)) return start + 1;
  if (first === '"') return endOfQuote(text, start);
  let end = start + 1;
  while (end < text.length && !isBreak(text.charAt(end))) end += 1;
  return end;
}

function isBreak(character: string): boolean {
  return character === '"' || blanks.includes(character) || brackets.includes(character);
}

function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character === "\\") at += 1;
  }
  throw filterError(`The quote at position ${start + 1} is never closed.`);
}

function tokenOf(piece: string, at: number): Token {
  if (piece === "(" || piece === ")" || piece === "[" || piece === "]") {
    return { kind: piece, text: piece, at };
  }
  if (piece.startsWith('"')) return { kind: "text", text: unquote(piece, at), at };
  return { kind: "word", text: piece, at };
}

function unquote(piece: string, at: number): string {
  let text: unknown;
  try {
    text = JSON.parse(piece);
  } catch (cause) {
    throw filterError(`The text at position ${at + 1} is not a JSON string.`, cause);
  }
  if (typeof text === "string" && isStorableText(text)) return text;
  throw filterError(`The text at position ${at + 1} is not well-formed Unicode.`);
}

/** A refusal of a filter, with one sentence for the client. */
export function filterError(detail: string, cause?: unknown): AppError {
  return new AppError("scim_invalid_filter", { detail, cause });
}
