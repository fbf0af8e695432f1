/**
 * One number a person and one a project (GATEWAY 10.5): the number that an answer of this server has for
 * either is Label Studio's; until there is one, minus the internal number, which goes on meaning the
 * same for ever. Without a Label Studio the internal numbers are the ones.
 *
 * This is the one place that turns the one into the other. Answers say `personNumber` and
 * `projectNumber`; `toWire` writes the numbers in at the end. What comes in goes through
 * `internalNumbers`.
 */
import { type Db, isOneOf } from "./statement.ts";

/** The kind of resource that a number stands for. */
export type NumberKind = "person" | "project";

/** The number of a person or a project in an answer; written as the internal one until `toWire`. */
export class WireNumber {
  readonly kind: NumberKind;
  readonly id: number;

  constructor(kind: NumberKind, id: number) {
    this.kind = kind;
    this.id = id;
  }

  toJSON(): number {
    return this.id;
  }

  /** Lists are put in order by it. */
  valueOf(): number {
    return this.id;
  }
}

/** The number of the person in an answer. */
export const personNumber = (id: number): WireNumber => new WireNumber("person", id);

/** The number of the project in an answer. */
export const projectNumber = (id: number): WireNumber => new WireNumber("project", id);

/** As a column holds it at most; nothing has this number. */
export const numberOfNothing = 2_147_483_647;

/** Number → internal number of those that mean somebody; the others are absent. */
export async function internalNumbers(
  db: Db,
  kind: NumberKind,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const isPossible = (n: number) => Number.isInteger(n) && n !== 0 && Math.abs(n) < numberOfNothing;
  const own = numbers.filter((n) => isPossible(n) && n < 0);
  const found = new Map(own.map((n) => [n, -n]));
  const others = numbers.filter((n) => isPossible(n) && n > 0);
  if (others.length === 0) return found;
  for (const { id, upstreamId } of await loadPairs(db, kind, { by: "upstream_id", ids: others })) {
    if (upstreamId !== null) found.set(upstreamId, id);
  }
  return found;
}

async function loadPairs(
  db: Db,
  kind: NumberKind,
  { by, ids }: { by: "id" | "upstream_id"; ids: readonly number[] },
) {
  return await db
    .selectFrom(kind === "person" ? "users" : "projects")
    .where(isOneOf(db, by, ids))
    .select(["id", "upstream_id as upstreamId"])
    .execute();
}

/** The answer with the numbers in it; a record that is named by such a number has `labelgate_id` too. */
export async function toWire(db: Db, answer: unknown): Promise<unknown> {
  const wanted = { person: new Set<number>(), project: new Set<number>() };
  collect(answer, wanted);
  const numbers = {
    person: await numbersOf(db, "person", wanted.person),
    project: await numbersOf(db, "project", wanted.project),
  };
  return written(answer, ({ kind, id }) => numbers[kind].get(id) ?? -id);
}

/** Label Studio's number of the person or project with that internal number; null where it has none. */
export async function loadUpstreamNumber(
  db: Db,
  kind: NumberKind,
  id: number,
): Promise<number | null> {
  return (await numbersOf(db, kind, new Set([id]))).get(id) ?? null;
}

async function numbersOf(
  db: Db,
  kind: NumberKind,
  ids: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  if (ids.size === 0) return new Map();
  const pairs = await loadPairs(db, kind, { by: "id", ids: [...ids] });
  return new Map(
    pairs.flatMap(({ id, upstreamId }) => (upstreamId === null ? [] : [[id, upstreamId]])),
  );
}

function collect(value: unknown, wanted: Readonly<Record<NumberKind, Set<number>>>): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof WireNumber) {
    wanted[value.kind].add(value.id);
    return;
  }
  if (Array.isArray(value)) {
    for (const entry of value) collect(entry, wanted);
    return;
  }
  for (const [name, entry] of Object.entries(value)) {
    if (isProjectOfChange(name, entry)) wanted.project.add(entry);
    else collect(entry, wanted);
  }
}

/** Changes of access (access/changes.ts) stand in answers as they are; they name projects like this. */
function isProjectOfChange(name: string, value: unknown): value is number {
  return name === "projectId" && typeof value === "number";
}

function written(value: unknown, numberOf: (number: WireNumber) => number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof WireNumber) return numberOf(value);
  if (Array.isArray(value)) return value.map((entry) => written(entry, numberOf));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, entry]): [string, unknown] => [
    name,
    isProjectOfChange(name, entry) ? numberOf(projectNumber(entry)) : written(entry, numberOf),
  ]);
  const own = "id" in value ? value["id"] : null;
  return Object.fromEntries(
    own instanceof WireNumber ? [...entries, ["labelgate_id", own.id]] : entries,
  );
}

/** Records are written anew; anything else, such as a date, stays what it is. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
