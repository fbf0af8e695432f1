/**
 * Answers of the API, for its document. Objects may hold further fields: the original's types have many
 * that Labelgate leaves empty, and clients must not depend on there being no others.
 */
import { z } from "zod";
import type { Change, Reason } from "../../access/changes.ts";
import { orgRoles } from "../../access/roles.ts";

export const id = z.int().positive();
export const time = z.iso.datetime();
export const maybeTime = time.nullable();
const role = z.enum(orgRoles);
const source = z.enum(["manual", "saml", "scim", "api"]);
const projectRole = z.enum(["AN", "RE"]);

/** A refusal, whatever it is about; `validation_errors` names each field that is wrong. */
export const errorAnswer = z.object({
  id: z.string(),
  status_code: z.int(),
  version: z.string(),
  detail: z.string(),
  exc_info: z.null(),
  validation_errors: z.record(z.string(), z.array(z.string())).optional(),
});

const standing = z.looseObject({
  organization_id: id,
  role,
  active: z.boolean(),
  user_type: z.string(),
});

const person = z.looseObject({
  id,
  email: z.string(),
  username: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  initials: z.string(),
  date_joined: time,
  last_activity: maybeTime,
});

export const userAnswer = person.extend({
  active_organization: id,
  organization_membership: standing,
  org_membership: z.array(standing),
});

export const usersAnswer = z.union([z.array(userAnswer), pageOf(userAnswer)]);

export const whoamiAnswer = userAnswer.extend({ permissions: z.array(z.string()) });

export const memberAnswer = z.looseObject({
  id,
  organization: id,
  role,
  role_source: source,
  role_set_at: time,
  created_at: time,
  last_sign_in_at: maybeTime,
  has_password: z.boolean(),
  tags: z.array(z.object({ id, label: z.string() })),
  user: person.or(id),
});

export const memberPageAnswer = pageOf(memberAnswer).extend({
  seats: z.object({ used: z.int().nonnegative(), limit: z.int().nullable() }),
});

export const change = z.looseObject({ kind: z.string() }) as z.ZodType as z.ZodType<Change>;
export const reason = z.looseObject({
  subject: z.string(),
  result: z.string(),
  rule: z.string(),
  text: z.string(),
}) as z.ZodType as z.ZodType<Reason>;
const grant = z.looseObject({ source, granted_at: maybeTime });
export const sentences = z.array(z.string());

export const whyAnswer = z.object({
  user: z.object({ id, email: z.string(), first_name: z.string(), last_name: z.string() }),
  role: z.object({
    role,
    source,
    set_at: time,
    reasons: sentences,
    rule: z.string().nullable(),
    group: z.string().nullable(),
  }),
  workspaces: z.array(
    z.object({ id, title: z.string(), sources: z.array(grant), reasons: sentences }),
  ),
  projects: z.array(
    z.object({
      id,
      title: z.string(),
      role,
      sources: z.array(grant.extend({ role: z.enum(["AN", "RE", "IN"]), is_pending: z.boolean() })),
      through_workspace: z.string().nullable(),
      reasons: sentences,
    }),
  ),
  last_sign_on: z.object({ at: time, reference: z.string(), groups: sentences }).nullable(),
  next_sign_on: z
    .object({
      outcome: z.enum(["admitted", "not_activated", "deactivated", "refused"]),
      code: z.string().nullable(),
      role: role.nullable(),
      changes: z.array(change),
      reasons: z.array(reason),
    })
    .nullable(),
  sessions: z.int().nonnegative(),
});

/** The envelope of every list in pages. */
export function pageOf<Entry extends z.ZodType>(entry: Entry) {
  return z.object({
    count: z.int().nonnegative(),
    next: z.url().nullable(),
    previous: z.url().nullable(),
    results: z.array(entry),
  });
}

export const organizationListAnswer = z.array(
  z.looseObject({ id, title: z.string(), contact_info: z.null(), created_at: time }),
);

export const organizationAnswer = z.looseObject({
  id,
  title: z.string(),
  created_at: time,
  default_role: role,
  /** The MANUAL flags as they hold for this organization. */
  billing: z.looseObject({
    manual_role_management: z.boolean(),
    manual_workspace_management: z.boolean(),
    manual_project_member_management: z.boolean(),
  }),
  /** For Owner and Administrators; null for no limit. */
  seat_limit: z.int().nullable().optional(),
  seats_used: z.int().nonnegative().optional(),
});

export const defaultRoleAnswer = z.object({ organization: id, default_role: role });

