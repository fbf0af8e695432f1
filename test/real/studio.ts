/**
 * Labelgate in front of a real Label Studio, and people who signed in to it by SAML: each with the cookie
 * of a session and an API token of their own. What a person asks goes out byte for byte as a test wrote it.
 * Laying things out in Label Studio is the test's business.
 */
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { createSigner, type Signer } from "../../demo/signer.ts";
import { type Answer, type LabelStudio, type RawRequest, send } from "./label-studio.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";

export const domain = "contoso.com";

/** Roles as SAML groups give them (PRODUCT 4). */
export type RoleName = "Administrator" | "Manager" | "Reviewer" | "Annotator";

/** Somebody whom the identity provider vouches for. */
export interface Identity {
  /** The part of the address before `@`. */
  readonly name: string;
  readonly role: RoleName;
  /** Label Studio's numbers of the projects whose group they are in. */
  readonly projects: readonly number[];
  readonly firstName?: string;
}

/** A person who has signed in. */
export interface Person {
  readonly email: string;
  /** The Cookie header of their session. */
  readonly cookie: string;
  /** A personal API token. */
  readonly token: string;
}

/** Labelgate, and how it is asked. */
export interface Studio {
  readonly labelgate: Labelgate;
  readonly signer: Signer;
  /** Signs in as the identity provider says, and takes an API token on the account page. */
  signIn(identity: Identity): Promise<Person>;
  /** Asks with nothing but what the request itself holds. */
  ask(request: RawRequest & { readonly path: string }): Promise<Answer>;
  /** Asks with a personal token; `body` is sent as JSON. */
  as(person: Pick<Person, "token">, method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same as the Owner, with the parsed answer; rejects unless the status is 2xx. */
  owner<Type = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Type>;
  stop(): Promise<void>;
}

/** The group that puts somebody into a project. */
const groupOf = (project: number): string => `project ${project}`;

/** Starts Labelgate before `labelStudio`, with a mapping for each role and for each of `projects`. */
export async function startStudio(
  browser: Browser,
  labelStudio: LabelStudio,
  projects: readonly number[],
  env: Readonly<Record<string, string>> = {},
): Promise<Studio> {
  const signer = createSigner({
    entityId: "https://idp.contoso.com/metadata",
    ssoUrl: "https://idp.contoso.com/sso",
  });
  const labelgate = await startLabelgate(browser, {
    UPSTREAM_URL: labelStudio.origin,
    UPSTREAM_SECRET_KEY: labelStudio.secretKey,
    SAML_ALLOW_UNSOLICITED: "1",
    LOG_LEVEL: "warn",
    ...env,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const stop = async (): Promise<void> => {
    agent.destroy();
    await labelgate.stop();
  };
  try {
    const studio = studioOf(labelgate, signer, agent, stop);
    await waitForProjects(studio, projects);
    await labelgate.saveSettings({
      domain,
      metadata_xml: signer.metadataXml(),
      roles_groups: ["Administrator", "Manager", "Reviewer", "Annotator"].map((role) => [
        role,
        role,
      ]),
      projects_groups: projects.map((id) => ({
        project_id: id,
        group: groupOf(id),
        role: "Inherit",
      })),
    });
    return studio;
  } catch (error) {
    await stop();
    throw error;
  }
}

function studioOf(
  labelgate: Labelgate,
  signer: Signer,
  agent: Agent,
  stop: () => Promise<void>,
): Studio {
  const { baseUrl } = labelgate;
  const ask: Studio["ask"] = async ({ path, ...request }) =>
    await send(agent, `${baseUrl}${path}`, request);
  const as: Studio["as"] = async ({ token }, method, path, body) =>
    await ask({
      ...{ method, path },
      headers: {
        authorization: `Token ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    ...{ labelgate, signer, ask, as, stop },
    signIn: async (identity) => await signIn({ labelgate, signer, ask }, identity),
    owner: async <Type>(method: string, path: string, body?: unknown) => {
      const answer = await as({ token: labelgate.ownerToken }, method, path, body);
      if (answer.status >= 300) {
        throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 2_000)}`);
      }
      return (answer.text === "" ? null : JSON.parse(answer.text)) as Type;
    },
  };
}

/** Waits until Labelgate has seen these projects in Label Studio. */
async function waitForProjects(studio: Studio, projects: readonly number[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  let seen = "";
  while (Date.now() < deadline) {
    const token = studio.labelgate.ownerToken;
    const answer = await studio.as({ token }, "GET", "/api/projects?page_size=100");
    seen = `${answer.status} ${answer.text.slice(0, 500)}`;
    if (answer.status === 200) {
      const { results } = JSON.parse(answer.text) as { results: { id: number }[] };
      if (projects.every((id) => results.some((project) => project.id === id))) return;
    }
    await sleep(300);
  }
  throw new Error(`Labelgate did not list the projects ${projects.join()}: ${seen}`);
}

async function signIn(
  { labelgate, signer, ask }: Pick<Studio, "labelgate" | "signer" | "ask">,
  { name, role, projects, firstName = name }: Identity,
): Promise<Person> {
  const { acs_url: acsUrl } = await labelgate.saveSettings({});
  const email = `${name}@${domain}`;
  const response = signer.respondBase64({
    ...{ acsUrl, nowMs: Date.now(), inResponseTo: null, email, sign: "both" },
    firstName,
    lastName: "Person",
    groups: [role, ...projects.map(groupOf)],
  });
  const answer = await ask({
    method: "POST",
    path: new URL(acsUrl).pathname,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ SAMLResponse: response, RelayState: "" }).toString(),
  });
  const cookies = (answer.headers["set-cookie"] ?? []).map((line) => line.split(";")[0] ?? "");
  const cookie = cookies.filter((pair) => !pair.endsWith("=")).join("; ");
  if (answer.status !== 303 || cookie === "") {
    throw new Error(`${email} was not signed in: ${answer.status} ${answer.text}`);
  }
  return { email, cookie, token: await takeToken(ask, cookie) };
}

/** Presses the button "API token" on the account page. */
async function takeToken(ask: Studio["ask"], cookie: string): Promise<string> {
  const page = await ask({ method: "GET", path: "/user/account", headers: { cookie } });
  const formToken = /name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1];
  if (formToken === undefined) throw new Error(`no form token: ${page.status} ${page.text}`);
  const answer = await ask({
    method: "POST",
    path: "/user/account/token",
    headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrf_token: formToken }).toString(),
  });
  const token = /<code class="secret">([0-9a-f]{40})</.exec(answer.text)?.[1];
  if (token === undefined) throw new Error(`no token: ${answer.status} ${answer.text}`);
  return token;
}
