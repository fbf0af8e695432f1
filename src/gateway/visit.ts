/**
 * One request on its way through the gateway: what has been found out about it so far, and what the
 * gateway is made of. The way itself is handle.ts.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Host } from "../credentials/sessions.ts";
import type { Deps } from "../deps.ts";
import type { Forward } from "../labelstudio/decision.ts";
import type { OpenedRequest, StudioRequest } from "../labelstudio/read.ts";
import type { StudioSwitches, StudioViewer } from "../labelstudio/viewer.ts";
import type { Authenticated, Lookups, Viewers } from "./contract.ts";
import type { AnswerHeaders } from "./headers.ts";
import type { InStep } from "./in-step.ts";
import type { PageLook } from "./refusals.ts";
import type { RoleStyles } from "./role-styles.ts";
import type { StaticFiles } from "./static-files.ts";
import type { Upstream } from "./upstream.ts";

/** The parts of the gateway. */
export interface GatewayParts {
  readonly deps: Deps;
  readonly upstream: Upstream;
  readonly viewers: Viewers;
  readonly lookups: Lookups;
  readonly inStep: InStep;
  readonly staticFiles: StaticFiles;
  readonly styles: RoleStyles;
  readonly answerHeaders: AnswerHeaders;
  readonly switches: StudioSwitches;
  readonly look: PageLook;
  /** The address at which somebody without a session signs in, and comes back to `next` from. */
  readonly signInAddress: (host: Host, next: string, response: ServerResponse) => string;
  readonly watch: GatewayWatch;
}

/** The server's listener, told about requests and answers. */
export interface GatewayWatch {
  requestId(request: IncomingMessage): string;
  /** The client's address, as far as trusted proxies tell it. */
  ipOf(request: IncomingMessage): string;
  answered(answer: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly ms: number;
  }): void;
}

/** A request under way. Fields that are null are not known yet. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly host: Host;
  readonly id: string;
  readonly startedMs: number;
  opened: OpenedRequest | null;
  who: Authenticated | null;
  /** The person with the number of their account. */
  viewer: StudioViewer | null;
  studio: StudioRequest | null;
  forward: Forward | null;
  /** Content of a body that was read here and goes on as it is. */
  bytes: Uint8Array | null;
  /** The refusal's code, for the log. */
  refusal: string | null;
}

/** A visit of which nothing is known yet. */
export function newVisit(
  begun: Pick<Visit, "request" | "response" | "method" | "target" | "host" | "id">,
): Visit {
  return {
    ...begun,
    startedMs: performance.now(),
    opened: null,
    who: null,
    viewer: null,
    studio: null,
    forward: null,
    bytes: null,
    refusal: null,
  };
}

/** A visit's field that an earlier step has set. @throws Error where it has not */
export function known<T>(value: T | null): T {
  if (value === null) throw new Error("a step of the gateway came too early");
  return value;
}
