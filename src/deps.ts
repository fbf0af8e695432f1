/** What flows need from outside, as one plain record: always the first argument of a flow. */
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { Store } from "./store/store.ts";

export interface Deps {
  readonly config: Config;
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Unguessable text of `bytes` random bytes (32 unless told), base64url. */
  readonly randomToken: (bytes?: number) => string;
  readonly log: Logger;
}
