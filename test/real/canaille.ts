/**
 * Canaille, an identity provider whose people and groups live in its own database, and which tells
 * every trusted application of each change by SCIM. Installed by pip, configured by its file, driven by
 * its own command line; what it sends, it decides.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process.ts";
import { installPython } from "./python.ts";

/** The newest whose parts fit together: later SCIM libraries lack names that Canaille imports. */
const packages = [
  "canaille[front,oidc,scim,server,sqlite]==0.3.6",
  "scim2-client==0.7.5",
  "scim2-models==0.6.12",
  "flask==3.1.3",
  "flask-dramatiq==0.8.0",
  "dramatiq==2.2.1",
  "sqlalchemy==2.1.9",
  "werkzeug==3.1.9",
];
const patches = fileURLToPath(new URL("canaille", import.meta.url));
const seconds = 86_400;

/** A running configuration of Canaille with one trusted application. */
export interface Canaille {
  /** Runs `canaille <words>`; rejects where it fails, or where the application refused what it was told. */
  command(...words: readonly string[]): Promise<string>;
  /** Canaille's own id of a person. */
  idOf(userName: string): Promise<string>;
  remove(): void;
}

/** Installs Canaille, and makes it provision `scimUrl` with `token`. */
export async function setUpCanaille(scimUrl: string, token: string): Promise<Canaille> {
  const bin = await installPython(packages);
  const folder = mkdtempSync(join(tmpdir(), "labelgate-canaille-"));
  const file = join(folder, "canaille.toml");
  writeFileSync(file, configuration(folder, new URL(scimUrl).hostname));
  const env = {
    CANAILLE_CONFIG: file,
    PYTHONPATH: patches,
    PYTHONWARNINGS: "ignore",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const command = async (...words: readonly string[]) => {
    const output = await run(join(bin, "canaille"), words, { env, cwd: folder });
    // Canaille notes what an application refuses, and goes on.
    const refused = output.match(/^.*(?:SCIM protocol not supported|failed$|Unable to find).*$/m);
    if (refused !== null) throw new Error(`canaille ${words.join(" ")}: ${output}`);
    return output;
  };
  await command("install");
  await command("create", "client", "--client-id", "labelgate", "--client-uri", scimUrl);
  await command(
    ...["create", "token", "--token-id", "scim", "--access-token", token, "--scope", "openid"],
    ...["--client", "labelgate", "--audience", "labelgate", "--type", "access_token"],
    ...["--lifetime", String(seconds), "--issue-date", new Date().toISOString()],
  );
  const idOf = async (userName: string) => {
    const found = await command("get", "user", "--user-name", userName);
    const id = /"id": "([^"]+)"/.exec(found)?.[1];
    if (id === undefined) throw new Error(`Canaille has no ${userName}: ${found}`);
    return id;
  };
  return { command, idOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function configuration(folder: string, host: string): string {
  return `SECRET_KEY = "for this run alone"
SERVER_NAME = "127.0.0.1:5000"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///${join(folder, "canaille.sqlite")}"
[CANAILLE_OIDC]
TRUSTED_DOMAINS = ["${host}"]
[CANAILLE_SCIM]
ENABLE_CLIENT = true
`;
}
