/**
 * People in step (GATEWAY 10.5): each person of Labelgate has one account in Label Studio, made or
 * linked here and nowhere else, when it is due (the outbox) or at once (`ensureAccount`).
 *
 * 1. People are never deleted in Label Studio, memberships never touched, addresses never changed.
 * 2. An account that was linked once goes to nobody else.
 * 3. Whatever is not plain an administrator decides; nothing of it keeps anybody from signing in.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";
import { recordAudit } from "../store/audit.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import {
  type LinkablePerson,
  linkAccount,
  loadLinkable,
  loadLinkHolders,
  wasLinked,
} from "../store/upstream-accounts.ts";
import {
  type DueWish,
  leaveUndecided,
  listDueWishes,
  loadWish,
  postponeWish,
  settleWish,
} from "../store/upstream-outbox.ts";
import { matchAccount, type StudioAccount } from "./account-match.ts";
import type { AskUpstream } from "./in-step.ts";
import {
  changeAccount,
  listAccounts,
  loadAccount,
  loadServiceAccount,
  makeAccount,
} from "./studio-api.ts";
import { badAnswer } from "./studio-records.ts";

/** The age up to which a list of Label Studio's accounts is good enough to look somebody up in. */
const listKeptMs = 30_000;
const firstPauseMs = 5000;
const longestPauseMs = 10 * 60_000;
const maxAtOnce = 200;

const heldSentence =
  "Label Studio has an account with this address that is not in its organization, or whose membership was taken there. Put it back by Label Studio's own administration (/admin), or link another account.";

/** People of Labelgate and their accounts in Label Studio. */
export class People {
  readonly #deps: Deps;
  readonly #upstream: AskUpstream;
  readonly #running = new Map<number, Promise<number | null>>();
  #listed: { readonly atMs: number; readonly accounts: readonly StudioAccount[] } | null = null;

  constructor(deps: Deps, upstream: AskUpstream) {
    this.#deps = deps;
    this.#upstream = upstream;
  }

  /** As `InStep.ensureAccount`. */
  async ensureAccount({ userId, upstreamUserId }: StudioViewer): Promise<number> {
    if (upstreamUserId !== null) return upstreamUserId;
    const known = await loadLinkable(this.#deps.store.db, userId);
    const id = known?.upstreamId ?? (await this.bringInStep(userId));
    if (id === null) throw new AppError("upstream_no_account");
    return id;
  }

  /**
   * Makes or links the person's account, or lets its names follow; null where an administrator must
   * decide. Two who ask at once get one answer.
   * @throws AppError `upstream_*` where Label Studio does not answer
   */
  async bringInStep(userId: number): Promise<number | null> {
    const running = this.#running.get(userId);
    if (running !== undefined) return await running;
    const work = this.#bringInStep(userId).finally(() => this.#running.delete(userId));
    this.#running.set(userId, work);
    return await work;
  }

  async #bringInStep(userId: number): Promise<number | null> {
    const { db } = this.#deps.store;
    const wish = await loadWish(db, userId);
    const person = await loadLinkable(db, userId);
    if (person === null) return null;
    const id =
      person.upstreamId === null
        ? await this.#findOrMake(person)
        : await this.#follow(person, person.upstreamId);
    if (wish !== null && id !== null) await settleWish(db, wish);
    return id;
  }

  /** Names follow; addresses do not, since Label Studio changes none. */
  async #follow(person: LinkablePerson, upstreamId: number): Promise<number> {
    const account = await loadAccount(this.#upstream, upstreamId);
    if (account === null || account.email !== person.upstreamEmail) {
      throw badAnswer(`Label Studio's account ${upstreamId} is not the one that was linked.`);
    }
    await this.#fix(person, account);
    return upstreamId;
  }

