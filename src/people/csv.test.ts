/** Tables as CSV: what is written is read again, and nothing that is sent makes the reader fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvLine, readCsv } from "./csv.ts";

const rowsOf = (text: string) => {
  const read = readCsv(text);
  return "rows" in read ? read.rows : assert.fail(read.problem);
};

test("cells are separated by commas, rows by any line end; empty lines are none", () => {
  assert.deepEqual(rowsOf("a,b\r\nc, d \n\n\re,"), [
    ["a", "b"],
    ["c", "d"],
    ["e", ""],
  ]);
});

test("quotation marks hold commas, line ends and quotation marks together", () => {
  assert.deepEqual(rowsOf('"a,b", "c ""d""" ,"e\nf"\n5" screen'), [
    ["a,b", 'c "d"', "e\nf"],
    ['5" screen'],
  ]);
});

test("what was written as a line is read as it was, but for white space around it", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (cells) => {
      const plain = cells.map((cell) => cell.replace(/^[\s=+\-@]+/, "").trim());
      fc.pre(plain.some((cell) => cell !== ""));
      const names = plain.map((_, index) => String(index));
      const line = csvLine(names, Object.fromEntries(plain.map((cell, index) => [index, cell])));
      assert.deepEqual(rowsOf(line), [plain]);
    }),
  );
});

test("every text is rows or a sentence with a line that it has", () => {
  const piece = fc.constantFrom(
    '"',
    '""',
    ",",
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "a",
    "é",
    "\u{1f600}",
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const read = readCsv(text);
      if ("rows" in read) {
        assert.ok(read.rows.every((row) => row.some((cell) => cell !== "")));
        return;
      }
      const [, line = "0"] = /^Line (\d+): /.exec(read.problem) ?? [];
      assert.ok(Number(line) >= 1 && Number(line) <= text.split(/\r\n|\r|\n/).length);
    }),
  );
});
