/**
 * Cache of the API's answers: their lifetime, and the times of refetching. A session that has ended
 * leads to the sign-in page and back, from whichever request finds out first.
 */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client.ts";

/** Somebody else may change the same organization; a page that is looked at again asks again. */
const freshMs = 5_000;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveIfSignedOut }),
  mutationCache: new MutationCache({ onError: leaveIfSignedOut }),
  defaultOptions: {
    queries: { staleTime: freshMs, retry: shouldRetry },
    mutations: { retry: false },
  },
});

/** Only what may pass by itself is asked for again, and once. */
function shouldRetry(failures: number, error: Error): boolean {
  const isPassing = error instanceof ApiError && (error.status === 0 || error.status >= 502);
  return isPassing && failures < 1;
}

function leaveIfSignedOut(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/user/login?next=${encodeURIComponent(here)}`);
}
