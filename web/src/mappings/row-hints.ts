/**
 * Hints about likely slips in a row of mappings (PRODUCT 6.2, 8.7), shown in place while it is typed.
 * The server says the same of what is saved; of the codes here the rows speak for themselves.
 */

/** A sentence at a row, and the value that fixes it, where there is one. */
export interface RowHint {
  readonly text: string;
  readonly fix?: { readonly label: string; readonly group: string };
}

/** Warnings of the record that rows tell by themselves. */
export const toldByRows: ReadonlySet<string> = new Set([
  ...["group_object_id", "group_outer_space", "group_near_miss", "workspace_near_miss"],
]);

const objectIdRe = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Relation of a row to the others of its list. */
export interface Standing {
  /** The very same mapping stands further up. */
  readonly isRepeated: boolean;
  /** The group is mapped to something else of the kind that only one of can hold. */
  readonly conflict: string | null;
}

/** Facts about a group by itself: plain values, so that a row can tell whether they changed. */
export interface SeenRow {
  readonly isSeen: boolean;
  /** The group that was seen and was probably meant. */
  readonly instead: string | undefined;
  readonly insteadMembers: number | undefined;
}

/** The hints of a group in its row. */
export function hintsOf(group: string, known: Standing & SeenRow): readonly RowHint[] {
  const hints: RowHint[] = [];
  const { isRepeated, conflict, isSeen, instead, insteadMembers = 0 } = known;
  if (isRepeated) hints.push({ text: "This mapping stands further up already." });
  else if (conflict !== null) hints.push({ text: conflict });
  if (group.trim() === "" || isSeen) return hints;
  if (instead !== undefined) {
    hints.push({
      text: `“${instead}” was seen (${membersOf(insteadMembers)}), “${group}” never. Names compare exactly.`,
      fix: { label: `Use ${instead}`, group: instead },
    });
  } else if (group !== group.trim()) {
    hints.push({
      text: "This begins or ends with a space, and matches only a group that does so too.",
      fix: { label: "Remove the space", group: group.trim() },
    });
  } else if (objectIdRe.test(group)) {
    hints.push({
      text: "This looks like an Entra ID object id. Group names are needed: set the source attribute of the groups claim to sAMAccountName or another readable name.",
    });
  }
  return hints;
}

function membersOf(members: number): string {
  return members === 1 ? "1 member" : `${members.toLocaleString()} members`;
}
