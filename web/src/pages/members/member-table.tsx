/** The members of one page: role with its source, last sign-in, password, and what can be done. */
import { Group, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Member } from "../../api/members.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PersonLink, personName } from "../../ui/person-name.tsx";
import { RoleBadge } from "../../ui/role-badge.tsx";
import { SourceBadge } from "../../ui/source-badge.tsx";
import { Tag } from "../../ui/tag.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { MemberActions } from "./member-actions.tsx";
import { type MemberChange, MemberDialogs } from "./member-dialogs.tsx";
import { type Rights, rightsOver } from "./member-rights.ts";

interface MemberTableProps {
  /** Undefined while the first page is on its way. */
  readonly rows: readonly Member[] | undefined;
  readonly count: number;
  readonly page: number;
  readonly pageSize: number;
  readonly isBusy: boolean;
  /** Groups alone give roles here. */
  readonly isManaged: boolean;
}

/** The table; its order and page stand in the address. */
export function MemberTable({ rows, count, page, pageSize, isBusy, isManaged }: MemberTableProps) {
  const { search, set } = useSearchState();
  // One question at a time, so that no row carries dialogs of its own.
  const [asked, setAsked] = useState<Asked | null>(null);
  const columns = useMemo(
    () => [...memberColumns, actionsColumn(isManaged, setAsked)],
    [isManaged],
  );
  return (
    <>
      <DataTable
        caption="Members"
        columns={columns}
        ordering={{
          order: search["order"] ?? "email",
          onOrder: (order) => set({ order, page: "" }),
        }}
        rows={rows}
        rowKey={({ id }) => id}
        isBusy={isBusy}
        paging={{
          kind: "numbered",
          page,
          pageSize,
          count,
          onPage: (next) => set({ page: next === 1 ? "" : String(next) }),
        }}
        empty={
          <EmptyState title="Nobody matches.">
            Search for less, or show every role and every source.
          </EmptyState>
        }
      />
      {asked !== null && (
        <MemberDialogs
          subject={subjectOf(asked.member)}
          rights={rightsOf(asked.member, isManaged)}
          open={asked.change}
          onClose={() => setAsked({ ...asked, change: null })}
        />
      )}
    </>
  );
}

const memberColumns: readonly Column<Member>[] = [
  { title: "Person", render: ({ user }) => <PersonLink person={user} />, order: "email" },
  { title: "Role", render: (member) => <Role member={member} />, order: "role" },
  {
    title: "Last sign-on",
    render: ({ last_sign_in_at: at }) => <TimeAgo at={at} />,
    order: "-last_sign_in_at",
  },
  {
    title: "Password",
    isNarrow: true,
    render: ({ has_password: has }) =>
      has ? (
        <Tag tone="warn">Has one</Tag>
      ) : (
        <Text component="span" c="dimmed">
          None
        </Text>
      ),
  },
];

function actionsColumn(isManaged: boolean, onAsk: (asked: Asked) => void): Column<Member> {
  return {
    title: "Actions",
    isNarrow: true,
    render: (member) => (
      <MemberActions
        member={member}
        rights={rightsOf(member, isManaged)}
        onChange={(change) => onAsk({ member, change })}
      />
    ),
  };
}

interface Asked {
  readonly member: Member;
  /** Null once it is answered, while the dialog goes. */
  readonly change: MemberChange | null;
}

function subjectOf({ user, role }: Member) {
  return { userId: user.id, role, name: personName(user) };
}

function rightsOf(member: Member, isManaged: boolean): Rights {
  return rightsOver(subjectOf(member), isManaged);
}

function Role({ member: { role, role_source: source } }: { readonly member: Member }) {
  return (
    <Group gap={6} display="inline-flex">
      <RoleBadge role={role} />
      <SourceBadge source={source} />
    </Group>
  );
}
