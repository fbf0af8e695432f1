/** The row of steps over the set-up: which are done, which one is shown, and the way to each. */
import { VisuallyHidden } from "@mantine/core";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { CheckIcon } from "../../ui/icons.tsx";
import { TextLink } from "../../ui/links.tsx";
import { isStepDone, type StepKey, steps } from "./steps.ts";

interface StepsRowProps {
  readonly settings: SamlSettings;
  readonly step: StepKey;
}

/** Links to every step. */
export function StepsRow({ settings, step }: StepsRowProps) {
  return (
    <nav aria-label="Steps of the set-up" className="lg-steps">
      <ol>
        {steps.map(({ key, title }, index) => {
          const isCurrent = key === step;
          const isDone = isStepDone(settings, key, step);
          return (
            <li key={key} data-done={isDone || undefined} data-current={isCurrent || undefined}>
              <TextLink
                to="/organization/security/sso"
                search={{ step: key }}
                underline="never"
                aria-current={isCurrent ? "step" : undefined}
              >
                <span className="lg-step-number">
                  {isDone && !isCurrent ? <CheckIcon width={14} height={14} /> : index + 1}
                </span>
                <span className="lg-step-title">{title}</span>
                {isDone && <VisuallyHidden> (done)</VisuallyHidden>}
              </TextLink>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
