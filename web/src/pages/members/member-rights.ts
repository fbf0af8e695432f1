/**
 * Actions that the person signed in may take on a member (PRODUCT 1.3, 5, 7.6), so that the pages
 * offer no more. The API decides anyhow.
 */
import { hasAccess, type OrgRole, orgRoles, roleRank } from "../../../../src/access/roles.ts";
import { boot, may } from "../../boot.ts";

/** As much of a member as rights depend on. */
export interface Subject {
  readonly userId: number;
  readonly role: OrgRole;
}

/** Permitted actions on a member. */
export interface Rights {
  /** The roles that may be given now, without the one that the member has. */
  readonly roles: readonly OrgRole[];
  /** Giving roles by hand is off, and would be allowed otherwise. */
  readonly isManaged: boolean;
  readonly mayDeactivate: boolean;
  /** Deactivated before, and may come back. */
  readonly mayReactivate: boolean;
  readonly mayRemove: boolean;
  /** Why nothing may be done, or null. */
  readonly whyNot: string | null;
}

const none = { roles: [], isManaged: false, mayDeactivate: false } as const;
const noRights = { ...none, mayReactivate: false, mayRemove: false } as const;

/** The rights over one member. `isManaged`: groups alone give roles here. */
export function rightsOver({ userId, role }: Subject, isManaged: boolean): Rights {
  const whyNot = refusalFor(role);
  if (whyNot !== null) return { ...noRights, whyNot };
  const isSelf = userId === boot.user.id;
  const given = orgRoles.filter(
    (each) =>
      each !== role &&
      each !== "OW" &&
      each !== "DI" &&
      roleRank(each) <= roleRank(boot.user.role) &&
      (!isSelf || hasAccess(each)),
  );
  return {
    roles: isManaged ? [] : given,
    isManaged,
    mayDeactivate: !isSelf && role !== "DI",
    mayReactivate: role === "DI",
    mayRemove: !isSelf,
    whyNot: null,
  };
}

function refusalFor(role: OrgRole): string | null {
  if (!may("members:write")) return "Your role does not change members.";
  if (role === "OW") return "The Owner's role changes by transfer alone, on the Settings page.";
  if (roleRank(role) > roleRank(boot.user.role)) {
    return "This person's role is above yours.";
  }
  return null;
}
