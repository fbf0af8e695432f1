/**
 * Addresses that name a person or a project by minus Labelgate's own number (GATEWAY 10.5: it goes on
 * resolving for ever). Label Studio knows no such numbers: one that has a number there by now is named
 * by it before anything else looks at the address; what is Labelgate's alone stays Labelgate's to answer.
 */
import type { NumberKind } from "../store/wire-numbers.ts";

const pattern = /^(\/(?:api\/)?(projects|users)\/)-([1-9][0-9]{0,8})(?=[/?]|$)/;

/** The resource that such an address names; null for every other address. */
export interface OwnNumber {
  readonly kind: NumberKind;
  /** The internal number. */
  readonly id: number;
  /** The same address with Label Studio's number in that place. */
  written(upstreamId: number): string;
}

/** Reads a request target as it stands in the request line. */
export function readOwnNumber(url: string): OwnNumber | null {
  if (!url.includes("/-")) return null;
  const [whole, before, things, id] = pattern.exec(url) ?? [];
  if (whole === undefined) return null;
  return {
    kind: things === "users" ? "person" : "project",
    id: Number(id),
    written: (upstreamId) => `${before}${upstreamId}${url.slice(whole.length)}`,
  };
}
