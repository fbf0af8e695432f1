/** The frame of one step: its heading, its form, and the way back and on. */
import { Box, Button, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { ButtonLink } from "../../ui/links.tsx";
import { Guide } from "./guide.tsx";
import type { ClickStep, Provider } from "./providers.ts";
import { neighbours, type StepKey, steps } from "./steps.ts";

/** Props of every step. */
export interface StepPlace {
  readonly step: StepKey;
  /** True where another step stood here before, so that the heading takes the focus. */
  readonly isArrived: boolean;
  /** Goes to the next step, or ends the set-up after the last one. */
  readonly onDone: () => void;
}

interface StepCardProps {
  readonly place: StepPlace;
  readonly title: string;
  readonly lead: ReactNode;
  /** The clicks beside it, those of the step set off. */
  readonly guide?: { readonly provider: Provider; readonly now?: ClickStep } | null;
  readonly children: ReactNode;
}

/** The card of a step. */
export function StepCard({ place, title, lead, guide = null, children }: StepCardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { isArrived } = place;
  useEffect(() => {
    if (isArrived) heading.current?.focus({ preventScroll: true });
  }, [isArrived]);
  return (
    <div className={guide === null ? undefined : "lg-split"}>
      <section className="lg-card" aria-labelledby="step-title">
        <Text size="sm" c="dimmed">
          Step {neighbours(place.step).number} of {steps.length}
        </Text>
        <Title order={2} size="1.25rem" id="step-title" ref={heading} tabIndex={-1}>
          {title}
        </Title>
        <Text c="dimmed" mt={4} mb="lg" maw="40rem" component="div">
          {lead}
        </Text>
        {children}
      </section>
      {guide !== null && <Guide {...guide} />}
    </div>
  );
}

interface StepFooterProps {
  readonly place: StepPlace;
  /** Label of the button that submits the form. */
  readonly label: string;
  readonly isBusy?: boolean;
  /** False where the step has a greater deed of its own. */
  readonly isPrimary?: boolean;
  /** More that can be done here. */
  readonly children?: ReactNode;
}

/** The buttons under a step's form. */
export function StepFooter(props: StepFooterProps) {
  const { place, label, isBusy = false, isPrimary = true, children } = props;
  const { before } = neighbours(place.step);
  return (
    <Group justify="space-between" gap="sm" className="lg-step-footer">
      <Box>
        {before !== null && (
          <ButtonLink to="/organization/security/sso" search={{ step: before }} variant="default">
            Back
          </ButtonLink>
        )}
      </Box>
      <Group gap="sm">
        {children}
        <Button type="submit" loading={isBusy} variant={isPrimary ? "filled" : "default"}>
          {label}
        </Button>
      </Group>
    </Group>
  );
}
