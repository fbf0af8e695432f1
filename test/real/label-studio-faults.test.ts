/**
 * What goes wrong between Labelgate and a real Label Studio (GATEWAY 10.6 to 10.8): killed, hung, broken off in
 * the middle of an answer, another database at the same address, a clock that is off, restarts under
 * load, and people deactivated while something is under way. Labelgate goes on, says so, and recovers.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../browser/browser.ts";
import { note } from "./canary-world.ts";
import {
  type Answer,
  type LabelStudio,
  mintToken,
  serviceUser,
  startLabelStudio,
} from "./label-studio.ts";
import { domain, type Person, type Studio, startStudio } from "./studio.ts";

const fileBytes = 48 * 1024 * 1024;

let browser: Browser;
let labelStudio: LabelStudio;
let studio: Studio;
let project = 0;
let task = 0;
let file = "";
let manager: Person;
let annotator: Person;

before(async () => {
  [browser, labelStudio] = await Promise.all([launchBrowser(), startLabelStudio()]);
  const made = await labelStudio.json<{ id: number }>(serviceUser.id, "POST", "/api/projects/", {
    title: "Faults",
    label_config:
      '<View><Text name="text" value="$text"/><Choices name="mood" toName="text"><Choice value="Good"/></Choices><TextArea name="note" toName="text"/></View>',
  });
  project = made.id;
  const stored = await labelStudio.json<{ id: number }>(serviceUser.id, "POST", "/api/tasks/", {
    project,
    data: { text: "one" },
  });
  task = stored.id;
  file = await uploadLargeFile();
  studio = await startStudio(browser, labelStudio, [project]);
  manager = await studio.signIn({ name: "manager", role: "Manager", projects: [project] });
  annotator = await studio.signIn({ name: "annotator", role: "Annotator", projects: [project] });
});

after(async () => {
  await Promise.all([studio.stop(), browser.close()]);
  await labelStudio.stop();
});

/** A file that takes a while to read slowly; its path under /data/upload. */
async function uploadLargeFile(): Promise<string> {
  const form = new FormData();
  form.append("file", new Blob([Buffer.alloc(fileBytes, "x")]), "large.txt");
  const address = `${labelStudio.origin}/api/projects/${project}/import?commit_to_project=false`;
  const authorization = `Bearer ${mintToken(serviceUser.id)}`;
  const answer = await fetch(address, { method: "POST", headers: { authorization }, body: form });
  assert.equal(answer.status, 201, await answer.clone().text());
  const { file_upload_ids: ids } = (await answer.json()) as { file_upload_ids: number[] };
  const { file: path } = await labelStudio.json<{ file: string }>(
    ...([serviceUser.id, "GET", `/api/import/file-upload/${ids[0]}`] as const),
  );
  return `/data/${path.replace(/^.*?upload\//, "upload/")}`;
}

/** Starts Label Studio again at the same address, on the same data or on others. */
async function startAgain(dataDir?: string): Promise<void> {
  const { port } = labelStudio;
  labelStudio = await startLabelStudio({ port, ...(dataDir !== undefined && { dataDir }) });
}

const readTask = async (who: Person): Promise<Answer> =>
  await studio.as(who, "GET", `/api/tasks/${task}`);

/** Asks until the status is this one; fails after `limitMs`. */
async function waitForStatus(status: number, ask: () => Promise<Answer>, limitMs = 20_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer.status === status) return answer;
    if (Date.now() > deadline) assert.equal(answer.status, status, answer.text);
    await sleep(200);
  }
}

interface Download {
  readonly response: IncomingMessage;
  /** Resolves with how it ended, once it has. */
  readonly ended: Promise<"whole" | "broken">;
}

/** Begins to read the large file and stops after the first bytes. */
async function beginDownload(who: Person): Promise<Download> {
  const { hostname, port } = new URL(studio.labelgate.baseUrl);
  const headers = { authorization: `Token ${who.token}` };
  const sent = request({ hostname, port, path: file, headers });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  await once(response, "readable");
  response.read(1);
  const ended = new Promise<"whole" | "broken">((resolve) => {
    sent.on("error", () => resolve("broken"));
    response.on("error", () => resolve("broken"));
    response.on("close", () => resolve(response.complete ? "whole" : "broken"));
  });
  return { response, ended };
}

async function goOnReading({ response, ended }: Download): Promise<"whole" | "broken"> {
  response.resume();
  return await ended;
}

test("while Label Studio is away, pages and API say so and signing in goes on", async () => {
  assert.equal((await readTask(annotator)).status, 200);
  const { dataDir } = labelStudio;
  await labelStudio.signal("SIGKILL");
  await labelStudio.halt();
  const api = await waitForStatus(502, async () => await readTask(annotator));
  assert.match(api.headers["retry-after"] ?? "", /^\d+$/);
  assert.match(api.headers["content-type"] ?? "", /json/);
  assert.match((JSON.parse(api.text) as { detail: string }).detail, /away/i);
  const page = await studio.ask({
    ...{ method: "GET", path: `/projects/${project}/data` },
    headers: { cookie: annotator.cookie, accept: "text/html", "sec-fetch-mode": "navigate" },
  });
  assert.ok([502, 503].includes(page.status), String(page.status));
  assert.match(page.headers["content-type"] ?? "", /html/);
  assert.match(page.text, /Label Studio/);
  const newcomer = await studio.signIn({ name: "newcomer", role: "Annotator", projects: [] });
  assert.equal((await studio.as(newcomer, "GET", "/api/organizations")).status, 200);
  await startAgain(dataDir);
  await waitForStatus(200, async () => await readTask(annotator));
  const whoami = await studio.as(newcomer, "GET", "/api/current-user/whoami");
  assert.equal(whoami.status, 200, whoami.text);
  assert.ok((JSON.parse(whoami.text) as { id: number }).id > 0, "the account is made afterwards");
});

