/**
 * The sign-in log (PRODUCT 8.4): who tried to sign in, how it ended and why. The story of one attempt is
 * sign-in-page.tsx.
 */
import { NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SignIn, type SignInFilter, signInsQuery } from "../../api/sign-ins.ts";
import { codeLabels, wordsOf } from "../../story/code-labels.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Filters } from "../../ui/filters.tsx";
import { ButtonLink, TextLink } from "../../ui/links.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PersonFilter, TextFilter } from "../../ui/text-filter.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import { useOlderPages } from "../../ui/use-older-pages.ts";
import { useSearchState } from "../../ui/use-search-state.ts";
import { OutcomeTag, outcomes } from "./outcomes.tsx";

/** The page. */
export function SignInsPage() {
  const { search, set } = useSearchState();
  const filter = filterOf(search);
  const { data, error, refetch, isFetching } = useQuery(signInsQuery(filter));
  const paging = useOlderPages(data?.older ?? null);
  return (
    <>
      <PageHeader
        title="Sign-in log"
        lead="Every attempt of the last 90 days to sign in, by single sign-on or by password: how it ended and, where it was refused, what to do about it."
      />
      <div className="lg-card">
        <Stack gap="lg">
          <LogFilters filter={filter} onChange={(changed) => set({ ...changed, before: "" })} />
          {error !== null && data === undefined ? (
            <ErrorState error={error} onRetry={() => void refetch()} />
          ) : (
            <DataTable
              caption="Attempts to sign in, latest first"
              columns={columns}
              rows={data?.results}
              rowKey={({ id }) => id}
              isBusy={isFetching}
              paging={paging}
              empty={isFiltered(filter) ? <NothingFound /> : <NothingYet />}
            />
          )}
        </Stack>
      </div>
    </>
  );
}

const none: SignInFilter = {
  ...{ outcome: "", email: "", code: "", signed: "", reference: "", before: "" },
};

function filterOf(search: Readonly<Record<string, string>>): SignInFilter {
  const { outcome = "", email = "", code = "", signed = "", reference = "", before = "" } = search;
  return { outcome, email, code, signed, reference, before };
}

function isFiltered(filter: SignInFilter): boolean {
  return Object.values({ ...filter, before: "" }).some((value) => value !== "");
}

function LogFilters({
  filter,
  onChange,
}: {
  readonly filter: SignInFilter;
  readonly onChange: (changed: Readonly<Record<string, string>>) => void;
}) {
  // A reference names one attempt, so that it and the other filters take turns.
  const narrow = (changed: Partial<SignInFilter>) => onChange({ reference: "", ...changed });
  return (
    <Filters
      label="Filter the sign-in log"
      onClear={isFiltered(filter) ? () => onChange({ ...none }) : null}
    >
      <NativeSelect
        label="Result"
        value={filter.outcome}
        onChange={(event) => narrow({ outcome: event.currentTarget.value })}
        data={[{ value: "", label: "Any result" }, ...outcomeOptions]}
      />
      <PersonFilter
        key={`email ${filter.email}`}
        label="E-mail"
        placeholder="The whole address"
        value={filter.email}
        onFilter={(email) => narrow({ email })}
      />
      <NativeSelect
        label="Why it was refused"
        value={filter.code}
        onChange={(event) => narrow({ code: event.currentTarget.value })}
        data={[{ value: "", label: "Any reason" }, ...codeOptions]}
      />
      <NativeSelect
        label="Signature"
        value={filter.signed}
        onChange={(event) => narrow({ signed: event.currentTarget.value })}
        data={signedOptions}
      />
      <TextFilter
        key={`reference ${filter.reference}`}
        label="Reference"
        placeholder="Letters and digits"
        value={filter.reference}
        onFilter={(reference) => onChange({ ...none, reference })}
      />
    </Filters>
  );
}

const outcomeOptions = Object.entries(outcomes).map(([value, { name }]) => ({
  value,
  label: name,
}));

const signedOptions = [
  { value: "", label: "Signed or not" },
  { value: "true", label: "Signed by the provider" },
  { value: "false", label: "Not signed: anybody's" },
];

const codeOptions = Object.entries(codeLabels).map(([value, label]) => ({ value, label }));

const columns: readonly Column<SignIn>[] = [
  { title: "Time", isNarrow: true, render: ({ at }) => <Moment at={at} /> },
  { title: "Person", render: ({ email }) => <Person email={email} /> },
  { title: "Result", render: (attempt) => <Result {...attempt} /> },
  {
    title: "Reference",
    isNarrow: true,
    render: ({ reference }) => (
      <TextLink
        to="/organization/security/sign-ins/$reference"
        params={{ reference }}
        inherit
        className="lg-code"
      >
        {reference}
      </TextLink>
    ),
  },
];

/** Wide enough that an ordinary address stands on one line. */
function Result({ outcome, code, signed }: Pick<SignIn, "outcome" | "code" | "signed">) {
  return (
    <>
      <OutcomeTag outcome={outcome} /> {code !== null && wordsOf(code)}
      {signed === false && (
        <Text component="span" inherit c="dimmed">
          {" "}
          (not signed)
        </Text>
      )}
    </>
  );
}

function Person({ email }: { readonly email: string | null }) {
  return (
    <Text
      component="span"
      inherit
      display="inline-block"
      miw="13rem"
      {...(email === null && { c: "dimmed" })}
    >
      {email ?? "Not known"}
    </Text>
  );
}

function NothingFound() {
  return (
    <EmptyState title="No attempt is like that.">
      The log keeps 90 days. The e-mail address must be whole, and only attempts that got as far as
      naming a person have one.
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState
      title="Nobody has tried to sign in yet."
      action={
        <ButtonLink to="/organization/security/sso" variant="default">
          Set single sign-on up
        </ButtonLink>
      }
    >
      Each attempt stands here with its result, whether it was admitted or refused. Start with a
      test sign-on, which changes nothing.
    </EmptyState>
  );
}
