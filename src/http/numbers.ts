/**
 * Numbers of people and projects at the border (GATEWAY 10.5): requests name them by the numbers that
 * answers have, routes by the internal ones. Which parameter of which route is whose number stands here
 * and nowhere else; a test holds that every parameter of that kind is known.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  internalNumbers,
  type NumberKind,
  numberOfNothing,
  toWire,
} from "../store/wire-numbers.ts";

/** Parameters in addresses, by the route's pattern. */
const inAddresses: readonly (readonly [route: RegExp, name: string, kind: NumberKind])[] = [
  [/^\/api\/users\/:id(?:\/|$)/, "id", "person"],
  [/^\/api\/organizations\/:id\/memberships\/:user(?:\/|$)/, "user", "person"],
  [/^\/api\/projects\/:id(?:\/|$)/, "id", "project"],
];

/** Fields of bodies and parameters of queries; the same name means the same on every route. */
const inFields: Readonly<Record<string, NumberKind>> = {
  user: "person",
  user_id: "person",
  included: "person",
  excluded: "person",
  project: "project",
  exclude_project_id: "project",
};

/** The projects that an invite gives; elsewhere the name means something else. */
const withProjects = /^\/api\/invite\/send-email$/;

/** Lists of projects, and tags, whose numbers are Labelgate's; every other `ids` is of people. */
const idsOfProjects = /^\/api\/projects(?:\/roles)?$/;
const idsOfTags = /\/member-tags\/bulk$/;
/** Fields whose unknown people the refusal names. */
const named: ReadonlySet<string> = new Set(["included"]);
const mayName: ReadonlySet<string> = new Set(["OW", "AD", "MA"]);

/** Translates for every route of `site`, where a Label Studio is connected. */
export function translateNumbers(site: FastifyInstance, { config, store }: Deps): void {
  if (config.upstreamUrl === "") return;
  const { db } = store;
  site.addHook("preHandler", async (request) => {
    const route = request.routeOptions.url ?? "";
    const numbers = new Numbers();
    for (const [pattern, name, kind] of inAddresses) {
      if (pattern.test(route)) numbers.take(request.params, name, kind);
    }
    for (const fields of [request.query, request.body]) takeFields(numbers, fields, route);
    await numbers.resolve(async (kind, list) => await internalNumbers(db, kind, list));
    refuseUnknown(request, numbers);
  });
  site.addHook("preSerialization", async (_request, _reply, payload) => await toWire(db, payload));
}

function takeFields(numbers: Numbers, fields: unknown, route: string): void {
  if (typeof fields !== "object" || fields === null) return;
  for (const [name, kind] of Object.entries(inFields)) numbers.take(fields, name, kind);
  if (withProjects.test(route)) numbers.take(fields, "projects", "project");
  if (!idsOfTags.test(route)) {
    numbers.take(fields, "ids", idsOfProjects.test(route) ? "project" : "person");
  }
  const roles: unknown = Reflect.get(fields, "roles");
  if (!Array.isArray(roles)) return;
  for (const role of roles) if (typeof role === "object") numbers.take(role, "user_id", "person");
}

function refuseUnknown({ principal }: FastifyRequest, numbers: Numbers): void {
  if (principal === null || !mayName.has(principal.role)) return;
  const fields = Object.fromEntries(
    [...numbers.unknown]
      .filter(([name]) => named.has(name))
      .map(([name, list]) => [
        name,
        [`There is no such person in this organization. (${list.slice(0, 20).join(", ")})`],
      ]),
  );
  if (Object.keys(fields).length > 0) throw new AppError("validation_failed", { fields });
}

interface Taken {
  readonly holder: object;
  readonly name: string;
  readonly kind: NumberKind;
  readonly numbers: readonly number[];
}

/** The numbers of one request, and what replaces them. */
class Numbers {
  readonly unknown = new Map<string, number[]>();
  readonly #taken: Taken[] = [];

  /** Takes note of `holder[name]`; what is no number stays for the route to refuse. */
  take(holder: unknown, name: string, kind: NumberKind): void {
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, name)) return;
    const numbers = numbersIn(Reflect.get(holder, name));
    if (numbers !== null && numbers.length > 0) this.#taken.push({ holder, name, kind, numbers });
  }

  async resolve(
    load: (kind: NumberKind, numbers: readonly number[]) => Promise<ReadonlyMap<number, number>>,
  ): Promise<void> {
    for (const { holder, name, kind, numbers } of this.#taken) {
      const found = await load(kind, numbers);
      const missing = numbers.filter((number) => !found.has(number));
      if (missing.length > 0) this.unknown.set(name, missing);
      const replaced = numbers.map((number) => found.get(number) ?? numberOfNothing);
      const isList = Array.isArray(Reflect.get(holder, name));
      Reflect.set(holder, name, isList ? replaced : replaced.join(","));
    }
  }
}

/** One number, several separated by commas, or a list of either; null for anything else. */
function numbersIn(value: unknown): readonly number[] | null {
  const parts = [value].flat().flatMap((entry) => String(entry).split(","));
  const trimmed = parts.map((part) => part.trim()).filter((part) => part !== "");
  if (trimmed.length > 10_000) return null;
  if (!trimmed.every((part) => /^-?[1-9]\d{0,9}(?:\.0+)?$/.test(part))) return null;
  return trimmed.map(Number);
}
