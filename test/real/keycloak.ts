/**
 * Configures Keycloak by its admin REST API, step by step as an administrator would by hand: a realm,
 * groups and people, and a SAML client imported from Labelgate's own metadata.
 *
 * Every name on the wire (`saml.server.signature`…) is Keycloak's; here they are given in words.
 */
import { administrator } from "./keycloak-server.ts";

/** Which parts Keycloak signs and encrypts, and what it asks of requests. */
export interface SamlOptions {
  readonly signResponse?: boolean;
  readonly signAssertion?: boolean;
  /** Encrypts the assertion for the certificate that the imported metadata carried. */
  readonly encrypt?: boolean;
  /** Refuses AuthnRequests that the client's imported certificate did not sign. */
  readonly requireSignedRequests?: boolean;
  /** The certificate that signed requests are checked with, as base64 without header lines. */
  readonly requestCertificate?: string;
  /** Keycloak's name of the signature algorithm, such as RSA_SHA256. */
  readonly signatureAlgorithm?: string;
  /** Canonicalization, by its algorithm's URI. */
  readonly canonicalization?: string;
  /** Content encryption algorithm, by its XML Encryption URI. */
  readonly encryptionAlgorithm?: string;
  /** Key transport algorithm, by its XML Encryption URI. */
  readonly keyTransportAlgorithm?: string;
}

export interface Person {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly groups: readonly string[];
}

/** Everybody's password; the realm lives as long as one test. */
export const everyonesPassword = "correct horse battery staple";

interface ClientRepresentation {
  id?: string;
  clientId?: string;
  attributes?: Record<string, string>;
  redirectUris?: string[];
  [field: string]: unknown;
}

/** A source of realm keys; every value of its configuration is a list of one. */
interface KeyProvider {
  readonly config: { active?: string[] };
}

interface KeyList {
  readonly keys: readonly {
    readonly certificate?: string;
    readonly status: string;
    readonly providerId: string;
    readonly use: string;
    readonly algorithm: string;
  }[];
}

const attributeNames: Readonly<Record<keyof SamlOptions, string>> = {
  signResponse: "saml.server.signature",
  signAssertion: "saml.assertion.signature",
  encrypt: "saml.encrypt",
  requireSignedRequests: "saml.client.signature",
  requestCertificate: "saml.signing.certificate",
  signatureAlgorithm: "saml.signature.algorithm",
  canonicalization: "saml_signature_canonicalization_method",
  encryptionAlgorithm: "saml.encryption.algorithm",
  keyTransportAlgorithm: "saml.encryption.keyAlgorithm",
};

/** The path segment under which Keycloak starts a sign-in by itself. */
const idpInitiatedName = "labelgate";

const basic = { "attribute.nameformat": "Basic" };
const property = (name: string, attribute: string): object => ({
  name,
  protocol: "saml",
  protocolMapper: "saml-user-property-mapper",
  config: { ...basic, "user.attribute": attribute, "attribute.name": name, "friendly.name": name },
});

/** Labelgate's default attribute names (PRODUCT 3.1), groups as several values of one attribute. */
const mappers: readonly object[] = [
  property("Email", "email"),
  property("FirstName", "firstName"),
  property("LastName", "lastName"),
  {
    name: "Groups",
    protocol: "saml",
    protocolMapper: "saml-group-membership-mapper",
    config: { ...basic, "attribute.name": "Groups", single: "true", "full.path": "false" },
  },
];

/** The admin REST API of one server, with a token of its administrator. */
class AdminApi {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** A fresh token for each call: they last a minute, and these runs are not in a hurry. */
  async #token(): Promise<string> {
    const answer = await fetch(`${this.#baseUrl}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "password",
        client_id: "admin-cli",
        ...administrator,
      }),
    });
    if (!answer.ok)
      throw new Error(`Keycloak gave no token: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  /** Calls `/admin/realms<path>`; resolves with the JSON of the answer, or null where it is empty. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const isText = typeof body === "string";
    const answer = await fetch(`${this.#baseUrl}/admin/realms${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.#token()}`,
        "content-type": isText ? "application/xml" : "application/json",
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Keycloak ${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}

/** One realm: an identity provider of its own, with its own issuer, keys and people. */
export class Realm {
  readonly name: string;
  readonly issuer: string;
  readonly #api: AdminApi;

  private constructor(baseUrl: string, name: string) {
    this.name = name;
    this.issuer = `${baseUrl}/realms/${name}`;
    this.#api = new AdminApi(baseUrl);
  }

  static async create(baseUrl: string, name: string): Promise<Realm> {
    const realm = new Realm(baseUrl, name);
    await realm.#api.call("POST", "", { realm: name, enabled: true, sslRequired: "none" });
    return realm;
  }

  get metadataUrl(): string {
    return `${this.issuer}/protocol/saml/descriptor`;
  }

  /** Where a portal's tile would lead: a response that answers no request. */
  get idpInitiatedUrl(): string {
    return `${this.issuer}/protocol/saml/clients/${idpInitiatedName}`;
  }

  /**
   * Imports Labelgate's metadata as Keycloak's "Import client" page does, then sets the options and
   * the attribute mappers.
   */
  async importClient(
    spMetadata: string,
    acsUrl: string,
    options: SamlOptions,
  ): Promise<SamlClient> {
    const imported = (await this.#call(
      "POST",
      "/client-description-converter",
      spMetadata,
    )) as ClientRepresentation;
    await this.#call("POST", "/clients", {
      ...imported,
      protocolMappers: mappers,
      attributes: {
        ...imported.attributes,
        "saml.authnstatement": "true",
        saml_idp_initiated_sso_url_name: idpInitiatedName,
        saml_assertion_consumer_url_post: acsUrl,
      },
    });
    const client = new SamlClient((method, path, body) => this.#call(method, path, body), acsUrl);
    await client.configure(options);
    return client;
  }

