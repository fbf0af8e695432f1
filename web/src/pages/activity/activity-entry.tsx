/** One activity entry: a label for the request, the path, and the effects on demand. */
import "./activity.css";
import { Text } from "@mantine/core";
import type { Change } from "../../../../src/access/changes.ts";
import type { Activity, Effect, OtherChange } from "../../api/activity.ts";
import { changeSentence } from "../../ui/change-list.tsx";

/** The deed of a row. */
export function ActivityEntry({ entry }: { readonly entry: Activity }) {
  const effects = entry.extra_data ?? [];
  const labels = [...new Set(effects.map(({ action }) => actionLabel(action)))].join(", ");
  return (
    <>
      {labels !== "" && <div>{labels}</div>}
      <div className="lg-code">
        <strong>{entry.request_method}</strong> {entry.request_url}
      </div>
      <details className="lg-effects">
        <summary>Details</summary>
        {effects.map((effect) => (
          <Sentences key={JSON.stringify(effect)} effect={effect} />
        ))}
        <Text size="sm" c="dimmed">
          {entry.user_agent === "" ? "The client did not say what it is." : entry.user_agent}
        </Text>
        <Text size="sm" c="dimmed">
          Answered in {entry.duration.toLocaleString()} ms.
        </Text>
      </details>
    </>
  );
}

function Sentences({ effect: { changes, reasons } }: { readonly effect: Effect }) {
  const told = changes.map((change) =>
    isOfAccess(change) ? changeSentence(change) : otherSentence(change),
  );
  const sentences = [...new Set([...told, ...reasons])].filter((sentence) => sentence !== "");
  if (sentences.length === 0) return null;
  return (
    <ul className="lg-changes">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

/** The kinds of access/changes.ts; other events have kinds of their own, or none. */
const accessKindRe =
  /^(user_(created|renamed)|email_changed|password_set|membership_\w+|role_changed|workspace_created|workspace_member_\w+|project_member_\w+|assignment_\w+|grant_source_changed|access_ended)$/;

function isOfAccess(change: Effect["changes"][number]): change is Change {
  return typeof change.kind === "string" && accessKindRe.test(change.kind);
}

/**
 * Describes the details of an event: "Setting: mapping email", "Name: Okta". Ids and lists say little
 * here.
 */
function otherSentence(change: OtherChange): string {
  if (change["kind"] === "setting_changed") return `Setting: ${wordsOf(String(change["field"]))}`;
  return Object.entries(change)
    .filter(([name, value]) => name !== "kind" && ["string", "boolean"].includes(typeof value))
    .map(([name, value]) => `${capitalized(wordsOf(name))}: ${shown(value)}`)
    .join(", ");
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value) === "" ? "empty" : String(value);
}

/** "scim_token_made" as "SCIM token made". */
function actionLabel(action: string): string {
  return capitalized(wordsOf(action));
}

/** A name of the server's, in snake or camel case, as words. */
function wordsOf(name: string): string {
  return name
    .replaceAll("_", " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replaceAll(/\b(saml|scim|api|url|xml|idp|sha1|cbc)\b/g, (word) => word.toUpperCase());
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
