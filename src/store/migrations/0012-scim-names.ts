/**
 * Names of provisioned people and groups, folded anew (RFC 7644 5): white space around them and the width
 * and composition of letters are of no account. Only names with such letters change their key.
 *
 * Two people whose names became one by this stay two: the later one keeps the former key, and is found
 * by id.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const scimNames: Migration = {
  name: "0012-scim-names",
  up: async (db) => {
    await foldScimNames(db, fold);
  },
};

/** Makes the keys of all names anew, for this migration and later ones that fold otherwise. */
export async function foldScimNames(
  db: Kysely<unknown>,
  foldOf: (text: string) => string,
): Promise<void> {
  const users = { table: "scim_users", name: "user_name", key: "user_name_key" };
  const groups = { table: "scim_groups", name: "display_name", key: "display_name_key" };
  for (const names of [users, groups]) await foldAnew(db, names, foldOf);
}

interface Names {
  readonly table: string;
  readonly name: string;
  readonly key: string;
}

const pageSize = 5000;

async function foldAnew(
  db: Kysely<unknown>,
  { table, name, key }: Names,
  foldOf: (text: string) => string,
): Promise<void> {
  const [rows, named, folded] = [sql.table(table), sql.ref(name), sql.ref(key)];
  let after = 0;
  for (;;) {
    const { rows: page } = await sql<{ seq: number; name: string; key: string }>`
      select seq, ${named} as name, ${folded} as key from ${rows}
      where seq > ${after} order by seq limit ${pageSize}`.execute(db);
    for (const { seq, ...row } of page) {
      const wanted = foldOf(row.name);
      if (wanted === row.key) continue;
      // Of groups several may have one key; of people none, which the index would refuse.
      const isFree =
        table === "scim_groups"
          ? sql`true`
          : sql`not exists (select 1 from ${rows} other where other.${folded} = ${wanted}
              and other.organization_id = ${rows}.organization_id)`;
      await sql`update ${rows} set ${folded} = ${wanted} where seq = ${seq} and ${isFree}`.execute(
        db,
      );
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}
