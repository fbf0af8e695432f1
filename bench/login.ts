/**
 * `npm run bench:login`: the cost of a whole sign-on, from POST …/acs to the redirect, with the replay
 * store, provisioning, the session and the log row, in one process; and how that cost grows with the
 * members and the mapping rules of an organization (DESIGN invariant 8).
 *
 * Organizations of different sizes are measured in turn, batch by batch, so that the machine's mood
 * falls on all of them alike. Sign-ons per CPU-second count this process alone: for PostgreSQL that
 * leaves the server's own work out. The last line is one JSON object.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../test/postgres.ts";
import { openBenchWorld, type Size } from "./login-world.ts";

const sizes: readonly Size[] = [
  { members: 1_000, rules: 10 },
  { members: 1_000, rules: 1_000 },
  { members: 100_000, rules: 10 },
  { members: 100_000, rules: 1_000 },
];
const batches = 8;
const batchSize = 150;

interface Figures {
  readonly engine: string;
  readonly members: number;
  readonly rules: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

const folder = await mkdtemp(join(tmpdir(), "labelgate-bench-"));
const postgres = await startPostgres();
const figures: Figures[] = [];
try {
  for (const engine of ["sqlite", "postgres"] as const) {
    const url = engine === "postgres" ? postgres.url : "";
    figures.push(...(await measureEngine(engine, url)));
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

const ratios = ["sqlite", "postgres"].map((engine) => {
  const [small, ...larger] = figures.filter((row) => row.engine === engine);
  const most = Math.max(...larger.map((row) => row.cpuMicroseconds));
  return { engine, largeToSmall: round(most / (small?.cpuMicroseconds ?? Number.NaN)) };
});
for (const { engine, largeToSmall } of ratios) {
  console.log(`${engine}: the dearest size costs ${largeToSmall} times the smallest (bar 1.2)`);
}
console.log(JSON.stringify({ bench: "login", figures, ratios }));

/** Measures every size in turn, batch by batch, on one engine; medians of the batches. */
async function measureEngine(engine: "sqlite" | "postgres", databaseUrl: string) {
  const worlds = [];
  for (const size of sizes) {
    console.log(`${engine}: filling an organization of ${size.members} members…`);
    worlds.push(await openBenchWorld({ engine, databaseUrl, folder, size }));
  }
  const samples = worlds.map(() => ({ cpu: [] as number[], wall: [] as number[] }));
  for (let batch = -2; batch < batches; batch++) {
    for (const [index, world] of worlds.entries()) {
      const { cpuMicroseconds, wallMs } = await world.signOnBatch(batchSize);
      if (batch < 0) continue;
      samples[index]?.cpu.push(cpuMicroseconds / batchSize);
      samples[index]?.wall.push(wallMs / batchSize);
    }
  }
  for (const world of worlds) await world.close();
  return sizes.map((size, index) => {
    const cpu = median(samples[index]?.cpu ?? []);
    const row = {
      engine,
      ...size,
      perCpuSecond: Math.round(1e6 / cpu),
      perSecond: Math.round(1000 / median(samples[index]?.wall ?? [])),
      cpuMicroseconds: Math.round(cpu),
    };
    console.log(
      `${engine}: ${size.members} members, ${size.rules} rules: ${row.cpuMicroseconds} µs CPU a sign-on, ` +
        `${row.perCpuSecond} a CPU-second, ${row.perSecond} a second one after another`,
    );
    return row;
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
