/**
 * A real Keycloak server: fetched from the Maven repository by Maven's own client, unpacked once into
 * a cache outside the repository, started on loopback with a database in memory.
 * What is configured inside it is keycloak.ts's business.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, run, startServer, waitForAnswer } from "./process.ts";

/** Runs on Java 17 and later. */
const version = "26.7.3";
const copyGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/** The bootstrap administrator, known to this machine's loopback interface alone. */
export const administrator = { username: "admin", password: "admin" } as const;

export interface KeycloakServer {
  /** `http://127.0.0.1:<port>`: another site than Labelgate's `localhost`, as in real life. */
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** The unpacked distribution; downloads it where the cache has none (about 170 MB, once). */
async function installKeycloak(): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? tmpdir(), "labelgate-test");
  const home = join(cache, `keycloak-${version}`);
  if (existsSync(home)) return home;
  mkdirSync(cache, { recursive: true });
  const download = mkdtempSync(join(cache, "download-"));
  try {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:tar.gz`;
    await run("mvn", [
      "-B",
      "-q",
      copyGoal,
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${download}`,
    ]);
    await run("tar", [
      "-xzf",
      join(download, `keycloak-quarkus-dist-${version}.tar.gz`),
      "-C",
      download,
    ]);
    // Renaming last keeps a download that was cut short from passing for a whole one.
    renameSync(join(download, `keycloak-${version}`), home);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
  return home;
}

/** Starts Keycloak in development mode and resolves when it answers. */
export async function startKeycloak(): Promise<KeycloakServer> {
  const home = await installKeycloak();
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const server = startServer(
    join(home, "bin", "kc.sh"),
    ["start-dev", "--db=dev-mem", "--http-host=127.0.0.1", `--http-port=${port}`, "--cache=local"],
    {
      env: {
        KC_BOOTSTRAP_ADMIN_USERNAME: administrator.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
        JAVA_OPTS_KC_HEAP: "-Xms128m -Xmx1g",
      },
    },
  );
  try {
    await waitForAnswer(server, `${baseUrl}/realms/master`, 240_000);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { baseUrl, stop: () => server.stop() };
}
