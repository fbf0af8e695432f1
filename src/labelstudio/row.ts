/**
 * The vocabulary of the table of Label Studio's addresses (GATEWAY 10.4): what a row says, and the
 * helpers by which rows/ writes it. Owns no row and no decision: match.ts finds the row, read.ts reads
 * a request by it, decide.ts decides.
 */
import type { AnswerEdit } from "./answer-edit.ts";
import type { ResourceKind } from "./resource.ts";
import type { StudioRole } from "./viewer.ts";

/** The methods that the table knows; HEAD goes by the row of GET. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * The least role of a row. Below the roles stand those that a switch decides: `export`
 * (REVIEWERS_MAY_EXPORT), `connect` (MANAGERS_MAY_CONNECT: it makes Label Studio call other hosts) and
 * `server_files` (ADMINISTRATORS_MAY_READ_SERVER_FILES).
 */
export type Least = StudioRole | "export" | "connect" | "server_files";

/**
 * The value of a parameter or a field.
 * - `text`, `flag`, `number`, `json`: taken as they are where their type is right
 * - `id`, `ids`: numbers of things; with `of` each is looked up and must belong to the request's project
 * - `names`: names of an answer's fields; `id` is made one of them, because answers are edited by it
 * - `size`: a page size, made `most` where it is larger
 * - `word`: one of a few words
 * - `file`: a path `upload/<project>/<name>` or `avatars/<name>` (`/storage-data/uploaded/`)
 * - `filters`: a JSON text with `filters`, `ordering`, `selectedItems`, which CE decodes once more
 * - `selection`: the data manager's `selectedItems`
 * - `object`: an object of named fields
 */
export type FieldType =
  | { readonly kind: "text" | "flag" | "number" | "json" | "file" | "filters" | "selection" }
  | { readonly kind: "names" }
  | { readonly kind: "size"; readonly most: number }
  | { readonly kind: "word"; readonly words: readonly string[] }
  | { readonly kind: "id"; readonly of: ResourceKind | null }
  | { readonly kind: "ids"; readonly of: ResourceKind | null; readonly style: IdsStyle }
  | { readonly kind: "object"; readonly fields: Fields };

/** The spelling of a list of numbers in a query: a repeated name, or commas too, or a JSON list. */
export type IdsStyle = "repeated" | "commas" | "json";

/** A parameter or a field, and what becomes of it. */
export type Field = FieldType & {
  readonly isRequired?: true;
  /** Looked at, and not sent on. */
  readonly isDropped?: true;
  /**
   * True for a resource that is taken out rather than refused where it is missing, elsewhere or
   * another's.
   */
  readonly isSoft?: true;
  /** Taken out for roles below. */
  readonly from?: StudioRole;
};

/** Parameters or fields by name; what is not named is dropped. */
export type Fields = Readonly<Record<string, Field>>;

/** A body that a row reads. */
export interface BodyRule {
  /** `tasks`: one task or a list of tasks to import; `files`: uploads, which stream. */
  readonly shape: "object" | "list" | "tasks" | "files";
  readonly fields: Fields;
  /** True where forms are read too; a JSON body always is, but for `files`. */
  readonly hasForms: boolean;
  /** True where a multipart body holds files and streams. */
  readonly hasFiles: boolean;
  readonly maxBytes: number;
}

