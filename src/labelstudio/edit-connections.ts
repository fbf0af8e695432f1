/**
 * Edits of what connects Label Studio to other hosts: ML backends, storages, webhooks and its own
 * version (GATEWAY 10.4 "Secrets stay in CE"). Annotators and Reviewers have none of them.
 */
import type { AnswerContext } from "./answer-edit.ts";
import {
  dropFields,
  editPages,
  expectObject,
  expectRecord,
  isWorker,
  replaceFields,
} from "./edit-tools.ts";
import type { Json, JsonObject } from "./json.ts";

/** Storages of every kind keep keys under names of their own; Label Studio drops most of them. */
const secretName =
  /secret|passw|_pass$|token|credential|access_key|account_key|api_key|private_key/i;

/** A list of connections, each by its own edit; empty for people who may not see them. */
function listOf(edit: (item: Json) => Json) {
  return (value: Json, context: AnswerContext): Json =>
    editPages(value, (items) => (isWorker(context.role) ? [] : items.map(edit)), context);
}

/** An ML backend without the password for it, in whatever place it stands. */
export function editMlBackend(value: Json): Json {
  return replaceFields(withoutSecrets(expectRecord(value, ["url", "auth_method"])), {
    url: withoutCredentials,
  });
}

/** A storage without keys. */
export function editStorage(value: Json): Json {
  return withoutSecrets(expectRecord(value, ["synchronizable"]));
}

/** A webhook without its headers, which hold the receiver's credentials. */
export function editWebhook(value: Json): Json {
  return replaceFields(expectRecord(value, ["url", "headers"]), {
    headers: () => ({}),
    url: withoutCredentials,
  });
}

export const editMlBackends = listOf(editMlBackend);
export const editStorages = listOf(editStorage);
export const editWebhooks = listOf(editWebhook);

function withoutSecrets(object: JsonObject): JsonObject {
  return dropFields(object, (key) => secretName.test(key));
}

/** `https://user:password@host/` → `https://host/`. */
function withoutCredentials(url: Json): Json {
  return typeof url === "string" ? url.replace(/^(\s*[a-z][a-z0-9+.-]*:\/*)[^/?#]*@/i, "$1") : null;
}

/** The version, without news of another one, which would lead to another host. */
export function editVersion(value: Json): Json {
  return replaceFields(expectRecord(value, ["label-studio-os-package"]), {
    "label-studio-os-package": (entry) =>
      replaceFields(expectObject(entry, "the package's version"), {
        latest_version_from_pypi: () => null,
        latest_version_upload_time: () => null,
        current_version_is_outdated: () => false,
      }),
  });
}
