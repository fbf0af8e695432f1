/**
 * The fields that joining has in common, whether by sign-up, invite or set-up link, and how a form
 * that came back is shown.
 */
import type { FastifyRequest } from "fastify";
import { AppError, errorTable, type FieldErrors } from "../errors.ts";
import { type Html, html } from "../html.ts";
import { passwordLength } from "../people/password.ts";
import { problemOf, renderField, sentText } from "./form.ts";

/** The typed values and their problems. */
export interface JoinState {
  readonly organizationTitle: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly problems: FieldErrors;
  /** A sentence about the whole form, or null. */
  readonly sentence: string | null;
  readonly status: number;
}

/** A form that nobody has touched. */
export const emptyJoin: JoinState = {
  organizationTitle: "",
  firstName: "",
  lastName: "",
  email: "",
  problems: {},
  sentence: null,
  status: 200,
};

/** Reads the form; the password is read apart, since it is never shown again. */
export function sentJoin(request: FastifyRequest) {
  return {
    organizationTitle: sentText(request, "organizationTitle"),
    firstName: sentText(request, "firstName"),
    lastName: sentText(request, "lastName"),
    email: sentText(request, "email"),
  };
}

/** The form again, with the refusal beside its fields. A refusal of the link itself is rethrown. */
export function refusedJoin(request: FastifyRequest, error: unknown): JoinState {
  if (!(error instanceof AppError) || error.code === "link_invalid") throw error;
  const problems = error.fields ?? {};
  return {
    ...sentJoin(request),
    problems,
    sentence: Object.keys(problems).length > 0 ? null : sentenceOf(error),
    status: error.status,
  };
}

function sentenceOf(error: AppError): string {
  if (error.code === "sign_in_deactivated") {
    return "Your account in this organization was deactivated. Only an administrator can bring it back.";
  }
  return errorTable[error.code].public;
}

/** First name, last name, e-mail and a new password. `invitedEmail` cannot be changed. */
export function renderPersonFields(
  state: JoinState,
  {
    invitedEmail = null,
    isFirst = false,
  }: { invitedEmail?: string | null; isFirst?: boolean } = {},
): Html {
  const { problems } = state;
  const isFresh = Object.keys(problems).length === 0;
  return html`<div class="pair">
${renderField({ name: "firstName", label: "First name", value: state.firstName, problem: problemOf(problems, "firstName"), autocomplete: "given-name", isOptional: true, isFirst: isFresh && isFirst })}
${renderField({ name: "lastName", label: "Last name", value: state.lastName, problem: problemOf(problems, "lastName"), autocomplete: "family-name", isOptional: true })}
</div>
${renderField({ name: "email", label: "E-mail address", type: "email", value: invitedEmail ?? state.email, problem: problemOf(problems, "email"), autocomplete: "username", isReadonly: invitedEmail !== null, hint: invitedEmail === null ? undefined : "The invitation is for this address." })}
${renderNewPassword(problems)}`;
}

/** The field of a password that is being chosen. */
export function renderNewPassword(problems: FieldErrors): Html {
  return renderField({
    name: "password",
    label: "Password",
    type: "password",
    problem: problemOf(problems, "password"),
    autocomplete: "new-password",
    hint: `At least ${passwordLength.least} characters. A few words in a row are easy to remember.`,
  });
}
