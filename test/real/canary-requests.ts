/**
 * Requests that name somebody else's project in every way that Label Studio reads one: each route of its
 * own table × method × path, query, body, doubled names, odd spellings, charsets, pairs of numbers,
 * nothing at all (GATEWAY 10.8). Each is built from numbers, so that the same request can be made for
 * what is there and for what is not. Sending them and judging the answers is the sweep's business.
 */
import { readFileSync } from "node:fs";
import type { Numbers } from "./canary-world.ts";
import type { RawRequest } from "./label-studio.ts";

/** A route of Label Studio's. */
export interface Route {
  /** With placeholders, such as `/api/tasks/<pk>/annotations/`. */
  readonly path: string;
  readonly methods: readonly string[];
}

export type TargetedRequest = RawRequest & { readonly path: string };

/** One way to ask one route for something. */
export interface Probe {
  readonly route: string;
  readonly method: string;
  readonly way: string;
  /** The request that names the thing with these numbers. */
  build(target: Numbers): TargetedRequest;
}

/** All routes of the pinned version. */
export function readRoutes(): readonly Route[] {
  const file = new URL("../fixtures/label-studio/ce-routes.json", import.meta.url);
  const { routes } = JSON.parse(readFileSync(file, "utf8")) as { routes: Route[] };
  return routes;
}

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A place of a path where a value stands. */
type Slot = (numbers: Numbers) => string;

const anyMethods = ["GET", "POST"] as const;
const actions = [
  ...["next_task", "retrieve_tasks_predictions", "predictions_to_annotations"],
  ...["remove_duplicates", "delete_tasks", "delete_tasks_annotations", "delete_tasks_predictions"],
  ...["propagate_annotations", "rename_labels", "cache_labels", "add_data_field"],
];

/** Kinds of numbers by the beginning of a path; the first that fits counts. */
const kinds: readonly (readonly [RegExp, Slot])[] = [
  [/^\/api\/tasks\/$/, ({ task }) => String(task)],
  [/^\/api\/annotations\/$/, ({ annotation }) => String(annotation)],
  [/^\/api\/drafts\/$/, ({ draft }) => String(draft)],
  [/^\/api\/predictions\/$/, ({ prediction }) => String(prediction)],
  [/^\/api\/dm\/views\/$/, ({ view }) => String(view)],
  [/^\/api\/import\/file-upload\/$/, ({ upload }) => String(upload)],
  [/^\/api\/webhooks\/$/, ({ webhook }) => String(webhook)],
  [/^\/api\/ml\/$/, ({ ml }) => String(ml)],
  [/^\/api\/labels\/$/, ({ label }) => String(label)],
  [/^\/api\/label_links\/$/, ({ labelLink }) => String(labelLink)],
  [/^\/api\/users\/$/, ({ user }) => String(user)],
  [/^\/api\/organizations\/$/, () => "1"],
  [/projects\/$/, ({ project }) => String(project)],
  [/^\/tasks\/$/, ({ task }) => String(task)],
  [/\/(imports)\/$/, (numbers) => String(numbers.import)],
  [/\/(reimports)\/$/, ({ reimport }) => String(reimport)],
  [/\/(exports)\/$/, (numbers) => String(numbers.export)],
  [/\/annotations\/$/, ({ annotation }) => String(annotation)],
  [/\/memberships\/$/, ({ user }) => String(user)],
  [/^\/data\/upload\/$/, ({ file }) => file],
  [/^\/api\/fsm\/entities\/$/, () => "task"],
  [/^\/api\/fsm\/entities\/task\/$/, ({ task }) => String(task)],
  [/^\/api\/dm\/actions\/$/, () => "delete_tasks_annotations"],
];

function slotAfter(before: string): Slot {
  const storage = /^\/api\/storages\/(.+)\/$/.exec(before)?.[1];
  if (storage !== undefined) {
    return ({ storages }) => String(storages[storage] ?? storages["s3"] ?? 0);
  }
  return kinds.find(([pattern]) => pattern.test(before))?.[1] ?? (() => "json");
}

