/** A word in a coloured pill. The colour only repeats what the word says. */
import type { ReactNode } from "react";

/** What a colour stands for, everywhere in the app. */
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
