/** The activity log (PRODUCT 8.8): who did what from where; filtered, paged by the server, exported. */
import { Box, Button, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  type Activity,
  type ActivityFilter,
  activityExportPath,
  activityPageSize,
  activityQuery,
} from "../../api/activity.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Filters } from "../../ui/filters.tsx";
import { TextLink } from "../../ui/links.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tag } from "../../ui/tag.tsx";
import { PersonFilter, TextFilter } from "../../ui/text-filter.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { ActivityEntry } from "./activity-entry.tsx";

/** The page. */
export function ActivityPage() {
  const { search, set } = useSearchState();
  const filter = filterOf(search);
  const page = pageOf(search["page"]);
  const { data, error, refetch, isFetching } = useQuery(activityQuery(filter, page));
  const isFiltered = Object.values(filter).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Activity log"
        lead="Every request of a person or a token that may change something: who, when, from where, and what came of it. Reading is not kept, and signing in has a log of its own."
        actions={<Exports filter={filter} />}
      />
      <div className="lg-card">
        <Stack gap="lg">
          <LogFilters
            filter={filter}
            isFiltered={isFiltered}
            onChange={(changed) => set({ ...changed, page: "" })}
          />
          {error !== null && data === undefined ? (
            <ErrorState error={error} onRetry={() => void refetch()} />
          ) : (
            <DataTable
              caption="Requests, latest first"
              columns={columns}
              rows={data?.data}
              rowKey={({ id }) => id}
              isBusy={isFetching}
              paging={{
                kind: "numbered",
                page,
                pageSize: activityPageSize,
                count: data?.recordsFiltered ?? 0,
                onPage: (number) => set({ page: number === 1 ? "" : String(number) }),
              }}
              empty={isFiltered ? <NothingFound /> : <NothingYet />}
            />
          )}
        </Stack>
      </div>
    </>
  );
}

const none: ActivityFilter = { email: "", method: "", from: "", to: "", search: "" };

function filterOf(stands: Readonly<Record<string, string>>): ActivityFilter {
  const { email = "", method = "", from = "", to = "", search = "" } = stands;
  return { email, method, from, to, search };
}

function pageOf(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}

/** Downloads by the browser, so that an export of any size goes straight to a file. */
function Exports({ filter }: { readonly filter: ActivityFilter }) {
  return (
    <>
      <Button component="a" href={activityExportPath(filter, "csv")} download variant="default">
        Export as CSV
      </Button>
      <Button component="a" href={activityExportPath(filter, "jsonl")} download variant="default">
        Export as JSON lines
      </Button>
    </>
  );
}

function LogFilters({
  filter,
  isFiltered,
  onChange,
}: {
  readonly filter: ActivityFilter;
  readonly isFiltered: boolean;
  readonly onChange: (changed: Readonly<Record<string, string>>) => void;
}) {
  return (
    <Stack gap="xs">
      <Filters
        label="Filter the activity log"
        onClear={isFiltered ? () => onChange({ ...none }) : null}
      >
        <PersonFilter
          key={`email ${filter.email}`}
          label="Person"
          placeholder="Whole e-mail"
          value={filter.email}
          onFilter={(email) => onChange({ email })}
        />
        <NativeSelect
          label="Method"
          value={filter.method}
          onChange={(event) => onChange({ method: event.currentTarget.value })}
          data={methods}
        />
        <DayFilter
          label="From"
          value={filter.from}
          {...(filter.to !== "" && { max: filter.to })}
          onFilter={(from) => onChange({ from })}
        />
        <DayFilter
          label="To"
          value={filter.to}
          {...(filter.from !== "" && { min: filter.from })}
          onFilter={(to) => onChange({ to })}
        />
        <TextFilter
          key={`search ${filter.search}`}
          label="Words of the path"
          placeholder="saml OR scim"
          value={filter.search}
          onFilter={(search) => onChange({ search })}
        />
      </Filters>
      <Text size="sm" c="dimmed">
        Words must all stand in the path, as with AND between them; write OR between alternatives.
        An export holds what the filters let through, the oldest first.
      </Text>
    </Stack>
  );
}

const methods = [
  { value: "", label: "Any method" },
  ...["POST", "PUT", "PATCH", "DELETE"].map((value) => ({ value, label: value })),
];

interface DayFilterProps {
  readonly label: string;
  readonly value: string;
  readonly min?: string;
  readonly max?: string;
  readonly onFilter: (day: string) => void;
}

function DayFilter({ label, value, min, max, onFilter }: DayFilterProps) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value}
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      onChange={(event) => onFilter(event.currentTarget.value)}
    />
  );
}

const columns: readonly Column<Activity>[] = [
  { title: "Time", isNarrow: true, render: ({ datetime }) => <Moment at={datetime} /> },
  { title: "Person", render: (entry) => <Person entry={entry} /> },
  { title: "What", render: (entry) => <ActivityEntry entry={entry} /> },
  {
    title: "Result",
    isNarrow: true,
    render: ({ response_code: code }) => (
      <Tag tone={Number(code) < 400 ? "good" : "bad"}>
        {Number(code) < 400 ? "Done" : "Refused"} {code}
      </Tag>
    ),
  },
  { title: "Address", isNarrow: true, render: ({ ip_address: ip }) => ip },
];

/** Wide enough that an ordinary address stands on one line. */
function Person({ entry: { user_id: id, email } }: { readonly entry: Activity }) {
  const name = email ?? (id === null ? "Not known" : `Person ${id}`);
  return (
    <Box component="span" display="inline-block" miw="11rem">
      {id === null ? (
        name
      ) : (
        <TextLink to="/organization/members/$id" params={{ id: String(id) }} inherit>
          {name}
        </TextLink>
      )}
    </Box>
  );
}

function NothingFound() {
  return (
    <EmptyState title="Nothing is like that.">
      The person is found by the whole e-mail address that they had at the time; days begin and end
      in your own time zone.
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState title="Nobody has changed anything yet.">
      Each change that somebody makes on these pages or through the API stands here from now on,
      also one that was refused.
    </EmptyState>
  );
}
