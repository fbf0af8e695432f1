/**
 * Why a member has what they have, and what their next sign-in would do (PRODUCT 8.5): each role and
 * membership with its sources, times, rule and group. Reads only.
 *
 * What explains a row is the decision that its source made last: of SAML the last sign-in's reasons,
 * of the others those in the audit log. The next sign-in is decided by the very functions that a
 * sign-in runs, over the groups that the identity provider sent last.
 */
import type { Reason } from "../access/changes.ts";
import { indexMappings, resolveGrants } from "../access/mappings.ts";
import { planSignIn, type SignInPlan } from "../access/plan.ts";
import type { OrgRole, Source } from "../access/roles.ts";
import { areGroupsUnknown } from "../access/snapshot.ts";
import { reasonsFor, sourceSentence } from "../access/why.ts";
import type { Deps } from "../deps.ts";
import { confirmedFor } from "../saml/vouching.ts";
import { accessPolicyOf } from "../store/access-policy.ts";
import { type AuditRow, listAudit } from "../store/audit.ts";
import { type GrantedAt, loadGrantTimes } from "../store/grant-details.ts";
import {
  type Access,
  loadAccess,
  loadMembership,
  loadSnapshot,
  loadUser,
  loadUserIn,
  type Membership,
  type User,
} from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { listSessions } from "../store/sessions.ts";
import { type LoggedSignIn, listSignIns } from "../store/sign-in-log.ts";
import type { Db } from "../store/store.ts";

/** Number of log entries that are searched for an explanation. */
const searched = 100;

/** Everything that explains one member. */
export interface WhyMember {
  readonly user: User;
  readonly membership: Membership;
  readonly access: Access;
  readonly grantedAt: GrantedAt;
  /** The last sign-in by SAML that was not refused, or null. */
  readonly lastSignOn: LoggedSignIn | null;
  /** Null where no sign-in told of groups yet. */
  readonly nextSignOn: SignInPlan | null;
  /** Number of open sessions. */
  readonly sessions: number;
  /** Why the source gave the thing; one sentence at least. */
  readonly because: Because;
}

/** Explains a grant, or the role, of one source. */
export type Because = (about: {
  readonly source: Source;
  readonly subject: "role" | "workspace" | "project";
  /** Role name, workspace title or project id. */
  readonly target: string;
}) => Explanation;

/** Why something stands. */
export interface Explanation {
  readonly sentences: readonly string[];
  /** The section of PRODUCT that decided, where the decision is on record. */
  readonly rule: string | null;
  /** The group that gave it, where one did. */
  readonly group: string | null;
}

/** The member with all that explains them, or null where the organization has no such member. */
export async function explainMember(
  deps: Deps,
  organizationId: number,
  userId: number,
): Promise<WhyMember | null> {
  const { db } = deps.store;
  const membership = await loadMembership(db, organizationId, userId);
  const user = membership === null ? null : await loadUserIn(db, organizationId, userId);
  if (membership === null || user === null) return null;
  const person = { organizationId, userId };
  const signIns = await listSignIns(db, { ...person, limit: searched });
  const audit = await listAudit(db, {
    organizationId,
    subjectUserId: userId,
    limit: searched,
  });
  const lastSignOn =
    signIns.find(({ identity, outcome }) => identity !== null && outcome !== "refused") ?? null;
  const sessions = await listSessions(db, { ...person, now: deps.now() });
  return {
    user,
    membership,
    access: await loadAccess(db, organizationId, userId),
    grantedAt: await loadGrantTimes(db, person),
    lastSignOn,
    nextSignOn: await planNext(deps, { organizationId, user, membership, lastSignOn }),
    sessions: sessions.length,
    because: await explainer(db, {
      audit,
      lastReasons: lastSignOn?.reasons ?? [],
      role: membership.role,
    }),
  };
}

