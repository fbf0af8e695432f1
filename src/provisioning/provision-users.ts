/**
 * People by SCIM, one flow per verb (PRODUCT 7.4, 7.8):
 *
 *   parsed body ─ transaction { rules → resource and person, locked → plan (pure) → apply → resource }
 *
 * The person is written by apply.ts, the resource by scim-users.ts, both or neither. Nothing is
 * rewritten, and no version raised, where nothing changed.
 */
import { randomUUID } from "node:crypto";
import { canonicalEmail } from "../access/email.ts";
import {
  placeholderAddress,
  planScimRemoval,
  planScimUser,
  type ScimDecision,
  type ScimUserFacts,
} from "../access/plan-scim.ts";
import { isProven } from "../access/proof.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { invalidValue } from "../scim/coerce.ts";
import { replaceDocument } from "../scim/document-rules.ts";
import { checkMatch, etagOfResource } from "../scim/etag.ts";
import { isSameJson, type JsonObject } from "../scim/json.ts";
import type { PatchOperation } from "../scim/patch.ts";
import { applyPatch } from "../scim/patch-apply.ts";
import { type ScimUser, userOf } from "../scim/resources.ts";
import { applyPlan } from "../store/apply.ts";
import { admitNewcomer } from "../store/newcomers.ts";
import { findUserByEmail, lockAccount } from "../store/people.ts";
import { noteMemberLeft } from "../store/scim-groups.ts";
import { loadScimPerson, type ScimRules } from "../store/scim-sync.ts";
import {
  deleteScimUser,
  findScimUser,
  insertScimUser,
  isProvisioned,
  type ScimUserRecord,
  updateScimUser,
} from "../store/scim-users.ts";
import type { Db } from "../store/store.ts";
import { occasionOf, rulesOf, type ScimCaller } from "./caller.ts";
import type { Done, Named } from "./kind.ts";

/**
 * A new resource; the account is made where there is none, else the person is linked (PRODUCT 7.4).
 * @throws AppError `scim_uniqueness`, `scim_invalid_value`, `permission_denied`
 */
export async function createUser(
  deps: Deps,
  caller: ScimCaller,
  wanted: ScimUser,
): Promise<Done<ScimUserRecord>> {
  const id = randomUUID();
  const address = emailOf(wanted);
  const { organizationId } = caller;
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, organizationId);
    await admitAddress(deps, tx, { caller, rules, email: address });
    const load = async (email: string) => {
      const person = await loadScimPerson(tx, rules, { email, isGroupless: true });
      const { user } = person.snapshot;
      const isTaken = user !== null && (await isProvisioned(tx, organizationId, user.id));
      return { email, person, isTaken };
    };
    await refuseTaken(tx, organizationId, { userName: wanted.userName, seq: null });
    let found = await load(address ?? placeholderAddress(id));
    // Of what is unique there is the address to sign in with; two people may share any other.
    if (found.isTaken && wanted.isEmailSecondary) found = await load(placeholderAddress(id));
    if (found.isTaken) throw taken();
    const { email, person } = found;
    const active = wanted.isActive ?? true;
    const decision = planScimUser({
      ...person,
      ...factsOf(wanted, rules),
      email,
      newEmail: null,
      isNewEmailTaken: false,
      isNewEmailName: false,
      wasActive: null,
      active,
    });
    const content = contentOf(wanted, active);
    let made: ScimUserRecord | null = null;
    const { summary } = await applyDecision(deps, tx, {
      caller,
      decision,
      action: "scim_user_created",
      wasPending: person.snapshot.membership?.role === "NO",
      alongside: async (userId) => {
        made = await insertScimUser(tx, { ...content, id, organizationId, userId, at: deps.now() });
      },
    });
    if (made === null) throw new Error("a person was created without a resource");
    return { resource: made, summary };
  });
}

/**
 * The resource with this content in place of what it had; `active` stays where it is not said.
 * @throws AppError `not_found`, `scim_precondition_failed`, and as `createUser`
 */
