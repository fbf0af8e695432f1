/** Fields for the target of a mapping: a role, a workspace, a project. */
import { Autocomplete, Button, NativeSelect, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type ProjectChoice,
  projectSearchQuery,
  workspaceTitlesQuery,
} from "../api/mapping-targets.ts";
import { type Protocol, projectRoleChoices, roleChoices } from "./kinds.tsx";
import { type FieldProps, inputProps } from "./row-field.tsx";

const pauseMs = 200;
/** More would only be scrolled through. */
const maxOffered = 50;

/** A role of the organization. */
export function RoleField(props: FieldProps<string>) {
  return <Choice {...props} choices={roleChoices(props.value)} />;
}

/** A role in a project. */
export function ProjectRoleField(props: FieldProps<string>) {
  return <Choice {...props} choices={projectRoleChoices} />;
}

function Choice(props: FieldProps<string> & { readonly choices: readonly string[] }) {
  const { value, onChange, choices } = props;
  return (
    <NativeSelect
      {...inputProps(props)}
      value={value}
      data={[...choices]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A workspace by its title: one that exists, or with SAML one that is yet to be made. */
export function WorkspaceField(props: FieldProps<string> & { readonly protocol: Protocol }) {
  const { value, onChange, protocol } = props;
  const { data: titles } = useQuery(workspaceTitlesQuery);
  const isMissing = titles !== undefined && value.trim() !== "" && !titles.includes(value);
  const similar = isMissing ? titles.find((title) => plain(title) === plain(value)) : undefined;
  return (
    <div className="lg-map-cell">
      <Autocomplete
        {...inputProps(props)}
        value={value}
        data={titles ?? []}
        limit={maxOffered}
        withScrollArea={false}
        classNames={{ options: "lg-map-options" }}
        openOnFocus={false}
        onChange={onChange}
        autoComplete="off"
      />
      {similar !== undefined && (
        <Text size="sm" className="lg-map-hint" component="div">
          There is a workspace “{similar}”, and none “{value}”.{" "}
          <Button size="compact-sm" variant="default" onClick={() => onChange(similar)}>
            Use {similar}
          </Button>
        </Text>
      )}
      {isMissing && similar === undefined && (
        <Text size="sm" c={protocol === "saml" ? "dimmed" : "var(--lg-bad)"}>
          {protocol === "saml"
            ? "New: will be created at the first sign-on."
            : "There is no such workspace. Create it first, or choose another."}
        </Text>
      )}
    </div>
  );
}

function plain(title: string): string {
  return title.normalize("NFKC").replaceAll(/\s+/g, " ").trim().toLowerCase();
}

interface ProjectFieldProps extends FieldProps<number> {
  /** The chosen project; undefined while it is not known, or is no more. */
  readonly chosen: ProjectChoice | undefined;
  /** True once it is known whether the project exists. */
  readonly isKnown: boolean;
}

/** A project, found by its title or id among however many there are. */
export function ProjectField(props: ProjectFieldProps) {
  const { value, onChange, isKnown } = props;
  // The server is asked about it again; until then what was picked is known from the choice.
  const [picked, setPicked] = useState<ProjectChoice | null>(null);
  const chosen = props.chosen ?? (picked?.id === value ? picked : undefined);
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const label = value === 0 ? "" : labelOf(chosen ?? { id: value, title: "" });
  const wanted = typed === label ? "" : typed.trim();
  const [search] = useDebouncedValue(wanted, pauseMs);
  const {
    data = [],
    isFetching,
    isPlaceholderData,
  } = useQuery({
    ...projectSearchQuery(search),
    enabled: isOpen,
    placeholderData: keepPreviousData,
  });
  // What was found for less text is offered as far as it still fits.
  const isSettled = search === wanted && !isPlaceholderData;
  const fits = (project: ProjectChoice) =>
    isSettled || labelOf(project).toLowerCase().includes(wanted.toLowerCase());
  const offered = data
    .filter(fits)
    .map((project) => ({ value: String(project.id), label: labelOf(project) }));
  const isMissing = value !== 0 && isKnown && chosen === undefined;
  const own = value === 0 ? [] : [{ value: String(value), label }];
  const isOwnOffered = offered.some((option) => option.value === String(value));
  return (
    <Select
      {...inputProps({
        ...props,
        error: props.error ?? (isMissing ? "There is no such project any more." : undefined),
      })}
      searchable
      placeholder="Title or number"
      nothingFoundMessage={
        isFetching || !isSettled ? "Looking…" : "No project has this in its title."
      }
      value={value === 0 ? null : String(value)}
      data={isOwnOffered ? offered : [...own, ...offered]}
      filter={({ options }) =>
        isOwnOffered || wanted === "" ? options : options.slice(own.length)
      }
      searchValue={typed}
      onSearchChange={setTyped}
      withScrollArea={false}
      classNames={{ options: "lg-map-options" }}
      openOnFocus={false}
      onDropdownOpen={() => setIsOpen(true)}
      onDropdownClose={() => setIsOpen(false)}
      onChange={(id) => {
        setPicked(data.find((project) => String(project.id) === id) ?? null);
        onChange(id === null ? 0 : Number(id));
      }}
      allowDeselect={false}
    />
  );
}

function labelOf({ id, title }: Pick<ProjectChoice, "id" | "title">): string {
  return title === "" ? `Project #${id}` : `${title} (#${id})`;
}
