/**
 * A small world for sign-in tests: Labelgate on a fresh database, an organization whose SAML settings
 * trust a signer, and browsers that keep cookies. The identity provider is fake, the store is real.
 */
import { inflateRawSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { createSigner, type RespondOptions, type Signer } from "../../demo/signer.ts";
import { defaultSamlSettings, type SamlSettings } from "../../src/access/settings-table.ts";
import { serviceProviderUrls } from "../../src/saml/urls.ts";
import { saveIdpMetadata, saveSaml } from "../../src/store/saml-save.ts";
import { loadSamlByOrganization, type SamlRecord } from "../../src/store/saml-settings.ts";
import { openTestApp, type TestApp, type TestOptions } from "../app.ts";
import type { Engine } from "../engines.ts";

/** One key pair for every test: making RSA keys is the slow part. */
const keyMaker = createSigner({ entityId: "x", ssoUrl: "https://x.example" });

export const idpEntityId = "https://idp.example/metadata";
export const ssoUrl = "https://idp.example/sso";

/** What a person's identity provider says, beside what the world fills in. */
export type Says = Partial<RespondOptions>;

/** A browser: it keeps cookies per server and follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  /** Cookies that come along in requests from other sites. */
  readonly #crossSite = new Set<string>();
  readonly #app: FastifyInstance;
  readonly #ip: string;

  constructor(app: FastifyInstance, ip = "127.0.0.1") {
    this.#app = app;
    this.#ip = ip;
  }

  async get(url: string) {
    const headers = this.#headers();
    const remoteAddress = this.#ip;
    return this.#keep(await this.#app.inject({ method: "GET", url, headers, remoteAddress }));
  }

  async post(url: string, form: Readonly<Record<string, string>>) {
    const response = await this.#app.inject({
      method: "POST",
      url,
      headers: { ...this.#headers(), "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams(form).toString(),
      remoteAddress: this.#ip,
    });
    return this.#keep(response);
  }

  /** A form on another site that posts here, as the identity provider's and an attacker's do. */
  async postFromElsewhere(url: string, form: Readonly<Record<string, string>>) {
    const response = await this.#app.inject({
      method: "POST",
      url,
      headers: {
        ...headersOf([...this.cookies].filter(([name]) => this.#crossSite.has(name))),
        "content-type": "application/x-www-form-urlencoded",
        origin: "https://elsewhere.example",
        "sec-fetch-site": "cross-site",
      },
      payload: new URLSearchParams(form).toString(),
      remoteAddress: this.#ip,
    });
    return this.#keep(response);
  }

  /** Sends the form of a page that came from this server, with whatever `changed` says. */
  async submit(page: { readonly body: string }, changed: Readonly<Record<string, string>> = {}) {
    const action = /<form method="post" action="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const fields = [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const form = Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value]));
    return await this.post(action, { ...form, ...changed });
  }

  #headers(): Record<string, string> {
    return headersOf([...this.cookies]);
  }

  #keep(response: Awaited<ReturnType<FastifyInstance["inject"]>>) {
    for (const cookie of response.cookies) {
      const isGone = cookie.value === "" || cookie.maxAge === 0;
      if (isGone) this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie.value);
      if (cookie.sameSite === "None") this.#crossSite.add(cookie.name);
    }
    return response;
  }
}

function headersOf(cookies: readonly (readonly [string, string])[]): Record<string, string> {
  if (cookies.length === 0) return {};
  return { cookie: cookies.map(([name, value]) => `${name}=${value}`).join("; ") };
}

/** Labelgate with one organization that trusts one signer. */
export class SsoWorld {
  readonly test: TestApp;
  readonly organizationId: number;
  readonly signer: Signer;
  record: SamlRecord;

  private constructor(test: TestApp, organizationId: number, signer: Signer, record: SamlRecord) {
    this.test = test;
    this.organizationId = organizationId;
    this.signer = signer;
    this.record = record;
  }

  static async open(
    engine: Engine,
    settings: Partial<SamlSettings> = {},
    env: Record<string, string> = {},
    wiring: NonNullable<TestOptions["wiring"]> = {},
  ): Promise<SsoWorld> {
    const test = await openTestApp(engine, { env, wiring });
    const { organizationId } = await test.createOrganizationWithOwner({ title: "Contoso" });
    const signer = newSigner(idpEntityId);
    const world = new SsoWorld(
      test,
      organizationId,
      signer,
      await loadSamlByOrganization(test.store.db, organizationId),
    );
    await world.saveSettings({ domain: "contoso.com", domains: ["contoso.com"], ...settings });
    await world.trust(signer.metadataXml());
    return world;
  }