export async function replaceUser(
  deps: Deps,
  caller: ScimCaller,
  { wanted, ...named }: Named & { readonly wanted: ScimUser },
): Promise<Done<ScimUserRecord>> {
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, caller.organizationId);
    const before = await lockUser(tx, caller, named);
    const document = replaceDocument(before.document, wanted.document, "User");
    const action = "scim_user_replaced";
    const whole = { ...wanted, document };
    return await changeUser(deps, tx, { caller, rules, before, wanted: whole, action });
  });
}

/**
 * The resource after these operations.
 * @throws AppError `not_found`, `scim_precondition_failed`, `scim_no_target`, and as `createUser`
 */
export async function patchUser(
  deps: Deps,
  caller: ScimCaller,
  { operations, ...named }: Named & { readonly operations: readonly PatchOperation[] },
): Promise<Done<ScimUserRecord>> {
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, caller.organizationId);
    const before = await lockUser(tx, caller, named);
    const wanted = userOf(applyPatch(before.document, operations));
    const action = "scim_user_patched";
    return await changeUser(deps, tx, { caller, rules, before, wanted, action });
  });
}

/**
 * Ends the resource; the person stays, Deactivated (PRODUCT 7.4).
 * @throws AppError `not_found`, `scim_precondition_failed`, `permission_denied`
 */
export async function deleteUser(deps: Deps, caller: ScimCaller, named: Named): Promise<string> {
  const { organizationId } = caller;
  return await deps.store.transaction(async (tx) => {
    const rules = await rulesOf(deps, tx, organizationId);
    const before = await lockUser(tx, caller, { ...named, lock: "end" });
    await noteMemberLeft(tx, { organizationId, userId: before.userId, at: deps.now() });
    const email = await lockPerson(tx, before);
    const person = await loadScimPerson(tx, rules, { email, isGroupless: true });
    const { summary } = await applyDecision(deps, tx, {
      caller,
      decision: planScimRemoval({ ...person, email, policy: rules.policy }),
      action: "scim_user_deleted",
      wasPending: false,
    });
    await deleteScimUser(tx, before);
    return summary;
  });
}

/**
 * Counts an address that the organization cannot speak for: whoever pushes it makes an account for it, or
 * learns of one. @throws AppError `too_many_requests`
 */
async function admitAddress(
  deps: Deps,
  tx: Db,
  {
    caller: { organizationId, ip },
    rules,
    email,
  }: { readonly caller: ScimCaller; readonly rules: ScimRules; readonly email: string | null },
): Promise<void> {
  if (email === null || rules.isOperators || isProven(email, rules.policy)) return;
  await admitNewcomer(tx, { ip, organizationId, at: deps.now() });
}

async function lockUser(
  tx: Db,
  caller: ScimCaller,
  { lock = "write", ...named }: Named & { readonly lock?: "write" | "end" },
): Promise<ScimUserRecord> {
  const { organizationId } = caller;
  const found = await findScimUser(tx, { organizationId, key: named.key, lock });
  if (found === null) throw new AppError("not_found", { detail: "There is no such user." });
  checkMatch(named.ifMatch, etagOfResource(found));
  return found;
}

interface UserChange {
  readonly caller: ScimCaller;
  readonly rules: ScimRules;
  readonly before: ScimUserRecord;
  readonly wanted: ScimUser;
  readonly action: string;
}

