/**
 * A world for test sign-ins: an organization with an identity provider and people of every role, what they
 * ask of the API, and a census of the database, since a test sign-in must leave it as it was.
 */
import assert from "node:assert/strict";
import { inflateRawSync } from "node:zlib";
import type { Answer } from "./settings-world.ts";
import type { Browser, SsoWorld } from "./sso-world.ts";

/** Who asks: the Owner, or a member whose role is the name. */
export type Asker = "OW" | "AD" | "MA" | "RE" | "AN" | null;

/** Tables that a test sign-in may not touch, but for its own. */
const tables = [
  ...(["users", "memberships", "workspaces", "workspace_members", "project_members"] as const),
  ...(["scim_assignments", "sessions", "pending_logins", "replay_ids", "sign_in_log"] as const),
  ...(["audit_log", "settings_revisions", "saml_settings", "saml_domains"] as const),
];

/** Every row of those tables, as text. */
export async function census(world: SsoWorld): Promise<Readonly<Record<string, string>>> {
  const rows = await Promise.all(
    tables.map(async (table) => {
      const found = await world.test.store.db.selectFrom(table).selectAll().execute();
      return [table, found.map((row) => JSON.stringify(row)).join("\n")] as const;
    }),
  );
  return Object.fromEntries(rows);
}

/** Asks the API as one of the organization's people. */
export class Askers {
  readonly #world: SsoWorld;
  readonly #tokens = new Map<Asker, string>();

  constructor(world: SsoWorld) {
    this.#world = world;
  }

  /** The address of the person; the Owner's is that of the test application. */
  emailOf(asker: Exclude<Asker, null>): string {
    const title = this.#world.record.organization.title.toLowerCase();
    return asker === "OW" ? `owner@${title}.com` : `${asker.toLowerCase()}@${title}.com`;
  }

  /** Gives everybody a token, and the settings the metadata as an administrator would. */
  async open(): Promise<void> {
    const { test, organizationId, signer } = this.#world;
    await this.#world.saveSettings({ metadataXml: signer.metadataXml() });
    for (const asker of ["OW", "AD", "MA", "RE", "AN"] as const) {
      const email = this.emailOf(asker);
      if (asker !== "OW") await test.addMember({ organizationId, email, role: asker });
      this.#tokens.set(asker, await test.apiToken(email, organizationId));
    }
  }

  async post(url: string, body: unknown, as: Asker = "OW"): Promise<Answer> {
    const payload = JSON.stringify(body);
    return await this.#send({ method: "POST", url, payload, type: "application/json" }, as);
  }

  async postForm(url: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    const payload = new URLSearchParams(form).toString();
    const type = "application/x-www-form-urlencoded";
    return await this.#send({ method: "POST", url, payload, type }, "OW");
  }

  async get(url: string, as: Asker = "OW"): Promise<Answer> {
    return await this.#send({ method: "GET", url }, as);
  }

  async #send({ type, ...request }: Sent, as: Asker): Promise<Answer> {
    const token = this.#tokens.get(as);
    const response = await this.#world.test.app.inject({
      ...request,
      headers: {
        ...(type === undefined ? {} : { "content-type": type }),
        ...(token === undefined ? {} : { authorization: `Token ${token}` }),
      },
    });
    return { status: response.statusCode, body: response.json() };
  }
}

interface Sent {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly payload?: string;
  readonly type?: string;
}

/** The result of one check of a story. */
export function resultOf(story: Answer["body"], id: string): string {
  const found = story.checks.find((check: { id: string }) => check.id === id);
  assert.ok(found, id);
  return found.result;
}

export const testPath = "/api/saml/settings/test";

/** A browser in which this person of the world is signed in by password. */
export async function signedInBrowser(world: SsoWorld, email: string): Promise<Browser> {
  const browser = world.browser();
  const cookie = await world.test.signedInCookie(email, world.organizationId);
  const [name = "", value = ""] = cookie.split("=");
  browser.cookies.set(name, value);
  return browser;
}

/** A test sign-in that waits for its answer in a browser. */
export interface WaitingTestSignIn {
  readonly id: string;
  /** The address that began it. */
  readonly url: string;
  /** Where the browser was sent. */
  readonly location: URL;
  readonly inResponseTo: string;
}

/** The Owner prepares a test sign-in with this patch and begins it in the browser. */
export async function beginTestSignIn(
  askers: Askers,
  browser: Browser,
  patch: object = {},
): Promise<WaitingTestSignIn> {
  const { status, body } = await askers.post(testPath, patch);
  assert.equal(status, 200, JSON.stringify(body));
  return { id: body.id, url: body.url, ...(await visit(browser, body.url)) };
}

/** Goes to the address of a test sign-in, as far as the identity provider reads the request. */
export async function visit(
  browser: Browser,
  url: string,
): Promise<{ readonly location: URL; readonly inResponseTo: string }> {
  const response = await browser.get(url);
  assert.equal(response.statusCode, 302, response.body);
  const location = new URL(String(response.headers["location"]));
  const encoded = location.searchParams.get("SAMLRequest") ?? "";
  const request = inflateRawSync(Buffer.from(encoded, "base64")).toString();
  return { location, inResponseTo: / ID="([^"]+)"/.exec(request)?.[1] ?? assert.fail(request) };
}

/** The page of the administrators' app that shows the story. */
export const storyPage = (id: string) => `/organization/security/sso/test/${id}`;

/** What the API answers of the test sign-in to the Owner. */
export async function testSignInOf(askers: Askers, id: string): Promise<Answer["body"]> {
  const { status, body } = await askers.get(`${testPath}/${id}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
