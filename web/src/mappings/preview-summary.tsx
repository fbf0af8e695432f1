/** Number of people whom a change of mappings concerns, by kind of effect. */
import { Text } from "@mantine/core";
import type { Preview } from "../api/preview.ts";
import { Notice } from "../ui/notice.tsx";
import type { Tone } from "../ui/tag.tsx";

/** The counts, the worst first; one sentence where nobody is concerned. */
export function PreviewSummary({ preview }: { readonly preview: Preview }) {
  const { summary } = preview;
  if (summary.members === 0) {
    return (
      <Notice tone="warn" title="Nothing is known of anybody's groups yet.">
        So nobody can be told to gain or lose anything. After the first sign-ons there is a preview.
      </Notice>
    );
  }
  if (summary.changed === 0) {
    return (
      <Notice tone="good" title="Nobody gains or loses anything.">
        {ofMembers(summary.members)} keep what they have.
      </Notice>
    );
  }
  return (
    <div>
      <Text fw={600}>
        {summary.changed === 1
          ? "1 person changes"
          : `${summary.changed.toLocaleString()} people change`}
        , of {summary.members.toLocaleString()} whose groups are known.
      </Text>
      <dl className="lg-counts">
        <Count name="lose all access" count={summary.losing_access} tone="bad" />
        <Count name="no longer Administrator" count={summary.losing_administrator} tone="bad" />
        <Count name="lose something" count={summary.losing} tone="warn" />
        <Count name="gain something" count={summary.gaining} tone="good" />
      </dl>
    </div>
  );
}

function ofMembers(members: number): string {
  return members === 1
    ? "The one member whose groups are known would"
    : `All ${members.toLocaleString()} members whose groups are known`;
}

function Count({
  name,
  count,
  tone,
}: {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
}) {
  return (
    <div data-tone={count === 0 ? "plain" : tone}>
      <dt>{name}</dt>
      <dd>{count.toLocaleString()}</dd>
    </div>
  );
}
