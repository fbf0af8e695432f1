/** The last sign-in of a member with the way to its story, and what the next one would do. */
import { Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Change } from "../../../../src/access/changes.ts";
import { roleName } from "../../../../src/access/roles.ts";
import type { Why } from "../../api/members.ts";
import { projectTitlesQuery } from "../../api/project-titles.ts";
import { ChangeList } from "../../ui/change-list.tsx";
import { TextLink } from "../../ui/links.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ReasonList } from "../../ui/reason-list.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag, type Tone } from "../../ui/tag.tsx";
import { Moment } from "../../ui/time-ago.tsx";

/** Time and groups of the member's last single sign-on. */
export function LastSignOn({ signOn }: { readonly signOn: Why["last_sign_on"] }) {
  if (signOn === null) {
    return (
      <Section title="Last single sign-on">
        <Text c="dimmed">They have not signed in by single sign-on in the last 90 days.</Text>
      </Section>
    );
  }
  const { at, reference, groups } = signOn;
  return (
    <Section title="Last single sign-on">
      <Text>
        <Moment at={at} />.{" "}
        <TextLink to="/organization/security/sign-ins/$reference" params={{ reference }}>
          Read the story of this sign-on
        </TextLink>
      </Text>
      {groups.length === 0 ? (
        <Text c="dimmed">The identity provider sent no groups.</Text>
      ) : (
        <Group gap={6}>
          <Text size="sm" c="dimmed">
            Groups:
          </Text>
          {groups.map((group) => (
            <Tag key={group}>{group}</Tag>
          ))}
        </Group>
      )}
    </Section>
  );
}

type Next = NonNullable<Why["next_sign_on"]>;

/** Preview of a sign-in with the same groups and the present settings. */
export function NextSignOn({
  next,
  projects,
}: {
  readonly next: Why["next_sign_on"];
  readonly projects: Why["projects"];
}) {
  const changed = useQuery(projectTitlesQuery(next === null ? [] : projectIds(next.changes)));
  const titles = new Map([
    ...(changed.data ?? []),
    ...projects.map(({ id, title }) => [id, title] as const),
  ]);
  return (
    <Section
      title="Next sign-on"
      lead="With the groups that the identity provider sent last, and the settings as they are now."
    >
      {next === null ? (
        <Text c="dimmed">
          No sign-on has told of their groups yet, so there is nothing to reckon with.
        </Text>
      ) : (
        <Stack gap="md">
          <Notice tone={tones[next.outcome]}>{outcomeSentence(next)}</Notice>
          <div>
            <Title order={3} size="1rem" mb={6}>
              What changes
            </Title>
            <ChangeList changes={next.changes} projectTitles={titles} />
          </div>
          <div>
            <Title order={3} size="1rem" mb={6}>
              Why
            </Title>
            <ReasonList reasons={next.reasons} />
          </div>
        </Stack>
      )}
    </Section>
  );
}

const tones: Readonly<Record<Next["outcome"], Tone>> = {
  admitted: "good",
  not_activated: "warn",
  deactivated: "bad",
  refused: "bad",
};

function outcomeSentence({ outcome, role }: Next): string {
  switch (outcome) {
    case "admitted":
      return role === null ? "They get in." : `They get in as ${roleName(role)}.`;
    case "not_activated":
      return "They come to the page that says the account awaits activation.";
    case "deactivated":
      return "They become Deactivated and do not get in.";
    case "refused":
      return "The sign-on is refused, and nothing changes.";
  }
}

function projectIds(changes: readonly Change[]): readonly number[] {
  return changes.flatMap((change) => ("projectId" in change ? [change.projectId] : []));
}