export const inviteLinkAnswer = z.object({ token: z.string(), invite_url: z.url() });

export const invitesAnswer = z.object({
  invites: z.array(
    z.looseObject({
      email: z.string(),
      role,
      is_sent: z.boolean(),
      /** To be handed over by other means where no mail went out, else null. */
      invite_url: z.url().nullable(),
      expires_at: time,
    }),
  ),
});

export const inviteListAnswer = z.array(
  z.looseObject({
    email: z.string(),
    role,
    created_by: id.nullable(),
    created_at: time,
    expires_at: time,
    workspaces: z.array(id),
    projects: z.array(id),
  }),
);

export const sessionsAnswer = z.array(
  z.looseObject({
    id: z.string(),
    user: id,
    method: z.enum(["saml", "password", "link"]),
    created_at: time,
    last_seen_at: time,
    expires_at: time,
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
    /** The session that asks. */
    is_current: z.boolean(),
  }),
);

export const endedAnswer = z.object({ ended: z.int().nonnegative() });

export const tokenAnswer = z.object({ token: z.string() });
export const accessTokenAnswer = z.looseObject({
  token: z.string(),
  created_at: time,
  expires_at: maybeTime,
});
export const accessTokensAnswer = z.array(accessTokenAnswer);
export const accessAnswer = z.object({ access: z.string() });
export const refreshAnswer = z.object({ refresh: z.string() });

export const workspaceAnswer = z.looseObject({
  id,
  title: z.string(),
  description: z.string(),
  color: z.string(),
  is_archived: z.boolean(),
  is_personal: z.boolean(),
  created_by: id.nullable(),
  projects_count: z.int().nonnegative(),
});
export const workspacesAnswer = z.array(workspaceAnswer);
export const workspacePageAnswer = pageOf(workspaceAnswer);
export const workspacesOrPageAnswer = z.union([workspacesAnswer, workspacePageAnswer]);
export const workspaceMemberAnswer = z.object({ user: id, workspace: id });
export const workspaceMembersAnswer = z.array(z.object({ user: userAnswer, workspace: id }));
export const workspaceMemberPageAnswer = pageOf(userAnswer.extend({ sources: z.array(source) }));

const skipped = { skipped_user_ids: z.array(id) };
export const assignmentsAnswer = z.object({ assignments: z.int().nonnegative(), ...skipped });
export const unassignmentsAnswer = z.object({ unassignments: z.int().nonnegative(), ...skipped });

export const projectAnswer = z.looseObject({
  id,
  title: z.string(),
  description: z.string(),
  organization: id,
  workspace: id.nullable(),
  workspace_title: z.string().nullable(),
  color: z.string().nullable(),
  created_at: time,
  created_by: z.looseObject({ id, email: z.string() }).nullable(),
});
export const projectsAnswer = z.array(projectAnswer);
export const projectPageAnswer = pageOf(projectAnswer);
export const projectMemberAnswer = z.object({ user: id });
export const projectMembersAnswer = z.array(userAnswer);
export const projectMemberPageAnswer = pageOf(
  userAnswer.extend({
    implicit_member: z.boolean(),
    project_role: projectRole.nullable(),
    project_role_source: source.nullable(),
    grants: z.array(z.object({ id, source, role: z.enum(["AN", "RE", "IN"]) })),
  }),
);
export const projectRoleAnswer = z.object({
  id,
  project: id,
  user: id,
  role: projectRole,
  role_source: source,
});
export const projectRolesAnswer = z.array(projectRoleAnswer);

export const activityAnswer = z.object({
  data: z.array(
    z.looseObject({
      id,
      datetime: time,
      user_id: id.nullable(),
      email: z.string().nullable(),
      ip_address: z.string(),
      user_agent: z.string(),
      request_method: z.string(),
      request_url: z.string(),
      response_code: z.string(),
      /** Milliseconds. */
      duration: z.int().nonnegative(),
      /** Changes of people or settings, with reasons as whole sentences; null where there were none. */
      extra_data: z
        .array(
          z.object({
            action: z.string(),
            subject_user_id: id.nullable(),
            /** Not every change is one of access. */
            changes: z.array(change.or(z.record(z.string(), z.unknown()))),
            reasons: sentences,
          }),
        )
        .nullable(),
    }),
  ),
  recordsTotal: z.int().nonnegative(),
  recordsFiltered: z.int().nonnegative(),
});
export const textAnswer = z.string();
export const documentAnswer = z.looseObject({ openapi: z.string(), paths: z.looseObject({}) });
