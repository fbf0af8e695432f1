/**
 * Checks that the Label Studio behind Labelgate is as it must be (GATEWAY 10.1): each finding is one
 * sentence that says what is so, and what to change where it is not. For `labelgate check` and for the
 * page *Organization › Label Studio*. Asks only; changes nothing.
 */
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { readServerSettings, serverFindings } from "./check-server.ts";
import { loadServiceAccount } from "./studio-api.ts";
import type { WholeAnswer } from "./taking.ts";
import type { Upstream } from "./upstream.ts";

/** One line of the check. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly text: string;
}

/** Label Studio takes nothing from the future, and credentials are good for a minute. */
const maxClockMs = 5000;
/** A Date header has whole seconds. */
const dateStepMs = 1000;
const answerBytes = 4 * 1_048_576;
const withinMs = 10_000;
const oldest = [1, 20] as const;
/** The versions whose addresses were printed and decided. */
const decided: ReadonlySet<string> = new Set(["1.22", "1.23"]);

const ok = (text: string): Finding => ({ level: "ok", text });
const warning = (text: string): Finding => ({ level: "warning", text });
const problem = (text: string): Finding => ({ level: "problem", text });

/** Everything that can be found about the server itself; people and projects are step-status.ts's. */
export async function checkUpstream(
  deps: Pick<Deps, "config" | "now">,
  upstream: Upstream,
): Promise<readonly Finding[]> {
  const { config, now } = deps;
  const name = config.upstreamUrl === "embedded" ? "Label Studio" : config.upstreamUrl;
  let health: WholeAnswer;
  try {
    health = await plain(upstream, "/health");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [problem(`${name} cannot be reached: ${error.detail ?? error.hint}`)];
  }
  const version = await findVersion(upstream);
  if (version === null) {
    return [problem(`What answers at ${name} is no Label Studio; see UPSTREAM_URL.`)];
  }
  const clock = clockFinding(health, now());
  const found = [ok(`${name} answers.`), versionFinding(version), clock];
  try {
    const service = await loadServiceAccount(upstream);
    const taken = `Label Studio takes Labelgate's credential; it is asked as account ${service.id}.`;
    return [...found, ok(taken), ...(await findInside(config, upstream))];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [...found, problem(credentialProblem(config, error, clock))];
  }
}

async function plain(upstream: Upstream, target: string, asService = false): Promise<WholeAnswer> {
  const headers = ["accept", "text/html,application/json", "accept-encoding", "identity"];
  if (asService) {
    const credential = upstream.mintCredential(await upstream.serviceUser());
    headers.push("authorization", `Bearer ${credential}`);
  }
  const request = { method: "GET", target, headers, body: null, isSlow: false };
  return await upstream.gather(request, answerBytes, AbortSignal.timeout(withinMs));
}

/** The release that `/api/version` tells to everybody; null where it is no Label Studio's answer. */
async function findVersion(upstream: Upstream): Promise<string | null> {
  try {
    const { status, body } = await plain(upstream, "/api/version");
    const json: unknown = status === 200 ? JSON.parse(body.toString("utf8")) : null;
    const release =
      typeof json === "object" && json !== null && "release" in json ? json.release : null;
    return typeof release === "string" && /^\d+\.\d+/.test(release) ? release.slice(0, 40) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AppError) return null;
    throw error;
  }
}

function versionFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  if (isOld) {
    return problem(`Label Studio ${version} is too old; Labelgate needs 1.22 or later.`);
  }
  if (decided.has(`${major}.${minor}`)) return ok(`It is Label Studio ${version}.`);
  return warning(
    `Label Studio ${version} was not tried with this version of Labelgate (1.22 and 1.23 were); addresses that are new in it stay shut.`,
  );
}

function clockFinding({ headers }: WholeAnswer, nowMs: number): Finding {
  const theirs = Date.parse(headers["date"] ?? "");
  if (Number.isNaN(theirs)) return warning("Label Studio's clock cannot be read.");
  const aheadMs = theirs - nowMs;
  const offMs = Math.max(0, Math.abs(aheadMs) - dateStepMs);
  if (offMs <= maxClockMs) return ok("Label Studio's clock agrees with ours.");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const way = aheadMs > 0 ? "ahead of" : "behind";
  return problem(
    `Label Studio's clock is about ${seconds} seconds ${way} ours, so that it refuses credentials; keep both by NTP.`,
  );
}

function credentialProblem(config: Config, error: AppError, clock: Finding): string {
  if (error.code !== "upstream_refused_credential") return error.detail ?? error.hint;
  if (clock.level === "problem") {
    return "Label Studio refuses Labelgate's credential, which its clock would explain.";
  }
  const key =
    config.upstreamJwtPrivateKey === ""
      ? "UPSTREAM_SECRET_KEY is not its SECRET_KEY"
      : "the settings file of `labelgate upstream settings` is not in use there";
  const service = config.upstreamServiceUser;
  const who = service === 0 ? "" : `, or there is no account ${service} (UPSTREAM_SERVICE_USER)`;
  return `Label Studio refuses Labelgate's credential: ${key}, or API tokens are off there${who}.`;
}

/** Checks that only an account of Label Studio can make. */
async function findInside(config: Config, upstream: Upstream): Promise<readonly Finding[]> {
  const page = await plain(upstream, "/projects/", true);
  const settings = readServerSettings(await plain(upstream, "/version/", true));
  return [
    ...(await tokenFindings(upstream)),
    hostFinding(config, page.body.toString("utf8")),
    ...serverFindings(settings, String(page.headers["server"] ?? "")),
  ];
}

async function tokenFindings(upstream: Upstream): Promise<readonly Finding[]> {
  const { json } = await upstream.ask("GET", "/api/jwt/settings");
  const isOn = (name: string): boolean =>
    typeof json === "object" && json !== null && Reflect.get(json, name) === true;
  return [
    isOn("api_tokens_enabled")
      ? ok("API tokens are on in Label Studio.")
      : problem("API tokens are off in Label Studio (Organization › Access tokens); turn them on."),
    isOn("legacy_api_tokens_enabled")
      ? warning("Legacy tokens are on in Label Studio, which never end; turn them off there.")
      : ok("Legacy tokens are off in Label Studio."),
  ];
}

/** LABEL_STUDIO_HOST stands before every address of its pages. */
function hostFinding({ baseUrl, upstreamPublicUrl }: Config, page: string): Finding {
  const [, host] = /<script[^>]+src="([^"]*?)\/(?:react-app|static)\//.exec(page) ?? [];
  const shown = upstreamPublicUrl === "" ? baseUrl : upstreamPublicUrl;
  if (host === undefined) return warning("Label Studio's pages could not be read.");
  if (host === "" || host === shown) return ok("Label Studio's pages lead where Labelgate is.");
  return problem(
    `Label Studio's pages lead to ${host.slice(0, 200)}: leave LABEL_STUDIO_HOST empty there, or set it to ${shown}.`,
  );
}
