/** List of the changes of a person, in sentences. */
import { Text } from "@mantine/core";
import type { Assignment, Change } from "../../../src/access/changes.ts";
import { projectRoleNames, roleName, type Source } from "../../../src/access/roles.ts";

/** Projects are named by their titles where the page knows them. */
export type ProjectTitles = ReadonlyMap<number, string>;

const none: ProjectTitles = new Map();

const by: Readonly<Record<Source, string>> = {
  manual: "by hand",
  saml: "by SAML",
  scim: "by SCIM",
  api: "through the API",
};

interface ChangeListProps {
  readonly changes: readonly Change[];
  readonly projectTitles?: ProjectTitles;
}

/** The sentences in order; one that says so where there are none. */
export function ChangeList({ changes, projectTitles = none }: ChangeListProps) {
  if (changes.length === 0) return <Text c="dimmed">Nothing changes.</Text>;
  const sentences = changes.map((change) => changeSentence(change, projectTitles));
  return (
    <ul className="lg-changes">
      {[...new Set(sentences)].map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

/** One change as a sentence. */
export function changeSentence(change: Change, projectTitles: ProjectTitles = none): string {
  return personSentence(change) ?? placeSentence(change, projectTitles);
}

function personSentence(change: Change): string | null {
  switch (change.kind) {
    case "user_created":
      return `An account is made for ${change.email}.`;
    case "user_renamed":
      return `The name becomes ${`${change.to.firstName} ${change.to.lastName}`.trim() || "empty"}.`;
    case "email_changed":
      return `The e-mail address becomes ${change.to}.`;
    case "password_set":
      return "A password is set.";
    case "membership_created":
      return `Joins the organization as ${roleName(change.role)}, ${by[change.source]}.`;
    case "membership_removed":
      return `Leaves the organization, where the role was ${roleName(change.role)}.`;
    case "role_changed":
      return `The role changes from ${roleName(change.from)} to ${roleName(change.to)}, ${by[change.source]}.`;
    case "access_ended":
      return "Sessions, API tokens and open invitations end.";
    default:
      return null;
  }
}

function placeSentence(change: Change, titles: ProjectTitles): string {
  switch (change.kind) {
    case "workspace_created":
      return `The workspace ${change.title} is made.`;
    case "workspace_member_added":
      return `Joins the workspace ${change.workspace.title}, ${by[change.source]}.`;
    case "workspace_member_removed":
      return `Leaves the workspace ${change.workspace.title}, where ${by[change.source]} was the reason to be.`;
    case "project_member_added":
      return `Joins ${projectOf(change.projectId, titles)} as ${projectRoleNames[change.role]}, ${by[change.source]}${change.isPending ? ", once activated" : ""}.`;
    case "project_member_changed":
      return `The role in ${projectOf(change.projectId, titles)} changes from ${projectRoleNames[change.from.role]} to ${projectRoleNames[change.to.role]}.`;
    case "project_member_removed":
      return `Leaves ${projectOf(change.projectId, titles)}, which was given ${by[change.source]}.`;
    case "assignment_added":
      return `The pushed group ${change.assignment.group} gives ${assignmentOf(change.assignment, titles)}.`;
    case "assignment_removed":
      return `The pushed group ${change.assignment.group} no longer gives ${assignmentOf(change.assignment, titles)}.`;
    case "grant_source_changed":
      return `What was given ${by[change.from]} is now given ${by[change.to]}.`;
    default:
      return "Something changes that this page has no words for.";
  }
}

function projectOf(id: number, titles: ProjectTitles): string {
  return `the project ${titles.get(id) ?? `#${id}`}`;
}

function assignmentOf(assignment: Assignment, titles: ProjectTitles): string {
  switch (assignment.scope) {
    case "organization":
      return `the role ${roleName(assignment.role)}`;
    case "workspace":
      return `the workspace ${assignment.title}`;
    case "project":
      return `${projectRoleNames[assignment.role]} in ${projectOf(assignment.projectId, titles)}`;
  }
}
