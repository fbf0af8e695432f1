/**
 * The rule on the data manager's filters and orders where others' work is hidden (GATEWAY 10.4,
 * `label-studio-roles.md` A8): a filter by others' annotations answers yes or no, letter by letter, so
 * an Annotator may filter and order only by columns that do not depend on them.
 *
 * Owns which columns these are, for the answer of `/api/dm/columns` too, and reads the three ways
 * in which filters come: a tab's `data`, the `query` parameter, a data manager action's body.
 * policy decides when the rule counts; names are read as Label Studio's `preprocess_field_name` does.
 */
import { isList, isObject } from "./json.ts";

/** Columns of tasks that say nothing about the work of a particular person. */
const openColumns: ReadonlySet<string> = new Set([
  ...["id", "inner_id", "total_annotations", "cancelled_annotations", "total_predictions"],
  ...["predictions_score", "predictions_model_versions", "predictions_results", "file_upload"],
  ...["storage_filename", "created_at", "updated_at", "data"],
]);

/**
 * True where a column of tasks may be shown to somebody who does not see others' work.
 * @param name the column without prefix; parts of the task's data as `data.name`
 */
export function isOpenColumn(name: string): boolean {
  return openColumns.has(name) || name.startsWith("data.");
}

/**
 * The reason why filters and orders may not be used by somebody who does not see others' work, as a
 * sentence for them; null where they may. Everything that is not understood is refused.
 * @param data a tab's `data`, also a stored one of somebody else's, a `query` or a data manager action's body
 */
export function filtersRefusal(data: unknown): string | null {
  if (data === undefined || data === null) return null;
  if (!isObject(data)) return notUnderstood;
  if (Object.hasOwn(data, "filter_group")) return notUnderstood;
  return refuseFilters(data["filters"]) ?? refuseOrdering(data["ordering"]);
}

const notUnderstood = "These filters could not be read. Reset the filters of this tab.";

/** Filters hold one child at most; deeper nesting is Label Studio's own error. */
const maxChildren = 8;

function refuseFilters(filters: unknown): string | null {
  if (filters === undefined || filters === null) return null;
  if (!isObject(filters)) return notUnderstood;
  if (!hasOnly(filters, groupKeys)) return notUnderstood;
  const items = filters["items"];
  // A tab without filters is `{}` or holds a conjunction alone.
  if (items === undefined) return null;
  if (!isList(items)) return notUnderstood;
  for (const item of items) {
    const refusal = refuseFilter(item, 0);
    if (refusal !== null) return refusal;
  }
  return null;
}

const groupKeys: ReadonlySet<string> = new Set(["conjunction", "items"]);
const filterKeys: ReadonlySet<string> = new Set([
  ...["filter", "operator", "type", "value", "child_filter"],
]);

function refuseFilter(item: unknown, depth: number): string | null {
  if (!isObject(item) || !hasOnly(item, filterKeys) || depth > maxChildren) return notUnderstood;
  const { filter, operator, child_filter: child } = item;
  if (typeof filter !== "string" || typeof operator !== "string") return notUnderstood;
  const name = columnName(filter);
  if (name === null) return notUnderstood;
  if (!isOpenColumn(name)) return refusalOf(name);
  // Label Studio answers "predictions_results is empty" by the annotations' results.
  if (name === "predictions_results" && operator === "empty") return refusalOf(name);
  return child === undefined || child === null ? null : refuseFilter(child, depth + 1);
}

function refuseOrdering(ordering: unknown): string | null {
  if (ordering === undefined || ordering === null) return null;
  // A tab without an order has `{}` where the list would be.
  if (isObject(ordering)) return Object.keys(ordering).length === 0 ? null : notUnderstood;
  if (!isList(ordering)) return notUnderstood;
  for (const item of ordering) {
    const name = typeof item === "string" ? columnName(item) : null;
    if (name === null) return notUnderstood;
    if (!isOpenColumn(name)) return refusalOf(name);
  }
  return null;
}

/** The column that a filter or an order names; null where prefixes are written in another way. */
function columnName(text: string): string | null {
  // A descending order is one dash, before or after the prefixes.
  return (
    /^(?:-(?:filter:)?(?:tasks:)?|(?:filter:)?(?:tasks:)?-?)([^-].*)$/s.exec(text)?.[1] ?? null
  );
}

function refusalOf(name: string): string {
  return `Filtering or ordering by "${name.slice(0, 40)}" is not possible here, because it depends on other people's work.`;
}

function hasOnly(object: object, keys: ReadonlySet<string>): boolean {
  return Object.keys(object).every((key) => keys.has(key));
}
