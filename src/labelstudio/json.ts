/**
 * Lossless JSON (GATEWAY 10.4): a number that JavaScript would write differently keeps its source
 * text, so that 64-bit integers, `1.0`, `1e400` and `-0` go through an edit byte for byte.
 *
 * A parser of our own because the platform's reviver costs eight times as much and overflows the
 * stack on hostile nesting. Objects lose the order of integer-like keys, which means nothing in JSON.
 */

/** A number in its source text, as `JSON.rawJSON` makes it; it is not an object of JSON's. */
export interface RawNumber {
  readonly rawJSON: string;
  readonly [rawBrand]: true;
}
declare const rawBrand: unique symbol;

/** Any JSON value; it is never changed in place. */
export type Json = null | boolean | number | string | RawNumber | readonly Json[] | JsonObject;

/** A JSON object; `__proto__` is a key like any other. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Nesting of arrays and objects in one text; Label Studio's own parser ends near a thousand. */
export const maxJsonDepth = 400;

/** The platform's functions, which the configured library of TypeScript does not know yet. */
const platform = JSON as unknown as {
  rawJSON(source: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/** True for a number that is kept in its source text. */
export function isRawNumber(value: unknown): value is RawNumber {
  return platform.isRawJSON(value);
}

/** True for an array. */
export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** True for an object that is neither null, nor an array, nor a number in its source text. */
export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value)
  );
}

/** The value as JSON text without white space. */
export function writeJson(value: Json): string {
  return JSON.stringify(value);
}

/**
 * The value that a JSON text means; of a name that stands twice in an object the last counts.
 * @throws SyntaxError for anything but one JSON value, and for nesting deeper than `maxJsonDepth`
 */
export function parseJson(text: string): Json {
  const parser = new Parser(text);
  const value = parser.readValue(0);
  parser.end();
  return value;
}

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** True for the characters that numbers are made of: digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberCode(code: number): boolean {
  return (
    isDigit(code) || code === 0x2e || code === minus || (code | 0x20) === 0x65 || code === 0x2b
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(depth: number): Json {
    const code = this.#next();
    if (code === quote) return this.#readString();
    if (code === openObject) return this.#readObject(depth + 1);
    if (code === openList) return this.#readList(depth + 1);
    if (isDigit(code) || code === minus) return this.#readNumber();
    return this.#readWord();
  }

  end(): void {
    if (!Number.isNaN(this.#next())) throw this.#error();
  }

  /** The code of the next character that is not white space; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at += 1;
    }
  }

  #readObject(depth: number): JsonObject {
    this.#checkDepth(depth);
    const result: Record<string, Json> = {};
    this.#at += 1;
    if (this.#next() === closeObject) {
      this.#at += 1;
      return result;
    }
    for (;;) {
      if (this.#next() !== quote) throw this.#error();
      const key = this.#readString();
      if (this.#next() !== colon) throw this.#error();
      this.#at += 1;
      setKey(result, key, this.readValue(depth));
      if (this.#isLast(closeObject)) return result;
    }
  }

  #readList(depth: number): Json[] {
    this.#checkDepth(depth);
    const result: Json[] = [];
    this.#at += 1;
    if (this.#next() === closeList) {
      this.#at += 1;
      return result;
    }
    for (;;) {
      result.push(this.readValue(depth));
      if (this.#isLast(closeList)) return result;
    }
  }

  /** Reads the comma or the end after an element. */
  #isLast(close: number): boolean {
    const code = this.#next();
    if (code !== close && code !== comma) throw this.#error();
    this.#at += 1;
    return code === close;
  }

  #readString(): string {
    const start = this.#at;
    let isEscaped = false;
    for (let at = start + 1; ; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        if (!isEscaped) return this.#text.slice(start + 1, at);
        return JSON.parse(this.#text.slice(start, at + 1)) as string;
      }
      // NaN, the end of the text, fails the comparison too.
      if (!(code >= 0x20)) throw this.#error();
      if (code === backslash) {
        isEscaped = true;
        at += 1;
      }
    }
  }

  #readNumber(): number | RawNumber {
    const start = this.#at;
    let at = start + 1;
    while (isNumberCode(this.#text.charCodeAt(at))) at += 1;
    this.#at = at;
    const source = this.#text.slice(start, at);
    const value = Number(source);
    // What reads differently is no number at all, which rawJSON refuses, or one to be kept as it is.
    return String(value) === source ? value : platform.rawJSON(source);
  }

  #readWord(): boolean | null {
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    throw this.#error();
  }

  #checkDepth(depth: number): void {
    if (depth > maxJsonDepth) {
      throw new SyntaxError(`JSON is nested deeper than ${maxJsonDepth} levels.`);
    }
  }

  #error(): SyntaxError {
    return new SyntaxError(`Not JSON at character ${this.#at}.`);
  }
}

const words: readonly (readonly [word: string, value: boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Assignment to `__proto__` would change what the object inherits in place of adding a key. */
function setKey(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== "__proto__") object[key] = value;
  else {
    Object.defineProperty(object, key, {
      ...{ value, enumerable: true, configurable: true, writable: true },
    });
  }
}
