/**
 * A small world for tests of provisioning: an organization whose SAML settings trust a signer, a SCIM
 * client with a token, and what the directory says of people. Shared by the flows and by the tests of
 * each identity provider's client.
 */
import assert from "node:assert/strict";
import type { GroupMappings } from "../../src/access/mappings.ts";
import type { SamlSettings } from "../../src/access/settings-table.ts";
import { resetApiToken } from "../../src/people/api-tokens.ts";
import { makeScimToken } from "../../src/provisioning/tokens.ts";
import { findUserByEmail, loadAccess, loadMembership } from "../../src/store/people.ts";
import { createProject } from "../../src/store/projects.ts";
import type { TestApp, TestOptions } from "../app.ts";
import type { Engine } from "../engines.ts";
import { SsoWorld } from "./sso-world.ts";

/** An answer, its JSON read. */
export interface ScimAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape, and assert what is in them
  readonly body: any;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export type ScimMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "TRACE";

/** How a client sends a request beside its method and address. */
export interface Sending {
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly prefix?: string;
}

/** A SCIM client with its token. */
export class ScimClient {
  readonly test: TestApp;
  readonly token: string;
  readonly #sending: Sending;

  constructor(test: TestApp, token: string, sending: Sending = {}) {
    this.test = test;
    this.token = token;
    this.#sending = sending;
  }

