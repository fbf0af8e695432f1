/**
 * Cursors (RFC 9865): stateless, opaque, tamper-evident. A cursor carries the sort key of the last
 * result, the count and when it expires; its signature also covers whose it is and which query it
 * continues, so that it is worthless for any other.
 */
import { AppError } from "../errors.ts";

/** End of a page: the values that the next one starts after, last of them the resource's own key. */
export type CursorKey = readonly (string | number | null)[];

/** The organization, credential and query that a cursor is bound to. */
export interface CursorContext {
  /** Organization and credential; never shipped, only signed. */
  readonly owner: string;
  /** `ListQuery.fingerprint`. */
  readonly fingerprint: string;
  /**
   * Keyed hashes as URL-safe text; the same text gives the same ones. New cursors carry the first one;
   * the others count too, while the server's key is being changed.
   */
  sign(text: string): readonly [string, ...string[]];
}

/** Seconds that a cursor is good for. */
export const cursorTimeoutSeconds = 3600;

/** The cursor after `key`, good for an hour from `nowMs`. */
export function encodeCursor(
  key: CursorKey,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
  context: CursorContext,
): string {
  const expiresAtMs = nowMs + cursorTimeoutSeconds * 1000;
  const payload = Buffer.from(JSON.stringify([key, count, expiresAtMs])).toString("base64url");
  return `${payload}.${signatures(payload, context)[0]}`;
}

/**
 * The key in a cursor that was made for this owner and query.
 * @throws AppError `scim_invalid_cursor`, `scim_expired_cursor`, `scim_invalid_count`
 */
export function decodeCursor(
  cursor: string,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
  context: CursorContext,
): CursorKey {
  const [payload = "", signed = "", ...rest] = cursor.split(".");
  const isOurs = signatures(payload, context).some((good) => isSameText(signed, good));
  if (rest.length > 0 || !isOurs) {
    throw new AppError("scim_invalid_cursor", {
      detail: "The cursor was not made by this server for this query.",
    });
  }
  const content: [CursorKey, number, number] = JSON.parse(
    Buffer.from(payload, "base64url").toString(),
  );
  const [key, firstCount, expiresAtMs] = content;
  if (nowMs > expiresAtMs) {
    throw new AppError("scim_expired_cursor", {
      detail: `A cursor is good for ${cursorTimeoutSeconds} seconds; start again from the first page.`,
    });
  }
  if (count !== firstCount) {
    throw new AppError("scim_invalid_count", {
      detail: `The first page was asked for with count ${firstCount}; so must be the others.`,
    });
  }
  return key;
}

function signatures(payload: string, { owner, fingerprint, sign }: CursorContext) {
  return sign(JSON.stringify(["scim-cursor", owner, fingerprint, payload]));
}

/** Takes the same time wherever the texts differ. */
function isSameText(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let at = 0; at < right.length; at += 1) {
    difference |= left.charCodeAt(at) ^ right.charCodeAt(at);
  }
  return difference === 0;
}
