/** An organization with one person of each role, and their calls of its API, for tests. */
import assert from "node:assert/strict";
import type { InjectOptions } from "fastify";
import type { OrgRole } from "../../src/access/roles.ts";
import { formTokenOf } from "../../src/http/csrf.ts";
import { hashSessionToken } from "../../src/store/sessions.ts";
import { openTestApp, type Seeded, type TestApp, type TestOptions } from "../app.ts";
import type { Engine } from "../engines.ts";

/** An answer, its JSON read. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape, and assert what is in them
  readonly body: any;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What a person calls: method, address, body. */
export type Call = (
  method: "GET" | "POST" | "PATCH" | "DELETE" | "PUT",
  url: string,
  body?: unknown,
) => Promise<Answer>;

/** The organization, its people, and what each of them calls. */
export interface World {
  readonly t: TestApp;
  readonly organizationId: number;
  /** Address of the organization in the API. */
  readonly at: string;
  readonly people: Readonly<Record<OrgRole, Seeded>>;
  /** Calls with the API token of this person. */
  callAs(email: string): Promise<Call>;
  readonly owner: Call;
  readonly admin: Call;
}

const names: Readonly<Record<Exclude<OrgRole, "OW">, string>> = {
  AD: "adam@contoso.com",
  MA: "mary@contoso.com",
  RE: "rene@contoso.com",
  AN: "anna@contoso.com",
  NO: "nora@contoso.com",
  DI: "dina@contoso.com",
};

/** Opens the world, lets `work` act in it, closes it. */
export async function withWorld(
  engine: Engine,
  options: TestOptions,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const t = await openTestApp(engine, options);
  try {
    await work(await seedWorld(t));
  } finally {
    await t.close();
  }
}

async function seedWorld(t: TestApp): Promise<World> {
  const OW = await t.createOrganizationWithOwner({ title: "Contoso", email: "olga@contoso.com" });
  const { organizationId } = OW;
  const add = async (role: Exclude<OrgRole, "OW">) =>
    await t.addMember({ organizationId, email: names[role], role });
  const people = {
    OW,
    AD: await add("AD"),
    MA: await add("MA"),
    RE: await add("RE"),
    AN: await add("AN"),
    NO: await add("NO"),
    DI: await add("DI"),
  };
  const calls = new Map<string, Call>();
  const callAs = async (email: string): Promise<Call> => {
    // A person has one such token: making another would end it.
    const call = calls.get(email) ?? callWith(t, await t.apiToken(email, organizationId));
    calls.set(email, call);
    return call;
  };
  return {
    t,
    organizationId,
    at: `/api/organizations/${organizationId}`,
    people,
    callAs,
    owner: await callAs(people.OW.email),
    admin: await callAs(people.AD.email),
  };
}

/** Calls with this API token. */
export function callWith(t: TestApp, token: string): Call {
  return async (method, url, body) => {
    const options: InjectOptions = { method, url, headers: { authorization: `Token ${token}` } };
    if (body !== undefined) options.payload = body as object;
    const answer = await t.app.inject(options);
    const isJson = String(answer.headers["content-type"] ?? "").startsWith("application/json;");
    return {
      status: answer.statusCode,
      body: isJson && answer.body !== "" ? answer.json() : null,
      text: answer.body,
      headers: answer.headers,
    };
  };
}

/** What a browser with this session's cookie sends when it changes something. */
export function sessionHeaders(t: TestApp, cookie: string): Readonly<Record<string, string>> {
  const hash = hashSessionToken(cookie.slice(cookie.indexOf("=") + 1));
  return { cookie, "x-csrftoken": formTokenOf(t.deps.config, hash) };
}

/** That the call was refused with this status and a sentence like this. */
export function assertRefused(answer: Answer, status: number, sentence: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.body.detail, sentence);
}
