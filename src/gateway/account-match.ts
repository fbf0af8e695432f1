/**
 * Matches a person to an account of Label Studio by their address (GATEWAY 10.5): the exact one, else the
 * only one that differs in the case of its letters. Everything else an administrator decides. Pure.
 */

/** An account of Label Studio. */
export interface StudioAccount {
  readonly id: number;
  /** As Label Studio spells it; `Deleted` for somebody whose membership was taken there. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** The organization that it opens; null is nobody's, and answers 500 to everything. */
  readonly activeOrganization: number | null;
}

/** The facts about a person before they are matched. */
export interface MatchQuestion {
  readonly userId: number;
  /** Lower case. */
  readonly email: string;
  readonly accounts: readonly StudioAccount[];
  /** The person to whom each number was ever linked. */
  readonly holders: ReadonlyMap<number, number>;
  /** The number of the account as which Labelgate asks; nobody is linked to it by itself. */
  readonly serviceUser: number;
}

/** The account, none, or why an administrator must decide. */
export type Match =
  | { readonly outcome: "found"; readonly account: StudioAccount }
  | { readonly outcome: "none" }
  | { readonly outcome: "undecided"; readonly problem: string };

/** Matches a person. */
export function matchAccount(question: MatchQuestion): Match {
  const { email, accounts } = question;
  const exact = accounts.filter((account) => account.email === email);
  const found = exact.length > 0 ? exact : accounts.filter((a) => sameLetters(a.email, email));
  const [account] = found;
  if (account === undefined) return { outcome: "none" };
  if (found.length > 1) {
    const names = found.map((each) => `${each.id} (${each.email})`).join(", ");
    const problem = `Label Studio has several accounts whose addresses differ in case only: ${names}. Link the one that is meant.`;
    return { outcome: "undecided", problem };
  }
  return allowed(question, account);
}

function allowed({ userId, holders, serviceUser }: MatchQuestion, account: StudioAccount): Match {
  if (account.id === serviceUser) {
    const problem = `Label Studio's account ${account.id} has this address, and Labelgate itself asks as that account. Set UPSTREAM_SERVICE_USER to another one, or link it by \`labelgate upstream link\`.`;
    return { outcome: "undecided", problem };
  }
  const holder = holders.get(account.id);
  if (holder !== undefined && holder !== userId) {
    const problem = `Label Studio's account ${account.id} has this address and is somebody else's already. Link another account to this person.`;
    return { outcome: "undecided", problem };
  }
  return { outcome: "found", account };
}

/**
 * Addresses that differ in the case of ASCII letters alone: letters outside it whose lower case lies
 * inside (the Kelvin sign) would make somebody else's address of it.
 */
export function sameLetters(one: string, other: string): boolean {
  return asciiLower(one) === asciiLower(other);
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
