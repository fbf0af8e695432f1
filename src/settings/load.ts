/**
 * Reading the settings with all that an answer says about them (PRODUCT 6.1): addresses, metadata
 * summary, warnings.
 */
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { findSimilarWorkspaces } from "../store/mapping-targets.ts";
import { loadSamlByOrganization, type SamlRecord } from "../store/saml-settings.ts";
import { loadScimSettings } from "../store/scim-settings.ts";
import { countUnknownGroups } from "../store/sign-in-log.ts";
import {
  type ReadMetadata,
  readRecordMetadata,
  renderComputed,
  renderSaml,
  renderScim,
} from "./answer.ts";
import {
  groupWarnings,
  namedGroups,
  seatWarnings,
  unknownGroupsWarnings,
} from "./mapping-warnings.ts";
import { describeOwnerSignIn, ownerWarnings } from "./owner-confirmation.ts";
import { describePasswordLogin } from "./password-guard.ts";
import { domainWarnings, samlWarnings, type Warning } from "./warnings.ts";

/** For how long, and among how many attempts, groups that were not told are warned of. */
const unknownGroupsMs = 7 * 24 * 3_600_000;
const lastAttempts = 500;

const nothingEchoed: ReadonlyMap<string, unknown> = new Map();

/** The read-only fields that were sent, and the warnings of a save. */
interface Saved {
  readonly echoed?: ReadonlyMap<string, unknown>;
  readonly more?: readonly Warning[];
}

/**
 * The whole record as the API answers it to this caller. `echoed` are values that the caller sent for read-only
 * fields; one that differs from what stays is told. `more` is what a save has to say beside.
 */
export async function describeSaml(
  deps: Deps,
  { organizationId, userId }: Pick<Principal, "organizationId" | "userId">,
  { echoed = nothingEchoed, more = [] }: Saved = {},
) {
  const { db } = deps.store;
  const { baseUrl } = deps.config;
  const nowMs = deps.now();
  const record = await loadSamlByOrganization(db, organizationId);
  const read = readRecordMetadata(record, nowMs);
  const warnings = [
    ...(await warningsOf(deps, { record, read, nowMs })),
    ...readOnlyWarnings(renderComputed(baseUrl, record.token), echoed),
    ...more,
  ];
  return {
    ...renderSaml({ baseUrl, record, read, warnings, nowMs }),
    version: record.version,
    password_login: await describePasswordLogin(deps, { record, userId }),
    owner_sign_in: await describeOwnerSignIn(deps, record, userId),
  };
}

/** Collects the warnings of a record, be it saved or not. */
export async function warningsOf(
  deps: Deps,
  { record, read, nowMs }: { record: SamlRecord; read: ReadMetadata; nowMs: number },
): Promise<readonly Warning[]> {
  const { db } = deps.store;
  const { organizationId } = record;
  const { disableSamlSslValidation: isTlsUnchecked } = deps.config;
  const scim = await loadScimSettings(db, organizationId);
  const titles = new Set(record.settings.workspaces.map(({ workspace }) => workspace));
  const similarWorkspaces = await findSimilarWorkspaces(db, organizationId, [...titles]);
  const since = { organizationId, sinceMs: nowMs - unknownGroupsMs, limit: lastAttempts };
  return [
    ...(await ownerWarnings(deps, record)),
    ...domainWarnings(record, deps.config),
    ...unknownGroupsWarnings(await countUnknownGroups(db, since)),
    ...samlWarnings({ record, read, scim, similarWorkspaces, isTlsUnchecked, nowMs }),
  ];
}

/** The SCIM settings as the API answers them; `more` is what a save has to say beside. */
export async function describeScim(
  deps: Deps,
  organizationId: number,
  more: readonly Warning[] = [],
) {
  const settings = await loadScimSettings(deps.store.db, organizationId);
  const warnings = [...groupWarnings(namedGroups(settings)), ...seatWarnings(settings), ...more];
  return { ...renderScim(settings), warnings };
}

function readOnlyWarnings(
  computed: Readonly<Record<string, string>>,
  echoed: ReadonlyMap<string, unknown>,
): readonly Warning[] {
  return Object.entries(computed)
    .filter(([field, stays]) => echoed.has(field) && echoed.get(field) !== stays)
    .map(([field]) => ({
      code: "read_only",
      field,
      message: `${field} cannot be set and stays as it is.`,
    }));
}
