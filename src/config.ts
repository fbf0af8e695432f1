/**
 * Environment → frozen `Config`. The only reader of process.env.
 *
 * config-variables.ts describes every variable once, config-values.ts what a value looks like. All
 * problems are reported together, one sentence each (PRODUCT 5). Each variable is also read as
 * LABEL_STUDIO_<NAME>, which wins as it does in Label Studio; secrets also from the file that
 * <NAME>_FILE names. An empty value counts as unset.
 */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyRecipe, weakness } from "./config-secret.ts";
import { isLoopbackHost } from "./config-values.ts";
import type { Variable } from "./config-variable.ts";
import { variables } from "./config-variables.ts";

type ReadVariables = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T>
    ? T
    : never;
};

/** Settings of this process, every variable by its camelCase name. Frozen. */
export type Config = Omit<ReadVariables, "ssrfProtectionEnabled"> & {
  readonly ssrfProtectionEnabled: boolean;
  /** True where anybody may found an organization here (PRODUCT 5). */
  readonly isOpenToFounders: boolean;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration cannot be used; `problems` holds one whole sentence for each thing wrong. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n- ${problems.join("\n- ")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** The names under which a variable is looked for, the one that wins first. */
export function namesOf({ name, isSecret }: Variable<unknown>): readonly string[] {
  const names = [`LABEL_STUDIO_${name}`, name];
  return isSecret ? names.flatMap((each) => [each, `${each}_FILE`]) : names;
}

/**
 * The configuration that `env` describes. `secretKey` is "" where SQLite is used and none is set;
 * `loadConfig` fills it in.
 *
 * @throws ConfigError with every problem at once.
 */
export function parseConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Config {
  const problems: string[] = [];
  const entries = Object.entries<Variable<unknown>>(variables).map(([key, row]) => {
    const raw = readValue(env, row, { readFile, problems });
    return [key, raw === null ? row.fallback : parseValue(row, raw, problems)];
  });
  const config = withDefaults(Object.fromEntries(entries) as ReadVariables);
  if (problems.length === 0 || config.baseUrl !== "") problems.push(...crossProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

function parseValue(row: Variable<unknown>, raw: string, problems: string[]): unknown {
  const parsed = row.schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  // A secret is never repeated, not even a wrong one.
  const shown = row.isSecret ? "" : ` (it is "${raw.slice(0, 100)}")`;
  for (const issue of parsed.error.issues) problems.push(`${row.name} ${issue.message}${shown}.`);
  return row.fallback;
}

/** The text that `env` gives a variable, or null where it gives none. */
function readValue(
  env: Environment,
  row: Variable<unknown>,
  context: { readFile: (path: string) => string; problems: string[] },
): string | null {
  const set = namesOf(row).filter((name) => (env[name] ?? "").trim() !== "");
  const [first] = set;
  if (first === undefined) return null;
  const file = set.find((name) => isFileName(row, name));
  const plain = set.find((name) => !isFileName(row, name));
  if (file !== undefined && plain !== undefined) {
    context.problems.push(`${plain} and ${file} are both set; set only one of them.`);
    return null;
  }
  const value = env[first] ?? "";
  if (file === undefined) return value;
  try {
    return context.readFile(value).replace(/\r?\n$/, "");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    context.problems.push(`${first} names a file that cannot be read: ${value}${reason}.`);
    return null;
  }
}

const isFileName = (row: Variable<unknown>, name: string): boolean =>
  row.isSecret === true && name.endsWith("_FILE");

/** Defaults that depend on other variables. */
function withDefaults(config: ReadVariables): Config {
  const baseUrl = config.baseUrl || `http://localhost:${config.port}`;
  const isLoopback = isLoopbackHost(new URL(baseUrl).hostname);
  const listenAddress = config.listenAddress || (isLoopback ? "localhost" : "0.0.0.0");
  const { disableSignupWithoutLink, upstreamUrl, disablePasswordLogin } = config;
  // One Label Studio is one organization (GATEWAY 10.1).
  const isOpenToFounders = !disableSignupWithoutLink && upstreamUrl === "" && !disablePasswordLogin;
  // Whoever founds an organization sets metadata URLs there (PRODUCT 2.7).
  const ssrfProtectionEnabled = config.ssrfProtectionEnabled ?? isOpenToFounders;
  return { ...config, baseUrl, listenAddress, isOpenToFounders, ssrfProtectionEnabled };
}

/** Rules that concern several variables together (PRODUCT 9.1 to 9.3, 9.7). */
function crossProblems(config: Config): string[] {
  const problems: string[] = [];
  const { protocol, hostname } = new URL(config.baseUrl);
  if (protocol === "http:" && !isLoopbackHost(hostname) && !config.allowInsecureHttp) {
    problems.push(
      `BASE_URL must begin with https:// for ${hostname}; set ALLOW_INSECURE_HTTP=1 only where nobody else can see the traffic.`,
    );
  }
  if (config.databaseUrl !== "" && config.secretKey === "") {
    problems.push(
      `SECRET_KEY is required with DATABASE_URL, since every replica needs the same one; ${keyRecipe}.`,
    );
  }
  if (isSameKey(config)) problems.push(sameKey);
  if ((config.ownerEmail === "") !== (config.ownerPassword === "")) {
    problems.push(
      "LABELGATE_OWNER_EMAIL and LABELGATE_OWNER_PASSWORD (or LABELGATE_OWNER_PASSWORD_FILE) belong together; set both or neither.",
    );
  }
  if (config.ownerPassword.length > 128) {
    problems.push("LABELGATE_OWNER_PASSWORD must have at most 128 characters.");
  }
  if (config.smtpUrl !== "" && config.mailFrom === "") {
    problems.push("MAIL_FROM is required with SMTP_URL, such as Labelgate <labels@example.com>.");
  }
  problems.push(...upstreamProblems(config));
  return problems;
}

/** Rules of the Label Studio behind Labelgate (GATEWAY 10.1, 10.2). */
function upstreamProblems(config: Config): string[] {
  const problems: string[] = [];
  const { upstreamUrl, upstreamSecretKey, upstreamJwtPrivateKey, upstreamPublicUrl } = config;
  const isOwn = upstreamUrl !== "" && upstreamUrl !== "embedded";
  if (isOwn && (upstreamSecretKey === "") === (upstreamJwtPrivateKey === "")) {
    problems.push(
      "UPSTREAM_SECRET_KEY (Label Studio's SECRET_KEY) or UPSTREAM_JWT_PRIVATE_KEY_FILE is required with UPSTREAM_URL; set exactly one of them.",
    );
  }
  if (upstreamPublicUrl !== "") problems.push(...publicUrlProblems(config));
  return problems;
}

/** Cookies know no ports: hosts that differ by port alone would share them. */
function publicUrlProblems({ baseUrl, upstreamPublicUrl, upstreamUrl }: Config): string[] {
  const [first, second] = [new URL(baseUrl), new URL(upstreamPublicUrl)];
  const problems: string[] = [];
  if (upstreamUrl === "")
    problems.push("UPSTREAM_PUBLIC_URL needs UPSTREAM_URL; set it, or neither.");
  if (first.hostname === second.hostname) {
    problems.push(
      `UPSTREAM_PUBLIC_URL must have another host name than BASE_URL (${first.hostname}); another port alone is not enough, since cookies ignore ports.`,
    );
  }
  if (first.protocol !== second.protocol) {
    problems.push("UPSTREAM_PUBLIC_URL and BASE_URL must both be https, or both http.");
  }
  return problems;
}

/**
 * The configuration of this process, with the secret key made and kept in the data directory where
 * SQLite is used and none is set.
 *
 * @throws ConfigError with every problem at once.
 */
export function loadConfig(env: Environment = process.env): Config {
  const config = parseConfig(env);
  if (config.secretKey !== "") return config;
  const whole = Object.freeze({ ...config, secretKey: keepSecretKey(config.dataDir) });
  if (isSameKey(whole)) throw new ConfigError([sameKey]);
  return whole;
}

const sameKey =
  "SECRET_KEY_PREVIOUS is the same as SECRET_KEY; give the former key there, or leave it unset.";

const isSameKey = ({ secretKey, secretKeyPrevious }: Config): boolean =>
  secretKey !== "" && secretKey === secretKeyPrevious;

/** The key in `dataDir/secret_key`, made where there is none. */
function keepSecretKey(dataDir: string): string {
  try {
    return keepSecret(join(dataDir, "secret_key"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`DATA_DIR ${dataDir} cannot keep the secret key: ${reason}.`]);
  }
}

/**
 * The key that the file `path` keeps, for this user alone (0600); made where there is none. Of two
 * processes that make it at once, the first one's stands.
 */
export function keepSecret(path: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, randomBytes(48).toString("base64url"), { mode: 0o600, flag: "wx" });
  try {
    // A link appears whole or not at all, and never replaces a key that is there.
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = readFileSync(path, "utf8").trim();
  const weak = weakness(key);
  if (weak === null) return key;
  throw new Error(
    `the key in ${path} ${weak}; restore the file from a backup, or remove it to start with a new key`,
  );
}

/** The environment of this process, for warnings about names in it. */
export function currentEnvironment(): Environment {
  return process.env;
}

/** True where browsers keep Secure cookies: the public origin is https. */
export function isSecureOrigin(config: Pick<Config, "baseUrl">): boolean {
  return config.baseUrl.startsWith("https:");
}
