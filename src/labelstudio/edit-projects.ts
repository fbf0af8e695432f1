/**
 * Edits of project records (GATEWAY 10.4 "Secrets stay in CE", 10.5): one, a list, a new one and the
 * data manager's. Access to a project is the policy's; a project in a list that the viewer does not
 * belong to is cut all the same.
 */
import type { AnswerContext } from "./answer-edit.ts";
import {
  editPages,
  expectId,
  expectObject,
  hidesOthers,
  isWorker,
  ownId,
  replaceFields,
} from "./edit-tools.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { roleIn } from "./viewer.ts";

/**
 * A project's record, whole or the fields that were asked for; its id is among them, because by it
 * Labelgate knows who may see it.
 */
export function editProject(value: Json, context: AnswerContext): Json {
  const project = expectObject(value, "a project");
  expectId(project["id"], "a project's id");
  return replaceFields(project, {
    task_data_password: () => null,
    task_data_login: (login) => (isWorker(context.role) ? null : login),
    created_by: (creator) => editCreator(creator, context),
  });
}

/** A list of projects, without those of others and drafts that others have begun. */
export function editProjectList(value: Json, context: AnswerContext): Json {
  const edit = (project: JsonObject) => {
    const role = roleIn(context.viewer, expectId(project["id"], "a project's id"));
    if (role === null || isOthersDraft(project, context)) return [];
    return [editProject(project, { ...context, role })];
  };
  return editPages(value, (projects) => projects.flatMap(edit), context);
}

function isOthersDraft(
  { is_draft: isDraft, created_by: creator }: JsonObject,
  context: AnswerContext,
) {
  return isDraft === true && isObject(creator) && creator["id"] !== ownId(context);
}

/** The creator is named to those who see people; the service account to Administrators. */
function editCreator(creator: Json, context: AnswerContext): Json {
  if (!isObject(creator)) return null;
  const id = expectId(creator["id"], "a creator's id");
  if (id === ownId(context) || context.role === "AD") return creator;
  return hidesOthers(context.role, context.switches) || !context.people.has(id) ? null : creator;
}
