/**
 * One look at all of Label Studio's people and projects (GATEWAY 10.5): at start, every five minutes,
 * and where an administrator asks. What differs from what is known is settled first: one difference
 * unlinks that row, several close the gateway. Short or failed lists change nothing.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type Actor, recordAudit } from "../store/audit.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import {
  forgetLinks,
  type LinkablePerson,
  listLinked,
  unlinkAccounts,
} from "../store/upstream-accounts.ts";
import { leaveUndecided, listUndecided, wishForAccount } from "../store/upstream-outbox.ts";
import { unlinkProjects } from "../store/upstream-projects.ts";
import { saveUpstreamState } from "../store/upstream-state.ts";
import type { StudioAccount } from "./account-match.ts";
import type { Difference, Door } from "./door.ts";
import type { AskUpstream } from "./in-step.ts";
import type { People } from "./people.ts";
import type { Projects } from "./projects.ts";
import { listAllProjects, loadServiceAccount } from "./studio-api.ts";
import { badAnswer } from "./studio-records.ts";

/** The result of the last look. */
export interface LastSync {
  readonly at: number;
  /** Null where it went well. */
  readonly problem: string | null;
  readonly people: number;
  readonly projects: number;
}

/** One difference may be an accident; more are another database. */
const maxUnlinked = 1;
/** Label Studio's own word for somebody whose membership was taken there. */
const deletedAddress = "Deleted";

/** The parts that a look brings in step. */
export interface SyncParts {
  readonly upstream: AskUpstream;
  readonly people: People;
  readonly projects: Projects;
  readonly door: Door;
}

/** Looks, one at a time. */
export class Sync {
  readonly #deps: Deps;
  readonly #parts: SyncParts;
  #running: Promise<LastSync> | null = null;

  constructor(deps: Deps, parts: SyncParts) {
    this.#deps = deps;
    this.#parts = parts;
  }

