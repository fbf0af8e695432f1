/**
 * Short news in the corner: what was done, with a way to take it back where there is one. Anything may
 * tell news; News shows them, oldest first, and lets them go after a while unless somebody looks.
 */
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { ApiError } from "../api/client.ts";
import { asError } from "./as-error.ts";
import "./notify.css";

interface Item {
  readonly id: number;
  readonly sentence: string;
  readonly isBad: boolean;
  readonly undo: (() => Promise<unknown>) | null;
  /** Null where it stays until it is dismissed. */
  readonly staysMs: number | null;
}

/** News that can be undone stay long enough to be read and reached by keyboard. */
const undoMs = 15_000;
const doneMs = 5_000;

let items: readonly Item[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(changed: readonly Item[]): void {
  items = changed;
  for (const listener of listeners) listener();
}

function add(item: Omit<Item, "id">): void {
  set([...items, { ...item, id: nextId }]);
  nextId += 1;
}

function dismiss(id: number): void {
  set(items.filter((item) => item.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says what was done. `undo`, where given, takes it back. */
export function notifyDone(sentence: string, undo?: () => Promise<unknown>): void {
  const staysMs = undo === undefined ? doneMs : undoMs;
  add({ sentence, isBad: false, undo: undo ?? null, staysMs });
}

/** Says what did not work, where no form is there to say it; stays until it is dismissed. */
export function notifyFailed(error: Error): void {
  const sentence =
    error instanceof ApiError ? error.detail : "Something went wrong. Load the page again.";
  add({ sentence, isBad: true, undo: null, staysMs: null });
}

/** Region of the toasts; once, in the shell. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => items);
  return (
    <section className="lg-news" aria-label="News" aria-live="polite">
      {shown.map((item) => (
        <Told key={item.id} item={item} />
      ))}
    </section>
  );
}

function Told({ item }: { readonly item: Item }) {
  const { id, sentence, isBad, undo, staysMs } = item;
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (staysMs === null || isHeld) return;
    const timer = setTimeout(() => dismiss(id), staysMs);
    return () => clearTimeout(timer);
  }, [id, staysMs, isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: news that somebody looks at do not go away
    <div
      className="lg-told"
      data-tone={isBad ? "bad" : "accent"}
      {...(isBad && { role: "alert" })}
      onMouseEnter={() => setIsHeld(true)}
      onMouseLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <span>{sentence}</span>
      {undo !== null && (
        <Button size="compact-sm" variant="default" onClick={() => void takeBack(id, undo)}>
          Undo
        </Button>
      )}
      <CloseButton aria-label="Dismiss" onClick={() => dismiss(id)} />
    </div>
  );
}

async function takeBack(id: number, undo: () => Promise<unknown>): Promise<void> {
  dismiss(id);
  try {
    await undo();
    notifyDone("Taken back.");
  } catch (error) {
    notifyFailed(asError(error));
  }
}
