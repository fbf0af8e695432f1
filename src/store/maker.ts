/** Joins the account that created a workspace or a project, for the lists of both. */

/** The account that made something. */
export interface Maker {
  readonly id: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

/** The joined columns: all null where nobody made it, or where they are gone. */
export interface MakerColumns {
  readonly makerId: number | null;
  readonly makerEmail: string | null;
  readonly makerFirstName: string | null;
  readonly makerLastName: string | null;
}

/** The maker, or null. */
export function makerOf(row: MakerColumns): Maker | null {
  const { makerId: id, makerEmail: email, makerFirstName, makerLastName } = row;
  if (id === null || email === null) return null;
  return { id, email, firstName: makerFirstName ?? "", lastName: makerLastName ?? "" };
}
