/**
 * Saving and resetting the settings (PRODUCT 6.2, 6.3, 6.5).
 *
 *   fetch the metadata URL ─ transaction { lock → load → merge → check → save, revision, audit row }
 *
 * 1. Nothing is fetched inside a transaction, as an identity provider may take seconds to answer.
 * 2. Every check runs, and every problem is told at once; with any problem nothing is saved.
 * 3. The merge starts from what is stored at that moment, so two partial updates lose nothing.
 */
import type { Principal } from "../access/authorize.ts";
import { planReset } from "../access/plan.ts";
import type { Deps } from "../deps.ts";
import { applyPlan } from "../store/apply.ts";
import { recordAudit } from "../store/audit.ts";
import { listAssignedPeople, lockSettings } from "../store/mapping-targets.ts";
import { loadSnapshot } from "../store/people.ts";
import {
  defaultSamlSettings,
  loadSamlByOrganization,
  type SamlRecord,
  type SamlSettings,
  saveSaml,
} from "../store/saml-settings.ts";
import { loadScimSettings, type ScimSettings, saveScimSettings } from "../store/scim-settings.ts";
import type { Db } from "../store/store.ts";
import { renderSamlFields, renderScim } from "./answer.ts";
import { checkDomains, checkProjects, checkWorkspaces } from "./check.ts";
import { parseTarget } from "./fetch-metadata.ts";
import { mergeSaml, mergeScim } from "./merge.ts";
import {
  decideMetadata,
  type FetchMetadata,
  type MetadataAnswer,
  readMetadataUrl,
} from "./metadata-source.ts";
import type { Parsed } from "./parse.ts";
import type { SamlPatch, ScimPatch } from "./schema.ts";

/** Who saves, and in which request. */
export interface Saving {
  readonly principal: Principal;
  readonly ip: string;
  readonly requestId: string;
}
