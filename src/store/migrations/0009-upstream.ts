/** People and projects by Label Studio's numbers (GATEWAY 10.5), and what is still to be done there. */
import type { Migration } from "../migrate.ts";

export const upstream: Migration = {
  name: "0009-upstream",
  up: async () => undefined,
};
