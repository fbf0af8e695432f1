/**
 * What bench:gateway measures, and how it is told: one line a peer, the ratios and bars of GATEWAY 10.7,
 * and the figures as one line of JSON. Bars are printed as met or missed and never fail a run.
 */
import { type Kind, type Requests, sizes } from "./gateway-shapes.ts";
import { median } from "./median.ts";

/** One kind of request at so many connections. */
export interface Cell {
  readonly kind: Kind;
  readonly connections: number;
  readonly rounds: number;
  /** Of one batch of one peer. */
  readonly milliseconds: number;
}

const cell = (kind: Kind, connections: number, rounds: number, milliseconds: number): Cell => ({
  kind,
  connections,
  rounds,
  milliseconds,
});

/** Everything that is measured, in this order. */
export const cells: readonly Cell[] = [
  cell("json", 64, 9, 1_000),
  cell("json", 8, 5, 1_000),
  cell("json", 1, 9, 1_000),
  cell("lookup", 64, 5, 1_000),
  cell("echo", 64, 5, 1_000),
  cell("script", 8, 3, 1_000),
  cell("download", 1, 3, 60_000),
  cell("upload", 1, 3, 60_000),
];

/** What a batch was like and cost. */
export interface Cost {
  readonly done: number;
  readonly errors: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  /** Questions about tasks that the upstream was asked besides. */
  readonly lookups: number;
}

export interface Run {
  readonly peers: readonly string[];
  /** By `peer kind connections`, one a round. */
  readonly costs: ReadonlyMap<string, readonly Cost[]>;
  readonly load: number;
  readonly isShort: boolean;
}

const cpuMicros = ({ cpuMs, done }: Cost): number => (cpuMs * 1_000) / done;
const perSecond = ({ done, seconds }: Cost): number => done / seconds;
const p50 = ({ p50Ms }: Cost): number => p50Ms;
const p99 = ({ p99Ms }: Cost): number => p99Ms;
const rssMb = ({ peakRssBytes }: Cost): number => peakRssBytes / 1_048_576;

/** Prints everything. */
export function printReport(run: Run): void {
  const figures = run.peers.map((peer) => figuresOf(run, peer));
  printTable(figures);
  const bars = run.peers.filter((peer) => peer.startsWith("labelgate")).flatMap(barsOf(run));
  for (const { peer, text, value, bar, isMet } of bars) {
    console.log(`${peer}: ${text}: ${value} (bar ${bar}): ${isMet ? "met" : "MISSED"}`);
  }
  for (const { name, errors } of figures) {
    if (errors > 0) console.log(`${name}: ${errors} requests failed; its figures mean little`);
  }
  for (const row of figures.filter(({ isOurs }) => isOurs)) {
    console.log(
      `${row.name}: a session that is not known yet costs ${Math.round(row.newSessionCpuMicros)} µs CPU (${sizes.sessions} misses, then hits alone), a task ${Math.round(row.newTaskCpuMicros)} µs (${row.taskMisses} misses, then ${row.taskHits} hits)`,
    );
  }
  const { isShort, load } = run;
  console.log(`load of the machine at the start: ${round(load)}`);
  console.log(
    JSON.stringify({ bench: "gateway", node: process.version, isShort, load, figures, bars }),
  );
}