async function planNext(
  deps: Deps,
  {
    organizationId,
    user,
    membership,
    lastSignOn,
  }: {
    organizationId: number;
    user: User;
    membership: Membership;
    lastSignOn: LoggedSignIn | null;
  },
): Promise<SignInPlan | null> {
  const { db } = deps.store;
  const { email } = user;
  // The last groups that were known are no word of the next sign-in where the last one knew none.
  const last = lastSignOn?.identity ?? null;
  const groups = last !== null && areGroupsUnknown(last) ? last.groups : membership.lastGroups;
  if (groups === null) return null;
  const record = await loadSamlByOrganization(db, organizationId);
  const grants = resolveGrants(groups, indexMappings(record.settings));
  const snapshot = await loadSnapshot(db, {
    organizationId,
    email,
    workspaceTitles: grants.workspaces.map(({ title }) => title),
    projectIds: grants.projects.map(({ projectId }) => projectId),
    lock: false,
  });
  // Names are not remembered beside the groups, and stay as they are.
  const groupsState = groups.length > 0 ? "present" : (last?.groupsState ?? "present");
  return planSignIn({
    identity: { email, groups, groupsState },
    snapshot,
    grants,
    policy: accessPolicyOf(deps.config, record),
    confirmedFor: confirmedFor(record),
  });
}

interface Evidence {
  readonly audit: readonly AuditRow[];
  readonly lastReasons: readonly Reason[];
  readonly role: OrgRole;
}

async function explainer(db: Db, evidence: Evidence): Promise<Because> {
  const { audit, lastReasons, role } = evidence;
  const actors = await emailsOfActors(db, audit);
  return ({ source, subject, target }) => {
    if (subject === "role" && role === "OW") return ofOwner;
    const decisions: readonly Decision[] = [
      ...(source === "saml" ? [{ reasons: lastReasons, by: undefined }] : []),
      ...audit
        .filter((row) => sourcesOf(row).includes(source))
        .map(({ reasons, actor }) => ({
          reasons,
          by: actor.kind === "person" ? actors.get(actor.userId) : undefined,
        })),
    ];
    for (const { reasons, by } of decisions) {
      const found = standing(reasons, { subject, target, role });
      if (found.length > 0) return explanationOf(found, by);
    }
    return { sentences: [sourceSentence(source, "administrator")], rule: null, group: null };
  };
}

/** The reasons of one decision, and the address of the person who made it, where one did. */
interface Decision {
  readonly reasons: readonly Reason[];
  readonly by: string | undefined;
}

const ofOwner: Explanation = {
  sentences: ["The Owner's role changes by transfer alone; no group changes it."],
  rule: "1.3",
  group: null,
};

function explanationOf(found: readonly Reason[], by: string | undefined): Explanation {
  const done = by === undefined ? [] : [`Done by ${by}.`];
  return {
    sentences: [...new Set(found.map(({ text }) => text)), ...done],
    rule: found[0]?.rule ?? null,
    group: found.find(({ group }) => group !== undefined)?.group ?? null,
  };
}

/** The reasons of one decision for what stands now; a role may also be told without its name. */
function standing(
  reasons: readonly Reason[],
  { subject, target, role }: { subject: Reason["subject"]; target: string; role: OrgRole },
): readonly Reason[] {
  const named = reasonsFor(reasons, { subject, target });
  if (subject !== "role") return named;
  const seat = role === "NO" ? reasons.filter((reason) => reason.subject === "seat") : [];
  const unnamed = reasons.filter(
    (reason) => reason.subject === "role" && reason.target === undefined,
  );
  return [...seat, ...(named.length > 0 ? named : unnamed)];
}

/** Under which sources a logged decision gave what it gave. */
function sourcesOf({ actor, action }: AuditRow): readonly Source[] {
  if (actor.kind === "saml") return ["saml"];
  // Saving SCIM mappings applies them at once, in the name of whoever saved.
  if (actor.kind === "scim" || action.startsWith("scim_settings")) return ["scim"];
  return ["manual", "api"];
}

async function emailsOfActors(
  db: Db,
  audit: readonly AuditRow[],
): Promise<ReadonlyMap<number, string>> {
  const ids = new Set(
    audit.flatMap(({ actor }) => (actor.kind === "person" ? [actor.userId] : [])),
  );
  const emails = new Map<number, string>();
  for (const id of ids) {
    const user = await loadUser(db, id);
    if (user !== null) emails.set(id, user.email);
  }
  return emails;
}
