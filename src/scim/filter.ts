/**
 * Filter text → tree, and back (RFC 7644 3.4.2.2).
 *
 *   or   := and ("or" and)*          precedence: not before and before or, brackets first
 *   and  := unary ("and" unary)*
 *   unary:= "not" "(" or ")" | "(" or ")" | term
 *   term := path "pr" | path operator value | path "[" or "]" [ "." sub ("pr" | operator value) ]
 *
 * The last form is Entra's `emails[type eq "work"].value eq "x"`, which the RFC does not have: it
 * means one value that fulfils both, and is read as `emails[type eq "work" and value eq "x"]`.
 * What names and values mean is bind.ts's business.
 */
import { filterError, readTokens, type Token } from "./filter-tokens.ts";
import type { Scalar } from "./json.ts";
import { type AttributeName, parseAttributeName } from "./schema.ts";

/** The operators that compare. */
export type Comparator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";

/**
 * A filter as a tree. `and` and `or` have at least two terms, and none of their own kind directly
 * below, so that equal filters are equal trees.
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly terms: readonly Filter[] }
  | { readonly kind: "not"; readonly term: Filter }
  | { readonly kind: "present"; readonly name: AttributeName }
  | {
      readonly kind: "compare";
      readonly name: AttributeName;
      readonly operator: Comparator;
      readonly value: Scalar | null;
    }
  /** One value of a multi-valued attribute fulfils `filter`, whose names are its sub-attributes. */
  | { readonly kind: "some"; readonly name: AttributeName; readonly filter: Filter };

/** Brackets, value paths and negations inside one another. */
const maxDepth = 32;
/** Comparisons and presence tests in one filter. */
const maxTerms = 100;

const comparators: ReadonlySet<string> = new Set([
  ...["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
]);

/** Position of the reader in the tokens; the only state that parsing changes. */
interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  terms: number;
}

/**
 * The tree of a filter of at most 4 kB, 32 levels and 100 terms, in time proportional to its length.
 * @throws AppError `scim_invalid_filter`, with the place in the detail
 */
export function parseFilter(text: string): Filter {
  const reader = readerOf(text);
  if (reader.tokens.length === 0) throw filterError("The filter is empty.");
  const filter = parseOr(reader);
  const rest = reader.tokens[reader.at];
  if (rest !== undefined) throw unexpected(rest);
  return filter;
}

/** Target of a PATCH path: an attribute, some of its values, one sub-attribute of them. */
export interface ParsedPath {
  readonly name: AttributeName;
  readonly filter: Filter | null;
  /** After a filter only; without one the sub-attribute is `name.sub`. */
  readonly sub: string | null;
}

/**
 * A PATCH path (RFC 7644 3.5.2, PATH): `name`, `name.sub`, `name[filter]` or `name[filter].sub`.
 * @throws AppError `scim_invalid_filter`; the caller knows it as an invalid path
 */
export function parsePath(text: string): ParsedPath {
  const reader = readerOf(text);
  const name = parseName(reader);
  if (reader.tokens[reader.at]?.kind !== "[") {
    expectEnd(reader);
    return { name, filter: null, sub: null };
  }
  const filter = parseBrackets(reader, "[");
  const sub = takeSubAfterBrackets(reader);
  expectEnd(reader);
  return { name, filter, sub };
}

function readerOf(text: string): Reader {
  return { tokens: readTokens(text), at: 0, depth: 0, terms: 0 };
}

function expectEnd(reader: Reader): void {
  const rest = reader.tokens[reader.at];
  if (rest !== undefined) throw unexpected(rest);
}

function parseOr(reader: Reader): Filter {
  const terms = [parseAnd(reader)];
  while (takeWord(reader, "or")) terms.push(parseAnd(reader));
  return join("or", terms);
}

function parseAnd(reader: Reader): Filter {
  const terms = [parseUnary(reader)];
  while (takeWord(reader, "and")) terms.push(parseUnary(reader));
  return join("and", terms);
}

