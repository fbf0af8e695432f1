/**
 * Whom one can be in the demo: each person shows one rule of PRODUCT 4. Their groups are what the
 * demo identity provider asserts; the mappings are what an administrator has saved.
 */

/** A person whom the demo identity provider vouches for. */
export interface DemoPerson {
  readonly key: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly groups: readonly string[];
  /** What signing in as this person shows. */
  readonly story: string;
}

export const demoDomain = "acme.example";

export const demoPeople: readonly DemoPerson[] = [
  {
    key: "ada",
    email: "ada@acme.example",
    firstName: "Ada",
    lastName: "Okafor",
    groups: ["LS-Admins"],
    story: "An administrator. Sees everything in the organization.",
  },
  {
    key: "mateo",
    email: "mateo@acme.example",
    firstName: "Mateo",
    lastName: "Silva",
    groups: ["LS-Managers", "LS-Radiology", "LS-Dermatology"],
    story: "A manager of two workspaces: sees their projects and may change them.",
  },
  {
    key: "anna",
    email: "anna@acme.example",
    firstName: "Anna",
    lastName: "Lindqvist",
    groups: ["LS-Annotators", "LS-Chest-X-Ray"],
    story: "An annotator of one project, where she labels chest X-rays.",
  },
  {
    key: "ravi",
    email: "Ravi@Acme.example",
    firstName: "Ravi",
    lastName: "Iyer",
    groups: ["LS-Annotators", "LS-Reviewers", "LS-Chest-X-Ray-Reviewers", "LS-Chest-X-Ray"],
    story: "In an annotators' and a reviewers' group: the most elevated role wins.",
  },
  {
    key: "casey",
    email: "casey@acme.example",
    firstName: "Casey",
    lastName: "Novak",
    groups: ["ls-reviewers"],
    story: "In “ls-reviewers”, but the mapping says “LS-Reviewers”: names compare exactly.",
  },
  {
    key: "nora",
    email: "nora@acme.example",
    firstName: "Nora",
    lastName: "Haddad",
    groups: [],
    story: "In no group: gets the organization's default role and nothing else.",
  },
  {
    key: "olga",
    email: "olga@elsewhere.example",
    firstName: "Olga",
    lastName: "Weber",
    groups: ["LS-Admins"],
    story: "Vouched for, but with an address outside the organization's domain: refused.",
  },
];

/**
 * The settings of the demo organization, as one would POST them to /api/saml/settings; null where the
 * project is not made yet.
 */
export function demoSettings(metadataUrl: string, chestXRay: number | null) {
  return {
    domain: demoDomain,
    metadata_url: metadataUrl,
    idp_provider: "default",
    roles_groups: [
      ["Administrator", "LS-Admins"],
      ["Manager", "LS-Managers"],
      ["Reviewer", "LS-Reviewers"],
      ["Annotator", "LS-Annotators"],
    ],
    workspaces_groups: [
      ["Radiology", "LS-Radiology"],
      ["Dermatology", "LS-Dermatology"],
    ],
    projects_groups:
      chestXRay === null
        ? []
        : [
            { project_id: chestXRay, group: "LS-Chest-X-Ray", role: "Annotator" },
            { project_id: chestXRay, group: "LS-Chest-X-Ray-Reviewers", role: "Reviewer" },
          ],
  };
}
