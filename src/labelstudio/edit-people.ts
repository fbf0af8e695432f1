/**
 * Edits of answers about people: `/api/users`, whoami and one's own membership (GATEWAY 10.5;
 * `label-studio-roles.md` A1, B, C). The account is Label Studio's record; role, organization and
 * what the pages offer are Labelgate's.
 */
import { AppError } from "../errors.ts";
import type { AnswerContext } from "./answer-edit.ts";
import {
  badAnswer,
  expectId,
  expectList,
  expectObject,
  expectObjects,
  expectRecord,
  hidesOthers,
  ownId,
  replaceFields,
} from "./edit-tools.ts";
import type { Json, JsonObject } from "./json.ts";
import type { StudioRole, StudioSwitches } from "./viewer.ts";

/** People as the data manager needs them: whoever the viewer sees; for Annotators themselves. */
export function editUsers(value: Json, context: AnswerContext): Json {
  const shown = expectObjects(value, "people").filter((user) => isShownUser(user, context));
  if (shown.length === 0) throw badAnswer("the viewer among the people");
  return shown.map((user) => editRecord(user, context));
}

/** One person. @throws AppError `not_found` for somebody whom the viewer does not see */
export function editUser(value: Json, context: AnswerContext): Json {
  const user = expectObject(value, "a person");
  if (!isShownUser(user, context)) throw new AppError("not_found");
  return editRecord(user, context);
}

function isShownUser(user: JsonObject, context: AnswerContext): boolean {
  const { id: number } = expectRecord(user, ["id", "email", "username"]);
  const id = expectId(number, "a person's id");
  if (id === ownId(context)) return true;
  if (hidesOthers(context.role, context.switches)) return false;
  return context.role === "AD" || context.people.has(id);
}

/** Takes out what is nobody else's business, and the service account's address. */
function editRecord(user: JsonObject, context: AnswerContext): JsonObject {
  const shown = replaceFields(user, { active_organization_meta: () => organizationMeta(context) });
  if (user["id"] === ownId(context)) return shown;
  return replaceFields(shown, { phone: () => "", custom_hotkeys: () => ({}) });
}

function organizationMeta({ organization }: AnswerContext): JsonObject {
  return { title: organization.title, email: organization.contact };
}

/**
 * The viewer: Label Studio's record, what its pages may offer, and the role as Enterprise answers it.
 * @throws AppError `upstream_bad_answer` where Label Studio took the request for somebody else's
 */
export function editWhoami(value: Json, context: AnswerContext): Json {
  const { viewer, organization, switches } = context;
  const user = expectObject(value, "the viewer's account");
  if (expectId(user["id"], "the viewer's id") !== ownId(context)) {
    throw badAnswer("the viewer's own account");
  }
  const may = permissionsOf(context.role, switches);
  const membership = {
    organization_id: organization.id,
    role: viewer.role,
    active: true,
    user_type: "standard",
  };
  return {
    ...user,
    labelgate_id: viewer.userId,
    active_organization_meta: organizationMeta(context),
    organization_membership: membership,
    org_membership: [membership],
    permissions: expectList(user["permissions"], "permissions").filter((name) => may.has(name)),
  };
}

const worker = [
  ...["projects.view", "tasks.view", "annotations.create", "annotations.view"],
  ...["annotations.change", "annotations.delete", "actions.perform", "labels.view"],
  ...["views.view", "views.create", "views.change", "views.delete"],
];
const manager = [
  ...["projects.create", "projects.change", "projects.delete", "projects.reset_cache"],
  ...["tasks.create", "tasks.change", "tasks.delete", "predictions.any", "views.reset"],
  ...["labels.create", "models.view"],
];
const connector = [
  ...["webhooks.view", "webhooks.change", "storages.view", "storages.change", "storages.sync"],
];

/**
 * Label Studio's names of what a role may do. Its pages read three of them; `users.token.any` is
 * nobody's, because tokens are Labelgate's.
 */
function permissionsOf(role: StudioRole, switches: StudioSwitches): ReadonlySet<Json> {
  if (role === "AN" || role === "RE") return new Set(worker);
  const mayConnect = role === "AD" || switches.managersMayConnect;
  return new Set([...worker, ...manager, ...(mayConnect ? connector : [])]);
}

/** The viewer's own membership with their role, without which the page takes them for the Owner. */
export function editOwnMembership(value: Json, context: AnswerContext): Json {
  const membership = expectObject(value, "a membership");
  if (membership["user"] !== ownId(context)) throw new AppError("not_found");
  return { ...membership, role: context.viewer.role };
}

/** Tokens are Labelgate's for everybody: Label Studio's pages about them vanish. */
export function editJwtSettings(value: Json): Json {
  expectObject(value, "token settings");
  return { api_tokens_enabled: false, legacy_api_tokens_enabled: false };
}
