/**
 * The tables of SCIM as Kysely's types, part of schema.ts: what was provisioned, the credentials, the
 * request log and what pushed groups assign. What they hold at rest is migrations/'s business.
 */
import type { Generated } from "kysely";
import type { mappingRows } from "../access/settings-table.ts";
import type { SettingsTable } from "./setting-columns.ts";

/** 0 or 1. */
type Flag = number;
/** JSON as text. */
type Json = string;
/** Milliseconds since the epoch. */
type Milliseconds = number;

/** Grants of a pushed group to one person. */
export interface ScimAssignmentsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly user_id: number;
  readonly scope: "organization" | "workspace" | "project";
  readonly group_name: string;
  /** Empty, a workspace title, or a project id as text. */
  readonly target: string;
  /** An organization role, empty, or a project role. */
  readonly role: string;
}

/** An organization's mappings of pushed groups. */
export interface ScimSettingsTable extends SettingsTable<typeof mappingRows> {
  readonly organization_id: number;
}

/** A person as SCIM clients wrote them. */
export interface ScimUsersTable {
  /** Counted up: the order of lists. */
  readonly seq: Generated<number>;
  /** UUID. */
  readonly id: string;
  readonly organization_id: number;
  readonly user_id: number;
  readonly user_name: string;
  /** Folded, for look-ups in any case. */
  readonly user_name_key: string;
  readonly external_id: string | null;
  readonly active: Flag;
  readonly version: Generated<number>;
  readonly created_at: Milliseconds;
  readonly modified_at: Milliseconds;
  readonly document: Json;
  readonly search: Json;
}

/** A pushed group. */
export interface ScimGroupsTable {
  readonly seq: Generated<number>;
  /** UUID. */
  readonly id: string;
  readonly organization_id: number;
  readonly display_name: string;
  readonly display_name_key: string;
  readonly external_id: string | null;
  readonly version: Generated<number>;
  readonly created_at: Milliseconds;
  readonly modified_at: Milliseconds;
  readonly document: Json;
  readonly search: Json;
}

/** People of pushed groups. */
export interface ScimGroupMembersTable {
  readonly group_seq: number;
  readonly user_id: number;
  readonly organization_id: number;
}

/** Pushed groups inside pushed groups. */
export interface ScimSubgroupsTable {
  readonly group_seq: number;
  readonly child_seq: number;
  readonly organization_id: number;
}

/** A credential of SCIM clients. */
export interface ScimTokensTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly name: string;
  readonly token_hash: string;
  /** The first characters, by which people tell tokens apart. */
  readonly prefix: string;
  readonly created_by: number | null;
  readonly created_at: Milliseconds;
  readonly last_used_at: Milliseconds | null;
  readonly expires_at: Milliseconds | null;
  readonly revoked_at: Milliseconds | null;
}

/** Requests of SCIM clients and their outcomes. */
export interface ScimRequestLogTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly at: Milliseconds;
  readonly token_id: number | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly summary: string;
  readonly quirks: Json;
  readonly request_id: string;
}