/** The path with a value in each slot: `numbersOf` says whose for the first, the second and so on. */
function fillPath(path: string, numbersOf: (index: number) => Numbers): string {
  let filled = "";
  let index = 0;
  let rest = path;
  for (;;) {
    const found = /^(.*?)<\w+>(.*)$/.exec(rest);
    if (found === null) return filled + rest;
    const [, before = "", after = ""] = found;
    filled += before;
    filled += slotAfter(filled)(numbersOf(index));
    index += 1;
    rest = after;
  }
}

const slotsOf = (path: string): number => path.split("<").length - 1;

/** Every name by which a query names something. */
function queryFor(numbers: Numbers): readonly (readonly [string, string])[] {
  const { project, task, view, annotation, file } = numbers;
  const shown = "fields=all&resolve_uri=false&include=*&page_size=100&exportType=JSON".split("&");
  return [
    ...[
      ["project", String(project)],
      ["task", String(task)],
      ["taskID", String(task)],
      ["view", String(view)],
      ["tabID", String(view)],
      ["id", "next_task"],
      ["ids", String(project)],
      ["ids[]", String(task)],
      ["annotation", String(annotation)],
      ["projects", String(project)],
      ["filepath", `upload/${file}`],
      ["fileuri", Buffer.from(`upload/${file}`).toString("base64")],
      ["d", `upload/${file}`],
      ["download_all_tasks", "true"],
      ["all", "true"],
    ].map(([name = "", value = ""]) => [name, value] as const),
    ...shown.map((pair) => pair.split("=") as unknown as readonly [string, string]),
  ];
}

/** Every name by which a body names something; `selected` are tasks that an action is to work on. */
function bodyFor(
  numbers: Numbers,
  selected: readonly number[] = [numbers.task],
): Readonly<Record<string, unknown>> {
  const { project, task, view, annotation, prediction, draft, upload, user } = numbers;
  return {
    ...{ project: String(project), task, view, tabID: view, annotation, prediction },
    ...{ parent_annotation: annotation, parent_prediction: prediction, draft_id: draft },
    ...{ file_upload: upload, file_upload_ids: [upload], ids: [view], projects: [project] },
    ...{ completed_by: user, user, updated_by: user, created_by: { id: user } },
    selectedItems: { all: false, included: selected },
    task_filter_options: { view, only_with_annotations: false },
    query: {
      filters: { conjunction: "and", items: [] },
      selectedItems: { all: false, included: selected },
    },
    data: { text: "a canary's task" },
    result: [],
    title: "a canary's title",
    from_name: "canary",
    value: ["canary"],
    model_version: "canary",
    export_type: "JSON",
    exportType: "JSON",
    interpolate_key_frames: false,
    url: "http://canary.invalid/",
    id: numbers.storages["s3"],
  };
}

/** What is one's own is named, and nothing is done to it: a list of no task would mean all. */
const ownBody = (own: Numbers): Readonly<Record<string, unknown>> =>
  bodyFor(own, [own.task + 90_000]);

const write = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");

const json = { "content-type": "application/json" } as const;

interface Asked {
  readonly route: Route;
  readonly method: string;
  readonly own: Numbers;
}

type Build = (asked: Asked, target: Numbers) => TargetedRequest;

/** A way, where it makes sense, and its request. */
interface Way {
  readonly name: string;
  /** It names the target nowhere but in a body, which nobody but CE's parsers reads so. */
  readonly hasBody?: true;
  readonly fits?: (asked: Asked) => boolean;
  readonly build: Build;
}

const hasSlots = ({ route }: Asked): boolean => slotsOf(route.path) > 0;
const hasTwo = ({ route }: Asked): boolean => slotsOf(route.path) > 1;
const isRead = ({ method }: Asked): boolean => method === "GET";

/** These would remove what the sweep needs, or keep it waiting for hosts that are nowhere. */
const spent =
  /convert-to-draft|reimport|\/reset\/|\/(sync|train|files|validate|interactive-annotating|test|versions)$/;

/** Whether the route may be asked with own numbers in its path. */
const spares = (asked: Asked): boolean =>
  !hasSlots(asked) ||
  (asked.method !== "DELETE" &&
    !spent.test(asked.route.path) &&
    (isRead(asked) || !asked.route.path.startsWith("/api/storages/")));

