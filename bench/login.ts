/**
 * `npm run bench:login`: the cost of a whole sign-in, from POST …/acs to the redirect, with the replay
 * store, provisioning, the session and the log row, in one process each; and how that cost grows with the
 * members and the mapping rules of an organization (DESIGN invariant 8).
 *
 * Organizations of different sizes are servers of their own (login-process.ts), measured in turn, batch
 * by batch. Their connections are of memory (wire.ts): everything of HTTP is measured but the kernel's part.
 * A batch waits a little for a machine at its own pace (pace.ts), and one during which the machine was slow
 * does not count while there are steadier ones; how many were steady is printed. Sign-ins per CPU-second
 * count the server's process alone: for PostgreSQL that leaves the database's own work out. Node's memory
 * is set as `npm start` sets it. The last line is one JSON object.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../test/postgres.ts";
import type { BenchRequest } from "./login-process.ts";
import type { Size, WorldOptions } from "./login-world.ts";
import { median } from "./median.ts";
import type { BatchCost, Load } from "./sign-ons.ts";

const sizes: readonly Size[] = [
  { members: 1_000, rules: 10 },
  { members: 1_000, rules: 1_000 },
  { members: 100_000, rules: 10 },
  { members: 100_000, rules: 1_000 },
];
/** Batches that count, of each size and load. */
const batches = 5;
/** So many are tried; where too few of them count, those with the best pace do. */
const maxBatches = 16;
/** Sign-ins of a batch; fewer where the database is another process, so that a run ends in some minutes. */
const batchSizes = { sqlite: 640, postgres: 240 } as const;
/** A batch counts where the fixed work took at most so many times its quickest; a busy neighbour makes it 1.8. */
const steadyPace = 1.2;
/** Batches that only warm up: until then the compiler's work would be measured. */
const warmUps = 5;
/** One sign-in at a time, and as many under way as a busy server has; and people nobody knows yet. */
const loads: readonly Load[] = [
  { people: "returning", atOnce: 1 },
  { people: "returning", atOnce: 16 },
  { people: "new", atOnce: 16 },
];
/** `ONLY=sqlite` leaves PostgreSQL out. */
const engines = (["sqlite", "postgres"] as const).filter(
  (name) => process.env["ONLY"] === undefined || process.env["ONLY"] === name,
);

interface Figures extends Size, Load {
  readonly engine: string;
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  /** How many of the batches that count saw a machine at its own pace; fewer than all, and the rest only came nearest. */
  readonly steadyBatches: number;
}

