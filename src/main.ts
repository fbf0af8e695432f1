#!/usr/bin/env node
/**
 * The command line: which command does what, and with which exit code (PRODUCT 9.4). 0 done, 1 failed,
 * 2 asked wrongly. What is wrong is told in sentences on standard error; a stack means a bug.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CommandFailure, messageOf } from "./cli/failure.ts";
import { nodeProblem } from "./cli/node-version.ts";
import type { ApplySettings } from "./cli/settings.ts";

const usage = `Usage: labelgate <command>

  serve                          run the server
  migrate                        bring the database to this version
  check                          look at configuration, database, metadata and certificates
  recover <email>                make a one-time link for the Owner
          [--make-owner]         make this person the Owner, the former one an Administrator
          [--organization <id>]  where the person belongs to several
  scim-token <name>              make a SCIM token and print it, this once
          [--days <n>]           let it end after so many days
          [--organization <id>]  where there are several
  secret-key discard             list what SECRET_KEY does not open, and discard it once agreed
          [--yes]                without asking
  settings export                print SAML and SCIM settings as YAML
  settings apply <file>          save settings from YAML ("-" is standard input)
          [--dry-run]            only tell what would change
          [--organization <id>]  where there are several
  upstream status                tell how Label Studio is connected, and who is in step
  upstream settings              print Label Studio's settings file for RS256 credentials
  upstream link <email> <n>      link a person to Label Studio's account n
          [--project] <p> <n>    link a project to Label Studio's project n; n7 is number -7
  upstream accept                accept that another database is behind Label Studio's address
  demo                           run with an identity provider to try it out
  help                           print this

Configuration is by environment variables; docs/configuration.md lists them.
`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

// What a command needs is loaded when it runs: help must not wait for the server's parts.
type Command = (args: readonly string[]) => Promise<number | undefined>;

/** Each command's exit code; undefined for one that goes on. */
const commands: Readonly<Record<string, Command>> = {
  serve: async (args) => {
    read(args, { most: 0 });
    const { serve } = await import("./cli/serve.ts");
    await serve();
    return undefined;
  },
  migrate: async (args) => {
    read(args, { most: 0 });
    const { migrateDatabase } = await import("./cli/migrate.ts");
    const applied = await migrateDatabase();
    print(applied.length === 0 ? "The database is up to date." : `Applied: ${applied.join(", ")}`);
    return 0;
  },
  check: async (args) => {
    read(args, { most: 0 });
    const { check } = await import("./cli/check.ts");
    return await check(print);
  },
  recover: async (args) => {
    const { positionals, values } = read(args, { least: 1, most: 1 });
    const { recover } = await import("./cli/recover.ts");
    const asked = {
      email: positionals[0] ?? "",
      makesOwner: values["make-owner"] ?? false,
      ...(values.organization !== undefined && { organizationId: idOf(values.organization) }),
    };
    print(await recover(asked));
    return 0;
  },
  "scim-token": async (args) => {
    const { positionals, values } = read(args, { least: 1, most: 1 });
    const { makeToken } = await import("./cli/scim-token.ts");
    const organization = values.organization === undefined ? null : idOf(values.organization);
    const days = values.days === undefined ? null : idOf(values.days, "--days");
    print(await makeToken({ name: positionals[0] ?? "", days, organization }));
    return 0;
  },
  "secret-key": async (args) => {
    const { positionals, values } = read(args, { least: 1, most: 1 });
    if (positionals[0] !== "discard") throw misused("secret-key takes discard.");
    const { discardSealed, terminalAsk } = await import("./cli/secret-key.ts");
    await discardSealed(values.yes ?? false, { print, ask: terminalAsk() });
    return 0;
  },
  settings: async (args) => {
    const { positionals, values } = read(args, { least: 1, most: 2 });
    const organization = values.organization === undefined ? null : idOf(values.organization);
    const [action, file] = positionals;
    if (action === "export" && file === undefined) {
      const { exportSettings } = await import("./cli/settings.ts");
      await exportSettings(organization, (text) => process.stdout.write(text));
    } else if (action === "apply" && file !== undefined) {
      const isDryRun = values["dry-run"] ?? false;
      await apply({ file, organization, isDryRun });
    } else {
      throw misused("settings takes export, or apply and a file.");
    }
    return 0;
  },
  upstream: async (args) => await upstream(args),
  demo: async (args) => {
    read(args, { most: 0 });
    return await runDemo();
  },
  help: async () => {
    process.stdout.write(usage);
    return 0;
  },
};

