/**
 * Links that an administrator makes (GATEWAY 10.5): a person to an account of Label Studio, a project
 * from before attaching to a project of it. The page may do less than the command line: nobody makes
 * themselves Label Studio's owner, or whom Labelgate asks as, by a request.
 */
import { planPlaceDeleted } from "../access/plan-places.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { applyPlan } from "../store/apply.ts";
import { type Actor, recordAudit } from "../store/audit.ts";
import { loadMembership } from "../store/people.ts";
import { listHolderIds, loadPlacePeople } from "../store/place-members.ts";
import { loadLinkable, loadLinkHolder } from "../store/upstream-accounts.ts";
import { wishForAccount } from "../store/upstream-outbox.ts";
import {
  linkProjectRow,
  loadLinkedProject,
  loadUnlinkedProject,
} from "../store/upstream-projects.ts";
import { deleteProject } from "../store/visible-projects.ts";
import type { AskUpstream } from "./in-step.ts";
import type { Step } from "./step.ts";
import { loadServiceAccount, loadStudioOwner, loadStudioProject } from "./studio-api.ts";

/** The caller who links: the command line may do what a request may not. */
export interface Linker {
  readonly organizationId: number;
  readonly actor: Actor;
  readonly isCommand: boolean;
}

interface LinkParts {
  readonly deps: Deps;
  readonly upstream: AskUpstream;
  readonly step: Step;
}

/**
 * Links a person to an account of Label Studio.
 * @throws AppError `validation_failed` with what is wrong, `permission_denied` for the Owner's account
 */
export async function linkPerson(
  { deps, upstream, step }: LinkParts,
  linker: Linker,
  { userId, upstreamId }: { userId: number; upstreamId: number },
): Promise<void> {
  const { db } = deps.store;
  const person = await loadLinkable(db, userId);
  const membership = await loadMembership(db, linker.organizationId, userId);
  if (person === null || membership === null) {
    throw wrong("user", "There is no such person in this organization.");
  }
  const { actor, isCommand } = linker;
  const isSelf = actor.kind === "person" && actor.userId === userId;
  if (membership.role === "OW" && !isCommand && !isSelf) {
    const detail = "The Owner's account is linked by the Owner alone.";
    throw new AppError("permission_denied", { detail });
  }
  if (!isCommand) await refuseOwnersAccount(upstream, upstreamId);
  const accounts = await step.people.accounts({ isFresh: true });
  const account = accounts.find(({ id }) => id === upstreamId);
  if (account === undefined) {
    throw wrong("upstream_user", `Label Studio has no account ${upstreamId}.`);
  }
  if (account.email === "Deleted") {
    throw wrong("upstream_user", `The membership of account ${upstreamId} was taken there.`);
  }
  const holder = await loadLinkHolder(db, upstreamId);
  const isLinked =
    (holder === null || holder === userId) && (await step.people.link(userId, account, actor));
  if (!isLinked) {
    throw wrong("upstream_user", `Account ${upstreamId} is, or was, somebody else's.`);
  }
  await wishForAccount(db, userId, deps.now());
  await step.people.bringInStep(userId);
}

async function refuseOwnersAccount(upstream: AskUpstream, upstreamId: number): Promise<void> {
  const service = await loadServiceAccount(upstream);
  const owner = await loadStudioOwner(upstream, service.organization);
  if (upstreamId !== service.id && upstreamId !== owner) return;
  throw wrong(
    "upstream_user",
    `Account ${upstreamId} is Label Studio's owner, or the one that Labelgate asks as; only the command labelgate upstream link links it.`,
  );
}

/**
 * Links a row from before attaching to a project of Label Studio. The row that lists made for it goes;
 * the older one keeps its workspace, its members and the mappings that name it.
 * @throws AppError `validation_failed` with what is wrong
 */
export async function linkProject(
  { deps, upstream }: LinkParts,
  { organizationId, actor }: Linker,
  { projectId, upstreamId }: { projectId: number; upstreamId: number },
): Promise<void> {
  const seen = await loadStudioProject(upstream, upstreamId);
  if (seen === null) {
    throw wrong("upstream_project", `Label Studio has no project ${upstreamId}.`);
  }
  await deps.store.transaction(async (tx) => {
    const row = await loadUnlinkedProject(tx, organizationId, projectId);
    if (row === null) throw wrong("project", "There is no such project that is not linked yet.");
    const listed = await loadLinkedProject(tx, organizationId, upstreamId);
    if (listed !== null) {
      const { id, title } = listed;
      const key = { organizationId, kind: "project", id } as const;
      for (const person of await loadPlacePeople(tx, key, await listHolderIds(tx, key))) {
        const plan = planPlaceDeleted(person, { kind: "project", id, title });
        const action = "upstream_project_linked";
        await applyPlan(tx, { organizationId, plan, actor, at: deps.now(), action });
      }
      await deleteProject(tx, organizationId, id);
    }
    await linkProjectRow(tx, { id: row.id, seen });
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor,
      action: "upstream_project_linked",
      changes: [{ kind: "upstream_project_linked", id: row.id, title: row.title, upstreamId }],
    });
  });
}

const wrong = (field: string, sentence: string): AppError =>
  new AppError("validation_failed", { fields: { [field]: [sentence] } });