  /** Another organization on the same server, with an identity provider and a key of its own. */
  async neighbour(title: string, settings: Partial<SamlSettings> = {}): Promise<SsoWorld> {
    const { test } = this;
    const { organizationId } = await test.createOrganizationWithOwner({ title });
    const signer = newSigner(`https://idp.${title.toLowerCase()}.example/metadata`, {
      fresh: true,
    });
    const record = await loadSamlByOrganization(test.store.db, organizationId);
    const world = new SsoWorld(test, organizationId, signer, record);
    await world.saveSettings(settings);
    await world.trust(signer.metadataXml());
    return world;
  }

  get urls() {
    return serviceProviderUrls(this.test.deps.config.baseUrl, this.record.token);
  }

  path(name: "acs" | "login" | "logout" | "metadata" | "xml"): string {
    return new URL(this.urls[name]).pathname;
  }

  browser(ip?: string): Browser {
    return new Browser(this.test.app, ip);
  }

  async saveSettings(settings: Partial<SamlSettings>): Promise<void> {
    const { store, clock, organizationId } = { ...this.test, organizationId: this.organizationId };
    const merged = { ...defaultSamlSettings, ...this.record.settings, ...settings };
    await store.transaction(async (tx) => {
      await saveSaml(tx, {
        organizationId,
        settings: merged,
        actorUserId: null,
        at: clock.now(),
      });
    });
    this.record = await loadSamlByOrganization(this.test.store.db, organizationId);
  }

  async trust(metadataXml: string): Promise<void> {
    await saveIdpMetadata(this.test.store.db, {
      organizationId: this.organizationId,
      metadataUrl: this.record.settings.metadataUrl,
      xml: metadataXml,
      at: this.test.clock.now(),
      error: null,
    });
    this.record = await loadSamlByOrganization(this.test.store.db, this.organizationId);
  }

  /** Goes to the Login URL and tells the request's ID, as an identity provider would read it. */
  async begin(browser: Browser, next?: string): Promise<string> {
    const query = next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
    const response = await browser.get(this.path("login") + query);
    const location = new URL(String(response.headers["location"]));
    const encoded = location.searchParams.get("SAMLRequest") ?? "";
    const request = inflateRawSync(Buffer.from(encoded, "base64")).toString("utf8");
    const id = / ID="([^"]+)"/.exec(request)?.[1];
    if (id === undefined) throw new Error(`no AuthnRequest came: ${response.statusCode}`);
    return id;
  }

  /** The record as the store has it now. */
  async reload(): Promise<void> {
    this.record = await loadSamlByOrganization(this.test.store.db, this.organizationId);
  }

  respond(says: Says, signer = this.signer): string {
    return signer.respondBase64({
      acsUrl: this.urls.acs,
      nowMs: this.test.clock.now(),
      email: "alice@contoso.com",
      firstName: "Alice",
      lastName: "Abel",
      groups: [],
      sign: "both",
      ...says,
    });
  }

  /** A whole sign-in of a browser; answers what the ACS answered. */
  async signOn(browser: Browser, says: Says = {}, next?: string) {
    const inResponseTo = await this.begin(browser, next);
    return await browser.post(this.path("acs"), {
      SAMLResponse: this.respond({ inResponseTo, ...says }),
    });
  }

  /** Code of the newest row in the sign-in log. */
  async lastCode(): Promise<string | null> {
    return (await this.lastAttempt()).code;
  }

  async lastAttempt() {
    return await this.test.store.db
      .selectFrom("sign_in_log")
      .selectAll()
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
  }

  async roleOf(email: string): Promise<{ role: string; source: string } | null> {
    const row = await this.test.store.db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .where("users.email", "=", email)
      .where("memberships.organization_id", "=", this.organizationId)
      .select(["memberships.role", "memberships.role_source"])
      .executeTakeFirst();
    return row === undefined ? null : { role: row.role, source: row.role_source };
  }

  async workspacesOf(email: string): Promise<string[]> {
    const rows = await this.test.store.db
      .selectFrom("workspace_members")
      .innerJoin("workspaces", "workspaces.id", "workspace_members.workspace_id")
      .innerJoin("users", "users.id", "workspace_members.user_id")
      .where("users.email", "=", email)
      .where("workspace_members.organization_id", "=", this.organizationId)
      .select("workspaces.title")
      .orderBy("workspaces.title")
      .execute();
    return rows.map((row) => row.title);
  }

  close(): Promise<void> {
    return this.test.close();
  }
}

/** A signer with the shared key unless `fresh`, so that key rollovers can be told apart. */
export function newSigner(
  entityId: string,
  { fresh = false, ...certificate }: { fresh?: boolean; certificateNotAfterMs?: number } = {},
): Signer {
  return createSigner({
    entityId,
    ssoUrl,
    ...certificate,
    ...(fresh
      ? {}
      : { keyPair: { privateKey: keyMaker.privateKey, publicKey: keyMaker.publicKey } }),
  });
}