  /** Looks once; who asks while one is under way gets that one's outcome. Failure is an outcome. */
  async run(): Promise<LastSync> {
    this.#running ??= this.#look().finally(() => {
      this.#running = null;
    });
    return await this.#running;
  }

  async #look(): Promise<LastSync> {
    const { now, store, log } = this.#deps;
    const at = now();
    try {
      const counts = await this.#takeAll();
      const outcome = { at, problem: null, ...counts };
      await saveUpstreamState(store.db, "last_sync", outcome);
      return outcome;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const outcome = { at, problem: error.detail ?? error.hint, people: 0, projects: 0 };
      log.warn({ code: error.code, problem: outcome.problem }, "Label Studio was not looked at");
      await saveUpstreamState(store.db, "last_sync", outcome);
      return outcome;
    }
  }

  async #takeAll() {
    const { people, projects, upstream, door } = this.#parts;
    const organizationId = await this.#organization();
    const known = await projects.known(organizationId);
    const linked = await listLinked(this.#deps.store.db);
    const accounts = await this.#wholeList();
    const seen = await listAllProjects(upstream);
    const differences = [
      ...differingPeople(linked, accounts),
      ...projects.differing(known, seen).map(
        ({ id, upstreamId, title }): Difference => ({
          kind: "project",
          id,
          upstreamId,
          name: title,
          problem: `Label Studio's project ${upstreamId} was made at another time than the project “${title}” that was known by this number.`,
        }),
      ),
    ];
    const counts = { people: accounts.length, projects: seen.length };
    const wasClosed = (await door.closed()) !== null;
    if (wasClosed || differences.length > maxUnlinked) {
      await door.close(differences);
      return counts;
    }
    await this.#unlink(differences, { kind: "system" });
    const isUnlinked = new Set(differences.map(({ kind, id }) => `${kind} ${id}`));
    const stillLinked = linked.filter(({ userId }) => !isUnlinked.has(`person ${userId}`));
    await this.#lookAtDeleted(stillLinked, accounts);
    await people.fixOrganizations(stillLinked);
    await people.workOutbox();
    const stillKnown = known.filter(({ id }) => !isUnlinked.has(`project ${id}`));
    await projects.takeList(organizationId, { known: stillKnown, seen });
    return counts;
  }

  /**
   * Lists people whose membership was taken in Label Studio, with what to do, until it is fixed there.
   */
  async #lookAtDeleted(
    linked: readonly LinkablePerson[],
    accounts: readonly StudioAccount[],
  ): Promise<void> {
    const { store, now } = this.#deps;
    const isDeleted = new Set(
      accounts.filter(({ email }) => email === deletedAddress).map(({ id }) => id),
    );
    const undecided = new Set(await listUndecided(store.db));
    for (const { userId, upstreamId } of linked) {
      if (isDeleted.has(upstreamId ?? 0)) {
        const problem = `The membership of Label Studio's account ${upstreamId} was taken there, so that it opens nothing. Put it back by Label Studio's own administration (/admin).`;
        await leaveUndecided(store.db, { userId, at: now(), problem });
      } else if (undecided.has(userId)) await wishForAccount(store.db, userId, now());
    }
  }

  /** The list of accounts, which is whole where Labelgate's own is in it. */
  async #wholeList(): Promise<readonly StudioAccount[]> {
    const { people, upstream } = this.#parts;
    const service = await loadServiceAccount(upstream);
    const accounts = await people.accounts({ isFresh: true });
    if (accounts.some(({ id }) => id === service.id)) return accounts;
    throw badAnswer("Label Studio's list of accounts lacks the one that asked for it.");
  }

  async #organization(): Promise<number> {
    const [organization] = await listOrganizations(this.#deps.store.db);
    if (organization === undefined) {
      throw new AppError("upstream_not_ready", { detail: "There is no organization yet." });
    }
    return organization.id;
  }

  /**
   * Takes what is known of whatever differs, and opens: another database is behind the address, and
   * that is right. Returns what was taken.
   */
  async accept(actor: Actor): Promise<readonly Difference[]> {
    const { projects, upstream, door } = this.#parts;
    const { store, now } = this.#deps;
    const organizationId = await this.#organization();
    const known = await projects.known(organizationId);
    const accounts = await this.#wholeList();
    const linked = await listLinked(store.db);
    const differing = differingPeople(linked, accounts, { withDeleted: true });
    const others = projects.differing(known, await listAllProjects(upstream));
    const taken: readonly Difference[] = [
      ...differing,
      ...others.map(({ id, upstreamId, title }) => ({
        kind: "project" as const,
        id,
        upstreamId,
        name: title,
        problem: "",
      })),
    ];
    await this.#unlink(taken, actor);
    const userIds = differing.map(({ id }) => id);
    await store.transaction(async (tx) => {
      await door.renew(tx);
      await forgetLinks(tx, userIds);
      for (const userId of userIds) await wishForAccount(tx, userId, now());
    });
    await door.open();
    await this.run();
    return taken;
  }

  async #unlink(differences: readonly Difference[], actor: Actor): Promise<void> {
    if (differences.length === 0) return;
    const { store, now, log } = this.#deps;
    const organizationId = await this.#organization();
    await store.transaction(async (tx) => {
      await this.#parts.door.renew(tx);
      for (const { kind, id, upstreamId, problem } of differences) {
        if (kind === "person") {
          await unlinkAccounts(tx, [id]);
          await leaveUndecided(tx, { userId: id, at: now(), problem });
        } else await unlinkProjects(tx, [id]);
        await recordAudit(tx, {
          organizationId,
          at: now(),
          actor,
          subjectUserId: kind === "person" ? id : null,
          action: `upstream_${kind}_unlinked`,
          changes: [{ kind: `upstream_${kind}_unlinked`, id, upstreamId, problem }],
        });
      }
    });
    this.#parts.door.lookAgain();
    log.warn({ differences: differences.length }, "links to Label Studio were taken");
  }
}

/** Linked people of whom Label Studio tells another address, or nothing. */
function differingPeople(
  linked: readonly LinkablePerson[],
  accounts: readonly StudioAccount[],
  { withDeleted = false } = {},
): readonly Difference[] {
  const addresses = new Map(accounts.map(({ id, email }) => [id, email]));
  return linked.flatMap(({ userId, email, upstreamId, upstreamEmail }) => {
    const id = upstreamId ?? 0;
    const found = addresses.get(id);
    if (found === upstreamEmail || (found === deletedAddress && !withDeleted)) return [];
    const tells =
      found === undefined ? "has no such account any more" : `knows it by the address ${found}`;
    const problem = `${email} was linked to Label Studio's account ${id} (${upstreamEmail}), and Label Studio ${tells}.`;
    return [{ kind: "person", id: userId, upstreamId: id, name: email, problem }];
  });
}
