/**
 * Warnings about an environment that is allowed, told at the start: names that look like ours and are
 * not, and switches that lower the guard. Never stops anything; config.ts does that.
 */
import { type Config, type Environment, namesOf } from "./config.ts";
import { keyRecipe, weakness } from "./config-secret.ts";
import { variables } from "./config-variables.ts";

/** Names that begin like ours; a stranger among them is probably a slip of the pen. */
const ourPrefixRe = /^(LABEL_STUDIO_)?(LABELGATE|SAML|MANUAL)_/;

/** One sentence for each thing worth saying, the unknown names first. */
export function configWarnings(env: Environment, config: Config): readonly string[] {
  return [...unknownNames(env), ...doubleNames(env), ...loweredGuards(config)];
}

function unknownNames(env: Environment): string[] {
  const known = Object.values(variables).flatMap((row) => namesOf(row));
  const isKnown = new Set(known);
  return Object.keys(env)
    .filter((name) => !isKnown.has(name) && env[name] !== undefined)
    .flatMap((name) => {
      const near = known.find((candidate) => isNear(name, candidate));
      if (near !== undefined) return [`${name} is not a setting; do you mean ${near}?`];
      return ourPrefixRe.test(name) && !name.startsWith("LABELGATE_TEST_")
        ? [`${name} is not a setting of Labelgate and is ignored.`]
        : [];
    })
    .sort();
}

/** Both spellings set to different values: the prefixed one wins, as it does in Label Studio. */
function doubleNames(env: Environment): string[] {
  return Object.values(variables).flatMap(({ name }) => {
    const prefixed = env[`LABEL_STUDIO_${name}`];
    const plain = env[name];
    const differ = prefixed && plain && prefixed !== plain;
    return differ ? [`LABEL_STUDIO_${name} is used, and ${name}, which differs, is not.`] : [];
  });
}

function loweredGuards(config: Config): string[] {
  const warnings: string[] = [];
  if (config.disableSamlSslValidation) {
    warnings.push(
      "DISABLE_SAML_SSL_VALIDATION is on: whoever can answer in the identity provider's place can sign in as anybody.",
    );
  }
  if (config.allowInsecureHttp && config.baseUrl.startsWith("http:")) {
    warnings.push(
      "ALLOW_INSECURE_HTTP is on: whoever can see the traffic can take over any session.",
    );
  }
  if (!config.samlWantAssertionsOrResponseSigned) {
    warnings.push(
      "SAML_WANT_ASSERTIONS_OR_RESPONSE_SIGNED=0 changes nothing: a signature must always cover the assertion.",
    );
  }
  const weak = config.upstreamSecretKey === "" ? null : weakness(config.upstreamSecretKey);
  if (weak !== null) {
    warnings.push(
      `UPSTREAM_SECRET_KEY ${weak}: whoever guesses Label Studio's SECRET_KEY and reaches it is anybody there; ${keyRecipe}.`,
    );
  }
  if (config.trustedProxies.some((network) => network.endsWith("/0"))) {
    warnings.push(
      "TRUSTED_PROXIES trusts every address: any visitor can then choose the address that the log shows and the attempt limit counts.",
    );
  }
  return warnings;
}

/** True for names that are at most two letters apart, or differ only by case and dashes. */
function isNear(name: string, candidate: string): boolean {
  if (name.length < 8 || Math.abs(name.length - candidate.length) > 2) return false;
  if (name.toUpperCase().replaceAll("-", "_") === candidate) return true;
  return editDistance(name, candidate) <= 2;
}

/** Levenshtein distance: letters added, dropped or changed. */
function editDistance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const changed = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      current.push(Math.min(changed, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    last = current;
  }
  return last[to.length] ?? 0;
}
