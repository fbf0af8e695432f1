/**
 * Projects in step (GATEWAY 10.5). They live in Label Studio; here is a row for each, to which members
 * belong. Rows come and change by what passes through the gateway and by lists; a deletion through the
 * gateway alone takes members, absence from a list only marks the project gone.
 */

import type { Plan } from "../access/changes.ts";
import { type PlacePerson, planGrant, planPlaceDeleted } from "../access/plan-places.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import { applyPlan } from "../store/apply.ts";
import { type Actor, recordAudit } from "../store/audit.ts";
import { listHolderIds, loadPlacePeople } from "../store/place-members.ts";
import { TransactionRace } from "../store/race.ts";
import type { Db } from "../store/store.ts";
import { loadLinkedPeople } from "../store/upstream-accounts.ts";
import {
  assignProjects,
  insertSeenProject,
  type LinkedProject,
  listLinkedProjects,
  loadLinkedProject,
  markProjectsGone,
  type SeenProject,
  unlinkProjects,
  updateSeenProject,
} from "../store/upstream-projects.ts";
import { deleteProject, lockProject } from "../store/visible-projects.ts";
import { loadVisibleWorkspace } from "../store/workspaces.ts";
import { Asked } from "./asked.ts";
import type { Door } from "./door.ts";
import type { AskUpstream } from "./in-step.ts";
import { loadStudioProject } from "./studio-api.ts";
import { readProject } from "./studio-records.ts";

/** So many new ones at once are a first look at years of work; fewer are looked at one by one. */
const maxConfirmed = 20;
const rowsPerTransaction = 200;

/** Projects of Label Studio and their rows. */
export class Projects {
  readonly #deps: Deps;
  readonly #upstream: AskUpstream;
  readonly #door: Door;
  readonly #asked = new Asked<boolean>();

  constructor(deps: Deps, upstream: AskUpstream, door: Door) {
    this.#deps = deps;
    this.#upstream = upstream;
    this.#door = door;
  }

  /** As `InStep.requireWorkspace`. */
  async requireWorkspace(viewer: StudioViewer, workspaceId: number | null): Promise<void> {
    if (workspaceId === null) return;
    const { organizationId, userId } = viewer;
    const sees = isAdministrator(viewer) ? "organization" : "made";
    const eyes = { organizationId, userId, sees } as const;
    if ((await loadVisibleWorkspace(this.#deps.store.db, eyes, workspaceId)) !== null) return;
    const fields = { workspace: ["There is no such workspace in this organization."] };
    throw new AppError("validation_failed", { fields });
  }

  /** As `InStep.projectCreated`. */
  async projectCreated(
    viewer: StudioViewer,
    json: unknown,
    workspaceId: number | null,
  ): Promise<void> {
    const seen = readProject(json);
    const { organizationId, userId } = viewer;
    const actor = { kind: "person", userId } as const;
    await this.#deps.store.transaction(async (tx) => {
      const id = await this.#ownRow(tx, viewer, { seen, workspaceId });
      await this.#noteMade(tx, { organizationId, actor, id, title: seen.title, workspaceId });
      await this.#giveToCreator(tx, { organizationId, id, title: seen.title, userId, actor });
    });
    this.#door.lookAgain();
  }

  /** The row of a project that its creator just made; a list may have told of it already. */
  async #ownRow(
    tx: Db,
    { organizationId, userId }: StudioViewer,
    { seen, workspaceId }: { seen: SeenProject; workspaceId: number | null },
  ): Promise<number> {
    const former = await loadLinkedProject(tx, organizationId, seen.upstreamId);
    if (former?.createdAt === seen.createdAt) {
      await updateSeenProject(tx, former.id, { seen, createdBy: userId });
      const upstreamIds = [seen.upstreamId];
      await assignProjects(tx, { organizationId, upstreamIds, workspaceId });
      return former.id;
    }
    if (former !== null) {
      // The number was another project's: what that one's row opened ends.
      await unlinkProjects(tx, [former.id]);
      await this.#door.renew(tx);
    }
    const row = { ...seen, organizationId, workspaceId, createdBy: userId };
    const id = await insertSeenProject(tx, row);
    if (id === null) throw new TransactionRace("a list told of the project meanwhile");
    return id;
  }

