/** The workspaces and projects that an invite gives when it is taken, and the colour of a project. */
import type { Migration } from "../migrate.ts";
import { addColumn } from "./columns.ts";

export const invitedPlaces: Migration = {
  name: "0017-invited-places",
  up: async (db) => {
    // Lists of ids: a workspace or a project may go before the invite is taken.
    for (const list of ["workspaces", "projects"] as const) {
      await addColumn(db, "invites", list, "[]");
    }
    await db.schema.alterTable("projects").addColumn("color", "text").execute();
  },
};
