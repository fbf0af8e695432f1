/** The people of a preview, a page at a time: what changes for each, and why when it is opened. */
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Change } from "../../../src/access/changes.ts";
import { projectsByIdQuery } from "../api/mapping-targets.ts";
import { type Preview, type PreviewedPerson, previewPageSize } from "../api/preview.ts";
import { ChangeList, type ProjectTitles } from "../ui/change-list.tsx";
import { ReasonList } from "../ui/reason-list.tsx";
import { Tag } from "../ui/tag.tsx";

/** More changes of one person are shown once they are opened. */
const maxTold = 6;

interface PeopleProps {
  readonly preview: Preview;
  readonly page: number;
  /** True while another page is on its way. */
  readonly isBusy: boolean;
  readonly onPage: (page: number) => void;
}

/** The list; nothing where nobody changes. */
export function PreviewPeople({ preview, page, isBusy, onPage }: PeopleProps) {
  const { results, count } = preview;
  const titles = useTitles(results);
  if (count === 0) return null;
  const last = Math.max(1, Math.ceil(count / previewPageSize));
  const first = (page - 1) * previewPageSize + 1;
  return (
    <div aria-busy={isBusy}>
      <ul className="lg-people" aria-label="People who change" data-busy={isBusy || undefined}>
        {results.map((person) => (
          <Person key={person.user_id} person={person} titles={titles} />
        ))}
      </ul>
      {last > 1 && (
        <Group component="nav" aria-label="Pages of people" gap="sm" mt="sm">
          <Button
            variant="default"
            size="xs"
            disabled={page === 1 || isBusy}
            onClick={() => onPage(page - 1)}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={page >= last || isBusy}
            onClick={() => onPage(page + 1)}
          >
            Next
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {isBusy
              ? "Computing…"
              : `${first.toLocaleString()}–${(first + results.length - 1).toLocaleString()} of ${count.toLocaleString()}, those who lose the most first`}
          </Text>
        </Group>
      )}
    </div>
  );
}

function Person({
  person,
  titles,
}: {
  readonly person: PreviewedPerson;
  readonly titles: ProjectTitles;
}) {
  const { email, role, groups, reasons } = person;
  const told = person.changes.filter(isTold);
  const first = told.slice(0, maxTold);
  const more = told.slice(maxTold);
  const name = `${person.first_name} ${person.last_name}`.trim();
  return (
    <li>
      <Group gap="xs" justify="space-between">
        <div className="lg-person-name">
          <Text fw={600} component="span">
            {name || email}
          </Text>
          {name !== "" && (
            <Text size="sm" c="dimmed">
              {email}
            </Text>
          )}
        </div>
        <Group gap="xs">
          {person.loses_access && <Tag tone="bad">Loses all access</Tag>}
          {role !== null && (
            <Tag tone={person.loses_access ? "bad" : "accent"}>
              {role.from} → {role.to}
            </Tag>
          )}
        </Group>
      </Group>
      {first.length > 0 && <ChangeList changes={first} projectTitles={titles} />}
      <details>
        <summary>
          {more.length === 0 ? "Why" : `${more.length.toLocaleString()} more changes, and why`}
          <span className="lg-hidden"> this becomes of {name || email}</span>
        </summary>
        {more.length > 0 && <ChangeList changes={more} projectTitles={titles} />}
        <Text size="sm" c="dimmed" my="xs">
          {groups.length === 0
            ? "In no group."
            : `In ${groups.length === 1 ? "the group" : "the groups"} ${groups.join(", ")}.`}
        </Text>
        <ReasonList reasons={reasons} />
      </details>
    </li>
  );
}

/** Keeps the changes that the tag does not tell already. */
function isTold({ kind }: Change): boolean {
  return kind !== "role_changed";
}

function useTitles(people: readonly PreviewedPerson[]): ProjectTitles {
  const ids = people.flatMap(({ changes }) => changes.flatMap(projectIdOf));
  const wanted = [...new Set(ids)].sort((a, b) => a - b);
  const { data } = useQuery(projectsByIdQuery(wanted));
  return new Map([...(data ?? [])].map(([id, { title }]) => [id, title]));
}

function projectIdOf(change: Change): readonly number[] {
  if ("projectId" in change) return [change.projectId];
  if ("assignment" in change && change.assignment.scope === "project") {
    return [change.assignment.projectId];
  }
  return [];
}
