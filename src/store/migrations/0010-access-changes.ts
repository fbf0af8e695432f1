/** The feed of changes by which every process forgets what it kept of somebody's access (GATEWAY 10.3). */
import type { Migration } from "../migrate.ts";

export const accessChanges: Migration = {
  name: "0010-access-changes",
  up: async () => undefined,
};
