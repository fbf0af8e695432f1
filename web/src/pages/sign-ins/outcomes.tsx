/** Words and colours of the results of attempts. */
import type { Outcome, SignIn } from "../../api/sign-ins.ts";
import { Tag, type Tone } from "../../ui/tag.tsx";

/** Every result: its name, its colour, and what it means after a response of the identity provider. */
export const outcomes: Readonly<
  Record<Outcome, { readonly name: string; readonly tone: Tone; readonly meaning: string }>
> = {
  admitted: {
    name: "Admitted",
    tone: "good",
    meaning: "The response was accepted, and a session was opened.",
  },
  not_activated: {
    name: "Not activated",
    tone: "warn",
    meaning:
      "The response was accepted, but the person has no role yet: they see the page that says so.",
  },
  deactivated: {
    name: "Deactivated",
    tone: "warn",
    meaning:
      "The response was accepted, but it leaves the person without a role. No session was opened.",
  },
  refused: {
    name: "Refused",
    tone: "bad",
    meaning: "Nobody was signed in, and nothing was changed.",
  },
};

/** True where no identity provider had a part in it. */
export function isByPassword({ evidence }: SignIn): boolean {
  return evidence["method"] === "password";
}

/** Explains in a sentence what the result means for the person. */
export function meaningOf(attempt: SignIn): string {
  if (isByPassword(attempt) && attempt.outcome === "admitted") {
    return "The password was right, and a session was opened.";
  }
  return outcomes[attempt.outcome].meaning;
}

/** The result as a pill. */
export function OutcomeTag({ outcome }: { readonly outcome: Outcome }) {
  const { name, tone } = outcomes[outcome];
  return <Tag tone={tone}>{name}</Tag>;
}
