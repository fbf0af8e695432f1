/**
 * The identity providers that the set-up knows: what each calls our addresses, where its metadata is,
 * and the clicks there, the words of docs/idp/*.md in short. Data only.
 *
 * In a text, **this** is a label to click or to look for and `this` a value to enter.
 */

/** The step of the set-up that a click belongs to. */
export type ClickStep = "addresses" | "metadata" | "attributes" | "test";

/** One thing to do at the provider. */
export interface Click {
  readonly at: ClickStep;
  readonly text: string;
}

/** A choice of attribute names, with its value of `idp_provider`. */
export interface Variant {
  readonly idp: string;
  readonly label: string;
}

/** A provider, as a tile shows it. */
export interface Provider {
  readonly key: string;
  readonly name: string;
  /** A few words under the name. */
  readonly note: string;
  /** Values of `idp_provider`; the first is chosen with the tile. */
  readonly variants: readonly [Variant, ...Variant[]];
  /** The preset of the attribute names, where `idp_provider` is a word of our own. */
  readonly preset?: string;
  /** The provider's own labels for our addresses. */
  readonly calls: {
    readonly acs: string;
    readonly entityId: string;
    readonly login: string | null;
  };
  readonly metadataBy: "url" | "file";
  /** Shaped like its metadata URL. */
  readonly metadataExample: string;
  readonly clicks: readonly Click[];
  /** Hints to read after the clicks. */
  readonly hints: readonly string[];
}

const okta: Provider = {
  key: "okta",
  name: "Okta",
  note: "Workforce Identity",
  variants: [{ idp: "okta", label: "Okta" }],
  calls: {
    acs: "Single sign-on URL",
    entityId: "Audience URI (SP Entity ID)",
    login: null,
  },
  metadataBy: "url",
  metadataExample: "https://<org>.okta.com/app/<id>/sso/saml/metadata",
  clicks: [
    {
      at: "addresses",
      text: "In the Admin Console open **Applications** → **Create App Integration** → **SAML 2.0** → **Next**. Name it, **Next**.",
    },
    {
      at: "addresses",
      text: "**Single sign-on URL**: the ACS URL. Leave **Use this for Recipient URL and Destination URL** ticked. **Audience URI (SP Entity ID)**: the ACS URL again.",
    },
    { at: "addresses", text: "**Name ID format**: any. **Application username**: Email." },
    {
      at: "attributes",
      text: "**Attribute Statements**: `email` → `user.email`, `firstName` → `user.firstName`, `lastName` → `user.lastName`.",
    },
    {
      at: "attributes",
      text: "**Group Attribute Statements**: `groups`, filter **Matches regex** `LS-.*`, or what your groups start with. Send only those that you map.",
    },
    { at: "metadata", text: "**Finish**. On the **Sign On** tab copy the **Metadata URL**." },
    { at: "test", text: "**Assignments** → assign people or groups." },
  ],
  hints: [
    "For the tile on the Okta dashboard, allow sign-on that starts at the provider (security switches), or put the Login URL behind a Bookmark app.",
  ],
};

const entra: Provider = {
  key: "entra",
  name: "Microsoft Entra ID",
  note: "Formerly Azure AD",
  variants: [
    { idp: "azure", label: "Full claim URIs, Entra's default" },
    { idp: "azure_short", label: "Short names, where the claims were renamed" },
  ],
  calls: {
    acs: "Reply URL (Assertion Consumer Service URL)",
    entityId: "Identifier (Entity ID)",
    login: "Sign on URL",
  },
  metadataBy: "url",
  metadataExample:
    "https://login.microsoftonline.com/<tenant-id>/federationmetadata/2007-06/federationmetadata.xml?appid=<app-id>",
  clicks: [
    {
      at: "addresses",
      text: "In the Azure portal open **Microsoft Entra ID** → **Enterprise applications** → **New application** → **Create your own application** → **Integrate any other application you don't find in the gallery** → **Create**.",
    },
    {
      at: "addresses",
      text: "**Single sign-on** → **SAML** → **Basic SAML Configuration**. **Identifier (Entity ID)** and **Reply URL**: the ACS URL. **Sign on URL**: the Login URL.",
    },
    {
      at: "attributes",
      text: "**Attributes & Claims** → **Add a group claim** → **Groups assigned to the application**; **Source attribute**: `sAMAccountName`, or **Cloud-only group display names**. Not Group ID: a mapping to `LS-Admins` never matches an object id.",
    },
    {
      at: "attributes",
      text: "Check that the claim `emailaddress` has a value for your people: it comes from `user.mail`. Choose `user.userprincipalname` where mail is empty.",
    },
    { at: "metadata", text: "**SAML Certificates**: copy **App Federation Metadata Url**." },
    { at: "test", text: "**Users and groups** → assign people or groups." },
  ],
  hints: [
    "With more than 150 groups of a person Entra ID sends a link instead of groups, which counts as no groups. “Groups assigned to the application” avoids it.",
    "Claim URIs are case-sensitive.",
  ],
};

