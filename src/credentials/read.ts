/**
 * Reads the credentials of a request from its plain headers: the credential in a header and the
 * session cookie (PRODUCT 6.6, GATEWAY 10.3). Whether either is any good is tokens.ts's and
 * sessions.ts's.
 *
 * 1. X-Api-Key goes before Authorization, as in the original: a JWT is a Bearer, else it is a Token.
 * 2. A credential header that arrives twice is refused: a proxy in front may have judged the other one.
 * 3. A session cookie that arrives twice counts as none: on a host name that other servers share, one
 *    of the two was planted. On https the __Host- prefix keeps strangers from planting any.
 */
import { AppError } from "../errors.ts";
import { hashSessionToken } from "../store/sessions.ts";

/** The issuer of Labelgate's own JWTs. */
export const tokenIssuer = "labelgate";

/** A token in a header. */
export interface HeaderCredential {
  readonly scheme: "token" | "bearer";
  readonly value: string;
  readonly from: "x-api-key" | "authorization";
}

/** Credentials of a request; both may be there. */
export interface ShownCredentials {
  readonly header: HeaderCredential | null;
  /** By which the store finds the session of the cookie; null where there is no single one. */
  readonly sessionHash: string | null;
}

/** Names and values in turn, as node:http has them. */
export type RawHeaders = readonly string[];

/** 32 bytes in base64url, which is what `newSessionToken` makes. */
const sessionTokenRe = /^[\w-]{43}$/;

/**
 * The credentials of a request whose session cookie has this name.
 * @throws AppError `bad_request` where a credential header came twice, `invalid_token` where a Token
 * or Bearer is no single word
 */
export function readCredentials(headers: RawHeaders, cookieName: string): ShownCredentials {
  let apiKey: string | null = null;
  let authorization: string | null = null;
  let cookies = "";
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const value = headers[at + 1] ?? "";
    switch (credentialName(headers[at] ?? "")) {
      case "cookie":
        cookies = cookies === "" ? value : `${cookies};${value}`;
        break;
      case "authorization":
        authorization = once(authorization, value, "authorization");
        break;
      case "x-api-key":
        apiKey = once(apiKey, value, "x-api-key");
        break;
      default:
    }
  }
  const header = ofApiKey(apiKey ?? "") ?? ofAuthorization(authorization ?? "");
  return { header, sessionHash: cookies === "" ? null : sessionHashIn(cookies, cookieName) };
}

/** The session's hash from the Cookie headers alone. */
export function readSessionHash(headers: RawHeaders, cookieName: string): string | null {
  let cookies = "";
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (credentialName(headers[at] ?? "") === "cookie") cookies += `;${headers[at + 1] ?? ""}`;
  }
  return sessionHashIn(cookies, cookieName);
}

/**
 * True where the token is of Labelgate's making by its looks, so that a bad one is refused. Others are
 * an outer gateway's, and are passed over beside a good session (GATEWAY 10.3).
 */
export function looksOurs({ scheme, value, from }: HeaderCredential): boolean {
  if (from === "x-api-key") return true;
  if (scheme === "token") return /^[0-9a-f]{40}$/i.test(value);
  const [, payload = "", ...rest] = value.split(".");
  if (rest.length !== 1) return false;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return (
      typeof claims === "object" && claims !== null && Reflect.get(claims, "iss") === tokenIssuer
    );
  } catch {
    return false;
  }
}

/** Lower-case where the header is one of the three; lengths first, since this runs on every request. */
function credentialName(name: string): string {
  const { length } = name;
  return length === 6 || length === 9 || length === 13 ? name.toLowerCase() : "";
}

function once(former: string | null, value: string, name: string): string {
  if (former !== null) throw new AppError("bad_request", { detail: `${name} was sent twice.` });
  return value;
}

function ofApiKey(text: string): HeaderCredential | null {
  const value = text.trim();
  if (value === "") return null;
  return { scheme: value.split(".").length === 3 ? "bearer" : "token", value, from: "x-api-key" };
}

function ofAuthorization(text: string): HeaderCredential | null {
  if (text === "") return null;
  const [, scheme = "", value = ""] = /^(token|bearer)\s+(\S+)\s*$/i.exec(text) ?? [];
  if (value !== "") {
    const isToken = scheme.toLowerCase() === "token";
    return { scheme: isToken ? "token" : "bearer", value, from: "authorization" };
  }
  if (/^(token|bearer)\b/i.test(text)) throw new AppError("invalid_token");
  return null;
}

function sessionHashIn(cookies: string, name: string): string | null {
  const token = onlyCookie(cookies, name);
  return token !== null && sessionTokenRe.test(token) ? hashSessionToken(token) : null;
}

/** The value of a cookie that came once; parsers keep only the first of several, the planted one. */
export function onlyCookie(cookies: string, name: string): string | null {
  let found: string | null = null;
  for (const pair of cookies.split(";")) {
    const text = pair.trim();
    if (!text.startsWith(name) || text[name.length] !== "=") continue;
    if (found !== null) return null;
    found = text.slice(name.length + 1);
  }
  return found;
}
