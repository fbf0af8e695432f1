/**
 * The directory behind our side of bench:gateway: an organization of 10,000 people, each with a session,
 * and of 1,000 projects in fifty workspaces, all of it linked to the accounts and projects of the stub upstream.
 * Straight into the tables: signing ten thousand people in would take the bench's whole time.
 */
import { randomToken } from "../src/random.ts";
import { createOrganization } from "../src/store/organizations.ts";
import { createSession, hashSessionToken, newSessionToken } from "../src/store/sessions.ts";
import type { Db } from "../src/store/statement.ts";
import type { Store } from "../src/store/store.ts";
import { accountOf, emailOf, projectCreatedAt, roleOf, sizes, titleOf } from "./gateway-shapes.ts";

const rowsAtOnce = 1_000;
const dayMs = 86_400_000;

/** Fills an empty database; the secret of each person's session, in their order. */
export async function fillDirectory(store: Store): Promise<readonly string[]> {
  const at = Date.now();
  return await store.transaction(async (tx) => {
    const organizationId = await createOrganization(tx, {
      title: "Contoso",
      at,
      samlToken: randomToken(16),
      inviteToken: randomToken(16),
    });
    const workspaceIds = await insertPlaces(tx, organizationId, at);
    const tokens: string[] = [];
    for (let start = 0; start < sizes.sessions; start += rowsAtOnce) {
      tokens.push(...(await insertPeople(tx, { organizationId, workspaceIds, start, at })));
    }
    return tokens;
  });
}

async function insertPlaces(tx: Db, organizationId: number, at: number) {
  const { projects, projectsOfAPerson } = sizes;
  const common = { organization_id: organizationId, created_by: null, created_at: at };
  const titles = Array.from({ length: projects / projectsOfAPerson }, (_, w) => `Workspace ${w}`);
  const rows = await tx
    .insertInto("workspaces")
    .values(titles.map((title) => ({ ...common, title })))
    .returning("id")
    .execute();
  const ids = rows.map(({ id }) => id);
  await tx
    .insertInto("projects")
    .values(
      Array.from({ length: projects }, (_, index) => ({
        ...common,
        title: titleOf(index + 1),
        workspace_id: ids[index % ids.length] ?? 0,
        upstream_id: index + 1,
        upstream_created_at: Date.parse(projectCreatedAt) * 1_000,
      })),
    )
    .execute();
  return ids;
}

interface People {
  readonly organizationId: number;
  readonly workspaceIds: readonly number[];
  readonly start: number;
  readonly at: number;
}

async function insertPeople(tx: Db, { organizationId, workspaceIds, start, at }: People) {
  const people = Array.from({ length: rowsAtOnce }, (_, index) => start + index);
  const inserted = await tx
    .insertInto("users")
    .values(
      people.map((person) => ({
        email: emailOf(accountOf(person)),
        first_name: "Given",
        last_name: "Family",
        password_hash: null,
        created_at: at,
        upstream_id: accountOf(person),
        upstream_email: emailOf(accountOf(person)),
      })),
    )
    .returning("id")
    .execute();
  const members = inserted.map(({ id }, index) => ({ id, person: start + index }));
  await tx
    .insertInto("memberships")
    .values(
      members.map(({ id, person }) => ({
        organization_id: organizationId,
        user_id: id,
        role: roleOf(person),
        role_source: "saml" as const,
        role_set_at: at,
        created_at: at,
      })),
    )
    .execute();
  await tx
    .insertInto("workspace_members")
    .values(
      members.map(({ id, person }) => ({
        workspace_id: workspaceIds[person % workspaceIds.length] ?? 0,
        user_id: id,
        source: "saml" as const,
        organization_id: organizationId,
        granted_at: at,
      })),
    )
    .execute();
  const tokens: string[] = [];
  for (const { id: userId } of members) {
    const token = newSessionToken({ now: Date.now, randomToken });
    tokens.push(token);
    await createSession(tx, {
      tokenHash: hashSessionToken(token),
      id: randomToken(16),
      userId,
      organizationId,
      method: "saml",
      at,
      expiresAt: at + dayMs,
      ip: "127.0.0.1",
      userAgent: "bench",
    });
  }
  return tokens;
}
