/**
 * Interfaces between the parts of the gateway: the viewer of a request and the resources that it names.
 * viewers.ts and lookups.ts keep the promises.
 */
import type { Principal } from "../access/authorize.ts";
import type { RawHeaders } from "../credentials/read.ts";
import type { Host } from "../credentials/sessions.ts";
import type { ResourceRef, Resources } from "../labelstudio/resource.ts";
import type { StudioViewer } from "../labelstudio/viewer.ts";

/** Names a credential in the store. */
export interface CredentialName {
  readonly kind: "session" | "studio" | "token";
  readonly hash: string;
}

/** A viewer with a good credential. One object per credential for as long as nothing changes. */
export interface Authenticated {
  readonly viewer: StudioViewer;
  readonly principal: Principal;
  /** By cookie, so that another site could have made the browser send it. */
  readonly isAmbient: boolean;
  readonly credential: CredentialName;
  /** The end of the credential, in epoch milliseconds; Infinity where it has none. */
  readonly expiresAt: number;
}

/** People by their credentials, kept for as long as the feed of changes says nothing of them. */
export interface Viewers {
  /**
   * Finds the viewer; null for an anonymous request. Answers at once, without the database, where the
   * credential is known and nothing changed.
   * @throws AppError `invalid_token`, `bad_request`, `permission_denied` for people without access,
   * `not_ready` where the database had to be asked and did not answer
   */
  authenticate(
    request: { readonly rawHeaders: RawHeaders },
    host: Host,
  ): Authenticated | null | Promise<Authenticated | null>;
  /**
   * Calls `cut` within 5 seconds once the person is deactivated or removed, or their session or token
   * is ended; not where it merely runs out. Returns what ends the watch; call it when the transfer ends.
   */
  whileActive(who: Authenticated, cut: () => void): () => void;
}

/**
 * Look-ups of the resources that requests name, asked of Label Studio as the service account and kept.
 */
export interface Lookups {
  /**
   * The things that exist, by `resourceKey`.
   * @throws AppError `upstream_away` and the like where Label Studio cannot be asked
   */
  find(refs: readonly ResourceRef[]): Promise<Resources>;
  /** After a change or a deletion through the gateway: asked anew when next named. */
  forget(ref: ResourceRef): void;
}
