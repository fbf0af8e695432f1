/**
 * Opens PostgreSQL through pg, or says in one sentence why it cannot be reached (PRODUCT 9.1).
 */
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { accessChangedNotice } from "../access-feed.ts";
import { codeOf, OpenError } from "../open-error.ts";
import type { Database } from "../schema.ts";

const connectMs = 10_000;
const maxConnections = 10;

/** pg's number for int8, which it would hand over as text. Ours are milliseconds and ids. */
const int8Oid = 20;

/** Callbacks for events on connections. */
export interface PostgresListeners {
  readonly onLostConnection: (error: Error) => void;
  /** After a transaction that changed somebody's access, before its writer is told of the commit. */
  readonly onAccessWrite: () => void;
}

/** Opens the database that `url` names; proves that it answers. */
export async function openPostgres(
  url: string,
  { onLostConnection, onAccessWrite }: PostgresListeners,
): Promise<Kysely<Database>> {
  const target = parseUrl(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    application_name: "labelgate",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === int8Oid ? Number : pg.types.getTypeParser(oid, format as "text"),
    },
  });
  // A connection that dies while idle is replaced when next needed; unheard, it would end the process.
  pool.on("error", onLostConnection);
  // So is one that dies in a transaction, between two statements; the next statement then fails.
  pool.on("connect", (client) => {
    client.on("error", ignore);
    watchAccess(client, onAccessWrite);
  });
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({
      pool,
      // Neither a forgotten transaction nor a stuck replica keeps others waiting for ever.
      onCreateConnection: async (connection) => {
        const settings = sql`select set_config('lock_timeout', '10s', false),
          set_config('idle_in_transaction_session_timeout', '60s', false)`;
        await connection.executeQuery(settings.compile(db));
      },
    }),
  });
  try {
    await checkEncoding(db, target);
    return db;
  } catch (error) {
    await db.destroy();
    throw error instanceof OpenError ? error : new OpenError(sentenceFor(target, error), error);
  }
}

/**
 * Triggers say on the connection that access changed, which counts once the transaction is over, or
 * once nobody can tell any more how it ended.
 */
function watchAccess(client: pg.ClientBase, onAccessWrite: () => void): void {
  let hasChanged = false;
  const end = () => {
    if (!hasChanged) return;
    hasChanged = false;
    onAccessWrite();
  };
  client.on("notice", ({ message }) => {
    if (message === accessChangedNotice) hasChanged = true;
  });
  client.on("drain", () => {
    if (client.getTransactionStatus() === "I") end();
  });
  client.on("end", end);
}

function ignore(): undefined {
  return undefined;
}

interface Target {
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

function parseUrl(text: string): Target {
  const url = URL.parse(text);
  const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  if (url === null || !isPostgres) {
    throw new OpenError(
      "DATABASE_URL is not a PostgreSQL URL; it looks like postgres://user:password@host:5432/database.",
    );
  }
  const host = url.searchParams.get("host") ?? url.hostname;
  return {
    host: `${host === "" ? "localhost" : host}:${url.port === "" ? "5432" : url.port}`,
    user: url.username === "" ? "the default user" : decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

/** Names and groups come in every script, so a database of another encoding would refuse sign-ins. */
async function checkEncoding(db: Kysely<Database>, { database }: Target): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`
    select current_setting('server_encoding') as encoding`.execute(db);
  const encoding = rows[0]?.encoding;
  if (encoding === "UTF8") return;
  throw new OpenError(
    `The database "${database}" has the encoding ${encoding}; create it with encoding UTF8.`,
  );
}

/** Codes of PostgreSQL and of Node's sockets → what to do about them. */
const sentences: Readonly<Record<string, (target: Target) => string>> = {
  ENOTFOUND: ({ host }) => `DATABASE_URL names ${host}, which no name server knows.`,
  EAI_AGAIN: ({ host }) => `DATABASE_URL names ${host}, and the name server does not answer.`,
  ECONNREFUSED: ({ host }) => `No database answers at ${host}: is PostgreSQL running there?`,
  ECONNRESET: ({ host }) => `The database at ${host} closes the connection at once.`,
  EHOSTUNREACH: ({ host }) => `The database at ${host} cannot be reached from this machine.`,
  ENETUNREACH: ({ host }) => `The database at ${host} cannot be reached from this machine.`,
  ETIMEDOUT: ({ host }) => `The database at ${host} does not answer.`,
  "28P01": ({ host, user }) => `The database at ${host} refuses the password of ${user}.`,
  "28000": ({ host, user }) => `The database at ${host} does not let ${user} in.`,
  "3D000": ({ host, database }) =>
    `There is no database "${database}" at ${host}; create it first.`,
  "42501": ({ user, database }) => `${user} may not use the database "${database}".`,
  "53300": ({ host }) => `The database at ${host} has no connection left to give.`,
  "57P03": ({ host }) => `The database at ${host} is still starting.`,
};

function sentenceFor(target: Target, error: unknown): string {
  const sentence = sentences[codeOf(error)];
  if (sentence !== undefined) return sentence(target);
  const message = error instanceof Error ? error.message : String(error);
  if (/timeout/i.test(message)) return `The database at ${target.host} does not answer.`;
  return `The database at ${target.host} cannot be used: ${message}.`;
}