  /** As `InStep.projectMoved`. */
  async projectMoved(
    { organizationId, userId }: StudioViewer,
    upstreamId: number,
    workspaceId: number | null,
  ): Promise<void> {
    await this.#deps.store.transaction(async (tx) => {
      const found = await loadLinkedProject(tx, organizationId, upstreamId);
      if (found === null || found.workspaceId === workspaceId) return;
      await assignProjects(tx, { organizationId, upstreamIds: [upstreamId], workspaceId });
      const { id, title, workspaceId: before } = found;
      await recordAudit(tx, {
        organizationId,
        at: this.#deps.now(),
        actor: { kind: "person", userId },
        action: "project_changed",
        changes: [
          {
            kind: "project_changed",
            project: { id, title },
            from: { workspaceId: before },
            to: { workspaceId },
          },
        ],
      });
    });
  }

  /** As `InStep.projectDeleted`. */
  async projectDeleted(viewer: StudioViewer, upstreamId: number): Promise<void> {
    const { organizationId, userId } = viewer;
    const actor = { kind: "person", userId } as const;
    await this.#deps.store.transaction(async (tx) => {
      const found = await loadLinkedProject(tx, organizationId, upstreamId);
      if (found === null) return;
      const { id, title } = found;
      await lockProject(tx, organizationId, id);
      const key = { organizationId, kind: "project", id } as const;
      const people = await loadPlacePeople(tx, key, await listHolderIds(tx, key));
      for (const person of people) {
        const plan = planPlaceDeleted(person, { kind: "project", id, title });
        await this.#apply(tx, { organizationId, plan, actor, action: "project_deleted" });
      }
      await deleteProject(tx, organizationId, id);
      await recordAudit(tx, {
        organizationId,
        at: this.#deps.now(),
        actor,
        action: "project_deleted",
        changes: [{ kind: "project_deleted", project: { id, title, upstreamId } }],
      });
    });
  }

  /**
   * As `InStep.projectChanged`; false where the number is another project than the one that is known.
   */
  async projectChanged(organizationId: number, seen: SeenProject): Promise<boolean> {
    const { db } = this.#deps.store;
    const known = await loadLinkedProject(db, organizationId, seen.upstreamId);
    if (known === null) return true;
    if (known.createdAt !== seen.createdAt) return false;
    const creators = await this.#makers(known.createdBy === null ? [seen] : []);
    const createdBy = known.createdBy ?? creators.get(seen.creatorUpstreamId ?? 0) ?? null;
    if (isChanged(known, seen, createdBy)) {
      await updateSeenProject(db, known.id, { seen, createdBy });
    }
    return true;
  }

  /**
   * Asks Label Studio for a project that is not known, for Administrators alone, once a second each at
   * most; who asks meanwhile gets that answer. True where the project is known after.
   */
  async learnProject(viewer: StudioViewer, upstreamId: number): Promise<boolean> {
    const { store, now } = this.#deps;
    const { organizationId } = viewer;
    if ((await loadLinkedProject(store.db, organizationId, upstreamId)) !== null) return true;
    if (!isAdministrator(viewer)) return false;
    return await this.#asked.answer(upstreamId, now(), () =>
      this.#learn(organizationId, upstreamId),
    );
  }

  async #learn(organizationId: number, upstreamId: number): Promise<boolean> {
    const seen = await loadStudioProject(this.#upstream, upstreamId);
    if (seen === null) return false;
    await this.#addSeen(organizationId, [seen]);
    return true;
  }

  /** Linked projects of which a whole list tells another instant: another project of that number. */
  differing(
    known: readonly LinkedProject[],
    seen: readonly SeenProject[],
  ): readonly LinkedProject[] {
    const created = new Map(seen.map(({ upstreamId, createdAt }) => [upstreamId, createdAt]));
    return known.filter(
      ({ upstreamId, createdAt }) => (created.get(upstreamId) ?? createdAt) !== createdAt,
    );
  }

  /** The linked projects; read before a list, so that what is made meanwhile is not taken for gone. */
  async known(organizationId: number): Promise<readonly LinkedProject[]> {
    return await listLinkedProjects(this.#deps.store.db, organizationId);
  }

  /** Brings the rows in step with a whole list, `known` being what was linked before it was read. */
  async takeList(
    organizationId: number,
    { known, seen }: { known: readonly LinkedProject[]; seen: readonly SeenProject[] },
  ): Promise<void> {
    const { db } = this.#deps.store;
    const byNumber = new Map(known.map((project) => [project.upstreamId, project]));
    const listed = new Set(seen.map(({ upstreamId }) => upstreamId));
    const creators = await this.#makers(seen);
    for (const project of seen) {
      const row = byNumber.get(project.upstreamId);
      if (row === undefined) continue;
      const createdBy = row.createdBy ?? creators.get(project.creatorUpstreamId ?? 0) ?? null;
      if (isChanged(row, project, createdBy)) {
        await updateSeenProject(db, row.id, { seen: project, createdBy });
      }
    }
    const gone = known.filter(({ upstreamId, isGone }) => !isGone && !listed.has(upstreamId));
    await markProjectsGone(
      db,
      gone.map(({ id }) => id),
      this.#deps.now(),
    );
    const news = seen.filter(({ upstreamId }) => !byNumber.has(upstreamId));
    await this.#addSeen(organizationId, await this.#confirmed(news));
  }

  /** One that was deleted since the list was read must not come back. */
  async #confirmed(news: readonly SeenProject[]): Promise<readonly SeenProject[]> {
    if (news.length > maxConfirmed) return news;
    const found: SeenProject[] = [];
    for (const { upstreamId } of news) {
      const project = await loadStudioProject(this.#upstream, upstreamId);
      if (project !== null) found.push(project);
    }
    return found;
  }

  async #addSeen(organizationId: number, news: readonly SeenProject[]): Promise<void> {
    const creators = await this.#makers(news);
    for (let first = 0; first < news.length; first += rowsPerTransaction) {
      const some = news.slice(first, first + rowsPerTransaction);
      await this.#deps.store.transaction(async (tx) => {
        for (const seen of some) await this.#addOne(tx, { organizationId, seen, creators });
      });
    }
  }

  async #addOne(
    tx: Db,
    {
      organizationId,
      seen,
      creators,
    }: { organizationId: number; seen: SeenProject; creators: ReadonlyMap<number, number> },
  ): Promise<void> {
    const createdBy = creators.get(seen.creatorUpstreamId ?? 0) ?? null;
    const row = { ...seen, organizationId, workspaceId: null, createdBy };
    const id = await insertSeenProject(tx, row);
    if (id === null || createdBy === null) return;
    const key = { organizationId, kind: "project", id } as const;
    const [person] = await loadPlacePeople(tx, key, [createdBy]);
    if (person?.role !== "MA") return;
    const actor = { kind: "system" } as const;
    await this.#grant(tx, { organizationId, person, id, title: seen.title, actor });
  }

  /** Label Studio's numbers of the creators → internal numbers of those who are linked. */
  async #makers(seen: readonly SeenProject[]): Promise<ReadonlyMap<number, number>> {
    const creators = new Set(seen.map(({ creatorUpstreamId }) => creatorUpstreamId ?? 0));
    creators.delete(0);
    if (creators.size === 0) return new Map();
    return await loadLinkedPeople(this.#deps.store.db, [...creators]);
  }

  async #giveToCreator(
    tx: Db,
    given: {
      organizationId: number;
      id: number;
      title: string;
      userId: number;
      actor: Actor;
    },
  ): Promise<void> {
    const key = { organizationId: given.organizationId, kind: "project", id: given.id } as const;
    const [person] = await loadPlacePeople(tx, key, [given.userId]);
    if (person !== undefined) await this.#grant(tx, { ...given, person });
  }

  async #grant(
    tx: Db,
    {
      organizationId,
      person,
      id,
      title,
      actor,
    }: { organizationId: number; person: PlacePerson; id: number; title: string; actor: Actor },
  ): Promise<void> {
    const outcome = planGrant(person, { kind: "project", id, title }, "manual");
    if (outcome.outcome !== "planned") return;
    const { plan } = outcome;
    await this.#apply(tx, { organizationId, plan, actor, action: "project_made" });
  }

  async #apply(
    tx: Db,
    applied: { organizationId: number; plan: Plan; actor: Actor; action: string },
  ): Promise<void> {
    await applyPlan(tx, { ...applied, at: this.#deps.now() });
  }

  async #noteMade(
    tx: Db,
    {
      organizationId,
      actor,
      ...made
    }: {
      organizationId: number;
      actor: Actor;
      id: number;
      title: string;
      workspaceId: number | null;
    },
  ): Promise<void> {
    const { id, title, workspaceId } = made;
    await recordAudit(tx, {
      organizationId,
      at: this.#deps.now(),
      actor,
      action: "project_made",
      changes: [{ kind: "project_made", project: { id, title }, workspaceId }],
    });
  }
}

function isAdministrator({ role }: StudioViewer): boolean {
  return role === "OW" || role === "AD";
}

function isChanged(row: LinkedProject, seen: SeenProject, createdBy: number | null): boolean {
  return (
    row.isGone ||
    row.title !== seen.title ||
    row.description !== seen.description ||
    row.isDraft !== seen.isDraft ||
    row.pinnedAt !== seen.pinnedAt ||
    row.createdBy !== createdBy
  );
}
