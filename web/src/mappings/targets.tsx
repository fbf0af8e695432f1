/** The fields before the group in the rows of each kind, and what the rows of projects know of them. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useMemo } from "react";
import { type ProjectChoice, projectsByIdQuery } from "../api/mapping-targets.ts";
import type { EntryOf } from "./kinds.tsx";
import type { TargetFields } from "./mapping-row.tsx";
import { ProjectField, ProjectRoleField, RoleField, WorkspaceField } from "./target-fields.tsx";

export const RoleTarget: TargetFields<EntryOf<"roles_groups">> = (props) => {
  const { entry, onChange, ...rest } = props;
  const [role, group] = entry;
  return (
    <RoleField
      {...rest}
      label="Role"
      value={role}
      onChange={(changed) => onChange([changed, group])}
    />
  );
};

type WorkspaceTarget = TargetFields<EntryOf<"workspaces_groups">>;

const workspaceTarget =
  (protocol: "saml" | "scim"): WorkspaceTarget =>
  ({ entry: [workspace, group], onChange, ...rest }) => (
    <WorkspaceField
      {...rest}
      protocol={protocol}
      label="Workspace"
      value={workspace}
      onChange={(changed) => onChange([changed, group])}
    />
  );

export const SamlWorkspaceTarget = workspaceTarget("saml");
export const ScimWorkspaceTarget = workspaceTarget("scim");

export const ProjectTarget: TargetFields<EntryOf<"projects_groups">> = (props) => {
  const { entry, onChange, error, position } = props;
  const { projects, isKnown } = use(ProjectsContext);
  return (
    <>
      <ProjectField
        {...{ position, error, isKnown }}
        label="Project"
        value={entry.project_id}
        chosen={projects.get(entry.project_id)}
        onChange={(project_id) => onChange({ ...entry, project_id })}
      />
      <ProjectRoleField
        position={position}
        label="Role"
        value={entry.role}
        onChange={(role) => onChange({ ...entry, role })}
      />
    </>
  );
};

/** The projects that a list names. */
export interface KnownProjects {
  readonly projects: ReadonlyMap<number, ProjectChoice>;
  /** True once those that are missing are known to be. */
  readonly isKnown: boolean;
}

const none: ReadonlyMap<number, ProjectChoice> = new Map();

const ProjectsContext = createContext<KnownProjects>({ projects: none, isKnown: false });

/** The projects of these ids, by the server; the fields of the rows within ask it for theirs. */
export function useKnownProjects(ids: readonly number[]): KnownProjects {
  const wanted = [...new Set(ids)].filter((id) => id > 0).sort((a, b) => a - b);
  const {
    data: projects = none,
    isSuccess,
    isPlaceholderData,
  } = useQuery({
    ...projectsByIdQuery(wanted),
    placeholderData: keepPreviousData,
  });
  const isKnown = isSuccess && !isPlaceholderData;
  return useMemo(() => ({ projects, isKnown }), [projects, isKnown]);
}

/** Tells the rows within of the projects. */
export function KnownProjectsProvider({
  known,
  children,
}: {
  readonly known: KnownProjects;
  readonly children: ReactNode;
}) {
  return <ProjectsContext value={known}>{children}</ProjectsContext>;
}
