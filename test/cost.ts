/**
 * How much work something is, for tests of what must not cost much whatever is sent: measured beside
 * other work, mostly as processor time, so that no slow or busy machine decides a test. The one place of the tests that measures; test/tests.test.ts holds that.
 */
const runs = 5;

/** About what a processor of 2024 reads in a millisecond. */
const characters = "x<y>".repeat(100_000);

/**
 * What `act` costs, in readings of 400,000 characters by a plain loop: about as many milliseconds.
 * The least of a few runs counts, what throws included; the first runs are slower than what follows.
 */
export async function costOf(act: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let unit = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    unit = Math.min(unit, await processorTimeOf(readCharacters));
    least = Math.min(least, await processorTimeOf(act));
  }
  return least / unit;
}

/** The same of one run alone, where there are thousands and `costOf` looks again at the dear ones. */
export async function roughCostOf(act: () => unknown): Promise<number> {
  roughUnit ??= Math.min(...(await timesOf(readCharacters)));
  return (await processorTimeOf(act)) / roughUnit;
}

let roughUnit: number | undefined;

/**
 * How many times as long `one` takes as `other`, for work of a database that takes about as long: of a
 * few runs of each, in turns, the quickest count.
 */
export async function ratioOf(
  one: () => Promise<void>,
  other: () => Promise<void>,
): Promise<number> {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < runs; run += 1) {
    for (const [at, act] of [one, other].entries()) {
      const before = performance.now();
      await act();
      least[at] = Math.min(least[at] ?? 0, performance.now() - before);
    }
  }
  const [first = 0, second = 0] = least;
  return first / second;
}

async function timesOf(act: () => unknown): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await processorTimeOf(act));
  return times;
}

async function processorTimeOf(act: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function readCharacters(): number {
  let sum = 0;
  for (let at = 0; at < characters.length; at += 1) {
    sum = (Math.imul(sum, 31) + characters.charCodeAt(at)) | 0;
  }
  return sum;
}
