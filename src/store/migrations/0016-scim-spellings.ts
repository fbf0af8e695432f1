/**
 * Names of provisioned people and groups, folded once more: both spellings of an internationalized domain
 * are one, and so are both small sigmas. E-mail addresses in profiles are found by the same form now.
 */
import { domainToUnicode } from "node:url";
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { foldScimNames } from "./0012-scim-names.ts";

export const scimSpellings: Migration = {
  name: "0016-scim-spellings",
  up: async (db) => {
    await foldScimNames(db, fold);
    await foldEmails(db);
  },
};

function fold(text: string): string {
  const letters = text.normalize("NFKC").toLowerCase().replaceAll("\u03c2", "\u03c3");
  const name = letters.normalize("NFKC").trim();
  const [, local = "", domain = ""] = /^(.*@)((?:.*\.)?xn--.*)$/.exec(name) ?? [];
  return domain === "" ? name : `${local}${domainToUnicode(domain) || domain}`;
}

const pageSize = 1000;

async function foldEmails(db: Kysely<unknown>): Promise<void> {
  let after = 0;
  for (;;) {
    const { rows } = await sql<{ seq: number; search: string }>`
      select seq, search from scim_users where seq > ${after} order by seq limit ${pageSize}
    `.execute(db);
    for (const { seq, search } of rows) {
      const folded = withFoldedEmails(search);
      if (folded === search) continue;
      await sql`update scim_users set search = ${folded} where seq = ${seq}`.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

/** The very same text where no address changes. */
function withFoldedEmails(search: string): string {
  const document = JSON.parse(search) as { emails?: { value?: unknown }[] };
  let isChanged = false;
  for (const email of document.emails ?? []) {
    if (typeof email.value !== "string") continue;
    const value = fold(email.value);
    isChanged ||= value !== email.value;
    email.value = value;
  }
  return isChanged ? JSON.stringify(document) : search;
}
