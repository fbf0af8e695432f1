/**
 * Names and their order, as XML 1.0 (fifth edition) section 2.3 and Namespaces in XML 1.0 define
 * them. Owns which characters make a name and which of two names comes first; what a name means is
 * xml.ts's business.
 */

const isNameStart = 1;
const isNamePart = 2;
const colon = 0x3a;

/** ASCII code → may start a name (1), may stand inside one (2), neither (0). The colon is neither. */
const asciiKinds = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[A-Z_a-z]/.test(character)) asciiKinds[code] = isNameStart;
  else if (/[-.0-9]/.test(character)) asciiKinds[code] = isNamePart;
}

/** NameStartChar above ASCII, as pairs of first and last code point. */
const wideStarts = [
  0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x2ff, 0x370, 0x37d, 0x37f, 0x1fff, 0x200c, 0x200d, 0x2070, 0x218f,
  0x2c00, 0x2fef, 0x3001, 0xd7ff, 0xf900, 0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0xeffff,
];

/** Ranges that NameChar adds to NameStartChar above ASCII. */
const wideParts = [0xb7, 0xb7, 0x300, 0x36f, 0x203f, 0x2040];

const isWithin = (ranges: readonly number[], codePoint: number): boolean => {
  for (let at = 0; at < ranges.length; at += 2) {
    if (codePoint >= (ranges[at] ?? 0) && codePoint <= (ranges[at + 1] ?? 0)) return true;
  }
  return false;
};

/** Number of UTF-16 units that the name character above ASCII at `at` takes, 0 where it is none. */
function wideNameUnits(source: string, at: number, isFirst: boolean): number {
  const codePoint = source.codePointAt(at);
  if (codePoint === undefined) return 0;
  const isName = isWithin(wideStarts, codePoint) || (!isFirst && isWithin(wideParts, codePoint));
  if (!isName) return 0;
  return codePoint > 0xffff ? 2 : 1;
}

/** The offset behind the longest NCName that starts at `start`; `start` itself where none does. */
export function scanNcName(source: string, start: number): number {
  let at = start;
  for (;;) {
    const code = source.charCodeAt(at);
    if (code < 128) {
      const kind = asciiKinds[code];
      if (kind !== isNameStart && (kind !== isNamePart || at === start)) return at;
      at += 1;
    } else {
      const units = wideNameUnits(source, at, at === start);
      if (units === 0) return at;
      at += units;
    }
  }
}

/** Checks that `text` is one NCName, the form that xs:ID values have. */
export function isNcName(text: string): boolean {
  return text !== "" && scanNcName(text, 0) === text.length;
}

/** A name as elements and attributes bear it. */
export interface QualifiedName {
  readonly full: string;
  /** "" where there is none. */
  readonly prefix: string;
  readonly local: string;
}

/**
 * Checks whether a UTF-16 unit may belong to a qualified name; whether the name is one, qualifiedName
 * decides. False for NaN, which charCodeAt answers behind the end.
 */
export function isQualifiedNameUnit(code: number): boolean {
  return code < 128 ? asciiKinds[code] !== 0 || code === colon : code >= 128;
}

const knownNames = new Array<QualifiedName | undefined>(1024);
const longestKnownName = 64;

/**
 * `full` as a QName (Namespaces in XML 1.0 section 4), or null where it is none.
 *
 * SAML has some hundred names, so that parsing them once per process is enough: those seen last are
 * kept in a table of fixed size, by a hash that the caller makes while it scans. Which hash is given
 * decides about speed alone.
 */
export function qualifiedName(full: string, hash: number): QualifiedName | null {
  const slot = hash & (knownNames.length - 1);
  const known = knownNames[slot];
  if (known?.full === full) return known;
  if (full.length > longestKnownName) return parseQualifiedName(full);
  // A copy, since a part of a document keeps the whole document in memory.
  const name = parseQualifiedName(Buffer.from(full).toString());
  if (name !== null) knownNames[slot] = name;
  return name;
}

function parseQualifiedName(full: string): QualifiedName | null {
  const end = scanNcName(full, 0);
  if (end === full.length && end > 0) return { full, prefix: "", local: full };
  if (end === 0 || full.charCodeAt(end) !== colon) return null;
  const local = full.slice(end + 1);
  return isNcName(local) ? { full, prefix: full.slice(0, end), local } : null;
}

/** Lifts surrogates above U+FFFF, so that comparing units compares code points. */
const codePointRank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};

/**
 * Orders two names by Unicode code points (Canonical XML 1.0 section 2.2), which JavaScript's own
 * comparison by UTF-16 units does not where supplementary planes are involved.
 */
export function compareCodePoints(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const leftUnit = left.charCodeAt(at);
    const rightUnit = right.charCodeAt(at);
    if (leftUnit !== rightUnit) return codePointRank(leftUnit) - codePointRank(rightUnit);
  }
  return left.length - right.length;
}
