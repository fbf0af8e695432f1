/**
 * The identity provider of the demo and of the tests: makes a key, publishes metadata, and answers
 * with responses that are signed and encrypted as asked. Never imported by src.
 *
 * It shares nothing with the verifier: it writes canonical text (canonical-text.ts) and signs it
 * with node:crypto (sign-xml.ts, encrypt-xml.ts). The `edit…` hooks change a message between its
 * steps, so that attacks carry genuine signatures:
 *
 *   editAssertion → sign assertion → editSignedAssertion → encrypt → editResponse → sign response → editMessage
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { makeSpCertificate } from "../src/saml/certificate.ts";
import { namespaces } from "./canonical-text.ts";
import { type EncryptOptions, encryptElement } from "./encrypt-xml.ts";
import {
  type Message,
  type MessageOptions,
  renderAssertion,
  renderResponse,
  statusCodes,
} from "./render-response.ts";
import { type SignatureAlgorithm, type SignOptions, signElement } from "./sign-xml.ts";
import { type MetadataOptions, renderIdpMetadata } from "./signer-metadata.ts";

export type KeyType = keyof typeof keyMakers;

/** Who the identity provider is. A key pair of one's own saves the time of making one. */
export interface SignerOptions {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly keyType?: KeyType;
  readonly keyPair?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly certificateNotBeforeMs?: number;
  readonly certificateNotAfterMs?: number;
}

type Edit = (xml: string) => string;

/** One response: what it says (MessageOptions), how it is signed and encrypted, what is done to it. */
export interface RespondOptions extends MessageOptions {
  /** Default "assertion". */
  readonly sign?: "response" | "assertion" | "both" | "none";
  readonly algorithm?: SignatureAlgorithm;
  readonly digest?: SignOptions["digest"];
  readonly canonicalization?: SignOptions["canonicalization"];
  /** Default: `xs` where values are typed. */
  readonly prefixList?: string | null;
  readonly withKeyInfo?: boolean;
  /** Encrypts the assertion after signing it. */
  readonly encryptFor?: EncryptOptions;
  /** Leaves out of the encrypted text what its surroundings declare (xmlns:saml). */
  readonly inheritNamespaces?: boolean;
  readonly editSignedInfo?: Edit;
  readonly editSignature?: Edit;
  readonly editAssertion?: Edit;
  readonly editSignedAssertion?: Edit;
  readonly editResponse?: Edit;
  readonly editMessage?: Edit;
}

export interface Signer {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The default algorithm for the key. */
  readonly algorithm: SignatureAlgorithm;
  metadataXml(options?: MetadataOptions): string;
  /** The response as XML. */
  respond(options: RespondOptions): string;
  /** The response as the value of the form field SAMLResponse. */
  respondBase64(options: RespondOptions): string;
  /** Any canonical element with an ID, signed; for messages that `respond` cannot write. */
  signXml(xml: string, options?: Partial<SignOptions>): string;
}

const keyMakers = {
  rsa1024: () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
  rsa2048: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  rsa3072: () => generateKeyPairSync("rsa", { modulusLength: 3072 }),
  rsa4096: () => generateKeyPairSync("rsa", { modulusLength: 4096 }),
  ec256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ec384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  ec521: () => generateKeyPairSync("ec", { namedCurve: "P-521" }),
} as const;

const defaultNotBeforeMs = Date.UTC(2024, 0, 1);
const defaultNotAfterMs = Date.UTC(2044, 0, 1);

/** A new identity provider with a key and a self-signed certificate (2024 to 2044). */
export function createSigner(options: SignerOptions): Signer {
  const { entityId, ssoUrl, keyType = "rsa2048" } = options;
  const { privateKey, publicKey } = options.keyPair ?? keyMakers[keyType]();
  const certificatePem = makeSpCertificate({
    commonName: `Demo IdP ${entityId}`,
    serial: randomBytes(12),
    notBeforeMs: options.certificateNotBeforeMs ?? defaultNotBeforeMs,
    notAfterMs: options.certificateNotAfterMs ?? defaultNotAfterMs,
    privateKey,
    publicKey,
  });
  const algorithm = publicKey.asymmetricKeyType === "ec" ? "ecdsa-sha256" : "rsa-sha256";
  const key = { privateKey, certificatePem, algorithm } as const;
  const respond = (response: RespondOptions): string => writeResponse(entityId, key, response);
  return {
    entityId,
    ssoUrl,
    certificatePem,
    privateKey,
    publicKey,
    algorithm,
    metadataXml: (metadata = {}) =>
      renderIdpMetadata({ entityId, ssoUrl, certificatePem }, metadata),
    respond,
    respondBase64: (response) => Buffer.from(respond(response)).toString("base64"),
    signXml: (xml, changes = {}) => signElement(xml, { ...key, ...changes }),
  };
}

type SigningKey = Required<Pick<SignOptions, "privateKey" | "algorithm">> & {
  readonly certificatePem: string;
};

function writeResponse(entityId: string, key: SigningKey, options: RespondOptions): string {
  const message: Message = {
    ...options,
    entityId,
    responseId: options.responseId ?? newId(),
    assertionId: options.assertionId ?? newId(),
    transientId: newId(),
  };
  const { sign = "assertion" } = options;
  const signOptions = signOptionsOf(key, options);
  const assertion = writeAssertion(message, options, signOptions);
  const { editResponse = unchanged, editMessage = unchanged } = options;
  const response = editResponse(renderResponse(message, assertion));
  const isSigned = sign === "response" || sign === "both";
  return editMessage(isSigned ? signElement(response, signOptions) : response);
}

/** The assertion as it stands in the response: signed, then encrypted, where asked. */
function writeAssertion(
  message: Message,
  options: RespondOptions,
  signOptions: SignOptions,
): string {
  const { sign = "assertion", encryptFor, status } = options;
  const isError = status !== undefined && status.code !== statusCodes.success;
  if (!(options.withAssertion ?? !isError)) return "";
  const { editAssertion = unchanged, editSignedAssertion = unchanged } = options;
  const written = editAssertion(renderAssertion(message));
  const isSigned = sign === "assertion" || sign === "both";
  const signed = isSigned
    ? signElement(written, { ...signOptions, outerPrefixes: ["samlp"] })
    : written;
  const plain = editSignedAssertion(signed);
  if (encryptFor === undefined) return plain;
  const content =
    options.inheritNamespaces === true
      ? plain.replace(` xmlns:saml="${namespaces.saml}"`, "")
      : plain;
  return encryptElement("EncryptedAssertion", content, encryptFor);
}

function signOptionsOf(key: SigningKey, options: RespondOptions): SignOptions {
  const isTyped = options.valueType != null;
  return {
    privateKey: key.privateKey,
    certificatePem: options.withKeyInfo === false ? null : key.certificatePem,
    algorithm: options.algorithm ?? key.algorithm,
    prefixList: options.prefixList === undefined && isTyped ? "xs" : (options.prefixList ?? null),
    digest: options.digest ?? "sha256",
    canonicalization: options.canonicalization ?? "exclusive",
    editSignedInfo: options.editSignedInfo ?? unchanged,
    editSignature: options.editSignature ?? unchanged,
  };
}

const unchanged: Edit = (xml) => xml;

const newId = (): string => `_${randomBytes(16).toString("hex")}`;
