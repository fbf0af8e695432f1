/**
 * Metadata of an identity provider that was entered by hand (PRODUCT 2.7): an entityID, a single sign-on
 * URL and certificates become the document that the provider would have published, so that all else
 * reads one form. Owns the sentences for what is no certificate; what a document must have is metadata.ts's.
 */

import { escapeText } from "./canonical.ts";
import { readSigningCertificate } from "./idp-certificate.ts";
import { mistakenText } from "./mistaken.ts";
import { ns } from "./structure.ts";
import { writeElement } from "./xml-writer.ts";

/** Values that somebody typed in. */
export interface HandMadeProvider {
  readonly entityId: string;
  readonly ssoUrl: string;
  /** As `readCertificates` tells them. */
  readonly certificates: readonly string[];
}

const md = "urn:oasis:names:tc:SAML:2.0:metadata";
const bindings = "urn:oasis:names:tc:SAML:2.0:bindings";

/** The document, for both bindings at the one URL. */
export function renderHandMetadata({ entityId, ssoUrl, certificates }: HandMadeProvider): string {
  const keys = certificates.map((base64) =>
    writeElement(
      "md:KeyDescriptor",
      { use: "signing" },
      writeElement(
        "ds:KeyInfo",
        { "xmlns:ds": ns.ds },
        writeElement("ds:X509Data", {}, writeElement("ds:X509Certificate", {}, escapeText(base64))),
      ),
    ),
  );
  const services = ["HTTP-Redirect", "HTTP-POST"].map((binding) =>
    writeElement("md:SingleSignOnService", {
      Binding: `${bindings}:${binding}`,
      Location: ssoUrl,
    }),
  );
  return writeElement(
    "md:EntityDescriptor",
    { "xmlns:md": md, entityID: entityId },
    writeElement(
      "md:IDPSSODescriptor",
      { protocolSupportEnumeration: ns.samlp },
      ...keys,
      ...services,
    ),
  );
}

const blockRe = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END [A-Z0-9 ]+-----/g;
const certificateRe = /^(?:X509 |TRUSTED )?CERTIFICATE$/;
const base64Re = /^[A-Za-z0-9+/]+={0,2}$/;
const longestFingerprint = 300;
const fingerprintRe = /^(?:[a-z0-9 =-]*)?(?:[0-9a-f]{2}[:\s]){15,}[0-9a-f]{2}$/i;

/**
 * The certificates in a text, as base64 of DER: PEM, one or several blocks with whatever stands around
 * them, or base64 alone; else the sentence that says what the text is.
 */
export function readCertificates(
  text: string,
): { readonly certificates: readonly string[] } | { readonly problem: string } {
  const content = text.replace(/^[\uFEFF\s]+/, "").trimEnd();
  const blocks = [...content.matchAll(blockRe)];
  if (blocks.some(([, label = ""]) => label.endsWith("PRIVATE KEY"))) {
    return {
      problem:
        "This holds a private key. Nobody but its owner may have it: if it is in use, replace it. Enter the certificate alone.",
    };
  }
  const found = blocks.filter(([, label = ""]) => certificateRe.test(label));
  const bodies = found.map(([, , body = ""]) => body.replaceAll(/\s/g, ""));
  const plain = content.replaceAll(/\s/g, "");
  if (blocks.length === 0 && base64Re.test(plain) && !isFingerprint(content)) bodies.push(plain);
  if (bodies.length === 0) return { problem: noCertificate(content, blocks[0]?.[1]) };
  const problem = bodies.map(judge).find((sentence) => sentence !== null);
  return problem == null ? { certificates: [...new Set(bodies)] } : { problem };
}

function judge(base64: string): string | null {
  const { subject, problem } = readSigningCertificate(base64);
  if (problem === null) return null;
  return subject === "" ? problem : `${subject}: ${problem}`;
}

function isFingerprint(content: string): boolean {
  return content.length <= longestFingerprint && fingerprintRe.test(content);
}

/** Explains why a text is no certificate, and what to enter instead. */
function noCertificate(content: string, label: string | undefined): string {
  const enter = "Enter the provider's signing certificate, in PEM or as base64 of DER.";
  if (content === "") return enter;
  if (label !== undefined) return `This is a ${label.toLowerCase()}, not a certificate. ${enter}`;
  if (/-----BEGIN /.test(content)) {
    return `The certificate is cut off: its last line, -----END CERTIFICATE-----, is missing.`;
  }
  if (isFingerprint(content)) return `This is a fingerprint, not the certificate. ${enter}`;
  if (/^https?:\/\//i.test(content)) return `This is a URL, not a certificate. ${enter}`;
  if (content.startsWith("<") && mistakenText(content) === null) {
    return "This is XML: if it is the provider's metadata, enter it as the metadata, which holds its certificate.";
  }
  const mistaken = mistakenText(content)?.detail.replace(", not metadata", "").split(/[;:.]/)[0];
  return mistaken === undefined
    ? `This is no certificate. ${enter}`
    : `${mistaken}, not a certificate. ${enter}`;
}
