/**
 * Progress of an installation, read from what uv and pip print: packages seen of those expected.
 * Pure. Downloads take most of the time, so that they count most; nothing here goes backwards.
 */

/** A reader of one installation's output, which expects `expected` packages. */
export interface ProgressReader {
  /** Takes one line; the share after it. */
  read(line: string): number;
}

/** Lines that tell of a package on its way: uv's, then pip's. */
const underWay =
  /^\s*(?:Downloaded|Built|Building|Downloading|Collecting|Processing|Using cached)\s+(\S+)/;
const resolved = /^Resolved (\d+) packages? in/;
const prepared = /^Prepared \d+ packages? in|^Installing collected packages/;
const installed = /^Installed \d+ packages? in|^Successfully installed/;

const shareResolved = 10;
const sharePrepared = 85;

/** Reads uv's and pip's lines alike. */
export function createProgressReader(expected: number): ProgressReader {
  const seen = new Set<string>();
  let total = Math.max(1, expected);
  let percent = 0;
  const atLeast = (share: number): number => {
    percent = Math.min(100, Math.max(percent, Math.floor(share)));
    return percent;
  };
  return {
    read: (line) => {
      const count = resolved.exec(line)?.[1];
      if (count !== undefined) {
        total = Math.max(1, Number(count));
        return atLeast(shareResolved);
      }
      if (prepared.test(line)) return atLeast(sharePrepared);
      if (installed.test(line)) return atLeast(100);
      const name = underWay.exec(line)?.[1];
      if (name === undefined) return percent;
      seen.add(name);
      const share = Math.min(1, seen.size / total);
      return atLeast(shareResolved + share * (sharePrepared - shareResolved));
    },
  };
}

/** The number of packages that a lock file pins. */
export function countPackages(lock: string): number {
  return new Set([...lock.matchAll(/^([a-z0-9][\w.-]*)==/gim)].map(([, name]) => name)).size;
}
