/**
 * `labelgate settings export|apply`: one organization's SAML and SCIM settings as YAML, with the
 * field names, checks and sentences of the API (PRODUCT 9.4). A dry run does everything that saving
 * does, in a transaction that is then taken back.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { renderSamlFields, renderScim } from "../settings/answer.ts";
import { parseSentSaml } from "../settings/by-hand.ts";
import { fetchMetadata } from "../settings/fetch-metadata.ts";
import { isWholeRecord } from "../settings/import-record.ts";
import type { FetchMetadata } from "../settings/metadata-source.ts";
import { ownerWarnings, suspendedOwners, tellOwners } from "../settings/owner-confirmation.ts";
import { Problems } from "../settings/problems.ts";
import { parseSent } from "../settings/project-numbers.ts";
import { type Saver, saveSaml, saveScim } from "../settings/save.ts";
import { scimPatchSchema } from "../settings/schema.ts";
import type { Warning } from "../settings/warnings.ts";
import { listOwners } from "../store/organizations.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { loadScimSettings } from "../store/scim-settings.ts";
import type { Db } from "../store/store.ts";
import { toWire } from "../store/wire-numbers.ts";
import { CommandFailure, messageOf } from "./failure.ts";
import { withDeps } from "./open-deps.ts";

/** The contents of a settings file; both parts are patches or whole records, as the API takes them. */
const fileSchema = z.strictObject({
  saml: z.record(z.string(), z.unknown()).optional(),
  scim: z.record(z.string(), z.unknown()).optional(),
});

/** Prints the settings of the organization as YAML that `apply` takes. */
export async function exportSettings(
  organization: number | null,
  print: (text: string) => void,
): Promise<void> {
  await withDeps(async (deps) => {
    const organizationId = await chooseOrganization(deps, organization);
    print(stringify(await currentSettings(deps, organizationId), { lineWidth: 0 }));
  });
}

/** The settings as the API answers them: projects by its numbers. */
async function currentSettings(
  { config, store }: Pick<Deps, "config" | "store">,
  id: number,
): Promise<Current> {
  const { db } = store;
  const { settings } = await loadSamlByOrganization(db, id);
  const answer = {
    saml: renderSamlFields(settings),
    scim: renderScim(await loadScimSettings(db, id)),
  };
  const wire = config.upstreamUrl === "" ? answer : await toWire(db, answer);
  return JSON.parse(JSON.stringify(wire)) as Current;
}

/** Options of `apply`. */
export interface ApplySettings {
  /** A path, or "-" for standard input. */
  readonly file: string;
  readonly organization: number | null;
  readonly isDryRun: boolean;
}

/** Saves the file's settings; returns one line for each field that changed, or would. */
export async function applySettings(asked: ApplySettings): Promise<readonly string[]> {
  const parts = readSettingsFile(asked.file);
  return await withDeps((deps) => applyParts(deps, asked, parts));
}

async function applyParts(
  deps: Deps,
  asked: ApplySettings,
  parts: Parts,
): Promise<readonly string[]> {
  const organizationId = await chooseOrganization(deps, asked.organization);
  const before = await currentSettings(deps, organizationId);
  const saver = await saverFor(deps, organizationId);
  const fetch = await fetchedBefore(deps, parts);
  const suspended = await suspendedOwners(deps, await recordOf(deps, saver));
  const after = await inOneTransaction(deps, asked, (inner) =>
    save(inner, fetch, { saver, parts }),
  );
  const record = await recordOf(deps, saver);
  const isNew = ({ userId }: { userId: number }) => suspended.every((one) => one.userId !== userId);
  await tellOwners(deps, (await suspendedOwners(deps, record)).filter(isNew));
  return [
    ...differences("saml", before.saml, after.saml),
    ...differences("scim", before.scim, after.scim),
    ...after.warnings.map(({ field, message }) => `Note on ${field}: ${message}`),
  ];
}

type Parts = z.output<typeof fileSchema>;
/** The settings after a save, and what there is to say of it. */
type Applied = Current & { readonly warnings: readonly Warning[] };
/** Both parts, as a file of settings has them. */
interface Current {
  readonly saml: Readonly<Record<string, unknown>>;
  readonly scim: Readonly<Record<string, unknown>>;
}

function readSettingsFile(file: string): Parts {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new CommandFailure(`The settings file cannot be read: ${messageOf(error)}`);
  }
  const document = parseDocument(text, { uniqueKeys: true });
  const [first] = document.errors;
  if (first !== undefined) throw new CommandFailure(`The file is not valid YAML: ${first.message}`);
  const read: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  // What `GET /api/saml/settings` answered, kept as a file.
  const parsed = fileSchema.safeParse(isWholeRecord(read) ? { saml: read } : read);
  if (parsed.success) return parsed.data;
  throw new CommandFailure(
    "A settings file has the two parts saml and scim, each with fields, or is what GET /api/saml/settings answered.",
  );
}

