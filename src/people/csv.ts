/** Tables as CSV (RFC 4180), such that no spreadsheet computes anything of what people typed. */

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
