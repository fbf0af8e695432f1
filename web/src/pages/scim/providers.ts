/**
 * Places where each identity provider wants the base URL and the token, and everything else to click
 * there (docs/scim.md). Data only; **this** is a label to click or to look for, `this` a value to
 * enter.
 */

/** The steps at one provider. */
export interface ScimProvider {
  /** As it stands in the address. */
  readonly key: string;
  readonly name: string;
  readonly steps: readonly string[];
  /** Hints to read before or after the steps. */
  readonly hints: readonly string[];
}

const okta: ScimProvider = {
  key: "okta",
  name: "Okta",
  steps: [
    "**Applications** › **Applications** › your Labelgate application › **General** › **App Settings** › **Edit**: choose **SCIM** under **Provisioning**, then **Save**.",
    "**Provisioning** › **Integration** › **Edit**. **SCIM connector base URL**: the base URL. **Unique identifier field for users**: `userName`.",
    "**Supported provisioning actions**: tick **Push New Users**, **Push Profile Updates** and **Push Groups**.",
    "**Authentication Mode**: **HTTP Header**. **Authorization**: the token. **Test Connector Configuration**, then **Save**.",
    "**Provisioning** › **To App** › **Edit**: enable **Create Users**, **Update User Attributes** and **Deactivate Users**, then **Save**.",
    "**Assignments** › **Assign**: the people, or groups of them.",
    "**Push Groups** › **Push Groups** › **Find groups by name**: the groups that are mapped below.",
  ],
  hints: [
    "Okta advises against pushing the very group by which people are assigned. Use one group to assign, and others to push.",
    "Okta never deletes people; it deactivates them, which ends their access here at once.",
  ],
};

const entra: ScimProvider = {
  key: "entra",
  name: "Microsoft Entra ID",
  steps: [
    "**Entra ID** › **Enterprise apps** › your Labelgate application › **Provisioning** › **New configuration** (in older portals **Get started**, **Provisioning Mode**: **Automatic**).",
    "**Tenant URL**: the base URL. **Secret Token**: the token. **Test Connection**, then **Create** (or **Save**).",
    "**Attribute mapping** › **Provision Microsoft Entra ID Users**: `userName` must come from the e-mail address, usually `userPrincipalName` or `mail`.",
    "**Attribute mapping** › **Provision Microsoft Entra ID Groups**: leave it enabled; `displayName` is what the mappings below compare.",
    "**Users and groups** › **Add user/group**: the people and the groups that are mapped below. Members of nested groups do not come along.",
    "**Overview** › **Start provisioning**. To try one person at once: **Provision on demand**.",
  ],
  hints: [
    "Entra ID works in rounds of about 40 minutes, so that a change may take as long to arrive.",
    "Assigning groups needs a licence of Entra ID P1 or P2.",
    "If many requests fail, Entra ID puts the job in quarantine. Mend the cause, then click **Restart provisioning**.",
  ],
};

const onelogin: ScimProvider = {
  key: "onelogin",
  name: "OneLogin",
  steps: [
    "**Applications** › **Add App**: search for `SCIM Provisioner with SAML (SCIM v2 Enterprise)`, then **Save**.",
    "**Configuration**. **SCIM Base URL**: the base URL. **SCIM Bearer Token**: the token. **API Status**: **Enable**, then **Save**.",
    "**Parameters**: `SCIM Username` is the person's **Email**. Open **Groups**, tick **Include in User Provisioning**, then **Save**.",
    "**Rules** › **Add Rule**: **Set Groups in** the application from the roles or groups that are mapped below.",
    "**Provisioning**: tick **Enable provisioning**. When users are deleted, choose **Suspend**. Then **Save**.",
    "**Access**: tick the roles whose people shall come.",
  ],
  hints: [
    "While **Require admin approval** is ticked, each change waits under **Users** until somebody approves it.",
  ],
};

