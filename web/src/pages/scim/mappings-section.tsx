/**
 * Group mappings of pushed groups (PRODUCT 7.5). Edited over the saved ones; saving goes through the
 * preview, and applies at once to the groups that were pushed.
 */
import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { FieldErrors } from "../../api/client.ts";
import type { MappingLists } from "../../api/saml-settings.ts";
import { type ScimSettings, saveScimSettings, scimSettingsQuery } from "../../api/scim.ts";
import { MappingEditor } from "../../mappings/mapping-editor.tsx";
import { PreviewDialog } from "../../mappings/preview-dialog.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";
import { LeaveGuard } from "./leave-guard.tsx";

/** The section. */
export function MappingsSection() {
  const { data, error, refetch } = useQuery(scimSettingsQuery);
  return (
    <Section
      title="What pushed groups give"
      lead="Mappings apply at once, also to groups that were pushed before. They are separate from those of SAML, which go by the groups of each sign-on."
    >
      {error !== null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <Mappings saved={data} />}
    </Section>
  );
}

const noErrors: FieldErrors = {};

function Mappings({ saved }: { readonly saved: ScimSettings }) {
  const [draft, setDraft] = useState<MappingLists | null>(null);
  const [isPreviewing, setIsPreviewing] = useState(false);
  const [errors, setErrors] = useState<FieldErrors>(noErrors);
  const frame = useFocusOnRefusal(errors);
  const value = listsOf(draft ?? saved);
  const isDirty = draft !== null && JSON.stringify(value) !== JSON.stringify(listsOf(saved));
  const discard = () => {
    setDraft(null);
    setErrors(noErrors);
  };
  const save = async () => {
    await saveScimSettings(value);
    discard();
    notifyDone("The mappings are saved, and apply to the groups pushed so far.");
  };
  return (
    <Stack gap="lg" ref={frame}>
      <MappingEditor
        kind="scim"
        value={value}
        onChange={setDraft}
        errors={errors}
        warnings={saved.warnings}
      />
      {errors !== noErrors && (
        <Notice tone="bad" isLive title="Nothing was saved.">
          Mend what is marked above, then save again. What you typed is still there.
        </Notice>
      )}
      <Group gap="sm">
        <Button disabled={!isDirty} onClick={() => setIsPreviewing(true)}>
          Preview and save
        </Button>
        {isDirty && (
          <Button variant="default" onClick={discard}>
            Discard the changes
          </Button>
        )}
      </Group>
      <PreviewDialog
        kind="scim"
        patch={value}
        isOpen={isPreviewing}
        onClose={() => setIsPreviewing(false)}
        onConfirm={save}
        onRefused={(refusal) => setErrors(refusal.fieldErrors)}
      />
      <LeaveGuard isDirty={isDirty} />
    </Stack>
  );
}

function listsOf({ roles_groups, workspaces_groups, projects_groups }: MappingLists): MappingLists {
  return { roles_groups, workspaces_groups, projects_groups };
}

/** The first refused field gets the focus once the errors stand. */
function useFocusOnRefusal(errors: FieldErrors) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors === noErrors) return;
    frame.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  return frame;
}
