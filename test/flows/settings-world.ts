/**
 * A small world for tests of the settings API: Labelgate with one organization, people of every role
 * with API tokens, and a web server that answers the metadata a test chooses.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Change, Plan } from "../../src/access/changes.ts";
import type { OrgRole } from "../../src/access/roles.ts";
import { resetApiToken } from "../../src/people/api-tokens.ts";
import { applyPlan } from "../../src/store/apply.ts";
import { createProject, createWorkspace } from "../../src/store/projects.ts";
import { listRevisions } from "../../src/store/revisions.ts";
import { loadSamlByOrganization } from "../../src/store/saml-settings.ts";
import { openTestApp, type TestApp } from "../app.ts";
import type { Engine } from "../engines.ts";

export const settingsPath = "/api/saml/settings";
export const scimPath = "/api/scim/settings";

/** What a test reads of an answer; each field is checked where it is used. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
  readonly body: any;
}

/** A web server whose documents a test chooses. */
export class MetadataServer {
  readonly documents = new Map<string, { status: number; text: string }>();
  readonly #server: Server = createServer((request, response) => {
    const found = this.documents.get(request.url ?? "") ?? { status: 404, text: "no" };
    response.writeHead(found.status).end(found.text);
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** The address at which this text is answered from now on. */
  serve(path: string, text: string, status = 200): string {
    this.documents.set(path, { status, text });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Labelgate with one organization and tokens of its people. */
export class SettingsWorld {
  readonly test: TestApp;
  readonly organizationId: number;
  readonly #tokens: Map<string, string>;

  private constructor(test: TestApp, organizationId: number, tokens: Map<string, string>) {
    this.test = test;
    this.organizationId = organizationId;
    this.#tokens = tokens;
  }

  static async open(engine: Engine, env: Record<string, string> = {}): Promise<SettingsWorld> {
    const test = await openTestApp(engine, { env });
    return await SettingsWorld.inside(test, "Contoso");
  }

  /** An organization more on the same server. */
  static async inside(test: TestApp, title: string): Promise<SettingsWorld> {
    const { organizationId } = await test.createOrganizationWithOwner({
      title,
      email: `owner@${title.toLowerCase()}.example`,
    });
    const world = new SettingsWorld(test, organizationId, new Map());
    const owner = await test.store.db
      .selectFrom("memberships")
      .where("organization_id", "=", organizationId)
      .select("user_id")
      .executeTakeFirstOrThrow();
    await world.#giveToken("OW", owner.user_id);
    return world;
  }

  async #giveToken(name: string, userId: number): Promise<void> {
    const holder = { userId, organizationId: this.organizationId };
    this.#tokens.set(name, await resetApiToken(this.test.deps, holder));
  }

  /** A member of this role, with what else the changes say; their token goes by the role. */
  async addMember(role: OrgRole, more: readonly Change[] = []): Promise<number> {
    const email = `${role.toLowerCase()}@people.example`;
    const changes: Change[] = [
      { kind: "user_created", email, firstName: "", lastName: "" },
      { kind: "membership_created", role, source: "scim" },
      ...more,
    ];
    const plan: Plan = { email, userId: null, changes, reasons: [] };
    const { userId } = await this.test.store.transaction((tx) =>
      applyPlan(tx, {
        organizationId: this.organizationId,
        plan,
        actor: { kind: "system" },
        at: this.test.clock.now(),
        action: "test",
      }),
    );
    await this.#giveToken(role, userId);
    return userId;
  }

  async send(
    method: "GET" | "POST" | "DELETE",
    url: string,
    {
      payload,
      type,
      as = "OW",
    }: { payload?: string | Buffer; type?: string; as?: string | null } = {},
  ): Promise<Answer> {
    const token = as === null ? undefined : this.#tokens.get(as);
    const response = await this.test.app.inject({
      method,
      url,
      headers: {
        ...(token === undefined ? {} : { authorization: `Token ${token}` }),
        ...(type === undefined ? {} : { "content-type": type }),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(response.headers["content-type"]).includes("json");
    return { status: response.statusCode, body: isJson ? response.json() : response.body };
  }

  async get(url = settingsPath): Promise<Answer> {
    return await this.send("GET", url);
  }

  async post(body: unknown, url = settingsPath, as = "OW"): Promise<Answer> {
    return await this.send("POST", url, {
      payload: JSON.stringify(body),
      type: "application/json",
      as,
    });
  }

  /** Saves and expects that to work. */
  async save(body: unknown, url = settingsPath) {
    const { status, body: answer } = await this.post(body, url);
    assert.equal(status, 200, JSON.stringify(answer));
    return answer;
  }

  /** Saves and expects a refusal with nothing saved; answers the sentences. */
  async refuse(
    body: unknown,
    url = settingsPath,
  ): Promise<Partial<Record<string, readonly string[]>>> {
    const before = await this.get(url);
    const { status, body: answer } = await this.post(body, url);
    assert.equal(status, 400, JSON.stringify(answer));
    assert.equal(answer.status_code, 400);
    assert.equal(answer.detail, "Validation error");
    assert.equal(answer.exc_info, null);
    assert.deepEqual(await this.get(url), before, "nothing may be half saved");
    return answer.validation_errors;
  }

  async addProject(title = "Cats"): Promise<number> {
    return await createProject(this.test.store.db, {
      organizationId: this.organizationId,
      title,
      workspaceId: null,
      at: 1,
    });
  }

  async addWorkspace(title: string): Promise<number> {
    const made = { organizationId: this.organizationId, title, createdBy: null, at: 1 };
    return (await createWorkspace(this.test.store.db, made)) ?? assert.fail("made before");
  }

  async record() {
    return await loadSamlByOrganization(this.test.store.db, this.organizationId);
  }

  async revisions(kind: "saml" | "scim" = "saml") {
    const { organizationId } = this;
    return await listRevisions(this.test.store.db, { organizationId, kind });
  }
}

/** The codes of an answer's warnings, in order. */
export const codesOf = (answer: { warnings: { code: string }[] }) =>
  answer.warnings.map(({ code }) => code);

/** Names in an order that does not matter. */
export const sorted = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1));

/** A part of a multipart form; with a file name it is a file. */
interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly text: string | Buffer;
}

/** A multipart form as a browser sends it. */
export function multipart(parts: readonly Part[]): { payload: Buffer; type: string } {
  const boundary = "labelgate-test-boundary";
  const chunks = parts.flatMap(({ name, filename, text }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? "" : `; filename="${filename}"\r\nContent-Type: text/xml`),
    Buffer.from("\r\n\r\n"),
    Buffer.from(text),
    Buffer.from("\r\n"),
  ]);
  const payload = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { payload, type: `multipart/form-data; boundary=${boundary}` };
}
