/**
 * Problems of a request, field by field, collected over all checks so that everything can be told at once
 * (PRODUCT 6.2). Owns the collecting; each check words its own sentences.
 */
import { AppError } from "../errors.ts";

/** Past these, further sentences of one field tell nobody more. */
const maxSentences = 20;

/** Field → sentences, growing while a request is checked. */
export class Problems {
  readonly #byField = new Map<string, string[]>();

  /** Adds one sentence, once. Past twenty of a field, further ones tell nobody more. */
  add(field: string, sentence: string): void {
    const sentences = this.#byField.get(field) ?? [];
    this.#byField.set(field, sentences);
    if (sentences.length < maxSentences && !sentences.includes(sentence)) sentences.push(sentence);
  }

  /** A collection that may grow apart: a transaction that runs again starts from the same problems. */
  copy(): Problems {
    const copied = new Problems();
    for (const [field, sentences] of this.#byField) copied.#byField.set(field, [...sentences]);
    return copied;
  }

  has(field: string): boolean {
    return this.#byField.has(field);
  }

  get isEmpty(): boolean {
    return this.#byField.size === 0;
  }

  /** The form that the error envelope carries; safe for names such as `__proto__`. */
  toFields(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.#byField);
  }

  /** The refusal that tells all of it. */
  toError(): AppError {
    return new AppError("validation_failed", { fields: this.toFields() });
  }

  /** Ends the request where anything is wrong. @throws AppError `validation_failed` with all of it. */
  throwIfAny(): void {
    if (!this.isEmpty) throw this.toError();
  }
}