const google: Provider = {
  key: "google",
  name: "Google Workspace",
  note: "Custom SAML app",
  variants: [{ idp: "google", label: "Google" }],
  calls: { acs: "ACS URL", entityId: "Entity ID", login: null },
  metadataBy: "file",
  metadataExample: "https://idp.example.org/metadata",
  clicks: [
    {
      at: "addresses",
      text: "In the Admin console open **Apps** → **Web and mobile apps** → **Add app** → **Add custom SAML app**. Name it, **Continue**.",
    },
    {
      at: "metadata",
      text: "**Download metadata**: Google offers no metadata URL, so upload the file here. **Continue**.",
    },
    {
      at: "addresses",
      text: "**ACS URL** and **Entity ID**: the ACS URL. **Start URL** stays empty. **Name ID format** EMAIL, **Name ID** Basic Information > Primary email.",
    },
    {
      at: "attributes",
      text: "**Attribute mapping**: Primary email → `Email`, First name → `FirstName`, Last name → `LastName`. **Group membership**: choose the groups, App attribute `Groups`.",
    },
    { at: "test", text: "**Finish**, then **User access** → ON for the organizational units." },
  ],
  hints: [
    "A change in the Admin console takes minutes, at times a day, to arrive.",
    "Upload the metadata again before its certificate ends. This page warns in time.",
  ],
};

const ping: Provider = {
  key: "ping",
  name: "Ping Identity",
  note: "PingOne, PingFederate",
  variants: [{ idp: "pingone", label: "PingOne, PingFederate" }],
  calls: { acs: "ACS URLs", entityId: "Entity ID", login: null },
  metadataBy: "url",
  metadataExample: "https://auth.pingone.eu/<env>/saml20/metadata/<app>",
  clicks: [
    {
      at: "addresses",
      text: "PingOne: **Applications** → **+** → **SAML Application** → **Configure** → **Manually Enter**, or import our SP metadata. PingFederate: **Applications** → **SP Connections** → **Create Connection** → **Browser SSO Profiles (SAML 2.0)**; import our SP metadata.",
    },
    {
      at: "addresses",
      text: "**ACS URLs** and **Entity ID**: the ACS URL. **Sign Assertion & Response** is best, **Sign Assertion** is enough; signing algorithm RSA_SHA256.",
    },
    {
      at: "attributes",
      text: "**Attribute Mappings**: `emailAddress` → Email Address, `givenName` → Given Name, `surname` → Family Name, `Groups` → Group Names.",
    },
    {
      at: "metadata",
      text: "PingOne: **Configuration** → copy **IDP Metadata URL**. PingFederate: **Export Metadata** of the connection.",
    },
    { at: "test", text: "Switch the application on; **Access** → groups." },
  ],
  hints: ["A single group value is split on commas."],
};

const onelogin: Provider = {
  key: "onelogin",
  name: "OneLogin",
  note: "SAML Custom Connector",
  variants: [{ idp: "onelogin", label: "OneLogin" }],
  calls: {
    acs: "ACS (Consumer) URL, Recipient",
    entityId: "Audience (EntityID)",
    login: "Login URL",
  },
  metadataBy: "url",
  metadataExample: "https://app.onelogin.com/saml/metadata/<id>",
  clicks: [
    {
      at: "addresses",
      text: "In the Administration open **Applications** → **Add App** → **SAML Custom Connector (Advanced)** → **Save**.",
    },
    {
      at: "addresses",
      text: "**Configuration**: **Audience (EntityID)**, **Recipient** and **ACS (Consumer) URL**: the ACS URL. **ACS (Consumer) URL Validator**: the ACS URL as a regular expression. **Login URL**: the Login URL. **SAML initiator**: Service Provider. **SAML signature element**: Both.",
    },
    {
      at: "attributes",
      text: "**Parameters** → **+** for each, **Include in SAML assertion** ticked: `Email` → Email, `FirstName` → First Name, `LastName` → Last Name, `Groups` → User Roles (multi-value, **Semicolon delimited** off).",
    },
    {
      at: "metadata",
      text: "**SSO**: **SAML Signature Algorithm** SHA-256. **More Actions** → **SAML Metadata**, or copy the **Issuer URL**, which is its address.",
    },
    { at: "test", text: "**Access** → roles." },
  ],
  hints: ["Old apps stand on SHA-1, which is refused."],
};

