/**
 * The edits of Label Studio's answers by name (GATEWAY 10.4, 10.5; `label-studio-roles.md` B), and what an
 * edit may know. An edit takes the whole answer as text and returns it anew; numbers keep their source
 * text. An answer that an edit does not understand is an error, never the unedited answer.
 */
import type { StudioRole, StudioSwitches, StudioViewer } from "./viewer.ts";

/** Names of edits; each row of the table may name one. */
export type AnswerEdit =
  | "task"
  | "task_list"
  | "annotation"
  | "annotation_list"
  | "draft"
  | "draft_list"
  | "prediction_list"
  | "columns"
  | "views"
  | "view"
  | "users"
  | "user"
  | "actions"
  | "project"
  | "project_list"
  | "project_created"
  | "dm_project"
  | "whoami"
  | "own_membership"
  | "ml_backends"
  | "ml_backend"
  | "storages"
  | "storage"
  | "webhooks"
  | "webhook"
  | "label_links"
  | "history"
  | "version"
  | "jwt_settings"
  | "page";

/** The facts that an edit may use besides the answer. */
export interface AnswerContext {
  readonly viewer: StudioViewer;
  readonly role: StudioRole;
  /** The project that the request concerns; null where it concerns none. */
  readonly project: number | null;
  readonly switches: StudioSwitches;
  /**
   * Label Studio's numbers of the people whom the viewer may see in this answer: who share a project
   * with them, and whoever worked in it. The viewer is always among them.
   */
  readonly people: ReadonlySet<number>;
  /**
   * Label Studio's numbers of the people whose tabs Managers and Administrators share: the project's
   * Managers and all Administrators (GATEWAY 10.4, tabs).
   */
  readonly managers: ReadonlySet<number>;
  /** `next` or `previous` of a list as Label Studio wrote it → as the client reads it. */
  readonly writeLink: (link: string) => string;
  /** Facts of Labelgate's that whoami and the membership answer carry. */
  readonly organization: {
    readonly id: number;
    readonly title: string;
    readonly contact: string;
  };
  /** The versioned address of the stylesheet for the viewer's role, for pages. */
  readonly stylesheet: string;
}
