/** A command that cannot do what was asked, in sentences for whoever runs it; no stack is shown. */
export class CommandFailure extends Error {
  /** 1 for what failed, 2 for what was asked wrongly. */
  readonly exitCode: number;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}

/** The text of any error, for the end of a sentence. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
