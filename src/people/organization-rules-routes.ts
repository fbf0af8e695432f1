/**
 * The organization's rules for API tokens and sessions by the original's API (facts 4.4): which kinds of
 * tokens are taken and how long they live, how old a session grows and how long it may lie unused. Tokens are
 * an Administrator's to rule; sessions are the Owner's, whose own session a rule may end too.
 */
import type { FastifyPluginAsync } from "fastify";
import type { Action } from "../access/authorize.ts";
import { heldOf, type SettingRows, settingsFrom } from "../access/setting-rows.ts";
import { sessionRows, tokenRows } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { changesSchemaOf, renderFields } from "../setting-fields.ts";
import { recordAudit } from "../store/audit.ts";
import { loadRules, saveRules } from "../store/organization-rules.ts";
import type { Db } from "../store/store.ts";
import { type Acting, actingCallerOf } from "./caller.ts";
import { parseBody } from "./parse.ts";

interface Policy {
  readonly rows: SettingRows;
  readonly read: Action;
  readonly write: Action;
  /** Name of the change in the audit log. */
  readonly action: string;
}

const tokenRules: Policy = {
  rows: tokenRows,
  read: "tokens_settings:read",
  write: "tokens_settings:write",
  action: "token_rules_changed",
};

const sessionPolicy: Policy = {
  rows: sessionRows,
  read: "organization:read",
  write: "organization:write",
  action: "session_policy_changed",
};

/** Routes of the organization's rules. */
export function organizationRulesRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    for (const [url, method, policy] of [
      ["/api/jwt/settings", "POST", tokenRules],
      ["/api/session-policy", "PATCH", sessionPolicy],
    ] as const) {
      const schema = changesSchemaOf(policy.rows);
      app.get(url, async (request) => {
        const { organizationId } = request.caller(policy.read);
        return renderFields(policy.rows, await rulesOf(deps.store.db, organizationId, policy));
      });
      app.route({
        ...{ url, method },
        handler: async (request) => {
          const acting = actingCallerOf(request, policy.write);
          return await change(deps, acting, policy, parseBody(schema, request.body));
        },
      });
    }
  };
}

async function rulesOf(db: Db, organizationId: number, { rows }: Policy) {
  const rules = await loadRules(db, organizationId, rows);
  if (rules === null) throw new AppError("not_found");
  return rules;
}

/** Saves in one transaction with the row of the audit log; what is not sent stays. */
async function change(
  deps: Deps,
  { principal, ip, requestId }: Acting,
  policy: Policy,
  sent: Readonly<Record<string, unknown>>,
) {
  const { rows, action } = policy;
  const { organizationId, userId } = principal;
  return await deps.store.transaction(async (tx) => {
    const before = await rulesOf(tx, organizationId, policy);
    const rules = settingsFrom(rows, (row, field) => sent[field] ?? heldOf(before, field, row));
    await saveRules(tx, organizationId, rows, rules);
    const answer = renderFields(rows, rules);
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor: { kind: "person", userId },
      action,
      changes: [{ ...answer }],
      ip,
      requestId,
    });
    return answer;
  });
}
