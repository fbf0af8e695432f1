/**
 * The contract of people and projects in step (GATEWAY 10.5), as the gateway's other parts see it.
 * Numbers of people and projects here are Label Studio's own, unless a name says otherwise.
 */
import type { StudioViewer } from "../labelstudio/viewer.ts";

/** Asks Label Studio something for Labelgate itself; `upstream.ts` has it. */
export interface AskUpstream {
  /**
   * A JSON request, as the service account unless `as` (Label Studio's number of a person) is given.
   * @throws AppError `upstream_*` where there is no answer; any status that was answered is a value
   */
  ask(
    method: string,
    target: string,
    options?: { readonly as?: number; readonly body?: unknown; readonly timeoutMs?: number },
  ): Promise<{ readonly status: number; readonly json: unknown }>;
}

/** The query to Label Studio for a list of projects, and the way from its answer to the client's. */
export interface ProjectListPlan {
  /** The query that goes on, without its question mark; empty where there is none. */
  readonly query: string;
  /**
   * Rewrites the answer's `count`, `next` and `previous`: `count` is Label Studio's, `address` the one
   * that the client asked, without a query. Links hold the client's own query.
   */
  links(
    count: number,
    address: string,
  ): { readonly count: number; readonly next: string | null; readonly previous: string | null };
}

/** People and projects in step. */
export interface InStep {
  /**
   * Label Studio's number of the viewer's account, which is made or linked at once where it has none.
   * @throws AppError `upstream_no_account`, and `upstream_*` where Label Studio does not answer
   */
  ensureAccount(viewer: StudioViewer): Promise<number>;
  /**
   * The account as Label Studio has it is looked at again, its `active_organization` fixed: for a 401
   * or a redirect to sign-in that Label Studio answered to a minted credential (GATEWAY 10.3).
   */
  mendAccount(viewer: StudioViewer): Promise<void>;
  /** People whom the viewer may see: who share a project, and whoever worked in it; always the viewer. */
  peopleSeenBy(viewer: StudioViewer, project: number | null): Promise<ReadonlySet<number>>;
  /**
   * A workspace of Labelgate that a project shall be in, before it is made or changed.
   * @throws AppError `validation_failed` where the viewer does not see it
   */
  requireWorkspace(viewer: StudioViewer, workspaceId: number | null): Promise<void>;
  /** A project that Label Studio just made (its 201): the row and its creator's membership stand after. */
  projectCreated(viewer: StudioViewer, json: unknown, workspaceId: number | null): Promise<void>;
  /** A project that Label Studio just deleted (204): the only thing that takes its members. */
  projectDeleted(viewer: StudioViewer, project: number): Promise<void>;
  /** Puts a project into a workspace of Labelgate, or out of any. */
  projectMoved(viewer: StudioViewer, project: number, workspaceId: number | null): Promise<void>;
  /**
   * A project's record as Label Studio answered it: title, draft, pin. False where the number is another
   * project than the one that is known, which is then unlinked; nobody may be let in by it.
   * @throws AppError `upstream_closed` where more than that differs
   */
  projectChanged(json: unknown): Promise<boolean>;
  /**
   * The same for a look-up: the record is asked of Label Studio, once a second each at most. Projects
   * that Labelgate does not know are nobody's, and not asked for.
   */
  isSameProject(project: number): Promise<boolean>;
  /**
   * A project that Labelgate does not know is asked of Label Studio, for Administrators alone, at most
   * once a second each. Answers at once where it is known.
   * @throws AppError `not_found` where Label Studio has none
   */
  requireProject(viewer: StudioViewer, project: number): undefined | Promise<void>;
  /** A list of projects or of their counts, from the client's query. */
  listProjects(
    viewer: StudioViewer,
    query: string,
    kind: "list" | "counts",
  ): Promise<ProjectListPlan>;
  /**
   * Nothing to wait for while it is known to be open. Rejects with AppError `upstream_closed` while
   * several people or projects differ from what is known (another database).
   */
  requireOpen(): undefined | Promise<void>;
  /** Calls `forget` when things behind the address turn out to be others: nothing kept of them counts. */
  onRenewal(forget: () => void): void;
}
