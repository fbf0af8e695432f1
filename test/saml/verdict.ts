/** What our verifier says about the signed element of a generated document. */
import { createPublicKey } from "node:crypto";
import { AppError } from "../../src/errors.ts";
import { verifySignature } from "../../src/saml/signature.ts";
import { parseXml } from "../../src/saml/xml.ts";
import { elementsOf, type XmlElement } from "../../src/saml/xml-tree.ts";
import { signedLocal, signingKeys } from "./signed-documents.ts";

const key = createPublicKey(signingKeys.privateKey);

/** The element and all elements inside it, in document order. */
export function allElements(root: XmlElement): XmlElement[] {
  return [root, ...elementsOf(root).flatMap(allElements)];
}

/**
 * Whether the signature holds. A refusal for any other reason than the digest or the signature is
 * thrown: generated documents give none.
 */
export function ourVerdict(xml: string): boolean {
  const signed = allElements(parseXml(xml)).find(({ local }) => local === signedLocal);
  if (signed === undefined) throw new Error(`no ${signedLocal}`);
  const signature = elementsOf(signed).find(({ local }) => local === "Signature");
  if (signature === undefined) throw new Error("no Signature");
  const policy = { keys: [{ key, fingerprint: "test" }], allowSha1: false };
  try {
    verifySignature(signed, signature, policy);
    return true;
  } catch (error) {
    const isVerdict =
      error instanceof AppError &&
      ["saml_signature_invalid", "saml_digest_mismatch"].includes(error.code);
    if (isVerdict) return false;
    throw error;
  }
}
