/**
 * The vocabulary of everything that may happen to people and access.
 *
 * Pure code says what must become true as a list of `Change`; `store/apply.ts` alone writes it; the
 * same list is the audit record, the explanation and the preview (DESIGN, first section).
 * A `Plan` concerns one person in one organization. Its changes are ordered: an account before its
 * membership, a workspace before its members.
 */
import type { OrgRole, ProjectRole, Source } from "./roles.ts";

/** A workspace that exists, or one that the same plan creates by its title. */
export type WorkspaceRef =
  | { readonly id: number; readonly title: string }
  | { readonly id: null; readonly title: string };

/** One fact about people or access that becomes true when the plan is applied. */
export type Change =
  | {
      readonly kind: "user_created";
      readonly email: string;
      readonly firstName: string;
      readonly lastName: string;
    }
  | {
      readonly kind: "user_renamed";
      readonly from: { readonly firstName: string; readonly lastName: string };
      readonly to: { readonly firstName: string; readonly lastName: string };
    }
  /** The account is known by another lower-case address (PRODUCT 7.8); what the old one opened ends. */
  | { readonly kind: "email_changed"; readonly to: string }
  | { readonly kind: "password_set" }
  | {
      readonly kind: "membership_created";
      readonly role: OrgRole;
      readonly source: Source;
      /** The role that the seat limit kept back (PRODUCT 1.7); absent where it kept none. */
      readonly awaited?: OrgRole;
    }
  | { readonly kind: "membership_removed"; readonly role: OrgRole }
  | {
      readonly kind: "role_changed";
      readonly from: OrgRole;
      readonly to: OrgRole;
      readonly source: Source;
      /** As of `membership_created`; a change without it ends the waiting. */
      readonly awaited?: OrgRole;
    }
  | { readonly kind: "workspace_created"; readonly title: string }
  | {
      readonly kind: "workspace_member_added";
      readonly workspace: WorkspaceRef;
      readonly source: Source;
    }
  | {
      readonly kind: "workspace_member_removed";
      readonly workspace: WorkspaceRef;
      readonly source: Source;
    }
  | {
      readonly kind: "project_member_added";
      readonly projectId: number;
      readonly role: ProjectRole;
      readonly source: Source;
      /** Kept aside until the person's role is active (PRODUCT 4.4). */
      readonly isPending: boolean;
    }
  | {
      readonly kind: "project_member_changed";
      readonly projectId: number;
      readonly source: Source;
      readonly from: { readonly role: ProjectRole; readonly isPending: boolean };
      readonly to: { readonly role: ProjectRole; readonly isPending: boolean };
    }
  | {
      readonly kind: "project_member_removed";
      readonly projectId: number;
      readonly source: Source;
    }
  | {
      readonly kind: "assignment_added";
      readonly assignment: Assignment;
    }
  | {
      readonly kind: "assignment_removed";
      readonly assignment: Assignment;
    }
  /** A grant outlives the source that gave it (PRODUCT 6.3): the row stays, its source changes. */
  | {
      readonly kind: "grant_source_changed";
      readonly grant:
        | { readonly scope: "workspace"; readonly workspaceId: number }
        | { readonly scope: "project"; readonly projectId: number }
        | { readonly scope: "organization" };
      readonly from: Source;
      readonly to: Source;
    }
  /** Sessions, API tokens and open invites of the person in this organization end (PRODUCT 7.4). */
  | { readonly kind: "access_ended" };

/** A record that a pushed SCIM group gives something to a person (PRODUCT 7.5). */
export type Assignment =
  | { readonly scope: "organization"; readonly group: string; readonly role: OrgRole }
  | { readonly scope: "workspace"; readonly group: string; readonly title: string }
  | {
      readonly scope: "project";
      readonly group: string;
      readonly projectId: number;
      readonly role: ProjectRole;
    };

export type ReasonSubject = "account" | "name" | "role" | "seat" | "workspace" | "project" | "hint";

export type ReasonResult =
  | "granted"
  | "kept"
  | "changed"
  | "removed"
  | "outranked"
  | "pending"
  | "skipped"
  | "refused"
  | "noted";

/**
 * Why something was decided, kept with the decision (PRODUCT 4.11). `rule` is the section of PRODUCT
 * that decided; `text` is one whole sentence for an administrator.
 */
export interface Reason {
  readonly subject: ReasonSubject;
  readonly result: ReasonResult;
  readonly rule: string;
  readonly text: string;
  /** The identity provider's group that the rule matched, where one did. */
  readonly group?: string;
  /** Role name, workspace title or project id that the reason is about. */
  readonly target?: string;
}

/** Result of a sign-in for the person. */
export type Verdict =
  /** A session opens. */
  | { readonly outcome: "admitted"; readonly role: OrgRole }
  /** A session opens on the page that says the account awaits activation (PRODUCT 1.6, 1.7). */
  | { readonly outcome: "not_activated"; readonly role: "NO" }
  /** The changes stand, no session opens (PRODUCT 4.6). */
  | { readonly outcome: "deactivated"; readonly role: "DI" }
  /** Nothing changes. `code` stands in the error table. */
  | { readonly outcome: "refused"; readonly code: RefusalCode };

/** The refusals that the access rules know; each stands in `errors.ts`. */
export type RefusalCode =
  | "sign_in_deactivated"
  | "sign_in_owner_unconfirmed"
  | "sign_in_domain_not_allowed"
  | "sign_in_other_organization";

/** Everything decided about one person in one organization. */
export interface Plan {
  /** Lower-case e-mail address: the person's identity before the account exists. */
  readonly email: string;
  /** The account, or null where the plan creates it. */
  readonly userId: number | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** A part of a plan: changes with the reasons for them. */
export type Decided = Pick<Plan, "changes" | "reasons">;
