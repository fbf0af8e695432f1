/** The projects that are chosen in the list. They stay chosen while its pages are turned. */
import { useMemo, useState } from "react";
import type { Project } from "../../api/projects.ts";

/** Numbers of the chosen projects. The same object as long as the same ones are chosen. */
export interface Selection {
  readonly chosen: ReadonlySet<number>;
  /** Chooses these, or chooses them no longer. */
  readonly set: (projects: readonly Project[], isChosen: boolean) => void;
  readonly clear: () => void;
}

/** Begins with none. */
export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  return useMemo(
    () => ({
      chosen,
      set: (projects, isChosen) =>
        setChosen((former) => {
          const next = new Set(former);
          for (const { id } of projects) {
            if (isChosen) next.add(id);
            else next.delete(id);
          }
          return next;
        }),
      clear: () => setChosen(new Set()),
    }),
    [chosen],
  );
}
