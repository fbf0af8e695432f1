/** The server's sentences at the rows, until a row is changed. */
import { useState } from "react";
import { type Named, type ToldProblems, tellProblems } from "./problems.ts";
import type { Row } from "./use-rows.ts";

interface Told extends ToldProblems {
  readonly errors: readonly string[];
  /** The first row that a sentence is about, told anew with each refusal. */
  readonly first: { readonly id: number } | null;
}

/** The problems as they stand; a changed row is no longer what they speak of. */
export function useProblems<Entry>(
  errors: readonly string[],
  rows: readonly Row<Entry>[],
  nameOf: (entry: Entry) => Named,
): Told & { readonly forget: (id: number) => void } {
  const [told, setTold] = useState<Told>({
    errors: [],
    byRow: new Map(),
    general: [],
    first: null,
  });
  const isNew = told.errors !== errors && (told.errors.length > 0 || errors.length > 0);
  const current = isNew ? tell(errors, rows, nameOf) : told;
  if (isNew) setTold(current);
  return {
    ...current,
    forget: (id) => {
      if (!current.byRow.has(id)) return;
      const byRow = new Map(current.byRow);
      byRow.delete(id);
      setTold({ ...current, byRow });
    },
  };
}

function tell<Entry>(
  errors: readonly string[],
  rows: readonly Row<Entry>[],
  nameOf: (entry: Entry) => Named,
): Told {
  const problems = tellProblems(errors, rows, nameOf);
  const first = rows.find(({ id }) => problems.byRow.has(id));
  return { ...problems, errors, first: first === undefined ? null : { id: first.id } };
}
