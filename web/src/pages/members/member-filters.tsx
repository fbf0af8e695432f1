/** Filters of the list of members, all kept in the address. */
import { Checkbox, Select } from "@mantine/core";
import { orgRoles, roleName } from "../../../../src/access/roles.ts";
import { Filters } from "../../ui/filters.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";

const sources = [
  { value: "manual", label: "By hand" },
  { value: "saml", label: "SAML group" },
  { value: "scim", label: "SCIM" },
  { value: "api", label: "API" },
];

/** Search, role, source, passwords. */
export function MemberFilters() {
  const { search, set } = useSearchState();
  const choose = (name: string) => (value: string | null) => set({ [name]: value ?? "", page: "" });
  const names = ["role", "source", "password"];
  const isFiltered = names.some((name) => (search[name] ?? "") !== "");
  const clear = () => set({ role: "", source: "", password: "", page: "" });
  return (
    <Filters label="Filter the members" onClear={isFiltered ? clear : null}>
      <SearchField
        label="Search members"
        placeholder="Name or e-mail address"
        value={search["search"] ?? ""}
        onSearch={choose("search")}
      />
      <Select
        aria-label="Role"
        placeholder="Every role"
        clearable
        clearButtonProps={{ "aria-label": "Show every role" }}
        data={orgRoles.map((role) => ({ value: role, label: roleName(role) }))}
        value={search["role"] ?? null}
        onChange={choose("role")}
      />
      <Select
        aria-label="Source of the role"
        placeholder="Every source"
        clearable
        clearButtonProps={{ "aria-label": "Show every source" }}
        data={sources}
        value={search["source"] ?? null}
        onChange={choose("source")}
      />
      <Checkbox
        label="Has a password"
        mb={8}
        checked={search["password"] === "yes"}
        onChange={(event) => choose("password")(event.currentTarget.checked ? "yes" : null)}
      />
    </Filters>
  );
}
