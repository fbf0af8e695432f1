/**
 * A real SimpleSAMLphp identity provider: Debian's package, served by PHP's own web server from a
 * configuration in a temporary folder, so that nothing under /etc is touched.
 *
 * PHP reads its configuration from JSON files here, at every request: options, people and the
 * service provider may therefore change while it runs.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, run, startServer, waitForAnswer } from "./process.ts";

const wwwRoot = "/usr/share/simplesamlphp/www";

/** SimpleSAMLphp's own option names, as its IdP reference lists them. */
export interface IdpOptions {
  readonly "saml20.sign.response"?: boolean;
  readonly "assertion.encryption"?: boolean;
  readonly "nameid.encryption"?: boolean;
  /** Refuse AuthnRequests that are not signed by the service provider's key. */
  readonly "validate.authnrequest"?: boolean;
  /** Bindings that the IdP metadata offers for single sign-on, in its order. */
  readonly SingleSignOnServiceBinding?: readonly string[];
}

/** A person by user name: what the `exampleauth:UserPass` source hands out. */
export interface Person {
  readonly username: string;
  readonly password: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface SimpleSamlPhp {
  readonly metadataUrl: string;
  /** Starts a sign-in at the IdP, for the service provider of this entity id. */
  idpInitiatedUrl(spEntityId: string): string;
  /** Replaces the people who can sign in. */
  setPeople(people: readonly Person[]): void;
  /** Imports the service provider's metadata as it is. */
  setServiceProvider(metadataXml: string): void;
  /** Options that are not given go back to SimpleSAMLphp's defaults. */
  setOptions(options: IdpOptions): void;
  stop(): Promise<void>;
}

/**
 * Installs Debian's packages where they are missing. php-cgi and micro-httpd come first: they satisfy
 * what SimpleSAMLphp asks for without Apache, which would start a service of its own.
 */
async function installSimpleSamlPhp(): Promise<void> {
  if (existsSync(wwwRoot)) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const packages = ["php-cgi", "php-cli", "php-xml", "micro-httpd", "simplesamlphp"];
  const quietly = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
  await run("apt-get", ["update", ...quietly], { env });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...quietly, ...packages], {
    env,
  });
}

async function makeSigningKey(folder: string): Promise<void> {
  mkdirSync(folder);
  await run("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=idp.test"],
    ...["-keyout", join(folder, "idp.key"), "-out", join(folder, "idp.crt")],
  ]);
}

/** The settings of config.php that differ from an installation's, or that have no default. */
function globalSettings(folder: string, baseUrl: string): object {
  return {
    baseurlpath: `${baseUrl}/`,
    secretsalt: "only for tests on loopback",
    "auth.adminpassword": "only for tests on loopback",
    technicalcontact_name: "Test",
    technicalcontact_email: "test@example.org",
    timezone: "UTC",
    certdir: join(folder, "cert"),
    loggingdir: join(folder, "log"),
    datadir: join(folder, "data"),
    tempdir: join(folder, "tmp"),
    metadatadir: join(folder, "metadata"),
    "metadata.sources": [
      { type: "flatfile" },
      { type: "xml", file: join(folder, "service-provider.xml") },
    ],
    "logging.handler": "errorlog",
    showerrors: true,
    "enable.saml20-idp": true,
    "module.enable": { core: true, saml: true, exampleauth: true },
    "store.type": "phpsession",
    "session.cookie.secure": false,
    "session.cookie.samesite": null,
    "session.phpsession.cookiename": "SimpleSAML",
    "session.phpsession.savepath": join(folder, "sessions"),
    "language.cookie.secure": false,
    "language.cookie.samesite": null,
  };
}

/** A PHP file that sets `$variable` from the JSON file beside it. */
function phpFromJson(variable: string, jsonFile: string): string {
  return `<?php\n$${variable} = json_decode(file_get_contents('${jsonFile}'), true);\n`;
}

/** Writes the configuration folder; people, service provider and options start empty. */
function writeConfiguration(folder: string, baseUrl: string): void {
  for (const name of ["log", "data", "tmp", "metadata", "sessions"]) mkdirSync(join(folder, name));
  const write = (file: string, variable: string): void => {
    writeFileSync(join(folder, file), phpFromJson(variable, join(folder, `${file}.json`)));
  };
  write("config.php", "config");
  write("authsources.php", "config");
  write("metadata/saml20-idp-hosted.php", "metadata");
  writeJson(folder, "config.php", globalSettings(folder, baseUrl));
}

function writeJson(folder: string, file: string, content: object): void {
  writeFileSync(join(folder, `${file}.json`), JSON.stringify(content));
}

const noServiceProvider =
  '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>';

function editor(
  folder: string,
): Pick<SimpleSamlPhp, "setPeople" | "setServiceProvider" | "setOptions"> {
  return {
    setPeople: (people) => {
      const users = people.map(({ username, password, attributes }) => [
        `${username}:${password}`,
        attributes,
      ]);
      writeJson(folder, "authsources.php", {
        people: { 0: "exampleauth:UserPass", ...Object.fromEntries(users) },
      });
    },
    setServiceProvider: (metadataXml) => {
      writeFileSync(join(folder, "service-provider.xml"), metadataXml);
    },
    setOptions: (options) => {
      writeJson(folder, "metadata/saml20-idp-hosted.php", {
        "__DYNAMIC:1__": {
          host: "__DEFAULT__",
          privatekey: "idp.key",
          certificate: "idp.crt",
          auth: "people",
          ...options,
        },
      });
    },
  };
}

/** Starts the identity provider on `127.0.0.1`, another site than Labelgate's `localhost`. */
export async function startSimpleSamlPhp(): Promise<SimpleSamlPhp> {
  await installSimpleSamlPhp();
  const folder = mkdtempSync(join(tmpdir(), "labelgate-simplesamlphp-"));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  writeConfiguration(folder, baseUrl);
  await makeSigningKey(join(folder, "cert"));
  const edit = editor(folder);
  edit.setPeople([]);
  edit.setServiceProvider(noServiceProvider);
  edit.setOptions({});
  const server = startServer("php", ["-S", `127.0.0.1:${port}`, "-t", wwwRoot], {
    env: { SIMPLESAMLPHP_CONFIG_DIR: folder },
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const metadataUrl = `${baseUrl}/saml2/idp/metadata.php`;
  try {
    await waitForAnswer(server, metadataUrl, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    metadataUrl,
    idpInitiatedUrl: (spEntityId) =>
      `${baseUrl}/saml2/idp/SSOService.php?spentityid=${encodeURIComponent(spEntityId)}`,
    ...edit,
    stop,
  };
}