/** One filter from several; brackets around the same operator disappear, as they change nothing. */
function join(kind: "and" | "or", terms: readonly Filter[]): Filter {
  const flat = terms.flatMap((term) => (term.kind === kind ? term.terms : [term]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind, terms: flat };
}

function parseUnary(reader: Reader): Filter {
  const token = reader.tokens[reader.at];
  if (token?.kind === "(") return parseBrackets(reader, "(");
  const isNegation = token?.kind === "word" && token.text.toLowerCase() === "not";
  if (!isNegation || reader.tokens[reader.at + 1]?.kind !== "(") return parseTerm(reader);
  reader.at += 1;
  return { kind: "not", term: parseBrackets(reader, "(") };
}

function parseBrackets(reader: Reader, open: "(" | "["): Filter {
  reader.depth += 1;
  if (reader.depth > maxDepth) {
    throw filterError(`The filter is nested deeper than ${maxDepth} levels.`);
  }
  reader.at += 1;
  const filter = parseOr(reader);
  const token = reader.tokens[reader.at];
  const close = open === "(" ? ")" : "]";
  if (token?.kind !== close) throw unexpected(token, `"${close}"`);
  reader.at += 1;
  reader.depth -= 1;
  return filter;
}

function parseTerm(reader: Reader): Filter {
  const name = parseName(reader);
  if (name.name === "") throw filterError("A schema's URN alone cannot be compared.");
  if (reader.tokens[reader.at]?.kind !== "[") return parseComparison(reader, name);
  const filter = parseBrackets(reader, "[");
  const sub = takeSubAfterBrackets(reader);
  if (sub === null) return { kind: "some", name, filter };
  const last = parseComparison(reader, { urn: null, name: sub, sub: null });
  return { kind: "some", name, filter: join("and", [filter, last]) };
}

function parseName(reader: Reader): AttributeName {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "word") throw unexpected(token, "an attribute");
  const name = parseAttributeName(token.text);
  if (name === null) throw unexpected(token, "an attribute");
  reader.at += 1;
  return name;
}

/** The sub-attribute in `attr[…].sub`; the tokens keep its dot. */
function takeSubAfterBrackets(reader: Reader): string | null {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "word" || !token.text.startsWith(".")) return null;
  const name = parseAttributeName(token.text.slice(1));
  if (name === null || name.sub !== null || name.urn !== null) throw unexpected(token);
  reader.at += 1;
  return name.name;
}

function parseComparison(reader: Reader, name: AttributeName): Filter {
  reader.terms += 1;
  if (reader.terms > maxTerms) throw filterError(`The filter has more than ${maxTerms} terms.`);
  const token = reader.tokens[reader.at];
  const operator = token?.kind === "word" ? token.text.toLowerCase() : "";
  reader.at += 1;
  if (operator === "pr") return { kind: "present", name };
  if (!isComparator(operator)) throw unexpected(token, "an operator");
  return { kind: "compare", name, operator, value: parseValue(reader) };
}

function isComparator(text: string): text is Comparator {
  return comparators.has(text);
}

function parseValue(reader: Reader): Scalar | null {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "text" && token?.kind !== "word") throw unexpected(token, "a value");
  reader.at += 1;
  return token.kind === "text" ? token.text : bareValue(token.text);
}

/** Quotes other than JSON's, both of one kind; compared as they stand they would find nobody. */
const otherQuotes = /^(?:'(.*)'|\u2018(.*)\u2019|\u201c(.*)\u201d)$/su;

/**
 * authentik sends `userName eq alice`, others `active eq True` (scim-clients 1.7, 1.9.7), and some `'alice'`.
 */
function bareValue(text: string): Scalar | null {
  const quoted = otherQuotes.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? quoted[3] ?? "";
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  const number = Number(text);
  return String(number) === text && Number.isFinite(number) ? number : text;
}

function takeWord(reader: Reader, word: string): boolean {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
  reader.at += 1;
  return true;
}

function unexpected(token: Token | undefined, wanted = "the end"): Error {
  if (token === undefined) return filterError(`The filter ends where ${wanted} should follow.`);
  const found = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
  return filterError(`"${found}" at position ${token.at + 1} should be ${wanted}.`);
}

/** The filter as text in RFC 7644's own spelling; parsing it gives the same tree. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.terms.map((term) => printTerm(term)).join(` ${filter.kind} `);
    case "not":
      return `not (${printFilter(filter.term)})`;
    case "present":
      return `${printName(filter.name)} pr`;
    case "compare":
      return `${printName(filter.name)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case "some":
      return `${printName(filter.name)}[${printFilter(filter.filter)}]`;
  }
}

function printTerm(term: Filter): string {
  return term.kind === "or" || term.kind === "and" ? `(${printFilter(term)})` : printFilter(term);
}

function printName({ urn, name, sub }: AttributeName): string {
  const own = sub === null ? name : `${name}.${sub}`;
  if (urn === null) return own;
  return urn === "core" ? `urn:scim:schemas:core:2.0:${own}` : `${urn}:${own}`;
}
