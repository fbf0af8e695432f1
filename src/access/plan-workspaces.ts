/**
 * Workspace memberships by groups (PRODUCT 4.3, 4.7, 7.5): what the groups grant is added under the
 * source that told of them, `saml` at a sign-in and `scim` for pushed groups, beside rows of other
 * sources, since a membership lasts while any source grants it (PRODUCT 1.4). Only with manual
 * workspace management off does anything go, and never what the other protocol gave.
 */
import type { Change, Decided, Reason, ReasonResult } from "./changes.ts";
import type { Grants, WorkspaceGrant } from "./mappings.ts";
import type { OrgRole } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot, WorkspaceMember } from "./snapshot.ts";

/** Protocol that reported the groups: the source of their grants. */
export type GroupSource = "saml" | "scim";

/** The protocol whose rows this one leaves alone. */
export function otherSource(source: GroupSource): GroupSource {
  return source === "saml" ? "scim" : "saml";
}

/** Plans the person's workspaces, given the role that they have afterwards. */
export function planWorkspaces(facts: {
  readonly snapshot: PersonSnapshot;
  readonly grants: Grants;
  readonly policy: AccessPolicy;
  readonly role: OrgRole;
  /** `saml` unless told. */
  readonly source?: GroupSource;
}): Decided {
  const { snapshot, grants, policy, role, source: own = "saml" } = facts;
  const idOf = new Map(snapshot.workspaces.map(({ id, title }) => [title, id]));
  const granted = grants.workspaces.map((grant) => ({ ...grant, id: idOf.get(grant.title) }));
  const grantedIds = new Set(granted.map(({ id }) => id));
  const held = new Set(
    snapshot.workspaceMembers
      .filter(({ source }) => source === own)
      .map(({ workspaceId }) => workspaceId),
  );
  const decided = [
    ...granted.map((grant) =>
      grant.id !== undefined && held.has(grant.id) ? keep(grant) : add(grant, { role, own }),
    ),
    ...snapshot.workspaceMembers
      .filter(
        ({ workspaceId, source }) => source !== otherSource(own) && !grantedIds.has(workspaceId),
      )
      .map((member) => lose(member, { policy, own })),
  ];
  return {
    changes: decided.flatMap(({ changes }) => changes),
    reasons: decided.flatMap(({ reasons }) => reasons),
  };
}

function keep({ title, groups }: WorkspaceGrant): Decided {
  const text = `${named(groups)} mapped to the workspace "${title}", as before.`;
  return { changes: [], reasons: [reason("kept", "4.7", { text, title, groups })] };
}

function add(
  { title, groups, id }: WorkspaceGrant & { id: number | undefined },
  { role, own }: { readonly role: OrgRole; readonly own: GroupSource },
): Decided {
  if (role === "DI") {
    const text = `${named(groups)} mapped to the workspace "${title}", but a Deactivated person gains nothing.`;
    return { changes: [], reasons: [reason("skipped", "4.6", { text, title, groups })] };
  }
  const added = (
    workspace: { id: number; title: string } | { id: null; title: string },
  ): Change => ({
    kind: "workspace_member_added",
    workspace,
    source: own,
  });
  if (id !== undefined) {
    const text = `${named(groups)} mapped to the workspace "${title}".`;
    const reasons = [reason("granted", "4.7", { text, title, groups })];
    return { changes: [added({ id, title })], reasons };
  }
  // "A workspace that does not exist is created when a mapping first triggers" (PRODUCT 4.3).
  const changes: Change[] = [{ kind: "workspace_created", title }, added({ id: null, title })];
  const text = `${named(groups)} mapped to the workspace "${title}", which is created.`;
  return { changes, reasons: [reason("granted", "4.3", { text, title, groups })] };
}

/** A row that no group grants: it goes where groups alone decide, and stays otherwise. */
function lose(
  { workspaceId, title, source }: WorkspaceMember,
  { policy, own }: { readonly policy: AccessPolicy; readonly own: GroupSource },
): Decided {
  if (!policy.manualWorkspaceManagement) {
    const text = `No group grants the workspace "${title}", and manual workspace management is off, so the membership with source ${source} goes.`;
    return {
      changes: [
        { kind: "workspace_member_removed", workspace: { id: workspaceId, title }, source },
      ],
      reasons: [reason("removed", "4.7", { text, title })],
    };
  }
  if (source !== own) return { changes: [], reasons: [] };
  const text = `No group grants the workspace "${title}" any more; manual workspace management is on, so nothing is removed.`;
  return { changes: [], reasons: [reason("kept", "4.7", { text, title })] };
}

function reason(
  result: ReasonResult,
  rule: string,
  about: { text: string; title: string; groups?: readonly string[] },
): Reason {
  const [group] = about.groups ?? [];
  return {
    subject: "workspace",
    result,
    rule,
    text: about.text,
    target: about.title,
    ...(group === undefined ? {} : { group }),
  };
}

function named(groups: readonly string[]): string {
  const list = groups.map((group) => `"${group}"`).join(", ");
  return groups.length === 1 ? `The group ${list} is` : `The groups ${list} are`;
}
