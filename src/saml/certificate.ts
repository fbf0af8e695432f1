/**
 * The self-signed X.509 certificate in which a service provider publishes its key (PRODUCT 2.6).
 *
 * SAML uses certificates as envelopes for public keys: nobody builds chains or asks for revocation
 * (SAML Metadata Interoperability Profile 2.6.1). So this file writes the one shape that is needed, as DER
 * (X.690), and nothing else; the libraries that could do it are asynchronous or many times larger.
 * Reading other people's certificates is metadata.ts's business, by node's X509Certificate.
 */
import { type KeyObject, sign } from "node:crypto";

/** Contents of a certificate; `serial` is up to 20 bytes of the caller's randomness. */
export interface CertificateOptions {
  /** Shown to administrators at the identity provider; cut to the 64 characters that X.509 allows. */
  readonly commonName: string;
  readonly serial: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** RSA, or ECDSA on a curve that node can sign SHA-256 with. */
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * A certificate for `publicKey`, signed by `privateKey` with SHA-256, as PEM (RFC 5280, version 3).
 *
 * It says that it is no authority and may sign; an RSA key may also encrypt keys, as identity
 * providers do when they encrypt assertions.
 */
export function makeSpCertificate(options: CertificateOptions): string {
  const { publicKey, privateKey } = options;
  const isRsa = publicKey.asymmetricKeyType === "rsa";
  const algorithm = isRsa
    ? sequence(objectId(oids.sha256WithRsa), tlv(tags.null))
    : sequence(objectId(oids.ecdsaWithSha256));
  const name = nameOf(options.commonName);
  const body = sequence(
    tlv(tags.context0, integer(Buffer.of(2))),
    integer(options.serial),
    algorithm,
    name,
    sequence(time(options.notBeforeMs), time(options.notAfterMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(tags.context3, sequence(...extensions(isRsa))),
  );
  const signature = sign("sha256", body, privateKey);
  return toPem(sequence(body, algorithm, bitString(signature, 0)));
}

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context3: 0xa3,
} as const;

const oids = {
  commonName: "2.5.4.3",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

/** X.520's upper bound of a common name. */
const maxCommonName = 64;

/** keyUsage bits (RFC 5280, 4.2.1.3), counted from the most significant one. */
const digitalSignature = 0x80;
const keyEncipherment = 0x20;

function extensions(isRsa: boolean): Buffer[] {
  const isCritical = tlv(tags.boolean, Buffer.of(0xff));
  const usage = isRsa
    ? bitString(Buffer.of(digitalSignature | keyEncipherment), 5)
    : bitString(Buffer.of(digitalSignature), 7);
  return [
    // An empty sequence: DER leaves the default out, and the default is "no authority".
    sequence(objectId(oids.basicConstraints), isCritical, tlv(tags.octetString, sequence())),
    sequence(objectId(oids.keyUsage), isCritical, tlv(tags.octetString, usage)),
  ];
}

function nameOf(commonName: string): Buffer {
  const text = [...commonName].slice(0, maxCommonName).join("");
  const attribute = sequence(objectId(oids.commonName), tlv(tags.utf8String, Buffer.from(text)));
  return sequence(tlv(tags.set, attribute));
}

/** UTCTime up to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5); whole seconds. */
function time(atMs: number): Buffer {
  const digits = `${new Date(atMs).toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  const isUtcTime = digits >= "1950" && digits < "2050";
  return isUtcTime
    ? tlv(tags.utcTime, Buffer.from(digits.slice(2)))
    : tlv(tags.generalizedTime, Buffer.from(digits));
}

/** A non-negative integer from its big-endian bytes, in the shortest form. */
function integer(bytes: Uint8Array): Buffer {
  const firstUsed = bytes.findIndex((byte) => byte !== 0);
  const shortest = firstUsed === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(firstUsed));
  const isHighBitSet = (shortest[0] ?? 0) >= 0x80;
  return tlv(tags.integer, ...(isHighBitSet ? [Buffer.of(0), shortest] : [shortest]));
}

function bitString(bytes: Buffer, unusedBits: number): Buffer {
  return tlv(tags.bitString, Buffer.of(unusedBits), bytes);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of others) bytes.push(...base128(arc));
  return tlv(tags.objectId, Buffer.from(bytes));
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift((rest % 128) + 128);
  }
  return bytes;
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(tags.sequence, ...parts);
}

/** Tag, length, value: the one shape that DER has. */
function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(value.length), value]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 + bytes.length, ...bytes);
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
