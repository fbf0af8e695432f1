/**
 * Answers about Label Studio's things that are good for a second each, so that many requests at once ask
 * once. Bounded: when it is full all are forgotten, and each is asked anew.
 */

const keptMs = 1000;
const maxKept = 10_000;

/** Answers by the number that was asked about. */
export class Asked<Answer> {
  readonly #kept = new Map<number, { readonly atMs: number; readonly answer: Promise<Answer> }>();

  /** The kept answer, also while it is awaited; else what `ask` gives. */
  answer(id: number, nowMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const kept = this.#kept.get(id);
    if (kept !== undefined && nowMs - kept.atMs < keptMs) return kept.answer;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const answer = ask();
    this.#kept.set(id, { atMs: nowMs, answer });
    return answer;
  }

  forgetAll(): void {
    this.#kept.clear();
  }
}