const ping: ScimProvider = {
  key: "ping",
  name: "PingOne",
  steps: [
    "**Integrations** › **Provisioning** › **+** › **New connection** › **Identity Store** › **Select** › **SCIM Outbound** › **Select** › **Next**. Name it, **Next**.",
    "**SCIM base URL**: the base URL. **Users resource**: `/Users`. **Groups resource**: `/Groups`. **SCIM version**: `2.0`.",
    "**Authentication method**: **OAuth 2 Bearer Token**. **OAuth Access Token**: the token. **Auth Type Header**: **Bearer**. **Test connection**, then **Next**.",
    '**User Filter Expression**: `userName eq "%s"`. **User identifier**: `userName`. **Remove action**: **Disable**. **Save**, and turn the connection on.',
    "**+** › **New rule**: choose the connection, and a **User Filter** that names who shall come.",
    "**Attribute mapping**: `userName` comes from **Email Address**. **Group Provisioning**: add the groups that are mapped below. Turn the rule on.",
  ],
  hints: [
    "PingFederate: the SCIM connector with version 2.0, bearer token, and `userName` as unique user identifier.",
  ],
};

const jumpcloud: ScimProvider = {
  key: "jumpcloud",
  name: "JumpCloud",
  steps: [
    "**SSO Applications** › your Labelgate application › **Identity Management**.",
    "**API Type**: **SCIM API**. **SCIM Version**: **SCIM 2.0**. **Base URL**: the base URL. **Token Key**: the token. **Test User Email**: an address of your domain that nobody has.",
    "**Test Connection**. JumpCloud makes a person and a group to try with, and deletes both. Then **Activate**.",
    "Turn **Enable management of User Groups and Group Membership in this application** on, then **Save**.",
    "**User Groups**: tick the groups that are mapped below, then **Save**.",
  ],
  hints: [
    "The person that JumpCloud tried with stays in Members as Deactivated, without a seat. Remove them if you like.",
  ],
};

const google: ScimProvider = {
  key: "google",
  name: "Google Workspace",
  steps: [
    "**Apps** › **Web and mobile apps** › your application › **Auto-provisioning** › **Configure auto-provisioning**.",
    "**Access token**: the token. **Continue**. **Endpoint URL**: the base URL. **Continue**.",
    "**Attribute mapping**: `userName` comes from **Basic Information › Primary email**, `name.givenName` and `name.familyName` from the names. **Continue**.",
    "**Provisioning scope**: the groups whose people shall come. **Continue**.",
    "**Deprovisioning**: suspend within **24 hours**. **Finish**, and turn auto-provisioning on.",
  ],
  hints: [
    "Google offers auto-provisioning to applications of its catalogue only. A custom SAML application has no such card; there people are made when they first sign in, and groups come by SAML.",
    "Google provisions people and no groups. Map groups in the SAML settings instead.",
  ],
};

const authentik: ScimProvider = {
  key: "authentik",
  name: "authentik",
  steps: [
    "**Applications** › **Providers** › **Create** › **SCIM Provider** › **Next**. Name it.",
    "**URL**: the base URL. **Token**: the token. Under **User filtering** choose the group whose people shall come. **Finish**.",
    "**Applications** › **Applications** › your Labelgate application › **Edit** › **Backchannel Providers**: add the provider, then **Update**.",
    "Open the provider and click **Run sync again**. Later changes come by themselves.",
  ],
  hints: [
    "The standard property mapping sends the user name as `userName`. Where that is no e-mail address, write a mapping that sends `request.user.email`.",
  ],
};

const keycloak: ScimProvider = {
  key: "keycloak",
  name: "Keycloak",
  steps: [
    "Put a SCIM client plugin into `/opt/keycloak/providers/` and start Keycloak again. Keycloak itself has none.",
    "**Realm settings** › **Events** › **Event listeners**: add `scim`, then **Save**.",
    "**User federation** › **Add Scim provider**. **SCIM 2.0 endpoint**: the base URL. **Endpoint content type**: `application/scim+json`.",
    "**Auth mode**: `BEARER`. **Auth password/token**: the token.",
    "Turn **Enable user propagation** and **Enable group propagation** on, then **Save**.",
    "**Action** › **Sync all users**.",
  ],
  hints: [
    "The names are those of the keycloak-scim plugin; others call them much the same.",
    "The user name goes as `userName`. Let the realm use the e-mail address: **Realm settings** › **Login** › **Email as username**.",
  ],
};

/** Every provider whose steps are known. */
export const scimProviders: readonly ScimProvider[] = [
  ...[okta, entra, onelogin, ping, jumpcloud],
  ...[google, authentik, keycloak],
];
