/**
 * The tables as Kysely's types. Owns the spelling of tables and columns; what they hold at rest is
 * migrations/'s business, and what the rest of Labelgate sees is domain types, never these rows.
 * The tables of SCIM are spelled in schema-scim.ts, those of member tags in schema-tags.ts, those of
 * Label Studio's people and projects in schema-upstream.ts.
 *
 * Portable columns only: whole numbers, text, epoch milliseconds, switches as 0 and 1, JSON as text.
 */
import type { Generated } from "kysely";
import type { OrgRole, ProjectRole, Source } from "../access/roles.ts";
import type { samlRows, tokenRows } from "../access/settings-table.ts";
import type {
  ScimAssignmentsTable,
  ScimGroupMembersTable,
  ScimGroupsTable,
  ScimRequestLogTable,
  ScimSettingsTable,
  ScimSubgroupsTable,
  ScimTokensTable,
  ScimUsersTable,
} from "./schema-scim.ts";
import type { MemberTagTables } from "./schema-tags.ts";
import type { SamlTrialsTable } from "./schema-trials.ts";
import type {
  UpstreamLinksTable,
  UpstreamOutboxTable,
  UpstreamStateTable,
} from "./schema-upstream.ts";
import type { SettingsTable } from "./setting-columns.ts";

/** 0 or 1. */
type Flag = number;
/** JSON as text. */
type Json = string;
/** Milliseconds since the epoch. */
type Milliseconds = number;

interface OrganizationsTable extends SettingsTable<typeof tokenRows> {
  readonly id: Generated<number>;
  readonly title: string;
  readonly default_role: OrgRole;
  readonly seat_limit: number | null;
  readonly seats_used: Generated<number>;
  readonly session_max_minutes: Generated<number | null>;
  readonly session_idle_minutes: Generated<number | null>;
  readonly invite_token: string;
  readonly created_at: Milliseconds;
}

interface UsersTable {
  readonly id: Generated<number>;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password_hash: string | null;
  /** 1 where whoever chose the password proved the mailbox, or the operator vouched for them. */
  readonly password_proved: Generated<Flag>;
  /** The organization that gave the names last; others see them once the person accepted. */
  readonly names_from: Generated<number | null>;
  readonly created_at: Milliseconds;
  /** Label Studio's number of the account, with the address by which it knows it (GATEWAY 10.5). */
  readonly upstream_id: Generated<number | null>;
  readonly upstream_email: Generated<string | null>;
}

interface MembershipsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly user_id: number;
  readonly role: OrgRole;
  readonly role_source: Source;
  readonly role_set_at: Milliseconds;
  /** The role that the seat limit keeps back (PRODUCT 1.7); null where it keeps none. */
  readonly awaited_role: Generated<OrgRole | null>;
  readonly created_at: Milliseconds;
  readonly opens_by_password: Generated<Flag>;
  /**
   * The time at which the person accepted it; null where somebody else made it for them (PRODUCT 4.9).
   */
  readonly accepted_at: Generated<Milliseconds | null>;
  readonly last_groups: Json | null;
  readonly last_sign_in_at: Milliseconds | null;
}

/** A group that sign-ins told of; the database counts by itself who is in it. */
interface SeenGroupsTable {
  readonly organization_id: number;
  readonly name: string;
  readonly members: number;
  readonly last_seen_at: Milliseconds;
}

interface WorkspacesTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly title: string;
  readonly description: Generated<string>;
  readonly color: Generated<string>;
  readonly is_archived: Generated<Flag>;
  readonly created_by: number | null;
  readonly created_at: Milliseconds;
}

interface WorkspaceMembersTable {
  readonly workspace_id: number;
  readonly user_id: number;
  readonly source: Source;
  readonly organization_id: number;
  readonly granted_at: Milliseconds;
}

