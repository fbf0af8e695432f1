/**
 * The audit log (PRODUCT 8.8): who did what to whom, and why. apply.ts writes a row for every change
 * of people and access in its own transaction; other events, such as saved settings, are written by
 * whoever causes them. Never secrets.
 */
import type { Change, Reason } from "../access/changes.ts";
import { fromJson } from "./json.ts";
import { type Db, statement } from "./statement.ts";

/** The author of a change. */
export type Actor =
  | { readonly kind: "person"; readonly userId: number }
  | { readonly kind: "saml" }
  | { readonly kind: "scim"; readonly tokenId: number | null }
  | { readonly kind: "system" };

/** Something that happened. */
export interface AuditEvent {
  readonly organizationId: number;
  readonly at: number;
  readonly actor: Actor;
  /** The person whom it concerns, where it concerns one. */
  readonly subjectUserId?: number | null;
  /** The action in snake_case, such as `sign_in` or `saml_settings_saved`. */
  readonly action: string;
  readonly changes?: readonly AuditChange[];
  readonly reasons?: readonly Reason[];
  readonly ip?: string | null;
  readonly requestId?: string | null;
}

/** A change of access, or what an event of another kind changed. */
export type AuditChange = Change | Readonly<Record<string, unknown>>;

/** An event as it stands in the log. */
export interface AuditRow extends Required<Omit<AuditEvent, "actor">> {
  readonly id: number;
  readonly actor: Actor;
}

interface AuditTexts {
  readonly organizationId: number;
  readonly at: number;
  readonly actorKind: Actor["kind"];
  readonly actorUserId: number | null;
  readonly actorTokenId: number | null;
  readonly subjectUserId: number | null;
  readonly action: string;
  readonly changes: string;
  readonly reasons: string;
  readonly ip: string | null;
  readonly requestId: string | null;
}

const insertRow = statement<AuditTexts, unknown>((db, value) =>
  db.insertInto("audit_log").values({
    organization_id: value("organizationId"),
    at: value("at"),
    actor_kind: value("actorKind"),
    actor_user_id: value("actorUserId"),
    actor_token_id: value("actorTokenId"),
    subject_user_id: value("subjectUserId"),
    action: value("action"),
    changes: value("changes"),
    reasons: value("reasons"),
    ip: value("ip"),
    request_id: value("requestId"),
  }),
);

/** Writes an event to the log, in the transaction of what it reports. */
export async function recordAudit(tx: Db, event: AuditEvent): Promise<void> {
  await insertRow.run(tx, textsOf(event));
}

function textsOf(event: AuditEvent): AuditTexts {
  const { actor } = event;
  return {
    organizationId: event.organizationId,
    at: event.at,
    actorKind: actor.kind,
    actorUserId: actor.kind === "person" ? actor.userId : null,
    actorTokenId: actor.kind === "scim" ? actor.tokenId : null,
    subjectUserId: event.subjectUserId ?? null,
    action: event.action,
    changes: JSON.stringify(event.changes ?? []),
    reasons: JSON.stringify(event.reasons ?? []),
    ip: event.ip ?? null,
    requestId: event.requestId ?? null,
  };
}

/** Writes one event of the same kind for each of many people, in the transaction of what they report. */
export async function recordAudits(
  tx: Db,
  event: Omit<AuditEvent, "subjectUserId" | "changes" | "reasons">,
  people: readonly Pick<Required<AuditEvent>, "subjectUserId" | "changes" | "reasons">[],
): Promise<void> {
  if (people.length === 0) return;
  const rows = people.map((person) => {
    const texts = textsOf({ ...event, ...person });
    return {
      organization_id: texts.organizationId,
      at: texts.at,
      actor_kind: texts.actorKind,
      actor_user_id: texts.actorUserId,
      actor_token_id: texts.actorTokenId,
      subject_user_id: texts.subjectUserId,
      action: texts.action,
      changes: texts.changes,
      reasons: texts.reasons,
      ip: texts.ip,
      request_id: texts.requestId,
    };
  });
  await tx.insertInto("audit_log").values(rows).execute();
}

/** Selects entries of the log. */
export interface AuditFilter {
  readonly organizationId: number;
  readonly subjectUserId?: number;
  readonly action?: string;
  /** Older than the row with this id: the last of the page before. */
  readonly beforeId?: number;
  /** At most this many; 50 unless told. */
  readonly limit?: number;
}

const columns = [
  "id",
  "organization_id as organizationId",
  "at",
  "actor_kind as actorKind",
  "actor_user_id as actorUserId",
  "actor_token_id as actorTokenId",
  "subject_user_id as subjectUserId",
  "action",
  "changes",
  "reasons",
  "ip",
  "request_id as requestId",
] as const;

/** The organization's events, latest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<readonly AuditRow[]> {
  let rows = db.selectFrom("audit_log").where("organization_id", "=", filter.organizationId);
  if (filter.subjectUserId !== undefined) {
    rows = rows.where("subject_user_id", "=", filter.subjectUserId);
  }
  if (filter.action !== undefined) rows = rows.where("action", "=", filter.action);
  if (filter.beforeId !== undefined) rows = rows.where("id", "<", filter.beforeId);
  const found = await rows
    .orderBy("id", "desc")
    .limit(filter.limit ?? 50)
    .select(columns)
    .execute();
  return found.map(rowOf);
}

function rowOf(row: AuditTexts & { readonly id: number }): AuditRow {
  const { actorKind, actorUserId, actorTokenId, changes, reasons, ...rest } = row;
  return {
    ...rest,
    actor: actorOf({ actorKind, actorUserId, actorTokenId }),
    changes: fromJson(changes),
    reasons: fromJson(reasons),
  };
}

function actorOf(row: Pick<AuditTexts, "actorKind" | "actorUserId" | "actorTokenId">): Actor {
  switch (row.actorKind) {
    case "person":
      return { kind: "person", userId: row.actorUserId ?? 0 };
    case "scim":
      return { kind: "scim", tokenId: row.actorTokenId };
    case "saml":
    case "system":
      return { kind: row.actorKind };
  }
}
