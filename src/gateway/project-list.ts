/**
 * Lists of projects and of their counts (GATEWAY 10.5): what of them somebody may see is written into
 * the query as `ids`. Up to 2,500 characters Label Studio filters, orders and counts; above, where its
 * request line would end, the page is picked from Labelgate's own copy and asked for by its ids alone.
 *
 * Nobody's is `ids=0`, since empty means all there. `search`, `workspaces` and `archived` are
 * Enterprise's, and resolved here. Links to other pages are always the client's own query.
 */
import { AppError } from "../errors.ts";
import { namesPattern, withIdName } from "../labelstudio/fields.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import type { Db } from "../store/store.ts";
import {
  countSelected,
  hasOthersDrafts,
  type ProjectOrder,
  type ProjectSelection,
  selectProjects,
} from "../store/upstream-projects.ts";
import type { ProjectListPlan } from "./in-step.ts";

/** The length of the request line that the ids may take; it ends at 4,094 characters in gunicorn. */
const maxIdCharacters = 2500;
const maxQueryCharacters = 3800;
/** So many ids never fit, at two characters each. */
const maxIds = maxIdCharacters / 2;
const defaultSize = 30;
const largestSize = 100;

/** The query of a list of projects. */
interface ListQuery {
  readonly page: number | "last";
  readonly size: number;
  readonly asked: readonly number[] | null;
  readonly workspaceId: number | null;
  readonly isArchived: boolean | null;
  readonly search: string | null;
  readonly title: string | null;
  readonly pinned: boolean | null;
  readonly ordering: string | null;
  readonly include: string | null;
}

/** The plan for a list. @throws AppError `bad_request` */
export async function planProjectList(
  db: Db,
  viewer: StudioViewer,
  { query: text, kind }: { query: string; kind: "list" | "counts" },
): Promise<ProjectListPlan> {
  const query = parseListQuery(text);
  const selection = selectionOf(viewer, query);
  const links = linksOf(text, query);
  if (await seesAll(db, viewer, selection)) return { query: written(query, {}), links };
  // Label Studio filters by title and pin itself, as long as it is asked for every id.
  const ids = await selectProjects(db, { ...selection, title: null, pinned: null }, firstIds);
  const list = ids.join(",");
  if (ids.length <= maxIds && list.length <= maxIdCharacters) {
    return { query: written(query, { ids: ids.length === 0 ? "0" : list }), links };
  }
  return await planPage(db, { selection, query, text, kind });
}

const firstIds = { by: "id", isDescending: false, limit: maxIds + 1, offset: 0 } as const;

/** True where nothing needs to be kept back: Label Studio lists what it has. */
async function seesAll(
  db: Db,
  viewer: StudioViewer,
  { granted, asked, workspaceId, isArchived, search }: ProjectSelection,
): Promise<boolean> {
  if ([granted, asked, workspaceId, isArchived, search].some((value) => value !== null)) {
    return false;
  }
  return !(await hasOthersDrafts(db, viewer));
}

/** One page, picked here: Label Studio is asked for just these, in the same order. */
async function planPage(
  db: Db,
  {
    selection,
    query,
    text,
    kind,
  }: { selection: ProjectSelection; query: ListQuery; text: string; kind: "list" | "counts" },
): Promise<ProjectListPlan> {
  const order = kind === "counts" ? countsOrder : orderOf(query.ordering);
  const count = await countSelected(db, selection);
  const last = Math.max(1, Math.ceil(count / query.size));
  const page = query.page === "last" ? last : query.page;
  const ids = await selectProjects(db, selection, {
    ...order,
    limit: query.size,
    offset: (page - 1) * query.size,
  });
  const links: ProjectListPlan["links"] = (_count, address) =>
    linksOf(text, { ...query, page })(count, address);
  // A page that does not exist is Label Studio's to refuse, in its own words.
  if (ids.length === 0) {
    const asked = { ids: "0", page: page === 1 ? "1" : "2" };
    return { query: written({ ...query, title: null, pinned: null }, asked), links };
  }
  const asked = { ids: ids.join(","), page: "1", page_size: String(largestSize) };
  return { query: written({ ...query, title: null, pinned: null }, asked), links };
}

const countsOrder: ProjectOrder = { by: "id", isDescending: false };

function orderOf(ordering: string | null): ProjectOrder {
  if (ordering === null) return { by: "default", isDescending: true };
  const by = ordering.replace(/^-/, "");
  if (by === "id" || by === "title" || by === "created_at") {
    return { by, isDescending: ordering.startsWith("-") };
  }
  throw badQuery("So many projects are ordered by id, title or created_at only.");
}

function selectionOf(viewer: StudioViewer, query: ListQuery): ProjectSelection {
  const { organizationId, userId, projects } = viewer;
  const granted = projects === "all" ? null : [...projects.keys()];
  return { organizationId, userId, granted, ...query };
}

