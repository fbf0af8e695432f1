/**
 * Times on the wire: xsd:dateTime (RFC 7643 2.3.5) ↔ epoch milliseconds. Nobody's clock is read here.
 */

const dateTimeRe =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * Epoch milliseconds of a dateTime, or null where it is none. A time without zone counts as UTC, and
 * a date alone as its first moment; digits past the millisecond are dropped.
 */
export function parseInstant(text: string): number | null {
  const match = dateTimeRe.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    match;
  const millis = fraction.slice(0, 3).padEnd(3, "0");
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${zone.toUpperCase()}`;
  const at = Date.parse(iso);
  return Number.isNaN(at) || !isRealDay(Number(year), Number(month), Number(day)) ? null : at;
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isRealDay(year: number, month: number, day: number): boolean {
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The dateTime of an instant, in UTC with milliseconds. */
export function renderInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}