  /** The same client with other ways. */
  as(sending: Sending): ScimClient {
    return new ScimClient(this.test, this.token, { ...this.#sending, ...sending });
  }

  /** Sends a request; a text body goes as it is. */
  async send(method: ScimMethod, path: string, body?: unknown): Promise<ScimAnswer> {
    const { headers = {}, type = "application/scim+json", prefix = "/scim/v2" } = this.#sending;
    const answer = await this.test.app.inject({
      method,
      url: `${prefix}${path}`,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": type }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = answer.body;
    const { statusCode: status } = answer;
    return { status, text, body: text === "" ? null : JSON.parse(text), headers: answer.headers };
  }

  /** Sends a request and expects this status. */
  async expect(
    status: number,
    method: ScimMethod,
    path: string,
    body?: unknown,
  ): Promise<ScimAnswer> {
    const answer = await this.send(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer;
  }

  /** Resources that a filter finds. */
  async find(type: "Users" | "Groups", filter: string, more = "") {
    const query = `?filter=${encodeURIComponent(filter)}${more}`;
    return (await this.expect(200, "GET", `/${type}${query}`)).body.Resources;
  }

  /** A user's id. */
  async addUser(userName: string, more: object = {}): Promise<string> {
    return (await this.expect(201, "POST", "/Users", { userName, ...more })).body.id;
  }

  /** A group's id. */
  async addGroup(displayName: string, ...members: readonly string[]): Promise<string> {
    const body = { displayName, members: members.map((value) => ({ value })) };
    return (await this.expect(201, "POST", "/Groups", body)).body.id;
  }

  async patch(status: number, path: string, ...operations: readonly object[]) {
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    return await this.expect(status, "PATCH", path, { schemas, Operations: operations });
  }
}

/** An organization with a SCIM client. */
export class ScimWorld {
  readonly sso: SsoWorld;
  readonly client: ScimClient;

  constructor(sso: SsoWorld, client: ScimClient) {
    this.sso = sso;
    this.client = client;
  }

  static async open(
    engine: Engine,
    options: {
      readonly saml?: Partial<SamlSettings>;
      readonly env?: Record<string, string>;
      readonly mappings?: Partial<GroupMappings>;
      readonly wiring?: NonNullable<TestOptions["wiring"]>;
    } = {},
  ): Promise<ScimWorld> {
    const sso = await SsoWorld.open(engine, options.saml, options.env, options.wiring);
    const world = new ScimWorld(sso, await clientOf(sso));
    if (options.mappings !== undefined) await world.map(options.mappings);
    return world;
  }

  /** Another organization on the same server, with a client of its own. */
  async neighbour(title: string): Promise<ScimWorld> {
    const sso = await this.sso.neighbour(title);
    return new ScimWorld(sso, await clientOf(sso));
  }

  get test(): TestApp {
    return this.sso.test;
  }

  get organizationId(): number {
    return this.sso.organizationId;
  }

  /** Saves the SCIM mappings by the API, as the Owner. */
  async map({ roles = [], workspaces = [], projects = [] }: Partial<GroupMappings>) {
    const names = { AD: "Administrator", MA: "Manager", RE: "Reviewer", AN: "Annotator" } as const;
    const projectNames = { AN: "Annotator", RE: "Reviewer", IN: "Inherit" } as const;
    await this.api("POST", "/api/scim/settings", {
      roles_groups: roles.map(({ role, group }) => [names[role], group]),
      workspaces_groups: workspaces.map(({ workspace, group }) => [workspace, group]),
      projects_groups: projects.map(({ projectId, group, role }) => ({
        project_id: projectId,
        group,
        role: projectNames[role],
      })),
    });
  }

  /** Calls the site's API as the Owner; expects success. */
  async api(method: "GET" | "POST" | "DELETE" | "PATCH", url: string, payload?: object) {
    const token = await this.ownerToken();
    const answer = await this.test.app.inject({
      method,
      url,
      headers: { authorization: `Token ${token}` },
      ...(payload === undefined ? {} : { payload }),
    });
    assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.body}`);
    return answer.body === "" ? null : answer.json();
  }

  #ownerToken: string | null = null;

  /** The personal token of the Owner, made once. */
  async ownerToken(): Promise<string> {
    const owner = await this.owner();
    this.#ownerToken ??= await resetApiToken(this.test.deps, {
      userId: owner.userId,
      organizationId: this.organizationId,
    });
    return this.#ownerToken;
  }

  async owner(): Promise<{ readonly userId: number; readonly email: string }> {
    return await this.test.store.db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .where("memberships.organization_id", "=", this.organizationId)
      .where("memberships.role", "=", "OW")
      .select(["users.id as userId", "users.email"])
      .executeTakeFirstOrThrow();
  }

  async addProject(title = "Cats"): Promise<number> {
    const { organizationId } = this;
    return await createProject(this.test.store.db, {
      organizationId,
      title,
      workspaceId: null,
      at: 1,
    });
  }

  /** Role and source, such as "AN scim"; null for somebody who is no member. */
  async roleOf(email: string): Promise<string | null> {
    const user = await findUserByEmail(this.test.store.db, email);
    if (user === null) return null;
    const membership = await loadMembership(this.test.store.db, this.organizationId, user.id);
    return membership === null ? null : `${membership.role} ${membership.roleSource}`;
  }

  async namesOf(email: string): Promise<string> {
    const user = await findUserByEmail(this.test.store.db, email);
    return user === null ? "" : `${user.firstName} ${user.lastName}`;
  }

  /** What the person belongs to, such as ["Engineering scim", "7 RE saml"]. */
  async accessOf(email: string): Promise<readonly string[]> {
    const user = await findUserByEmail(this.test.store.db, email);
    if (user === null) return [];
    const { workspaces, projects } = await loadAccess(
      this.test.store.db,
      this.organizationId,
      user.id,
    );
    return [
      ...workspaces.flatMap(({ title, sources }) => sources.map((source) => `${title} ${source}`)),
      ...projects.flatMap(({ id, grants }) =>
        grants.map(
          ({ role, source, isPending }) => `${id} ${role} ${source}${isPending ? " pending" : ""}`,
        ),
      ),
    ];
  }

  /** The assignment records of the person, such as "organization LS-Admins AD". */
  async assignmentsOf(email: string): Promise<readonly string[]> {
    const rows = await this.test.store.db
      .selectFrom("scim_assignments")
      .innerJoin("users", "users.id", "scim_assignments.user_id")
      .where("users.email", "=", email)
      .where("scim_assignments.organization_id", "=", this.organizationId)
      .select(["scope", "group_name", "target", "role"])
      .execute();
    return rows
      .map((row) => [row.scope, row.group_name, row.target, row.role].filter(Boolean).join(" "))
      .sort();
  }

  /** The ids of a group's members, in order. */
  async membersOf(groupId: string): Promise<readonly string[]> {
    const { body } = await this.client.expect(200, "GET", `/Groups/${groupId}`);
    return body.members.map(({ value }: { value: string }) => value).sort();
  }

  /** A sign-in by SAML: where it leads, "/" or the denied page. */
  async signOn(email: string, groups: readonly string[] = []): Promise<string> {
    const says = { email, groups, firstName: "Saml", lastName: "Name" };
    const answer = await this.sso.signOn(this.sso.browser(), says);
    return String(answer.headers["location"]).replace(/.*(denied).*/, "$1");
  }

  close(): Promise<void> {
    return this.test.close();
  }
}

async function clientOf(sso: SsoWorld): Promise<ScimClient> {
  const holder = { organizationId: sso.organizationId, actor: { kind: "system" } } as const;
  const { token } = await makeScimToken(sso.test.deps, holder, { name: "test", days: null });
  return new ScimClient(sso.test, token);
}