const pins = ["exclude_pinned", "pinned_only"] as const;

/** The query that goes on: only what Label Studio knows, each name once. */
function written(query: ListQuery, own: Readonly<Record<string, string>>): string {
  const values: Readonly<Record<string, string | null>> = {
    page: query.page === 1 ? null : String(query.page),
    page_size: String(query.size),
    title: query.title,
    filter: query.pinned === null ? null : pins[query.pinned ? 1 : 0],
    ordering: query.ordering,
    include: query.include,
    ...own,
  };
  const text = Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${encoded(value)}`]))
    .join("&");
  if (text.length > maxQueryCharacters) throw badQuery("The query is too long.");
  return text;
}

/** Commas stay as they are: three times as many ids fit. */
const encoded = (value: string): string => encodeURIComponent(value).replaceAll("%2C", ",");

function linksOf(text: string, query: ListQuery): ProjectListPlan["links"] {
  return (count, address) => {
    const last = Math.max(1, Math.ceil(count / query.size));
    const page = query.page === "last" ? last : query.page;
    const link = (to: number): string => {
      const query = withPage(text, to);
      return query === "" ? address : `${address}?${query}`;
    };
    return {
      count,
      next: page < last ? link(page + 1) : null,
      previous: page > 1 ? link(page - 1) : null,
    };
  };
}

/** The client's own query of another page; the first page has no number, as in Label Studio. */
function withPage(text: string, page: number): string {
  const parameters = new URLSearchParams(text);
  if (page === 1) parameters.delete("page");
  else parameters.set("page", String(page));
  return parameters.toString();
}

const orderings: ReadonlySet<string> = new Set([
  ...["id", "title", "created_at", "is_published", "is_draft", "pinned_at", "task_number"],
  ...["finished_task_number", "total_annotations_number", "total_predictions_number"],
  ...["num_tasks_with_annotations", "skipped_annotations_number", "ground_truth_number"],
]);
/** The SDK sends these several times. */
const lists: ReadonlySet<string> = new Set(["ids"]);

/** The client's query. What Labelgate does not know is dropped (GATEWAY 10.4). */
function parseListQuery(text: string): ListQuery {
  const given = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = given.get(name) ?? [];
    given.set(name, values);
    values.push(value);
    if (values.length > 1 && !lists.has(name)) throw badQuery(`${name} is there twice.`);
  }
  const one = (name: string): string | null => {
    const [value = ""] = given.get(name) ?? [];
    return value === "" ? null : value;
  };
  const ordering = one("ordering");
  if (ordering !== null && !orderings.has(ordering.replace(/^-/, ""))) {
    throw badQuery("There is no such order of projects.");
  }
  const include = one("include");
  if (include !== null && !namesPattern.test(include)) {
    throw badQuery("include is a list of field names.");
  }
  return {
    page: pageOf(one("page")),
    size: sizeOf(one("page_size")),
    asked: idsOf(given.get("ids") ?? []),
    workspaceId: idsOf([one("workspaces") ?? ""])?.[0] ?? null,
    isArchived: flagOf(one("archived")),
    search: shortText(one("search")),
    title: shortText(one("title")),
    pinned: pinnedOf(one("filter")),
    ordering,
    include: include === null ? null : withIdName(include),
  };
}

function pageOf(text: string | null): number | "last" {
  if (text === null) return 1;
  if (text === "last") return "last";
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw badQuery("page is a whole number from 1.");
}

/** As Label Studio takes it: what is no size is the usual one, and nothing is larger than the largest. */
function sizeOf(text: string | null): number {
  if (text === null || !/^[1-9]\d{0,8}$/.test(text)) return defaultSize;
  return Math.min(Number(text), largestSize);
}

function idsOf(texts: readonly string[]): readonly number[] | null {
  const parts = texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
  if (parts.length === 0) return null;
  if (!parts.every((part) => /^(?:0|[1-9]\d{0,9})$/.test(part))) {
    throw badQuery("ids are whole numbers separated by commas.");
  }
  return [...new Set(parts.map(Number))].filter((id) => id <= 2_147_483_647);
}

function flagOf(text: string | null): boolean | null {
  if (text === null) return null;
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0)$/i.test(text)) return false;
  throw badQuery("archived is true or false.");
}

function pinnedOf(text: string | null): boolean | null {
  if (text === null || text === "all") return null;
  if (text === "pinned_only") return true;
  if (text === "exclude_pinned") return false;
  throw badQuery("filter is one of all, pinned_only, exclude_pinned.");
}

function shortText(text: string | null): string | null {
  if (text !== null && (text.length > 200 || /\p{Cc}|\p{Cs}/u.test(text))) {
    throw badQuery("What is searched for has at most 200 characters, and no control characters.");
  }
  return text;
}

const badQuery = (detail: string): AppError => new AppError("bad_request", { detail });
