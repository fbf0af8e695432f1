/**
 * The dependencies of flows as one plain record, always the first argument of a flow; and the properties
 * that http/ adds to requests and answers for the routes of every feature.
 */
import type { Logger } from "pino";
import type { Action, Principal } from "./access/authorize.ts";
import type { Config } from "./config.ts";
import type { Html } from "./html.ts";
import type { Store } from "./store/store.ts";

export interface Deps {
  readonly config: Config;
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Unguessable text of `bytes` random bytes (32 unless told), base64url. */
  readonly randomToken: (bytes?: number) => string;
  readonly log: Logger;
}

/** Options of `reply.page`. */
export interface PageOptions {
  readonly title: string;
  /** HTTP status, 200 unless told. */
  readonly status?: number;
  /** Another target of the page's form than this site: the identity provider's origin. */
  readonly formAction?: string;
  /** The right side of the header; pages of signed-in people have it. */
  readonly nav?: Html;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The caller, or null for an anonymous request. Set before any route runs. */
    principal: Principal | null;
    /**
     * Returns the caller where their role allows `action` at all (access/authorize.ts).
     * @throws AppError `not_authenticated`, or `permission_denied` with the permission table's sentence
     */
    caller(action: Action): Principal;
    /** The form token of this session, for the field `csrf_token` or the header X-CSRFToken. */
    csrfToken(): string;
    /** True where the form carried that token. For routes that the guard of forms does not cover. */
    showsFormToken: boolean;
    /** True where the browser has a session's cookie that did not come along from another site. */
    isSessionHeldBack(): boolean;
    /** SHA-256 (hex) of the session cookie's token, or null where the browser sent none. */
    sessionTokenHash(): string | null;
    /** Counts a sign-in for the metrics: how, and its result code ("signed_in", or an error code). */
    countSignOn(method: "saml" | "password", result: string): void;
  }

  interface FastifyReply {
    /**
     * Gives the browser a session's cookie. `keep` lets it outlive the browser, up to `expiresAtMs`;
     * the caller has stored the session under the SHA-256 of `token`.
     */
    startSession(token: string, expiresAtMs: number, keep: boolean): void;
    /** Ends the browser's session, in the store and in its cookie. */
    endSession(): Promise<void>;
    /**
     * Answers a form whose way on leads, now or after redirects, to another site. A browser gets a
     * page that goes on by itself, since it holds form-action against every redirect after a form;
     * everybody else gets the redirect (303).
     */
    leave(url: string): FastifyReply;
    /** Sends a page with the strict headers of http/app.ts. */
    page(body: Html, options: PageOptions): FastifyReply;
  }
}
