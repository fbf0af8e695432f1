/** The demo's organization: a title, an API token of the Owner's and, without a Label Studio, two projects. */
import { createHash, randomBytes } from "node:crypto";
import type { Deps } from "../src/deps.ts";
import { createApiToken } from "../src/store/api-tokens.ts";
import { findUserByEmail } from "../src/store/people.ts";
import { createProject } from "../src/store/projects.ts";

export interface Seeded {
  readonly organizationId: number;
  readonly projectIds: readonly number[];
  readonly apiToken: string;
}

const projectTitles = ["Chest X-ray", "Skin lesions"];

/** Fills the organization of the Owner with this address. Projects live in Label Studio where there is one. */
export async function seedOrganization(
  deps: Deps,
  ownerEmail: string,
  { withProjects }: { readonly withProjects: boolean },
): Promise<Seeded> {
  return await deps.store.transaction(async (tx) => {
    const owner = await findUserByEmail(tx, ownerEmail);
    if (owner === null) throw new Error(`${ownerEmail} was not made`);
    const at = deps.now();
    const { organization_id: organizationId } = await tx
      .selectFrom("memberships")
      .select("organization_id")
      .where("user_id", "=", owner.id)
      .executeTakeFirstOrThrow();
    await tx
      .updateTable("organizations")
      .set({ title: "Acme Imaging" })
      .where("id", "=", organizationId)
      .execute();
    const projectIds: number[] = [];
    for (const title of withProjects ? projectTitles : []) {
      projectIds.push(await createProject(tx, { organizationId, title, workspaceId: null, at }));
    }
    const apiToken = randomBytes(20).toString("hex");
    await createApiToken(tx, {
      userId: owner.id,
      organizationId,
      kind: "legacy",
      tokenHash: createHash("sha256").update(apiToken).digest("hex"),
      at,
      expiresAt: null,
    });
    return { organizationId, projectIds, apiToken };
  });
}
