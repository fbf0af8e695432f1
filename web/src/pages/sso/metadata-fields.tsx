/**
 * The identity provider's metadata: by URL, as a file, as text, or by hand. Owns how each is saved; what the
 * metadata says is metadata-view.tsx's.
 */
import {
  Button,
  Group,
  Input,
  Loader,
  Radio,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useId, useState } from "react";
import { ApiError, type FieldErrors } from "../../api/client.ts";
import {
  type HandMadeProvider,
  type MetadataVerdict,
  type SamlSettings,
  saveHandMade,
  saveSamlSettings,
  uploadMetadata,
  validateMetadataUrl,
} from "../../api/saml-settings.ts";
import { asError } from "../../ui/as-error.ts";
import { Notice } from "../../ui/notice.tsx";
import { errorOf } from "./form-parts.tsx";
import { HandFields, noHandMade } from "./hand-fields.tsx";
import { MetadataView } from "./metadata-view.tsx";
import { useUnsaved } from "./unsaved.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

/** The fields that show their own errors. */
export const metadataFieldNames = [
  ...(["metadata_url", "metadata_xml"] as const),
  ...(["idp_entity_id", "idp_sso_url", "idp_certificate"] as const),
];

/** Origin of the metadata. */
type Way = "url" | "file" | "text" | "hand";

/** Metadata that is chosen and not saved yet. */
export interface MetadataChoice {
  readonly way: Way;
  readonly file: File | null;
  readonly made: HandMadeProvider;
  readonly isDirty: boolean;
  setWay(way: Way): void;
  setFile(file: File | null): void;
  setMade(made: HandMadeProvider): void;
}

/** The state of the metadata's fields beside the form's own. */
export function useMetadataChoice(form: SettingsForm, usual: "url" | "file"): MetadataChoice {
  const [way, setWay] = useState<Way>(wayOf(form.saved) ?? usual);
  const [file, setFile] = useState<File | null>(null);
  const [made, setMade] = useState(noHandMade);
  const isMade = Object.values(made).some((value) => value !== "");
  useUnsaved((way === "file" && file !== null) || (way === "hand" && isMade));
  const isDirty = {
    hand: isMade,
    url: form.isDirty,
    file: file !== null,
    // A text that stands beside a URL does not count; saving it makes it count.
    text: form.isDirty || (form.saved.metadata_url !== "" && form.values.metadata_xml !== ""),
  }[way];
  return { way, file, made, isDirty, setWay, setFile, setMade };
}

function wayOf({ metadata_url: url, metadata_xml: xml }: SamlSettings): Way | null {
  if (url !== "") return "url";
  return xml === "" ? null : "text";
}

/** Saves what is chosen; true when that is done. */
export async function saveMetadata(form: SettingsForm, choice: MetadataChoice): Promise<boolean> {
  const { way, file, made } = choice;
  if (way === "hand") {
    const isSaved = await form.save(async () => await saveHandMade(made));
    if (isSaved) choice.setMade(noHandMade);
    return isSaved;
  }
  if (way === "file") {
    if (file === null) return refuseEmpty(form, "metadata_xml", "Choose the metadata file.");
    if (file.size === 0) return refuseEmpty(form, "metadata_xml", "The file is empty.");
    const isSaved = await form.save(async () => await uploadMetadata(file));
    if (isSaved) choice.setFile(null);
    return isSaved;
  }
  const { metadata_url: url, metadata_xml: xml } = form.values;
  if (way === "text") {
    if (xml.trim() === "") return refuseEmpty(form, "metadata_xml", "Paste the metadata here.");
    const patch = { metadata_xml: xml, metadata_url: null };
    return await form.save(async () => await saveSamlSettings(patch));
  }
  if (url.trim() === "") return refuseEmpty(form, "metadata_url", "Enter the metadata URL.");
  return await form.save(async () => await saveUrl(form.saved, url));
}

/** A text that serves stays until the URL has been read. */
async function saveUrl(saved: SamlSettings, url: string): Promise<void> {
  const isReplacing = saved.metadata_xml !== "" && (await validateMetadataUrl(url)).valid;
  await saveSamlSettings({ metadata_url: url, ...(isReplacing && { metadata_xml: null }) });
}

function refuseEmpty(form: SettingsForm, field: string, sentence: string): false {
  const fieldErrors = { [field]: [sentence] };
  form.refuse(new ApiError({ status: 400, detail: sentence, fieldErrors }));
  return false;
}

interface MetadataFieldsProps {
  readonly form: SettingsForm;
  readonly choice: MetadataChoice;
  /** Shaped like the provider's metadata URL. */
  readonly example: string;
}

