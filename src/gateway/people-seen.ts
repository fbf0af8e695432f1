/**
 * The people whom somebody sees in Label Studio (GATEWAY 10.5): those who share a project with them, and
 * whoever worked in the project, those who have left too, since one number missing leaves the data
 * manager blank. Annotators see themselves alone. Answers are kept some seconds.
 */
import type { Deps } from "../deps.ts";
import { roleIn, type StudioViewer, studioRole } from "../labelstudio/viewer.ts";
import { listSharers } from "../store/upstream-sharers.ts";
import type { AskUpstream } from "./in-step.ts";
import type { People } from "./people.ts";
import { listAnnotators, loadStudioProject } from "./studio-api.ts";

const keptMs = 10_000;
const maxKept = 5000;

interface Kept {
  readonly atMs: number;
  readonly people: Promise<ReadonlySet<number>>;
}

/** The people whom somebody sees. */
export class PeopleSeen {
  readonly #deps: Deps;
  readonly #upstream: AskUpstream;
  readonly #people: People;
  readonly #kept = new Map<string, Kept>();

  constructor(deps: Deps, upstream: AskUpstream, people: People) {
    this.#deps = deps;
    this.#upstream = upstream;
    this.#people = people;
  }

  /** As `InStep.peopleSeenBy`. */
  async by(viewer: StudioViewer, project: number | null): Promise<ReadonlySet<number>> {
    const own = viewer.upstreamUserId;
    const role = project === null ? studioRole(viewer.role) : roleIn(viewer, project);
    const seen = new Set(own === null ? [] : [own]);
    if (role === null || role === "AN") return seen;
    for (const id of await this.#sharers(viewer, project)) seen.add(id);
    if (project !== null) for (const id of await this.#workers(project)) seen.add(id);
    return seen;
  }

  /** For whoever sees all, everybody whom Label Studio has: authors from before attaching too. */
  async #sharers(
    { organizationId, projects }: StudioViewer,
    project: number | null,
  ): Promise<ReadonlySet<number>> {
    if (projects === "all") {
      const accounts = await this.#people.accounts();
      return new Set(accounts.map(({ id }) => id));
    }
    const shared = project === null ? [...projects.keys()].sort((a, b) => a - b) : [project];
    return await this.#keep(`sharers:${shared.join(",")}`, async () => {
      return new Set(await listSharers(this.#deps.store.db, organizationId, shared));
    });
  }

  async #workers(project: number): Promise<ReadonlySet<number>> {
    return await this.#keep(`workers:${project}`, async () => {
      const [annotators, record] = await Promise.all([
        listAnnotators(this.#upstream, project),
        loadStudioProject(this.#upstream, project),
      ]);
      const creator = record?.creatorUpstreamId ?? null;
      return new Set(creator === null ? annotators : [...annotators, creator]);
    });
  }

  async #keep(key: string, load: () => Promise<ReadonlySet<number>>): Promise<ReadonlySet<number>> {
    const now = this.#deps.now();
    const found = this.#kept.get(key);
    if (found !== undefined && now - found.atMs < keptMs) return await found.people;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const people = load();
    this.#kept.set(key, { atMs: now, people });
    people.catch(() => this.#kept.delete(key));
    return await people;
  }
}
