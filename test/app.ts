/**
 * The whole application for tests: the real store, the real routes, a clock that tests move, a log
 * that tests read, and people to begin with. Nothing of Labelgate itself is faked.
 */
import { tmpdir } from "node:os";
import { Writable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { OrgRole } from "../src/access/roles.ts";
import { isSecureOrigin, parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createApp, type Wiring } from "../src/http/app.ts";
import { createLogger } from "../src/http/log.ts";
import type { Studio } from "../src/http/studio.ts";
import { resetApiToken } from "../src/people/api-tokens.ts";
import { hashPassword } from "../src/people/password.ts";
import { join, newOrganization } from "../src/people/sign-up.ts";
import { randomToken } from "../src/random.ts";
import { fetchMetadata } from "../src/settings/fetch-metadata.ts";
import { findUserByEmail } from "../src/store/people.ts";
import { createSession, hashSessionToken } from "../src/store/sessions.ts";
import type { Store } from "../src/store/store.ts";
import type { Engine } from "./engines.ts";

/** A clock that stands still until it is moved. */
export interface TestClock {
  readonly nowMs: number;
  now(): number;
  advance(ms: number): void;
}

/** A person who joined, as tests name them. */
export interface Seeded {
  readonly organizationId: number;
  readonly userId: number;
  readonly email: string;
}

/** The application and what tests do to it. */
export interface TestApp {
  readonly app: FastifyInstance;
  readonly deps: Deps;
  readonly store: Store;
  readonly clock: TestClock;
  /** Every line of the log so far, as it would be printed. */
  readonly log: () => string;
  /** An organization with its Owner, owner@<title>.com unless told, without a password unless told. */
  createOrganizationWithOwner(made: {
    title: string;
    email?: string;
    password?: string;
  }): Promise<Seeded>;
  /** One more person, added by hand. */
  addMember(made: {
    organizationId: number;
    email: string;
    role: OrgRole;
    password?: string;
  }): Promise<Seeded>;
  /** The Cookie header of a session that just began. */
  signedInCookie(email: string, organizationId: number): Promise<string>;
  /** A personal API token: 40 hex digits. */
  apiToken(email: string, organizationId: number): Promise<string>;
  close(): Promise<void>;
}

/** How to open the application; `env` and `config` are both its environment. */
export interface TestOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
  readonly wiring?: Partial<Wiring>;
  /** A Label Studio behind Labelgate; made once the rest is there. */
  readonly studio?: (deps: Deps) => Studio;
}

const sessionMs = 14 * 24 * 3_600_000;

/** A fresh application on a fresh database of `engine`. */
export async function openTestApp(
  engine: Pick<Engine, "open">,
  options: TestOptions = {},
): Promise<TestApp> {
  const config = parseConfig({
    SECRET_KEY: "a secret key for tests, of sufficient length",
    DATA_DIR: tmpdir(),
    // The tests' clock stands still, so that what a client may send would never grow again.
    SCIM_REQUESTS_PER_SECOND: "0",
    ...options.env,
    ...options.config,
  });
  const store = await engine.open();
  const clock = createClock(options.nowMs ?? Date.UTC(2026, 0, 5, 9, 30));
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const deps: Deps = {
    config,
    store,
    now: () => clock.nowMs,
    randomToken,
    log: createLogger(config, destination),
  };
  const app = await createApp(deps, {
    fetchMetadata: async (url) => await fetchMetadata(config, url),
    ...options.wiring,
    ...(options.studio && { studio: options.studio(deps) }),
  });
  return {
    app,
    deps,
    store,
    clock,
    log: () => lines.join(""),
    ...seedHelpers(deps),
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}

function createClock(startMs: number): TestClock {
  let nowMs = startMs;
  return {
    get nowMs() {
      return nowMs;
    },
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

interface NewMember {
  readonly organizationId: number;
  readonly email: string;
  readonly role: OrgRole;
  readonly password?: string;
}

function seedHelpers(deps: Deps) {
  const addMember = async ({ organizationId, email, role, password }: NewMember) => {
    const passwordHash = password === undefined ? null : await hashPassword(password);
    const userId = await deps.store.transaction((tx) =>
      join(deps, tx, {
        joiner: { email, firstName: "", lastName: "", passwordHash, isProved: true },
        place: { organizationId, role },
        visitor: null,
        action: "seed",
      }),
    );
    return { organizationId, userId, email };
  };
  return {
    addMember,
    createOrganizationWithOwner: async (made: {
      title: string;
      email?: string;
      password?: string;
    }) => {
      const organizationId = await deps.store.transaction((tx) =>
        newOrganization(deps, tx, made.title),
      );
      const email = made.email ?? `owner@${made.title.toLowerCase().replaceAll(/\W+/g, "-")}.com`;
      const { password } = made;
      return await addMember({
        organizationId,
        email,
        role: "OW",
        ...(password !== undefined && { password }),
      });
    },
    signedInCookie: async (email: string, organizationId: number) => {
      const token = deps.randomToken();
      await createSession(deps.store.db, {
        tokenHash: hashSessionToken(token),
        id: deps.randomToken(12),
        userId: await userIdOf(deps, email),
        organizationId,
        method: "password",
        at: deps.now(),
        expiresAt: deps.now() + sessionMs,
        ip: "192.0.2.10",
        userAgent: "test",
      });
      const prefix = isSecureOrigin(deps.config) ? "__Host-" : "";
      return `${prefix}labelgate_session=${token}`;
    },
    apiToken: async (email: string, organizationId: number) =>
      await resetApiToken(deps, { userId: await userIdOf(deps, email), organizationId }),
  };
}

async function userIdOf(deps: Deps, email: string): Promise<number> {
  const user = await findUserByEmail(deps.store.db, email);
  if (user === null) throw new Error(`there is no account ${email}`);
  return user.id;
}
