/**
 * The organization's rules for API tokens and sessions by the original's API (facts 4.4): which kinds of
 * tokens are taken and how long they live, how old a session grows and how long it may lie unused. Tokens are
 * an Administrator's to rule; sessions are the Owner's, whose own session a rule may end too.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import {
  loadSessionRules,
  loadTokenRules,
  type SessionRules,
  saveSessionRules,
  saveTokenRules,
  sessionLimits,
  type TokenRules,
} from "../store/organization-rules.ts";
import type { Db } from "../store/store.ts";
import { type Acting, actingCallerOf } from "./caller.ts";
import { parseBody } from "./parse.ts";

const flagField = z.boolean({ error: "Send true or false." }).optional();

const wholeField = (most: number, unit: string) =>
  z
    .int({ error: `Send a whole number of ${unit}, from 1 to ${most}.` })
    .min(1, { error: `Send a whole number of ${unit}, from 1 to ${most}.` })
    .max(most, { error: `Send a whole number of ${unit}, from 1 to ${most}.` })
    .optional();

/** `POST /api/jwt/settings` */
export const tokenRulesSchema = z.object({
  api_tokens_enabled: flagField,
  legacy_api_tokens_enabled: flagField,
  api_token_ttl_days: wholeField(365, "days"),
});

/** `PATCH /api/session-policy/` */
export const sessionPolicySchema = z.object({
  max_session_age: wholeField(sessionLimits.maxMinutes, "minutes"),
  max_time_between_activity: wholeField(sessionLimits.idleMinutes, "minutes"),
});

/** Routes of the organization's rules. */
export function organizationRulesRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.get("/api/jwt/settings", async (request) => {
      const { organizationId } = request.caller("tokens_settings:read");
      return answerTokens(found(await loadTokenRules(db, organizationId)));
    });

    app.post("/api/jwt/settings", async (request) => {
      const acting = actingCallerOf(request, "tokens_settings:write");
      const body = parseBody(tokenRulesSchema, request.body);
      return await change(deps, acting, async (tx, id) => {
        const before = found(await loadTokenRules(tx, id));
        const rules = {
          areAccessTokensTaken: body.api_tokens_enabled ?? before.areAccessTokensTaken,
          areLegacyTokensTaken: body.legacy_api_tokens_enabled ?? before.areLegacyTokensTaken,
          ttlDays: body.api_token_ttl_days ?? before.ttlDays,
        };
        await saveTokenRules(tx, id, rules);
        return { action: "token_rules_changed", answer: answerTokens(rules) };
      });
    });

    app.get("/api/session-policy", async (request) => {
      const { organizationId } = request.caller("organization:read");
      return answerSessions(found(await loadSessionRules(db, organizationId)));
    });

    app.patch("/api/session-policy", async (request) => {
      const acting = actingCallerOf(request, "organization:write");
      const body = parseBody(sessionPolicySchema, request.body);
      return await change(deps, acting, async (tx, id) => {
        const before = found(await loadSessionRules(tx, id));
        const rules = {
          maxMinutes: body.max_session_age ?? before.maxMinutes,
          idleMinutes: body.max_time_between_activity ?? before.idleMinutes,
        };
        await saveSessionRules(tx, id, rules);
        return { action: "session_policy_changed", answer: answerSessions(rules) };
      });
    });
  };
}

function found<Rules>(rules: Rules | null): Rules {
  if (rules === null) throw new AppError("not_found");
  return rules;
}

const answerTokens = ({ areAccessTokensTaken, areLegacyTokensTaken, ttlDays }: TokenRules) => ({
  api_tokens_enabled: areAccessTokensTaken,
  legacy_api_tokens_enabled: areLegacyTokensTaken,
  api_token_ttl_days: ttlDays,
});

const answerSessions = ({ maxMinutes, idleMinutes }: SessionRules) => ({
  max_session_age: maxMinutes,
  max_time_between_activity: idleMinutes,
});

/** Saves in one transaction with the row of the audit log. */
async function change<Answer extends Readonly<Record<string, unknown>>>(
  deps: Deps,
  { principal, ip, requestId }: Acting,
  save: (tx: Db, organizationId: number) => Promise<{ action: string; answer: Answer }>,
): Promise<Answer> {
  const { organizationId, userId } = principal;
  return await deps.store.transaction(async (tx) => {
    const { action, answer } = await save(tx, organizationId);
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
