/**
 * `GET /api/saml/sign-ins`: the sign-in log for administrators (PRODUCT 8.4), latest first, in pages
 * that stay put while new rows arrive: a page is named by the row before it, not by a number.
 */

import { z } from "zod";
import { soughtEmail } from "../access/email.ts";
import type { Deps } from "../deps.ts";
import { errorTable } from "../errors.ts";
import { hintOf } from "../saml/cause-hints.ts";
import {
  findSignIn,
  type LoggedSignIn,
  listSignIns,
  type SignInFilter,
} from "../store/sign-in-log.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { addressOf, pageSize, parseQuery, querySchema, queryText, rowId } from "./query.ts";

const path = "/api/saml/sign-ins";

/** The parameters of `GET /api/saml/sign-ins`. */
export const signInQuerySchema = querySchema({
  reference: queryText.optional(),
  email: queryText.optional(),
  outcome: z
    .enum(["admitted", "not_activated", "deactivated", "refused"], {
      error: "Choose admitted, not_activated, deactivated or refused.",
    })
    .optional(),
  code: queryText.optional(),
  /** True for attempts that a key of the identity provider had signed. */
  signed: z.enum(["true", "false"], { error: "Choose true or false." }).optional(),
  before: rowId.optional(),
  page_size: pageSize(200, 50),
});

type Query = z.output<typeof signInQuerySchema>;

/** One page of the organization's log, with the address of the next one. */
export async function describeSignIns(deps: Deps, organizationId: number, sent: unknown) {
  const query = parseQuery(signInQuerySchema, sent);
  const { db } = deps.store;
  if (query.reference !== undefined) {
    const found = await findSignIn(db, { organizationId, reference: query.reference.trim() });
    return { next: null, results: found === null ? [] : [renderSignIn(found)] };
  }
  const rows = await listSignIns(db, filterOf(query, organizationId));
  const page = rows.slice(0, query.page_size);
  const last = page.at(-1);
  const hasMore = rows.length > page.length && last !== undefined;
  return {
    next: hasMore ? addressOf(deps.config.baseUrl, path, { ...query, before: last.id }) : null,
    results: page.map(renderSignIn),
  };
}

/** One row more than the page holds tells whether there is another page. */
function filterOf(query: Query, organizationId: number): SignInFilter {
  const { email, outcome, code, signed, before } = query;
  return {
    organizationId,
    limit: query.page_size + 1,
    ...(email === undefined ? {} : { email: soughtEmail(email) }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(code === undefined ? {} : { code }),
    ...(signed === undefined ? {} : { signed: signed === "true" }),
    ...(before === undefined ? {} : { beforeId: before }),
  };
}

function renderSignIn(attempt: LoggedSignIn) {
  return {
    id: attempt.id,
    reference: attempt.reference,
    at: new Date(attempt.at).toISOString(),
    outcome: attempt.outcome,
    code: attempt.code,
    hint: adviceOn(attempt),
    signed: attempt.signed,
    email: attempt.email,
    user_id: attempt.userId === null ? null : personNumber(attempt.userId),
    request_id: attempt.requestId,
    ip: attempt.ip,
    user_agent: attempt.userAgent,
    evidence: attempt.evidence,
    attribute_names: attempt.attributeNames,
    identity: attempt.identity,
    changes: attempt.changes,
    reasons: attempt.reasons,
  };
}

/** The error table's advice; the log keeps codes that a later version may no longer know. */
function adviceOn({ code, evidence }: LoggedSignIn): string | null {
  if (code === null || !Object.hasOwn(errorTable, code)) return null;
  return hintOf(code as keyof typeof errorTable, evidence);
}
