/**
 * Parsers of variables' values: text → typed value, or the end of the sentence "<NAME> …" that says what
 * would be right. config.ts lists the variables.
 */
import { isIP } from "node:net";
import { z } from "zod";

const truthy = new Set(["1", "true", "yes"]);
const falsy = new Set(["0", "false", "no"]);

/** A schema from text by `read`, which returns the value or says `must…`. */
export function parsed<T>(
  read: (text: string) => { value: T } | { must: string },
): z.ZodType<T, string> {
  return z.string().transform((raw, context): T => {
    const result = read(raw.trim());
    if ("value" in result) return result.value;
    context.addIssue({ code: "custom", message: result.must });
    return z.NEVER;
  });
}

/** 0/1/true/false/yes/no, in any case (PRODUCT 5). */
export const flag = parsed((word) => {
  const lower = word.toLowerCase();
  if (truthy.has(lower)) return { value: true };
  if (falsy.has(lower)) return { value: false };
  return { must: "must be 0, 1, true, false, yes or no" };
});

export const integer = (least: number, most: number): z.ZodType<number, string> =>
  parsed((digits) => {
    const value = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    if (value >= least && value <= most) return { value };
    return { must: `must be a whole number from ${least} to ${most}` };
  });

export const oneOf = (words: readonly string[]): z.ZodType<string, string> =>
  parsed((word) => {
    const lower = word.toLowerCase();
    return words.includes(lower)
      ? { value: lower }
      : { must: `must be one of ${words.join(", ")}` };
  });

/** One line of text. */
export const text = (most: number): z.ZodType<string, string> =>
  parsed((line) => {
    if (line.length <= most && !/\p{Cc}/u.test(line)) return { value: line };
    return { must: `must be one line of at most ${most} characters` };
  });

/** A secret, kept exactly as it is. */
export const secretText = (least: number): z.ZodType<string, string> =>
  z.string().min(least, `must have at least ${least} characters`);

/** The public origin (PRODUCT 9.3), without a final slash. */
export const origin = parsed((address) => {
  const url = parseHttpUrl(address);
  if (url === null) return { must: "must be an origin such as https://labels.example.com" };
  if (url.username !== "" || url.password !== "") {
    return { must: "must not contain a user name or a password" };
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return { must: `must be an origin alone, without a path: ${url.origin}` };
  }
  return { value: url.origin };
});

/** The address of Label Studio (GATEWAY 10.1): `embedded`, or the origin of one of your own. */
export const upstreamUrl = parsed((address) => {
  if (address.toLowerCase() === "embedded") return { value: "embedded" };
  const url = parseHttpUrl(address);
  if (url === null || url.username !== "" || url.password !== "") {
    return { must: "must be embedded, or an address such as http://label-studio:8080" };
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return { must: `must be an origin alone, without a path: ${url.origin}` };
  }
  return { value: url.origin };
});

/** Origins of other sites, separated by commas. */
export const originList: z.ZodType<readonly string[], string> = parsed((list) => {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const wrong = entries.filter((entry) => parseHttpUrl(entry)?.origin !== entry.replace(/\/$/, ""));
  if (wrong.length === 0) return { value: entries.map((entry) => new URL(entry).origin) };
  const names = wrong.map((entry) => `"${entry}"`).join(", ");
  return { must: `must list origins such as https://app.example.com; not understood: ${names}` };
});

/** An http(s) URL, or a path of this site; null never comes from text. */
export const pathOrUrl: z.ZodType<string | null, string> = parsed((address) => {
  const isPath = /^\/(?![/\\])[^\s\\]*$/.test(address);
  if (isPath) return { value: address };
  const url = parseHttpUrl(address);
  if (url !== null) return { value: url.href };
  return { must: "must be an http or https URL, or a path such as /about" };
});

function parseHttpUrl(address: string): URL | null {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "" ? url : null;
}

/** Only PostgreSQL is named by URL; SQLite is what is used without one (PRODUCT 9.1). */
export const databaseUrl = parsed((address) => {
  if (!/^postgres(ql)?:\/\//.test(address)) {
    return { must: "must begin with postgres:// (leave it unset for SQLite in DATA_DIR)" };
  }
  const url = URL.parse(address);
  if (url === null) {
    return {
      must: "is not a valid URL; special characters in the password must be percent-encoded",
    };
  }
  if (url.pathname.length < 2) {
    return { must: "must name a database, as in postgres://user:password@host:5432/labelgate" };
  }
  return { value: address };
});

export const smtpUrl = parsed((address) => {
  const url = URL.parse(address);
  const isSmtp = url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== "";
  if (isSmtp) return { value: address };
  return { must: "must be a URL such as smtps://user:password@mail.example.com:465" };
});

/** One e-mail address, lower-case (PRODUCT 1.2). */
export const mailAddress = parsed((address) => {
  const isAddress = address.length <= 254 && z.email().safeParse(address).success;
  return isAddress
    ? { value: address.toLowerCase() }
    : { must: "must be one e-mail address such as owner@example.com" };
});

/** Names for the networks that proxies usually stand in. */
const networks: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** This machine and private networks, each as `address/bits`. */
export const nearNetworks: readonly string[] = ["loopback", "uniquelocal"].flatMap(
  (name) => networks[name] ?? [],
);

/** Addresses and networks, each as `address/bits` (PRODUCT 9.3). */
export const proxyList: z.ZodType<readonly string[], string> = parsed((list) => {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const unknown = entries.filter((entry) => networkOf(entry) === null);
  if (unknown.length === 0) return { value: entries.flatMap((entry) => networkOf(entry) ?? []) };
  const names = unknown.map((entry) => `"${entry}"`).join(", ");
  return { must: `must list addresses or networks such as 10.0.0.0/8; not understood: ${names}` };
});

function networkOf(entry: string): readonly string[] | null {
  const named = networks[entry];
  if (named !== undefined) return named;
  const [address = "", bits, ...rest] = entry.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (most < 0 || rest.length > 0) return null;
  if (bits === undefined) return [`${address}/${most}`];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? [entry] : null;
}

/** True for a host name that only this machine answers to. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
