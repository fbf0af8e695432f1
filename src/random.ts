/**
 * Random tokens for sessions, references, requests and the rest. Each call to the system's generator
 * costs more than the bytes it brings, and a sign-in needs three, so they are drawn by the page, as
 * node:crypto itself does for its UUIDs. What was handed out is wiped from the page.
 */
import { randomFillSync } from "node:crypto";

const page = Buffer.allocUnsafeSlow(4096);
let used = page.length;

/** `bytes` random bytes (1 to 4096) in base64url, from the system's cryptographic generator. */
export function randomToken(bytes = 32): string {
  if (bytes > page.length) throw new Error(`at most ${page.length} random bytes at a time`);
  if (used + bytes > page.length) {
    randomFillSync(page);
    used = 0;
  }
  const end = used + bytes;
  const token = page.toString("base64url", used, end);
  page.fill(0, used, end);
  used = end;
  return token;
}