  async #findOrMake(person: LinkablePerson): Promise<number | null> {
    const { db } = this.#deps.store;
    if (await wasLinked(db, person.userId)) {
      return await this.#leave(
        person,
        "This person was linked to an account that is theirs no more. Link the account that is meant.",
      );
    }
    const service = await loadServiceAccount(this.#upstream);
    const match = matchAccount({
      ...person,
      accounts: await this.accounts(),
      holders: await loadLinkHolders(db),
      serviceUser: service.id,
    });
    if (match.outcome === "undecided") return await this.#leave(person, match.problem);
    if (match.outcome === "found") {
      const id = await this.#link(person, match.account);
      if (id !== null) await this.#fix(person, match.account);
      return id;
    }
    return await this.#make(person, service.organization);
  }

  async #make(person: LinkablePerson, organization: number): Promise<number | null> {
    const made = await makeAccount(this.#upstream, person, organization);
    if (made.outcome === "refused") return await this.#leave(person, made.problem);
    if (made.outcome === "exists") return await this.#linkExisting(person);
    if (made.account.email !== person.email) {
      throw badAnswer("Label Studio made an account with another address than was asked for.");
    }
    if (this.#listed !== null) {
      this.#listed = {
        atMs: this.#listed.atMs,
        accounts: [...this.#listed.accounts, made.account],
      };
    }
    return await this.#link(person, made.account);
  }

  /** The account came to be since the list was read, or it is out of the organization's reach. */
  async #linkExisting(person: LinkablePerson): Promise<number | null> {
    const { db } = this.#deps.store;
    this.#listed = null;
    const match = matchAccount({
      ...person,
      accounts: (await this.accounts()).filter(({ email }) => email === person.email),
      holders: await loadLinkHolders(db),
      serviceUser: (await loadServiceAccount(this.#upstream)).id,
    });
    if (match.outcome === "found") return await this.#link(person, match.account);
    return await this.#leave(person, match.outcome === "none" ? heldSentence : match.problem);
  }

  async #leave(person: LinkablePerson, problem: string): Promise<null> {
    const { store, now, log } = this.#deps;
    await leaveUndecided(store.db, { userId: person.userId, at: now(), problem });
    log.warn({ userId: person.userId, problem }, "an administrator must decide about an account");
    return null;
  }

  async #link(person: LinkablePerson, account: StudioAccount): Promise<number | null> {
    const isLinked = await this.link(person.userId, account, { kind: "system" });
    if (isLinked) return account.id;
    const problem = `Label Studio's account ${account.id} was somebody else's before. Link another account to this person.`;
    return await this.#leave(person, problem);
  }

  /** Links the person to the account, with an audit row; false where it is, or was, somebody else's. */
  async link(
    userId: number,
    account: StudioAccount,
    actor: Parameters<typeof recordAudit>[1]["actor"],
  ): Promise<boolean> {
    const { store, now } = this.#deps;
    const { id: upstreamId, email: upstreamEmail } = account;
    return await store.transaction(async (tx) => {
      const link = { userId, upstreamId, upstreamEmail, at: now() };
      if (!(await linkAccount(tx, link))) return false;
      const [organization] = await listOrganizations(tx);
      if (organization === undefined) return true;
      await recordAudit(tx, {
        organizationId: organization.id,
        at: now(),
        actor,
        subjectUserId: userId,
        action: "upstream_account_linked",
        changes: [{ kind: "upstream_account_linked", upstreamId, upstreamEmail }],
      });
      return true;
    });
  }

  /** As `InStep.mendAccount`. */
  async mendAccount({ userId }: StudioViewer): Promise<void> {
    const person = await loadLinkable(this.#deps.store.db, userId);
    if (person === null || person.upstreamId === null) throw new AppError("upstream_no_account");
    await this.#follow(person, person.upstreamId);
  }

  async #fix(person: LinkablePerson, account: StudioAccount): Promise<void> {
    const { organization } = await loadServiceAccount(this.#upstream);
    const { firstName, lastName } = person;
    const hasNames = firstName !== "" || lastName !== "";
    const renames = hasNames && (account.firstName !== firstName || account.lastName !== lastName);
    const moves = account.activeOrganization !== organization;
    if (!renames && !moves) return;
    await changeAccount(this.#upstream, account.id, {
      ...(renames && { first_name: firstName, last_name: lastName }),
      ...(moves && { active_organization: organization }),
    });
  }

  /** Puts accounts that open no organization, or another one, back into ours. */
  async fixOrganizations(linked: readonly LinkablePerson[]): Promise<void> {
    const { organization } = await loadServiceAccount(this.#upstream);
    const ids = new Set(linked.map(({ upstreamId }) => upstreamId));
    for (const { id, activeOrganization } of await this.accounts()) {
      if (!ids.has(id) || activeOrganization === organization) continue;
      await changeAccount(this.#upstream, id, { active_organization: organization });
    }
  }

  /** Label Studio's accounts, as of `listKeptMs` ago at most, or `isFresh`. */
  async accounts({ isFresh = false } = {}): Promise<readonly StudioAccount[]> {
    const { now } = this.#deps;
    if (!isFresh && this.#listed !== null && now() - this.#listed.atMs < listKeptMs) {
      return this.#listed.accounts;
    }
    const atMs = now();
    const accounts = await listAccounts(this.#upstream);
    this.#listed = { atMs, accounts };
    return accounts;
  }

  /**
   * Does what is due in the outbox. Where Label Studio is away the rest waits; where it refuses one
   * person the others go on.
   */
  async workOutbox(): Promise<void> {
    const { store, now } = this.#deps;
    const due = await listDueWishes(store.db, { at: now(), limit: maxAtOnce });
    for (const wish of due) {
      try {
        await this.bringInStep(wish.userId);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await this.#postpone(wish, error);
        if (error.code !== "upstream_bad_answer") return;
      }
    }
  }

  async #postpone(wish: DueWish, error: AppError): Promise<void> {
    const { store, now, log } = this.#deps;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(wish.attempts, 10));
    const problem = error.detail ?? error.hint;
    await postponeWish(store.db, wish, { dueAt: now() + pause, problem });
    log.warn({ userId: wish.userId, code: error.code }, "an account in Label Studio must wait");
  }
}
