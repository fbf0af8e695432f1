/**
 * Finds the viewer of a request, kept by session and token (GATEWAY 10.3): a request with a known
 * credential is answered at once and asks the database nothing. What is known is believed only while the
 * feed of changes is; else the feed is read first, and where it cannot be, the database is asked each
 * time.
 */
import { hash } from "node:crypto";
import type { Principal } from "../access/authorize.ts";
import { hasAccess } from "../access/roles.ts";
import {
  type HeaderCredential,
  looksOurs,
  type RawHeaders,
  readCredentials,
  type ShownCredentials,
} from "../credentials/read.ts";
import { type Host, principalOfSession, sessionCookieName } from "../credentials/sessions.ts";
import { findLiveToken, principalOfToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type StudioRole, type StudioViewer, studioRole } from "../labelstudio/viewer.ts";
import { touchApiToken } from "../store/api-tokens.ts";
import { loadSession, touchAfterMs, touchSession } from "../store/sessions.ts";
import { loadStudioAccess, type StudioAccess } from "../store/studio-access.ts";
import { loadStudioSession } from "../store/studio-sessions.ts";
import type { Authenticated, Viewers } from "./contract.ts";
import { AccessFeed, type FeedNews } from "./feed.ts";
import { Transfers } from "./transfers.ts";
import { type KeptViewer, ViewerCache } from "./viewer-cache.ts";

/** Sessions and tokens that are kept; some hundred bytes each, and the projects of their people. */
const maxKept = 50_000;
/** The time for which a person waits for a database that does not answer. */
const patienceMs = 5_000;

/** `Viewers` with the feed that keeps them true. */
export class KeptViewers implements Viewers {
  readonly #deps: Deps;
  readonly #feed: AccessFeed;
  readonly #cache: ViewerCache;
  readonly #transfers: Transfers;
  readonly #cookieNames: Readonly<Record<Host, string>>;
  /** Credentials that are being looked up, so that many requests of one page ask once. */
  readonly #asking = new Map<string, Promise<KeptViewer | null>>();
  #news = 0;

