/** `labelgate scim-token <name>`: a SCIM token for the identity provider, as the settings page makes them. */
import { AppError } from "../errors.ts";
import { makeScimToken } from "../provisioning/tokens.ts";
import { CommandFailure } from "./failure.ts";
import { withDeps } from "./open-deps.ts";
import { chooseOrganization } from "./settings.ts";

/** The token to create. */
export interface TokenRequest {
  readonly name: string;
  /** Null where it shall not end by itself. */
  readonly days: number | null;
  readonly organization: number | null;
}

/**
 * Creates the token and returns the text to print: SCIM's address, and the token, which is nowhere else.
 * @throws CommandFailure
 */
export async function makeToken({ name, days, organization }: TokenRequest): Promise<string> {
  return await withDeps(async (deps) => {
    const organizationId = await chooseOrganization(deps, organization);
    const holder = { organizationId, actor: { kind: "system" } } as const;
    try {
      const { token } = await makeScimToken(deps, holder, { name, days });
      return `Base URL: ${deps.config.baseUrl}/scim/v2\nToken:    ${token}`;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const sentences = Object.values(error.fields ?? {}).flat();
      throw new CommandFailure(sentences.length > 0 ? sentences.join("\n") : error.message);
    }
  });
}
