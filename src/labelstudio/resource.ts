/**
 * Things of Label Studio that a request names, and what a look-up tells of them. The policy names
 * what must be looked up; the gateway asks Label Studio as the service account and keeps the answers.
 */

/** Kinds of things, each with numbers of its own. */
export type ResourceKind =
  | "project"
  | "task"
  | "annotation"
  | "draft"
  | "prediction"
  | "view"
  | "file_upload"
  | "storage"
  | "webhook"
  | "ml_backend"
  | "label_link"
  | "export";

/** One thing that a request names. */
export interface ResourceRef {
  readonly kind: ResourceKind;
  readonly id: number;
  /**
   * For storages: the path of their type under /api/storages/, such as `s3` or `export/s3`. For
   * exports: the number of the project under whose address they are looked for.
   */
  readonly type?: string;
}

/** A thing that exists: where it belongs and who made it. */
export interface Resource extends ResourceRef {
  /** Label Studio's number of the project; null where the thing belongs to none. */
  readonly projectId: number | null;
  /** The task of an annotation, a draft or a prediction. */
  readonly taskId?: number;
  /** Label Studio's number of the person who made it (annotation, view, draft). */
  readonly createdBy?: number | null;
  /**
   * For views: true where who made it is Annotator or Reviewer in the project. Managers and
   * Administrators see their own tabs and one another's (GATEWAY 10.4).
   */
  readonly isWorkers?: boolean;
  /** The annotation that a draft belongs to, where it belongs to one. */
  readonly annotationId?: number | null;
  /** A view's `data`: its filters and orders. */
  readonly data?: unknown;
}

/** The resources that the look-ups found; a missing key was asked for and does not exist. */
export type Resources = ReadonlyMap<string, Resource>;

/** The key of a thing in `Resources`. */
export function resourceKey({ kind, id, type }: ResourceRef): string {
  return type === undefined ? `${kind}:${id}` : `${kind}:${type}:${id}`;
}
