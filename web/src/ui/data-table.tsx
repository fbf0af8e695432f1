/**
 * A table of one page of a list that the server pages. Rows stack as facts on a narrow screen. Sorting
 * and searching are the page's: it asks the server and hands in what came.
 */
import "./data-table.css";
import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { memo, type ReactNode } from "react";
import { EmptyState } from "./empty-state.tsx";
import { Loading } from "./loading.tsx";

/** One column. The first is the row's heading. */
export interface Column<Row> {
  /** Empty where every cell holds buttons that say what they do. */
  readonly title: string;
  readonly render: (row: Row) => ReactNode;
  /** As narrow as its content. */
  readonly isNarrow?: boolean;
  /**
   * Name of the order by this column, where the list has one, with "-" before it to begin with the
   * last.
   */
  readonly order?: string;
}

/** Present order of the list and its setter: a column's name, "-" before it for descending. */
export interface Ordering {
  readonly order: string;
  readonly onOrder: (order: string) => void;
}

/** Numbered pages, or only older and newer. */
export type Paging =
  | {
      readonly kind: "numbered";
      readonly page: number;
      readonly pageSize: number;
      readonly count: number;
      readonly onPage: (page: number) => void;
    }
  | {
      readonly kind: "older";
      /** Null on the newest page. */
      readonly onNewest: (() => void) | null;
      /** Null on the last page. */
      readonly onOlder: (() => void) | null;
    };

interface DataTableProps<Row> {
  /** Names the table for screen readers. */
  readonly caption: string;
  /** The same list at each drawing, as long as it draws the same: the rows are drawn again with a new one. */
  readonly columns: readonly Column<Row>[];
  readonly ordering?: Ordering;
  /** Undefined while the first page is on its way. */
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string | number;
  /** True while the next page is on its way and this one still stands. */
  readonly isBusy?: boolean;
  readonly paging?: Paging;
  /** Content in place of no rows. */
  readonly empty?: ReactNode;
}

/** The table with its paging. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, ordering, rows, rowKey, isBusy = false, paging, empty } = props;
  if (rows === undefined) return <Loading lines={6} />;
  if (rows.length === 0 && !isPast(paging)) {
    return empty ?? <EmptyState title="There is nothing here yet." />;
  }
  return (
    <div aria-busy={isBusy} data-busy={isBusy || undefined} className="lg-table-frame">
      <table className="lg-table">
        <caption className="lg-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.title} column={column} ordering={ordering} />
            ))}
          </tr>
        </thead>
        <Body columns={columns} rows={rows} rowKey={rowKey} />
      </table>
      {paging !== undefined && <Pages caption={caption} paging={paging} shown={rows.length} />}
    </div>
  );
}

/** A page beyond the last keeps its way back. */
function isPast(paging: Paging | undefined): boolean {
  if (paging === undefined) return false;
  return paging.kind === "numbered" ? paging.page > 1 : paging.onNewest !== null;
}

type BodyProps<Row> = Pick<DataTableProps<Row>, "columns" | "rowKey"> & {
  readonly rows: readonly Row[];
};

function Rows<Row>({ columns, rows, rowKey }: BodyProps<Row>) {
  return (
    <tbody>
      {rows.map((row) => (
        <tr key={rowKey(row)}>
          {columns.map((column, index) => (
            <Cell key={column.title} column={column} row={row} isFirst={index === 0} />
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** Rows are most of what a page draws: a click that asks for others is answered before they are drawn again. */
const Body = memo(
  Rows,
  (before, now) => before.rows === now.rows && before.columns === now.columns,
) as typeof Rows;

interface HeadingProps<Row> {
  readonly column: Column<Row>;
  readonly ordering: Ordering | undefined;
}

function Heading<Row>({ column: { title, isNarrow, order }, ordering }: HeadingProps<Row>) {
  const look = isNarrow === true ? "lg-shrink" : undefined;
  // A heading without words would be one that readers announce as nothing.
  if (title === "") return <td className={look} />;
  if (order === undefined || ordering === undefined) {
    return (
      <th scope="col" className={look}>
        {title}
      </th>
    );
  }
  const direction = directionOf(order, ordering.order);
  return (
    <th scope="col" className={look} aria-sort={direction}>
      <UnstyledButton
        className="lg-sort"
        onClick={() => ordering.onOrder(ordering.order === order ? reversed(order) : order)}
      >
        {title}
        <span aria-hidden="true">{arrows[direction]}</span>
      </UnstyledButton>
    </th>
  );
}

const arrows = { ascending: " ↑", descending: " ↓", none: " ↕" } as const;

function directionOf(order: string, present: string): keyof typeof arrows {
  if (present !== order && present !== reversed(order)) return "none";
  return present.startsWith("-") ? "descending" : "ascending";
}

function reversed(order: string): string {
  return order.startsWith("-") ? order.slice(1) : `-${order}`;
}

function Cell<Row>({
  column,
  row,
  isFirst,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly isFirst: boolean;
}) {
  const look = column.isNarrow === true ? "lg-shrink" : undefined;
  if (isFirst) {
    return (
      <th scope="row" className={look}>
        {column.render(row)}
      </th>
    );
  }
  return (
    <td className={look} data-label={column.title || undefined}>
      {column.render(row)}
    </td>
  );
}

interface PagesProps {
  readonly caption: string;
  readonly paging: Paging;
  readonly shown: number;
}

function Pages({ caption, paging, shown }: PagesProps) {
  // Two tables of one page have ways of their own.
  const label = `Pages: ${caption}`;
  if (paging.kind === "older") {
    const { onNewest, onOlder } = paging;
    if (onNewest === null && onOlder === null) return null;
    return (
      <Group component="nav" aria-label={label} justify="flex-end" mt="md" gap="sm">
        <Turn label="Newest" onTurn={onNewest} />
        <Turn label="Older" onTurn={onOlder} />
      </Group>
    );
  }
  const { page, pageSize, count, onPage } = paging;
  const first = (page - 1) * pageSize + 1;
  const last = Math.max(1, Math.ceil(count / pageSize));
  return (
    <Group component="nav" aria-label={label} justify="space-between" mt="md" gap="sm">
      <Text size="sm" c="dimmed" role="status">
        {shown === 0
          ? "This page is empty."
          : `${first.toLocaleString()}–${(first + shown - 1).toLocaleString()} of ${count.toLocaleString()}`}
      </Text>
      {last > 1 && (
        <Group gap="sm">
          <Turn label="Previous" onTurn={page > 1 ? () => onPage(page - 1) : null} />
          <Turn label="Next" onTurn={page < last ? () => onPage(page + 1) : null} />
        </Group>
      )}
    </Group>
  );
}

function Turn({ label, onTurn }: { readonly label: string; readonly onTurn: (() => void) | null }) {
  return (
    <Button variant="default" disabled={onTurn === null} onClick={() => onTurn?.()}>
      {label}
    </Button>
  );
}
