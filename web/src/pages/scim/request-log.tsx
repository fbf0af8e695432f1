/**
 * Log of the identity providers' latest requests (PRODUCT 7): understood, done, tolerated. Kept 30
 * days.
 */
import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type ListedScimToken,
  refreshScimRequests,
  type ScimRequest,
  type ScimRequestFilter,
  scimRequestsQuery,
  scimTokensQuery,
} from "../../api/scim.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Filters } from "../../ui/filters.tsx";
import { SyncIcon } from "../../ui/icons.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import { useOlderPages } from "../../ui/use-older-pages.ts";
import { useSearchState } from "../../ui/use-search-state.ts";

/** The section. */
export function RequestLog() {
  const { search, set } = useSearchState();
  const { method = "", result = "", before = "" } = search;
  const filter: ScimRequestFilter = { method, result, before };
  const { data, error, refetch, isFetching } = useQuery(scimRequestsQuery(filter));
  const paging = useOlderPages(data?.older ?? null);
  const { data: tokens } = useQuery(scimTokensQuery);
  const columns = useMemo(() => columnsWith(tokens ?? []), [tokens]);
  const isFiltered = method !== "" || result !== "";
  const narrow = (changed: Readonly<Record<string, string>>) => set({ ...changed, before: "" });
  return (
    <Section
      title="Requests of the last 30 days"
      lead="What the identity provider asked, what was understood and done, and what of its way was tolerated. Bodies and secrets are not kept."
      id="requests"
      actions={
        <Button
          variant="default"
          leftSection={<SyncIcon />}
          loading={isFetching && data !== undefined}
          onClick={() => void refreshScimRequests()}
        >
          Refresh
        </Button>
      }
    >
      <Filters
        label="Filter the requests"
        onClear={isFiltered ? () => narrow({ method: "", result: "" }) : null}
      >
        <NativeSelect
          label="Method"
          value={method}
          onChange={(event) => narrow({ method: event.currentTarget.value })}
          data={methods}
        />
        <NativeSelect
          label="Result"
          value={result}
          onChange={(event) => narrow({ result: event.currentTarget.value })}
          data={results}
        />
      </Filters>
      {error !== null && data === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          caption="Requests of identity providers, latest first"
          columns={columns}
          rows={data?.results}
          rowKey={({ id }) => id}
          isBusy={isFetching}
          paging={paging}
          empty={isFiltered ? <NothingFound /> : <NothingYet />}
        />
      )}
    </Section>
  );
}

const methods = [
  { value: "", label: "Any method" },
  ...["GET", "POST", "PUT", "PATCH", "DELETE"].map((value) => ({ value, label: value })),
];

const results = [
  { value: "", label: "Any result" },
  { value: "accepted", label: "Accepted" },
  { value: "refused", label: "Refused" },
];

function columnsWith(tokens: readonly ListedScimToken[]): readonly Column<ScimRequest>[] {
  const names = new Map(tokens.map(({ id, name }) => [id, name]));
  return [
    { title: "Time", isNarrow: true, render: ({ at }) => <Moment at={at} /> },
    {
      title: "Request",
      render: ({ method, path }) => (
        <span className="lg-request lg-code">
          <strong>{method}</strong>
          <span>{path}</span>
        </span>
      ),
    },
    { title: "Status", isNarrow: true, render: ({ status }) => <StatusTag status={status} /> },
    { title: "What happened", render: (request) => <Summary request={request} /> },
    {
      title: "Token",
      render: ({ token_id: id }) =>
        id === null ? "The Owner's" : (names.get(id) ?? `Token ${id}`),
    },
  ];
}

function StatusTag({ status }: { readonly status: number }) {
  return <Tag tone={status < 400 ? "good" : "bad"}>{status}</Tag>;
}

function Summary({ request: { summary, quirks } }: { readonly request: ScimRequest }) {
  return (
    <>
      {summary === "" ? "Nothing to tell." : summary}
      {quirks.length > 0 && (
        <ul className="lg-quirks">
          {quirks.map((quirk) => (
            <li key={quirk}>Tolerated: {quirk}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function NothingFound() {
  return <EmptyState title="No request is like that.">The log keeps 30 days.</EmptyState>;
}

function NothingYet() {
  return (
    <EmptyState title="No identity provider has asked anything yet.">
      Make a token, give it to the identity provider with the base URL, and test the connection
      there. The test stands here at once.
    </EmptyState>
  );
}