interface ProjectsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly title: string;
  readonly description: Generated<string>;
  readonly workspace_id: number | null;
  readonly created_by: Generated<number | null>;
  readonly created_at: Milliseconds;
  /** Label Studio's number of the project, with its `created_at` in microseconds (GATEWAY 10.5). */
  readonly upstream_id: Generated<number | null>;
  readonly upstream_created_at: Generated<number | null>;
  /** A project whose creator has not saved it yet; in the list of its creator alone. */
  readonly is_draft: Generated<Flag>;
  /** Label Studio has it no more; its members are kept. */
  readonly gone_at: Generated<Milliseconds | null>;
  /** Microseconds. */
  readonly pinned_at: Generated<number | null>;
  readonly color: Generated<string | null>;
}

interface ProjectMembersTable {
  readonly id: Generated<number>;
  readonly project_id: number;
  readonly user_id: number;
  readonly source: Source;
  readonly organization_id: number;
  readonly role: ProjectRole;
  readonly is_pending: Flag;
  readonly granted_at: Milliseconds;
}

/** One row: a text sealed by the server's secret, which tells at the start whether the secret is the one. */
interface SecretCanaryTable {
  readonly id: number;
  readonly sealed: string;
  readonly sealed_at: Milliseconds;
}

interface SamlSettingsTable extends SettingsTable<typeof samlRows> {
  readonly organization_id: number;
  readonly token: string;
  readonly version: Generated<number>;
  readonly idp_metadata: string | null;
  readonly idp_metadata_fetched_at: Milliseconds | null;
  readonly idp_metadata_checked_at: Milliseconds | null;
  readonly idp_metadata_error: string | null;
  /** JSON of the configuration that may vouch for the Owner. */
  readonly owner_confirmation: Generated<Json | null>;
}

interface SamlDomainsTable {
  readonly domain: string;
  readonly organization_id: number;
}

interface SpKeysTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly state: "active" | "next" | "retired";
  readonly certificate_pem: string;
  readonly private_key_sealed: string;
  readonly created_at: Milliseconds;
}

interface SettingsRevisionsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly kind: "saml" | "scim";
  readonly at: Milliseconds;
  readonly actor_user_id: number | null;
  readonly before: Json;
  readonly after: Json;
}

interface SessionsTable {
  readonly token_hash: string;
  readonly id: string;
  readonly user_id: number;
  readonly organization_id: number;
  readonly method: "saml" | "password" | "link";
  readonly created_at: Milliseconds;
  readonly last_seen_at: Milliseconds;
  readonly expires_at: Milliseconds;
  readonly ip: string;
  readonly user_agent: string;
}

interface PendingLoginsTable {
  readonly request_id: string;
  readonly organization_id: number;
  readonly browser_hash: string;
  readonly next: string;
  readonly created_at: Milliseconds;
  readonly expires_at: Milliseconds;
}

interface ReplayIdsTable {
  readonly organization_id: number;
  readonly assertion_id: string;
  readonly expires_at: Milliseconds;
}

interface ApiTokensTable {
  readonly id: Generated<number>;
  readonly user_id: number;
  readonly organization_id: number;
  readonly kind: "legacy" | "pat";
  readonly token_hash: string;
  readonly created_at: Milliseconds;
  readonly last_used_at: Milliseconds | null;
  readonly expires_at: Milliseconds | null;
}

interface InvitesTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly token_hash: string;
  readonly email: string;
  readonly role: OrgRole;
  readonly created_by: number | null;
  readonly created_at: Milliseconds;
  readonly expires_at: Milliseconds;
  readonly workspaces: Generated<Json>;
  readonly projects: Generated<Json>;
  /** 1 where the link went to the address by mail, and to nobody else. */
  readonly is_mailed: Generated<Flag>;
}

interface OneTimeLinksTable {
  readonly token_hash: string;
  readonly kind: "setup" | "recover" | "password_reset";
  readonly user_id: number | null;
  readonly organization_id: number | null;
  readonly data: Json;
  readonly expires_at: Milliseconds;
}

interface AuditLogTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly at: Milliseconds;
  readonly actor_kind: "person" | "saml" | "scim" | "system";
  /** The person, or the SCIM token, that acted; null where neither did. */
  readonly actor_user_id: number | null;
  readonly actor_token_id: number | null;
  readonly subject_user_id: number | null;
  readonly action: string;
  readonly changes: Json;
  readonly reasons: Json;
  readonly ip: string | null;
  readonly request_id: string | null;
}

