/** /health (the process answers) and /ready (the database answers and is migrated), PRODUCT 9.5. */
import { setTimeout } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";

/** A database that does not answer within this is one that cannot be reached. */
const patienceMs = 3000;

/** `isStopping` turns /ready away before the listener closes, so that load balancers look elsewhere. */
export function serveHealth(app: FastifyInstance, deps: Deps, isStopping: () => boolean): void {
  app.get("/health", async () => ({ status: "ok" }));
  app.get("/ready", async () => {
    if (isStopping()) throw new AppError("not_ready", { detail: "The server is stopping." });
    const problem = await withPatience(storeProblem(deps));
    if (problem !== null) throw new AppError("not_ready", { detail: problem });
    return { status: "ready" };
  });
}

/** The sentence that says why the store cannot be used, or null. */
async function storeProblem({ store, log }: Deps): Promise<string | null> {
  try {
    await store.ping();
    if (await store.isMigrated()) return null;
    return "The database is not at this version's migrations; run labelgate migrate.";
  } catch (error) {
    log.warn({ err: error }, "the database does not answer");
    return "The database cannot be reached.";
  }
}

async function withPatience(answer: Promise<string | null>): Promise<string | null> {
  const giveUp = new AbortController();
  const late = setTimeout(patienceMs, "The database does not answer.", { signal: giveUp.signal });
  try {
    return await Promise.race([answer, late.catch(() => null)]);
  } finally {
    giveUp.abort();
  }
}
