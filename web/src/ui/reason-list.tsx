/** Why something was decided: the reasons that the rules left, each a whole sentence. */
import { Text } from "@mantine/core";
import type { FC, SVGProps } from "react";
import type { Reason, ReasonResult } from "../../../src/access/changes.ts";
import { CheckIcon, CrossIcon, DashIcon, InfoIcon, WarnIcon } from "./icons.tsx";
import type { Tone } from "./tag.tsx";

const looks: Readonly<
  Record<ReasonResult, { readonly tone: Tone; readonly icon: FC<SVGProps<SVGSVGElement>> }>
> = {
  granted: { tone: "good", icon: CheckIcon },
  // For the better or the worse, which the sentence says.
  changed: { tone: "accent", icon: InfoIcon },
  kept: { tone: "plain", icon: DashIcon },
  outranked: { tone: "plain", icon: InfoIcon },
  pending: { tone: "warn", icon: WarnIcon },
  noted: { tone: "warn", icon: WarnIcon },
  skipped: { tone: "warn", icon: WarnIcon },
  removed: { tone: "bad", icon: CrossIcon },
  refused: { tone: "bad", icon: CrossIcon },
};

/** The sentences in the order in which they were decided. */
export function ReasonList({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return <Text c="dimmed">No rule had anything to say.</Text>;
  return (
    <ul className="lg-list">
      {reasons.map((reason) => {
        const { tone, icon: Icon } = looks[reason.result];
        return (
          <li key={`${reason.rule} ${reason.target ?? ""} ${reason.text}`} data-tone={tone}>
            <Icon />
            <Text component="span">{reason.text}</Text>
          </li>
        );
      })}
    </ul>
  );
}
