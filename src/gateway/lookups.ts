/**
 * Finds the projects of the resources that requests name, asked of Label Studio as the service account
 * and kept (GATEWAY 10.3): for tasks, annotations and files until they are deleted through the gateway,
 * since Label Studio moves none and gives no number twice; for everything else a second. That something
 * is not there is believed for a second, so that guessing costs Label Studio one question a second and
 * id.
 *
 * A thing counts as there where its project is still the one that Labelgate knows by that number; when
 * others turn out to stand behind the numbers, everything is asked anew (GATEWAY 10.5).
 */

import { AppError } from "../errors.ts";
import {
  type Resource,
  type ResourceRef,
  type Resources,
  resourceKey,
} from "../labelstudio/resource.ts";
import type { Lookups } from "./contract.ts";
import type { InStep } from "./in-step.ts";
import { type LookupAnswer, lookupKinds } from "./lookup-kinds.ts";
import type { Upstream } from "./upstream.ts";

const briefMs = 1_000;
const maxKept = 200_000;
/** Questions of one request that are under way at a time; it may name hundreds of things. */
const maxAtOnce = 8;

interface Kept {
  readonly resource: Resource | null;
  /** By the machine's own clock; Infinity where it is kept until forgotten. */
  readonly until: number;
}

/** `Lookups` of one Label Studio. */
export class KeptLookups implements Lookups {
  readonly #upstream: Pick<Upstream, "ask">;
  readonly #inStep: Pick<InStep, "isSameProject">;
  readonly #most: number;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<Resource | null>>();

  constructor(
    upstream: Pick<Upstream, "ask">,
    inStep: Pick<InStep, "isSameProject" | "onRenewal">,
    { most = maxKept, now = () => performance.now() }: { most?: number; now?: () => number } = {},
  ) {
    this.#upstream = upstream;
    this.#inStep = inStep;
    this.#most = most;
    this.#now = now;
    inStep.onRenewal(() => {
      this.#kept.clear();
      this.#asking.clear();
    });
  }

  async find(refs: readonly ResourceRef[]): Promise<Resources> {
    const found = new Map<string, Resource>();
    const unknown = new Map<string, ResourceRef>();
    for (const ref of refs) {
      const key = resourceKey(ref);
      const kept = this.#known(key);
      if (kept === undefined) unknown.set(key, ref);
      else if (kept !== null) found.set(key, kept);
    }
    const queue = [...unknown];
    const work = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const resource = await this.#shared(...next);
        if (resource !== null) found.set(next[0], resource);
      }
    };
    await Promise.all(Array.from({ length: Math.min(maxAtOnce, queue.length) }, work));
    return found;
  }

  forget(ref: ResourceRef): void {
    const key = resourceKey(ref);
    this.#kept.delete(key);
    // What is being asked may be from before the change: it is given to those who wait, and not kept.
    this.#asking.delete(key);
  }

  /** Null where it is known not to be there, undefined where it must be asked. */
  #known(key: string): Resource | null | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (this.#now() >= kept.until) return undefined;
    // What was used last is dropped last.
    this.#kept.set(key, kept);
    return kept.resource;
  }

  async #shared(key: string, ref: ResourceRef): Promise<Resource | null> {
    const under = this.#asking.get(key);
    if (under !== undefined) return await under;
    const asking = this.#ask(ref);
    this.#asking.set(key, asking);
    try {
      const resource = await asking;
      if (this.#asking.get(key) === asking) this.#keep(key, ref, resource);
      return resource;
    } finally {
      if (this.#asking.get(key) === asking) this.#asking.delete(key);
    }
  }

  #keep(key: string, { kind }: ResourceRef, resource: Resource | null): void {
    const stays = resource !== null && lookupKinds[kind].stays;
    const until = stays ? Number.POSITIVE_INFINITY : this.#now() + briefMs;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= this.#most && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { resource, until });
  }

  async #ask(ref: ResourceRef): Promise<Resource | null> {
    const { target, tell } = lookupKinds[ref.kind];
    const address = target(ref);
    const { status, json } = await this.#upstream.ask("GET", address);
    if (status === 404) return null;
    const told =
      status === 200 && typeof json === "object" && json !== null
        ? tell(json as Readonly<Record<string, unknown>>, ref)
        : null;
    if (told === null) {
      throw new AppError("upstream_bad_answer", { evidence: { address, status: String(status) } });
    }
    const place = await this.#placeOf(told);
    const isSame = place.projectId === null || (await this.#inStep.isSameProject(place.projectId));
    return isSame ? { ...ref, ...told, ...place } : null;
  }

  /** The project and task by way of the task, or the annotation, that the thing belongs to. */
  async #placeOf(told: LookupAnswer): Promise<Pick<LookupAnswer, "projectId" | "taskId">> {
    if (told.projectId !== null) return { projectId: told.projectId };
    const owner = ownerOf(told);
    if (owner === null) return { projectId: null };
    const found = (await this.find([owner])).get(resourceKey(owner));
    const taskId = told.taskId ?? found?.taskId;
    return { projectId: found?.projectId ?? null, ...(taskId !== undefined && { taskId }) };
  }
}

function ownerOf({ taskId, annotationId }: LookupAnswer): ResourceRef | null {
  if (taskId !== undefined) return { kind: "task", id: taskId };
  return typeof annotationId === "number" ? { kind: "annotation", id: annotationId } : null;
}
