/**
 * Answers of the API about single sign-on and provisioning, but for the settings themselves: for its
 * document, and as the types of the pages.
 */
import { z } from "zod";
import { warningAnswer } from "../../settings/answer-schemas.ts";
import { change, id, maybeTime, reason, sentences, time } from "./answers.ts";

const count = z.int().nonnegative();
const maybeText = z.string().nullable();
const next = z.url().nullable();
const kind = z.enum(["saml", "scim"]);
const outcome = z.enum(["admitted", "not_activated", "deactivated", "refused"]);

export const previewAnswer = z.object({
  /** The number of people concerned, of those whose groups are known. */
  summary: z.object({
    members: count,
    changed: count,
    gaining: count,
    losing: count,
    losing_access: count,
    losing_administrator: count,
  }),
  needs_confirmation: z.boolean(),
  /** The words to type before saving. */
  confirmation: maybeText,
  count,
  next,
  /** Those who lose the most first. */
  results: z.array(
    z.object({
      user_id: id,
      email: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      groups: sentences,
      /** Role names; null where the role stays. */
      role: z.object({ from: z.string(), to: z.string() }).nullable(),
      loses_access: z.boolean(),
      changes: z.array(change),
      reasons: z.array(reason),
    }),
  ),
  /** Members whose groups were never told; they are left out. */
  groups_unknown: count,
  warnings: z.array(warningAnswer),
});

const entries = z.array(z.unknown()).optional();

export const revisionsAnswer = z.object({
  next,
  results: z.array(
    z.object({
      id,
      kind,
      at: time,
      /** Null where no person did it, or one who is gone. */
      actor: z.object({ id, email: z.string(), name: z.string() }).nullable(),
      /** Long texts and lists come cut; of a list, what came and what went. */
      changes: z.array(
        z.object({
          ...{ field: z.string(), from: z.unknown(), to: z.unknown(), is_cut: z.boolean() },
          ...{ added: entries, removed: entries },
        }),
      ),
      /** The settings are as this save left them. */
      is_current: z.boolean(),
    }),
  ),
});

export const groupsAnswer = z.object({
  results: z.array(
    z.object({ group: z.string(), members: count, last_seen: maybeTime, source: kind }),
  ),
});

const groupsState = z.enum(["absent", "empty", "present", "overage"]);

export const signInsAnswer = z.object({
  next,
  results: z.array(
    z.object({
      id,
      reference: z.string(),
      at: time,
      outcome,
      /** A code of the error table; null where nothing failed. */
      code: maybeText,
      /**
       * True where a key of the identity provider had signed it; null where there was no message, or not
       * known.
       */
      signed: z.boolean().nullable(),
      hint: maybeText,
      email: maybeText,
      user_id: id.nullable(),
      request_id: maybeText,
      ip: maybeText,
      user_agent: maybeText,
      evidence: z.record(z.string(), z.unknown()),
      attribute_names: sentences,
      /** The mapped attributes, as they were read. */
      identity: z
        .object({
          email: z.string(),
          firstName: maybeText,
          lastName: maybeText,
          groups: sentences,
          groupsState,
        })
        .nullable(),
      changes: z.array(change),
      reasons: z.array(reason),
    }),
  ),
});

/** A sign-in report; `checks` are always all, in one order. */
const story = z.object({
  outcome,
  code: maybeText,
  hint: maybeText,
  detail: maybeText,
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      result: z.enum(["passed", "failed", "not_reached", "not_applicable"]),
      text: z.string(),
    }),
  ),
  /** As a trusted key signed them; none before the signature has verified. */
  attributes: z.array(
    z.object({
      name: z.string(),
      friendly_name: maybeText,
      values: sentences,
      mapped_to: z.enum(["email", "first_name", "last_name", "groups"]).nullable(),
    }),
  ),
  /** The person whom the attributes name. */
  identity: z
    .object({
      email: z.string(),
      first_name: maybeText,
      last_name: maybeText,
      groups: sentences,
      groups_state: groupsState,
    })
    .nullable(),
  evidence: z.record(z.string(), z.unknown()),
  /** The name of the role that the person would have; null where the sign-in is refused. */
  role: maybeText,
  changes: z.array(change),
  reasons: z.array(reason),
  hints: z.array(reason),
});

/** A story, with how the message was wrapped, or null where none was found, and when it says it was written. */
export const inspectionAnswer = story.extend({
  form: z.enum(["base64", "deflated", "url_encoded", "xml"]).nullable(),
  issue_instant: maybeTime,
});

export const testSignInAnswer = z.object({
  id: z.string(),
  state: z.enum(["waiting", "done", "expired"]),
  /** The time at which it was answered, or else prepared. */
  at: time,
  expires_at: time,
  configuration: z.enum(["saved", "unsaved"]),
  story: story.nullable(),
});

export const preparedTestSignInAnswer = z.object({ id: z.string(), url: z.string() });

/** Certificates are PEM. */
export const spKeysAnswer = z.array(
  z.object({ id, state: z.enum(["active", "next", "retired"]), certificate: z.string() }),
);

const scimToken = z.object({
  id: z.int(),
  name: z.string(),
  /** Its first characters, by which it is told from others. */
  prefix: z.string(),
  is_active: z.boolean(),
  created_by: z.int().nullable(),
  created_at: time,
  last_used_at: maybeTime,
  expires_at: maybeTime,
  revoked_at: maybeTime,
});

/** With the address of who made it, and why it wants a look, as a sentence. */
export const scimTokensAnswer = z.array(
  scimToken.extend({ made_by: maybeText, review: maybeText }),
);

/** With the secret, which is told this once. */
export const madeScimTokenAnswer = scimToken.extend({ token: z.string() });

export const scimRequestsAnswer = z.object({
  next_before: z.int().nullable(),
  results: z.array(
    z.object({
      id: z.int(),
      at: time,
      /** Null for the Owner's own token. */
      token_id: z.int().nullable(),
      method: z.string(),
      path: z.string(),
      status: z.int(),
      summary: z.string(),
      /** The deviations of the client that were tolerated. */
      quirks: sentences,
      request_id: z.string(),
    }),
  ),
});
