/**
 * The SAML libraries that `npm run bench:saml` measures, each configured as its documentation says and
 * behind one function: from the form field to the e-mail address. A peer that does not accept the
 * message, or returns another address, is an error and not a figure.
 */
import saml20Module from "@boxyhq/saml20";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { IdentityProvider, ServiceProvider, setSchemaValidator } from "samlify";
import type { Signer } from "../demo/signer.ts";
import { readIdentity } from "../src/saml/attributes.ts";
import { parseIdpMetadata, trustOf } from "../src/saml/metadata.ts";
import { presets } from "../src/saml/presets.ts";
import { decodeResponseField, type Expected, verifyResponse } from "../src/saml/response.ts";
import { renderSpMetadata } from "../src/saml/sp-metadata.ts";

/** Reads a person's e-mail address from the form field SAMLResponse, everything verified. */
export type SignOn = (field: string) => Promise<unknown>;

/** Who signs, and for whom. */
export interface Parties {
  readonly idp: Signer;
  /** The service provider's key, for encrypted assertions. */
  readonly sp: Signer;
  readonly acsUrl: string;
}

const maxBytes = 1_048_576;

/** A CommonJS module whose exports stand under its own `default`. */
const saml20 = saml20Module.default;

/** Labelgate: the same three calls as at the ACS. */
export function labelgate({ idp, sp, acsUrl }: Parties): SignOn {
  const trust = trustOf(parseIdpMetadata(idp.metadataXml(), Date.now()));
  const expected: Expected = {
    acsUrl,
    entityId: acsUrl,
    wantAssertionsSigned: true,
    wantResponseSigned: false,
    allowSha1: false,
    allowCbc: true,
    clockSkewMs: 180_000,
    decryptionKeys: [sp.privateKey],
  };
  const { mapping } = presets.default;
  return async (field) => {
    const xml = decodeResponseField(field, maxBytes);
    const assertion = await verifyResponse(xml, trust, expected, Date.now());
    return readIdentity(assertion, mapping, { splitGroupsOnComma: false, isMapped: () => false })
      .identity.email;
  };
}

/** @node-saml/node-saml, the library under passport-saml. */
export function nodeSaml({ idp, sp, acsUrl }: Parties): SignOn {
  const peer = new SAML({
    callbackUrl: acsUrl,
    issuer: acsUrl,
    audience: acsUrl,
    idpCert: idp.certificatePem,
    idpIssuer: idp.entityId,
    decryptionPvk: privatePem(sp),
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: 180_000,
  });
  return async (SAMLResponse) => {
    const { profile } = await peer.validatePostResponseAsync({ SAMLResponse });
    return profile?.["Email"];
  };
}

/** samlify; its schema validator is the caller's to bring, and brought here as one that costs nothing. */
export function samlify({ idp, sp, acsUrl }: Parties, isEncrypted: boolean): SignOn {
  setSchemaValidator({ validate: () => Promise.resolve("not validated") });
  const certificates = [{ pem: sp.certificatePem, use: "both" as const }];
  const provider = ServiceProvider({
    metadata: renderSpMetadata({
      entityId: acsUrl,
      acsUrl,
      certificates,
      wantAssertionsSigned: true,
      authnRequestsSigned: false,
    }),
    encPrivateKey: privatePem(sp),
  });
  const peer = IdentityProvider({
    metadata: idp.metadataXml(),
    isAssertionEncrypted: isEncrypted,
    messageSigningOrder: "sign-then-encrypt",
  });
  return async (SAMLResponse) => {
    const { extract } = await provider.parseLoginResponse(peer, "post", { body: { SAMLResponse } });
    return extract.attributes?.["Email"];
  };
}

/** @boxyhq/saml20, the library of Polis (SAML Jackson). */
export function boxySaml20({ idp, sp, acsUrl }: Parties): SignOn {
  const options = {
    publicKey: idp.certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, ""),
    audience: acsUrl,
    privateKey: privatePem(sp),
  };
  return async (field) => {
    const xml = await saml20.decodeBase64(field, false);
    const { claims } = await saml20.validate(xml, options);
    return claims["Email"];
  };
}

function privatePem(signer: Signer): string {
  return signer.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
