/**
 * The log of embedded Label Studio: a file for this user alone that never grows beyond a bound, with
 * the one before kept beside it as `.1`; and its last lines, for the sentence that says what failed.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** A log that is being written. */
export interface BoundedLog {
  write(text: string): void;
  /** The last lines written, oldest first. */
  tail(): readonly string[];
  close(): void;
}

const keptLines = 20;

/** Appends to `path`; beyond `maxBytes` the file becomes `<path>.1` and a new one begins. */
export function openBoundedLog(path: string, maxBytes = 10 * 1024 * 1024): BoundedLog {
  let handle = openSync(path, "a", 0o600);
  let size = fstatSync(handle).size;
  let lines: string[] = [];
  const rotate = (): void => {
    closeSync(handle);
    renameSync(path, `${path}.1`);
    handle = openSync(path, "a", 0o600);
    size = 0;
  };
  return {
    write: (text) => {
      if (size > 0 && size + Buffer.byteLength(text) > maxBytes) rotate();
      size += writeSync(handle, text);
      const added = text.split("\n").filter((line) => line.trim() !== "");
      lines = [...lines, ...added].slice(-keptLines);
    },
    tail: () => lines,
    close: () => closeSync(handle),
  };
}
