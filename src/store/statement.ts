/**
 * Queries that are built and compiled once per engine, then run with fresh values. Building a Kysely
 * query costs more than running it on SQLite, and a sign-in runs a dozen.
 *
 * Owns the placeholders only. Each subject's file says what its statements ask.
 */
import {
  type Compilable,
  type CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  PostgresAdapter,
  type QueryResult,
  type RawBuilder,
  sql,
} from "kysely";
import type { Database } from "./schema.ts";

/** The database, or a transaction of it: every function of the store takes one first. */
export type Db = Kysely<Database>;

/** The two engines. */
export type Dialect = "sqlite" | "postgres";

/** The engine behind `db`. */
export function dialectOf(db: Db): Dialect {
  return db.getExecutor().adapter instanceof PostgresAdapter ? "postgres" : "sqlite";
}

/** Stands in a query for the value of that name, which each run brings. */
export type Params<Values> = <Name extends keyof Values>(name: Name) => RawBuilder<Values[Name]>;

/** A statement that was compiled once and runs with the values given. */
export interface Statement<Values, Row> {
  all(db: Db, values: Values): Promise<readonly Row[]>;
  first(db: Db, values: Values): Promise<Row | null>;
  run(db: Db, values: Values): Promise<QueryResult<Row>>;
  /** Compiles the query for the engine behind `db`; for tests that look at query plans. */
  compile(db: Db, values: Values): CompiledQuery<Row>;
}

class Placeholder {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}

/**
 * A statement from a query built with `params` in place of values.
 *
 * `build` runs once per engine, at the statement's first use; it must not depend on anything else.
 */
export function statement<Values, Row>(
  build: (db: Db, params: Params<Values>, dialect: Dialect) => Compilable<Row>,
): Statement<Values, Row> {
  const compiled: { [dialect in Dialect]?: CompiledQuery<Row> } = {};
  const compile = (db: Db, values: Values): CompiledQuery<Row> => {
    const dialect = dialectOf(db);
    compiled[dialect] ??= build(db, param, dialect).compile();
    return fill(compiled[dialect], values);
  };
  const ask = (db: Db, values: Values) => send<Row>(db, compile(db, values));
  return {
    compile,
    run: async (db, values) => await ask(db, values),
    all: async (db, values) => (await ask(db, values)).rows,
    first: async (db, values) => (await ask(db, values)).rows[0] ?? null,
  };
}

/** A connection whose engine answers at once, so that nobody need wait for it: SQLite's. */
export interface SyncConnection extends DatabaseConnection {
  /** As `executeQuery`, without its promise. */
  executeSync<Row>(query: CompiledQuery): QueryResult<Row>;
}

/**
 * The connections of open transactions. Kysely hands them out anew for each query, behind whatever
 * runs on them already, which costs more than a small query does. Null once their work is over: while
 * the end is under way Kysely would still run a late statement, which then stood by itself.
 */
const connections = new WeakMap<Db, DatabaseConnection | null>();

function send<Row>(
  db: Db,
  query: CompiledQuery<Row>,
): QueryResult<Row> | Promise<QueryResult<Row>> {
  const connection = connections.get(db);
  if (connection === undefined) return db.executeQuery(query);
  if (connection === null)
    throw new Error("a statement came after its transaction's work was over");
  return isPrompt(connection) ? connection.executeSync(query) : connection.executeQuery(query);
}

function isPrompt(connection: DatabaseConnection): connection is SyncConnection {
  return "executeSync" in connection;
}

/** Runs `work` in the open transaction `tx`, whose statements then go straight to its connection. */
export async function onItsConnection<T>(tx: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  await tx.getExecutor().provideConnection(async (connection) => {
    connections.set(tx, connection);
  });
  try {
    return await work(tx);
  } finally {
    connections.set(tx, null);
  }
}

function param<Values, Name extends keyof Values>(name: Name): RawBuilder<Values[Name]> {
  return sql<Values[Name]>`${sql.val(new Placeholder(name))}`;
}

function fill<Values, Row>(template: CompiledQuery<Row>, values: Values): CompiledQuery<Row> {
  return {
    query: template.query,
    queryId: template.queryId,
    sql: template.sql,
    parameters: template.parameters.map((entry) =>
      entry instanceof Placeholder ? values[entry.name as keyof Values] : entry,
    ),
  };
}

/** The condition that `column` is one of these whole numbers; as `isListed`, which takes an empty list too. */
export function isOneOf(db: Db, column: string, ids: readonly number[]): RawBuilder<boolean> {
  const list = sql<string>`${JSON.stringify(ids)}`;
  return isListed(column, list, { dialect: dialectOf(db), type: "integer" });
}

/**
 * The condition that `column` is one of a JSON list of texts or whole numbers. One statement serves
 * lists of every length, and both engines look each entry up by index.
 */
export function isListed(
  column: string,
  list: RawBuilder<string>,
  { dialect, type }: { dialect: Dialect; type: "text" | "integer" },
): RawBuilder<boolean> {
  return dialect === "sqlite"
    ? sql<boolean>`${sql.ref(column)} in (select value from json_each(${list}))`
    : sql<boolean>`${sql.ref(column)} = any(array(select json_array_elements_text(${list}::json)::${sql.raw(type)}))`;
}