async function changeUser(deps: Deps, tx: Db, change: UserChange): Promise<Done<ScimUserRecord>> {
  const { caller, rules, before, wanted, action } = change;
  const { organizationId } = caller;
  const email = await lockPerson(tx, before);
  const address = emailOf(wanted);
  const newEmail = address === email ? null : address;
  const isNewEmailName = canonicalEmail(wanted.userName) !== null;
  await refuseTaken(tx, organizationId, { userName: wanted.userName, seq: before.seq });
  if (newEmail !== null) await admitAddress(deps, tx, { caller, rules, email: newEmail });
  const person = await loadScimPerson(tx, rules, { email });
  const active = wanted.isActive ?? before.active;
  const decision = planScimUser({
    ...person,
    ...factsOf(wanted, rules),
    email,
    newEmail,
    isNewEmailTaken: newEmail !== null && (await findUserByEmail(tx, newEmail)) !== null,
    isNewEmailName,
    wasActive: before.active,
    active,
  });
  const wasPending = person.snapshot.membership?.role === "NO";
  const { summary } = await applyDecision(deps, tx, { caller, decision, action, wasPending });
  const written = contentOf(wanted, active);
  // A PATCH that removes "active" decides nothing, and is answered without it.
  const isUnsaid = action === "scim_user_patched" && wanted.isActive === null;
  const content = isUnsaid ? { ...written, document: wanted.document } : written;
  if (isSameJson(content.document, before.document)) return { resource: before, summary };
  const at = deps.now();
  return { resource: await updateScimUser(tx, before, { ...content, at }), summary };
}

/** The account's address; locked before it is read, since another request may be changing it. */
async function lockPerson(tx: Db, { userId }: ScimUserRecord): Promise<string> {
  const email = await lockAccount(tx, userId);
  if (email === null) throw new Error(`the provisioned person ${userId} has no account`);
  return email;
}

/**
 * The address that the person signs in with (PRODUCT 7.3), or null where the client gives none: such a
 * person is kept, and cannot sign in before they have one (scim-clients 7.4).
 * @throws AppError `scim_invalid_value` for what only looks like an address
 */
function emailOf({ email }: ScimUser): string | null {
  if (email === null) return null;
  const address = canonicalEmail(email);
  if (address !== null) return address;
  throw invalidValue(
    `"${email.slice(0, 100)}" is not an e-mail address that people can sign in with.`,
  );
}

function factsOf(
  { firstName, lastName }: ScimUser,
  { policy }: ScimRules,
): Pick<ScimUserFacts, "firstName" | "lastName" | "policy"> {
  return {
    policy,
    ...(firstName !== null && { firstName }),
    ...(lastName !== null && { lastName }),
  };
}

/** The document always says whether the person is active, whatever the client left out. */
function contentOf({ userName, externalId, document }: ScimUser, active: boolean) {
  const whole: JsonObject = { ...document, active };
  return { userName, externalId, active, document: whole };
}

/** "Two POSTs of one userName give one 201 and one 409", in any case of its letters. */
async function refuseTaken(
  tx: Db,
  organizationId: number,
  { userName, seq }: { readonly userName: string; readonly seq: number | null },
): Promise<void> {
  const other = await findScimUser(tx, { organizationId, key: userName });
  if (other !== null && other.seq !== seq) throw taken();
}

function taken(): AppError {
  const detail = "A user with this userName or e-mail address exists already.";
  return new AppError("scim_uniqueness", { detail });
}

async function applyDecision(
  deps: Deps,
  tx: Db,
  {
    caller,
    decision,
    action,
    wasPending,
    alongside,
  }: {
    readonly caller: ScimCaller;
    readonly decision: ScimDecision;
    readonly action: string;
    readonly wasPending: boolean;
    readonly alongside?: (userId: number) => Promise<void>;
  },
): Promise<{ readonly userId: number; readonly summary: string }> {
  if (decision.outcome === "refused") {
    throw new AppError(decision.code, { detail: decision.detail });
  }
  const { plan } = decision;
  const { userId } = await applyPlan(tx, {
    ...occasionOf(caller, { action, at: deps.now() }),
    organizationId: caller.organizationId,
    plan,
    closesByPassword: wasPending && plan.changes.some(({ kind }) => kind === "role_changed"),
    ...(alongside !== undefined && { alongside }),
  });
  const [reason] = plan.reasons.filter(({ subject }) => subject === "role");
  const summary = plan.changes.length === 0 ? "No access changed." : (reason?.text ?? "Changed.");
  return { userId, summary };
}
