/**
 * Project memberships and roles by groups (PRODUCT 4.4, 4.8, 7.5).
 *
 * 1. Any SCIM project assignment silences SAML for this person's projects altogether.
 * 2. What the groups grant stands under the source that told of them, `saml` at a sign-in and `scim`
 *    for pushed groups, and follows the groups up and down.
 * 3. Inherit waits, pending, while the person is Not Activated.
 * 4. Only with manual project member management off does anything go.
 */
import type { Change, Decided, Reason, ReasonResult } from "./changes.ts";
import type { Grants, ProjectGrant, ProjectMapping } from "./mappings.ts";
import { type GroupSource, otherSource } from "./plan-workspaces.ts";
import { type OrgRole, type ProjectRole, projectRoleNames, projectRoleOrder } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot, ProjectMember } from "./snapshot.ts";

/** Plans the person's projects, given the role that they have afterwards. */
export function planProjects(facts: {
  readonly snapshot: PersonSnapshot;
  readonly grants: Grants;
  readonly policy: AccessPolicy;
  readonly role: OrgRole;
  /** `saml` unless told. */
  readonly source?: GroupSource;
}): Decided {
  const { snapshot, grants, policy, role, source: own = "saml" } = facts;
  if (own === "saml" && snapshot.assignments.some(({ scope }) => scope === "project")) {
    const text =
      "SCIM assigns projects to this person, so SAML leaves their projects alone entirely.";
    return {
      changes: [],
      reasons: [{ subject: "project", result: "skipped", rule: "4.8", text }],
    };
  }
  const existing = new Set(snapshot.projectIds);
  const held = new Map(
    snapshot.projectMembers
      .filter(({ source }) => source === own)
      .map((member) => [member.projectId, member]),
  );
  const grantedRoles = new Map<number, ProjectRole>();
  const decided: Decided[] = [];
  for (const grant of grants.projects) {
    const best = bestMapping(grant, role);
    grantedRoles.set(grant.projectId, best.role);
    decided.push(
      existing.has(grant.projectId)
        ? bring(best, { role, own, held: held.get(grant.projectId) })
        : missing(best),
      outranked(grant, best),
    );
  }
  for (const member of snapshot.projectMembers) {
    if (!isGranted(member, grantedRoles, own)) decided.push(lose(member, { policy, own }));
  }
  return {
    changes: decided.flatMap(({ changes }) => changes),
    reasons: decided.flatMap(({ reasons }) => reasons),
  };
}

/**
 * "The most elevated wins", Inherit counting as the organization role (PRODUCT 4.4, 1.5): worth less
 * than any named role while that is Not Activated.
 */
function bestMapping(grant: ProjectGrant, role: OrgRole): ProjectMapping {
  const named = [grant, ...grant.outranked].find((mapping) => mapping.role !== "IN");
  return role === "NO" && named !== undefined ? named : grant;
}

/** This source's row of a granted project, made or changed to what the groups grant. */
function bring(
  best: ProjectMapping,
  {
    role,
    own,
    held,
  }: {
    readonly role: OrgRole;
    readonly own: GroupSource;
    readonly held: ProjectMember | undefined;
  },
): Decided {
  const isPending = best.role === "IN" && role === "NO";
  const to = { role: best.role, isPending };
  if (held === undefined) {
    if (role === "DI") return skipped(best);
    const { projectId } = best;
    return {
      changes: [{ kind: "project_member_added", projectId, source: own, ...to }],
      reasons: [isPending ? pendingReason(best) : reason("granted", best, "")],
    };
  }
  const isSame = held.role === to.role && held.isPending === isPending;
  // A membership is never taken back to pending: with manual management on none is removed (4.8).
  const isTakenBack = isPending && !held.isPending;
  // Somebody without access gains by no change what they would not gain by an addition.
  if (isSame || isTakenBack || role === "DI") {
    return {
      changes: [],
      reasons: [held.isPending ? pendingReason(best) : reason("kept", best, ", as before")],
    };
  }
  const change: Change = {
    kind: "project_member_changed",
    projectId: best.projectId,
    source: own,
    from: { role: held.role, isPending: held.isPending },
    to,
  };
  return {
    changes: [change],
    reasons: [isPending ? pendingReason(best) : reason("changed", best, changeNote(held))],
  };
}

function changeNote(held: ProjectMember): string {
  return held.isPending
    ? ", which was kept pending and now becomes a membership"
    : `; before, it was ${projectRoleNames[held.role]}`;
}

/** The mappings that another one of the same project outranks. */
function outranked(grant: ProjectGrant, best: ProjectMapping): Decided {
  const losers = [grant, ...grant.outranked].filter(
    ({ role, group }) => role !== best.role || group !== best.group,
  );
  const reasons = losers.map((loser) =>
    loser.role === best.role
      ? reason("noted", loser, " as well")
      : reason("outranked", loser, `, but ${projectRoleNames[best.role]} wins`),
  );
  return { changes: [], reasons };
}

/**
 * Checks whether the groups account for a row. A row given by hand in a granted project counts as
 * granted only up to the role that the groups grant there; rows of SCIM are SCIM's (PRODUCT 4.7),
 * rows of SAML are SAML's.
 */
function isGranted(
  member: ProjectMember,
  granted: ReadonlyMap<number, ProjectRole>,
  own: GroupSource,
): boolean {
  if (member.source === otherSource(own)) return true;
  const role = granted.get(member.projectId);
  if (role === undefined) return false;
  return member.source === own || projectRoleOrder(member.role) >= projectRoleOrder(role);
}

/** A row that no group grants: it goes where groups alone decide, and stays otherwise. */
function lose(
  member: ProjectMember,
  { policy, own }: { readonly policy: AccessPolicy; readonly own: GroupSource },
): Decided {
  const { projectId, source } = member;
  const name = `${projectRoleNames[member.role]} of project ${projectId}`;
  const about = { subject: "project", rule: "4.8", target: String(projectId) } as const;
  if (!policy.manualProjectMemberManagement) {
    const text = `No group grants ${name}, and manual project member management is off, so the membership with source ${source} goes.`;
    return {
      changes: [{ kind: "project_member_removed", projectId, source }],
      reasons: [{ ...about, result: "removed", text }],
    };
  }
  if (source !== own) return { changes: [], reasons: [] };
  const text = `No group grants ${name} any more; manual project member management is on, so nothing is removed.`;
  return { changes: [], reasons: [{ ...about, result: "kept", text }] };
}

function missing(mapping: ProjectMapping): Decided {
  const note = ", but there is no such project in this organization; remove the mapping";
  return { changes: [], reasons: [reason("skipped", mapping, note)] };
}

function skipped(mapping: ProjectMapping): Decided {
  const note = ", but a Deactivated person gains nothing";
  return { changes: [], reasons: [reason("skipped", mapping, note)] };
}

function pendingReason(mapping: ProjectMapping): Reason {
  return reason("pending", mapping, ", kept pending until the person's role is active");
}

function reason(result: ReasonResult, mapping: ProjectMapping, note: string): Reason {
  const { projectId, group, role } = mapping;
  return {
    subject: "project",
    result,
    rule: "4.4",
    text: `The group "${group}" is mapped to ${projectRoleNames[role]} of project ${projectId}${note}.`,
    group,
    target: String(projectId),
  };
}
