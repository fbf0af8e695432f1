/**
 * Why somebody has what they have (PRODUCT 8.5), in sentences: from the sources of each row, and from
 * the reasons that the last decision left in the log (PRODUCT 4.11). What a person reads of themselves
 * and what an administrator reads of them differ by a word only.
 */
import type { Reason } from "./changes.ts";
import {
  effectiveProjectRole,
  type OrgRole,
  type ProjectRole,
  projectRoleNames,
  roleName,
  type Source,
} from "./roles.ts";

const sourceSentences: Readonly<Record<Source, string>> = {
  manual: "Given by hand.",
  saml: "Given by your groups at the identity provider.",
  scim: "Given by your organization's provisioning (SCIM).",
  api: "Given through the API.",
};

const sourceSentencesOfAnother: Readonly<Record<Source, string>> = {
  ...sourceSentences,
  saml: "Given by the person's groups at the identity provider.",
  scim: "Given by provisioning (SCIM).",
};

/** The reader: the person, or an administrator about the person. */
export type Reader = "person" | "administrator";

/** Describes the source of a role or membership in a sentence. */
export function sourceSentence(source: Source, reader: Reader = "person"): string {
  return reader === "person" ? sourceSentences[source] : sourceSentencesOfAnother[source];
}

/** Of a decision's reasons those that say why this thing stands as it is. */
export function reasonsFor(
  reasons: readonly Reason[],
  { subject, target }: { subject: Reason["subject"]; target: string },
): readonly Reason[] {
  return reasons.filter(
    (reason) =>
      reason.subject === subject && reason.target === target && standing.has(reason.result),
  );
}

/**
 * The sentences behind one thing. For what groups gave, the last sign-in's own reasons stand in
 * place of the general sentence, where it left any.
 */
export function becauseOf(
  sources: readonly Source[],
  {
    subject,
    target,
    reasons,
  }: { subject: Reason["subject"]; target: string; reasons: readonly Reason[] },
): readonly string[] {
  const told = reasonsFor(reasons, { subject, target }).map(({ text }) => text);
  const general = [...new Set(sources)]
    .filter((source) => source !== "saml" || told.length === 0)
    .map((source) => sourceSentence(source));
  return [...new Set([...(sources.includes("saml") ? told : []), ...general])];
}

/** Results that say why something stands, rather than why it went. */
const standing: ReadonlySet<Reason["result"]> = new Set([
  "granted",
  "kept",
  "changed",
  "outranked",
  "pending",
]);

/** Describes a person's role in a project: the highest that any source grants. */
export function projectRoleSentence(
  role: OrgRole,
  grants: readonly { readonly role: ProjectRole; readonly isPending: boolean }[],
): string {
  const active = grants.filter(({ isPending }) => !isPending).map((grant) => grant.role);
  if (active.length === 0 && grants.length > 0) {
    const waiting = grants.map((grant) => projectRoleNames[grant.role]).join(", ");
    return `${waiting}, once your account is activated`;
  }
  return roleName(effectiveProjectRole(role, active));
}
