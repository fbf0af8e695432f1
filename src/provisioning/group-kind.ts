/** Groups as a type of resource for the routes. The flows are provision-groups.ts's. */
import type { Deps } from "../deps.ts";
import { parsePatch } from "../scim/patch.ts";
import { compileGroupPatch } from "../scim/patch-group.ts";
import { parseGroup } from "../scim/resources.ts";
import { groupType } from "../scim/schema.ts";
import { findScimGroup, type ScimGroupRecord } from "../store/scim-groups.ts";
import { countScim, listScimGroups } from "../store/scim-search.ts";
import { showGroups, showsDisplay } from "./answer.ts";
import type { ResourceKind } from "./kind.ts";
import { createGroup, deleteGroup, patchGroup, replaceGroup } from "./provision-groups.ts";

/** Routes under /Groups serve this. */
export function groupKind(deps: Deps): ResourceKind<ScimGroupRecord> {
  const { db } = deps.store;
  return {
    type: groupType,
    noun: "group",
    // 50,000 members are some 4 MB.
    bodyLimit: 16 * 1_048_576,
    // Members are not read for an answer that nobody asked for.
    showsPatched: false,
    create: (caller, body) => createGroup(deps, caller, parseGroup(body)),
    replace: (caller, named, body) =>
      replaceGroup(deps, caller, { ...named, wanted: parseGroup(body) }),
    patch: async (caller, named, body) => {
      const patch = compileGroupPatch(parsePatch(body, groupType));
      return await patchGroup(deps, caller, { ...named, patch });
    },
    remove: (caller, named) => deleteGroup(deps, caller, named),
    find: (organizationId, key) => findScimGroup(db, { organizationId, key }),
    list: (list) => listScimGroups(db, list),
    count: (list) => countScim(db, "Group", list),
    show: (organizationId, { resources, projection }) =>
      showGroups(deps, organizationId, { groups: resources, projection }),
    showsMoreThanTag: showsDisplay,
  };
}
