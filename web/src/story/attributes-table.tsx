/** Every attribute of a response: its name, its values, and what the settings read it as. */
import { Text } from "@mantine/core";
import type { ReportAttribute } from "../api/trials.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Tag } from "../ui/tag.tsx";

/** More values of one attribute are counted. */
const maxValues = 50;

const readAs = {
  email: "E-mail",
  first_name: "First name",
  last_name: "Last name",
  groups: "Groups",
} as const;

/** The table; a sentence where there are none. */
export function AttributesTable({
  attributes,
}: {
  readonly attributes: readonly ReportAttribute[];
}) {
  if (attributes.length === 0) return <Text c="dimmed">No attributes came.</Text>;
  return (
    <DataTable
      caption="Attributes"
      rows={attributes}
      rowKey={({ name, friendly_name: friendly, values }) =>
        JSON.stringify([name, friendly, values])
      }
      columns={[
        { title: "Attribute", render: (attribute) => <Name {...attribute} /> },
        { title: "Values", render: ({ values }) => <Values values={values} /> },
        {
          title: "Read as",
          isNarrow: true,
          render: ({ mapped_to: to }) =>
            to === null ? <Text c="dimmed">Not used</Text> : <Tag tone="accent">{readAs[to]}</Tag>,
        },
      ]}
    />
  );
}

function Name({ name, friendly_name: friendly }: ReportAttribute) {
  return (
    <>
      <span className="lg-code">{name}</span>
      {friendly !== null && friendly !== name && (
        <Text size="sm" c="dimmed" fw={400}>
          {friendly}
        </Text>
      )}
    </>
  );
}

function Values({ values }: { readonly values: readonly string[] }) {
  if (values.length === 0) return <Text c="dimmed">No value</Text>;
  const shown = [...new Set(values)].slice(0, maxValues);
  const [only] = shown;
  if (shown.length === 1) return <>{only === "" ? "Empty" : only}</>;
  return (
    <ul className="lg-changes">
      {shown.map((value) => (
        <li key={value}>{value === "" ? "Empty" : value}</li>
      ))}
      {values.length > shown.length && <li>and {values.length - shown.length} more</li>}
    </ul>
  );
}
