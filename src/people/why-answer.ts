/** Why a member has what they have, in the wire spelling (PRODUCT 8.5). */
import { effectiveProjectRole, roleName } from "../access/roles.ts";
import { personNumber, projectNumber } from "../store/wire-numbers.ts";
import type { WhyMember } from "./why.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const maybeIso = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** `GET …/memberships/{user}/why/` */
export function answerWhy(why: WhyMember) {
  const { user, lastSignOn, nextSignOn } = why;
  return {
    user: {
      id: personNumber(user.id),
      email: user.email,
      first_name: user.firstName,
      last_name: user.lastName,
    },
    role: answerRole(why),
    workspaces: why.access.workspaces.map((workspace) => answerWorkspace(why, workspace)),
    projects: why.access.projects.map((project) => answerProject(why, project)),
    last_sign_on:
      lastSignOn === null
        ? null
        : {
            at: iso(lastSignOn.at),
            reference: lastSignOn.reference,
            groups: lastSignOn.identity?.groups ?? [],
          },
    next_sign_on:
      nextSignOn === null
        ? null
        : {
            outcome: nextSignOn.verdict.outcome,
            code: nextSignOn.verdict.outcome === "refused" ? nextSignOn.verdict.code : null,
            role: nextSignOn.verdict.outcome === "refused" ? null : nextSignOn.verdict.role,
            changes: nextSignOn.changes,
            reasons: nextSignOn.reasons,
          },
    sessions: why.sessions,
  };
}

function answerRole({ membership, because }: WhyMember) {
  const { role, roleSource: source, roleSetAt } = membership;
  const { sentences, rule, group } = because({ source, subject: "role", target: roleName(role) });
  return { role, source, set_at: iso(roleSetAt), reasons: sentences, rule, group };
}

function answerWorkspace(
  { because, grantedAt }: WhyMember,
  { id, title, sources }: WhyMember["access"]["workspaces"][number],
) {
  return {
    id,
    title,
    sources: sources.map((source) => ({
      source,
      granted_at: maybeIso(grantedAt({ place: "workspace", id, source })),
    })),
    reasons: distinct(
      sources.flatMap(
        (source) => because({ source, subject: "workspace", target: title }).sentences,
      ),
    ),
  };
}

function answerProject(
  { because, grantedAt, membership }: WhyMember,
  { id, title, throughWorkspace, grants }: WhyMember["access"]["projects"][number],
) {
  const active = grants.filter(({ isPending }) => !isPending).map(({ role }) => role);
  const reasons = grants.flatMap(
    ({ source }) => because({ source, subject: "project", target: String(id) }).sentences,
  );
  const through = throughWorkspace === null ? [] : [`Part of the workspace "${throughWorkspace}".`];
  return {
    id: projectNumber(id),
    title,
    role: effectiveProjectRole(membership.role, active),
    sources: grants.map(({ source, role, isPending }) => ({
      source,
      role,
      granted_at: maybeIso(grantedAt({ place: "project", id, source })),
      is_pending: isPending,
    })),
    through_workspace: throughWorkspace,
    reasons: distinct([...reasons, ...through]),
  };
}

function distinct(sentences: readonly string[]): readonly string[] {
  return [...new Set(sentences)];
}
