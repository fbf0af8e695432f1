/**
 * Programs that run to their end (uv, pip, Python), line by line. They end with Labelgate's signal; what
 * they mean is known to their callers.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Options of one program's run. */
export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Each line of either output. */
  readonly onLine?: (line: string) => void;
}

/** The end of a program: its exit code (null where a signal or a missing file ended it) and its output. */
export interface CommandEnd {
  readonly code: number | null;
  readonly lines: readonly string[];
}

const keptLines = 200;

/** Runs `command` to its end; never rejects. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandEnd> {
  const { env, signal } = options;
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(command, args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (lines.length > keptLines) lines.shift();
        options.onLine?.(line);
      });
    }
    child.once("error", (error) => resolve({ code: null, lines: [...lines, error.message] }));
    child.once("close", (code) => resolve({ code, lines }));
  });
}
