/**
 * A bound filter → SQL, for SQLite and PostgreSQL (scim-clients 5.3). Every condition is true or
 * false, never unknown, so that `not` means what it says.
 *
 * The store names what it has columns and tables for; every other attribute is looked up in the
 * search document, through JSON functions. Prefixes become ranges, which an index serves, and
 * contained texts go through instr and strpos: no LIKE, hence no metacharacter to escape.
 */
import type { BoundFilter, Comparison, Target } from "./bind.ts";
import type { Scalar } from "./json.ts";
import { fragment, joinFragments, raw, type SqlFragment } from "./sql.ts";

/** A column as filters see it. */
export interface FilterColumn {
  /** Trusted SQL, such as `u.user_name_key`. */
  readonly expression: string;
  /** Stored form of the value: exact text, folded text, epoch milliseconds, number, or 0 and 1. */
  readonly comparison: Comparison;
  readonly isNullable: boolean;
}

/** A table that holds the values of a multi-valued attribute. */
export interface FilterList {
  /** Trusted SQL after `from`, such as `scim_members m`. */
  readonly from: string;
  /** Trusted SQL that ties a row to its resource, such as `m.group_id = g.id`. */
  readonly where: string;
  /** Sub-attribute in lower case → column. */
  readonly columns: Readonly<Record<string, FilterColumn>>;
}

/** SQL for the attributes of one resource type: document, columns and tables. */
export interface FilterSource {
  readonly dialect: "sqlite" | "postgres";
  /** Trusted SQL of the search document: JSON text in SQLite, jsonb in PostgreSQL. */
  readonly document: string;
  /** `username`, `meta.created`, `urn:…:user:department` → column. Values of single attributes only. */
  readonly columns: Readonly<Record<string, FilterColumn>>;
  /** `members`, `emails` → table. */
  readonly lists: Readonly<Record<string, FilterList>>;
}

/** Operand of a comparison: a column, a part of a JSON object, or nothing that could have a value. */
type Operand =
  | { readonly kind: "column"; readonly column: FilterColumn }
  | { readonly kind: "json"; readonly element: SqlFragment; readonly sub: string }
  | { readonly kind: "nothing" };

type Dialect = FilterSource["dialect"];
type Compare = BoundFilter & { readonly kind: "compare" };
/** Inside brackets: how to read a sub-attribute of the value at hand. */
type ElementOperand = (sub: string) => Operand;

const no = raw("false");
const yes = raw("true");

/** The condition for a `where`, parametrised. `source` is trusted, `filter` need not be. */
export function renderFilter(filter: BoundFilter, source: FilterSource): SqlFragment {
  return render(filter, source, null);
}

/**
 * The condition for the rows of a list, such as the members of one group, by a filter of
 * `bindElementFilter`.
 */
export function renderElementFilter(
  filter: BoundFilter,
  list: FilterList,
  dialect: FilterSource["dialect"],
): SqlFragment {
  const source = { dialect, document: "", columns: {}, lists: {} };
  return render(filter, source, operandsOf(list));
}

function render(
  filter: BoundFilter,
  source: FilterSource,
  element: ElementOperand | null,
): SqlFragment {
  switch (filter.kind) {
    case "and":
    case "or": {
      const terms = filter.terms.map((term) => render(term, source, element));
      return fragment`(${joinFragments(terms, ` ${filter.kind} `)})`;
    }
    case "not":
      return fragment`not (${render(filter.term, source, element)})`;
    case "some":
      return renderSome(filter, source);
    default:
      return element === null
        ? renderTarget(filter, source)
        : renderTest(filter, element(filter.target.sub), source.dialect);
  }
}

function renderSome(
  { key, filter }: BoundFilter & { readonly kind: "some" },
  source: FilterSource,
): SqlFragment {
  if (columnsUnder(key, source).length === 0) {
    return exists(valuesOf(key, source), (value) => render(filter, source, value));
  }
  // The one value of an attribute whose parts are columns, such as meta.
  return render(filter, source, (sub) => {
    const column = columnOf({ key, sub, isSingle: true }, source);
    return column === null ? { kind: "nothing" } : { kind: "column", column };
  });
}

type Test = BoundFilter & { readonly kind: "compare" | "present" | "present_any" };

