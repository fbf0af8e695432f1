/**
 * Errors as Label Studio words them in JSON (GATEWAY 10.4, 10.6), so that its pages and SDK read the
 * gateway's refusals like its own. The caller gives the id: this folder draws no random numbers.
 */

/** A refusal of the gateway's. */
export interface EnvelopeFacts {
  /** The request's id, by which the log finds it. */
  readonly id: string;
  readonly status: number;
  /** Label Studio's version. */
  readonly version: string;
  /** The sentence for the person. */
  readonly detail: string;
  /** Per field what is wrong with it; where there is one, the page shows these. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

/** The body of a refusal, as Label Studio's exception handler writes it. */
export function errorEnvelope({ id, status, version, detail, fields }: EnvelopeFacts) {
  return {
    id,
    status_code: status,
    version,
    detail,
    exc_info: null,
    ...(fields !== undefined && { validation_errors: fields }),
  };
}