const pathOf = ({ route }: Asked, numbers: Numbers): string => fillPath(route.path, () => numbers);

function withBody(asked: Asked, target: Numbers, path: string): TargetedRequest {
  const { method } = asked;
  if (method === "GET") return { method, path };
  const body = target === asked.own ? ownBody(target) : bodyFor(target);
  return { method, path, headers: json, body: JSON.stringify(body) };
}

/** The path with its first own number spelled by `spell`. */
function respelled(spell: (digits: string) => string): Build {
  return (asked, target) => {
    const path = pathOf(asked, target);
    return withBody(asked, target, path.replace(/\d{3,}/, spell));
  };
}

const wide = (digits: string): string =>
  encodeURIComponent(
    [...digits].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(""),
  );

const encodeDigit = (digits: string): string => `%3${digits[0]}${digits.slice(1)}`;

/** A body of another type, with the same names. */
function bodyAs(type: string, encode: (target: Numbers) => string | Buffer): Build {
  return (asked, target) => ({
    method: asked.method,
    path: pathOf(asked, asked.own),
    headers: { "content-type": type },
    body: encode(target),
  });
}

const formOf = (target: Numbers): string =>
  write(
    Object.entries(bodyFor(target)).map(([name, value]) => [
      name,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );

const boundary = "canary-boundary";

function multipartOf(target: Numbers): string {
  const parts = Object.entries(bodyFor(target)).map(([name, value]) => {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    const coded = Buffer.from(text).toString("base64");
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${coded}\r\n`;
  });
  return `${parts.join("")}--${boundary}--\r\n`;
}

/** UTF-7 as Python reads it: every letter that is not a plain one, and here the digits, coded. */
const utf7 = (text: string): string =>
  text.replaceAll(
    /\d+/g,
    (digits) =>
      `+${Buffer.from(digits, "utf16le").swap16().toString("base64").replaceAll("=", "")}-`,
  );

const ways: readonly Way[] = [
  { name: "path", fits: hasSlots, build: (a, t) => withBody(a, t, pathOf(a, t)) },
  {
    name: "query",
    fits: spares,
    build: (a, t) => withBody(a, a.own, `${pathOf(a, a.own)}?${write(queryFor(t))}`),
  },
  {
    name: "path and query",
    fits: hasSlots,
    build: (a, t) => withBody(a, a.own, `${pathOf(a, t)}?${write(queryFor(a.own))}`),
  },
  {
    name: "project alone in the query",
    fits: spares,
    build: (a, t) => withBody(a, a.own, `${pathOf(a, a.own)}?project=${t.project}`),
  },
  {
    name: "view alone in the query",
    fits: spares,
    build: (a, t) => withBody(a, a.own, `${pathOf(a, a.own)}?view=${t.view}`),
  },
  {
    name: "own project, view of another",
    fits: spares,
    build: (a, t) =>
      withBody(
        a,
        a.own,
        `${pathOf(a, a.own)}?project=${a.own.project}&view=${t.view}&tabID=${t.view}`,
      ),
  },
  {
    name: "task alone in the query",
    fits: spares,
    build: (a, t) => withBody(a, a.own, `${pathOf(a, a.own)}?task=${t.task}&taskID=${t.task}`),
  },
  {
    name: "own name first, then another",
    fits: spares,
    build: (a, t) =>
      withBody(a, a.own, `${pathOf(a, a.own)}?${write([...queryFor(a.own), ...queryFor(t)])}`),
  },
  {
    name: "another name first, then own",
    fits: spares,
    build: (a, t) =>
      withBody(a, a.own, `${pathOf(a, a.own)}?${write([...queryFor(t), ...queryFor(a.own)])}`),
  },
  {
    name: "doubled project",
    fits: spares,
    build: (a, t) =>
      withBody(a, a.own, `${pathOf(a, a.own)}?project=${a.own.project}&project=${t.project}`),
  },
  {
    name: "project spelled oddly",
    fits: spares,
    build: (a, t) =>
      withBody(
        ...([
          a,
          a.own,
          `${pathOf(a, a.own)}?project=${wide(String(t.project))}&view=0${t.view}`,
        ] as const),
      ),
  },
  {
    name: "names of the query encoded twice",
    fits: spares,
    build: (a, t) =>
      withBody(a, a.own, `${pathOf(a, a.own)}?%70roject=${a.own.project}&pro%256aect=${t.project}`),
  },
  {
    name: "list of both",
    fits: spares,
    build: (a, t) =>
      withBody(
        ...([
          a,
          a.own,
          `${pathOf(a, a.own)}?project=${a.own.project},${t.project}&ids=${a.own.project},${t.project}`,
        ] as const),
      ),
  },
  {
    name: "empty names",
    fits: spares,
    build: (a) =>
      withBody(a, a.own, `${pathOf(a, a.own)}?project=&ids=&view=&task=&tabID=&page_size=1000`),
  },
  { name: "nothing named", fits: spares, build: (a) => withBody(a, a.own, pathOf(a, a.own)) },
  { name: "first digit encoded", fits: hasSlots, build: respelled(encodeDigit) },
  { name: "leading zero", fits: hasSlots, build: respelled((digits) => `0${digits}`) },
  { name: "plus sign", fits: hasSlots, build: respelled((digits) => `+${digits}`) },
  { name: "underscore", fits: hasSlots, build: respelled((d) => `${d.slice(0, 1)}_${d.slice(1)}`) },
  { name: "wide digits", fits: hasSlots, build: respelled(wide) },
  { name: "fraction", fits: hasSlots, build: respelled((digits) => `${digits}.0`) },
  { name: "encoded slash", fits: hasSlots, build: respelled((digits) => `${digits}%2f`) },
  { name: "line end", fits: hasSlots, build: respelled((digits) => `${digits}%0a`) },
  { name: "parameter of the path", fits: hasSlots, build: respelled((digits) => `${digits};x=1`) },
  {
    name: "two slashes",
    fits: hasSlots,
    build: (a, t) => withBody(a, t, `/${pathOf(a, t)}`),
  },
  {
    name: "back up",
    fits: hasSlots,
    build: (a, t) => withBody(a, t, `${pathOf(a, a.own)}/../..${pathOf(a, t)}`),
  },
  {
    name: "back up, encoded",
    fits: hasSlots,
    build: (a, t) => withBody(a, t, `/static/%2e%2e${pathOf(a, t)}`),
  },
  {
    name: "format",
    build: (a, t) => withBody(a, t, `${pathOf(a, t).replace(/\/$/, "")}.json?project=${t.project}`),
  },
  {
    name: "without its slash",
    build: (a, t) => withBody(a, t, `${pathOf(a, t).replace(/\/$/, "")}?project=${t.project}`),
  },
  {
    name: "with a slash",
    build: (a, t) => withBody(a, t, `${pathOf(a, t).replace(/\/$/, "")}/?project=${t.project}`),
  },
  {
    name: "absolute",
    build: (a, t) => withBody(a, t, `http://localhost${pathOf(a, t)}?project=${t.project}`),
  },
  {
    name: "pair: own, another",
    fits: hasTwo,
    build: (a, t) =>
      withBody(
        a,
        t,
        fillPath(a.route.path, (index) => (index === 0 ? a.own : t)),
      ),
  },
  {
    name: "pair: another, own",
    fits: hasTwo,
    build: (a, t) =>
      withBody(
        a,
        t,
        fillPath(a.route.path, (index) => (index === 0 ? t : a.own)),
      ),
  },
  {
    name: "body of a GET",
    fits: isRead,
    build: bodyAs("application/json", (t) => JSON.stringify(bodyFor(t))),
  },
  {
    name: "form in a GET",
    fits: isRead,
    build: bodyAs("application/x-www-form-urlencoded", formOf),
  },
  {
    name: "body",
    hasBody: true,
    build: bodyAs("application/json", (t) => JSON.stringify(bodyFor(t))),
  },
  {
    name: "body, list",
    hasBody: true,
    build: bodyAs("application/json", (t) => JSON.stringify([bodyFor(t)])),
  },
  {
    name: "body, own and another",
    hasBody: true,
    build: (a, t) => ({
      method: a.method,
      path: pathOf(a, a.own),
      headers: json,
      body: `${JSON.stringify(ownBody(a.own)).slice(0, -1)},${JSON.stringify(bodyFor(t)).slice(1)}`,
    }),
  },
  {
    name: "body, names escaped",
    hasBody: true,
    build: bodyAs("application/json", (t) =>
      JSON.stringify(bodyFor(t)).replaceAll(
        /"([a-z_]+)":/g,
        (_all, name: string) =>
          `"\\u${(name.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}${name.slice(1)}":`,
      ),
    ),
  },
  {
    name: "body in UTF-16",
    hasBody: true,
    build: bodyAs("application/json; charset=utf-16", (t) =>
      Buffer.from(`\ufeff${JSON.stringify(bodyFor(t))}`, "utf16le"),
    ),
  },
  {
    name: "body in UTF-7",
    hasBody: true,
    build: bodyAs("application/x-www-form-urlencoded; charset=utf-7", (t) => utf7(formOf(t))),
  },
  {
    name: "form",
    hasBody: true,
    build: bodyAs("application/x-www-form-urlencoded", formOf),
  },
  {
    name: "parts in base64",
    hasBody: true,
    build: bodyAs(`multipart/form-data; boundary=${boundary}`, multipartOf),
  },
  {
    name: "method overridden",
    fits: (a) => spares(a) && !isRead(a),
    build: (a, t) => ({
      ...withBody(a, t, `${pathOf(a, t)}?_method=${a.method}`),
      method: "POST",
      headers: { ...json, "x-http-method-override": a.method },
      body: JSON.stringify({ ...bodyFor(t), _method: a.method }),
    }),
  },
  {
    name: "forwarded elsewhere",
    fits: isRead,
    build: (a, t) => ({
      method: a.method,
      path: pathOf(a, a.own),
      headers: {
        "x-original-url": pathOf(a, t),
        "x-rewrite-url": pathOf(a, t),
        "x-forwarded-prefix": pathOf(a, t),
        "x-accel-redirect": `/data/upload/${t.file}`,
        range: "bytes=0-100000",
      },
    }),
  },
];

/** Which actions of the data manager are tried, each as a route of its own. */
function actionRoutes(routes: readonly Route[]): readonly Route[] {
  if (!routes.some(({ path }) => path === "/api/dm/actions/")) throw new Error("no actions");
  return actions.map((action) => ({ path: `/api/dm/actions/?id=${action}`, methods: ["POST"] }));
}

/** Labelgate's own addresses by which somebody would sign themselves out or read moving numbers. */
const unasked = /^\/(api\/token|api\/current-user\/(reset-)?token|logout|metrics)\b/;

/** Everything of Django's admin is one kind of thing; a few of its addresses stand for all. */
const isSpared = ({ path }: Route, index: number): boolean =>
  unasked.test(path) || (path.startsWith("/admin") && index % 20 !== 0);

/** All probes of all routes, `own` being the project that those who ask have rights on. */
export function makeProbes(own: Numbers): readonly Probe[] {
  const routes = readRoutes().filter((route, index) => !isSpared(route, index));
  const all = [...routes, ...actionRoutes(routes)];
  return all.flatMap((route) => {
    const methods = route.methods.includes("ANY") ? anyMethods : route.methods;
    return methods.flatMap((method) => probesOf({ route, method, own }));
  });
}

function probesOf(asked: Asked): readonly Probe[] {
  const { route, method } = asked;
  return ways
    .filter((way) => way.hasBody !== true || (method !== "GET" && spares(asked)))
    .filter(({ fits }) => fits === undefined || fits(asked))
    .map(({ name, build }) => ({
      ...{ route: route.path, method, way: name },
      build: (target) => joinQuery(build(asked, target)),
    }));
}

/** A path of an action has a query already. */
function joinQuery(request: TargetedRequest): TargetedRequest {
  const [path = "", first, ...more] = request.path.split("?");
  if (first === undefined || more.length === 0) return request;
  return { ...request, path: `${path}?${[first, ...more].join("&")}` };
}
