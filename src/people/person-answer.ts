/**
 * People as the original's API words them. Wire spelling lives here. Fields that the original fills
 * from parts that Labelgate does not have are there and empty, so that its SDK's types hold.
 */
import { hasAccess, type OrgRole } from "../access/roles.ts";
import type { Member } from "../store/members.ts";
import { personNumber } from "../store/wire-numbers.ts";

/** Fields that are never kept, and always answered the same. */
export const fixedUserFields = {
  phone: "",
  avatar: null,
  allow_newsletters: null,
  custom_hotkeys: {},
} as const;

/** One account. */
export interface Person {
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly accountCreatedAt: number;
  /** Epoch milliseconds, or null where the person was never seen. */
  readonly lastActivityAt: number | null;
}

/** The fields that every answer about an account has. */
export function answerPerson(person: Person) {
  return {
    id: personNumber(person.userId),
    email: person.email,
    username: person.email,
    first_name: person.firstName,
    last_name: person.lastName,
    initials: initialsOf(person),
    date_joined: new Date(person.accountCreatedAt).toISOString(),
    last_activity:
      person.lastActivityAt === null ? null : new Date(person.lastActivityAt).toISOString(),
    ...fixedUserFields,
  };
}

/** Answers the person's role in the one organization that the caller sees. */
export function answerStanding(organizationId: number, role: OrgRole) {
  return {
    organization_id: organizationId,
    role,
    active: hasAccess(role),
    user_type: "standard",
  } as const;
}

/** A member as `GET /api/users/` lists them. */
export function answerUser(organizationId: number, member: Member) {
  const standing = answerStanding(organizationId, member.role);
  return {
    ...answerPerson({ ...member, lastActivityAt: member.lastSignInAt }),
    active_organization: organizationId,
    organization_membership: standing,
    org_membership: [standing],
  };
}

/** A member as `GET …/memberships` lists them. */
export function answerMember(organizationId: number, member: Member) {
  return {
    id: member.id,
    organization: organizationId,
    role: member.role,
    role_source: member.roleSource,
    role_set_at: new Date(member.roleSetAt).toISOString(),
    created_at: new Date(member.joinedAt).toISOString(),
    last_sign_in_at:
      member.lastSignInAt === null ? null : new Date(member.lastSignInAt).toISOString(),
    has_password: member.hasPassword,
    user_type: "standard",
    tags: member.tags,
    contributed_to_projects: [] as readonly unknown[],
    created_projects: [] as readonly unknown[],
    user: {
      ...answerPerson({ ...member, lastActivityAt: member.lastSignInAt }),
      active_organization: organizationId,
    },
  };
}

/** First letters of the names, else the first two of the address. */
function initialsOf(person: Pick<Person, "email" | "firstName" | "lastName">): string {
  const first = ([text = ""]: Iterable<string>) => text;
  const initials = first(person.firstName) + first(person.lastName);
  return (initials === "" ? person.email.slice(0, 2) : initials).toUpperCase();
}
