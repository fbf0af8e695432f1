/**
 * Request targets: the one spelling in which an address goes on to Label Studio, which itself takes
 * many (`/api/%70rojects/1`, `//api/projects/1`, `projects/01`; `label-studio-ce.md` 5.2, GATEWAY 10.4).
 *
 * Owns the grammar, reading and writing. Which addresses there are is the table's (match.ts), what
 * parameters mean is each row's.
 */
import type { StudioRefusal } from "./decision.ts";

/** A target that stands inside the grammar, decoded once. */
export interface Target {
  /** The decoded segments of the path; none for `/`. */
  readonly segments: readonly string[];
  /** True where the path ends with a slash; true for `/`. */
  readonly hasSlash: boolean;
  /** Names and values in the order in which they came, decoded once. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Longer targets do not fit Label Studio's own check either. */
const maxTargetLength = 16_000;

/** Visible ASCII without what means something else to some server in between: `# ; \ " < >`. */
const wholeTarget = /^\/[!$-:=?-[\]-~]*$/;

/** Characters that browsers leave as they are in a query, never in a path. */
const rawInQueryOnly = /[[\]^`{|}]/;

/** Encoded in a path they would be a slash, a second encoding, an end of the path or a control. */
const decodedNever = /[\p{Cc}/\\%;?#<>"|{}^`[\]\uFFFE\uFFFF]/u;

const badTarget = (detail: string): StudioRefusal => ({ code: "bad_request", detail });

/**
 * The parts of a raw request target as it stands in the request line.
 * @returns a refusal `bad_request` for everything outside the grammar (GATEWAY 10.4 Targets)
 */
export function parseTarget(raw: string): Target | StudioRefusal {
  if (raw.length > maxTargetLength) return badTarget("The address is too long.");
  if (!wholeTarget.test(raw)) return badTarget("The address has characters that must be encoded.");
  const mark = raw.indexOf("?");
  const path = readPath(mark < 0 ? raw : raw.slice(0, mark));
  if (path === null) return badTarget("The path of the address is not in its plain form.");
  const query = mark < 0 ? noQuery : readQuery(raw.slice(mark + 1));
  if (query === null) return badTarget("The query of the address is not encoded as UTF-8.");
  const { segments, hasSlash } = path;
  return { segments, hasSlash, query };
}

const noQuery: Target["query"] = [];

function readPath(path: string): Pick<Target, "segments" | "hasSlash"> | null {
  if (rawInQueryOnly.test(path)) return null;
  if (path === "/") return { segments: [], hasSlash: true };
  const segments = path.split("/");
  segments.shift();
  const hasSlash = segments.at(-1) === "";
  if (hasSlash) segments.pop();
  const isEncoded = path.includes("%");
  for (let at = 0; at < segments.length; at += 1) {
    const segment = segments[at] ?? "";
    const decoded = isEncoded ? decodeSegment(segment) : segment;
    if (decoded === null || decoded === "" || decoded === "." || decoded === "..") return null;
    if (isEncoded) segments[at] = decoded;
  }
  return { segments, hasSlash };
}

function decodeSegment(segment: string): string | null {
  const decoded = decode(segment);
  return decoded === null || decodedNever.test(decoded) ? null : decoded;
}

/** Null for `%` without two digits and for bytes that are not UTF-8 in its shortest form. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function readQuery(text: string): Target["query"] | null {
  const pairs: [string, string][] = [];
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decodeQuery(equals < 0 ? piece : piece.slice(0, equals));
    const value = equals < 0 ? "" : decodeQuery(piece.slice(equals + 1));
    if (name === null || value === null) return null;
    pairs.push([name, value]);
  }
  return pairs;
}

function decodeQuery(text: string): string | null {
  if (!/[%+]/.test(text)) return text;
  const decoded = decode(text.replaceAll("+", " "));
  return decoded?.includes("\0") === true ? null : decoded;
}

/** The target in its one spelling: everything encoded that may be, a space as `%20`. */
export function writeTarget({ segments, hasSlash, query }: Target): string {
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
  const slash = hasSlash ? "/" : "";
  if (query.length === 0) return path + slash;
  const pairs = query.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${path}${slash}?${pairs.join("&")}`;
}
