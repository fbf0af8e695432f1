/**
 * The three tables that map an identity provider's groups (PRODUCT 4.2 to 4.4, 7.5), for the SAML and
 * the SCIM settings alike. Saving is the form's; this edits what the form holds, and tells slips in
 * place while they are made.
 */
import { Stack } from "@mantine/core";
import { useMemo } from "react";
import type { FieldErrors } from "../api/client.ts";
import type { MappingLists, SettingsWarning } from "../api/saml-settings.ts";
import { type EntryOf, type Protocol, projectsKind, rolesKind, workspacesKind } from "./kinds.tsx";
import { MappingTable, type TableProps } from "./mapping-table.tsx";
import "./mappings.css";
import { toldByRows } from "./row-hints.ts";
import {
  KnownProjectsProvider,
  ProjectTarget,
  RoleTarget,
  SamlWorkspaceTarget,
  ScimWorkspaceTarget,
  useKnownProjects,
} from "./targets.tsx";

interface EditorProps {
  /** Protocol whose settings are edited. */
  readonly kind: Protocol;
  readonly value: MappingLists;
  readonly onChange: (value: MappingLists) => void;
  /** Why saving was refused; sentences of other fields are passed by. */
  readonly errors?: FieldErrors;
  /** Warnings of the saved record. */
  readonly warnings?: readonly SettingsWarning[];
}

const noErrors: FieldErrors = {};
const noSentences: readonly string[] = [];

/** The tables. */
export function MappingEditor({
  kind,
  value,
  onChange,
  errors = noErrors,
  warnings = [],
}: EditorProps) {
  const { roles_groups: roles, workspaces_groups: workspaces, projects_groups: projects } = value;
  const groups = useMemo(
    () => groupsOf(roles, workspaces, projects),
    [roles, workspaces, projects],
  );
  const told = (field: keyof MappingLists) => ({
    source: kind,
    groups,
    errors: errors[field] ?? noSentences,
    warnings: warnings
      .filter((warning) => warning.field === field && !toldByRows.has(warning.code))
      .map(({ message }) => message),
  });
  return (
    <Stack gap="xl">
      <MappingTable
        kind={rolesKind}
        Target={RoleTarget}
        list={value.roles_groups}
        onChange={(roles_groups) => onChange({ ...value, roles_groups })}
        {...told("roles_groups")}
      />
      <MappingTable
        kind={kind === "saml" ? samlWorkspaces : scimWorkspaces}
        Target={kind === "saml" ? SamlWorkspaceTarget : ScimWorkspaceTarget}
        list={value.workspaces_groups}
        onChange={(workspaces_groups) => onChange({ ...value, workspaces_groups })}
        {...told("workspaces_groups")}
      />
      <ProjectsTable
        list={value.projects_groups}
        onChange={(projects_groups) => onChange({ ...value, projects_groups })}
        {...told("projects_groups")}
      />
    </Stack>
  );
}

const samlWorkspaces = workspacesKind("saml");
const scimWorkspaces = workspacesKind("scim");

type Projects = TableProps<EntryOf<"projects_groups">>;

function ProjectsTable(props: Omit<Projects, "kind" | "Target" | "textOf">) {
  const known = useKnownProjects(props.list.map(({ project_id }) => project_id));
  return (
    <KnownProjectsProvider known={known}>
      <MappingTable
        kind={projectsKind}
        Target={ProjectTarget}
        textOf={({ project_id: id }) => known.projects.get(id)?.title ?? ""}
        {...props}
      />
    </KnownProjectsProvider>
  );
}

function groupsOf(
  roles: MappingLists["roles_groups"],
  workspaces: MappingLists["workspaces_groups"],
  projects: MappingLists["projects_groups"],
): readonly string[] {
  const named = [
    ...[...roles, ...workspaces].map(([, group]) => group),
    ...projects.map(({ group }) => group),
  ];
  return [...new Set(named)].filter((group) => group !== "");
}
