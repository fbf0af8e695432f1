/**
 * A real identity provider provisions a running Labelgate: Canaille is told by its own command line of
 * joiners, movers and leavers, and what counts is what the directory says afterwards (PRODUCT 7).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "../browser/browser.ts";
import { type Canaille, setUpCanaille } from "./canaille.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";

let labelgate: Labelgate;
let canaille: Canaille;
/** What was started, newest first. */
const stops: (() => unknown)[] = [];

before(async () => {
  const browser = await launchBrowser();
  labelgate = await startLabelgate(browser);
  stops.unshift(() => labelgate.stop());
  await browser.close();
  const scimUrl = `${labelgate.baseUrl}/scim/v2`;
  const made = (await call("POST", "/api/scim/tokens", { name: "Canaille" })) as { token: string };
  await call("POST", "/api/scim/settings", {
    roles_groups: [
      ["Reviewer", "LS-Reviewers"],
      ["Manager", "LS-Managers"],
    ],
  });
  canaille = await setUpCanaille(scimUrl, made.token);
  stops.unshift(() => canaille.remove());
});

after(async () => {
  for (const stop of stops) await stop();
});

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${labelgate.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Token ${labelgate.ownerToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

interface Member {
  readonly role: string;
  readonly user: {
    readonly email: string;
    readonly first_name: string;
    readonly last_name: string;
  };
}

/** What the directory says, such as "AN Ana Núñez"; null for somebody who is no member. */
async function standing(email: string): Promise<string | null> {
  const { results } = (await call("GET", "/api/organizations/1/memberships?page_size=100")) as {
    results: readonly Member[];
  };
  const member = results.find(({ user }) => user.email === email);
  if (member === undefined) return null;
  return `${member.role} ${member.user.first_name} ${member.user.last_name}`;
}

const person = (userName: string, family: string) => [
  ...["--user-name", userName, "--emails", `${userName}@contoso.com`],
  ...["--given-name", "Ana", "--family-name", family, "--formatted-name", `Ana ${family}`],
];

test("who is made in Canaille is a member here with the default role", async () => {
  await canaille.command("create", "user", ...person("ana", "Núñez"));
  await canaille.command("create", "user", ...person("ben", "Other"));
  assert.equal(await standing("ana@contoso.com"), "AN Ana Núñez");
  assert.equal(await standing("ben@contoso.com"), "AN Ana Other");
});

test("another name there is another name here", async () => {
  await canaille.command("set", "user", "ana", "--family-name", "García", "--title", "Nurse");
  assert.equal(await standing("ana@contoso.com"), "AN Ana García");
});

test("a pushed group gives its role, and takes it from who leaves", async () => {
  await canaille.command("create", "group", "--display-name", "LS-Managers", "--members", "ana");
  await canaille.command("create", "group", "--display-name", "LS-Reviewers", "--members", "ana");
  assert.equal(await standing("ana@contoso.com"), "MA Ana García");
  const members = ["--members", "ana", "--members", "ben"];
  await canaille.command("set", "group", "LS-Reviewers", ...members);
  assert.equal(await standing("ben@contoso.com"), "RE Ana Other");
  await canaille.command("set", "group", "LS-Managers", "--members", "ben");
  assert.equal(await standing("ana@contoso.com"), "RE Ana García");
  assert.equal(await standing("ben@contoso.com"), "MA Ana Other");
});

test("who is locked in Canaille is Deactivated here", async () => {
  await canaille.command("set", "user", "ben", "--lock-date", "2026-01-01T00:00:00+00:00");
  assert.equal(await standing("ben@contoso.com"), "DI Ana Other");
});

test("who is deleted in Canaille stays here as Deactivated", async () => {
  const id = await canaille.idOf("ana");
  await canaille.command("delete", "user", "--id", id, "--noconfirm");
  assert.equal(await standing("ana@contoso.com"), "DI Ana García");
});

test("the request log tells an administrator what Canaille asked, and no request was refused", async () => {
  const { results } = (await call("GET", "/api/scim/requests")) as {
    results: readonly { readonly method: string; readonly status: number }[];
  };
  assert.deepEqual(
    results.filter(({ status }) => status >= 300),
    [],
  );
  for (const method of ["POST", "PUT", "DELETE"]) {
    assert.ok(results.some((row) => row.method === method));
  }
});
