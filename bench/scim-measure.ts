/** How bench/scim.ts and its peers measure: medians of works in turn, and what blocks the process. */
import { setTimeout as wait } from "node:timers/promises";

/** A number as figures show it: three digits behind the point. */
export const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Milliseconds that each of the works takes, in the middle, measured in turn. */
export async function medians(
  works: readonly (() => Promise<void>)[],
  times: number,
): Promise<number[]> {
  const samples = works.map(() => [] as number[]);
  for (let turn = -5; turn < times; turn++) {
    for (const [at, work] of works.entries()) {
      const begun = performance.now();
      await work();
      if (turn >= 0) samples[at]?.push(performance.now() - begun);
    }
  }
  return samples.map((list) => {
    const sorted = list.toSorted((left, right) => left - right);
    return round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
  });
}

/** How many a second, where `work` is done `times` times by `atOnce` at once. */
export async function perSecond(
  work: (at: number) => Promise<void>,
  { times, atOnce }: { readonly times: number; readonly atOnce: number },
): Promise<number> {
  let done = 0;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    while (done < times) {
      done += 1;
      await work(done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return Math.round(times / ((performance.now() - begun) / 1000));
}

const tickMs = 5;

/** How long `work` takes, and the longest that nothing else had its turn meanwhile. */
export async function withLongestBlock(
  work: () => Promise<void>,
): Promise<{ ms: number; longestBlockMs: number }> {
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - tickMs);
    last = now;
  }, tickMs);
  const begun = performance.now();
  await work();
  const ms = round(performance.now() - begun);
  await wait(2 * tickMs);
  clearInterval(timer);
  return { ms, longestBlockMs: round(longest) };
}
