/** The tables of member tags as Kysely's types, part of schema.ts. */
import type { Generated } from "kysely";

interface MemberTagsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly label: string;
  /** The label as people read it; unique in the organization. */
  readonly label_key: string;
  readonly created_by: number | null;
  /** Milliseconds since the epoch, here and below. */
  readonly created_at: number;
  readonly updated_at: number;
}

interface MemberTaggingsTable {
  readonly organization_id: number;
  readonly user_id: number;
  readonly tag_id: number;
}

interface MemberTagImportsTable {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly status: string;
  readonly created_at: number;
  readonly finished_at: number;
  readonly tags_created: number;
  readonly assignments_created: number;
  /** Addresses that no member has, as JSON. */
  readonly users_skipped: string;
}

/** The tables by their names. */
export interface MemberTagTables {
  readonly member_tags: MemberTagsTable;
  readonly member_taggings: MemberTaggingsTable;
  readonly member_tag_imports: MemberTagImportsTable;
}
