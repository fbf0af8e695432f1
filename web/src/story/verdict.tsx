/** Result of a sign-in, and the advice about it: the first part of a sign-in report. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { SignInReport } from "../api/trials.ts";
import { Notice } from "../ui/notice.tsx";
import type { Tone } from "../ui/tag.tsx";
import { wordsInText } from "./code-labels.ts";

interface VerdictProps {
  readonly story: SignInReport;
  /** Ways on from here. */
  readonly children?: ReactNode;
}

/** The sentence in its colour; the hint of a refusal under it. */
export function Verdict({ story, children }: VerdictProps) {
  const { code, detail, hint } = story;
  const { tone, title, meaning } = told(story);
  return (
    <Notice tone={tone} title={title} isLive>
      <Text>{meaning}</Text>
      {detail !== null && <Text mt={6}>{detail}</Text>}
      {code !== null && hint !== null && (
        <Text mt={6}>
          <strong>What to do:</strong> {hint}
        </Text>
      )}
      {children}
    </Notice>
  );
}

interface VerdictLabels {
  readonly tone: Tone;
  readonly title: string;
  readonly meaning: string;
}

function told({ outcome, code, role, identity }: SignInReport): VerdictLabels {
  const who = identity?.email ?? "The person";
  switch (outcome) {
    case "admitted":
      return {
        tone: "good",
        title: "The sign-on works.",
        meaning: `${who} would be signed in as ${role ?? "a member"}.`,
      };
    case "not_activated":
      return {
        tone: "warn",
        title: "The sign-on works, and the person would wait for a role.",
        meaning: `${who} would be Not Activated, and see the page that says so. Map one of the groups to a role, or give a role by hand.`,
      };
    case "deactivated":
      return {
        tone: "warn",
        title: "The sign-on works, and leaves the person without a role.",
        meaning: `${who} would be Deactivated, and no session would open. Map one of the groups to a role.`,
      };
    case "refused":
      return {
        tone: "bad",
        title: `The sign-on would be refused${code === null ? "." : `: ${wordsInText(code)}.`}`,
        meaning: "Nobody would be signed in, and nothing would change.",
      };
  }
}
