/**
 * The condition of the Label Studio behind Labelgate, as pages and `check` show it: being installed,
 * starting, ready, failed or away (GATEWAY 10.1, 10.6). A value to read and to watch. Whoever runs or
 * watches Label Studio sets it (cli/embedded for the embedded one); this file knows none of them.
 */

/** `installing` and `starting` pass by themselves; `failed` needs somebody; `away` is tried again. */
export type UpstreamPhase = "installing" | "starting" | "ready" | "failed" | "away";

/** One condition. The message is a whole sentence for the reader of a page. */
export interface UpstreamStatus {
  readonly phase: UpstreamPhase;
  /** 0 to 100, or null where nobody can tell. */
  readonly percent: number | null;
  readonly message: string;
  /** Start of this phase, in milliseconds since 1970. */
  readonly since: number;
}

/** Read side, for pages and the forwarding of requests. */
export interface UpstreamState {
  current(): UpstreamStatus;
  /** Calls `listener` at each change; the answer ends that. */
  onChange(listener: (status: UpstreamStatus) => void): () => void;
}

/** Write side, for whoever runs or watches Label Studio. */
export interface UpstreamStateControl extends UpstreamState {
  /** Takes the new condition; `since` stays as long as the phase does. */
  set(status: Omit<UpstreamStatus, "since">): void;
}

/** A state that begins with `first`, on the clock `now` (milliseconds since 1970). */
export function createUpstreamState(
  first: Omit<UpstreamStatus, "since">,
  now: () => number,
): UpstreamStateControl {
  let status: UpstreamStatus = { ...first, since: now() };
  const listeners = new Set<(status: UpstreamStatus) => void>();
  return {
    current: () => status,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      const { phase, percent, message } = next;
      const isSame = phase === status.phase && percent === status.percent;
      if (isSame && message === status.message) return;
      const since = phase === status.phase ? status.since : now();
      status = { phase, percent, message, since };
      for (const listener of listeners) listener(status);
    },
  };
}

/** Reach of an embedded Label Studio, known before it runs (GATEWAY 10.1). */
export interface EmbeddedUpstream {
  /** Path of the unix socket that it listens on. */
  readonly socketPath: string;
  /** Its SECRET_KEY, by which credentials are signed (HS256). */
  readonly secretKey: string;
  readonly state: UpstreamState;
}
