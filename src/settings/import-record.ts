/**
 * Whole records of settings, as an export of Label Studio Enterprise or of Labelgate holds them: they come
 * with fields that nobody can set, and name projects of where they were made. Owns what is skipped of
 * them, so that they are taken as a whole, and the warnings that name it (PRODUCT 6.2). A patch that
 * somebody wrote is none: there an unknown project is refused.
 */
import type { ScimPatch } from "../access/settings-table.ts";
import { findMissingProjects } from "../store/mapping-targets.ts";
import type { Db } from "../store/store.ts";
import type { Parsed } from "./parse.ts";
import type { Warning } from "./warnings.ts";

/** Fields that are in every record of the SAML and of the SCIM settings, and in no patch. */
const recordFields = ["acs_url", "user_type_capacities"];

/** True where the fields that were sent are a whole record. */
export function isWholeRecord(fields: unknown): boolean {
  if (typeof fields !== "object" || fields === null) return false;
  return recordFields.some((field) => Object.hasOwn(fields, field));
}

/** A patch without the mappings of projects that do not exist, and the numbers of these. */
export interface Imported<Patch> {
  readonly patch: Patch;
  readonly skippedProjects: readonly number[];
}

/** The part of a parsed body to save: of a whole record, without the projects that are not here. */
export async function takeImported<Patch extends Pick<ScimPatch, "projects_groups">>(
  tx: Db,
  organizationId: number,
  { patch, isRecord, skippedProjects }: Parsed<Patch>,
): Promise<Imported<Patch>> {
  const entries = patch.projects_groups ?? [];
  if (!isRecord || entries.length === 0) return { patch, skippedProjects };
  const ids = [...new Set(entries.map(({ projectId }) => projectId))];
  const missing = await findMissingProjects(tx, organizationId, ids);
  if (missing.length === 0) return { patch, skippedProjects };
  const kept = entries.filter(({ projectId }) => !missing.includes(projectId));
  return {
    patch: { ...patch, projects_groups: kept },
    skippedProjects: [...skippedProjects, ...missing],
  };
}

/** Warnings of an import: the projects that were skipped, and that numbers of others may mislead. */
export function importWarnings(
  { echoed }: Pick<Parsed<unknown>, "echoed">,
  { skipped, hasProjects, acsUrl }: ImportOutcome,
): readonly Warning[] {
  const field = "projects_groups";
  const found: Warning[] = [];
  if (skipped.length > 0) {
    found.push({
      ...{ code: "projects_skipped", field },
      message: `No such project in this organization, so the mappings of these were left out: ${listed(skipped)}.`,
    });
  }
  const from = echoed.get("acs_url");
  if (hasProjects && from !== undefined && from !== acsUrl) {
    found.push({
      ...{ code: "projects_of_another_server", field },
      message: `The record comes from another server, where the same number may be another project. Check each project mapping.`,
    });
  }
  return found;
}

/** The projects of a record that were taken and skipped. */
export interface ImportOutcome {
  readonly skipped: readonly number[];
  /** True where some of them are mapped now. */
  readonly hasProjects: boolean;
  /** The organization's own, by which another server's record is told. */
  readonly acsUrl: string;
}

const maxListed = 50;

function listed(numbers: readonly number[]): string {
  const shown = [...new Set(numbers)];
  const more = shown.length - maxListed;
  return `${shown.slice(0, maxListed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
