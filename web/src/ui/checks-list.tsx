/** Everything that a response was checked for, in order, with how each check came out. */
import { Text, VisuallyHidden } from "@mantine/core";
import type { FC, SVGProps } from "react";
import type { SignInReport } from "../api/trials.ts";
import { CheckIcon, CrossIcon, DashIcon } from "./icons.tsx";
import type { Tone } from "./tag.tsx";

/** One check of a test sign-in, as the API tells it. */
export type Check = SignInReport["checks"][number];

const looks: Readonly<
  Record<
    Check["result"],
    { readonly tone: Tone; readonly icon: FC<SVGProps<SVGSVGElement>>; readonly word: string }
  >
> = {
  passed: { tone: "good", icon: CheckIcon, word: "Passed" },
  failed: { tone: "bad", icon: CrossIcon, word: "Failed" },
  not_reached: { tone: "plain", icon: DashIcon, word: "Not reached" },
  not_applicable: { tone: "plain", icon: DashIcon, word: "Does not apply" },
};

/** The list of checks. */
export function ChecksList({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ol className="lg-list">
      {checks.map(({ id, title, result, text }) => {
        const { tone, icon: Icon, word } = looks[result];
        return (
          <li key={id} data-tone={tone}>
            <Icon />
            <div>
              <Text fw={result === "failed" ? 650 : 500} component="span">
                {title}
                <VisuallyHidden>. {word}.</VisuallyHidden>
              </Text>
              {text !== "" && (
                <Text size="sm" c={result === "failed" ? "var(--lg-ink)" : "dimmed"}>
                  {text}
                </Text>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
