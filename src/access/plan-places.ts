/**
 * Membership of a workspace or a project, given and taken by hand (PRODUCT 1.4, 1.5).
 *
 * Each source keeps a grant of its own: what the identity provider grants stays until the identity
 * provider takes it, whatever is done by hand, and the other way round. "By hand" is a page (`manual`)
 * or a program (`api`); the two are one hand, so what one gave the other may take.
 * Whether a MANUAL flag leaves the hand anything to do is asked before (PRODUCT 5).
 */
import type { Change, Plan, Reason } from "./changes.ts";
import { hasAccess, type OrgRole, type ProjectRole, roleName, type Source } from "./roles.ts";

/** One source's grant of the place to a person. */
export interface PlaceGrant {
  readonly source: Source;
  /** `IN` for workspaces, where there are no roles. */
  readonly role: ProjectRole;
  readonly isPending: boolean;
}

/** A person of the organization, and what they hold of one place. */
export interface PlacePerson {
  readonly userId: number;
  /** Lower case. */
  readonly email: string;
  readonly role: OrgRole;
  readonly grants: readonly PlaceGrant[];
}

/** A workspace or a project. */
export interface Place {
  readonly kind: "workspace" | "project";
  readonly id: number;
  readonly title: string;
}

/** Decision: a plan, which may change nothing, or the reason why nothing can be done. */
export type PlaceOutcome =
  | { readonly outcome: "planned"; readonly plan: Plan }
  /** The person holds nothing that this could take. */
  | { readonly outcome: "absent"; readonly reason: Reason }
  | { readonly outcome: "refused"; readonly reason: Reason };

/** Makes the person a member by hand; somebody who is one by hand already stays as they are. */
export function planGrant(person: PlacePerson, place: Place, source: Source): PlaceOutcome {
  if (person.role === "DI") return refused(place, "4.6", "A Deactivated person gains nothing.");
  if (person.grants.some(isManual)) {
    return planned(person, [], reason(place, "kept", "The person was added by hand already."));
  }
  const text = `The person is added to the ${named(place)} by hand.`;
  return planned(person, [added(place, { source, role: "IN" })], reason(place, "granted", text));
}

/** Takes what was given by hand; what the identity provider grants stays, and the reason says so. */
export function planRevoke(person: PlacePerson, place: Place): PlaceOutcome {
  const manual = person.grants.filter(isManual);
  const others = person.grants.filter((grant) => !isManual(grant));
  if (person.grants.length === 0) {
    const text =
      place.kind === "workspace"
        ? `The person is no member of the ${named(place)}.`
        : `The person was not added to the ${named(place)} by itself; what comes through its workspace or the organization role ends there.`;
    return { outcome: "absent", reason: reason(place, "skipped", text) };
  }
  if (manual.length === 0) return refused(place, "1.4", grantedElsewhere(others));
  const stays = others.length === 0 ? "" : ` ${grantedElsewhere(others)}`;
  const text = `The person is removed from the ${named(place)} by hand.${stays}`;
  return planned(person, manual.map(removed(place)), reason(place, "removed", text));
}

/** Takes every grant of a place that is deleted; the identity provider's too, as nothing is left. */
export function planPlaceDeleted(person: PlacePerson, place: Place): Plan {
  const text = `The ${named(place)} is deleted, and membership of it with it.`;
  const reasons = [reason(place, "removed", text)];
  const { email, userId } = person;
  return { email, userId, changes: person.grants.map(removed(place)), reasons };
}

/**
 * Gives the person a role in the project by hand, in place of whatever was given by hand before.
 * "A Manager or above is never lowered inside a project" (PRODUCT 1.5), so for them it means nothing
 * and is refused.
 */
export function planProjectRole(
  person: PlacePerson,
  place: Place,
  given: { readonly role: ProjectRole; readonly source: Source },
): PlaceOutcome {
  if (person.role === "DI") return refused(place, "4.6", "A Deactivated person gains nothing.");
  if (hasAccess(person.role) && person.role !== "AN" && person.role !== "RE") {
    const text = `A project role means nothing to the role ${roleName(person.role)}: only Annotators and Reviewers have one.`;
    return refused(place, "1.5", text);
  }
  const own = person.grants.find(({ source }) => source === given.source);
  const rest = person.grants.filter((grant) => isManual(grant) && grant !== own);
  const changes = rest.map(removed(place));
  if (own === undefined) changes.push(added(place, given));
  else if (own.role !== given.role) changes.push(changed(place, own, given.role));
  const text = `The person's role in the ${named(place)} is set by hand.`;
  return planned(person, changes, reason(place, changes.length === 0 ? "kept" : "changed", text));
}

/** Takes the role given by hand; the membership stays, with the organization role (Inherit). */
export function planProjectRoleRevoke(person: PlacePerson, place: Place): PlaceOutcome {
  const roles = person.grants.filter(({ role }) => role !== "IN");
  const manual = roles.filter(isManual);
  if (roles.length === 0) {
    const text = `The person has no role of their own in the ${named(place)}.`;
    return { outcome: "absent", reason: reason(place, "skipped", text) };
  }
  if (manual.length === 0) return refused(place, "1.4", grantedElsewhere(roles));
  const text = `The person's role in the ${named(place)} is taken by hand; the organization role counts.`;
  const changes = manual.map((grant) => changed(place, grant, "IN"));
  return planned(person, changes, reason(place, "changed", text));
}

function isManual({ source }: PlaceGrant): boolean {
  return source === "manual" || source === "api";
}

function grantedElsewhere(grants: readonly PlaceGrant[]): string {
  const sources = [...new Set(grants.map(({ source }) => source.toUpperCase()))].join(" and ");
  return `The identity provider grants this by ${sources}; it ends with the person's groups there.`;
}

function added(
  { kind, id, title }: Place,
  { source, role }: { readonly source: Source; readonly role: ProjectRole },
): Change {
  return kind === "workspace"
    ? { kind: "workspace_member_added", workspace: { id, title }, source }
    : { kind: "project_member_added", projectId: id, role, source, isPending: false };
}

function removed({ kind, id, title }: Place): (grant: PlaceGrant) => Change {
  return ({ source }) =>
    kind === "workspace"
      ? { kind: "workspace_member_removed", workspace: { id, title }, source }
      : { kind: "project_member_removed", projectId: id, source };
}

function changed({ id }: Place, grant: PlaceGrant, role: ProjectRole): Change {
  const from = { role: grant.role, isPending: grant.isPending };
  return {
    kind: "project_member_changed",
    projectId: id,
    source: grant.source,
    from,
    to: { role, isPending: false },
  };
}

function planned(person: PlacePerson, changes: readonly Change[], why: Reason): PlaceOutcome {
  const { email, userId } = person;
  return { outcome: "planned", plan: { email, userId, changes, reasons: [why] } };
}

function refused(place: Place, rule: string, text: string): PlaceOutcome {
  return { outcome: "refused", reason: { ...reason(place, "refused", text), rule } };
}

function reason({ kind, id, title }: Place, result: Reason["result"], text: string): Reason {
  const target = kind === "workspace" ? title : String(id);
  return { subject: kind, result, rule: "1.4", text, target };
}

function named({ kind, id, title }: Place): string {
  return kind === "workspace" ? `workspace "${title}"` : `project ${id}`;
}
