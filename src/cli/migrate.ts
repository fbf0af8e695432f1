/** `labelgate migrate`: brings the database to this version, without starting anything. */
import { migrate } from "../store/store.ts";
import { CommandFailure, messageOf } from "./failure.ts";
import { configOrFail, describeDatabase, openDeps } from "./open-deps.ts";

/** The names of the migrations that were applied. @throws CommandFailure */
export async function migrateDatabase(): Promise<readonly string[]> {
  const config = configOrFail();
  const deps = await openDeps({ ...config, logLevel: "warn" }, { logs: "stderr" });
  try {
    return await migrate(deps.store);
  } catch (error) {
    throw new CommandFailure(`${describeDatabase(config)} cannot be migrated: ${messageOf(error)}`);
  } finally {
    await deps.store.close();
  }
}
