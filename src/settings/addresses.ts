/**
 * Decides which network addresses a server-side fetch may reach (PRODUCT 2.7). Pure: no DNS, no sockets.
 *
 * Link-local and cloud-metadata addresses are refused always, because nothing that answers there is
 * an identity provider and what does answer there gives credentials away. Other addresses that are
 * not public are refused where SSRF_PROTECTION_ENABLED=1. An IPv6 address that carries an IPv4 one
 * is judged by the IPv4 address too, whichever of the transition mechanisms wraps it.
 */
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `forbidden` is refused always, `private` only under SSRF protection. */
export type AddressVerdict = "public" | "private" | "forbidden";

/** Link-local, and where AWS, Azure, Google, Alibaba and Oracle keep instance metadata. */
const forbiddenRanges = [
  "169.254.0.0/16",
  "fe80::/10",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "168.63.129.16/32",
].map((range) => ipaddr.parseCIDR(range));

/** Names of the clouds' metadata services, which resolve only inside the cloud. */
const forbiddenNames: ReadonlySet<string> = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
]);

/** IPv6 prefixes inside which an IPv4 address stands, and at which bytes. */
const carriers = (
  [
    // Mapped and the deprecated compatible form (RFC 4291 2.5.5), SIIT (RFC 7915).
    ["::ffff:0:0/96", [12, 13, 14, 15]],
    ["::/96", [12, 13, 14, 15]],
    ["::ffff:0:0:0/96", [12, 13, 14, 15]],
    // NAT64: the well-known prefix, and the local one as /96 and as /48 (RFC 6052 2.2, RFC 8215).
    ["64:ff9b::/96", [12, 13, 14, 15]],
    ["64:ff9b:1::/48", [12, 13, 14, 15]],
    ["64:ff9b:1::/48", [6, 7, 9, 10]],
    // 6to4 (RFC 3056).
    ["2002::/16", [2, 3, 4, 5]],
  ] as const
).map(([range, positions]) => ({ range: ipaddr.parseCIDR(range), positions }));

/** Teredo stores the client's address with every bit turned over (RFC 4380 4). */
const teredo = ipaddr.parseCIDR("2001::/32");

/** True for a host name under which only a cloud's metadata service answers. */
export function isForbiddenName(hostname: string): boolean {
  return forbiddenNames.has(hostname.toLowerCase().replace(/\.+$/, ""));
}

/** Judges a fetch to this address; text that is no address counts as forbidden. */
export function judgeAddress(text: string): AddressVerdict {
  if (!ipaddr.isValid(text)) return "forbidden";
  const address = ipaddr.parse(text);
  const carried = carriedAddresses(address).map(judgeOne);
  // A translated address is worth what it translates to: NAT64 networks reach everything that way.
  const verdicts = carried.length > 0 ? carried : [judgeOne(address)];
  if (verdicts.includes("forbidden")) return "forbidden";
  return verdicts.includes("private") ? "private" : "public";
}

function carriedAddresses(address: Address): readonly Address[] {
  if (address.kind() === "ipv4") return [];
  const bytes = address.toByteArray();
  const carried = carriers
    .filter(({ range }) => isWithin(address, range))
    .map(({ positions }) => ipaddr.fromByteArray(positions.map((at) => bytes[at] ?? 0)));
  if (isWithin(address, teredo)) {
    carried.push(ipaddr.fromByteArray(bytes.slice(12).map((byte) => 255 - byte)));
  }
  return carried;
}

function isWithin(address: Address, [base, bits]: [Address, number]): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}

function judgeOne(address: Address): AddressVerdict {
  if (forbiddenRanges.some((range) => isWithin(address, range))) return "forbidden";
  return address.range() === "unicast" ? "public" : "private";
}
