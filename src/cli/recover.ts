/** `labelgate recover <email>`: the one-time link; the flow is people/recover.ts's. */
import { beginRecovery, type RecoverRequest } from "../people/recover.ts";
import { CommandFailure } from "./failure.ts";
import { withDeps } from "./open-deps.ts";

/** Returns the text to print. @throws CommandFailure with the reason why there is no link */
export async function recover(asked: RecoverRequest): Promise<string> {
  return await withDeps(async (deps) => {
    const made = await beginRecovery(deps, asked);
    if (made.outcome === "refused") throw new CommandFailure(made.reason);
    return `One-time link for ${made.organizationTitle}, good for one hour:\n${made.url}`;
  });
}
