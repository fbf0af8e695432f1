/**
 * Tables as CSV (RFC 4180), written and read. What is written no spreadsheet computes, whatever people
 * typed into it.
 */

/** The names of the columns as a line. */
export function csvHead(columns: readonly string[]): string {
  return `${columns.join(",")}\r\n`;
}

/** A row as a line: its columns in their order. */
export function csvLine<Column extends string>(
  columns: readonly Column[],
  row: Readonly<Record<Column, unknown>>,
): string {
  return `${columns.map((name) => csvCell(row[name])).join(",")}\r\n`;
}

/** A cell that begins like a formula gets an apostrophe, so that no spreadsheet computes it. */
function csvCell(value: unknown): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const inert = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** Rows of cells, or the sentence that says which line cannot be read. */
export type ReadCsv =
  | { readonly rows: readonly (readonly string[])[] }
  | { readonly problem: string };

/** Reads a table. White space around a cell is nobody's; empty lines are no rows. */
export function readCsv(text: string): ReadCsv {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const cell = readCell(text, at);
    if (cell === null) {
      const line = text.slice(0, at).split(/\r\n|\r|\n/).length;
      return { problem: `Line ${line}: a quotation mark is missing, or something follows it.` };
    }
    row.push(cell.value);
    at = cell.end + 1;
    if (text[cell.end] === ",") continue;
    if (text.startsWith("\r\n", cell.end)) at += 1;
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  }
  return { rows };
}

/** The cell that begins at `at`, and where it ends: at a comma, the end of the line or of the text. */
function readCell(text: string, at: number): { value: string; end: number } | null {
  const start = at + spacesAt(text, at);
  if (text[start] !== '"') {
    const end = cellEnd(text, start);
    return { value: text.slice(start, end).trim(), end };
  }
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return null;
  const end = close + 1 + spacesAt(text, close + 1);
  if (cellEnd(text, end) !== end) return null;
  return {
    value: text
      .slice(start + 1, close)
      .replaceAll('""', '"')
      .trim(),
    end,
  };
}

function spacesAt(text: string, at: number): number {
  let end = at;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end - at;
}

function cellEnd(text: string, at: number): number {
  const ends = /[,\r\n]/g;
  ends.lastIndex = at;
  return ends.exec(text)?.index ?? text.length;
}