interface SignInLogTable {
  readonly id: Generated<number>;
  readonly reference: string;
  readonly organization_id: number;
  readonly at: Milliseconds;
  readonly outcome: "admitted" | "not_activated" | "deactivated" | "refused";
  readonly code: string | null;
  readonly signed: Flag | null;
  readonly email: string | null;
  readonly user_id: number | null;
  readonly request_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly evidence: Json;
  readonly attribute_names: Json;
  readonly identity: Json | null;
  readonly changes: Json;
  readonly reasons: Json;
}

interface ActivityLogTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly at: Milliseconds;
  readonly user_id: number;
  readonly email: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly project_id: number | null;
  readonly workspace_id: number | null;
  readonly session: string;
  readonly ip: string;
  readonly user_agent: string;
  readonly referer: string;
  readonly request_id: string;
}

interface LeasesTable {
  readonly name: string;
  readonly holder: string;
  readonly expires_at: Milliseconds;
}

interface SignInAttemptsTable {
  readonly key: string;
  readonly failures: number;
  readonly window_started_at: Milliseconds;
}

interface StudioSessionsTable {
  readonly token_hash: string;
  readonly session_hash: string;
  readonly created_at: Milliseconds;
}

interface StudioCodesTable {
  readonly code_hash: string;
  readonly session_hash: string;
  readonly state_hash: string;
  readonly next: string;
  readonly expires_at: Milliseconds;
}

/** The feed of changes; triggers write it. */
interface AccessChangesTable {
  readonly id: Generated<number>;
  readonly user_id: number | null;
  readonly at: Generated<Milliseconds>;
}

interface MigrationsTable {
  readonly name: string;
  readonly applied_at: Milliseconds;
}

interface OrganizationPermissionsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly permission: string;
  readonly roles: Json;
}

/** Every table, by its name. */
export interface Database extends MemberTagTables {
  readonly organizations: OrganizationsTable;
  readonly organization_permissions: OrganizationPermissionsTable;
  readonly users: UsersTable;
  readonly memberships: MembershipsTable;
  readonly seen_groups: SeenGroupsTable;
  readonly workspaces: WorkspacesTable;
  readonly workspace_members: WorkspaceMembersTable;
  readonly projects: ProjectsTable;
  readonly project_members: ProjectMembersTable;
  readonly scim_assignments: ScimAssignmentsTable;
  readonly saml_settings: SamlSettingsTable;
  readonly saml_domains: SamlDomainsTable;
  readonly saml_trials: SamlTrialsTable;
  readonly sp_keys: SpKeysTable;
  readonly secret_canary: SecretCanaryTable;
  readonly scim_settings: ScimSettingsTable;
  readonly scim_users: ScimUsersTable;
  readonly scim_groups: ScimGroupsTable;
  readonly scim_group_members: ScimGroupMembersTable;
  readonly scim_subgroups: ScimSubgroupsTable;
  readonly scim_tokens: ScimTokensTable;
  readonly scim_request_log: ScimRequestLogTable;
  readonly settings_revisions: SettingsRevisionsTable;
  readonly sessions: SessionsTable;
  readonly pending_logins: PendingLoginsTable;
  readonly replay_ids: ReplayIdsTable;
  readonly api_tokens: ApiTokensTable;
  readonly invites: InvitesTable;
  readonly one_time_links: OneTimeLinksTable;
  readonly audit_log: AuditLogTable;
  readonly sign_in_log: SignInLogTable;
  readonly activity_log: ActivityLogTable;
  readonly leases: LeasesTable;
  readonly sign_in_attempts: SignInAttemptsTable;
  readonly upstream_links: UpstreamLinksTable;
  readonly upstream_outbox: UpstreamOutboxTable;
  readonly upstream_state: UpstreamStateTable;
  readonly studio_sessions: StudioSessionsTable;
  readonly studio_codes: StudioCodesTable;
  readonly access_changes: AccessChangesTable;
  readonly migrations: MigrationsTable;
}
