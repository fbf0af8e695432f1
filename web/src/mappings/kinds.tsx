/** The three kinds of mappings: what an entry of each is, and the words of its table. */
import type { ReactNode } from "react";
import {
  grantableRoleByName,
  grantableRoles,
  projectRoleByName,
  projectRoleNames,
  projectRoleOrder,
  roleName,
  roleRank,
} from "../../../src/access/roles.ts";
import type { MappingLists } from "../api/saml-settings.ts";
import type { Named } from "./problems.ts";

/** An entry of one of the lists. */
export type EntryOf<Field extends keyof MappingLists> = MappingLists[Field][number];

/** SAML makes workspaces that it misses; SCIM refuses them (PRODUCT 4.3, 6.5). */
export type Protocol = "saml" | "scim";

/** Everything that a table of mappings must know of its entries. */
export interface MappingKind<Entry> {
  readonly title: string;
  readonly lead: ReactNode;
  readonly empty: string;
  /** Headings of the columns, the group's last. */
  readonly columns: readonly string[];
  /** Entry of a new row. */
  readonly blank: Entry;
  group(entry: Entry): string;
  withGroup(entry: Entry, group: string): Entry;
  /** The same for entries that say the same. */
  key(entry: Entry): string;
  /** The same for entries of one group of which only one can win; null where all of them hold. */
  conflictKey(entry: Entry): string | null;
  /** Of two entries in one contest, whether the first wins. */
  precedes(entry: Entry, other: Entry): boolean;
  /** Says that `winner` wins over the row. */
  lost(winner: Entry): string;
  /** Text that the filter searches, besides titles of projects. */
  text(entry: Entry): string;
  name(entry: Entry): Named;
}

const roleNames = grantableRoles.map(roleName);

export const rolesKind: MappingKind<EntryOf<"roles_groups">> = {
  title: "Organization roles",
  lead: "The role that members of a group have in the organization, and with it in its workspaces and projects. Of several, the most elevated wins.",
  empty:
    "No group gives a role. Everybody who signs in keeps theirs; who is new gets the organization's default role.",
  columns: ["Role", "Group"],
  blank: ["Annotator", ""],
  group: ([, group]) => group,
  withGroup: ([role], group) => [role, group],
  key: (entry) => JSON.stringify(entry),
  conflictKey: ([, group]) => group,
  precedes: ([role], [other]) => rankOf(role) > rankOf(other),
  lost: ([role]) => `The group gives ${role} too, and the most elevated role wins.`,
  text: ([role, group]) => `${role} ${group}`,
  name: () => ({}),
};

function rankOf(name: string): number {
  const role = grantableRoleByName(name);
  return role === undefined ? 0 : roleRank(role);
}

/** The roles that a row may choose from; one that the server added later stays. */
export function roleChoices(present: string): readonly string[] {
  return roleNames.includes(present) ? roleNames : [...roleNames, present];
}

export function workspacesKind(protocol: Protocol): MappingKind<EntryOf<"workspaces_groups">> {
  return {
    title: "Workspaces",
    lead:
      protocol === "saml"
        ? "The workspaces that members of a group belong to. Managers, Reviewers and Annotators see no others. One that does not exist is made at the first sign-on that wants it."
        : "The workspaces that members of a pushed group belong to. Managers, Reviewers and Annotators see no others. A workspace must exist before it is mapped.",
    empty: "No group gives a workspace: people belong to those that somebody adds them to.",
    columns: ["Workspace", "Group"],
    blank: ["", ""],
    group: ([, group]) => group,
    withGroup: ([workspace], group) => [workspace, group],
    key: (entry) => JSON.stringify(entry),
    conflictKey: () => null,
    precedes: () => false,
    lost: () => "",
    text: ([workspace, group]) => `${workspace} ${group}`,
    name: ([workspace]) => ({ workspace }),
  };
}

export const projectsKind: MappingKind<EntryOf<"projects_groups">> = {
  title: "Projects",
  lead: "The projects that members of a group belong to, and their role there. Inherit is the role of the organization; it waits while that is Not Activated.",
  empty: "No group gives a project: people belong to those that somebody adds them to.",
  columns: ["Project", "Role", "Group"],
  blank: { project_id: 0, group: "", role: projectRoleNames.IN },
  group: ({ group }) => group,
  withGroup: (entry, group) => ({ ...entry, group }),
  key: ({ project_id, group, role }) => JSON.stringify([project_id, group, role]),
  conflictKey: ({ project_id, group }) => JSON.stringify([project_id, group]),
  precedes: ({ role }, { role: other }) => placeOf(role) < placeOf(other),
  lost: ({ role }) =>
    `The group gives ${role} in this project too, and the most elevated role wins.`,
  text: ({ project_id, group, role }) => `#${project_id} ${role} ${group}`,
  name: ({ project_id: projectId }) => ({ projectId }),
};

function placeOf(name: string): number {
  const role = projectRoleByName(name);
  return role === undefined ? 0 : projectRoleOrder(role);
}

/** The roles in a project, least first. */
export const projectRoleChoices: readonly string[] = [
  ...[projectRoleNames.IN, projectRoleNames.AN, projectRoleNames.RE],
];
