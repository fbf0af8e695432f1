/**
 * As much of an Okta tenant as its CRUD file asks for: people, their assignment to one SCIM app, and
 * what such an app is sent for each event (scim-clients 1.2): a look-up before a person is created, a
 * GET and a PUT of the whole person for everything after that, never a DELETE.
 */
import assert from "node:assert/strict";
import type { ScimClient } from "../flows/scim-world.ts";
import type { OktaAnswer, OktaRequest } from "./okta-file.ts";

interface OktaProfile {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly title?: string;
}

interface OktaUser {
  readonly id: string;
  profile: OktaProfile;
  /** The resource at the SCIM server, once the person was assigned to the app. */
  scimId: string | null;
}

/** Answers Okta's own API, and provisions what was changed. */
export class OktaTenant {
  readonly #client: ScimClient;
  readonly #users = new Map<string, OktaUser>();

  constructor(client: ScimClient) {
    this.#client = client;
  }

  /** The answer to a request to `/api/v1/…`. */
  async answer({ method, url, body }: OktaRequest): Promise<OktaAnswer> {
    const said = body === undefined ? {} : JSON.parse(body);
    const path = url.replace(/\?.*$/, "");
    const id = /\/users\/([^/]+)/.exec(path)?.[1] ?? said.id;
    if (/\/apps\/[^/]+$/.test(path)) return { status: 200, body: {} };
    if (path.endsWith("/api/v1/users")) return { status: 200, body: this.#add(said.profile) };
    const user = this.#users.get(id);
    assert.ok(user, `${method} ${path} is about nobody`);
    if (method === "PUT") return await this.#update(user, said.profile);
    if (path.endsWith("/lifecycle/deactivate")) return await this.#push(user, false);
    if (path.endsWith("/lifecycle/activate")) return { status: 200, body: {} };
    if (path.includes("/apps/") && method === "POST") return await this.#assign(user);
    if (path.includes("/apps/") && method === "DELETE") {
      await this.#push(user, false);
      return { status: 204, body: null };
    }
    throw new Error(`the file asks Okta something new: ${method} ${path}`);
  }

  #add(profile: OktaProfile): { readonly id: string } {
    const id = `00u${this.#users.size + 1}`;
    this.#users.set(id, { id, profile, scimId: null });
    return { id };
  }

  async #update(user: OktaUser, profile: OktaProfile): Promise<OktaAnswer> {
    user.profile = { ...user.profile, ...profile };
    return await this.#push(user, true);
  }

  async #assign(user: OktaUser): Promise<OktaAnswer> {
    const { email } = user.profile;
    const [found] = await this.#client.find(
      "Users",
      `userName eq "${email}"`,
      "&startIndex=1&count=100",
    );
    if (found !== undefined) {
      user.scimId = found.id;
      return await this.#push(user, true);
    }
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const person = { schemas, ...this.#whole(user, true), groups: [], password: "1mz050nq" };
    const { body } = await this.#client.expect(201, "POST", "/Users", person);
    user.scimId = body.id;
    return { status: 200, body: {} };
  }

  async #push(user: OktaUser, active: boolean): Promise<OktaAnswer> {
    const path = `/Users/${user.scimId}`;
    const { body } = await this.#client.expect(200, "GET", path);
    await this.#client.expect(200, "PUT", path, { ...body, ...this.#whole(user, active) });
    return { status: 200, body: {} };
  }

  #whole({ id, profile }: OktaUser, active: boolean): object {
    const { firstName: givenName, lastName: familyName, email, title } = profile;
    return {
      userName: email,
      name: { givenName, familyName },
      emails: [{ primary: true, value: email, type: "work" }],
      displayName: `${givenName} ${familyName}`,
      locale: "en-US",
      externalId: id,
      ...(title === undefined ? {} : { title }),
      active,
    };
  }
}
