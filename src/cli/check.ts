/**
 * `labelgate check`: configuration, database, migrations, secret key, metadata, certificates, and the Label Studio
 * behind Labelgate (PRODUCT 9.4, GATEWAY 10.1).
 * Prints a line for each; the exit code is 1 where anything keeps people from signing in.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Config, currentEnvironment } from "../config.ts";
import { configWarnings } from "../config-warnings.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { checkUpstream } from "../gateway/check.ts";
import { loadStepStatus, stepFindings } from "../gateway/step-status.ts";
import { parseIdpMetadata } from "../saml/metadata.ts";
import { daysToCertificateEnd, expiryThreshold } from "../sso/metadata-refresh.ts";
import { listOrganizations, listSamlOrganizations } from "../store/saml-organizations.ts";
import { loadSamlByOrganization, type SamlRecord } from "../store/saml-settings.ts";
import { configOrFail, describeDatabase, openDeps } from "./open-deps.ts";
import { secretFindings } from "./secret-key.ts";
import { openStudio } from "./studio.ts";

type Finding = readonly [level: "ok" | "warning" | "problem", sentence: string];

/** Prints the findings; returns the exit code. */
export async function check(print: (line: string) => void): Promise<number> {
  const config = configOrFail();
  const findings: Finding[] = [
    ["ok", "The configuration is complete."],
    ...configWarnings(currentEnvironment(), config).map((text): Finding => ["warning", text]),
    ...(await databaseFindings(config)),
  ];
  for (const [level, sentence] of findings) print(`${level.padEnd(8)} ${sentence}`);
  return findings.some(([level]) => level === "problem") ? 1 : 0;
}

async function databaseFindings(config: Config): Promise<readonly Finding[]> {
  const isNew = config.databaseUrl === "" && !existsSync(join(config.dataDir, "labelgate.db"));
  if (isNew) return [["warning", `${describeDatabase(config)} does not exist; serve makes it.`]];
  const deps = await openDeps({ ...config, logLevel: "silent" }, { logs: "stderr" });
  try {
    const reached: Finding = ["ok", `${describeDatabase(config)} answers.`];
    if (!(await deps.store.isMigrated())) {
      const sentence = "The database is not at this version's migrations; run labelgate migrate.";
      return [reached, ["problem", sentence]];
    }
    const migrated: Finding = ["ok", "The database is at this version's migrations."];
    const secret = await secretFindings(deps);
    const organizations = await organizationFindings(deps);
    return [reached, migrated, ...secret, ...organizations, ...(await studioFindings(deps))];
  } finally {
    await deps.store.close();
  }
}

/** The report on an embedded Label Studio before Labelgate's server runs. */
const notRunning =
  "Label Studio is embedded and does not run now: it runs with Labelgate's server (labelgate serve).";

/** The Label Studio behind Labelgate (GATEWAY 10.1). */
async function studioFindings(deps: Deps): Promise<readonly Finding[]> {
  const { config, store } = deps;
  if (config.upstreamUrl === "") {
    return [["ok", "No Label Studio is connected; UPSTREAM_URL connects one."]];
  }
  const all = await listOrganizations(store.db);
  if (all.length > 1) {
    const names = all.map(({ title }) => title).join(", ");
    return [["problem", `One Label Studio is one organization, and there are several: ${names}.`]];
  }
  const studio = openStudio(deps);
  if (studio === null) return [["ok", notRunning]];
  try {
    const [organization] = all;
    const found = await checkUpstream(deps, studio.upstream);
    const step =
      organization === undefined
        ? []
        : stepFindings(await loadStepStatus(store.db, organization.id));
    return [...found, ...step].map(({ level, text }): Finding => [level, text]);
  } finally {
    await studio.upstream.close();
  }
}

async function organizationFindings(deps: Deps): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const organizationId of await listSamlOrganizations(deps.store.db)) {
    const record = await loadSamlByOrganization(deps.store.db, organizationId);
    const name = `Organization ${organizationId} (${record.organization.title})`;
    for (const [level, text] of metadataFindings(record, deps.now())) {
      findings.push([level, `${name}: ${text}`]);
    }
  }
  return findings;
}

function metadataFindings(record: SamlRecord, nowMs: number): readonly Finding[] {
  const { idpMetadata, idpMetadataError } = record;
  const last: readonly Finding[] =
    idpMetadataError === null
      ? []
      : [["warning", `the last metadata refresh failed: ${idpMetadataError}`]];
  if (idpMetadata === null) {
    return [...last, ["problem", "there is no identity provider metadata; nobody can sign in."]];
  }
  try {
    return [...last, certificateFinding(parseIdpMetadata(idpMetadata, nowMs), nowMs)];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [...last, ["problem", `the metadata on record cannot be used: ${error.message}`]];
  }
}

function certificateFinding(metadata: ReturnType<typeof parseIdpMetadata>, nowMs: number): Finding {
  const days = daysToCertificateEnd(metadata, nowMs);
  if (days === null) return ["problem", "the metadata has no usable signing certificate."];
  if (days < 0) return ["warning", `a signing certificate ended ${-days} day(s) ago.`];
  const ends = `the first signing certificate ends in ${days} day(s).`;
  return [expiryThreshold(days) === null ? "ok" : "warning", ends];
}
