/**
 * Why the database could not be opened or migrated, as one sentence for whoever starts the server:
 * what is wrong and what would fix it. Names no password.
 */
export class OpenError extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.name = "OpenError";
  }
}

/** The code that an error of Node or of a driver carries, or "". */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error === null || typeof error !== "object" || !("code" in error)) return "";
  return String(error.code);
}
