/**
 * Bounds the number of unfinished sign-ins. Each start of one, which costs its visitor nothing,
 * leaves a row for a quarter of an hour; without a bound, whoever asks and asks fills the disk.
 * Counted in this process, by organization and network, in bounded memory. A sign-in that is finished
 * gives its place back, so that a whole company behind one address signs in as often as it likes.
 */
import { network } from "../access/network.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";

const windowMs = 15 * 60_000;
/** Rows that one network may leave in one organization in a quarter of an hour. */
export const maxOpenStarts = 5000;
const maxKeys = 20_000;

interface Window {
  readonly startedAt: number;
  readonly open: Map<string, number>;
}

const windows = new WeakMap<Deps["store"], Window>();

/** The organization and address that a start is counted for. */
export interface Starter {
  readonly organizationId: number;
  readonly ip: string;
}

/** Counts one more start. @throws AppError `too_many_requests` beyond 5000 that were not finished */
export function admitStart(deps: Pick<Deps, "store" | "now">, starter: Starter): void {
  const { open } = windowAt(deps);
  const key = keyOf(starter);
  const count = open.get(key) ?? 0;
  if (count >= maxOpenStarts) throw new AppError("too_many_requests", { evidence: { count } });
  open.set(key, count + 1);
}

/** A start was finished: its row is gone. */
export function finishStart(deps: Pick<Deps, "store" | "now">, starter: Starter): void {
  const { open } = windowAt(deps);
  const key = keyOf(starter);
  const count = open.get(key) ?? 0;
  if (count > 1) open.set(key, count - 1);
  else open.delete(key);
}

function keyOf({ organizationId, ip }: Starter): string {
  return `${organizationId} ${network(ip)}`;
}

/** The window that is open now. It also ends early where it holds too many networks. */
function windowAt({ store, now }: Pick<Deps, "store" | "now">): Window {
  const at = now();
  const known = windows.get(store);
  const isOpen =
    known !== undefined && at - known.startedAt < windowMs && known.open.size < maxKeys;
  if (isOpen) return known;
  const fresh = { startedAt: at, open: new Map<string, number>() };
  windows.set(store, fresh);
  return fresh;
}
