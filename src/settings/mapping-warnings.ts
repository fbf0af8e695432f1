/** Warnings about attribute names and group mappings (PRODUCT 6.2, 7.7, 8.7). Pure. */

import { roleName } from "../access/roles.ts";
import type { ScimSettings } from "../access/settings-table.ts";
import type { Situation, Warning } from "./warnings.ts";

const objectIdPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A group name and the field of the mapping that it stands in. */
interface NamedGroup {
  readonly field: string;
  readonly group: string;
}

/** Warns of likely slips in the mappings of the SAML settings. */
export function mappingWarnings(situation: Situation): readonly Warning[] {
  const { settings } = situation.record;
  const groups = namedGroups(settings);
  return [
    ...coverageWarnings(situation, groups),
    ...groupWarnings(groups),
    ...seatWarnings(settings),
    ...workspaceWarnings(situation),
    ...protocolWarnings(situation),
  ];
}

/** Slips in the group names of any three mapping lists; the SCIM settings have them too. */
export function groupWarnings(groups: readonly NamedGroup[]): readonly Warning[] {
  return [
    ...groups.flatMap(({ field, group }) => spellingWarnings(field, group)),
    ...nearMissWarnings(groups),
  ];
}

/** Warns of seat type mappings; the SCIM settings have them too. */
export function seatWarnings({ userTypes }: Pick<ScimSettings, "userTypes">): readonly Warning[] {
  if (userTypes.length === 0) return [];
  const message =
    "Seats have one type here, standard: the seat type mappings are kept for Label Studio Enterprise, and give nobody anything.";
  return [{ code: "seat_types_not_used", field: "user_type_groups", message }];
}

/** Every group of the three mapping lists that grant, with its field. */
export function namedGroups({
  roles,
  workspaces,
  projects,
}: Omit<ScimSettings, "userTypes">): readonly NamedGroup[] {
  return [
    ...roles.map(({ group }) => ({ field: "roles_groups", group })),
    ...workspaces.map(({ group }) => ({ field: "workspaces_groups", group })),
    ...projects.map(({ group }) => ({ field: "projects_groups", group })),
  ];
}

function spellingWarnings(field: string, group: string): readonly Warning[] {
  const found: Warning[] = [];
  if (objectIdPattern.test(group.trim())) {
    found.push({
      code: "group_object_id",
      field,
      message: `"${group}" looks like an Entra ID object id. Group names are needed: set the source attribute of the groups claim to sAMAccountName or another readable name.`,
    });
  }
  if (group !== group.trim()) {
    found.push({
      code: "group_outer_space",
      field,
      message: `The group "${group}" begins or ends with a space, and matches only a group that does so too.`,
    });
  }
  return found;
}

/** Names that differ only by case or space are rarely two groups. */
function nearMissWarnings(groups: readonly NamedGroup[]): readonly Warning[] {
  const spellings = new Map<string, Map<string, string>>();
  for (const { field, group } of groups) {
    const plain = group.trim().replace(/\s+/g, " ").toLowerCase();
    const fields = spellings.get(plain) ?? new Map<string, string>();
    spellings.set(plain, fields);
    if (!fields.has(group)) fields.set(group, field);
  }
  return [...spellings.values()].flatMap((fields) => {
    const names = [...fields.keys()];
    if (names.length < 2) return [];
    const shown = names.map((name) => `"${name}"`).join(" and ");
    const message = `${shown} are different groups: names compare exactly, case included.`;
    return [{ code: "group_near_miss", field: fields.get(names[1] ?? "") ?? "", message }];
  });
}

function coverageWarnings(
  { record }: Situation,
  groups: readonly NamedGroup[],
): readonly Warning[] {
  const { settings, organization } = record;
  const isConfigured = settings.metadataUrl !== "" || settings.metadataXml !== "";
  if (groups.length === 0) {
    if (!isConfigured) return [];
    const message = `No group is mapped: everybody who signs in gets the default role, ${roleName(organization.defaultRole)}, and no workspace or project.`;
    return [{ code: "no_groups_mapped", field: "roles_groups", message }];
  }
  if (settings.mappingGroups !== "") return [];
  const message =
    "Groups are mapped, but mapping_groups names no attribute, so nobody is ever in one.";
  return [{ code: "no_groups_attribute", field: "mapping_groups", message }];
}

function workspaceWarnings({ similarWorkspaces }: Situation): readonly Warning[] {
  return [...similarWorkspaces].map(([title, similar]) => ({
    code: "workspace_near_miss",
    field: "workspaces_groups",
    message: `There is no workspace "${title}", but there is "${similar}". A sign-in that triggers the mapping creates the first beside the second.`,
  }));
}

/** SAML and SCIM both set roles and the last to run wins (PRODUCT 7.7). */
function protocolWarnings({ record, scim }: Situation): readonly Warning[] {
  if (record.settings.roles.length === 0 || scim.roles.length === 0) return [];
  const inSaml = new Set(record.settings.roles.map((entry) => JSON.stringify(entry)));
  const inScim = new Set(scim.roles.map((entry) => JSON.stringify(entry)));
  if (inSaml.size === inScim.size && [...inSaml].every((entry) => inScim.has(entry))) return [];
  const message =
    "SAML and SCIM both map groups to roles, and differently. Whichever runs last sets the role; use the same mappings in both, or in one only.";
  return [{ code: "roles_differ_from_scim", field: "roles_groups", message }];
}

/** Tells that people came whose groups are unknown, so that nothing of their access followed (PRODUCT 3.3). */
export function unknownGroupsWarnings(attempts: number): readonly Warning[] {
  if (attempts === 0) return [];
  const times = attempts === 1 ? "Once" : `${attempts} times`;
  const message = `${times} in the last seven days Entra ID sent a link in place of somebody's more than 150 groups. Their groups are unknown then, and their role, workspaces and projects stay as they are. In Entra ID choose Groups assigned to the application, or push the groups by SCIM.`;
  return [{ code: "groups_unknown", field: "mapping_groups", message }];
}