/** Medians of one peer; NaN, which JSON tells as null, where it was not measured. */
function figuresOf(run: Run, name: string) {
  const of = (kind: Kind, connections: number, value: (cost: Cost) => number): number =>
    round(median(costsOf(run, name, kind, connections).map(value)));
  const all = [...run.costs].filter(([key]) => key.startsWith(`${name} `)).flatMap(([, c]) => c);
  const sum = (costs: readonly Cost[], value: (cost: Cost) => number): number =>
    costs.reduce((total, cost) => total + value(cost), 0);
  const asked = costsOf(run, name, "lookup", 64);
  const newTasks = costsOf(run, name, "first task", 64);
  const misses = sum([...newTasks, ...asked], ({ lookups }) => lookups);
  return {
    name,
    isOurs: newTasks.length > 0,
    jsonCpuMicros: [1, 8, 64].map((connections) => of("json", connections, cpuMicros)),
    jsonPerSecond: [1, 8, 64].map((connections) => of("json", connections, perSecond)),
    jsonP50Ms: [1, 8, 64].map((connections) => of("json", connections, p50)),
    jsonP99Ms: [1, 8, 64].map((connections) => of("json", connections, p99)),
    newSessionCpuMicros: round(median(costsOf(run, name, "first session", 64).map(cpuMicros))),
    newTaskCpuMicros: round(median(newTasks.map(cpuMicros))),
    taskMisses: misses,
    taskHits: sum([...newTasks, ...asked], ({ done }) => done) - misses,
    lookupCpuMicros: of("lookup", 64, cpuMicros),
    echoCpuMicros: of("echo", 64, cpuMicros),
    echoPerSecond: of("echo", 64, perSecond),
    scriptCpuMicros: of("script", 8, cpuMicros),
    scriptBytes: of("script", 8, ({ bytes, done: requests }) => bytes / requests),
    downloadCpuMs: of("download", 1, ({ cpuMs }) => cpuMs),
    uploadCpuMs: of("upload", 1, ({ cpuMs }) => cpuMs),
    streamRssMb: [of("download", 1, rssMb), of("upload", 1, rssMb)],
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}

type Figures = ReturnType<typeof figuresOf>;

/** One of the bars, and how far off. */
interface Bar {
  readonly peer: string;
  readonly text: string;
  readonly value: number;
  readonly bar: string;
  readonly isMet: boolean;
}

/** The bars of GATEWAY 10.7 that a peer of ours is held to; those whose other side is missing are left out. */
function barsOf(run: Run): (peer: string) => readonly Bar[] {
  return (peer) => {
    const against = (
      other: string,
      connections: number,
      of: (ours: Cost, theirs: Cost) => number,
    ): number => {
      const theirs = costsOf(run, other, "json", connections);
      const ours = costsOf(run, peer, "json", connections);
      return round(median(ours.flatMap((cost, at) => (theirs[at] ? [of(cost, theirs[at])] : []))));
    };
    const ratioOf = (value: (cost: Cost) => number) => (ours: Cost, theirs: Cost) =>
      value(ours) / value(theirs);
    const atMost = (text: string, value: number, bar: number): Bar => {
      return { peer, text, value, bar: `at most ${bar}`, isMet: value <= bar };
    };
    const rate = against("oauth2-proxy", 64, ratioOf(perSecond));
    const [download, upload] = figuresOf(run, peer).streamRssMb;
    return [
      atMost(
        "CPU a request, of oauth2-proxy's",
        against("oauth2-proxy", 64, ratioOf(cpuMicros)),
        0.25,
      ),
      atMost("CPU a request, of nginx's", against("nginx", 64, ratioOf(cpuMicros)), 3.3),
      {
        peer,
        text: "requests a second, of oauth2-proxy's",
        value: rate,
        bar: "at least 3",
        isMet: rate >= 3,
      },
      atMost(
        "median added to direct at one connection, ms",
        against("direct", 1, (ours, theirs) => ours.p50Ms - theirs.p50Ms),
        0.2,
      ),
      atMost("99th percentile at one connection, ms", against(peer, 1, p99), 2.5),
      atMost("memory while 200 MB go down, MB", download ?? Number.NaN, 250),
      atMost("memory while 200 MB go up, MB", upload ?? Number.NaN, 250),
    ].filter(({ value }) => !Number.isNaN(value));
  };
}

function costsOf(run: Run, name: string, kind: Requests, connections: number): readonly Cost[] {
  return run.costs.get(`${name} ${kind} ${connections}`) ?? [];
}

function printTable(rows: readonly Figures[]): void {
  const columns: readonly (readonly [string, (row: Figures) => string])[] = [
    ["", (row) => row.name],
    ["µs CPU, 1 KB at 1/8/64", (row) => row.jsonCpuMicros.map(Math.round).join(" / ")],
    ["requests/s", (row) => row.jsonPerSecond.map(Math.round).join(" / ")],
    ["p50 ms", (row) => row.jsonP50Ms.join(" / ")],
    ["p99 ms", (row) => row.jsonP99Ms.join(" / ")],
    ["look-up µs", (row) => String(Math.round(row.lookupCpuMicros))],
    ["echo µs", (row) => String(Math.round(row.echoCpuMicros))],
    ["2.5 MB script µs", (row) => String(Math.round(row.scriptCpuMicros))],
    [
      "200 MB ms down/up",
      (row) => [row.downloadCpuMs, row.uploadCpuMs].map(Math.round).join(" / "),
    ],
    ["RSS MB", (row) => row.streamRssMb.map(Math.round).join(" / ")],
  ];
  const cellsOf = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, of]) => of(row))),
  ];
  const widths = columns.map((_, at) => Math.max(...cellsOf.map((line) => line[at]?.length ?? 0)));
  for (const line of cellsOf) {
    console.log(line.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  "));
  }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
