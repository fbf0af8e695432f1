/**
 * The one migration timeline, for both engines: forward only, checked at every start.
 *
 * All that is missing is applied in one transaction under a lock, so that replicas which start
 * together apply it once, and a crash applies all of it or nothing. A database that knows another
 * history than this program is refused rather than guessed about.
 */
import { type Kysely, sql } from "kysely";
import { directory } from "./migrations/0001-directory.ts";
import { credentialsAndLogs } from "./migrations/0002-credentials-and-logs.ts";
import { places } from "./migrations/0003-places.ts";
import { memberRoles } from "./migrations/0004-member-roles.ts";
import { activityLog } from "./migrations/0005-activity-log.ts";
import { scim } from "./migrations/0005-scim.ts";
import { trials } from "./migrations/0006-trials.ts";
import { knownGroups } from "./migrations/0007-known-groups.ts";
import { knownGroupsOfMany } from "./migrations/0008-known-groups-many.ts";
import { upstream } from "./migrations/0009-upstream.ts";
import { accessChanges } from "./migrations/0010-access-changes.ts";
import { studioSessions } from "./migrations/0011-studio-sessions.ts";
import { scimNames } from "./migrations/0012-scim-names.ts";
import { ownerConfirmation } from "./migrations/0013-owner-confirmation.ts";
import { secretCanary } from "./migrations/0015-secret-canary.ts";
import { scimSpellings } from "./migrations/0016-scim-spellings.ts";
import { invitedPlaces } from "./migrations/0017-invited-places.ts";
import { organizationRules } from "./migrations/0018-organization-rules.ts";
import { acceptance } from "./migrations/0019-acceptance.ts";
import { awaitedRole } from "./migrations/0021-awaited-role.ts";
import { memberTags } from "./migrations/0022-member-tags.ts";
import { signedSignIns } from "./migrations/0023-signed-sign-ins.ts";
import { organizationPermissions } from "./migrations/0024-organization-permissions.ts";
import { settingColumn } from "./migrations/columns.ts";
import { codeOf, OpenError } from "./open-error.ts";
import type { Db, Dialect } from "./statement.ts";

/** The engines as migrations know them. */
export type MigrationDialect = Dialect;

/** One step of the timeline. It knows no types of today's schema, so it stays what it was. */
export interface Migration {
  /** Recorded in the database; never renamed once released. */
  readonly name: string;
  readonly up: (db: Kysely<unknown>, dialect: MigrationDialect) => Promise<void>;
}

/** The timeline, oldest first. */
export const timeline: readonly Migration[] = [
  directory,
  credentialsAndLogs,
  places,
  memberRoles,
  activityLog,
  scim,
  trials,
  knownGroups,
  knownGroupsOfMany,
  upstream,
  accessChanges,
  studioSessions,
  scimNames,
  ownerConfirmation,
  settingColumn("0014-seat-types", ["saml_settings", "scim_settings"], "user_type_groups", "[]"),
  secretCanary,
  scimSpellings,
  invitedPlaces,
  organizationRules,
  acceptance,
  settingColumn("0020-nameid-format", ["saml_settings"], "nameid_format", "transient"),
  awaitedRole,
  memberTags,
  signedSignIns,
  organizationPermissions,
];

/** Any number that no other program on the same database uses. */
const lockKey = 5_238_412_907;

/**
 * Applies what the database lacks and returns the names. Runs in a transaction of the caller.
 * @throws OpenError with one sentence where the recorded history is not the beginning of this timeline
 */
export async function applyMigrations(
  tx: Db,
  { dialect, at, migrations }: { dialect: Dialect; at: number; migrations: readonly Migration[] },
): Promise<readonly string[]> {
  // On SQLite the transaction is the lock: in WAL mode BEGIN IMMEDIATE excludes every other writer,
  // and is what BEGIN EXCLUSIVE is.
  if (dialect === "postgres") await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
  await tx.schema
    .createTable("migrations")
    .ifNotExists()
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .execute();
  const pending = pendingAfter(await recordedNames(tx), migrations);
  for (const { name, up } of pending) {
    await up(tx as unknown as Kysely<unknown>, dialect);
    await tx.insertInto("migrations").values({ name, applied_at: at }).execute();
  }
  return pending.map(({ name }) => name);
}

/** True where the database holds exactly this timeline; false before the first migration. */
export async function holdsTimeline(db: Db, migrations: readonly Migration[]): Promise<boolean> {
  try {
    return pendingAfter(await recordedNames(db), migrations).length === 0;
  } catch (error) {
    if (error instanceof OpenError || isMissingTable(error)) return false;
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  return codeOf(error) === "42P01" || message.includes("no such table");
}

async function recordedNames(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom("migrations").orderBy("name").select("name").execute();
  return rows.map(({ name }) => name);
}

/** The migrations of the timeline that come after the recorded part. */
export function pendingAfter(
  recorded: readonly string[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const names = migrations.map(({ name }) => name);
  const unknown = recorded.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new OpenError(
      `The database was migrated by "${unknown}", which this version of Labelgate does not know; start the version that made it, or a newer one.`,
    );
  }
  const missing = names.slice(0, recorded.length).find((name) => !recorded.includes(name));
  if (missing !== undefined) {
    throw new OpenError(
      `The database lacks the migration "${missing}" although later ones were applied; restore it from a backup.`,
    );
  }
  return migrations.slice(recorded.length);
}
