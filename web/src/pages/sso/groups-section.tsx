/** The group mappings of the configured page, edited in place. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { projectsByIdQuery } from "../../api/mapping-targets.ts";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { Facts } from "../../ui/facts.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { EditableSection } from "./editable-section.tsx";
import { GroupFields, groupFieldNames, useGroupSaving } from "./group-fields.tsx";
import type { SectionProps } from "./sections.tsx";
import { hasMappings } from "./steps.ts";
import { TestButton } from "./test-button.tsx";
import { useSettingsForm } from "./use-settings-form.ts";

/** As many groups of one role, workspace or project are named; the others are counted. */
const maxNamed = 5;

/** The section; saving shows first who would lose much by it. */
export function GroupsSection({ settings, isOpen, onOpen }: SectionProps) {
  const form = useSettingsForm(settings);
  const saving = useGroupSaving(form, () => {
    notifyDone("The mappings are saved. They count from everybody's next sign-on.");
    onOpen(false);
  });
  return (
    <>
      <EditableSection
        id="groups"
        title="What groups give"
        lead="At every sign-on a person's role, workspaces and projects are brought to this."
        {...{ isOpen, onOpen, form }}
        fields={groupFieldNames}
        onSave={saving.submit}
        isBusy={saving.isBusy}
        actions={
          <>
            {saving.previewButton}
            {form.isDirty && <TestButton form={form} />}
          </>
        }
        summary={<MappingSummary settings={settings} />}
      >
        <GroupFields form={form} />
      </EditableSection>
      {saving.dialog}
    </>
  );
}

function MappingSummary({ settings }: { readonly settings: SamlSettings }) {
  const ids = [...new Set(settings.projects_groups.map(({ project_id: id }) => id))];
  const { data: projects } = useQuery(projectsByIdQuery(ids.slice(0, maxNamed)));
  if (!hasMappings(settings)) {
    return <>No group is mapped: everybody who signs in gets the default role and nothing else.</>;
  }
  return (
    <Facts
      facts={[
        ["Roles", <Named key="roles" entries={settings.roles_groups} />],
        ["Workspaces", <Named key="workspaces" entries={settings.workspaces_groups} />],
        [
          "Projects",
          <Named
            key="projects"
            entries={settings.projects_groups.map(
              ({ project_id: id, group, role }) =>
                [`${projects?.get(id)?.title ?? `Project ${id}`}, ${role}`, group] as const,
            )}
          />,
        ],
      ]}
    />
  );
}

/** Each target with the groups that give it. */
function Named({
  entries,
}: {
  readonly entries: readonly (readonly [target: string, group: string])[];
}): ReactNode {
  if (entries.length === 0) return "None";
  const groups = new Map<string, string[]>();
  for (const [target, group] of entries) {
    groups.set(target, [...(groups.get(target) ?? []), group]);
  }
  const shown = [...groups].slice(0, maxNamed);
  return (
    <ul className="lg-plain-list">
      {shown.map(([target, names]) => (
        <li key={target}>
          {target}: <span className="lg-code">{names.slice(0, maxNamed).join(", ")}</span>
          {names.length > maxNamed && ` and ${names.length - maxNamed} more`}
        </li>
      ))}
      {groups.size > shown.length && <li>and {groups.size - shown.length} more</li>}
    </ul>
  );
}
