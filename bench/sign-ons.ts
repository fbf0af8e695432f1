/**
 * Batches of genuine sign-ins into a running application, and what they cost. Responses are signed, and
 * pending logins stored, outside the measured time.
 */
import type { FastifyInstance } from "fastify";
import { createSigner } from "../demo/signer.ts";
import type { Deps } from "../src/deps.ts";
import { hashBrowserKey } from "../src/sso/browser-keys.ts";
import { insertPendingLogin, newRequestId } from "../src/store/pending-logins.ts";
import type { Db } from "../src/store/store.ts";
import { paceMicroseconds, steadyMoment } from "./pace.ts";
import { Wire } from "./wire.ts";

/** The people of a batch, and the number of sign-ins at once. */
export interface Load {
  /** Members whose access is as their groups say, or people whom nobody knows yet. */
  readonly people: "returning" | "new";
  readonly atOnce: number;
}

/** The cost of a batch of sign-ins. */
export interface BatchCost {
  readonly cpuMicroseconds: number;
  readonly wallMs: number;
  /** Of the slower of the fixed pieces of work before and after it (pace.ts). */
  readonly paceMicroseconds: number;
}

/**
 * Signs `count` people on, `atOnce` at a time, and tells what that cost. Begins once the fixed work
 * (pace.ts) takes no longer than `paceLimit` microseconds, where that comes soon.
 */
export type SignOnBatch = (count: number, load: Load, paceLimit?: number) => Promise<BatchCost>;

/** The server at which people sign in. */
export interface Door {
  readonly deps: Deps;
  readonly app: FastifyInstance;
  readonly organizationId: number;
  readonly acs: string;
  /** How many members there are to return. */
  readonly members: number;
}

/** Sign-ins before each batch that are not measured. */
const runUp = 160;

/** The groups that everybody's assertion brings. */
export const groupsOfAPerson = Array.from({ length: 20 }, (_, index) => `group-${index}`);

/** The identity provider that everybody comes from. */
export const signer = createSigner({
  entityId: "https://idp.example/metadata",
  ssoUrl: "https://idp.example/sso",
});

/** The address of a member. */
export const emailOf = (member: number): string => `person-${member}@contoso.com`;

/** Opens the connections that the sign-ins share. */
export function signOnsInto(door: Door): SignOnBatch {
  const { deps, members } = door;
  const crowd = new Crowd(door);
  let turn = 0;
  const nextEmail = (people: Load["people"]): string => {
    turn += 1;
    // A prime step goes through all members in an order that has nothing to do with the tables'.
    return people === "new" ? `new-${turn}@contoso.com` : emailOf((turn * 7919) % members);
  };
  const prepareMany = async (count: number, people: Load["people"]) =>
    await deps.store.transaction(async (tx) => {
      const list: Prepared[] = [];
      while (list.length < count) list.push(await prepare(door, tx, nextEmail(people)));
      return list;
    });
  return async (count, { people, atOnce }, paceLimit = Infinity) => {
    const prepared = await prepareMany(runUp + count, people);
    // A server whose turn it was not has cold caches, and lacks code that its engine put away meanwhile.
    await crowd.signOn(prepared.splice(0, runUp), atOnce);
    const paceBefore = await steadyMoment(paceLimit);
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    await crowd.signOn(prepared, atOnce);
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      cpuMicroseconds: user + system,
      wallMs: performance.now() - wallBefore,
      paceMicroseconds: Math.max(paceBefore, paceMicroseconds()),
    };
  };
}

/** What a browser posts. */
interface Prepared {
  /** Bytes, as a network brings them: a text would be work of the collector's that no server has. */
  readonly payload: Buffer;
  readonly cookie: string;
}

/** The browsers, each with a connection that stays. */
class Crowd {
  readonly #door: Door;
  readonly #wires: Wire[] = [];

  constructor(door: Door) {
    this.#door = door;
  }

  async signOn(prepared: readonly Prepared[], atOnce: number): Promise<void> {
    while (this.#wires.length < atOnce) this.#wires.push(new Wire(this.#door.app.server));
    const queue = prepared.values();
    await Promise.all(
      this.#wires.slice(0, atOnce).map(async (wire) => {
        for (const one of queue) await this.#post(wire, one);
      }),
    );
  }

  async #post(wire: Wire, { payload, cookie }: Prepared): Promise<void> {
    const { pathname: path, host } = new URL(this.#door.acs);
    const answer = await wire.post({ path, host, cookie, payload });
    if (!/^HTTP\/1\.1 303 /.test(answer) || !/^location: \/\r$/im.test(answer)) {
      throw new Error(`a sign-on failed: ${answer.slice(0, 500)}`);
    }
  }
}

/** A genuine response to a pending login of one member, as the browser would post it. */
async function prepare(
  { deps, organizationId, acs }: Door,
  tx: Db,
  email: string,
): Promise<Prepared> {
  const browserKey = deps.randomToken();
  const requestId = newRequestId(deps);
  const nowMs = Date.now();
  await insertPendingLogin(tx, {
    requestId,
    organizationId,
    browserHash: hashBrowserKey(browserKey),
    next: "/",
    createdAt: nowMs,
    expiresAt: nowMs + 900_000,
  });
  const samlResponse = signer.respondBase64({
    acsUrl: acs,
    nowMs,
    inResponseTo: requestId,
    email,
    firstName: "Given",
    lastName: "Family",
    groups: groupsOfAPerson,
    sign: "assertion",
  });
  return {
    payload: Buffer.from(new URLSearchParams({ SAMLResponse: samlResponse }).toString()),
    cookie: `labelgate_login=${browserKey}`,
  };
}
