/**
 * Versions as entity tags (RFC 7644 3.14): always weak, compared weakly.
 */
import { AppError } from "../errors.ts";

/** The ETag of a version of a resource, which is also its meta.version. */
export function etagOf(version: number | string): string {
  return `W/"${version}"`;
}

/**
 * The ETag of what a resource shows: of a person also the groups that they belong to, which change
 * without the person being written. `groupsTag` is empty where there are none.
 */
export function etagOfResource({
  version,
  groupsTag = "",
}: {
  readonly version: number;
  readonly groupsTag?: string;
}): string {
  return etagOf(`${version}${groupsTag}`);
}

/** True where If-None-Match names the version, so that the answer is 304. */
export function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch, etag);
}

/**
 * Nothing where If-Match is absent, since no identity provider sends it, or names the version.
 * @throws AppError `scim_precondition_failed` where it names others
 */
export function checkMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || names(ifMatch, etag)) return;
  throw new AppError("scim_precondition_failed", {
    detail: "The resource has changed since it was read; read it again.",
  });
}

function names(header: string, etag: string): boolean {
  const own = opaque(etag);
  return header.split(",").some((item) => item.trim() === "*" || opaque(item) === own);
}

/** Tags may come without W/ and even without quotes. */
function opaque(tag: string): string {
  return tag
    .trim()
    .replace(/^W\//i, "")
    .replace(/^"(.*)"$/, "$1");
}
