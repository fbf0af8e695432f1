/**
 * Describes the changes of a save, field by field in the wire spelling (PRODUCT 8.6). Pure.
 *
 * Settings may hold a megabyte of metadata and ten thousand mappings; of what is long the beginning is
 * told, and of lists what came and what went.
 */
import { isDeepStrictEqual } from "node:util";

/** A text of more characters is cut. */
const longestText = 500;
/** A list of more entries is cut. */
const longestList = 200;

/** One field before and after. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
  /** True where what is told of the field is not all of it. */
  readonly is_cut: boolean;
  /** Of a list, the entries that came. */
  readonly added?: readonly unknown[];
  /** Of a list, the entries that went. */
  readonly removed?: readonly unknown[];
}

/** The fields that differ, in the order of `after`. */
export function differenceOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly FieldChange[] {
  return Object.keys(after)
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => changeOf(field, before[field], after[field]));
}

function changeOf(field: string, from: unknown, to: unknown): FieldChange {
  const isList = Array.isArray(from) && Array.isArray(to);
  const lists = isList ? { added: without(to, from), removed: without(from, to) } : {};
  const told = { from: shortOf(from), to: shortOf(to) };
  const parts = Object.entries(lists).map(([name, entries]) => [name, shortOf(entries)] as const);
  const wasCut = told.from !== from || told.to !== to;
  const isCut = wasCut || Object.values(lists).some((entries) => entries.length > longestList);
  return { field, ...told, is_cut: isCut, ...Object.fromEntries(parts) };
}

/** The beginning of what is long; the very value where it is not. */
function shortOf(value: unknown): unknown {
  if (typeof value === "string" && value.length > longestText) {
    return `${value.slice(0, longestText)}… (${value.length} characters)`;
  }
  return Array.isArray(value) && value.length > longestList ? value.slice(0, longestList) : value;
}

/** The entries of one list that the other lacks. */
function without(entries: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const known = new Set(others.map((entry) => JSON.stringify(entry)));
  return entries.filter((entry) => !known.has(JSON.stringify(entry)));
}