  constructor(deps: Deps, { most = maxKept }: { readonly most?: number } = {}) {
    this.#deps = deps;
    this.#cache = new ViewerCache(most);
    this.#transfers = new Transfers(deps);
    this.#feed = new AccessFeed(deps, (news) => this.#hear(news));
    this.#cookieNames = {
      first: sessionCookieName(deps.config, "first"),
      studio: sessionCookieName(deps.config, "studio"),
    };
  }

  /** Begins to read the feed. */
  start(): void {
    this.#feed.start();
  }

  async stop(): Promise<void> {
    await this.#feed.stop();
  }

  authenticate(
    { rawHeaders }: { readonly rawHeaders: RawHeaders },
    host: Host,
  ): Authenticated | null | Promise<Authenticated | null> {
    const shown = readCredentials(rawHeaders, this.#cookieNames[host]);
    const { header, sessionHash } = shown;
    if (header === null && sessionHash === null) return null;
    return this.#known(shown, host) ?? this.#find(shown, host);
  }

  whileActive(who: Authenticated, cut: () => void): () => void {
    return this.#transfers.watch(who, cut);
  }

  #hear(news: FeedNews): void {
    this.#news += 1;
    this.#cache.forget(news);
    this.#transfers.hear(news);
  }

  /** Without waiting; null where the database has to be asked. */
  #known({ header, sessionHash }: ShownCredentials, host: Host): Authenticated | null {
    if (!this.#feed.isCurrent()) return null;
    const now = this.#deps.now();
    if (header !== null) {
      const key = keyOfHeader(header);
      const kept = this.#cache.get(key, now);
      if (kept !== null) return this.#use(key, kept, now);
      if (looksOurs(header)) return null;
    }
    if (sessionHash === null) return null;
    const key = keyOfSession(sessionHash, host);
    const kept = this.#cache.get(key, now);
    return kept === null ? null : this.#use(key, kept, now);
  }

  /** Notes the use of a credential, at most every five minutes; nobody waits for that. */
  #use(key: string, kept: KeptViewer, now: number): Authenticated {
    if (now - (kept.lastUsedAt ?? 0) >= touchAfterMs(kept)) {
      this.#cache.note(key, now);
      this.#touch(kept, now).catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, "the use of a credential could not be noted");
      });
    }
    return kept.who;
  }

  async #touch({ row, who, lastUsedAt, idleMs }: KeptViewer, now: number): Promise<void> {
    const { db } = this.#deps.store;
    if (typeof row === "number") await touchApiToken(db, { id: row, at: now, lastUsedAt });
    else {
      const { userId } = who.principal;
      await touchSession(db, { id: row, userId, lastSeenAt: lastUsedAt ?? 0, idleMs }, now);
    }
  }

  async #find(shown: ShownCredentials, host: Host): Promise<Authenticated | null> {
    try {
      return await within(patienceMs, this.#findPatiently(shown, host));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError("not_ready", { cause: error });
    }
  }

  async #findPatiently(shown: ShownCredentials, host: Host): Promise<Authenticated | null> {
    await this.#feed.bringUpToDate();
    const known = this.#known(shown, host);
    if (known !== null) return known;
    const { header, sessionHash } = shown;
    const isByHeader = header !== null && looksOurs(header);
    const key = isByHeader ? keyOfHeader(header) : keyOfSession(sessionHash ?? "", host);
    const kept =
      !isByHeader && sessionHash === null
        ? null
        : await this.#shared(key, () =>
            isByHeader ? this.#byHeader(header) : this.#bySession(sessionHash ?? "", host),
          );
    if (kept === null) {
      if (header !== null) throw new AppError("invalid_token");
      return null;
    }
    if (!hasAccess(kept.who.principal.role)) {
      const detail = "Your account in this organization is not active.";
      throw new AppError("permission_denied", { detail });
    }
    return kept.who;
  }

  /** Joins a loading that began after everything that is known to have changed, or begins one. */
  async #shared(key: string, load: () => Promise<KeptViewer | null>): Promise<KeptViewer | null> {
    const name = `${this.#deps.store.accessWrites()}:${this.#news}:${key}`;
    const under = this.#asking.get(name);
    if (under !== undefined) return await under;
    const loading = this.#load(key, load);
    this.#asking.set(name, loading);
    try {
      return await loading;
    } finally {
      this.#asking.delete(name);
    }
  }

  async #load(key: string, load: () => Promise<KeptViewer | null>): Promise<KeptViewer | null> {
    const stamp = this.#cache.begin();
    const isCurrent = this.#feed.isCurrent();
    try {
      const kept = await load();
      if (kept === null) return null;
      if (isCurrent && hasAccess(kept.who.principal.role)) this.#cache.put(key, kept, stamp);
      return kept;
    } finally {
      this.#cache.end();
    }
  }

  async #byHeader(header: HeaderCredential): Promise<KeptViewer | null> {
    const token = await findLiveToken(this.#deps, header);
    if (token === null) return null;
    const who = await this.#whoIs(principalOfToken(token), {
      isAmbient: false,
      credential: { kind: "token", hash: token.hash },
      expiresAt: token.expiresAt ?? Number.POSITIVE_INFINITY,
    });
    if (who === null) return null;
    return {
      who,
      idleMs: Number.POSITIVE_INFINITY,
      lastUsedAt: this.#deps.now(),
      row: token.row.id,
    };
  }

  async #bySession(sessionHash: string, host: Host): Promise<KeptViewer | null> {
    const { store, now } = this.#deps;
    const load = host === "studio" ? loadStudioSession : loadSession;
    const session = await load(store.db, sessionHash, now());
    if (session === null) return null;
    const who = await this.#whoIs(principalOfSession(session), {
      isAmbient: true,
      credential: { kind: host === "studio" ? "studio" : "session", hash: sessionHash },
      expiresAt: session.expiresAt,
    });
    if (who === null) return null;
    await touchSession(store.db, session, now());
    const isDue = now() - session.lastSeenAt >= touchAfterMs(session);
    return {
      who,
      idleMs: session.idleMs,
      lastUsedAt: isDue ? now() : session.lastSeenAt,
      row: session.id,
    };
  }

  async #whoIs(
    principal: Principal,
    by: Pick<Authenticated, "isAmbient" | "credential" | "expiresAt">,
  ): Promise<Authenticated | null> {
    const access = await loadStudioAccess(this.#deps.store.db, principal);
    return access === null ? null : { viewer: viewerOf(principal, access), principal, ...by };
  }
}

function viewerOf({ userId, organizationId, role }: Principal, access: StudioAccess): StudioViewer {
  const { projects, email, ...person } = access;
  return {
    ...{ userId, organizationId, role },
    ...person,
    email: email.toLowerCase(),
    projects: projects === "all" ? "all" : rolesOf(projects),
  };
}

function rolesOf(projects: ReadonlyMap<number, Principal["role"]>): Map<number, StudioRole> {
  const roles = new Map<number, StudioRole>();
  for (const [project, role] of projects) {
    const counted = studioRole(role);
    if (counted !== null) roles.set(project, counted);
  }
  return roles;
}

/** No token itself is kept in memory. */
function keyOfHeader({ scheme, value }: HeaderCredential): string {
  return scheme === "token"
    ? `t${hash("sha256", value.toLowerCase())}`
    : `b${hash("sha256", value)}`;
}

/** A studio session opens nothing on the first host, nor the other way round. */
function keyOfSession(sessionHash: string, host: Host): string {
  return host === "studio" ? `2${sessionHash}` : `1${sessionHash}`;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer in ${ms} ms`)), ms);
    timer.unref();
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
