/**
 * Lists the people who share tabs with the Managers of a project (GATEWAY 10.4): its Managers, by
 * themselves, by its workspace or by having made either, and everybody who sees all projects. By Label
 * Studio's numbers.
 */
import { type Db, statement } from "./statement.ts";

interface InProject {
  readonly organizationId: number;
  readonly project: number;
}

const findManagers = statement<InProject, { upstream_id: number | null }>((db, value) => {
  const project = db
    .selectFrom("projects")
    .where("projects.organization_id", "=", value("organizationId"))
    .where("projects.upstream_id", "=", value("project"));
  const inWorkspace = project.innerJoin("workspaces", "workspaces.id", "projects.workspace_id");
  return db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", value("organizationId"))
    .where("users.upstream_id", "is not", null)
    .where((eb) =>
      eb.or([
        eb("memberships.role", "in", ["OW", "AD"]),
        eb.and([
          eb("memberships.role", "=", "MA"),
          eb.or([
            eb("users.id", "in", project.select("projects.created_by")),
            eb("users.id", "in", inWorkspace.select("workspaces.created_by")),
            eb(
              "users.id",
              "in",
              inWorkspace
                .innerJoin("workspace_members", "workspace_members.workspace_id", "workspaces.id")
                .select("workspace_members.user_id"),
            ),
            eb(
              "users.id",
              "in",
              project
                .innerJoin("project_members", "project_members.project_id", "projects.id")
                .where("project_members.is_pending", "=", 0)
                .select("project_members.user_id"),
            ),
          ]),
        ]),
      ]),
    )
    .select("users.upstream_id");
});

/** Label Studio's numbers of a project's Managers and of all Administrators. */
export async function loadStudioManagers(db: Db, of: InProject): Promise<ReadonlySet<number>> {
  const rows = await findManagers.all(db, of);
  return new Set(rows.flatMap(({ upstream_id: id }) => (id === null ? [] : [id])));
}
