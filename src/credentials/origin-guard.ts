/**
 * Requests that another site made a browser send (PRODUCT 9.6, GATEWAY 10.2, 10.3): the guard by Origin,
 * else Sec-Fetch-Site, against the configured origins and never against Host. Which requests are
 * guarded is their server's decision; the form token of pages is http/csrf.ts's.
 *
 * With two hosts the studio's is another site to the first: a script smuggled into a labeling interface
 * runs there. The studio's pages may be driven by their own origin and by the first host's.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { Host } from "./sessions.ts";

/** Methods that change nothing. */
export const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets a request pass that this site's own pages sent, or no browser.
 * @throws AppError `csrf_failed`, naming what came, what was expected and the variable to change
 */
export function refuseOtherSites(
  headers: Pick<IncomingHttpHeaders, "origin" | "sec-fetch-site">,
  config: Config,
  host: Host = "first",
): void {
  const site = headers["sec-fetch-site"];
  const { origin } = headers;
  const expected = expectedOrigins(config, host);
  if (origin === undefined ? isOwnSite(site) : expected.includes(origin)) {
    // A browser that names both says the same by both; same-site is another host than this one.
    if (host === "studio" || isOwnSite(site)) return;
  }
  const came = [
    ...(origin === undefined ? [] : [`Origin: ${String(origin).slice(0, 200)}`]),
    ...(site === undefined ? [] : [`Sec-Fetch-Site: ${String(site).slice(0, 40)}`]),
  ].join(", ");
  const variable = host === "studio" ? "UPSTREAM_PUBLIC_URL" : "BASE_URL";
  throw new AppError("csrf_failed", {
    detail: `The request came from another site (${came}). This one must be opened at ${expected.join(" or ")} (${variable}).`,
    evidence: { origin: String(origin), site: String(site) },
  });
}

function expectedOrigins({ baseUrl, upstreamPublicUrl }: Config, host: Host): readonly string[] {
  return host === "studio" ? [upstreamPublicUrl, baseUrl] : [baseUrl];
}

function isOwnSite(site: unknown): boolean {
  return site === undefined || site === "same-origin" || site === "none";
}

/**
 * Keeps a script on Label Studio's own host from using the first host's session, where there are two
 * (GATEWAY 10.2): for requests with the session cookie, whatever their method. A link to the first host
 * is followed all the same.
 * @throws AppError `csrf_failed`
 */
export function refuseStudioScripts(
  headers: Pick<
    IncomingHttpHeaders,
    "origin" | "sec-fetch-site" | "sec-fetch-mode" | "sec-fetch-dest"
  >,
  { upstreamPublicUrl, baseUrl }: Config,
): void {
  if (upstreamPublicUrl === "") return;
  const isLink =
    headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  const isStudios =
    headers.origin === upstreamPublicUrl || (!isOwnSite(headers["sec-fetch-site"]) && !isLink);
  if (!isStudios) return;
  throw new AppError("csrf_failed", {
    detail: `The request came from a page of another host. Open ${baseUrl} (BASE_URL) itself.`,
    evidence: { origin: String(headers.origin), site: String(headers["sec-fetch-site"]) },
  });
}
