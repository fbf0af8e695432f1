/** People as a type of resource for the routes. The flows are provision-users.ts's. */
import type { Deps } from "../deps.ts";
import { parsePatch } from "../scim/patch.ts";
import { parseUser } from "../scim/resources.ts";
import { userType } from "../scim/schema.ts";
import { countScim, listScimUsers } from "../store/scim-search.ts";
import { findScimUser, type ScimUserRecord } from "../store/scim-users.ts";
import { showUsers } from "./answer.ts";
import type { ResourceKind } from "./kind.ts";
import { createUser, deleteUser, patchUser, replaceUser } from "./provision-users.ts";

/** Routes under /Users serve this. */
export function userKind(deps: Deps): ResourceKind<ScimUserRecord> {
  const { db } = deps.store;
  return {
    type: userType,
    noun: "user",
    // A person's resource is small; a photo in it is an address.
    bodyLimit: 1_048_576,
    showsPatched: true,
    create: (caller, body) => createUser(deps, caller, parseUser(body)),
    replace: (caller, named, body) =>
      replaceUser(deps, caller, { ...named, wanted: parseUser(body) }),
    patch: (caller, named, body) =>
      patchUser(deps, caller, { ...named, operations: parsePatch(body, userType) }),
    remove: (caller, named) => deleteUser(deps, caller, named),
    find: (organizationId, key) => findScimUser(db, { organizationId, key }),
    list: (list) => listScimUsers(db, list),
    count: (list) => countScim(db, "User", list),
    show: (organizationId, { resources, projection, areNew }) =>
      showUsers(deps, organizationId, { users: resources, projection, areNew }),
    showsMoreThanTag: () => false,
  };
}
