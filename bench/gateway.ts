/**
 * `npm run bench:gateway`: what a request costs through us and through others, all in front of one stub
 * upstream in one run (GATEWAY 10.7): directly, nginx, oauth2-proxy with a session in its cookie,
 * @fastify/http-proxy, and ours on SQLite and on PostgreSQL, with sessions and projects drawn at random.
 *
 * Batches go round: each peer in turn, then again, so that the machine's mood falls on all alike; ratios
 * are medians of the ratios within a round. CPU is what the kernel counted for the peer's processes, the
 * upstream, the load and the database left out. All of them share the machine, so requests a second say
 * less than CPU. `BENCH_SHORT=1` takes a minute and says little; nothing here fails by the clock.
 * The last line is one JSON object.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../test/postgres.ts";
import { startChild, usageOf } from "./gateway-child.ts";
import type { LoadRequest, LoadResult, Target } from "./gateway-load.ts";
import { labelgate } from "./gateway-ours-peer.ts";
import { direct, fastifyHttpProxy, nginx, oauth2Proxy, type Peer } from "./gateway-peers.ts";
import { type Cell, type Cost, cells, printReport } from "./gateway-report.ts";
import { jsonBytes, sizes } from "./gateway-shapes.ts";
import type { UpstreamCounts } from "./gateway-upstream.ts";

const isShort = process.env["BENCH_SHORT"] === "1";
/** `BENCH_ONLY=json` leaves the other kinds of request out. */
const only = process.env["BENCH_ONLY"];
/** `BENCH_PEERS=nginx,sqlite` starts only those whose name has one of the words. */
const wanted = process.env["BENCH_PEERS"]?.split(",");
const measured = cells.filter(({ kind }) => only === undefined || only === kind);

/** Rounds before those that count. */
const warmUps = 2;
/** So long each peer works before anything counts: until then the compiler's work would be measured. */
const warmingMs = isShort ? 1_000 : 8_000;

const folder = mkdtempSync(join(tmpdir(), "labelgate-bench-gateway-"));
const upstream = startChild("gateway-upstream.ts");
const load = startChild("gateway-load.ts");
const postgres = await startPostgres();
const peers: Peer[] = [];
try {
  const { port } = await upstream.ask<{ port: number }>({});
  const behind = { port, pid: upstream.pid };
  const starts: readonly (readonly [string, () => Peer | Promise<Peer | null>])[] = [
    ["direct", () => direct(behind)],
    ["nginx", () => nginx(behind, folder)],
    ["oauth2-proxy", () => oauth2Proxy(behind)],
    ["@fastify/http-proxy", () => fastifyHttpProxy(behind)],
    ["sqlite", () => labelgate(behind, { engine: "sqlite", databaseUrl: "", folder })],
    [
      "postgres",
      () => labelgate(behind, { engine: "postgres", databaseUrl: postgres.url, folder }),
    ],
  ];
  for (const [name, start] of starts) {
    if (wanted?.some((word) => name.includes(word)) === false) continue;
    const peer = await start();
    if (peer !== null) peers.push(peer);
  }
  await measureAll();
} finally {
  for (const peer of peers) await peer.stop();
  await load.stop();
  await upstream.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  const before = loadavg()[0] ?? Number.NaN;
  for (const peer of peers) {
    await expectAnswers(peer);
    await send({ kind: "target", name: peer.name, target: peer.target });
  }
  const costs = new Map<string, Cost[]>();
  for (const peer of peers) {
    if (!peer.isOurs) continue;
    for (const requests of ["first session", "first task"] as const) {
      costs.set(`${peer.name} ${requests} 64`, [await measureFirst(peer, requests)]);
    }
  }
  for (const peer of peers) {
    const batch = { requests: "json", connections: 64, milliseconds: warmingMs } as const;
    await measureLoad(peer, { ...batch, atMost: 1_000_000 });
  }
  for (const cell of measured) await measureCell(cell, costs);
  printReport({ peers: peers.map(({ name }) => name), costs, load: before, isShort });
}

/** Rounds of one kind of request. */
async function measureCell(cell: Cell, costs: Map<string, Cost[]>): Promise<void> {
  process.stderr.write(`${cell.kind}, ${cell.connections} at once…\n`);
  const rounds = isShort ? Math.min(2, cell.rounds) : cell.rounds;
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const peer of peers) {
      const cost = await measureBatch(peer, cell);
      if (round < 0) continue;
      const key = `${peer.name} ${cell.kind} ${cell.connections}`;
      costs.set(key, [...(costs.get(key) ?? []), cost]);
    }
  }
}

async function measureBatch(peer: Peer, cell: Cell): Promise<Cost> {
  const isStream = cell.kind === "download" || cell.kind === "upload";
  return await measureLoad(peer, {
    requests: cell.kind,
    connections: cell.connections,
    milliseconds: isShort ? cell.milliseconds / 3 : cell.milliseconds,
    atMost: isStream ? 1 : 1_000_000,
  });
}

/** Of each person or task the first request: nothing of them is known yet. */
async function measureFirst(peer: Peer, requests: "first session" | "first task"): Promise<Cost> {
  const { sessions, projects, tasksOfAProject } = sizes;
  const atMost = requests === "first session" ? sessions : projects * tasksOfAProject;
  return await measureLoad(peer, { requests, connections: 64, milliseconds: 120_000, atMost });
}

type Batch = Omit<Extract<LoadRequest, { kind: "batch" }>, "kind" | "name">;

async function measureLoad(peer: Peer, batch: Batch): Promise<Cost> {
  const counts = await upstream.ask<UpstreamCounts>({});
  const before = usageOf(peer.pids);
  let peakRss = before.rssBytes;
  const watch = setInterval(() => {
    peakRss = Math.max(peakRss, usageOf(peer.pids).rssBytes);
  }, 40);
  const result = await send<LoadResult>({ kind: "batch", name: peer.name, ...batch });
  clearInterval(watch);
  const after = usageOf(peer.pids);
  const { lookups } = await upstream.ask<UpstreamCounts>({});
  return {
    ...result,
    cpuMs: after.cpuMs - before.cpuMs,
    peakRssBytes: Math.max(peakRss, after.rssBytes),
    lookups: lookups - counts.lookups,
  };
}

async function send<Answer>(request: LoadRequest): Promise<Answer> {
  return await load.ask<Answer>(request);
}

/** What is measured must be what was asked for: a gateway that refuses everybody is quick, or one that asks nobody. */
async function expectAnswers({ name, target, knowsPeople }: Peer): Promise<void> {
  const good = await ask(target, target.cookies[1] ?? target.cookies[0] ?? "");
  if (good.status !== 200 || good.bytes !== jsonBytes) {
    throw new Error(`${name} answers ${good.status} with ${good.bytes} bytes`);
  }
  const bad = await ask(target, "");
  if (knowsPeople && bad.status < 300) {
    throw new Error(`${name} answers to somebody not signed in`);
  }
}

/** One request, with the Host that fetch would not send. */
async function ask({ port, host }: Target, cookie: string) {
  // The second person belongs to the second project.
  const asked = get({
    ...{ port, host: "127.0.0.1", path: "/api/projects/2/summary/" },
    headers: { host, cookie, accept: "application/json" },
  });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  return { status: answer.statusCode ?? 0, bytes };
}