const auth0: Provider = {
  key: "auth0",
  name: "Auth0",
  note: "SAML2 Web App",
  variants: [{ idp: "auth0", label: "Auth0" }],
  calls: {
    acs: "Application Callback URL, recipient, destination",
    entityId: "audience",
    login: null,
  },
  metadataBy: "url",
  metadataExample: "https://<tenant>.auth0.com/samlp/metadata/<client-id>",
  clicks: [
    {
      at: "addresses",
      text: "In the Dashboard open **Applications** → **Create Application** → **Regular Web Application**.",
    },
    {
      at: "addresses",
      text: "**Addons** → **SAML2 Web App**. **Application Callback URL**: the ACS URL. In **Settings**, `audience`, `recipient` and `destination`: the ACS URL; `signatureAlgorithm`: `rsa-sha256`; `digestAlgorithm`: `sha256`; `signResponse`: `true`.",
    },
    {
      at: "attributes",
      text: "In **Settings**, `mappings`: `email`, `given_name`, `family_name` and `groups`, each to its own name.",
    },
    {
      at: "attributes",
      text: 'Fill `groups` in a post-login Action, such as `api.samlResponse.setAttribute("groups", event.authorization?.roles ?? [])`.',
    },
    {
      at: "metadata",
      text: "**Addons** → **SAML2 Web App** → **Usage**: **Identity Provider Metadata** is the metadata URL.",
    },
  ],
  hints: [
    "Without these `mappings` Auth0 sends claim URIs, which the names of this preset do not find. Set them, or choose the names of **Microsoft Entra ID (full URIs)** and enter Auth0's own for the groups, `http://schemas.xmlsoap.org/claims/Group`.",
  ],
};

const keycloak: Provider = {
  key: "keycloak",
  name: "Keycloak",
  note: "A SAML client of a realm",
  variants: [{ idp: "keycloak", label: "Keycloak" }],
  preset: "default",
  calls: {
    acs: "Valid redirect URIs, Master SAML Processing URL",
    entityId: "Client ID",
    login: null,
  },
  metadataBy: "url",
  metadataExample: "https://<keycloak>/realms/<realm>/protocol/saml/descriptor",
  clicks: [
    {
      at: "addresses",
      text: "In the realm open **Clients** → **Import client** with our SP metadata file; or **Create client**, type SAML, **Client ID**: the ACS URL, then **Settings**: **Valid redirect URIs** and **Master SAML Processing URL**: the ACS URL.",
    },
    {
      at: "addresses",
      text: "**Keys**: **Client signature required** may stay on after an import; for a client made by hand, turn it off.",
    },
    {
      at: "addresses",
      text: "**Settings** → **Signature and Encryption**: **Sign documents** on, algorithm RSA_SHA256, canonicalization EXCLUSIVE.",
    },
    {
      at: "attributes",
      text: "**Client scopes** → `<client>-dedicated` → **Add mapper**: User Property `email` → `Email`, `firstName` → `FirstName`, `lastName` → `LastName`; Group list → `Groups`, **Full group path** off, **Single Group Attribute** on.",
    },
    {
      at: "metadata",
      text: "**Realm settings** → **Endpoints** → **SAML 2.0 Identity Provider Metadata** is the metadata URL.",
    },
  ],
  hints: [
    "Key rotation in the realm needs nothing here: an unknown key makes us read the metadata again.",
  ],
};

const other: Provider = {
  key: "other",
  name: "Another provider",
  note: "Anything that speaks SAML 2.0",
  variants: [{ idp: "custom", label: "Another provider" }],
  calls: { acs: "ACS, Recipient, Reply URL", entityId: "Entity ID, Audience", login: "Start URL" },
  metadataBy: "url",
  metadataExample: "https://idp.example.org/metadata",
  clicks: [
    {
      at: "addresses",
      text: "Import our SP metadata, or enter the ACS URL as ACS, Recipient, Entity ID and Audience.",
    },
    {
      at: "addresses",
      text: "Sign the response or the assertion, RSA (2048 bits or more) or ECDSA with SHA-256, 384 or 512.",
    },
    { at: "metadata", text: "Take the provider's metadata, by its URL where there is one." },
    {
      at: "attributes",
      text: "Send four attributes: e-mail, first name, last name, groups (one value a group). Their names are yours to choose.",
    },
    { at: "test", text: "Give the people or groups access to the application." },
  ],
  hints: [
    "AD FS: **Add Relying Party Trust** with our SP metadata URL; its claims have the names of the preset “Microsoft Entra ID (full URIs)”. Make it sign the message too: `SamlResponseSignature MessageAndAssertion`.",
  ],
};

/** Every provider in the order of the tiles. */
export const providers: readonly Provider[] = [
  ...[okta, entra, google, ping],
  ...[onelogin, auth0, keycloak, other],
];

/** The provider that `idp_provider` stands for: an unknown word is another one, null is none yet. */
export function providerOf(idp: string | null): Provider | null {
  if (idp === null) return null;
  return providers.find(({ variants }) => variants.some((variant) => variant.idp === idp)) ?? other;
}
