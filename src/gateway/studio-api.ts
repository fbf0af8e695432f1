/**
 * Label Studio's API for people and projects, one function for each operation. Answers that are not
 * expected are errors here; what follows from the others is people.ts's and projects.ts's.
 */
import type { AppError } from "../errors.ts";
import type { SeenProject } from "../store/upstream-projects.ts";
import type { StudioAccount } from "./account-match.ts";
import type { AskUpstream } from "./in-step.ts";
import {
  accountFields,
  badAnswer,
  projectFields,
  readAccount,
  readAccounts,
  readProject,
  readProjectPage,
} from "./studio-records.ts";

/** Listing everybody takes Label Studio a query for each. */
const listMs = 120_000;
const pageSize = 100;

/** The account as which Labelgate asks, and the organization that it opens. */
export async function loadServiceAccount(
  upstream: AskUpstream,
): Promise<{ readonly id: number; readonly organization: number }> {
  const { status, json } = await upstream.ask("GET", "/api/current-user/whoami");
  if (status !== 200) throw unexpected("whoami", status);
  const { id, activeOrganization } = readAccount(json);
  if (activeOrganization === null) {
    throw badAnswer("The service account belongs to no organization of Label Studio.");
  }
  return { id, organization: activeOrganization };
}

/** Everybody of the organization, those whose membership was taken too. */
export async function listAccounts(upstream: AskUpstream): Promise<readonly StudioAccount[]> {
  const target = `/api/users/?include=${accountFields}`;
  const { status, json } = await upstream.ask("GET", target, { timeoutMs: listMs });
  if (status !== 200) throw unexpected("the list of accounts", status);
  return readAccounts(json);
}

/** The account of that number, or null where the organization has none. */
export async function loadAccount(
  upstream: AskUpstream,
  id: number,
): Promise<StudioAccount | null> {
  const { status, json } = await upstream.ask("GET", `/api/users/${id}/?include=${accountFields}`);
  if (status === 404) return null;
  if (status !== 200) throw unexpected("an account", status);
  return readAccount(json);
}

/** A new account, or why Label Studio makes none. */
export type MadeAccount =
  | { readonly outcome: "made"; readonly account: StudioAccount }
  | { readonly outcome: "exists" }
  | { readonly outcome: "refused"; readonly problem: string };

/** Makes an account. Without a password: nobody signs in to it but by Labelgate. */
export async function makeAccount(
  upstream: AskUpstream,
  person: { readonly email: string; readonly firstName: string; readonly lastName: string },
  organization: number,
): Promise<MadeAccount> {
  const { email, firstName, lastName } = person;
  const { status, json } = await upstream.ask("POST", "/api/users/", {
    body: {
      email,
      username: email,
      first_name: firstName,
      last_name: lastName,
      active_organization: organization,
    },
  });
  if (status === 201) return { outcome: "made", account: readAccount(json) };
  const problems = validationErrors(json);
  if (status !== 400) throw unexpected("a new account", status);
  const [emailProblem = ""] = problems["email"] ?? [];
  if (/already exists/i.test(emailProblem)) return { outcome: "exists" };
  const sentences = Object.entries(problems).map(([field, texts]) => `${field}: ${texts[0] ?? ""}`);
  const told = sentences.join(" ").slice(0, 500);
  return { outcome: "refused", problem: `Label Studio makes no such account. ${told}`.trim() };
}

/** Names, and the organization that the account opens. */
export async function changeAccount(
  upstream: AskUpstream,
  id: number,
  changes: {
    readonly first_name?: string;
    readonly last_name?: string;
    readonly active_organization?: number;
  },
): Promise<void> {
  const { status } = await upstream.ask("PATCH", `/api/users/${id}/`, { body: changes });
  if (status !== 200) throw unexpected("the change of an account", status);
}

/**
 * All projects of the organization. A list that changed while it was read, or that is short, is an
 * error: nothing may follow from it.
 */
export async function listAllProjects(upstream: AskUpstream): Promise<readonly SeenProject[]> {
  const found = new Map<number, SeenProject>();
  let total = 0;
  for (let page = 1; page === 1 || found.size < total; page += 1) {
    const target = `/api/projects/?page=${page}&page_size=${pageSize}&ordering=id&include=${projectFields}`;
    const { status, json } = await upstream.ask("GET", target, { timeoutMs: listMs });
    if (status !== 200) throw unexpected("the list of projects", status);
    const { count, projects } = readProjectPage(json);
    if (page > 1 && count !== total) throw badAnswer("The list of projects changed while read.");
    total = count;
    const before = found.size;
    for (const project of projects) found.set(project.upstreamId, project);
    if (found.size === before && found.size < total) {
      throw badAnswer(`The list of projects ended after ${found.size} of ${total}.`);
    }
  }
  return [...found.values()];
}

/** The project of that number, or null where the organization has none. */
export async function loadStudioProject(
  upstream: AskUpstream,
  id: number,
): Promise<SeenProject | null> {
  const target = `/api/projects/${id}/?include=${projectFields}`;
  const { status, json } = await upstream.ask("GET", target);
  if (status === 404) return null;
  if (status !== 200) throw unexpected("a project", status);
  return readProject(json);
}

/** The numbers of everybody who made an annotation in the project, those who have left too. */
export async function listAnnotators(
  upstream: AskUpstream,
  project: number,
): Promise<readonly number[]> {
  const { status, json } = await upstream.ask("GET", `/api/projects/${project}/annotators/`);
  if (status === 404) return [];
  if (status !== 200) throw unexpected("the annotators of a project", status);
  return readAccounts(json).map(({ id }) => id);
}

function validationErrors(json: unknown): Readonly<Record<string, readonly string[]>> {
  const errors =
    typeof json === "object" && json !== null && "validation_errors" in json
      ? json.validation_errors
      : null;
  if (typeof errors !== "object" || errors === null) return {};
  return Object.fromEntries(
    Object.entries(errors).map(([field, texts]) => [field, [texts].flat().map(String)]),
  );
}

function unexpected(what: string, status: number): AppError {
  return badAnswer(`Label Studio answered ${status} where Labelgate asked for ${what}.`);
}

/** The number of the organization's owner; null where Label Studio knows none. */
export async function loadStudioOwner(
  upstream: AskUpstream,
  organization: number,
): Promise<number | null> {
  const { status, json } = await upstream.ask("GET", `/api/organizations/${organization}`);
  if (status !== 200) throw unexpected("the organization", status);
  const owner: unknown = Reflect.get(Object(json), "created_by");
  return typeof owner === "number" ? owner : null;
}