const folder = await mkdtemp(join(tmpdir(), "labelgate-bench-"));
const postgres = await startPostgres();
const figures: Figures[] = [];
try {
  for (const engine of engines) {
    const url = engine === "postgres" ? postgres.url : "";
    figures.push(...(await measureEngine(engine, url)));
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

const ratios = engines.flatMap((engine) =>
  loads.map((load) => {
    const rows = figures.filter((row) => row.engine === engine && isUnder(row, load));
    const [small, ...larger] = rows.map((row) => row.cpuMicroseconds);
    return { engine, ...load, largeToSmall: round(Math.max(...larger) / (small ?? Number.NaN)) };
  }),
);
for (const { engine, people, atOnce, largeToSmall } of ratios) {
  console.log(
    `${engine}, ${people}, ${atOnce} at once: the dearest size costs ${largeToSmall} times the smallest (bar 1.2)`,
  );
}
if (engines.includes("sqlite")) {
  const busy = figures.filter(
    (row) => row.engine === "sqlite" && isUnder(row, { people: "returning", atOnce: 16 }),
  );
  const rates = busy.map((row) => row.perCpuSecond);
  console.log(
    `sqlite, returning, 16 at once: ${Math.min(...rates)} to ${Math.max(...rates)} sign-ons a CPU-second (bar 1500)`,
  );
}
console.log(JSON.stringify({ bench: "login", figures, ratios }));

function isUnder(row: Load, { people, atOnce }: Load): boolean {
  return row.people === people && row.atOnce === atOnce;
}

/** Measures every size in turn, batch by batch, on one engine; medians of the batches that count. */
async function measureEngine(
  engine: "sqlite" | "postgres",
  databaseUrl: string,
): Promise<Figures[]> {
  const worlds: { readonly server: ChildProcess; readonly size: Size }[] = [];
  for (const size of sizes) {
    console.log(`${engine}: filling an organization of ${size.members} members…`);
    const server = await startServer({ engine, databaseUrl, folder, size });
    worlds.push({ server, size });
  }
  const cells = loads.flatMap((load) =>
    worlds.map(({ server, size }) => ({ server, size, load, costs: [] as BatchCost[] })),
  );
  const batchSize = batchSizes[engine];
  for (let batch = -warmUps; batch < maxBatches; batch++) {
    for (const { server, load, costs } of cells) {
      const bestPace = quickest(cells);
      if (countingOf(costs, bestPace).length >= batches) continue;
      // Infinity, as long as there is no pace to go by, would not survive the message.
      const paceLimit = Number.isFinite(bestPace) ? steadyPace * bestPace : null;
      const cost = await ask<BatchCost>(server, {
        kind: "batch",
        count: batchSize,
        load,
        paceLimit,
      });
      if (batch >= 0) costs.push(cost);
    }
  }
  for (const { server } of worlds) await stopServer(server);
  const bestPace = quickest(cells);
  return cells.map(({ size, load, costs }) => {
    const counting = steadiest(costs, bestPace);
    const cpu = median(counting.map(({ cpuMicroseconds }) => cpuMicroseconds / batchSize));
    const wall = median(counting.map(({ wallMs }) => wallMs / batchSize));
    const steadyBatches = countingOf(counting, bestPace).length;
    return tell({ engine, ...size, ...load, ...rates(cpu, wall), steadyBatches });
  });
}

function quickest(cells: readonly { readonly costs: readonly BatchCost[] }[]): number {
  return Math.min(
    ...cells.flatMap(({ costs }) => costs.map(({ paceMicroseconds }) => paceMicroseconds)),
  );
}

function countingOf(costs: readonly BatchCost[], bestPace: number): readonly BatchCost[] {
  return costs.filter(({ paceMicroseconds }) => paceMicroseconds <= steadyPace * bestPace);
}

/** The batches that count, or as many with the best pace. */
function steadiest(costs: readonly BatchCost[], bestPace: number): readonly BatchCost[] {
  const counting = countingOf(costs, bestPace);
  if (counting.length >= batches) return counting;
  return costs.toSorted((a, b) => a.paceMicroseconds - b.paceMicroseconds).slice(0, batches);
}

async function startServer(world: WorldOptions): Promise<ChildProcess> {
  const server = fork(new URL("login-process.ts", import.meta.url));
  server.once("exit", (code) => {
    if (code !== 0) throw new Error(`a server ended early with ${code}`);
  });
  await ask(server, { kind: "open", world });
  return server;
}

async function ask<Answer>(server: ChildProcess, request: BenchRequest): Promise<Answer> {
  server.send(request);
  const [answer] = await once(server, "message");
  return answer as Answer;
}

async function stopServer(server: ChildProcess): Promise<void> {
  const exited = once(server, "exit");
  server.disconnect();
  await exited;
}

function rates(cpuMicroseconds: number, wallMs: number) {
  return {
    perCpuSecond: Math.round(1e6 / cpuMicroseconds),
    perSecond: Math.round(1000 / wallMs),
    cpuMicroseconds: Math.round(cpuMicroseconds),
  };
}

function tell(row: Figures): Figures {
  console.log(
    `${row.engine}, ${row.people}, ${row.atOnce} at once: ${row.members} members, ${row.rules} rules: ` +
      `${row.cpuMicroseconds} µs CPU a sign-on, ${row.perCpuSecond} a CPU-second, ${row.perSecond} a second` +
      ` (${row.steadyBatches} of ${batches} batches on a steady machine)`,
  );
  return row;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
