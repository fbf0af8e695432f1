/**
 * A node:test reporter that writes one line when everything has run: how many tests passed, failed
 * and were skipped. `.ci/run` adds the lines of its suites up; people read another reporter.
 */
import type { EventData } from "node:test";

interface TestEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Yields `<passed> <failed> <skipped>` once, from the summary of the whole run. */
// biome-ignore lint/style/noDefaultExport: node:test takes a reporter from the default export only
export default async function* totals(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== "test:summary") continue;
    const { counts, file } = data as EventData.TestSummary;
    // Each file has a summary too; the one without a file is of the whole run.
    if (file !== undefined) continue;
    const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
    yield `${counts.passed} ${failed} ${counts.skipped + counts.todo}\n`;
  }
}
