import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  ConfigError,
  type Environment,
  isSecureOrigin,
  loadConfig,
  parseConfig,
} from "./config.ts";
import { variables } from "./config-variables.ts";
import { configWarnings } from "./config-warnings.ts";

const strongKey = "kR8vQ2xLw5ZtYb1NcJ7mHs4PgF9dXa3E";

const noFiles = (path: string): string => {
  throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
};

function problemsOf(env: Environment, readFile = noFiles): readonly string[] {
  try {
    parseConfig(env, readFile);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

test("An empty environment is a working server for trials on this machine", () => {
  const config = parseConfig({});
  assert.equal(config.baseUrl, "http://localhost:8080");
  assert.equal(config.listenAddress, "localhost");
  assert.equal(config.databaseUrl, "");
  assert.equal(config.samlClockSkewSeconds, 180);
  assert.equal(config.samlAllowUnsolicited, false);
  assert.equal(config.manualRoleManagement, true);
  assert.equal(config.loginPageUrl, null);
  assert.equal(config.samlMaxResponseBytes, 262_144);
  assert.ok(Object.isFrozen(config));
});

test("The defaults of PRODUCT 2.4 and 5 stand in the table", () => {
  const defaults = Object.fromEntries(
    Object.values(variables).map(({ name, fallback }) => [name, fallback]),
  );
  const flags = {
    SAML_ALLOW_UNSOLICITED: false,
    SAML_AUTHN_REQUESTS_SIGNED: false,
    SAML_WANT_ASSERTIONS_SIGNED: false,
    SAML_WANT_RESPONSE_SIGNED: false,
    SAML_WANT_ASSERTIONS_OR_RESPONSE_SIGNED: true,
    DISABLE_SAML_SSL_VALIDATION: false,
    SAML_CLOCK_SKEW_SECONDS: 180,
    SAML_METADATA_REFRESH_HOURS: 24,
    SCIM_REQUESTS_PER_SECOND: 200,
    SSRF_PROTECTION_ENABLED: null,
    MANUAL_ROLE_MANAGEMENT: true,
    MANUAL_WORKSPACE_MANAGEMENT: true,
    MANUAL_PROJECT_MEMBER_MANAGEMENT: true,
    DISABLE_SIGNUP_WITHOUT_LINK: true,
    DISABLE_PASSWORD_LOGIN: false,
  };
  for (const [name, value] of Object.entries(flags)) assert.equal(defaults[name], value, name);
});

test("Where strangers may found organizations, metadata URLs do not lead to private networks by default", () => {
  const isGuarded = (env: Environment) => parseConfig(env).ssrfProtectionEnabled;
  const open = { DISABLE_SIGNUP_WITHOUT_LINK: "0" };
  assert.equal(isGuarded({}), false);
  assert.equal(isGuarded(open), true);
  assert.equal(isGuarded({ ...open, SSRF_PROTECTION_ENABLED: "0" }), false);
  assert.equal(isGuarded({ SSRF_PROTECTION_ENABLED: "1" }), true);
  assert.equal(isGuarded({ ...open, UPSTREAM_URL: "embedded" }), false);
});

test("Trusted domains are the first organization's unless they name another, in the form that settings keep", () => {
  assert.deepEqual(
    parseConfig({ TRUSTED_DOMAINS: " Contoso.com, fabrikam.com=12,müller.de " }).trustedDomains,
    [
      { domain: "contoso.com", organizationId: null },
      { domain: "fabrikam.com", organizationId: 12 },
      { domain: "xn--mller-kva.de", organizationId: null },
    ],
  );
  for (const wrong of [
    "com",
    "a@contoso.com",
    "contoso.com=0",
    "contoso.com=x",
    "10.0.0.1",
    "*.b.de",
  ]) {
    assert.match(problemsOf({ TRUSTED_DOMAINS: wrong })[0] ?? "", /must list mail domains/, wrong);
  }
});

test("Every variable is also read as LABEL_STUDIO_<NAME>, which wins", () => {
  assert.equal(parseConfig({ LABEL_STUDIO_PORT: "9000" }).port, 9000);
  assert.equal(parseConfig({ LABEL_STUDIO_PORT: "9000", PORT: "9001" }).port, 9000);
  const samples: Record<string, string> = {
    BASE_URL: "https://a.example",
    PORT: "9000",
    DATABASE_URL: "postgres://h/d",
    LOG_LEVEL: "warn",
    TRUSTED_PROXIES: "10.0.0.1",
    LABELGATE_OWNER_EMAIL: "o@example.com",
    LOGIN_PAGE_URL: "/x",
    LOGOUT_REDIRECT_URL: "/x",
    SAML_CLOCK_SKEW_SECONDS: "10",
    SAML_MAX_RESPONSE_BYTES: "20000",
    SAML_METADATA_REFRESH_HOURS: "3",
    SCIM_REQUESTS_PER_SECOND: "7",
    SMTP_URL: "smtp://h",
    LISTEN_ADDRESS: "::1",
    DATA_DIR: "/tmp/x",
    MAIL_FROM: "a@example.com",
    SECRET_KEY: strongKey,
    SECRET_KEY_PREVIOUS: "the former one",
    METRICS_TOKEN: "sixteen letters.",
    LABELGATE_OWNER_PASSWORD: "p".repeat(10),
    UPSTREAM_URL: "embedded",
    UPSTREAM_SERVICE_USER: "9",
    UPSTREAM_PUBLIC_URL: "https://studio.example.org",
    UPSTREAM_MAX_UPLOAD_BYTES: "2097152",
    API_CORS_ORIGINS: "https://app.example.com",
    TRUSTED_DOMAINS: "contoso.com",
  };
  const envOf = (prefix: string): Environment =>
    Object.fromEntries(
      Object.values(variables).map(({ name, fallback }) => [
        prefix + name,
        samples[name] ?? (fallback === true ? "no" : "YES"),
      ]),
    );
  const prefixed = parseConfig(envOf("LABEL_STUDIO_"));
  assert.deepEqual(prefixed, parseConfig(envOf("")));
  for (const [key, row] of Object.entries(variables)) {
    assert.notDeepEqual(Reflect.get(prefixed, key), row.fallback, `${row.name} was not read`);
  }
});

test("Flags take 0, 1, true, false, yes, no in any case, and an empty value counts as unset", () => {
  for (const word of ["1", "true", "TRUE", "Yes", " yes "]) {
    assert.equal(parseConfig({ DISABLE_PASSWORD_LOGIN: word }).disablePasswordLogin, true, word);
  }
  for (const word of ["0", "false", "False", "NO"]) {
    assert.equal(parseConfig({ MANUAL_ROLE_MANAGEMENT: word }).manualRoleManagement, false, word);
  }
  assert.equal(parseConfig({ MANUAL_ROLE_MANAGEMENT: "" }).manualRoleManagement, true);
  for (const word of ["on", "2", "y", "wahr"]) {
    assert.match(
      problemsOf({ DISABLE_PASSWORD_LOGIN: word })[0] ?? "",
      /must be 0, 1, true, false/,
    );
  }
});

test("All problems are reported at once, each naming its variable and what would be right", () => {
  const problems = problemsOf({
    PORT: "http",
    BASE_URL: "https://a.example/labels",
    MANUAL_ROLE_MANAGEMENT: "maybe",
    SAML_CLOCK_SKEW_SECONDS: "301",
    DATABASE_URL: "mysql://root@localhost/x",
    TRUSTED_PROXIES: "10.0.0.0/8,proxy.local",
    LOGIN_PAGE_URL: "//evil.example",
    SMTP_URL: "smtp://mail.example.com",
    LABELGATE_OWNER_EMAIL: "nobody",
  });
  const expected: readonly RegExp[] = [
    /^BASE_URL must be an origin alone, without a path: https:\/\/a\.example \(it is "/,
    /^PORT must be a whole number from 1 to 65535 \(it is "http"\)\.$/,
    /^DATABASE_URL must begin with postgres:\/\/ \(leave it unset for SQLite in DATA_DIR\)\.$/,
    /^TRUSTED_PROXIES must list addresses or networks .*"proxy\.local"/,
    /^LABELGATE_OWNER_EMAIL must be one e-mail address/,
    /^LOGIN_PAGE_URL must be an http or https URL, or a path/,
    /^MANUAL_ROLE_MANAGEMENT must be 0, 1/,
    /^SAML_CLOCK_SKEW_SECONDS must be a whole number from 0 to 300/,
    /^MAIL_FROM is required with SMTP_URL/,
  ];
  for (const pattern of expected) {
    assert.ok(
      problems.some((problem) => pattern.test(problem)),
      `${pattern} is not among:\n${problems.join("\n")}`,
    );
  }
  assert.equal(problems.length, expected.length, problems.join("\n"));
});

test("A problem never repeats a secret", () => {
  const secret = "hunter2-hunter2";
  const text = problemsOf({
    SECRET_KEY: secret,
    DATABASE_URL: `mysql://root:${secret}@localhost/x`,
    SMTP_URL: `${secret}://x`,
    LABELGATE_OWNER_PASSWORD: secret.slice(0, 7),
  }).join("\n");
  assert.match(text, /SECRET_KEY must have at least 32 characters/);
  assert.doesNotMatch(text, /hunter2/);
});

test("http is refused for any origin but loopback unless ALLOW_INSECURE_HTTP is 1", () => {
  for (const host of ["localhost:8080", "127.0.0.1", "127.1.2.3:1", "[::1]:8080", "a.localhost"]) {
    assert.deepEqual(problemsOf({ BASE_URL: `http://${host}` }), [], host);
  }
  for (const host of ["labels.example.com", "10.0.0.1", "localhost.example.com", "[::2]"]) {
    assert.match(
      problemsOf({ BASE_URL: `http://${host}` })[0] ?? "",
      /must begin with https/,
      host,
    );
  }
  const config = parseConfig({ BASE_URL: "http://10.0.0.1", ALLOW_INSECURE_HTTP: "1" });
  assert.equal(isSecureOrigin(config), false);
  assert.match(configWarnings({}, config)[0] ?? "", /ALLOW_INSECURE_HTTP is on/);
});

test("BASE_URL is an origin: the final slash goes, a path, query or credential is refused", () => {
  const config = parseConfig({ BASE_URL: "https://Labels.Example.com:443/" });
  assert.equal(config.baseUrl, "https://labels.example.com");
  assert.equal(config.listenAddress, "0.0.0.0");
  assert.equal(isSecureOrigin(config), true);
  for (const bad of [
    "labels.example.com",
    "ftp://a",
    "https://u:p@a",
    "https://a/?x",
    "https://",
  ]) {
    assert.equal(problemsOf({ BASE_URL: bad }).length, 1, bad);
  }
});

test("A wrong BASE_URL is one problem, not two", () => {
  assert.equal(problemsOf({ BASE_URL: "nonsense" }).length, 1);
});

test("PostgreSQL needs a secret key that every replica shares", () => {
  const databaseUrl = "postgresql://u:p@db.example:5432/labelgate";
  assert.match(problemsOf({ DATABASE_URL: databaseUrl })[0] ?? "", /SECRET_KEY is required/);
  assert.deepEqual(problemsOf({ DATABASE_URL: databaseUrl, SECRET_KEY: strongKey }), []);
  const wrong = {
    "postgres://h:x/d": /not a valid URL/,
    "postgres://host": /must name a database/,
  };
  for (const [url, pattern] of Object.entries(wrong)) {
    assert.match(problemsOf({ DATABASE_URL: url, SECRET_KEY: strongKey })[0] ?? "", pattern);
  }
});

test("Secrets are also read from <NAME>_FILE, without the final line break", () => {
  const readFile = (path: string): string => {
    assert.equal(path, "/run/secrets/key");
    return `${strongKey}\n`;
  };
  for (const name of ["SECRET_KEY_FILE", "LABEL_STUDIO_SECRET_KEY_FILE"]) {
    const config = parseConfig({ [name]: "/run/secrets/key" }, readFile);
    assert.equal(config.secretKey, strongKey);
  }
});

test("A secret file that cannot be read, or a secret given twice, stops the start", () => {
  assert.deepEqual(problemsOf({ SECRET_KEY_FILE: "/no/such" }), [
    "SECRET_KEY_FILE names a file that cannot be read: /no/such (ENOENT).",
  ]);
  assert.deepEqual(problemsOf({ SECRET_KEY: strongKey, SECRET_KEY_FILE: "/x" }), [
    "SECRET_KEY and SECRET_KEY_FILE are both set; set only one of them.",
  ]);
});

test("The first Owner's address and password belong together", () => {
  assert.match(problemsOf({ LABELGATE_OWNER_EMAIL: "o@example.com" })[0] ?? "", /belong together/);
  const owner = { LABELGATE_OWNER_EMAIL: "O@Example.com", LABELGATE_OWNER_PASSWORD: "long enough" };
  assert.equal(parseConfig(owner).ownerEmail, "o@example.com");
});

test("TRUSTED_PROXIES takes addresses, networks and the usual names", () => {
  const { trustedProxies } = parseConfig({ TRUSTED_PROXIES: "10.1.2.3, fc00::/7,loopback" });
  assert.deepEqual(trustedProxies, ["10.1.2.3/32", "fc00::/7", "127.0.0.0/8", "::1/128"]);
  for (const bad of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "1.2.3", "*"]) {
    assert.equal(problemsOf({ TRUSTED_PROXIES: bad }).length, 1, bad);
  }
});

test("Names that nearly match a variable are pointed out, strangers are left alone", () => {
  const env = {
    SAML_ALLOW_UNSOLICITD: "1",
    LABELGATE_OWNER_MAIL: "x",
    MANUAL_ROLES_MANAGEMENT: "0",
    SAML_SOMETHING_ELSE: "1",
    PATH: "/bin",
    HOME: "/root",
  };
  assert.deepEqual(configWarnings(env, parseConfig({})), [
    "LABELGATE_OWNER_MAIL is not a setting; do you mean LABELGATE_OWNER_EMAIL?",
    "MANUAL_ROLES_MANAGEMENT is not a setting; do you mean MANUAL_ROLE_MANAGEMENT?",
    "SAML_ALLOW_UNSOLICITD is not a setting; do you mean SAML_ALLOW_UNSOLICITED?",
    "SAML_SOMETHING_ELSE is not a setting of Labelgate and is ignored.",
  ]);
});

test("Two spellings that differ, and switches that lower the guard, are pointed out", () => {
  const env = {
    PORT: "1",
    LABEL_STUDIO_PORT: "2",
    DISABLE_SAML_SSL_VALIDATION: "1",
    TRUSTED_PROXIES: "0.0.0.0/0",
    SAML_WANT_ASSERTIONS_OR_RESPONSE_SIGNED: "0",
  };
  const warnings = configWarnings(env, parseConfig(env));
  assert.equal(warnings.length, 4, warnings.join("\n"));
  assert.match(warnings[0] ?? "", /^LABEL_STUDIO_PORT is used/);
});

test("A weak key of Label Studio's is pointed out and taken, a strong one is not, and neither is shown", () => {
  const upstream = { UPSTREAM_URL: "http://127.0.0.1:8081", SECRET_KEY: strongKey };
  const warned = (key: string) => {
    const env = { ...upstream, UPSTREAM_SECRET_KEY: key };
    const config = parseConfig(env);
    assert.equal(config.upstreamSecretKey, key, "it is Label Studio's to change");
    const all = configWarnings(env, config);
    assert.equal(all.join().includes(key), false);
    return all.filter((text) => text.startsWith("UPSTREAM_SECRET_KEY"));
  };
  for (const [key, reason] of [
    ["short", /must have at least 32 characters/],
    ["k".repeat(40), /fewer than 8 different/],
    // What Label Studio's own sources set where nobody chooses one.
    ["$(fefwefwef13;LFK{P!)@#*!)kdsjfWF2l+i5e3t(8a1n", /known from examples/],
  ] as const) {
    const [warning = "", ...more] = warned(key);
    assert.match(warning, reason);
    assert.match(warning, /is anybody there; `openssl rand -base64 48` makes one/);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(warned(`upstream:${strongKey}`), []);
  const pem = "-----BEGIN PRIVATE KEY-----";
  const byKey = { ...upstream, UPSTREAM_JWT_PRIVATE_KEY: pem };
  assert.ok(!configWarnings(byKey, parseConfig(byKey)).join().includes("UPSTREAM_SECRET_KEY"));
});

test("With SQLite the secret key is made once, readable by its owner alone, and kept", (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-config-"));
  context.after(() => rmSync(dataDir, { recursive: true }));
  const first = loadConfig({ DATA_DIR: dataDir }).secretKey;
  assert.equal(loadConfig({ DATA_DIR: dataDir }).secretKey, first);
  assert.equal(readFileSync(join(dataDir, "secret_key"), "utf8"), first);
  assert.ok(first.length >= 32);
  assert.equal(statSync(join(dataDir, "secret_key")).mode & 0o777, 0o600);
});

test("A data directory that cannot keep the key, or a key cut short, stops the start", (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-config-"));
  context.after(() => rmSync(dataDir, { recursive: true }));
  writeFileSync(join(dataDir, "secret_key"), "short");
  assert.throws(
    () => loadConfig({ DATA_DIR: dataDir }),
    /secret_key must have at least 32 characters/,
  );
  const notDirectory = join(dataDir, "secret_key");
  assert.throws(() => loadConfig({ DATA_DIR: notDirectory }), /cannot keep the secret key/);
});

test("A key that is short, monotonous or known from examples is refused, and never shown", () => {
  const weak = {
    short: /must have at least 32 characters/,
    [strongKey.slice(0, 31)]: /must have at least 32 characters/,
    ["k".repeat(40)]: /fewer than 8 different/,
    ["abcdefg".repeat(6)]: /fewer than 8 different/,
    ["0123456789".repeat(4)]: /repeats a short text/,
    ["k7#mQ2xLw5Zt".repeat(3)]: /repeats a short text/,
    abcdefghijklmnopqrstuvwxyz0123456789: /counts up or down/,
    ABCDEFGHIJKLMNOPQRSTUVWXYZ543210: /counts up or down/,
    "0123456789abcdef0123456789abcdef": /counts up or down/,
    "please-change-me-to-something-longer!": /known from examples/,
    Your_Secret_Key_of_32_characters_0: /known from examples/,
    "django-insecure-8x!q2@w#e4r5t6y7u8i9o0": /known from examples/,
    "$(fefwefwef13;LFK{P!)@#*!)kdsjfWF2l+i5e3t(8a1n": /known from examples/,
  };
  for (const [key, reason] of Object.entries(weak)) {
    const [problem = "", ...more] = problemsOf({ SECRET_KEY: key });
    assert.match(problem, reason, key);
    assert.match(problem, /`openssl rand -base64 48` makes one.*SECRET_KEY_PREVIOUS/, key);
    assert.equal(problem.includes(key), false, key);
    assert.deepEqual(more, []);
  }
});

test("No key that a generator makes is taken for a weak one", () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
  const random = bytes.map((seed) => createHash("sha512").update(seed).digest());
  fc.assert(
    fc.property(random, (key) => {
      for (const text of [key.toString("base64"), key.toString("hex"), key.toString("base64url")]) {
        assert.deepEqual(problemsOf({ SECRET_KEY: text }), [], text);
        assert.deepEqual(problemsOf({ SECRET_KEY: text.slice(0, 32) }), [], text);
      }
    }),
  );
});

test("The former key may be as weak as it was, but not the present one", () => {
  const env = { SECRET_KEY: strongKey, SECRET_KEY_PREVIOUS: "weak" };
  assert.equal(parseConfig(env).secretKeyPrevious, "weak");
  assert.match(
    problemsOf({ ...env, SECRET_KEY_PREVIOUS: strongKey })[0] ?? "",
    /SECRET_KEY_PREVIOUS is the same as SECRET_KEY/,
  );
});

test("The key in the data directory is held to the same, and is no former key of itself", (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), "labelgate-config-"));
  context.after(() => rmSync(dataDir, { recursive: true }));
  const key = loadConfig({ DATA_DIR: dataDir }).secretKey;
  assert.throws(
    () => loadConfig({ DATA_DIR: dataDir, SECRET_KEY_PREVIOUS: key }),
    /SECRET_KEY_PREVIOUS is the same/,
  );
  writeFileSync(join(dataDir, "secret_key"), "k".repeat(64));
  assert.throws(() => loadConfig({ DATA_DIR: dataDir }), /fewer than 8 different characters/);
});
