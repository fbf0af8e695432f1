/**
 * Every variable of the environment, once: how it is read, its default and what the documentation
 * says of it. docs/configuration.md is generated from this table; config.ts reads by it.
 */
import type { z } from "zod";
import { secretKeyText } from "./config-secret.ts";
import {
  databaseUrl,
  flag,
  integer,
  mailAddress,
  oneOf,
  origin,
  originList,
  pathOrUrl,
  proxyList,
  secretText,
  smtpUrl,
  text,
  upstreamUrl,
} from "./config-values.ts";

/** One variable: how it is read, what it is when unset, and what the documentation says of it. */
export interface Variable<T> {
  readonly name: string;
  readonly section: string;
  readonly schema: z.ZodType<T, string>;
  readonly fallback: T;
  /** The default in words, where the value itself would not explain it. */
  readonly shownDefault?: string;
  readonly doc: string;
  readonly isSecret?: true;
}

const variable = <T>(row: Variable<T>): Variable<T> => row;

const server = "Server";
const signIn = "Sign-in pages and passwords";
const manual = "Manual management";
const saml = "SAML";
const provisioning = "SCIM";
const mail = "Mail";
const firstRun = "First run";
const studio = "Label Studio behind Labelgate";

/** Every variable that Labelgate reads, by its name in `Config` (PRODUCT 2.4, 2.7, 5, 9). */
export const variables = {
  baseUrl: variable({
    name: "BASE_URL",
    section: server,
    schema: origin,
    fallback: "",
    shownDefault: "`http://localhost:<PORT>`",
    doc: "The public origin, such as `https://labels.example.com`: all links, the SAML addresses and the cookie rules come from it, never from the Host header. A path is not supported. http is refused for any host but loopback, unless `ALLOW_INSECURE_HTTP=1`.",
  }),
  port: variable({
    name: "PORT",
    section: server,
    schema: integer(1, 65_535),
    fallback: 8080,
    doc: "The TCP port to listen on.",
  }),
  listenAddress: variable({
    name: "LISTEN_ADDRESS",
    section: server,
    schema: text(255),
    fallback: "",
    shownDefault: "`localhost` where `BASE_URL` is loopback, else `0.0.0.0`",
    doc: "The address or host name to listen on. In a container set `0.0.0.0` or `::`.",
  }),
  dataDir: variable({
    name: "DATA_DIR",
    section: server,
    schema: text(4096),
    fallback: "./data",
    doc: "The directory of the SQLite database and of the generated secret key. Nothing is written there with PostgreSQL.",
  }),
  databaseUrl: variable({
    name: "DATABASE_URL",
    section: server,
    schema: databaseUrl,
    fallback: "",
    shownDefault: "unset: SQLite, in `DATA_DIR/labelgate.db`",
    doc: "`postgres://user:password@host:5432/database` for production and for any number of replicas.",
    isSecret: true,
  }),
  secretKey: variable({
    name: "SECRET_KEY",
    section: server,
    schema: secretKeyText,
    fallback: "",
    shownDefault: "with SQLite made once, in `DATA_DIR/secret_key`; required with PostgreSQL",
    doc: "At least 32 random characters; the same on every replica. Seals the service provider's private keys, signs form tokens and access tokens. A key that is weak, or that did not seal this database, stops the start; where it is lost, the service provider's keys are lost with it (docs/operations.md). `openssl rand -base64 48` makes one.",
    isSecret: true,
  }),
  secretKeyPrevious: variable({
    name: "SECRET_KEY_PREVIOUS",
    section: server,
    schema: secretText(1),
    fallback: "",
    shownDefault: "unset",
    doc: "The former `SECRET_KEY`, while it is being changed: what it sealed is opened and sealed anew at the start, and what it signed still counts (docs/operations.md).",
    isSecret: true,
  }),
  trustedProxies: variable({
    name: "TRUSTED_PROXIES",
    section: server,
    schema: proxyList,
    fallback: [],
    shownDefault: "unset: forwarded headers count for nothing",
    doc: "Addresses and networks of the proxies in front, separated by commas, such as `10.0.0.0/8,192.168.1.5`; also `loopback`, `linklocal` and `uniquelocal`. Only they may name the visitor's address (X-Forwarded-For) and the request id (X-Request-Id).",
  }),
  allowInsecureHttp: variable({
    name: "ALLOW_INSECURE_HTTP",
    section: server,
    schema: flag,
    fallback: false,
    doc: "Accept an http `BASE_URL` that is not loopback. Whoever can see the traffic can then take over any session.",
  }),
  logLevel: variable({
    name: "LOG_LEVEL",
    section: server,
    schema: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
    fallback: "info",
    doc: "The least severe lines that the log shows: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. The log is JSON lines on standard output.",
  }),
  ssrfProtectionEnabled: variable<boolean | null>({
    name: "SSRF_PROTECTION_ENABLED",
    section: server,
    schema: flag,
    fallback: null,
    shownDefault:
      "1 where strangers may found organizations (`DISABLE_SIGNUP_WITHOUT_LINK=0`), else 0",
    doc: "Refuse metadata URLs that lead to private networks. Link-local and cloud-metadata addresses are refused always.",
  }),
  ownerEmail: variable({
    name: "LABELGATE_OWNER_EMAIL",
    section: firstRun,
    schema: mailAddress,
    fallback: "",
    shownDefault: "unset: the first run prints a one-time set-up link",
    doc: "The Owner that the first start creates, together with `LABELGATE_OWNER_PASSWORD`. Ignored once there is an Owner.",
  }),
  ownerPassword: variable({
    name: "LABELGATE_OWNER_PASSWORD",
    section: firstRun,
    schema: secretText(8),
    fallback: "",
    shownDefault: "unset",
    doc: "The password of that Owner, 8 to 128 characters; better given by `LABELGATE_OWNER_PASSWORD_FILE`.",
    isSecret: true,
  }),
  loginPageUrl: variable({
    name: "LOGIN_PAGE_URL",
    section: signIn,
    schema: pathOrUrl,
    fallback: null,
    shownDefault: "unset",
    doc: "`/user/login` redirects there. `/user/login?local=1` shows the built-in page all the same, unless password login is off.",
  }),
  logoutRedirectUrl: variable({
    name: "LOGOUT_REDIRECT_URL",
    section: signIn,
    schema: pathOrUrl,
    fallback: null,
    shownDefault: "unset: the login page",
    doc: "Where signing out leads.",
  }),
  disableSignupWithoutLink: variable({
    name: "DISABLE_SIGNUP_WITHOUT_LINK",
    section: signIn,
    schema: flag,
    fallback: true,
    doc: "Signing up takes an invitation link. With 0 anybody who reaches the server may sign up and found an organization of their own here; before the first Owner nobody may.",
  }),
  disablePasswordLogin: variable({
    name: "DISABLE_PASSWORD_LOGIN",
    section: signIn,
    schema: flag,
    fallback: false,
    doc: "Show only the single sign-on fields; refuse sign-in by password and password reset.",
  }),
  manualRoleManagement: variable({
    name: "MANUAL_ROLE_MANAGEMENT",
    section: manual,
    schema: flag,
    fallback: true,
    doc: "With 0, roles come from the identity provider's groups alone: whoever is in no mapped group becomes Deactivated at the next sign-on, and setting roles by hand is refused. The organization's `manual_role_management` setting overrides it.",
  }),
  manualWorkspaceManagement: variable({
    name: "MANUAL_WORKSPACE_MANAGEMENT",
    section: manual,
    schema: flag,
    fallback: true,
    doc: "With 0, workspace memberships that no group grants are removed at the next sign-on, and adding members by hand is refused.",
  }),
  manualProjectMemberManagement: variable({
    name: "MANUAL_PROJECT_MEMBER_MANAGEMENT",
    section: manual,
    schema: flag,
    fallback: true,
    doc: "With 0, project memberships that no group grants are removed at the next sign-on, and adding members and roles by hand is refused.",
  }),
  samlAllowUnsolicited: variable({
    name: "SAML_ALLOW_UNSOLICITED",
    section: saml,
    schema: flag,
    fallback: false,
    doc: "Accept sign-on that begins at the identity provider. An organization may set its own.",
  }),
  samlAuthnRequestsSigned: variable({
    name: "SAML_AUTHN_REQUESTS_SIGNED",
    section: saml,
    schema: flag,
    fallback: false,
    doc: "Sign every AuthnRequest. They are signed anyway where the identity provider's metadata says WantAuthnRequestsSigned.",
  }),
  samlWantAssertionsSigned: variable({
    name: "SAML_WANT_ASSERTIONS_SIGNED",
    section: saml,
    schema: flag,
    fallback: false,
    doc: "The assertion itself must be signed. An organization may set its own.",
  }),
  samlWantResponseSigned: variable({
    name: "SAML_WANT_RESPONSE_SIGNED",
    section: saml,
    schema: flag,
    fallback: false,
    doc: "The response itself must be signed. An organization may set its own.",
  }),
  samlWantAssertionsOrResponseSigned: variable({
    name: "SAML_WANT_ASSERTIONS_OR_RESPONSE_SIGNED",
    section: saml,
    schema: flag,
    fallback: true,
    doc: "At least one signature covers the assertion. That holds always; 0 does not weaken it.",
  }),
  disableSamlSslValidation: variable({
    name: "DISABLE_SAML_SSL_VALIDATION",
    section: saml,
    schema: flag,
    fallback: false,
    doc: "Do not check the TLS certificate when fetching metadata. Whoever can answer in the identity provider's place can then sign in as anybody.",
  }),
  samlClockSkewSeconds: variable({
    name: "SAML_CLOCK_SKEW_SECONDS",
    section: saml,
    schema: integer(0, 300),
    fallback: 180,
    doc: "How far the identity provider's clock may be off, 0 to 300 seconds.",
  }),
  samlMaxResponseBytes: variable({
    name: "SAML_MAX_RESPONSE_BYTES",
    section: saml,
    schema: integer(16_384, 4_194_304),
    fallback: 262_144,
    doc: "The largest decoded SAML response, 16384 to 4194304 bytes. A person in thousands of groups may need more.",
  }),
  samlMetadataRefreshHours: variable({
    name: "SAML_METADATA_REFRESH_HOURS",
    section: saml,
    schema: integer(1, 720),
    fallback: 24,
    doc: "How often identity provider metadata is fetched again, 1 to 720 hours.",
  }),
  scimRequestsPerSecond: variable({
    name: "SCIM_REQUESTS_PER_SECOND",
    section: provisioning,
    schema: integer(0, 100_000),
    fallback: 200,
    doc: "How many requests a second each SCIM credential may send to each process in the long run; ten seconds' worth may come at once. Beyond that the answer is 429 with Retry-After. 0 is no limit.",
  }),
  smtpUrl: variable({
    name: "SMTP_URL",
    section: mail,
    schema: smtpUrl,
    fallback: "",
    shownDefault: "unset: pages and API hand out links to copy",
    doc: "`smtps://user:password@host:465` or `smtp://host:587`, for invitations and password resets. Nothing about single sign-on depends on mail.",
    isSecret: true,
  }),
  mailFrom: variable({
    name: "MAIL_FROM",
    section: mail,
    schema: text(320),
    fallback: "",
    shownDefault: "required with `SMTP_URL`",
    doc: "The sender, such as `Labelgate <labels@example.com>`.",
  }),
  upstreamUrl: variable({
    name: "UPSTREAM_URL",
    section: studio,
    schema: upstreamUrl,
    fallback: "",
    shownDefault: "unset: no Label Studio is connected",
    doc: "The Label Studio behind Labelgate: its address, such as `http://label-studio:8080`, or `embedded` for one that Labelgate installs, starts and stops itself. A path is not supported.",
  }),
  upstreamSecretKey: variable({
    name: "UPSTREAM_SECRET_KEY",
    section: studio,
    schema: secretText(1),
    fallback: "",
    shownDefault:
      "required with the address of a Label Studio of your own, unless `UPSTREAM_JWT_PRIVATE_KEY_FILE` is set",
    doc: "Label Studio's SECRET_KEY, by which the credential of each forwarded request is signed (HS256). Embedded Label Studio has one of its own.",
    isSecret: true,
  }),
  upstreamJwtPrivateKey: variable({
    name: "UPSTREAM_JWT_PRIVATE_KEY",
    section: studio,
    schema: secretText(1),
    fallback: "",
    shownDefault: "unset",
    doc: "An RSA private key (PEM), usually given by `UPSTREAM_JWT_PRIVATE_KEY_FILE`, in place of `UPSTREAM_SECRET_KEY`: credentials are then RS256 and Label Studio holds the public key alone. `labelgate upstream settings` prints Label Studio's settings file for it.",
    isSecret: true,
  }),
  upstreamServiceUser: variable({
    name: "UPSTREAM_SERVICE_USER",
    section: studio,
    schema: integer(0, 2_147_483_647),
    fallback: 0,
    shownDefault: "the owner of Label Studio's organization",
    doc: "The number of the Label Studio account as which Labelgate looks things up. No person is linked to it unless an administrator does so.",
  }),
  upstreamPublicUrl: variable({
    name: "UPSTREAM_PUBLIC_URL",
    section: studio,
    schema: origin,
    fallback: "",
    shownDefault: "unset: Label Studio is shown at `BASE_URL`",
    doc: "A second public origin for Label Studio's pages, such as `https://studio.example.com`; advised in production, since a script smuggled into a labeling interface then cannot use an administrator's Labelgate session. The two host names must differ.",
  }),
  upstreamWheels: variable({
    name: "UPSTREAM_WHEELS",
    section: studio,
    schema: text(4096),
    fallback: "",
    shownDefault: "unset: PyPI",
    doc: "A directory of Python wheels from which embedded Label Studio is installed without a network.",
  }),
  labelStudioPath: variable({
    name: "LABEL_STUDIO_PATH",
    section: studio,
    schema: text(4096),
    fallback: "",
    shownDefault: "unset: embedded Label Studio is installed into `DATA_DIR/label-studio`",
    doc: "A Python environment (venv) that has Label Studio and gunicorn already, for embedded Label Studio.",
  }),
  upstreamMaxUploadBytes: variable({
    name: "UPSTREAM_MAX_UPLOAD_BYTES",
    section: studio,
    schema: integer(1_048_576, 107_374_182_400),
    fallback: 262_144_000,
    doc: "The largest request body that is passed on to Label Studio, 1 MiB to 100 GiB.",
  }),
  annotatorsSeeOthers: variable({
    name: "ANNOTATORS_SEE_OTHERS",
    section: studio,
    schema: flag,
    fallback: false,
    doc: "Annotators see the annotations and drafts of others in their projects.",
  }),
  reviewersMayExport: variable({
    name: "REVIEWERS_MAY_EXPORT",
    section: studio,
    schema: flag,
    fallback: false,
    doc: "Reviewers may export the projects that they belong to.",
  }),
  managersMayConnect: variable({
    name: "MANAGERS_MAY_CONNECT",
    section: studio,
    schema: flag,
    fallback: true,
    doc: "Managers may set up what makes Label Studio call other hosts: storages, webhooks, ML backends, imports by URL. With 0, Administrators alone.",
  }),
  administratorsMayReadServerFiles: variable({
    name: "ADMINISTRATORS_MAY_READ_SERVER_FILES",
    section: studio,
    schema: flag,
    fallback: false,
    doc: "Administrators may use local-file storages of a Label Studio of your own, which read files of its server. Never with embedded Label Studio.",
  }),
  frameAncestors: variable({
    name: "FRAME_ANCESTORS",
    section: studio,
    schema: text(2048),
    fallback: "'self'",
    doc: "Which sites may show Label Studio's pages in a frame: the value of the Content-Security-Policy directive `frame-ancestors`.",
  }),
  apiCorsOrigins: variable({
    name: "API_CORS_ORIGINS",
    section: studio,
    schema: originList,
    fallback: [],
    shownDefault: "unset: none",
    doc: "Origins, separated by commas, whose pages may call the API with a token (CORS, without credentials).",
  }),
} as const;
