/** The page once single sign-on is set up: its state, warnings first, and every section in place. */
import { Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { SamlSettings, UndoReset } from "../../api/saml-settings.ts";
import { TextLink } from "../../ui/links.tsx";
import { Section } from "../../ui/section.tsx";
import { Addresses } from "./addresses.tsx";
import { GroupsSection } from "./groups-section.tsx";
import { OwnerNotice, ownerSuspended } from "./owner-notice.tsx";
import { providerOf } from "./providers.ts";
import { ResetSection } from "./reset.tsx";
import {
  AttributesSection,
  DomainSection,
  MetadataSection,
  ProviderSection,
  SwitchesSection,
} from "./sections.tsx";
import { SpKeysSection } from "./sp-keys.tsx";
import { StateSection } from "./state-section.tsx";
import { WarningList } from "./warning-list.tsx";

const editable = ["domain", "provider", "metadata", "attributes", "groups", "switches"] as const;
type SectionKey = (typeof editable)[number];

/** The section that holds a field of the record. */
function sectionOf(field: string): SectionKey {
  if (field === "domain") return "domain";
  if (field.startsWith("metadata")) return "metadata";
  if (field.startsWith("mapping") || field === "idp_provider") return "attributes";
  return field.endsWith("_groups") ? "groups" : "switches";
}

interface OverviewProps {
  readonly settings: SamlSettings;
  readonly onReset: (undo: UndoReset) => void;
}

/** Everything on one page. */
export function Overview({ settings, onReset }: OverviewProps) {
  const [open, setOpen] = useState<ReadonlySet<SectionKey>>(new Set());
  const sectionProps = (key: SectionKey) => ({
    settings,
    isOpen: open.has(key),
    onOpen: (isOpen: boolean) =>
      setOpen(
        (before) => new Set(isOpen ? [...before, key] : [...before].filter((k) => k !== key)),
      ),
  });
  const mend = (field: string) => {
    const key = sectionOf(field);
    sectionProps(key).onOpen(true);
    document.getElementById(key)?.scrollIntoView({ block: "start" });
  };
  return (
    <Stack gap="lg">
      <OwnerNotice settings={settings} />
      <WarningList
        warnings={settings.warnings.filter(({ code }) => code !== ownerSuspended)}
        onMend={mend}
      />
      <StateSection settings={settings} />
      <DomainSection {...sectionProps("domain")} />
      <ProviderSection {...sectionProps("provider")} />
      <Section id="addresses" title="Our addresses" lead="What the identity provider needs of us.">
        <Addresses settings={settings} provider={providerOf(settings.idp_provider)} />
      </Section>
      <MetadataSection {...sectionProps("metadata")} />
      <AttributesSection {...sectionProps("attributes")} />
      <GroupsSection {...sectionProps("groups")} />
      <SwitchesSection {...sectionProps("switches")} />
      <SpKeysSection />
      <ResetSection onReset={onReset} />
      <Group gap="lg">
        <Text size="sm">
          <TextLink to="/organization/settings">
            Former settings: who changed what, and restore
          </TextLink>
        </Text>
      </Group>
    </Stack>
  );
}
