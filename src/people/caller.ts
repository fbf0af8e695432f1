/**
 * Resolves the caller of an API route of people/ and the organization it names. Every route goes
 * through here, so that a foreign id answers exactly as a missing one (PRODUCT 1.1).
 */
import type { FastifyRequest } from "fastify";
import type { Action, Principal } from "../access/authorize.ts";
import type { Source } from "../access/roles.ts";
import { AppError } from "../errors.ts";

/** The caller of a change, and from where: what the audit log says about it. */
export interface Acting {
  readonly principal: Principal;
  readonly ip: string;
  readonly requestId: string;
}

/** The caller. @throws AppError `not_authenticated` */
export function callerOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AppError("not_authenticated");
  return request.principal;
}

/** As `request.caller`, with what the audit log wants to know. */
export function actingCallerOf(request: FastifyRequest, action: Action): Acting {
  return { principal: request.caller(action), ip: request.ip, requestId: request.id };
}

/** A page in the browser sets roles by hand, a program by the API (PRODUCT 1.3). */
export function sourceOf({ via }: Principal): Source {
  return via === "session" ? "manual" : "api";
}

/**
 * The whole number in a path or a query. What is none cannot be the id of anything.
 * @throws AppError `not_found`
 */
export function idOf(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  // Beyond what a 32-bit column holds there is nothing, and PostgreSQL would refuse to look.
  if (id < 1 || id > 2_147_483_647) throw new AppError("not_found");
  return id;
}

/**
 * The organization of the path, which is the caller's: others do not exist for them.
 * @throws AppError `not_found`
 */
export function organizationOf({ organizationId }: Principal, text: string): number {
  if (idOf(text) !== organizationId) throw new AppError("not_found");
  return organizationId;
}
