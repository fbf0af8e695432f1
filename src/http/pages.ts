/**
 * Sends pages: the document around a body, the policy that fits it, and the way from a form to another
 * site. What pages say is pages/' and sso/'s.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { PageOptions } from "../deps.ts";
import { type Html, html, renderPage } from "../html.ts";
import { contentSecurityPolicy } from "./headers.ts";
import { staticUrl } from "./static.ts";

/** Only there so that a path can be parsed; no answer contains it. */
const placeholderOrigin = "https://this-site.invalid";

/** Gives every answer `page` and `leave`. */
export function decoratePages(app: FastifyInstance): void {
  const stylesheet = staticUrl("app.css");
  app.decorateReply(
    "page",
    function (this: FastifyReply, body: Html, options: PageOptions): FastifyReply {
      const { title, status = 200, formAction, nav } = options;
      if (formAction !== undefined) {
        // Identity providers redirect among origins of their own, and Chromium holds form-action
        // against every redirect that follows a form.
        this.header("content-security-policy", contentSecurityPolicy([formAction, "https:"]));
      }
      const csrf = this.request.csrfToken();
      const parts = { title, body, stylesheet, ...(nav && { nav }), ...(csrf !== "" && { csrf }) };
      return this.code(status).type("text/html; charset=utf-8").send(renderPage(parts));
    },
  );
  app.decorateReply("leave", function (this: FastifyReply, url: string): FastifyReply {
    const isNavigation = this.request.headers["sec-fetch-mode"] === "navigate";
    if (!isNavigation) return this.redirect(url, 303);
    // A refresh begins a navigation of its own, to which no form-action applies.
    this.header("refresh", `0; url=${asHeader(url)}`);
    const body = html`<section class="card tag">
<div class="intro"><h1>One moment…</h1><p>We are taking you on. If nothing happens, please use the button.</p></div>
<a class="button" href="${url}">Continue</a>
</section>`;
    return this.page(body, { title: "One moment" });
  });
}

/** The address in ASCII, as a header must be; a path of this site stays one. */
function asHeader(url: string): string {
  const { href, origin } = new URL(url, placeholderOrigin);
  return origin === placeholderOrigin ? href.slice(origin.length) : href;
}