function renderTarget(filter: Test, source: FilterSource): SqlFragment {
  const { target } = filter;
  const column = columnOf(target, source);
  if (column !== null) return renderTest(filter, { kind: "column", column }, source.dialect);
  const values = valuesOf(target.key, source);
  if (filter.kind === "present_any") {
    const parts = columnsUnder(target.key, source).map(({ expression, isNullable }) =>
      isNullable ? raw(`${expression} is not null`) : yes,
    );
    const any = exists(values, () => yes);
    return parts.length === 0 ? any : fragment`(${joinFragments([...parts, any], " or ")})`;
  }
  const some = exists(values, (value) => renderTest(filter, value(target.sub), source.dialect));
  const isNegative = filter.kind === "compare" && filter.operator === "ne";
  return isNegative ? fragment`(not ${exists(values, () => yes)} or ${some})` : some;
}

function columnOf({ key, sub }: Target, { columns }: FilterSource): FilterColumn | null {
  const name = sub === "value" ? key : `${key}.${sub}`;
  return Object.hasOwn(columns, name) ? (columns[name] ?? null) : null;
}

/** The columns for parts of a complex attribute, such as meta. */
function columnsUnder(key: string, { columns }: FilterSource): readonly FilterColumn[] {
  return Object.entries(columns)
    .filter(([name]) => name.startsWith(`${key}.`))
    .map(([, column]) => column);
}

/** The rows that are the values of an attribute, and how to read a part of one. */
interface Values {
  readonly from: SqlFragment;
  readonly where: SqlFragment;
  readonly operand: ElementOperand;
}

function valuesOf(key: string, { dialect, document, lists }: FilterSource): Values {
  const list = Object.hasOwn(lists, key) ? lists[key] : undefined;
  if (list !== undefined) {
    return { from: raw(list.from), where: raw(`(${list.where})`), operand: operandsOf(list) };
  }
  const from =
    dialect === "sqlite"
      ? fragment`json_each(${raw(document)}, ${jsonPath(key)}) scim_value`
      : fragment`jsonb_array_elements(${raw(document)} -> cast(${key} as text)) scim_value`;
  const value = raw("scim_value.value");
  return { from, where: yes, operand: (sub) => ({ kind: "json", element: value, sub }) };
}

function operandsOf({ columns }: FilterList): ElementOperand {
  return (sub) => {
    const column = Object.hasOwn(columns, sub) ? columns[sub] : undefined;
    return column === undefined ? { kind: "nothing" } : { kind: "column", column };
  };
}

/** Names hold neither quotes nor backslashes (schema.ts), so that quoting them is enough. */
function jsonPath(name: string): string {
  return `$."${name}"`;
}

function exists(values: Values, test: (operand: ElementOperand) => SqlFragment): SqlFragment {
  const condition = test(values.operand);
  return fragment`exists (select 1 from ${values.from} where ${values.where} and ${condition})`;
}

function renderTest(filter: Test, operand: Operand, dialect: Dialect): SqlFragment {
  const isNegative = filter.kind === "compare" && filter.operator === "ne";
  if (operand.kind === "nothing") return isNegative ? yes : no;
  if (operand.kind === "json") {
    if (filter.kind !== "compare") return isPresent(operand, dialect);
    return isNegative
      ? fragment`not ${testJson({ ...filter, operator: "eq" }, operand, dialect)}`
      : testJson(filter, operand, dialect);
  }
  return testColumn(filter, operand.column, dialect);
}

function testColumn(filter: Test, column: FilterColumn, dialect: Dialect): SqlFragment {
  const expression = raw(column.expression);
  if (filter.kind !== "compare") return fragment`${expression} is not null`;
  if (filter.comparison !== column.comparison) {
    throw new Error(`${column.expression} is ${column.comparison}, not ${filter.comparison}`);
  }
  const test = compareSql(filter, expression, dialect);
  if (!column.isNullable) return test;
  return filter.operator === "ne"
    ? fragment`(${expression} is null or ${test})`
    : fragment`(${expression} is not null and ${test})`;
}

type JsonOperand = Operand & { readonly kind: "json" };

function isPresent({ element, sub }: JsonOperand, dialect: Dialect): SqlFragment {
  return dialect === "sqlite"
    ? fragment`json_type(${element}, ${jsonPath(sub)}) is not null`
    : fragment`(${element} -> cast(${sub} as text)) is not null`;
}

