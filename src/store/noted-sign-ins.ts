/**
 * Records a SAML sign-in at the membership, beside the plan's changes: its time, the groups that came
 * with it, and that the person accepted. None of it grants anything.
 */
import { type Db, statement } from "./statement.ts";

interface NotedSignIn {
  readonly organizationId: number;
  readonly userId: number;
  readonly groups: string;
  readonly at: number;
  readonly acceptedAt: number | null;
}

/** The statement behind `noteSignIn`. */
export const noteRow = statement<NotedSignIn, unknown>((db, value) =>
  db
    .updateTable("memberships")
    .where("organization_id", "=", value("organizationId"))
    .where("user_id", "=", value("userId"))
    .set((eb) => ({
      last_sign_in_at: value("at"),
      last_groups: value("groups"),
      accepted_at: eb.fn.coalesce("accepted_at", value("acceptedAt")),
    })),
);

const noteTime = statement<Omit<NotedSignIn, "groups">, unknown>((db, value) =>
  db
    .updateTable("memberships")
    .where("organization_id", "=", value("organizationId"))
    .where("user_id", "=", value("userId"))
    .set((eb) => ({
      last_sign_in_at: value("at"),
      accepted_at: eb.fn.coalesce("accepted_at", value("acceptedAt")),
    })),
);

/**
 * Remembers when the person signed in by SAML, and with which groups (PRODUCT 8.1). Where they are null,
 * nobody knows them now, and the last ones that were known stay. `accepts` says that the provider may
 * speak for the address, so that coming in accepts the membership (PRODUCT 4.9).
 */
export async function noteSignIn(
  tx: Db,
  signIn: {
    organizationId: number;
    userId: number;
    groups: readonly string[] | null;
    at: number;
    accepts: boolean;
  },
): Promise<void> {
  const { accepts, groups, ...rest } = signIn;
  const row = { ...rest, acceptedAt: accepts ? signIn.at : null };
  if (groups === null) await noteTime.run(tx, row);
  else await noteRow.run(tx, { ...row, groups: JSON.stringify(groups) });
}
