/** The same few requests to us and to other SCIM servers, in turn. */
import type { Engine } from "../test/engines.ts";
import { medians, perSecond } from "./scim-measure.ts";
import { betterAuthScim, labelgate, type Peer, scimmy } from "./scim-peers.ts";

/** People made by each server in each of so many batches, which take turns. */
const batchSize = 80;
const batches = 5;
const rounds = 30;
const sizes = [10, 100, 500] as const;

/** What was measured of one server; null where it does not do that. */
export interface PeerFigures {
  readonly name: string;
  readonly does: string;
  readonly createsPerSecond: { readonly one: number; readonly eight: number };
  readonly lookUpMs: number;
  /** One member added to a group and removed, by the group's size. */
  readonly oneMemberMs: Readonly<Record<number, number | null>>;
  /** What it refused, in its own words. */
  readonly limits: readonly string[];
}

/** Measures all of them; people and groups are made by their own requests. */
export async function compare(engine: Engine, folder: string): Promise<readonly PeerFigures[]> {
  const peers = [await labelgate(engine), await betterAuthScim(folder), await scimmy()];
  try {
    const creators = peers.map((peer) => new Creator(peer));
    for (let batch = -1; batch < batches; batch++) {
      for (const creator of creators) await creator.makeBatch(batch);
    }
    const lookUps = await medians(
      peers.map((peer) => async () => void (await lookUp(peer, `eight-0-${batchSize}`))),
      rounds,
    );
    const figures: PeerFigures[] = [];
    for (const [at, { peer, ids, createsPerSecond }] of creators.entries()) {
      const { name, does } = peer;
      const members = await measureMembers(peer, ids);
      const lookUpMs = lookUps[at] ?? Number.NaN;
      figures.push({ name, does, createsPerSecond, lookUpMs, ...members });
    }
    return figures;
  } finally {
    for (const peer of peers) await peer.close();
  }
}

async function lookUp(peer: Peer, name: string): Promise<string> {
  const filter = encodeURIComponent(`userName eq "${name}@new.example"`);
  const { Resources = [] } = await peer.send("GET", `/Users?filter=${filter}`);
  const [found] = Resources;
  if (found?.id === undefined || Resources.length !== 1) throw new Error(`${peer.name}: not found`);
  return found.id;
}

/** Makes people at one server, batch by batch, and remembers how fast. */
class Creator {
  readonly peer: Peer;
  readonly ids: string[] = [];
  readonly #rates: { one: number[]; eight: number[] } = { one: [], eight: [] };

  constructor(peer: Peer) {
    this.peer = peer;
  }

  /** A batch by one client, then by eight at once; the one below zero only warms up. */
  async makeBatch(batch: number): Promise<void> {
    for (const [kind, atOnce] of [
      ["one", 1],
      ["eight", 8],
    ] as const) {
      const create = (at: number) => this.#create(`${kind}-${batch}-${at}@new.example`);
      const rate = await perSecond(create, { times: batchSize, atOnce });
      if (batch >= 0) this.#rates[kind].push(rate);
    }
  }

  async #create(email: string): Promise<void> {
    const { id } = await this.peer.send("POST", "/Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: email,
      name: { givenName: "New", familyName: "Person" },
      emails: [{ value: email, type: "work", primary: true }],
      active: true,
    });
    if (id !== undefined) this.ids.push(id);
  }

  get createsPerSecond(): { readonly one: number; readonly eight: number } {
    const middle = (list: readonly number[]) =>
      list.toSorted((left, right) => left - right)[Math.floor(list.length / 2)] ?? Number.NaN;
    return { one: middle(this.#rates.one), eight: middle(this.#rates.eight) };
  }
}

async function measureMembers(peer: Peer, ids: readonly string[]) {
  const limits: string[] = [];
  const oneMemberMs: Record<number, number | null> = {};
  const last = ids.at(-1);
  for (const size of sizes) {
    try {
      const members = ids.slice(0, size).map((value) => ({ value }));
      const { id } = await peer.send("POST", "/Groups", {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        displayName: `Of ${size}`,
        members,
      });
      const change = async (op: object) =>
        await peer.send("PATCH", `/Groups/${id}`, {
          schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
          Operations: [op],
        });
      const work = async () => {
        await change({ op: "add", path: "members", value: [{ value: last }] });
        await change({ op: "remove", path: `members[value eq "${last}"]` });
      };
      const [ms = null] = await medians([work], rounds);
      oneMemberMs[size] = ms;
    } catch (error) {
      oneMemberMs[size] = null;
      limits.push(`a group of ${size}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { oneMemberMs, limits };
}