/** The values of unknown attributes may be of any type; only those of the filter's type compare. */
function testJson(filter: Compare, { element, sub }: JsonOperand, dialect: Dialect): SqlFragment {
  const path = jsonPath(sub);
  const isSqlite = dialect === "sqlite";
  const type = isSqlite
    ? fragment`json_type(${element}, ${path})`
    : fragment`jsonb_typeof(${element} -> cast(${sub} as text))`;
  const value = isSqlite
    ? fragment`json_extract(${element}, ${path})`
    : fragment`(${element} ->> cast(${sub} as text))`;
  const wanted = filter.value;
  if (typeof wanted === "boolean") {
    const text = isSqlite ? type : value;
    const isBoolean = isSqlite ? yes : fragment`${type} = 'boolean'`;
    return fragment`case when ${isBoolean} then coalesce(${text} = ${String(wanted)}, false) else false end`;
  }
  if (typeof wanted === "number") {
    const isNumber = isSqlite ? raw("in ('integer', 'real')") : raw("= 'number'");
    const number = isSqlite ? value : fragment`cast(${value} as numeric)`;
    const test = compareSql({ ...filter, comparison: "number" }, number, dialect);
    return fragment`case when ${type} ${isNumber} then ${test} else false end`;
  }
  const isText = isSqlite ? raw("= 'text'") : raw("= 'string'");
  return fragment`case when ${type} ${isText} then ${compareSql(filter, value, dialect)} else false end`;
}

const signs = { eq: "=", ne: "<>", gt: ">", ge: ">=", lt: "<", le: "<=" } as const;

function compareSql(filter: Compare, expression: SqlFragment, dialect: Dialect): SqlFragment {
  const { operator, value } = filter;
  if (operator === "co" || operator === "sw" || operator === "ew") {
    return partialSql(operator, { expression, text: String(value) }, dialect);
  }
  const isOrder = operator !== "eq" && operator !== "ne";
  const isText = typeof value === "string";
  const left = isText && isOrder ? byCodePoint(expression, dialect) : expression;
  return fragment`${left} ${raw(signs[operator])} ${parameter(filter, value, dialect)}`;
}

function parameter({ comparison }: Compare, value: Scalar, dialect: Dialect): SqlFragment {
  if (typeof value === "boolean") return fragment`${value ? 1 : 0}`;
  if (comparison === "number" && dialect === "postgres") return fragment`cast(${value} as numeric)`;
  return fragment`${value}`;
}

/** SQLite compares bytes anyway; PostgreSQL would go by the rules of a language. */
function byCodePoint(expression: SqlFragment, dialect: Dialect): SqlFragment {
  return dialect === "sqlite" ? expression : fragment`(${expression} collate "C")`;
}

function partialSql(
  operator: "co" | "sw" | "ew",
  { expression, text }: { readonly expression: SqlFragment; readonly text: string },
  dialect: Dialect,
): SqlFragment {
  const isSqlite = dialect === "sqlite";
  if (operator === "co") {
    return isSqlite
      ? fragment`instr(${expression}, ${text}) > 0`
      : fragment`strpos(${expression}, ${text}) > 0`;
  }
  const length = [...text].length;
  if (operator === "ew") {
    return isSqlite
      ? fragment`substr(${expression}, ${-length}) = ${text}`
      : fragment`right(${expression}, cast(${length} as integer)) = ${text}`;
  }
  const left = byCodePoint(expression, dialect);
  const end = afterPrefix(text);
  if (end === null) return fragment`${left} >= ${text}`;
  return fragment`(${left} >= ${text} and ${left} < ${end})`;
}

/** The first text that sorts after all that begin with `prefix`; null where none does. */
function afterPrefix(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return String.fromCodePoint(...points, next);
}

/**
 * The key that `sortBy` sorts by: the value of a single attribute, the primary or first value of a
 * multi-valued one (RFC 7644 3.4.2.3). null where a resource has none; where those go is the caller's.
 */
export function renderSortKey(
  target: Target & { readonly comparison: Comparison | null },
  source: FilterSource,
): SqlFragment {
  const column = columnOf(target, source);
  if (column !== null) {
    const expression = raw(column.expression);
    const isText = column.comparison === "exact" || column.comparison === "folded";
    return isText ? byCodePoint(expression, source.dialect) : expression;
  }
  const { key, sub } = target;
  const document = raw(source.document);
  if (source.dialect === "sqlite") {
    return fragment`json_extract(${document}, ${`${jsonPath(key)}[0]."${sub}"`})`;
  }
  const value = fragment`(${document} -> cast(${key} as text) -> 0 ->> cast(${sub} as text))`;
  const isNumber = target.comparison === "number" || target.comparison === "instant";
  return isNumber ? fragment`cast(${value} as numeric)` : byCodePoint(value, source.dialect);
}
