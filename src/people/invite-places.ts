/**
 * Workspaces and projects that an invite gives (PRODUCT 5): looked at when the invite is made, as the
 * inviter sees them, and given by hand once it is taken. What is gone by then, or left to groups, is left
 * out: the person has come in by then, and stays.
 */
import { planGrant } from "../access/plan-places.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { applyPlan } from "../store/apply.ts";
import type { Invite, InvitePlaces } from "../store/invites.ts";
import { loadPlacePeople } from "../store/place-members.ts";
import type { Db } from "../store/store.ts";
import type { Acting } from "./caller.ts";
import { type FoundPlace, findPlace, type PlaceName, requireManual, viewerOf } from "./places.ts";

const writeActions = {
  workspace: "workspace_members:write",
  project: "project_members:write",
} as const;

const namesOf = ({ workspaces, projects }: InvitePlaces): readonly PlaceName[] => [
  ...workspaces.map((id) => ({ kind: "workspace", id }) as const),
  ...projects.map((id) => ({ kind: "project", id }) as const),
];

/**
 * Refuses places that the inviter may not give to anybody.
 * @throws AppError `workspaces_managed_by_groups`, `projects_managed_by_groups`, and
 * `validation_failed` with those that the inviter does not see
 */
export async function checkInvitePlaces(
  deps: Deps,
  tx: Db,
  { principal }: Acting,
  places: InvitePlaces,
): Promise<void> {
  const unseen: Record<PlaceName["kind"], number> = { workspace: 0, project: 0 };
  for (const name of namesOf(places)) {
    requireManual(deps.config, name.kind);
    const viewer = viewerOf(principal, writeActions[name.kind]);
    if ((await placeOrNull(tx, viewer, name)) === null) unseen[name.kind] += 1;
  }
  const fields = Object.fromEntries(
    Object.entries(unseen)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => [
        `${kind}s`,
        [`${count} of these ${kind}s do not exist in this organization.`],
      ]),
  );
  if (Object.keys(fields).length > 0) throw new AppError("validation_failed", { fields });
}

/** Gives what the invite promised to the person who took it. */
export async function giveInvitePlaces(
  deps: Deps,
  tx: Db,
  { invite, userId, requestId, ip }: Taking,
): Promise<void> {
  const { organizationId, createdBy } = invite;
  const viewer = { organizationId, userId, sees: "organization" } as const;
  for (const name of namesOf(invite)) {
    const place = isManual(deps, name.kind) ? await placeOrNull(tx, viewer, name) : null;
    if (place === null) continue;
    const [person] = await loadPlacePeople(tx, place.key, [userId]);
    const outcome = person === undefined ? null : planGrant(person, place, "manual");
    if (outcome?.outcome !== "planned") continue;
    await applyPlan(tx, {
      organizationId,
      plan: outcome.plan,
      actor: createdBy === null ? { kind: "system" } : { kind: "person", userId: createdBy },
      at: deps.now(),
      action: `${name.kind}_member_added`,
      requestId,
      ip,
    });
  }
}

/** An invite that was taken, by whom and in which request. */
interface Taking {
  readonly invite: Invite;
  readonly userId: number;
  readonly requestId: string;
  readonly ip: string;
}

function isManual({ config }: Deps, kind: PlaceName["kind"]): boolean {
  return kind === "workspace"
    ? config.manualWorkspaceManagement
    : config.manualProjectMemberManagement;
}

async function placeOrNull(
  tx: Db,
  viewer: Parameters<typeof findPlace>[1],
  name: PlaceName,
): Promise<FoundPlace | null> {
  try {
    return await findPlace(tx, viewer, name);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}
