/**
 * The server's secret against what it sealed: the check at each start, the finding of `labelgate
 * check`, and `labelgate secret-key discard`, for a secret that is lost for good. What is sealed is
 * store/sealed.ts's business.
 */
import { promises as readline } from "node:readline";
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import {
  countAccessTokens,
  discardLost,
  isForeignSecret,
  type SealedSurvey,
  surveySealed,
  takeSecret,
} from "../store/sealed.ts";
import { CommandFailure } from "./failure.ts";
import { describeDatabase, withDeps } from "./open-deps.ts";

/**
 * Makes sure at the start that the secret opens what is sealed, and seals anew what the former one
 * had sealed.
 * @throws CommandFailure where the secret is another one than what sealed this database
 */
export async function takeSecretOrFail(deps: Deps): Promise<void> {
  const { config, store, log, now } = deps;
  const { survey, resealed } = await store.transaction(async (tx) => {
    const taken = await takeSecret(tx, config, now());
    if (isForeignSecret(taken.survey)) throw new CommandFailure(foreignSecret(config));
    return taken;
  });
  const lost = lostKeys(survey);
  if (lost.length > 0) log.warn({ lost }, `keys of the service provider do not open; ${advice}`);
  if (resealed > 0) log.info({ resealed }, "sealed anew with SECRET_KEY");
}

const advice = "labelgate secret-key discard lists them, and discards them where told so";

function foreignSecret(config: Config): string {
  const isKept = config.databaseUrl === "";
  const where = isKept ? `SECRET_KEY (or ${config.dataDir}/secret_key)` : "SECRET_KEY";
  return `${where} is not the key that sealed this database. ${describeDatabase(config)} was left as it is.
- Give the key back that was used before; a backup${isKept ? " of the data directory" : ""} should have it.
- To change the key, give the former one as SECRET_KEY_PREVIOUS beside the new one.
- Where the former one is lost for good: labelgate secret-key discard lists what is lost with it, and discards that.`;
}

const lostKeys = ({ spKeys }: SealedSurvey): readonly string[] =>
  spKeys
    .filter((key) => key.openedBy === "lost")
    .map(
      ({ organizationId, organizationTitle, state, createdAt }) =>
        `organization ${organizationId} (${organizationTitle}): ${state} key of the service provider, made ${new Date(createdAt).toISOString().slice(0, 10)}`,
    );

/** The findings of `labelgate check`. */
export async function secretFindings({
  config,
  store,
}: Deps): Promise<readonly (readonly ["ok" | "warning" | "problem", string])[]> {
  const survey = await surveySealed(store.db, config);
  if (isForeignSecret(survey)) return [["problem", foreignSecret(config).replaceAll("\n", " ")]];
  const lost = lostKeys(survey).map(
    (line) => ["problem", `Does not open: ${line}; ${advice}.`] as const,
  );
  if (lost.length > 0) return lost;
  const isOld = [survey.canary, ...survey.spKeys.map((key) => key.openedBy)].includes("previous");
  if (isOld) return [["warning", "The next start seals anew what SECRET_KEY_PREVIOUS had sealed."]];
  const ok = "SECRET_KEY opens everything that is sealed.";
  if (config.secretKeyPrevious === "") return [["ok", ok]];
  const rest = "SECRET_KEY_PREVIOUS still lets personal access tokens count that it signed.";
  return [["ok", `${ok} ${rest}`]];
}

/** The command's dialogue with whoever runs it. */
export interface Talk {
  readonly print: (line: string) => void;
  /** The answer to a question; null where nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | null;
}

/**
 * `labelgate secret-key discard`: lists what no secret opens and, told to, discards it.
 * @throws CommandFailure where nobody agreed; nothing is discarded then
 */
export async function discardSealed(isAgreed: boolean, { print, ask }: Talk): Promise<void> {
  await withDeps(async (deps) => {
    const { store, config, now } = deps;
    const survey = await surveySealed(store.db, config);
    const lines = await lossesOf(deps, survey);
    if (lines.length === 0) {
      print("SECRET_KEY opens everything that is sealed; there is nothing to discard.");
      return;
    }
    for (const line of lines) print(line);
    if (!isAgreed) await agreeOrFail(ask);
    const done = await store.transaction((tx) => discardLost(tx, config, now()));
    print(
      `Discarded: ${done.spKeys} key(s) of service providers, ${done.accessTokens} personal access token(s). New keys are made when they are needed; let each identity provider import the SP metadata again.`,
    );
  });
}

async function lossesOf({ store }: Deps, survey: SealedSurvey): Promise<readonly string[]> {
  const keys = lostKeys(survey).map((line) => `Does not open: ${line}`);
  if (survey.canary !== "lost") return keys;
  const tokens = await countAccessTokens(store.db);
  return [
    "This key is not the one that sealed the database.",
    ...keys,
    `Signed by the lost key, and worth nothing: ${tokens} personal access token(s)`,
    "Kept: people, passwords, sessions, links, settings, SCIM tokens, API tokens of 40 digits.",
  ];
}

async function agreeOrFail(ask: Talk["ask"]): Promise<void> {
  if (ask === null) {
    throw new CommandFailure("Nothing was discarded. Say --yes to discard all of this.");
  }
  const answer = await ask("Discard all of this? It cannot be taken back. (yes/no) ");
  if (answer.trim().toLowerCase() !== "yes") throw new CommandFailure("Nothing was discarded.");
}

/** Asks on the terminal, where there is one. */
export function terminalAsk(): Talk["ask"] {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await terminal.question(question);
    } finally {
      terminal.close();
    }
  };
}
