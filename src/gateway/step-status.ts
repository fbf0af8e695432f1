/**
 * Reports how far people and projects are in step (GATEWAY 10.5): counts, who waits and why, rows that an
 * administrator may link, what differs. For the page, `labelgate upstream status` and `labelgate check`.
 */
import type { Db } from "../store/store.ts";
import { countLinked, listFormerAddresses } from "../store/upstream-accounts.ts";
import { listWaiting } from "../store/upstream-outbox.ts";
import {
  countProjects,
  listLinkedProjects,
  listUnlinkedProjects,
} from "../store/upstream-projects.ts";
import { loadUpstreamState } from "../store/upstream-state.ts";
import type { Finding } from "./check.ts";
import type { Closed } from "./door.ts";
import type { LastSync } from "./sync.ts";

const maxShown = 200;

/** Loads how far people and projects of the organization are in step. */
export async function loadStepStatus(db: Db, organizationId: number) {
  const [people, waiting, former, projects, unlinked, linked, closed, lastSync] = await Promise.all(
    [
      countLinked(db),
      listWaiting(db, maxShown),
      listFormerAddresses(db, maxShown),
      countProjects(db, organizationId),
      listUnlinkedProjects(db, organizationId, maxShown),
      listLinkedProjects(db, organizationId),
      loadUpstreamState<Closed>(db, "closed"),
      loadUpstreamState<LastSync>(db, "last_sync"),
    ],
  );
  const byTitle = new Map<string, number[]>();
  for (const { title, upstreamId } of linked) {
    byTitle.set(title, [...(byTitle.get(title) ?? []), upstreamId]);
  }
  return {
    people,
    waiting,
    former,
    projects,
    // Equal titles are suggested, never taken.
    unlinked: unlinked.map((row) => ({
      ...row,
      suggested: (byTitle.get(row.title) ?? []).slice(0, 10),
    })),
    closed,
    lastSync,
  };
}

/** The report of `loadStepStatus`. */
export type StepStatus = Awaited<ReturnType<typeof loadStepStatus>>;

/** The status as lines of the check. */
export function stepFindings(status: StepStatus): readonly Finding[] {
  const { people, waiting, projects, closed, lastSync } = status;
  const findings: Finding[] = [];
  if (closed !== null) {
    const what = closed.differences.map(({ problem }) => problem).slice(0, 5);
    const text = `The gateway is closed, since people or projects differ from what is known; put the right database back, or run labelgate upstream accept. ${what.join(" ")}`;
    findings.push({ level: "problem", text: text.trim() });
  }
  if (lastSync === null) {
    findings.push({ level: "warning", text: "People and projects were not brought in step yet." });
  } else if (lastSync.problem !== null) {
    const text = `The last look at people and projects failed: ${lastSync.problem}`;
    findings.push({ level: "warning", text });
  }
  const isInStep = waiting.count === 0;
  findings.push({
    level: isInStep ? "ok" : "warning",
    text: `${people.linked} of ${people.people} people have an account in Label Studio.`,
  });
  for (const { email, problem } of waiting.people) {
    findings.push({ level: "warning", text: `${email}: ${problem ?? ""}` });
  }
  const { linked, gone, unlinked, unassigned } = projects;
  const text = `${linked} projects are in step; ${unassigned} of them are in no workspace, ${gone} are gone from Label Studio.`;
  findings.push({ level: "ok", text });
  if (unlinked > 0) {
    const sentence = `${unlinked} projects of Labelgate are linked to none of Label Studio.`;
    findings.push({ level: "warning", text: sentence });
  }
  return findings;
}
