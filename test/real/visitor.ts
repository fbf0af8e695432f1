/**
 * A person in front of a browser: what they see at Labelgate after a sign-in, and what the sign-in log
 * says of it. How to answer an identity provider's own page is that provider's test's business.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Labelgate, SignInRow } from "./labelgate.ts";

/** A page of a browser profile that nobody has used before; closed when the test ends. */
export async function newVisitor(t: TestContext, browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(60_000);
  return await context.newPage();
}

/** Waits until the browser stands on a page of Labelgate that is not on the way to another. */
export async function arriveAt(page: Page, labelgate: Labelgate): Promise<void> {
  await page.waitForURL(
    (url) => url.origin === labelgate.baseUrl && !/^\/saml\/[^/]+\/(acs|login)$/.test(url.pathname),
  );
}

/** What a person can read on the page, or on the part of it that `selector` names. */
export async function readPage(page: Page, selector = "body"): Promise<string> {
  return await page.innerText(selector);
}

export interface Whoami {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly organization_membership: { readonly role: string; readonly active: boolean };
}

/** Who the browser's session says it is, or null where it has none. */
export async function whoami(page: Page, labelgate: Labelgate): Promise<Whoami | null> {
  const answer = await page.request.get(`${labelgate.baseUrl}/api/current-user/whoami`);
  if (answer.status() === 401) return null;
  assert.equal(answer.status(), 200);
  return (await answer.json()) as Whoami;
}

/** The role code of the person signed in, or null where nobody is. */
export async function roleOf(page: Page, labelgate: Labelgate): Promise<string | null> {
  return (await whoami(page, labelgate))?.organization_membership.role ?? null;
}

/** The home page as a person reads it. */
export async function homePage(page: Page, labelgate: Labelgate): Promise<string> {
  await page.goto(`${labelgate.baseUrl}/`);
  return await readPage(page, "main");
}

/** The latest row of the sign-in log. */
export async function lastSignIn(labelgate: Labelgate): Promise<SignInRow> {
  const [row] = await labelgate.signIns();
  assert.ok(row, "the sign-in log is empty");
  return row;
}

/**
 * Checks that the browser was refused as PRODUCT 2.1 says: a page with a reference and no session.
 * Resolves with what the sign-in log keeps under that reference.
 */
export async function refusalOf(page: Page, labelgate: Labelgate): Promise<SignInRow> {
  const url = new URL(page.url());
  assert.match(url.pathname, /^\/saml\/[^/]+\/denied$/);
  const reference = url.searchParams.get("ref");
  const row = (await labelgate.signIns()).find((entry) => entry.reference === reference);
  assert.ok(row, `the sign-in log has no reference ${reference}`);
  assert.ok((await readPage(page)).includes(row.reference));
  assert.equal(await whoami(page, labelgate), null);
  return row;
}

/** The code of the refusal that the browser shows. */
export async function refusalCode(page: Page, labelgate: Labelgate): Promise<string | null> {
  return (await refusalOf(page, labelgate)).code;
}
