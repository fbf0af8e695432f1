/**
 * The table of edits: from the name that a row of the policy carries to the function that edits
 * Label Studio's answer (GATEWAY 10.4, 10.5). The gateway edits successful answers only, and streams
 * those for which `needsEdit` is false.
 */
import { AppError } from "../errors.ts";
import type { AnswerContext, AnswerEdit } from "./answer-edit.ts";
import {
  editMlBackend,
  editMlBackends,
  editStorage,
  editStorages,
  editVersion,
  editWebhook,
  editWebhooks,
} from "./edit-connections.ts";
import {
  editActions,
  editColumns,
  editLabelLinks,
  editView,
  editViews,
} from "./edit-data-manager.ts";
import {
  editJwtSettings,
  editOwnMembership,
  editUser,
  editUsers,
  editWhoami,
} from "./edit-people.ts";
import { editProject, editProjectList } from "./edit-projects.ts";
import { badAnswer, type Edit, hidesOthers, isWorker } from "./edit-tools.ts";
import {
  editAnnotation,
  editAnnotationList,
  editDraft,
  editDraftList,
  editHistory,
  editPredictionList,
  editTask,
  editTaskList,
} from "./edit-work.ts";
import { parseJson, writeJson } from "./json.ts";
import { editPage } from "./page.ts";
import type { StudioRole, StudioSwitches } from "./viewer.ts";

const edits: Readonly<Record<Exclude<AnswerEdit, "page">, Edit>> = {
  task: editTask,
  task_list: editTaskList,
  annotation: editAnnotation,
  annotation_list: editAnnotationList,
  draft: editDraft,
  draft_list: editDraftList,
  prediction_list: editPredictionList,
  columns: editColumns,
  views: editViews,
  view: editView,
  users: editUsers,
  user: editUser,
  actions: editActions,
  project: editProject,
  project_list: editProjectList,
  project_created: editProject,
  dm_project: editProject,
  whoami: editWhoami,
  own_membership: editOwnMembership,
  ml_backends: editMlBackends,
  ml_backend: editMlBackend,
  storages: editStorages,
  storage: editStorage,
  webhooks: editWebhooks,
  webhook: editWebhook,
  label_links: editLabelLinks,
  history: editHistory,
  version: editVersion,
  jwt_settings: editJwtSettings,
};

/**
 * A successful answer of Label Studio's as this viewer may read it. Numbers keep their source text.
 * @param text the whole body; an empty one stays empty
 * @throws AppError `upstream_bad_answer` for anything that the edit does not understand; `not_found`
 * where the answer is a thing that the viewer does not see
 */
export function editAnswer(edit: AnswerEdit, text: string, context: AnswerContext): string {
  if (text === "") return "";
  if (edit === "page") return editPage(text, context.stylesheet);
  try {
    return writeJson(edits[edit](parseJson(text), context));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof SyntaxError) throw badAnswer("JSON");
    throw error;
  }
}

/** Edits that change nothing for a role; every other edit is always made. */
const needless: Partial<
  Readonly<Record<AnswerEdit, (role: StudioRole, switches: StudioSwitches) => boolean>>
> = {
  task: isAdministrator,
  task_list: isAdministrator,
  columns: isAdministrator,
  prediction_list: isAdministrator,
  label_links: isAdministrator,
  annotation: seesOthers,
  annotation_list: seesOthers,
  draft: seesOthers,
  view: (role) => !isWorker(role),
  history: () => true,
};

function isAdministrator(role: StudioRole): boolean {
  return role === "AD";
}

function seesOthers(role: StudioRole, switches: StudioSwitches): boolean {
  return !hidesOthers(role, switches);
}

/** False where the edit would change nothing for this role, so that the answer may stream. */
export function needsEdit(edit: AnswerEdit, role: StudioRole, switches: StudioSwitches): boolean {
  return needless[edit]?.(role, switches) !== true;
}