  async addGroups(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#call("POST", "/groups", { name });
  }

  async addPerson(person: Person): Promise<void> {
    await this.#call("POST", "/users", {
      username: person.email,
      email: person.email,
      firstName: person.firstName,
      lastName: person.lastName,
      enabled: true,
      emailVerified: true,
      groups: person.groups,
      credentials: [{ type: "password", value: everyonesPassword, temporary: false }],
    });
  }

  /** Makes `groups` the person's only groups, and ends their sessions here. */
  async changeGroups(email: string, groups: readonly string[]): Promise<void> {
    const [user] = (await this.#call(
      "GET",
      `/users?exact=true&email=${encodeURIComponent(email)}`,
    )) as { id: string }[];
    if (user === undefined) throw new Error(`the realm has no ${email}`);
    const held = (await this.#call("GET", `/users/${user.id}/groups`)) as { id: string }[];
    for (const { id } of held) await this.#call("DELETE", `/users/${user.id}/groups/${id}`);
    const all = (await this.#call("GET", "/groups")) as { id: string; name: string }[];
    for (const { id } of all.filter(({ name }) => groups.includes(name))) {
      await this.#call("PUT", `/users/${user.id}/groups/${id}`, {});
    }
    await this.#call("POST", `/users/${user.id}/logout`);
  }

  /** Adds an RSA key that signs from now on; those before it stay published, but passive. */
  async rotateSigningKey(): Promise<void> {
    const former = await this.#signingKeyProviders();
    await this.#call("POST", "/components", {
      name: "next-signing-key",
      providerId: "rsa-generated",
      providerType: "org.keycloak.keys.KeyProvider",
      config: { priority: ["200"], enabled: ["true"], active: ["true"], algorithm: ["RS256"] },
    });
    for (const id of former) {
      const component = (await this.#call("GET", `/components/${id}`)) as KeyProvider;
      component.config.active = ["false"];
      await this.#call("PUT", `/components/${id}`, component);
    }
  }

  /** Removes every passive signing key, as an administrator does some days after a rotation. */
  async removePassiveKeys(): Promise<void> {
    for (const id of await this.#signingKeyProviders()) {
      const component = (await this.#call("GET", `/components/${id}`)) as KeyProvider;
      if (component.config.active?.[0] === "false") await this.#call("DELETE", `/components/${id}`);
    }
  }

  /** The certificate that this realm signs with, as base64 without header lines. */
  async signingCertificate(): Promise<string> {
    const active = (await this.#signingKeys()).find((key) => key.status === "ACTIVE");
    if (active?.certificate === undefined) throw new Error("the realm signs with no certificate");
    return active.certificate;
  }

  async #signingKeys(): Promise<KeyList["keys"]> {
    const { keys } = (await this.#call("GET", "/keys")) as KeyList;
    return keys.filter((key) => key.use === "SIG" && key.algorithm === "RS256");
  }

  async #signingKeyProviders(): Promise<readonly string[]> {
    return [...new Set((await this.#signingKeys()).map((key) => key.providerId))];
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.#api.call(method, `/${this.name}${path}`, body);
  }
}

/** Labelgate as this realm knows it. */
export class SamlClient {
  readonly #call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly #clientId: string;

  constructor(
    call: (method: string, path: string, body?: unknown) => Promise<unknown>,
    clientId: string,
  ) {
    this.#call = call;
    this.#clientId = clientId;
  }

  /** Sets the options that are given and leaves the others as they are. */
  async configure(options: SamlOptions): Promise<void> {
    const path = `/clients?clientId=${encodeURIComponent(this.#clientId)}`;
    const [client] = (await this.#call("GET", path)) as ClientRepresentation[];
    if (client === undefined) throw new Error(`the realm has no client ${this.#clientId}`);
    const attributes = { ...client.attributes };
    for (const [option, value] of Object.entries(options)) {
      attributes[attributeNames[option as keyof SamlOptions]] = String(value);
    }
    await this.#call("PUT", `/clients/${client.id}`, { ...client, attributes });
  }
}