async function upstream(args: readonly string[]): Promise<number> {
  const { positionals, values } = read(args, { least: 1, most: 3 });
  const [action, subject, to] = positionals;
  const commands = await import("./cli/upstream.ts");
  if (action === "settings" && subject === undefined) print(commands.studioSettings());
  else if (action === "status" && subject === undefined) {
    for (const line of await commands.upstreamStatus()) print(line);
  } else if (action === "accept" && subject === undefined) {
    for (const line of await commands.acceptUpstream()) print(line);
  } else if (action === "link" && subject !== undefined && to !== undefined) {
    const upstreamId = idOf(to, "link");
    print(
      await commands.linkUpstream(
        values.project === true
          ? { kind: "project", number: numberOf(subject), upstreamId }
          : { kind: "person", email: subject, upstreamId },
      ),
    );
  } else {
    throw misused("upstream takes settings, status, accept, or link with two more arguments.");
  }
  return 0;
}

/** A project's number as the API has it: minus the internal one where Label Studio gave none. */
function numberOf(text: string): number {
  const number = Number(text.replace(/^n/, "-"));
  if (/^n?[1-9]\d{0,9}$/.test(text)) return number;
  throw misused("A project is a number, with n in place of a minus sign.");
}

async function apply(asked: ApplySettings): Promise<void> {
  const { applySettings } = await import("./cli/settings.ts");
  const lines = await applySettings(asked);
  for (const line of lines) print(line);
  if (lines.length === 0) print("Nothing changes.");
  else print(asked.isDryRun ? "Dry run: nothing was saved." : "Saved.");
}

function read(args: readonly string[], { least = 0, most }: { least?: number; most: number }) {
  const parsed = parseOptions(args);
  const { length } = parsed.positionals;
  if (length < least) throw misused("An argument is missing.");
  if (length > most) throw misused(`Unexpected argument: ${parsed.positionals[most]}.`);
  return parsed;
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "make-owner": { type: "boolean" },
        "dry-run": { type: "boolean" },
        organization: { type: "string" },
        days: { type: "string" },
        project: { type: "boolean" },
        yes: { type: "boolean" },
      },
    });
  } catch (error) {
    throw misused(messageOf(error));
  }
}

function idOf(text: string, option = "--organization"): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw misused(`${option} takes a whole number.`);
}

const misused = (sentence: string): CommandFailure =>
  new CommandFailure(`${sentence}\n\n${usage}`, 2);

/** The demo is a program of its own beside src/, and is not part of the published package. */
async function runDemo(): Promise<number> {
  const path = fileURLToPath(new URL("../demo/main.ts", import.meta.url));
  if (!existsSync(path)) {
    throw new CommandFailure("The demo is part of the source repository only: npm run demo there.");
  }
  const child = spawn(process.execPath, [path], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

async function main([name = "help", ...args]: readonly string[]): Promise<void> {
  const known = name === "--help" || name === "-h" ? "help" : name;
  try {
    const command = Object.hasOwn(commands, known) ? commands[known] : undefined;
    if (command === undefined) throw misused(`There is no command ${name}.`);
    const problem = known === "help" ? null : nodeProblem(process.versions.node);
    if (problem !== null) throw new CommandFailure(problem);
    const exitCode = await command(args);
    if (exitCode !== undefined) process.exitCode = exitCode;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    process.stderr.write(`${error.message.trimEnd()}\n`);
    // What is open by now, such as connections to the database, must not hold the process.
    process.exit(error.exitCode);
  }
}

await main(process.argv.slice(2));
