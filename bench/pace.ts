/**
 * How fast the machine is right now. A virtual machine whose neighbours are busy runs the same code at
 * half its speed for seconds on end, and counts that time as ours; a fixed piece of work before and
 * after a batch shows it, and such a batch says nothing about the program.
 */
import { setTimeout as wait } from "node:timers/promises";

const rounds = 24;
const text = JSON.stringify(
  Array.from({ length: 400 }, (_, id) => ({
    id,
    name: `person ${id}`,
    tags: [`a${id}`, `b${id}`],
  })),
);
let sink = 0;

/** CPU time of a fixed piece of work, in microseconds: some milliseconds of parsing, maps and loops. */
export function paceMicroseconds(): number {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    const lengths = new Map<string, number>();
    for (const { name } of JSON.parse(text) as readonly { readonly name: string }[]) {
      lengths.set(name.toUpperCase(), name.length);
    }
    for (let at = 0; at < text.length; at += 3) sink = (sink * 31 + text.charCodeAt(at)) | 0;
    sink += lengths.size;
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** How long to wait for the machine's own pace, and how often to look for it. */
const maxWaitMs = 5_000;
const lookEveryMs = 40;

/** Waits until the fixed work takes at most `limit` microseconds, or for five seconds; tells what it took last. */
export async function steadyMoment(limit: number): Promise<number> {
  const deadline = performance.now() + maxWaitMs;
  for (;;) {
    const pace = paceMicroseconds();
    if (pace <= limit || performance.now() >= deadline) return pace;
    await wait(lookEveryMs);
  }
}
