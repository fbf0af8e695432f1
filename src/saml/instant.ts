/**
 * Instants as SAML Core section 1.3.3 has them: xs:dateTime in UTC. Owns the spelling; what an
 * instant is compared with is assertion.ts's business.
 */
import { AppError } from "../errors.ts";
import { excerpt } from "./structure.ts";

const dateTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?(?:Z|[+-]00:00)$/;

/** Epoch milliseconds of `text`, digits beyond them dropped; null where it is no UTC dateTime. */
export function parseInstant(text: string): number | null {
  const match = dateTime.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = ""] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
  const ms = Date.parse(iso);
  // Date rolls 31 February over into March; a date that comes back changed is none.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== iso ? null : ms;
}

/** As parseInstant. @throws AppError `saml_bad_time`, naming `what`, where it is none or absent. */
export function requireInstant(text: string | null, what: string): number {
  const ms = text === null ? null : parseInstant(text);
  if (ms === null) {
    throw new AppError("saml_bad_time", {
      evidence: { attribute: what, expected: "UTC dateTime", found: excerpt(text) },
    });
  }
  return ms;
}
