/**
 * The first Owner of a fresh server (PRODUCT 9.2): by the variables LABELGATE_OWNER_EMAIL and
 * LABELGATE_OWNER_PASSWORD, or by a one-time link that the server prints when it starts.
 *
 * A link works while the server has no Owner at all; the first to use one ends all others.
 */

import { hashToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { takeLease } from "../store/leases.ts";
import { insertLink, loadLink, takeLink } from "../store/links.ts";
import { countOwners } from "../store/organizations.ts";
import type { Db } from "../store/store.ts";
import { collect, parseEmail, parseName } from "./form.ts";
import { type OpenedSession, openSession, type Visitor } from "./open-session.ts";
import { hashPassword, passwordProblem } from "./password.ts";
import { join, newOrganization } from "./sign-up.ts";

const setupLinkMs = 24 * 3_600_000;
const defaultTitle = "My organization";

export interface SetupForm {
  readonly organizationTitle: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly password: string;
}

/** Finding or action of the start-up about the first Owner. */
export type FirstOwner =
  | { readonly outcome: "exists" }
  | { readonly outcome: "created"; readonly email: string }
  /** The address to print: good once, for 24 hours. */
  | { readonly outcome: "link"; readonly url: string };

/**
 * Called at start-up. Makes the Owner whom the configuration names, else a one-time set-up link, and
 * does nothing where there is an Owner. A configured address or password that cannot be one is a
 * plain Error that stops the start.
 */
export async function ensureFirstOwner(deps: Deps): Promise<FirstOwner> {
  if ((await countOwners(deps.store.db)) > 0) return { outcome: "exists" };
  const { ownerEmail, ownerPassword } = deps.config;
  if (ownerEmail) {
    const form = {
      organizationTitle: defaultTitle,
      firstName: "",
      lastName: "",
      email: ownerEmail,
      password: ownerPassword ?? "",
    };
    return await createConfiguredOwner(deps, form);
  }
  const token = deps.randomToken();
  await deps.store.transaction(async (tx) => {
    await insertLink(tx, {
      tokenHash: hashToken(token),
      kind: "setup",
      userId: null,
      organizationId: null,
      data: {},
      expiresAt: deps.now() + setupLinkMs,
    });
  });
  return { outcome: "link", url: `${deps.config.baseUrl}/setup?token=${token}` };
}

async function createConfiguredOwner(deps: Deps, form: SetupForm): Promise<FirstOwner> {
  const { problems, checked } = checkSetup(form);
  const sentences = Object.values(problems).flat();
  if (sentences.length > 0) {
    throw new Error(`LABELGATE_OWNER_EMAIL and LABELGATE_OWNER_PASSWORD: ${sentences.join(" ")}`);
  }
  const passwordHash = await hashPassword(form.password);
  return await deps.store.transaction(async (tx) => {
    // Another replica may have been faster.
    await onlyOneAtATime(deps, tx);
    if ((await countOwners(tx)) > 0) return { outcome: "exists" };
    await createOwner(deps, tx, { checked, passwordHash, visitor: null });
    return { outcome: "created", email: checked.email };
  });
}

/**
 * That this set-up link still works; opening the page does not use it up.
 * @throws AppError `link_invalid`
 */
export async function admitSetup(deps: Deps, token: string): Promise<void> {
  const { db } = deps.store;
  const link = await loadLink(db, { tokenHash: hashToken(token), now: deps.now() });
  if (link?.kind !== "setup" || (await countOwners(db)) > 0) throw new AppError("link_invalid");
}

/**
 * Uses the link up: the organization, its Owner and a session.
 * @throws AppError `link_invalid`, `validation_failed` with fields
 */
export async function setUpFirstOwner(
  deps: Deps,
  { token, form, visitor }: { token: string; form: SetupForm; visitor: Visitor },
): Promise<OpenedSession> {
  await admitSetup(deps, token);
  const { problems, checked } = checkSetup(form);
  if (Object.keys(problems).length > 0) {
    throw new AppError("validation_failed", { fields: problems });
  }
  const passwordHash = await hashPassword(form.password);
  return await deps.store.transaction(async (tx) => {
    await onlyOneAtATime(deps, tx);
    const link = await takeLink(tx, { tokenHash: hashToken(token), now: deps.now() });
    if (link?.kind !== "setup" || (await countOwners(tx)) > 0) throw new AppError("link_invalid");
    const owner = await createOwner(deps, tx, { checked, passwordHash, visitor });
    const session = { ...owner, method: "link", keep: true } as const;
    return await openSession(deps, tx, { session, visitor });
  });
}

type CheckedSetup = Readonly<
  Record<"email" | "firstName" | "lastName" | "organizationTitle", string>
>;

function checkSetup(form: SetupForm) {
  const { values: checked, problems } = collect({
    email: parseEmail(form.email),
    firstName: parseName(form.firstName, { what: "your first name" }),
    lastName: parseName(form.lastName, { what: "your last name" }),
    organizationTitle: parseName(form.organizationTitle, {
      what: "a name for your organization",
      isRequired: true,
    }),
  });
  const problem = passwordProblem(form.password, checked.email);
  return {
    checked,
    problems: problem === null ? problems : { ...problems, password: [problem] },
  };
}

/**
 * Lines up all who would make the first Owner: the lease's row stays locked until the transaction
 * ends, so that whoever comes second counts the first one's Owner.
 */
async function onlyOneAtATime(deps: Deps, tx: Db): Promise<void> {
  const now = deps.now();
  await takeLease(tx, { name: "first-owner", holder: deps.randomToken(8), now, until: now });
}

async function createOwner(
  deps: Deps,
  tx: Db,
  {
    checked,
    passwordHash,
    visitor,
  }: { checked: CheckedSetup; passwordHash: string; visitor: Visitor | null },
): Promise<{ userId: number; organizationId: number }> {
  const organizationId = await newOrganization(deps, tx, checked.organizationTitle);
  const { email, firstName, lastName } = checked;
  const userId = await join(deps, tx, {
    joiner: { email, firstName, lastName, passwordHash, isProved: true },
    place: { organizationId, role: "OW" },
    visitor,
    action: "set_up",
  });
  return { userId, organizationId };
}
