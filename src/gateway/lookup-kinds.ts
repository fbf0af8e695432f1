/**
 * The question to Label Studio for each kind of resource, and the reading of its answer (Label Studio
 * 1.23.2), as data. Asking and keeping is lookups.ts's.
 *
 * `project` of annotations, drafts and predictions is not believed: Label Studio lets a body move them
 * to another task and leaves it as it was (`label-studio-ce.md` 1). Their task tells.
 */
import type { Resource, ResourceKind, ResourceRef } from "../labelstudio/resource.ts";

type Json = Readonly<Record<string, unknown>>;

/** An answer as read; `taskId` or `annotationId` name the resource whose project counts. */
export type LookupAnswer = Omit<Resource, "kind" | "id" | "type">;

interface LookupKind {
  /** The address; the id is a whole number. */
  readonly target: (ref: ResourceRef) => string;
  /** Null where the answer is not what this kind answers. */
  readonly tell: (json: Json, ref: ResourceRef) => LookupAnswer | null;
  /** True where what it belongs to stays as it is until the thing is deleted. */
  readonly stays: boolean;
}

const simple = (path: string, stays: boolean, tell = ofProject): LookupKind => ({
  target: ({ id }) => path.replace("#", String(id)),
  tell,
  stays,
});

/** Kind → how it is looked up. */
export const lookupKinds: Readonly<Record<ResourceKind, LookupKind>> = {
  project: simple("/api/projects/#/?include=id,created_by", true, (json) =>
    isId(json["id"]) ? { projectId: json["id"], createdBy: numberOf(json["created_by"]) } : null,
  ),
  task: simple("/api/tasks/#/?include=id,project", true),
  annotation: simple("/api/annotations/#/", true, (json) =>
    ofTask(json, { createdBy: numberOf(json["completed_by"]) }),
  ),
  draft: simple("/api/drafts/#/", false, (json) => {
    const annotationId = isId(json["annotation"]) ? json["annotation"] : null;
    const rest = { createdBy: draftCreator(json["created_username"]), annotationId };
    // A draft of an annotation may name no task of its own.
    return ofTask(json, rest) ?? (annotationId === null ? null : { projectId: null, ...rest });
  }),
  prediction: simple("/api/predictions/#/", false, (json) => ofTask(json, {})),
  view: simple("/api/dm/views/#/", false, (json) => {
    const told = ofProject(json);
    return told === null
      ? null
      : { ...told, createdBy: numberOf(json["user"]), data: json["data"] ?? null };
  }),
  file_upload: simple("/api/import/file-upload/#", true, ({ file }) => {
    const [, project] = /^upload\/([1-9][0-9]{0,9})\//.exec(String(file)) ?? [];
    return project === undefined ? null : { projectId: Number(project) };
  }),
  storage: {
    target: ({ id, type = "" }) => {
      if (!/^(?:export\/)?[a-z0-9_]+$/.test(type)) throw new Error(`no type of storage: ${type}`);
      return `/api/storages/${type}/${id}`;
    },
    tell: ofProject,
    stays: false,
  },
  // One that names no project is the organization's, and nobody's here.
  webhook: simple("/api/webhooks/#/", false, (json) =>
    json["project"] === null ? { projectId: null } : ofProject(json),
  ),
  ml_backend: simple("/api/ml/#", false),
  label_link: simple("/api/label_links/#/", false),
  // Label Studio itself looks for an export in its project alone, and does not say in which it is.
  export: {
    target: ({ id, type = "" }) => `/api/projects/${projectOfExport(type)}/exports/${id}`,
    tell: ({ id }, ref) => (id === ref.id ? { projectId: projectOfExport(ref.type ?? "") } : null),
    stays: false,
  },
};

function projectOfExport(type: string): number {
  if (!/^[1-9][0-9]{0,9}$/.test(type)) throw new Error(`no project of an export: ${type}`);
  return Number(type);
}

function ofProject({ project }: Json): LookupAnswer | null {
  return isId(project) ? { projectId: project } : null;
}

function ofTask(
  { task }: Json,
  rest: Omit<LookupAnswer, "projectId" | "taskId">,
): LookupAnswer | null {
  return isId(task) ? { projectId: null, taskId: task, ...rest } : null;
}

/** A person's number, whether it stands alone or in their record. */
function numberOf(value: unknown): number | null {
  if (isId(value)) return value;
  const id: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "id") : null;
  return isId(id) ? id : null;
}

/**
 * A draft tells its creator by address in `user`, and by number only at the end of a name:
 * "Anna Otter anna@contoso.com, 2".
 */
function draftCreator(name: unknown): number | null {
  const [, id] = /, ([1-9][0-9]{0,9})$/.exec(String(name)) ?? [];
  return id === undefined ? null : Number(id);
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
