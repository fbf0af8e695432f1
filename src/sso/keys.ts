/**
 * The service provider's own keys (PRODUCT 2.6): made on first need, sealed in the database, renewed
 * by hand in two steps. A `next` key is published and may decrypt before it is used; activating it
 * retires the former one, which still decrypts until the identity provider has followed.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { promisify } from "node:util";
import type { Deps } from "../deps.ts";
import { makeSpCertificate } from "../saml/certificate.ts";
import { renderSpMetadata } from "../saml/sp-metadata.ts";
import { serviceProviderUrls } from "../saml/urls.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { seal, unseal } from "../store/seal.ts";
import {
  activateNextSpKey,
  insertSpKey,
  loadSpKeys,
  type SpKeyRow,
  spKeyContext,
} from "../store/sp-keys.ts";

const generate = promisify(generateKeyPair);
const yearMs = 365 * 24 * 3_600_000;
/** Nobody checks the dates of an SP certificate; rollover is by hand (PRODUCT 2.6). */
const certificateYears = 10;

/** A usable key of ours with its certificate. */
export interface SpKey {
  readonly id: number;
  readonly state: SpKeyRow["state"];
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
}

/** Opened keys by their sealed text: unsealing and parsing cost more than a whole sign-in. */
const opened = new Map<string, KeyObject>();
const maxOpened = 1000;

/** The key that signs AuthnRequests; made now where the organization has none. */
export async function signingKey(deps: Deps, record: SamlRecord): Promise<SpKey> {
  const keys = await openKeys(deps, record.organizationId);
  const active = keys.find((key) => key.state === "active");
  return active ?? (await makeKey(deps, record, "active"));
}

/** Anybody may post a ciphertext, and each key that is tried costs a private-key operation. */
const maxDecryptionKeys = 3;

/**
 * The keys that an identity provider may have encrypted for: the active one first, then the next one,
 * then the youngest of those that were retired.
 */
export async function decryptionKeys(
  deps: Deps,
  record: SamlRecord,
): Promise<readonly KeyObject[]> {
  const keys = await openKeys(deps, record.organizationId);
  return keys.slice(0, maxDecryptionKeys).map((key) => key.privateKey);
}

/** The active key, made now where there is none, and the next one where it was published. */
export async function publishedKeys(deps: Deps, record: SamlRecord): Promise<readonly SpKey[]> {
  await signingKey(deps, record);
  const keys = await openKeys(deps, record.organizationId);
  return keys.filter((key) => key.state !== "retired");
}

/** SP metadata for the identity provider to import, with the active and the next certificate. */
export async function describeServiceProvider(deps: Deps, record: SamlRecord): Promise<string> {
  const keys = await publishedKeys(deps, record);
  const { acs } = serviceProviderUrls(deps.config.baseUrl, record.token);
  const { wantAssertionsSigned, nameIdFormat } = record.settings;
  return renderSpMetadata({
    entityId: acs,
    acsUrl: acs,
    nameIdFormat,
    certificates: keys.map((key) => ({ pem: key.certificatePem, use: "both" as const })),
    wantAssertionsSigned: wantAssertionsSigned ?? deps.config.samlWantAssertionsSigned,
    authnRequestsSigned: deps.config.samlAuthnRequestsSigned,
    organizationTitle: record.organization.title,
  });
}

/** Publishes the key that will follow; does nothing where one waits already. */
export async function prepareNextKey(deps: Deps, record: SamlRecord): Promise<SpKey> {
  await signingKey(deps, record);
  const keys = await openKeys(deps, record.organizationId);
  return keys.find((key) => key.state === "next") ?? (await makeKey(deps, record, "next"));
}

/** Lets the next key sign; false where none was published. */
export async function activateNextKey(deps: Deps, record: SamlRecord): Promise<boolean> {
  return await deps.store.transaction((tx) => activateNextSpKey(tx, record.organizationId));
}

/** Keys that are being made in this process, by organization and state. */
const making = new WeakMap<Deps["store"], Map<string, Promise<SpKey>>>();

/** Making one takes a thread for long; everybody who needs it meanwhile waits for the one. */
async function makeKey(deps: Deps, record: SamlRecord, state: "active" | "next"): Promise<SpKey> {
  const inStore = making.get(deps.store) ?? new Map<string, Promise<SpKey>>();
  making.set(deps.store, inStore);
  const name = `${state} ${record.organizationId}`;
  let made = inStore.get(name);
  if (made === undefined) {
    made = generateKey(deps, record, state).finally(() => inStore.delete(name));
    inStore.set(name, made);
  }
  return await made;
}

async function generateKey(
  deps: Deps,
  record: SamlRecord,
  state: "active" | "next",
): Promise<SpKey> {
  const { organizationId } = record;
  const { privateKey } = await generate("rsa", { modulusLength: 3072 });
  const at = deps.now();
  const certificatePem = makeSpCertificate({
    commonName: `Labelgate ${new URL(deps.config.baseUrl).hostname}`,
    serial: randomBytes(16),
    notBeforeMs: at,
    notAfterMs: at + certificateYears * yearMs,
    privateKey,
    publicKey: createPublicKey(privateKey),
  });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const privateKeySealed = seal(deps.config.secretKey, pem, spKeyContext(organizationId));
  // Another replica may have been faster; what the database holds then is the key.
  await insertSpKey(deps.store.db, { organizationId, state, certificatePem, privateKeySealed, at });
  const stored = (await openKeys(deps, organizationId)).find((key) => key.state === state);
  if (stored === undefined) throw new Error(`organization ${organizationId} lost its ${state} key`);
  return stored;
}

async function openKeys(deps: Deps, organizationId: number): Promise<readonly SpKey[]> {
  const rows = await loadSpKeys(deps.store.db, organizationId);
  return rows.map(({ id, state, certificatePem, privateKeySealed }) => ({
    id,
    state,
    certificatePem,
    privateKey: openKey(deps, organizationId, privateKeySealed),
  }));
}

function openKey(deps: Deps, organizationId: number, sealed: string): KeyObject {
  const known = opened.get(sealed);
  if (known !== undefined) return known;
  const pem = unseal(deps.config, sealed, spKeyContext(organizationId));
  const key = createPrivateKey(pem);
  if (opened.size >= maxOpened) opened.clear();
  opened.set(sealed, key);
  return key;
}
