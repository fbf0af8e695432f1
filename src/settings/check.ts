/**
 * Checks settings against the store: whether a domain is free, whether projects and workspaces exist
 * (PRODUCT 6.2, 6.5). Each check adds its sentences to the problems; none throws.
 */

import { type DomainTrust, isTrustedToAnother } from "../access/proof.ts";
import type { ScimSettings } from "../access/settings-table.ts";
import { findMissingProjects, findMissingWorkspaces } from "../store/mapping-targets.ts";
import { findOrganizationByDomain } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import { parseDomains } from "./domains.ts";
import type { Problems } from "./problems.ts";

/** The store that a check asks, and the problems that it adds to. */
export interface Checking {
  readonly tx: Db;
  readonly organizationId: number;
  readonly problems: Problems;
}

/** The canonical domains of the list; another organization's claim is refused without its name. */
export async function checkDomains(
  { tx, organizationId, problems }: Checking,
  text: string,
  { isFirst, trust }: { readonly isFirst: boolean; readonly trust: DomainTrust },
): Promise<readonly string[]> {
  const parsed = parseDomains(text);
  for (const sentence of parsed.problems) problems.add("domain", sentence);
  for (const domain of parsed.domains) {
    const claim = await findOrganizationByDomain(tx, domain);
    const isAnothers = claim !== null && claim.organizationId !== organizationId;
    if (isAnothers || isTrustedToAnother(domain, { organizationId, isFirst }, trust)) {
      problems.add(
        "domain",
        `${domain} is already claimed by another organization on this server.`,
      );
    }
  }
  return parsed.domains;
}

/** Refuses project ids that this organization does not have; a foreign one reads as a missing one. */
export async function checkProjects(
  { tx, organizationId, problems }: Checking,
  { projects }: Pick<ScimSettings, "projects">,
): Promise<void> {
  const ids = [...new Set(projects.map(({ projectId }) => projectId))];
  for (const id of await findMissingProjects(tx, organizationId, ids)) {
    problems.add("projects_groups", `Project ${id} does not exist in this organization.`);
  }
}

/** Refuses workspaces that do not exist; only the SCIM settings ask for that (PRODUCT 6.5). */
export async function checkWorkspaces(
  { tx, organizationId, problems }: Checking,
  { workspaces }: Pick<ScimSettings, "workspaces">,
): Promise<void> {
  const titles = [...new Set(workspaces.map(({ workspace }) => workspace))];
  for (const title of await findMissingWorkspaces(tx, organizationId, titles)) {
    problems.add(
      "workspaces_groups",
      `Workspace "${title.slice(0, 80)}" does not exist; create it first.`,
    );
  }
}
