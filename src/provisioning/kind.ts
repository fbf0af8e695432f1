/**
 * A type of resource as the routes serve it: how it is read, written, found and shown. People and groups
 * are two of them; routes, lists, searches and bulk know no more of either than this.
 */
import type { JsonObject } from "../scim/json.ts";
import type { Projection } from "../scim/projection.ts";
import type { ResourceType } from "../scim/schema.ts";
import type { ScimList } from "../store/scim-search.ts";
import type { ScimCaller } from "./caller.ts";

/** A resource as the store keeps it. */
export interface KeptResource {
  /** Counted up: the order of lists. */
  readonly seq: number;
  /** UUID, never given twice. */
  readonly id: string;
  readonly version: number;
  readonly groupsTag?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The resource that a request is about, and the version that it must have. */
export interface Named {
  /** Id, or another name that the type is found by. */
  readonly key: string;
  /** `If-Match`, where the client sends it. */
  readonly ifMatch: string | undefined;
}

/** A resource after a request. */
export interface Done<Kept extends KeptResource> {
  readonly resource: Kept;
  /** The outcome, in plain words for the request log. */
  readonly summary: string;
}

/** Methods of the type throw AppErrors as the flows do; bodies come as they were sent. */
export interface ResourceKind<Kept extends KeptResource = KeptResource> {
  readonly type: ResourceType;
  /** As refusals and the request log call one, such as "user". */
  readonly noun: string;
  /** Bytes of a body, at most. */
  readonly bodyLimit: number;
  /** False where a PATCH is answered by 204, unless attributes are asked for. */
  readonly showsPatched: boolean;
  create(caller: ScimCaller, body: unknown): Promise<Done<Kept>>;
  replace(caller: ScimCaller, named: Named, body: unknown): Promise<Done<Kept>>;
  patch(caller: ScimCaller, named: Named, body: unknown): Promise<Done<Kept>>;
  /** The summary. */
  remove(caller: ScimCaller, named: Named): Promise<string>;
  find(organizationId: number, key: string): Promise<Kept | null>;
  list(list: ScimList): Promise<readonly Kept[]>;
  count(list: Omit<ScimList, "sort" | "names" | "page">): Promise<number>;
  /** Builds the answers, in order. `areNew` says that they were created by this very request. */
  show(
    organizationId: number,
    shown: {
      readonly resources: readonly Kept[];
      readonly projection: Projection;
      readonly areNew: boolean;
    },
  ): Promise<readonly JsonObject[]>;
  /** True where the answer holds more than the ETag counts, so that no former copy is good still. */
  showsMoreThanTag(projection: Projection): boolean;
}
