/**
 * The row and the owner of an address. Owns the index over the table: a tree by segments, so that a
 * request costs a few look-ups and not a scan (GATEWAY 10.7). What a row means is row.ts's.
 */
import type { StudioRefusal } from "./decision.ts";
import type { Row } from "./row.ts";
import { allRows } from "./rows/all.ts";
import { labelgateAddresses, labelgatePrefixes } from "./rows/owners.ts";
import { parseTarget, type Target } from "./target.ts";

/** The owner of an address (GATEWAY 10.2): `studio` and `both` have a row of the table. */
export type AddressOwner = "labelgate" | "studio" | "both" | "nobody";

/** A row that fits a request, and what its path and query hold. */
export interface Match {
  readonly row: Row;
  /** `HEAD` where the request is one; then the row is GET's. */
  readonly method: string;
  /** Segments in the places of the row's `{…}`, in order; those of `{file...}` all. */
  readonly values: readonly string[];
  readonly query: Target["query"];
}

interface Node {
  readonly literals: Map<string, Node>;
  /** Below a number, `{name}` or `{file...}`. */
  number: Node | null;
  name: Node | null;
  rest: Node | null;
  /** Rows by method; several only where an action tells them apart. */
  readonly rows: Map<string, Row[]>;
  /** Methods that are Labelgate's at this address; `*` with everything below it. */
  readonly labelgate: Set<string>;
}

const newNode = (): Node => ({
  ...{ literals: new Map(), number: null, name: null, rest: null },
  ...{ rows: new Map(), labelgate: new Set() },
});

/** Numbers of things as they may stand in a path or a parameter (GATEWAY 10.4). */
export const idPattern: RegExp = /^[1-9][0-9]{0,9}$/;

/** Names in a path: pages of settings. */
const namePattern = /^[a-z][a-z-]{0,40}$/;

const root = index();

function index(): Node {
  const tree = newNode();
  for (const row of allRows) {
    const { rows } = nodeOf(tree, row.segments);
    rows.set(row.method, [...(rows.get(row.method) ?? []), row]);
  }
  for (const prefix of labelgatePrefixes)
    nodeOf(tree, prefix.split("/").slice(1)).labelgate.add("*");
  for (const address of labelgateAddresses) {
    const [method = "", path = ""] = address.split(" ");
    nodeOf(tree, path.split("/").slice(1)).labelgate.add(method);
  }
  return tree;
}

function nodeOf(tree: Node, segments: readonly string[]): Node {
  let node = tree;
  for (const segment of segments) if (segment !== "") node = childFor(node, segment);
  return node;
}

function childFor(node: Node, segment: string): Node {
  if (segment === "{file...}") {
    node.rest ??= newNode();
    return node.rest;
  }
  if (segment === "{name}") {
    node.name ??= newNode();
    return node.name;
  }
  if (segment.startsWith("{")) {
    node.number ??= newNode();
    return node.number;
  }
  if (/^\d/.test(segment)) throw new Error(`${segment} would never be found`);
  const child = node.literals.get(segment) ?? newNode();
  node.literals.set(segment, child);
  return child;
}

const notFound: StudioRefusal = { code: "not_found" };

/**
 * The row of a request target as it stands in the request line.
 * @returns `bad_request` outside the grammar and for numbers in another spelling, `not_found` for
 * addresses without a row, `method_not_allowed` for other methods
 */
export function matchTarget(method: string, raw: string): Match | StudioRefusal {
  const target = parseTarget(raw);
  if ("code" in target) return target;
  const values: string[] = [];
  const node = walk(target, values);
  if ("code" in node) return node;
  if (node.rows.size === 0) return notFound;
  const rows = node.rows.get(method === "HEAD" ? "GET" : method);
  if (rows === undefined) return { code: "method_not_allowed" };
  const row = rows.length === 1 && rows[0]?.action === null ? rows[0] : byAction(rows, target);
  return row === undefined ? notFound : { row, method, values, query: target.query };
}

function byAction(rows: readonly Row[], { query }: Target): Row | undefined {
  const actions = query.filter(([name]) => name === "id");
  return actions.length === 1 ? rows.find(({ action }) => action === actions[0]?.[1]) : undefined;
}

/** The node of a path; collects the segments that stand in the places of numbers and names. */
function walk({ segments, hasSlash }: Target, values: string[]): Node | StudioRefusal {
  let node = root;
  for (let at = 0; at < segments.length; at += 1) {
    const segment = segments[at] ?? "";
    const literal = literalChild(node, segment);
    if (literal !== undefined) {
      node = literal;
      continue;
    }
    if (node.rest !== null) {
      // A folder is a list of files to Label Studio.
      if (hasSlash) return notFound;
      values.push(...segments.slice(at));
      return node.rest;
    }
    const child = variableChild(node, segment);
    if ("code" in child) return child;
    values.push(segment);
    node = child;
  }
  return node;
}

/** A number is no literal of the table's: asking the map for one costs more than the rest of the walk. */
function literalChild(node: Node, segment: string): Node | undefined {
  const first = segment.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 ? undefined : node.literals.get(segment);
}

function variableChild(node: Node, segment: string): Node | StudioRefusal {
  if (node.number !== null) {
    if (idPattern.test(segment)) return node.number;
    // Label Studio takes `02`, `0_2`, `+2` and digits of other scripts for 2.
    if (/\p{N}/u.test(segment)) return { code: "bad_request", detail: "Ids are plain numbers." };
  }
  return node.name !== null && namePattern.test(segment) ? node.name : notFound;
}

/**
 * Returns the owner of a request's address (GATEWAY 10.2). Called for every request, before anything else
 * is read, so it looks at the path as it stands: an address in another spelling is nobody's.
 */
export function ownerOf(method: string, raw: string): AddressOwner {
  const mark = raw.indexOf("?");
  const segments = (mark < 0 ? raw : raw.slice(0, mark)).split("/");
  const asked = method === "HEAD" ? "GET" : method;
  if (segments[0] !== "") return "nobody";
  let node = root;
  for (let at = 1; at < segments.length; at += 1) {
    const segment = segments[at] ?? "";
    if (segment === "" && at === segments.length - 1) break;
    const child = literalChild(node, segment) ?? looseChild(node, segment);
    if (child === null) return "nobody";
    if (child.labelgate.has("*")) return "labelgate";
    if (child === node.rest) return ownerAt(child, asked);
    node = child;
  }
  return ownerAt(node, asked);
}

/** Encoded numbers and names are left to `matchTarget`, which refuses them with a sentence. */
function looseChild(node: Node, segment: string): Node | null {
  return segment === "" ? null : (node.rest ?? node.number ?? node.name);
}

function ownerAt(node: Node, method: string): AddressOwner {
  if (node.labelgate.has(method)) return "labelgate";
  const rows = node.rows.get(method);
  if (rows !== undefined) return rows[0]?.isShared === true ? "both" : "studio";
  // A wrong method is refused by the one who has the address.
  if (node.rows.size > 0) return "studio";
  return node.labelgate.size > 0 ? "labelgate" : "nobody";
}