/** One row: method and address → everything that the policy knows of it. */
export interface Row {
  readonly method: Method;
  /** In CE's own form, with `{project}`, `{task}`, … for numbers, `{name}` and `{file...}`. */
  readonly path: string;
  /** The segments of the path, as in it. */
  readonly segments: readonly string[];
  /** The names in braces, in order; those of numbers are kinds of things. */
  readonly names: readonly string[];
  /** For storages: the path of their type under /api/storages/. */
  readonly storageType: string | undefined;
  /** The row counts only where the parameter `id` has this value (data manager actions). */
  readonly action: string | null;
  readonly query: Fields;
  readonly body: BodyRule | null;
  /** `project`: it must concern one granted project; `organization`: it need not; `public`: no session. */
  readonly scope: "project" | "organization" | "public";
  readonly role: Least;
  /** Annotators: only on what they made themselves, also where they see others' work. */
  readonly isOwn: boolean;
  readonly edit: AnswerEdit | null;
  readonly isSlow: boolean;
  /** The owner: CE after the policy, CE and Labelgate together, Labelgate's own lists, or CE's files. */
  readonly kind: "forward" | "projects" | "project_counts" | "static";
  /** Both servers have the address (GATEWAY 10.2). */
  readonly isShared: boolean;
  /** The position of filters and orders in the body: in `data` of a tab, or in the body itself. */
  readonly filtersIn: "data" | "body" | null;
  /**
   * An export, which Label Studio may make with the files and addresses that tasks name, without asking
   * whose they are: for Administrators, who see all projects (`refuseMedia` in decide.ts).
   */
  readonly mayTakeMedia: boolean;
  /** The effect of a success on Labelgate's copy of the projects. */
  readonly effect: "project_created" | "project_changed" | "project_deleted" | null;
}

/** The properties of a row besides method, address and least role. */
export type RowExtras = Partial<Omit<Row, "method" | "path" | "segments" | "names" | "role">>;

/** A row; `line` is `METHOD /path`. */
export function row(line: string, role: Least, extras: RowExtras = {}): Row {
  const [method = "", path = ""] = line.split(" ");
  return {
    method: method as Method,
    path,
    segments: path.split("/").filter((segment) => segment !== ""),
    names: [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name = ""]) => name),
    storageType: undefined,
    role,
    action: null,
    query: {},
    body: null,
    scope: "project",
    isOwn: false,
    edit: null,
    isSlow: false,
    kind: "forward",
    isShared: false,
    filtersIn: null,
    mayTakeMedia: false,
    effect: null,
    ...extras,
  };
}

export const text: Field = { kind: "text" };
export const flag: Field = { kind: "flag" };
export const number: Field = { kind: "number" };
export const json: Field = { kind: "json" };
export const selection: Field = { kind: "selection" };
export const names: Field = { kind: "names" };

/** The number of a thing, which is looked up; `null` for numbers that mean nothing here. */
export const id = (of: ResourceKind | null): Field => ({ kind: "id", of });

/** Numbers of things, each looked up where `of` names their kind. */
export const ids = (of: ResourceKind | null, style: IdsStyle = "json"): Field => ({
  ...{ kind: "ids", of, style },
});

export const size = (most: number): Field => ({ kind: "size", most });

export const word = (...words: readonly string[]): Field => ({ kind: "word", words });

export const object = (fields: Fields): Field => ({ kind: "object", fields });

export const required = (field: Field): Field => ({ ...field, isRequired: true });

/** Must agree with the rest of the request, and is not sent on. */
export const checked = (field: Field): Field => ({ ...field, isDropped: true });

export const soft = (field: Field): Field => ({ ...field, isSoft: true });

/** Taken out of what Annotators and Reviewers send. */
export const managers = (field: Field): Field => ({ ...field, from: "MA" });

/** The same field for several names. */
export function each(field: Field, ...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, field]));
}

const mib = 1024 * 1024;

/** A body of named fields, as JSON or as a form. */
export function fields(named: Fields, maxBytes: number = 8 * mib): BodyRule {
  return { shape: "object", fields: named, hasForms: true, hasFiles: false, maxBytes };
}

/** A JSON body of named fields. */
export function jsonFields(named: Fields): BodyRule {
  return { ...fields(named), hasForms: false };
}

/** A JSON list of objects of named fields. */
export function listOf(named: Fields): BodyRule {
  return { shape: "list", fields: named, hasForms: false, hasFiles: false, maxBytes: 8 * mib };
}

/** Tasks as JSON, files, or a form with the address of a file. */
export const importBody: BodyRule = {
  ...{ shape: "tasks", fields: { url: { ...text, isRequired: true } }, hasForms: true },
  ...{ hasFiles: true, maxBytes: 8 * mib },
};

/** Files alone. */
export const filesBody: BodyRule = {
  ...{ shape: "files", fields: {}, hasForms: false, hasFiles: true, maxBytes: 0 },
};

/** Regions of a brush or a video are many; the same limit as for answers that are edited. */
export const workBytes: number = 32 * mib;
