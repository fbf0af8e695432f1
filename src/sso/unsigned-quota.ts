/**
 * Bounds the number of refused responses that get a row in the sign-in log. An organization's address
 * is known to all its people, and each row stays for ninety days (PRODUCT 8.4): without a bound,
 * whoever posts garbage fills the disk. What the identity provider signed is counted apart, so that
 * garbage leaves its rows alone, and so does one captured response that is posted over and over.
 * Counted in this process, in bounded memory; nothing here refuses anything.
 */
import type { Deps } from "../deps.ts";

const windowMs = 15 * 60_000;
const maxKeys = 20_000;

interface Limit {
  readonly maxPerKey: number;
  readonly maxPerOrganization: number;
}

/** By address: far more than a person, or an administrator trying things out, makes in a quarter of an hour. */
const unsignedQuota: Limit = { maxPerKey: 300, maxPerOrganization: 1500 };
/** By what was signed: each costs a sign-in at the identity provider, of somebody whom it knows. */
const ofSigned: Limit = { maxPerKey: 20, maxPerOrganization: 15_000 };

interface Window {
  readonly startedAt: number;
  readonly counts: Map<string, number>;
}

type Windows = WeakMap<Deps["store"], Window>;
const strangers: Windows = new WeakMap();
const signed: Windows = new WeakMap();

/** Counts one more refusal of a response that nobody trusted has signed; false where it gets no row. */
export function mayRecordUnsigned(
  { store }: Pick<Deps, "store">,
  { organizationId, ip, at }: { organizationId: number; ip: string; at: number },
): boolean {
  return admit(windowAt(strangers, store, at), unsignedQuota, { organizationId, key: ip });
}

/** Counts one more row about what a trusted key signed under this ID; false where it gets none. */
export function mayRecordSigned(
  { store }: Pick<Deps, "store">,
  { organizationId, signedId, at }: { organizationId: number; signedId: string; at: number },
): boolean {
  return admit(windowAt(signed, store, at), ofSigned, { organizationId, key: signedId });
}

function admit(
  { counts }: Window,
  { maxPerKey, maxPerOrganization }: Limit,
  { organizationId, key }: { organizationId: number; key: string },
): boolean {
  const own = `${organizationId} ${key}`;
  if ((counts.get(own) ?? 0) >= maxPerKey) return false;
  const organization = String(organizationId);
  if ((counts.get(organization) ?? 0) >= maxPerOrganization) return false;
  for (const one of [own, organization]) counts.set(one, (counts.get(one) ?? 0) + 1);
  return true;
}

/** The window that is open now. It also ends early where it holds too many keys. */
function windowAt(windows: Windows, store: Deps["store"], at: number): Window {
  const known = windows.get(store);
  const isOpen =
    known !== undefined && at - known.startedAt < windowMs && known.counts.size < maxKeys;
  if (isOpen) return known;
  const fresh = { startedAt: at, counts: new Map<string, number>() };
  windows.set(store, fresh);
  return fresh;
}
