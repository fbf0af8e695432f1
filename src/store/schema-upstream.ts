/** The tables of people and projects in step with Label Studio (GATEWAY 10.5), as Kysely's types. */
import type { Generated } from "kysely";

/** The person to whom a Label Studio number was ever linked; it goes to nobody else. */
export interface UpstreamLinksTable {
  readonly upstream_id: number;
  readonly user_id: number;
  readonly linked_at: number;
}

/** A person whose account in Label Studio is to be made, linked or renamed. */
export interface UpstreamOutboxTable {
  readonly user_id: number;
  readonly wish: Generated<number>;
  readonly attempts: Generated<number>;
  readonly due_at: number;
  readonly is_undecided: Generated<number>;
  readonly problem: string | null;
}

/** Facts about the Label Studio behind Labelgate, by name; values are JSON. */
export interface UpstreamStateTable {
  readonly name: string;
  readonly value: string;
}
