/** Moments, as people say them; the exact time on hover, in the reader's own time zone. */
import { useEffect, useState } from "react";

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Older moments are told by their date. */
const oldestSeconds = 14 * 86_400;

interface TimeProps {
  /** ISO 8601, as the API writes it; null for never. */
  readonly at: string | null;
  /** Text in place of no time. */
  readonly never?: string;
}

/** "5 minutes ago", "in 3 days", or the date. */
export function TimeAgo({ at, never = "Never" }: TimeProps) {
  const nowMs = useNow();
  if (at === null) return <>{never}</>;
  return <Written at={at} text={ago(Date.parse(at), nowMs)} />;
}

/** The date with the time to the minute. */
export function Moment({ at, never = "Never" }: TimeProps) {
  if (at === null) return <>{never}</>;
  return <Written at={at} text={dayAndTime.format(Date.parse(at))} />;
}

/** The date alone. */
export function Day({ at, never = "Never" }: TimeProps) {
  if (at === null) return <>{never}</>;
  return <Written at={at} text={day.format(Date.parse(at))} />;
}

function Written({ at, text }: { readonly at: string; readonly text: string }) {
  return (
    <time dateTime={at} title={exact.format(Date.parse(at))}>
      {text}
    </time>
  );
}

function ago(atMs: number, nowMs: number): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  if (Math.abs(seconds) > oldestSeconds) return day.format(atMs);
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return seconds > 0 ? "in a moment" : "just now";
}

/** The present, renewed twice a minute. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
