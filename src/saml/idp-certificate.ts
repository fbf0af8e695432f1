/**
 * The signing certificates of an identity provider: which key they carry and whether we trust it
 * (PRODUCT 2.3, 2.7). A certificate is an envelope for a key here: its own dates and its issuer are
 * shown to the administrator and decide nothing (saml-security section 1.5).
 */
import { createHash, type KeyObject, X509Certificate } from "node:crypto";

/** A signing certificate as metadata carries it. */
export interface SigningCertificate {
  /** Empty where the certificate cannot be read. */
  readonly pem: string;
  readonly subject: string;
  /** Upper-case hexadecimal bytes with colons, as identity providers show it. */
  readonly fingerprintSha256: string;
  /** 0 where the certificate cannot be read. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** "RSA 2048", "ECDSA P-256", …; empty where the certificate cannot be read. */
  readonly keyType: string;
  readonly isUsable: boolean;
  /** Why it is not usable, as a sentence. */
  readonly problem: string | null;
}

const minRsaBits = 2048;
/** OpenSSL verifies longer keys too, but slowly, and nobody uses them. */
const maxRsaBits = 8192;
const maxRsaExponent = 0xffff_ffffn;

/** OpenSSL's names of the curves that PRODUCT 2.3 accepts, with NIST's. */
const curves: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"],
]);

const armourRe = /-----BEGIN [A-Z0-9 ]+-----([\s\S]*?)-----END /;

/**
 * The certificate in a ds:X509Certificate's text: base64, however broken into lines. Of what is armoured
 * as PEM, with whatever stands around it, the first block counts.
 */
export function readSigningCertificate(text: string): SigningCertificate {
  const base64 = armourRe.exec(text)?.[1] ?? text.replaceAll(/-----[A-Z0-9 ]+-----/g, "");
  const der = Buffer.from(base64.replaceAll(/\s/g, ""), "base64");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return unreadable(der);
  }
  const { keyType, problem } = judgeKeyOf(certificate);
  return {
    pem: certificate.toString(),
    subject: certificate.subject.replaceAll("\n", ", "),
    fingerprintSha256: certificate.fingerprint256,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    keyType,
    isUsable: problem === null,
    problem,
  };
}

function unreadable(der: Buffer): SigningCertificate {
  const digits = createHash("sha256").update(der).digest("hex").toUpperCase();
  return {
    pem: "",
    subject: "",
    fingerprintSha256: (digits.match(/../g) ?? []).join(":"),
    notBeforeMs: 0,
    notAfterMs: 0,
    keyType: "",
    isUsable: false,
    problem: "It is no X.509 certificate, or is damaged.",
  };
}

function judgeKeyOf(certificate: X509Certificate): { keyType: string; problem: string | null } {
  let key: KeyObject;
  try {
    key = certificate.publicKey;
  } catch {
    // OpenSSL knows no key of this kind: GOST, for example.
    const problem = "Its key is of a kind that is not supported: RSA or ECDSA is needed.";
    return { keyType: "unknown", problem };
  }
  return judgeKey(key);
}

function judgeKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): {
  keyType: string;
  problem: string | null;
} {
  if (asymmetricKeyType === "rsa" || asymmetricKeyType === "rsa-pss") {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    const name = asymmetricKeyType === "rsa" ? "RSA" : "RSA-PSS";
    const exponent = asymmetricKeyDetails?.publicExponent ?? 0n;
    return {
      keyType: `${name} ${bits}`,
      problem: judgeRsaBits(bits) ?? judgeRsaExponent(exponent),
    };
  }
  if (asymmetricKeyType === "ec") {
    const curve = asymmetricKeyDetails?.namedCurve ?? "of an unknown curve";
    const name = curves.get(curve);
    if (name !== undefined) return { keyType: `ECDSA ${name}`, problem: null };
    const problem = `Its curve, ${curve}, is not supported: P-256, P-384 or P-521 is needed.`;
    return { keyType: `ECDSA ${curve}`, problem };
  }
  const keyType = (asymmetricKeyType ?? "unknown").toUpperCase();
  const problem = `Its key, ${keyType}, is not supported: RSA of 2048 bits or more, or ECDSA P-256, P-384 or P-521 is needed.`;
  return { keyType, problem };
}

/** With 1 anybody can sign; a long one makes each verification as slow as a signature. */
function judgeRsaExponent(exponent: bigint): string | null {
  if (exponent >= 3n && exponent <= maxRsaExponent) return null;
  return "Its RSA key has a public exponent that is not supported; the usual one is 65537.";
}

function judgeRsaBits(bits: number): string | null {
  if (bits < minRsaBits) return `Its RSA key has ${bits} bits; at least 2048 are needed.`;
  if (bits > maxRsaBits) return `Its RSA key has ${bits} bits; at most 8192 are supported.`;
  return null;
}