test("while Label Studio hangs, Labelgate's own addresses answer, and what waits is answered later", async () => {
  await labelStudio.signal("SIGSTOP");
  const waiting = readTask(annotator);
  const first = await Promise.race([
    studio.as(manager, "GET", "/api/organizations"),
    waiting.then(() => null),
  ]);
  assert.equal(first?.status, 200);
  await sleep(3_000);
  await labelStudio.signal("SIGCONT");
  assert.equal((await waiting).status, 200);
});

test("a change that gets no answer for a minute is 504, and says that it may still happen", async () => {
  await labelStudio.signal("SIGSTOP");
  try {
    const answer = await studio.as(annotator, "POST", `/api/tasks/${task}/drafts`, {
      result: note("late"),
    });
    assert.equal(answer.status, 504, answer.text);
    assert.match(answer.text, /still be working/);
  } finally {
    await labelStudio.signal("SIGCONT");
  }
  await waitForStatus(200, async () => await readTask(annotator));
});

test("an answer that breaks off in the middle is broken for the client too, never whole", async () => {
  const download = await beginDownload(manager);
  const { dataDir } = labelStudio;
  await labelStudio.signal("SIGKILL");
  await labelStudio.halt();
  assert.equal(await goOnReading(download), "broken");
  await startAgain(dataDir);
  await waitForStatus(200, async () => await readTask(annotator));
  const again = await beginDownload(manager);
  assert.equal(await goOnReading(again), "whole");
});

test("somebody deactivated loses what they are reading within 5 seconds, and nobody else does", async () => {
  const leaver = await studio.signIn({ name: "leaver", role: "Manager", projects: [project] });
  const [theirs, other] = [await beginDownload(leaver), await beginDownload(manager)];
  const { results } = await studio.owner<{ results: { user: { id: number; email: string } }[] }>(
    ...(["GET", "/api/organizations/1/memberships?page_size=100"] as const),
  );
  const id = results.find(({ user }) => user.email === leaver.email)?.user.id;
  await studio.owner("PATCH", "/api/organizations/1/memberships/", { user_id: id, role: "DI" });
  // A client that does not read does not see the end: what it has when it goes on is all there is.
  await sleep(5_500);
  assert.equal(await goOnReading(theirs), "broken");
  assert.equal((await readTask(leaver)).status, 401);
  assert.equal(await goOnReading(other), "whole");
});

test("a restart of either server under load loses no session and gives nobody a wrong answer", async () => {
  const statuses = new Map<number | string, number>();
  const end = new AbortController();
  const client = async (who: Person): Promise<void> => {
    while (!end.signal.aborted) {
      const outcome = await readTask(who).then(
        ({ status, text }) => {
          if (status === 200) assert.equal((JSON.parse(text) as { id: number }).id, task);
          return status;
        },
        () => "refused",
      );
      statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
      await sleep(20);
    }
  };
  const clients = [manager, annotator, manager, annotator].map(client);
  await sleep(1_000);
  await studio.labelgate.restart();
  await sleep(1_000);
  const { dataDir } = labelStudio;
  await labelStudio.halt();
  await startAgain(dataDir);
  await waitForStatus(200, async () => await readTask(annotator));
  end.abort();
  await Promise.all(clients);
  const seen = [...statuses.keys()];
  const allowed = new Set<number | string>([200, 502, 503, 504, "refused"]);
  assert.deepEqual(
    seen.filter((status) => !allowed.has(status)),
    [],
    JSON.stringify([...statuses]),
  );
  assert.ok((statuses.get(200) ?? 0) > 10);
});

test("check says that all is well, and that a clock is 10 seconds off", async () => {
  const well = await studio.labelgate.command(["check"]);
  assert.match(well.output, /1\.23\.2/);
  assert.doesNotMatch(well.output, /clock.*off/i);
  const shift = "const now = Date.now; Date.now = () => now() + 10_000;";
  const off = await studio.labelgate.command(["check"], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
  });
  assert.match(off.output, /clock/i);
  assert.match(off.output, /1[01](\.\d)? s/);
  assert.notEqual(off.code, 0);
});

test("another database at the same address closes the gateway until an administrator accepts it", async () => {
  const first = labelStudio;
  await first.halt();
  await startAgain();
  try {
    // The numbers that the first database had are other people's and another project's here.
    for (const name of ["eve", "mallory", "trent", "peggy", "victor"]) {
      const email = `${name}@${domain}`;
      await labelStudio.json(serviceUser.id, "POST", "/api/users/", {
        ...{ email, username: email, active_organization: 1 },
      });
    }
    await labelStudio.json(serviceUser.id, "POST", "/api/projects/", { title: "Another" });
    await studio.labelgate.restart();
    const closed = await waitForStatus(503, async () => await readTask(annotator), 60_000);
    assert.match(closed.text, /closed/i);
    assert.equal((await studio.as(manager, "GET", "/api/organizations")).status, 200);
    const accepted = await studio.labelgate.command(["upstream", "accept"]);
    assert.equal(accepted.code, 0, accepted.output);
    await waitForStatus(
      200,
      async () => await studio.as({ token: studio.labelgate.ownerToken }, "GET", "/api/projects"),
    );
    // Rights on the first database's project are not rights on this one's.
    assert.equal((await readTask(annotator)).status, 404);
    const list = await studio.as(annotator, "GET", "/api/projects");
    assert.doesNotMatch(list.text, /Another/);
  } finally {
    await first.stop();
  }
});
