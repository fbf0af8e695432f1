/**
 * Instants as SAML Core section 1.3.3 has them: xs:dateTime in UTC. Owns the spelling; what an
 * instant is compared with is assertion.ts's business.
 */
import { AppError } from "../errors.ts";
import { excerpt } from "./structure.ts";

const dateTime =
  /^[\t\n\r ]*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,20}))?(?:Z|[+-]00:00)[\t\n\r ]*$/;

const zero = 0x30;

/** Epoch milliseconds of `text`, digits beyond them dropped; null where it is no UTC dateTime. */
export function parseInstant(text: string): number | null {
  const match = dateTime.exec(text);
  if (match === null) return null;
  const [, start = "", fraction = ""] = match;
  const two = (at: number): number =>
    (start.charCodeAt(at) - zero) * 10 + start.charCodeAt(at + 1) - zero;
  const [year, month, day] = [two(0) * 100 + two(2), two(5), two(8)];
  const [hour, minute, second] = [two(11), two(14), two(17)];
  if (
    year < 100 ||
    month === 0 ||
    month > 12 ||
    day === 0 ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return null;
  const ms = fraction === "" ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  // Date rolls 31 February over into March, which shows in the day.
  return day > 28 && new Date(atMs).getUTCDate() !== day ? null : atMs;
}

/** As parseInstant. @throws AppError `saml_bad_time`, naming `what`, where it is none or absent. */
export function requireInstant(text: string | null, what: string): number {
  const ms = text === null ? null : parseInstant(text);
  if (ms === null) throw badTime(text, what);
  return ms;
}

/** The refusal of `text`, which is absent or no instant, as the value of `what`. */
export function badTime(text: string | null, what: string): AppError {
  const evidence = { attribute: what, expected: "UTC dateTime", found: excerpt(text) };
  return new AppError("saml_bad_time", { evidence });
}
