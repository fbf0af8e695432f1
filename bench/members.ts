/**
 * Lists of members: page 1, 500 and 1,000 of 100,000, on the database of DATABASE_URL, else on a fresh
 * SQLite file. Its last line is one JSON object: milliseconds, and the ratio of page 1,000 to page 1.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listMembers } from "../src/store/members.ts";
import { migrate, openStore } from "../src/store/store.ts";
import { analyze, openCrowd } from "./people.ts";

const people = 100_000;
const pageSize = 100;
const runs = 31;

const dataDir = mkdtempSync(join(tmpdir(), "labelgate-members-"));
const store = await openStore({ databaseUrl: process.env["DATABASE_URL"] ?? "", dataDir });
try {
  await migrate(store);
  const organizationId = await openCrowd(store, { count: people });
  await analyze(store);
  const figures: Record<string, number> = {};
  for (const page of [1, 500, 1000]) {
    figures[`page${page}Ms`] = await medianMs(async () => {
      const offset = (page - 1) * pageSize;
      const part = { order: "id", isDescending: false, offset, limit: pageSize } as const;
      const { members } = await listMembers(store.db, { organizationId }, part);
      if (members.length !== pageSize) throw new Error(`page ${page} is not full`);
    });
  }
  const { page1Ms = Number.NaN, page1000Ms = Number.NaN } = figures;
  const engine = store.dialect;
  const ratio = page1000Ms / page1Ms;
  process.stdout.write(
    `${JSON.stringify({ bench: "members", engine, people, ...figures, ratio })}\n`,
  );
} finally {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
}

async function medianMs(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  return Number((times[Math.floor(runs / 2)] ?? Number.NaN).toFixed(2));
}
