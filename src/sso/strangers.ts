/**
 * How many refused responses of strangers get a row in the sign-in log. An organization's address is
 * known to all its people, and each row stays for ninety days (PRODUCT 8.4): without a bound, whoever
 * posts garbage fills the disk. Counted in this process, in bounded memory; nothing here refuses anything.
 */
import type { Deps } from "../deps.ts";

const windowMs = 15 * 60_000;
/** Far more than a person, or an administrator trying things out, makes in a quarter of an hour. */
const mostPerAddress = 300;
const mostPerOrganization = 1500;
const mostKeys = 20_000;

interface Window {
  readonly startedAt: number;
  readonly counts: Map<string, number>;
}

const windows = new WeakMap<Deps["store"], Window>();

/** Counts one more refusal of a response that nobody trusted has signed; false where it gets no row. */
export function mayRecordStranger(
  deps: Pick<Deps, "store">,
  { organizationId, ip, at }: { organizationId: number; ip: string; at: number },
): boolean {
  const { counts } = windowAt(deps, at);
  const address = `${organizationId} ${ip}`;
  if ((counts.get(address) ?? 0) >= mostPerAddress) return false;
  const organization = String(organizationId);
  if ((counts.get(organization) ?? 0) >= mostPerOrganization) return false;
  for (const key of [address, organization]) counts.set(key, (counts.get(key) ?? 0) + 1);
  return true;
}

/** The window that is open now. It also ends early where it holds too many addresses. */
function windowAt(deps: Pick<Deps, "store">, at: number): Window {
  const known = windows.get(deps.store);
  const isOpen =
    known !== undefined && at - known.startedAt < windowMs && known.counts.size < mostKeys;
  if (isOpen) return known;
  const fresh = { startedAt: at, counts: new Map<string, number>() };
  windows.set(deps.store, fresh);
  return fresh;
}
