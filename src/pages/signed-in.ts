/** Parts shared by pages of signed-in people: the header's links, and the format of a moment. */
import type { FastifyRequest } from "fastify";
import { authorize } from "../access/authorize.ts";
import type { Config } from "../config.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "./form.ts";

/**
 * Home, the organization for those whose role opens anything of it, account, sign out. With a Label
 * Studio, `/` is its page, and the first link is to the person's access.
 */
export function renderNav(
  request: FastifyRequest,
  { upstreamUrl }: Pick<Config, "upstreamUrl">,
): Html {
  const home =
    upstreamUrl === "" ? html`<a href="/">Home</a>` : html`<a href="/user/access">Your access</a>`;
  const mayManage = authorize(request.principal, "workspace_members:read").allow;
  return html`${home}${mayManage && html`<a href="/organization">Organization</a>`}<a href="/user/account">Account</a><form class="inline" method="post" action="/user/logout">${formToken(request)}<button class="text" type="submit">Sign out</button></form>`;
}

/** A moment in UTC, to the minute; the exact time is on hover. */
export function renderTime(atMs: number): Html {
  const iso = new Date(atMs).toISOString();
  const day = dayFormat.format(atMs);
  return html`<time datetime="${iso}" title="${iso}">${day}, ${iso.slice(11, 16)} UTC</time>`;
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
