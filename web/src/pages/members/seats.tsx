/** Seats: how many members occupy one, and what happens where there are none left (PRODUCT 1.7). */
import { Notice } from "../../ui/notice.tsx";

interface Seats {
  readonly used: number;
  /** Null for no limit. */
  readonly limit: number | null;
}

/** States the number of used seats in a sentence. */
export function seatsSentence({ used, limit }: Seats): string {
  const people = used.toLocaleString();
  if (limit !== null) return `${people} of ${limit.toLocaleString()} seats are used.`;
  return `${used === 1 ? "1 seat is" : `${people} seats are`} used; there is no limit.`;
}

/** A warning where nobody new gets in. */
export function SeatsNotice({ seats: { used, limit } }: { readonly seats: Seats }) {
  if (limit === null || used < limit) return null;
  return (
    <Notice tone="warn" title="Every seat is taken.">
      Whoever is in still signs in. A new person is created as Not Activated and waits: deactivate
      somebody, or ask the Owner for more seats on the Settings page.
    </Notice>
  );
}
