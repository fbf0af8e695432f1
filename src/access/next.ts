/**
 * Rule for `next` and RelayState, the path that a sign-in leads to (PRODUCT 2.1). Owns the check
 * alone. Whoever redirects calls it on what the browser sent, and redirects to what it returns, never
 * to what came in.
 */

/** Longer paths than this are nobody's bookmark; browsers and proxies cut them anyway. */
const maxLength = 2048;

/** Only there so that the path can be parsed; a result never contains it. */
const placeholderOrigin = "https://this-site.invalid";

const controlRe = /\p{Cc}/u;
/** Slash, backslash and control characters in their percent-encoded form. */
const encodedBorderRe = /%(?:2f|5c|[01][0-9a-f]|7f)/i;

/**
 * The path of this site that `next` names, with query and fragment, or null where it names anything
 * else: another host (`//host`, `/\host`, `https:`, also percent-encoded however often), a relative
 * path, control characters, or more than 2048 characters.
 *
 * The result is ASCII, starts with exactly one slash, has no dot segments, and is returned unchanged
 * when checked again.
 */
export function safeNext(next: string): string | null {
  if (next.length > maxLength || !next.startsWith("/")) return null;
  if (controlRe.test(next) || next.includes("\\")) return null;
  if (encodedBorderRe.test(decodePercentSigns(pathOf(next)))) return null;
  const url = URL.parse(next, placeholderOrigin);
  if (url === null || url.origin !== placeholderOrigin) return null;
  // Dot segments can leave two slashes in front: "/.//host" is "//host" once resolved.
  if (url.pathname.startsWith("//")) return null;
  const path = url.pathname + url.search + url.hash;
  return path.length > maxLength ? null : path;
}

/**
 * The path of this site that `sent` names, as `safeNext`, where an absolute address of this site counts
 * as its path (PRODUCT 2.1): providers ask administrators for the landing page's URL. `baseUrl` is this
 * site's origin.
 */
export function landingPath(sent: string, baseUrl: string): string | null {
  if (!/^https?:/i.test(sent)) return safeNext(sent);
  if (controlRe.test(sent) || sent.includes("\\")) return null;
  const url = URL.parse(sent);
  const isHere = url?.origin === baseUrl && url.username === "" && url.password === "";
  return isHere ? safeNext(url.pathname + url.search + url.hash) : null;
}

function pathOf(next: string): string {
  return next.split(/[?#]/, 1)[0] ?? "";
}

/** Undoes encoding of the percent sign itself, so that `%252F` is seen as what it becomes. */
function decodePercentSigns(text: string): string {
  let decoded = text;
  while (/%25/.test(decoded)) decoded = decoded.replaceAll("%25", "%");
  return decoded;
}