/** The four ways, and the fields of the one that is chosen. */
export function MetadataFields({ form, choice, example }: MetadataFieldsProps) {
  return (
    <Stack gap="md">
      <Radio.Group
        label="How the metadata comes here"
        description="By URL is best: new certificates are then followed by themselves."
        value={choice.way}
        onChange={(value) => choice.setWay(value as Way)}
      >
        <Group gap="lg" mt="xs">
          <Radio value="url" label="By URL" />
          <Radio value="file" label="As a file" />
          <Radio value="text" label="As pasted text" />
          <Radio value="hand" label="By hand" />
        </Group>
      </Radio.Group>
      {choice.way === "url" && <UrlField form={form} example={example} />}
      {choice.way === "file" && <FileField errors={form.errors} choice={choice} />}
      {choice.way === "text" && <TextField form={form} />}
      {choice.way === "hand" && (
        <HandFields
          made={choice.made}
          errors={form.errors}
          set={(changed) => choice.setMade({ ...choice.made, ...changed })}
        />
      )}
      {form.isBusy && choice.way === "url" && <Reading />}
    </Stack>
  );
}

/** A verdict holds until the URL is saved, whose metadata is then shown as what is on record. */
interface Told {
  readonly verdict: MetadataVerdict;
  readonly savedUrl: string;
}

function UrlField({ form, example }: { readonly form: SettingsForm; readonly example: string }) {
  const { metadata_url: savedUrl } = form.saved;
  const [told, setTold] = useState<Told | null>(null);
  const [isChecking, setIsChecking] = useState(false);
  const check = async () => {
    setIsChecking(true);
    setTold(null);
    try {
      const verdict = await validateMetadataUrl(form.values.metadata_url);
      setTold({ verdict, savedUrl });
    } catch (error) {
      form.refuse(asError(error));
    } finally {
      setIsChecking(false);
    }
  };
  return (
    <Stack gap="md">
      <div className="lg-beside">
        <TextInput
          label="Metadata URL"
          placeholder={example}
          type="url"
          autoComplete="off"
          spellCheck={false}
          value={form.values.metadata_url}
          onChange={(event) => {
            setTold(null);
            form.set({ metadata_url: event.currentTarget.value });
          }}
          {...errorOf(form.errors, "metadata_url")}
        />
        <Button
          variant="default"
          onClick={() => void check()}
          loading={isChecking}
          disabled={form.values.metadata_url.trim() === ""}
        >
          Check the URL
        </Button>
      </div>
      {isChecking && <Reading />}
      {told !== null && told.savedUrl === savedUrl && (
        <Verdict verdict={told.verdict} isNew={form.isDirty} />
      )}
    </Stack>
  );
}

function Reading() {
  return (
    <Group gap="xs" role="status">
      <Loader size="xs" aria-hidden="true" />
      <Text size="sm">Reading the metadata URL, which may take up to ten seconds…</Text>
    </Group>
  );
}

function Verdict({
  verdict,
  isNew,
}: {
  readonly verdict: MetadataVerdict;
  readonly isNew: boolean;
}) {
  if (!verdict.valid) {
    return (
      <Notice tone="bad" isLive title="This URL does not answer usable metadata.">
        {verdict.error}
      </Notice>
    );
  }
  return (
    <Stack gap="md">
      <Notice tone="good" isLive title="The URL answers metadata.">
        {isNew ? "Nothing is saved yet." : "It is the URL that is saved."}
      </Notice>
      {isNew && <MetadataView metadata={verdict} />}
    </Stack>
  );
}

function FileField({
  errors,
  choice,
}: {
  readonly errors: FieldErrors;
  readonly choice: MetadataChoice;
}) {
  const id = useId();
  const { error } = errorOf(errors, "metadata_xml");
  return (
    <Input.Wrapper
      id={id}
      label="Metadata file"
      description="The XML file that the identity provider lets you download, at most 1 MiB."
      {...(error !== undefined && { error })}
    >
      <input
        id={id}
        type="file"
        className="lg-file"
        accept=".xml,application/xml,text/xml,application/samlmetadata+xml"
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-description${error === undefined ? "" : ` ${id}-error`}`}
        onChange={(event) => choice.setFile(event.currentTarget.files?.[0] ?? null)}
      />
    </Input.Wrapper>
  );
}

function TextField({ form }: { readonly form: SettingsForm }) {
  return (
    <Textarea
      label="Metadata as text"
      placeholder="<EntityDescriptor …"
      autosize
      minRows={6}
      maxRows={16}
      spellCheck={false}
      classNames={{ input: "lg-code" }}
      value={form.values.metadata_xml}
      onChange={(event) => form.set({ metadata_xml: event.currentTarget.value })}
      {...errorOf(form.errors, "metadata_xml")}
    />
  );
}
