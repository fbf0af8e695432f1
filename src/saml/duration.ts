/** xs:duration (XML Schema 1.0 part 2, 3.2.6), in which metadata says how long it may be cached. */

const durationRe =
  /^P(?=[\dT])(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?$/;

const secondMs = 1000;
const dayMs = 86_400 * secondMs;
/** Years and months have no fixed length; for a cache the shortest of each is on the safe side. */
const unitsMs = [365 * dayMs, 28 * dayMs, dayMs, 3600 * secondMs, 60 * secondMs, secondMs] as const;

/** Milliseconds of a duration, fractions of a second dropped; null where `text` is none. */
export function parseDuration(text: string): number | null {
  const match = durationRe.exec(text.trim());
  if (match === null) return null;
  return unitsMs.reduce((sum, unitMs, index) => sum + unitMs * Number(match[index + 1] ?? 0), 0);
}
