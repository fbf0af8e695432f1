/** Sessions of Label Studio's own host, children of the first host's (GATEWAY 10.2). */
import type { Migration } from "../migrate.ts";

export const studioSessions: Migration = {
  name: "0011-studio-sessions",
  up: async () => undefined,
};
