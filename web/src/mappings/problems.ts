/**
 * The server's sentences about a list of mappings, told at the rows that they speak of. An entry is
 * named by its place in the list ("Entry 3: …"), a project by its id, a workspace by its title.
 */
import type { Row } from "./use-rows.ts";

/** A sentence, and which of the row's fields it is about. */
export interface RowProblem {
  readonly field: "group" | "target";
  readonly text: string;
}

/** Resources of a row that problems refer to. */
export interface Named {
  readonly projectId?: number;
  readonly workspace?: string;
}

/** Problems by row id, and the sentences that are about the list as a whole. */
export interface ToldProblems {
  readonly byRow: ReadonlyMap<number, RowProblem>;
  readonly general: readonly string[];
}

const entryRe = /^Entry (\d+): (.*)$/s;
const projectRe = /^Project (\d+) /;
const workspaceRe = /^Workspace "(.*)" does not exist/s;

/** Finds the rows of each sentence. */
export function tellProblems<Entry>(
  sentences: readonly string[],
  rows: readonly Row<Entry>[],
  nameOf: (entry: Entry) => Named,
): ToldProblems {
  const byRow = new Map<number, RowProblem>();
  const general: string[] = [];
  for (const sentence of sentences) {
    const found = problemsOf(sentence, rows, nameOf);
    if (found.length === 0) general.push(sentence);
    for (const [id, problem] of found) if (!byRow.has(id)) byRow.set(id, problem);
  }
  return { byRow, general };
}

function problemsOf<Entry>(
  sentence: string,
  rows: readonly Row<Entry>[],
  nameOf: (entry: Entry) => Named,
): readonly (readonly [id: number, problem: RowProblem])[] {
  const [, place, text = ""] = entryRe.exec(sentence) ?? [];
  const row = rows[Number(place) - 1];
  if (row !== undefined) return [[row.id, worded(text)]];
  return named(sentence, rows, nameOf).map(({ id }) => [id, target(sentence)]);
}

function named<Entry>(
  sentence: string,
  rows: readonly Row<Entry>[],
  nameOf: (entry: Entry) => Named,
): readonly Row<Entry>[] {
  const id = projectRe.exec(sentence)?.[1];
  if (id !== undefined) return rows.filter(({ entry }) => nameOf(entry).projectId === Number(id));
  const title = workspaceRe.exec(sentence)?.[1];
  if (title === undefined) return [];
  return rows.filter(({ entry }) => nameOf(entry).workspace?.slice(0, 80) === title);
}

const target = (text: string): RowProblem => ({ field: "target", text });

function worded(text: string): RowProblem {
  if (text.startsWith("project_id")) return target("Choose a project.");
  if (text === "The group may not be empty.") return { field: "group", text: "Name a group." };
  if (text === "The workspace title may not be empty.") return target("Name a workspace.");
  const isOfTarget = /\brole\b|workspace/.test(text);
  return { field: isOfTarget ? "target" : "group", text };
}
