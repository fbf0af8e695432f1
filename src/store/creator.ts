/** Joins the account that created a workspace or a project, for the lists of both. */

/** The account that made something. */
export interface Creator {
  readonly id: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

/** The joined columns: all null where nobody made it, or where they are gone. */
export interface CreatorColumns {
  readonly creatorId: number | null;
  readonly creatorEmail: string | null;
  readonly creatorFirstName: string | null;
  readonly creatorLastName: string | null;
}

/** The creator, or null. */
export function creatorOf(row: CreatorColumns): Creator | null {
  const { creatorId: id, creatorEmail: email, creatorFirstName, creatorLastName } = row;
  if (id === null || email === null) return null;
  return { id, email, firstName: creatorFirstName ?? "", lastName: creatorLastName ?? "" };
}
