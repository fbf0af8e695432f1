/**
 * Sends the canary sweep's requests and judges the answers (GATEWAY 10.8): none holds a secret word, in
 * body or headers; none tells what is there from what is not; none is a fault of the server.
 */
import type { Probe, TargetedRequest } from "./canary-requests.ts";
import type { Numbers, Words } from "./canary-world.ts";
import type { Answer } from "./label-studio.ts";

/** Sends a request; the same turn is the same person by the same credential. */
export type Ask = (request: TargetedRequest, turn: number) => Promise<Answer>;

export interface Sweep {
  readonly ask: Ask;
  readonly probes: readonly Probe[];
  /** The thing that is asked for. */
  readonly target: Numbers;
  /** Numbers of nothing; null where no comparison is wanted. */
  readonly absent: Numbers | null;
  readonly words: Words;
}

/** An answer that should not have been. */
export interface Finding {
  readonly what: string;
  readonly way: string;
  readonly request: string;
  readonly answer: string;
}

export interface Swept {
  readonly findings: readonly Finding[];
  /** How many answers there were of each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Kinds of words that were found. */
  readonly found: ReadonlySet<string>;
}

/** Picks `count` probes, at least one of each route and method, in an order that `random` decides. */
export function pickProbes(
  probes: readonly Probe[],
  count: number,
  random: () => number,
): readonly Probe[] {
  const shuffled = probes
    .map((probe) => ({ probe, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ probe }) => probe);
  const seen = new Set<string>();
  const first: Probe[] = [];
  const rest: Probe[] = [];
  for (const probe of shuffled) {
    const key = `${probe.method} ${probe.route}`;
    (seen.has(key) ? rest : first).push(probe);
    seen.add(key);
  }
  return [...first, ...rest].slice(0, Math.max(count, first.length));
}

/** Sends all probes, those that only read side by side, and reports what should not have been. */
export async function sweep(options: Sweep): Promise<Swept> {
  const findings: Finding[] = [];
  const statuses = new Map<number, number>();
  const found = new Set<string>();
  const isSafe = ({ method }: Probe): boolean => method === "GET";
  let turns = 0;
  const one = async (probe: Probe): Promise<void> => {
    turns += 1;
    const turn = turns;
    const request = probe.build(options.target);
    const answer = await options.ask(request, turn);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const report = (what: string): void => {
      findings.push({ what, way: probe.way, request: show(request), answer: showAnswer(answer) });
    };
    for (const kind of wordsIn(answer, options.words)) {
      // What the request said itself, a redirect to sign-in carries along.
      if (request.path.includes(options.words.get(kind) ?? "")) continue;
      found.add(kind);
      report(`the word of ${kind}`);
    }
    if (answer.status >= 500 && !isStudios(answer)) report("a fault");
    if (options.absent === null || isDrawn.test(probe.route)) return;
    const absent = await options.ask(probe.build(options.absent), turn);
    if (fingerprint(answer) !== fingerprint(absent)) {
      report(`another answer than for nothing: ${showAnswer(absent)}`);
    }
  };
  await inParallel(options.probes.filter(isSafe), one);
  for (const probe of options.probes.filter((candidate) => !isSafe(candidate))) await one(probe);
  return { findings, statuses, found };
}

async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** Label Studio draws the next task, and locks it; a conversion that has begun is not begun again. */
const isDrawn = /\/next\/$|next_task|\/convert$/;

/** Label Studio's own errors pass unchanged (GATEWAY 10.6). */
const isStudios = ({ status, text }: Answer): boolean =>
  status === 500 && /"version": ?"1\.23|_SsrfGuardedHTTP/.test(text);

/** Kinds of the words that an answer holds, also spelled in base64 or by escapes. */
export function wordsIn({ text, headers }: Answer, words: Words): readonly string[] {
  const all = `${text}\n${JSON.stringify(headers)}`;
  const decoded = [...all.matchAll(/[\w+/-]{24,}={0,2}/g)].map(([run]) =>
    Buffer.from(run, "base64").toString("latin1"),
  );
  const haystack = [all, ...decoded].join("\n").toLowerCase();
  return [...words].filter(([, word]) => haystack.includes(word)).map(([kind]) => kind);
}

/** What is left of an answer once times, tokens and numbers of things are out of it. */
function fingerprint({ status, headers, text }: Answer): string {
  const body = text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, "uuid")
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:\d\d)?/g, "time")
    .replaceAll(/(nonce|csrf[-_]token|value)="[\w+/=-]{20,}"/g, "$1")
    .replaceAll(/\b\d{3,}\b/g, "number");
  const { "content-type": type = "", location = "" } = headers;
  const place = location.replace(/\bnext=.*/, "").replaceAll(/\d{3,}/g, "number");
  return [status, type, place, status < 300 && status !== 200 ? "" : body].join("\n");
}

const show = ({ method, path, headers = {}, body = "" }: TargetedRequest): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${body.toString().slice(0, 300)}`;

const showAnswer = ({ status, text }: Answer): string => `${status} ${text.slice(0, 400)}`;
