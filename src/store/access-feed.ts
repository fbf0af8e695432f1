/**
 * The feed of changes of access, as its readers ask it (GATEWAY 10.3). Triggers of the database write
 * it; what readers then forget is theirs to know (gateway/feed.ts).
 *
 * On PostgreSQL rows become visible in another order than that of their numbers, so readers ask for
 * everything from the oldest transaction that was open when they read last, and skip what they have
 * seen. On SQLite there is one writer, and the numbers tell.
 */
import { sql } from "kysely";
import { type Db, dialectOf, statement } from "./statement.ts";

/** The message by which PostgreSQL tells the connection that wrote (migration 0010). */
export const accessChangedNotice = "labelgate: access changed";

/** The point up to which a reader has read the feed. */
export interface FeedPosition {
  /** SQLite: the last row's number. PostgreSQL: the oldest transaction that was open. */
  readonly from: string;
  /** Numbers of rows that may come again. */
  readonly seen: ReadonlySet<number>;
}

/** The changes of access since a position. */
export interface AccessChanges {
  /** People whose access or credentials changed. */
  readonly people: ReadonlySet<number>;
  /** Something that concerns everybody changed: to whom a project is open. */
  readonly isGeneral: boolean;
  readonly position: FeedPosition;
}

interface FeedRow {
  readonly id: number | null;
  readonly userId: number | null;
  readonly from: string;
}

const onSqlite = statement<{ from: number | null }, FeedRow>((db, value) =>
  db
    .selectFrom(
      sql<{ last: number }>`(select coalesce(max(id), 0) as last from access_changes)`.as("feed"),
    )
    .leftJoin("access_changes", (join) =>
      join.on(sql<boolean>`access_changes.id > coalesce(${value("from")}, feed.last)`),
    )
    .select(["access_changes.id", "access_changes.user_id as userId"])
    .select(sql<string>`cast(max(feed.last, coalesce(${value("from")}, 0)) as text)`.as("from")),
);

/** The transactions open now and the rows are of one snapshot, since they are of one statement. */
const onPostgres = statement<{ from: string | null }, FeedRow>((db, value) =>
  db
    .selectFrom(
      sql<{ xmin: string }>`(select pg_snapshot_xmin(pg_current_snapshot()) as xmin)`.as("feed"),
    )
    .leftJoin("access_changes", (join) =>
      join.on(
        sql<boolean>`access_changes.xid >= coalesce(${value("from")}::text::xid8, feed.xmin)`,
      ),
    )
    .select(["access_changes.id", "access_changes.user_id as userId"])
    .select(sql<string>`feed.xmin::text`.as("from")),
);

/** Reads the changes since `position`; with null, nothing but the position to begin from. */
export async function readAccessChanges(
  db: Db,
  position: FeedPosition | null,
): Promise<AccessChanges> {
  const rows =
    dialectOf(db) === "sqlite"
      ? await onSqlite.all(db, { from: position === null ? null : Number(position.from) })
      : await onPostgres.all(db, { from: position?.from ?? null });
  const people = new Set<number>();
  const seen = new Set<number>();
  let isGeneral = false;
  for (const { id, userId } of rows) {
    if (id === null) continue;
    seen.add(id);
    if (position === null || position.seen.has(id)) continue;
    if (userId === null) isGeneral = true;
    else people.add(userId);
  }
  return { people, isGeneral, position: { from: rows[0]?.from ?? "0", seen } };
}
