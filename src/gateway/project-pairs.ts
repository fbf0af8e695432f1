/**
 * Is a number of Label Studio's still the project that Labelgate knows by it (GATEWAY 10.5)? The pair of
 * number and creation time is compared where a record passes and at each look-up, asked for once a
 * second each at most; what differs is settled by a look at everything (sync.ts). Administrators, who
 * see what nobody was given yet, make Labelgate learn what it does not know.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import { loadLinkedProject, type SeenProject } from "../store/upstream-projects.ts";
import { Asked } from "./asked.ts";
import type { Door } from "./door.ts";
import type { AskUpstream } from "./in-step.ts";
import type { Projects } from "./projects.ts";
import { loadStudioProject } from "./studio-api.ts";
import { readProject } from "./studio-records.ts";
import type { Sync } from "./sync.ts";

const maxKnown = 10_000;

/** The parts that a comparison needs. */
export interface PairParts {
  readonly upstream: AskUpstream;
  readonly projects: Projects;
  readonly door: Door;
  readonly sync: Sync;
}

/** Numbers of projects and what stands behind them. */
export class ProjectPairs {
  readonly #deps: Deps;
  readonly #parts: PairParts;
  readonly #kept = new Asked<boolean>();
  /** Numbers that Labelgate has a row for; for as long as the database behind the address is this one. */
  readonly #known = new Set<number>();

  constructor(deps: Deps, parts: PairParts) {
    this.#deps = deps;
    this.#parts = parts;
    parts.door.onRenewal(() => this.#forgetAll());
  }

  /** As `InStep.isSameProject`. */
  async isSame(upstreamId: number): Promise<boolean> {
    return await this.#kept.answer(upstreamId, this.#deps.now(), () => this.#compare(upstreamId));
  }

  async #compare(upstreamId: number): Promise<boolean> {
    const { store } = this.#deps;
    const organizationId = await this.#organization();
    if (organizationId === null) return true;
    // Nobody was given one that is not known; Administrators learn it.
    if ((await loadLinkedProject(store.db, organizationId, upstreamId)) === null) return true;
    const seen = await loadStudioProject(this.#parts.upstream, upstreamId);
    return seen !== null && (await this.#take(organizationId, seen));
  }

  /** As `InStep.projectChanged`. */
  async changed(json: unknown): Promise<boolean> {
    const organizationId = await this.#organization();
    const seen = await wholeRecord(this.#parts.upstream, json);
    if (seen === null || organizationId === null) return true;
    return await this.#take(organizationId, seen);
  }

  async #take(organizationId: number, seen: SeenProject): Promise<boolean> {
    const { projects, sync, door } = this.#parts;
    if (await projects.projectChanged(organizationId, seen)) return true;
    await sync.run();
    await door.requireOpen();
    return false;
  }

  /** As `InStep.requireProject`. */
  require(viewer: StudioViewer, upstreamId: number): undefined | Promise<void> {
    if (viewer.projects !== "all" || this.#known.has(upstreamId)) return undefined;
    return this.#learn(viewer, upstreamId);
  }

  async #learn(viewer: StudioViewer, upstreamId: number): Promise<void> {
    const isKnown = await this.#parts.projects.learnProject(viewer, upstreamId);
    if (!isKnown) throw new AppError("not_found");
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.add(upstreamId);
  }

  #forgetAll(): void {
    this.#kept.forgetAll();
    this.#known.clear();
  }

  async #organization(): Promise<number | null> {
    const [organization] = await listOrganizations(this.#deps.store.db);
    return organization?.id ?? null;
  }
}

/** A client may have asked for a part of the record only. */
async function wholeRecord(upstream: AskUpstream, json: unknown): Promise<SeenProject | null> {
  try {
    return readProject(json);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  const id = typeof json === "object" && json !== null && "id" in json ? json.id : null;
  return typeof id === "number" ? await loadStudioProject(upstream, id) : null;
}
