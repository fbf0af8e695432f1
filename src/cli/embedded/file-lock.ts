/**
 * A lock on a file that the kernel frees when its process ends, however it ends. Node has no call for
 * one; SQLite's exclusive transaction on an empty database is such a lock.
 */
import { DatabaseSync } from "node:sqlite";

/** A lock that is held. */
export interface FileLock {
  release(): void;
}

/** The lock on `path`, or null where another process (or this one) has it. */
export function takeFileLock(path: string): FileLock | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const isBusy = error instanceof Error && /locked|busy/i.test(error.message);
    if (isBusy) return null;
    throw error;
  }
  return { release: () => database.close() };
}
