/** The roles that somebody can have in a project, as a choice (PRODUCT 1.5). */
import { type ProjectRole, projectRoleNames } from "../../../../src/access/roles.ts";

/** Inherit first, which most people have. */
export const roleChoices: readonly { readonly value: ProjectRole; readonly label: string }[] = [
  { value: "IN", label: projectRoleNames.IN },
  { value: "RE", label: projectRoleNames.RE },
  { value: "AN", label: projectRoleNames.AN },
];