/** The document of the file's metadata URL, fetched before the transaction, which must be short. */
async function fetchedBefore(deps: Deps, { saml }: Parts): Promise<FetchMetadata> {
  const url = saml?.["metadata_url"];
  if (typeof url !== "string" || url === "") return (other) => fetchMetadata(deps.config, other);
  const [fetched] = await Promise.allSettled([fetchMetadata(deps.config, url)]);
  return async () => {
    if (fetched.status === "rejected") throw fetched.reason;
    return fetched.value;
  };
}

async function recordOf({ store }: Deps, { principal }: Saver) {
  return await loadSamlByOrganization(store.db, principal.organizationId);
}

const sent = (fields: unknown) => ({ fields, problems: new Problems() });

/** Either all of the file is saved, or nothing. */
async function save(
  deps: Deps,
  fetch: FetchMetadata,
  { saver, parts }: { saver: Saver; parts: Parts },
): Promise<Applied> {
  const warnings: Warning[] = [];
  try {
    if (parts.saml !== undefined) {
      const parsed = await parseSentSaml(deps, sent(parts.saml));
      warnings.push(...(await saveSaml(deps, fetch, saver, parsed)));
      warnings.push(...(await ownerWarnings(deps, await recordOf(deps, saver))));
    }
    if (parts.scim !== undefined) {
      const parsed = await parseSent(deps, scimPatchSchema, sent(parts.scim));
      warnings.push(...(await saveScim(deps, saver, parsed)));
    }
  } catch (error) {
    throw error instanceof AppError ? new CommandFailure(problemsOf(error)) : error;
  }
  return { ...(await currentSettings(deps, saver.principal.organizationId)), warnings };
}

function problemsOf(error: AppError): string {
  const lines = Object.entries(error.fields ?? {}).flatMap(([field, sentences]) =>
    sentences.map((sentence) => `- ${field}: ${sentence}`),
  );
  return lines.length === 0 ? error.message : `Nothing was saved.\n${lines.join("\n")}`;
}

/** Carries the result of a dry run out of its transaction. */
class TakenBack extends Error {
  readonly result: Applied;

  constructor(result: Applied) {
    super("dry run");
    this.result = result;
  }
}

/** Runs `work` on a store that is one transaction; a dry run takes it back. */
async function inOneTransaction(
  { store, ...deps }: Deps,
  { isDryRun }: ApplySettings,
  work: (inner: Deps) => Promise<Applied>,
): Promise<Applied> {
  try {
    return await store.transaction(async (tx) => {
      const transaction = <T>(inner: (same: Db) => Promise<T>) => inner(tx);
      const result = await work({ ...deps, store: { ...store, db: tx, transaction } });
      if (isDryRun) throw new TakenBack(result);
      return result;
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.result;
    throw error;
  }
}

function differences(part: string, before: object, after: object): readonly string[] {
  return Object.entries(after)
    .filter(([field, value]) => !isDeepStrictEqual(value, Reflect.get(before, field)))
    .map(
      ([field, value]) =>
        `${part}.${field}: ${shown(Reflect.get(before, field))} → ${shown(value)}`,
    );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}

/** The organization that a command means: the one named, else the only one. @throws CommandFailure */
export async function chooseOrganization(deps: Deps, asked: number | null): Promise<number> {
  const all = await listOrganizations(deps.store.db);
  const list = all.map(({ id, title }) => `${id} (${title})`).join(", ");
  if (all.length === 0) throw new CommandFailure("There is no organization yet.");
  if (asked === null) {
    const [only, ...more] = all;
    if (only !== undefined && more.length === 0) return only.id;
    throw new CommandFailure(`Name one organization with --organization: ${list}.`, 2);
  }
  if (all.some(({ id }) => id === asked)) return asked;
  throw new CommandFailure(`There is no organization ${asked}; there are: ${list}.`);
}

/** The command line saves in the Owner's name: whoever has the shell and the database may. */
async function saverFor(deps: Deps, organizationId: number): Promise<Saver> {
  const [owner] = await listOwners(deps.store.db, organizationId);
  if (owner === undefined) throw new CommandFailure("The organization has no Owner.");
  return {
    principal: {
      userId: owner.userId,
      organizationId,
      email: owner.email,
      role: "OW",
      via: "session",
      sessionId: null,
    },
    isOperator: true,
    ip: "command line",
    requestId: `cli-${deps.randomToken(6)}`,
  };
}
