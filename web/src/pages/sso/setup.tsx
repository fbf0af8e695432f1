/** The guided set-up: the row of steps, and the one that stands in the address. */
import { Group } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { TextLink } from "../../ui/links.tsx";
import { GroupsStep, TestStep } from "./last-steps.tsx";
import { MetadataStep } from "./metadata-step.tsx";
import {
  AddressesStep,
  AttributesStep,
  DomainStep,
  ProviderStep,
  type StepProps,
} from "./setup-steps.tsx";
import { isConfigured, neighbours, rememberStep, type StepKey } from "./steps.ts";
import { StepsRow } from "./steps-row.tsx";

const bodies: Readonly<Record<StepKey, (props: StepProps) => ReactNode>> = {
  domain: DomainStep,
  provider: ProviderStep,
  addresses: AddressesStep,
  metadata: MetadataStep,
  attributes: AttributesStep,
  groups: GroupsStep,
  test: TestStep,
};

interface SetupProps {
  readonly settings: SamlSettings;
  readonly step: StepKey;
}

/** One step at a time; each is saved as it is finished, so one may leave and come back. */
export function Setup({ settings, step }: SetupProps) {
  const navigate = useNavigate();
  const [first] = useState(step);
  const [hasMoved, setHasMoved] = useState(false);
  useEffect(() => {
    rememberStep(step);
    if (step !== first) setHasMoved(true);
  }, [step, first]);
  const go = (next: StepKey | null) => {
    rememberStep(next);
    void navigate({
      to: "/organization/security/sso",
      search: next === null ? {} : { step: next },
      ignoreBlocker: true,
    });
  };
  const Body = bodies[step];
  const place = {
    step,
    isArrived: hasMoved || step !== first,
    onDone: () => go(neighbours(step).after),
  };
  return (
    <>
      <StepsRow settings={settings} step={step} />
      <Body key={step} settings={settings} place={place} />
      {isConfigured(settings) && (
        <Group mt="lg">
          <TextLink to="/organization/security/sso" search={{ view: "all" }}>
            End the set-up and see everything on one page
          </TextLink>
        </Group>
      )}
    </>
  );
}
