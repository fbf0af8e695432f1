/** The sections of the configured page that are edited in place: domains, provider, metadata, names. */
import type { SamlSettings } from "../../api/saml-settings.ts";
import { Facts } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Tag } from "../../ui/tag.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { AttributeFields } from "./attribute-fields.tsx";
import { attributePresets } from "./attribute-presets.ts";
import { DomainFields } from "./domain-fields.tsx";
import { EditableSection } from "./editable-section.tsx";
import { Guide } from "./guide.tsx";
import {
  MetadataFields,
  metadataFieldNames,
  saveMetadata,
  useMetadataChoice,
} from "./metadata-fields.tsx";
import { MetadataView } from "./metadata-view.tsx";
import { nameIdWords } from "./nameid-field.tsx";
import { ProviderFields } from "./provider-fields.tsx";
import { providerOf } from "./providers.ts";
import { SwitchFields, switchFact, switchFields } from "./switch-fields.tsx";
import { TestButton } from "./test-button.tsx";
import { useSettingsForm } from "./use-settings-form.ts";

export interface SectionProps {
  readonly settings: SamlSettings;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
}

/** The domains. */
export function DomainSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  const domains = settings.domain.split(",").filter((domain) => domain !== "");
  return (
    <EditableSection
      id="domain"
      title="E-mail domains"
      lead="Whoever enters an address of one of these is sent to your identity provider."
      {...{ isOpen, onOpen, form }}
      fields={["domain"]}
      summary={
        domains.length === 0 ? (
          <Notice tone="warn" title="No domain is set.">
            The sign-in page cannot send anybody to your provider by their address, and people who
            belong to another organization here are refused.
          </Notice>
        ) : (
          <div className="lg-tags">
            {domains.map((domain) => (
              <Tag key={domain}>{domain}</Tag>
            ))}
          </div>
        )
      }
    >
      <DomainFields form={form} />
    </EditableSection>
  );
}

/** The provider with its clicks. */
export function ProviderSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  const saved = providerOf(settings.idp_provider);
  const chosen = providerOf(form.values.idp_provider);
  return (
    <EditableSection
      id="provider"
      title="Identity provider"
      {...{ isOpen, onOpen, form }}
      fields={["idp_provider"]}
      summary={
        <Facts
          facts={[
            ["Provider", saved === null ? "Not chosen" : saved.name],
            ["Attribute names of", presetWords(settings)],
          ]}
        />
      }
    >
      <div className={chosen === null ? undefined : "lg-split"}>
        <ProviderFields form={form} />
        {chosen !== null && <Guide provider={chosen} />}
      </div>
    </EditableSection>
  );
}

function presetWords({ idp_provider: idp }: SamlSettings): string {
  const provider = providerOf(idp);
  const key = provider?.preset ?? idp;
  if (key === null) return "The default names";
  return Object.hasOwn(attributePresets, key) ? (attributePresets[key]?.label ?? key) : "Hand-made";
}

/** The metadata on record. */
export function MetadataSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  const provider = providerOf(settings.idp_provider);
  const choice = useMetadataChoice(form, provider?.metadataBy ?? "url");
  const save = async () => {
    if (!(await saveMetadata(form, choice))) return;
    notifyDone("The metadata is saved.");
    onOpen(false);
  };
  const { metadata_url: url, metadata_xml: xml } = form.values;
  return (
    <EditableSection
      id="metadata"
      title="Metadata of the identity provider"
      {...{ isOpen, onOpen, form }}
      fields={metadataFieldNames}
      isDirty={choice.isDirty}
      onSave={save}
      actions={
        (choice.way === "url" || choice.way === "text") &&
        form.isDirty && (
          <TestButton
            form={form}
            patch={
              choice.way === "url"
                ? { metadata_url: url }
                : { metadata_xml: xml, metadata_url: null }
            }
          />
        )
      }
      summary={<MetadataSummaryView settings={settings} />}
    >
      <MetadataFields
        form={form}
        choice={choice}
        example={provider?.metadataExample ?? "https://idp.example.org/metadata"}
      />
    </EditableSection>
  );
}

function MetadataSummaryView({ settings }: { readonly settings: SamlSettings }) {
  const { metadata } = settings;
  if (metadata === null) return <Notice tone="warn">There is no metadata yet.</Notice>;
  return (
    <>
      <Facts
        facts={[
          metadata.source === "metadata_xml"
            ? ["Comes from", "A file or a text. Upload it again before its certificate ends."]
            : [
                "Comes from",
                <span key="url" className="lg-code">
                  {settings.metadata_url}
                </span>,
              ],
          ...(metadata.source === "metadata_xml"
            ? []
            : [["Last read", <TimeAgo key="read" at={metadata.fetched_at} />] as const]),
        ]}
      />
      {metadata.entity_id !== null && <MetadataView metadata={metadata} />}
    </>
  );
}

/** The names of the attributes. */
export function AttributesSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  const shown = (name: string) =>
    name === "" ? "Nothing is taken" : <span className="lg-code">{name}</span>;
  return (
    <EditableSection
      id="attributes"
      title="Attribute names"
      lead="Under which names a response carries the person's data."
      {...{ isOpen, onOpen, form }}
      fields={[
        ...(["idp_provider", "mapping_email", "mapping_first_name"] as const),
        ...(["mapping_last_name", "mapping_groups", "nameid_format"] as const),
      ]}
      actions={form.isDirty && <TestButton form={form} />}
      summary={
        <Facts
          facts={[
            ["E-mail", shown(settings.mapping_email)],
            ["First name", shown(settings.mapping_first_name)],
            ["Last name", shown(settings.mapping_last_name)],
            ["Groups", shown(settings.mapping_groups)],
            ["NameID that is asked for", nameIdWords(settings.nameid_format)],
          ]}
        />
      }
    >
      <AttributeFields form={form} />
    </EditableSection>
  );
}

/** The security switches. */
export function SwitchesSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  return (
    <EditableSection
      id="switches"
      title="Security switches"
      {...{ isOpen, onOpen, form }}
      fields={switchFields}
      actions={form.isDirty && <TestButton form={form} />}
      summary={<Facts facts={switchFields.map((field) => switchFact(settings, field))} />}
    >
      <SwitchFields form={form} />
    </EditableSection>
  );
}
