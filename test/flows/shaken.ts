/**
 * A store whose statements take a moment now and then, by a seeded generator: two requests then meet
 * where they otherwise never would, between any two statements of theirs. What is sent and answered
 * stays as it is.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { KyselyPlugin } from "kysely";
import type { Store } from "../../src/store/store.ts";
import type { Random } from "../saml/mutation.ts";

/** Every third statement or so waits, for up to so long. */
const oneIn = 3;
const longestMs = 6;

/** Shakes the store while `work` runs, and from then on no more. */
export type Shake = <T>(random: Random, work: () => Promise<T>) => Promise<T>;

/** Makes the store one that can be shaken, for whoever asks it from now on. */
export function shakeable(store: Store): Shake {
  let random: Random | null = null;
  const moment = async (): Promise<void> => {
    if (random !== null && random.below(oneIn) === 0) await pause(random.below(longestMs) + 1);
  };
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await moment();
      return result;
    },
  };
  const transaction: Store["transaction"] = store.transaction.bind(store);
  Object.assign(store, {
    db: store.db.withPlugin(plugin),
    transaction: async <T>(work: Parameters<typeof transaction<T>>[0]) => {
      await moment();
      return await transaction<T>((tx) => work(random === null ? tx : tx.withPlugin(plugin)));
    },
  });
  return async (given, work) => {
    random = given;
    try {
      return await work();
    } finally {
      random = null;
    }
  };
}
