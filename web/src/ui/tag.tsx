/** A word in a coloured pill. The colour only repeats what the word says. */
import type { ReactNode } from "react";

/** Meaning of a colour, the same everywhere in the app. */
export type Tone = "accent" | "good" | "warn" | "bad" | "plain";

/** A pill. */
export function Tag({
  tone = "plain",
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}) {
  return (
    <span className="lg-tag" data-tone={tone}>
      {children}
    </span>
  );
}
