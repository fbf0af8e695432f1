/** Settings of the organization: title, role of new members, seats (PRODUCT 1.1, 1.7). */
import "./settings.css";
import { NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { orgRoles, roleName, roleRank } from "../../../../src/access/roles.ts";
import { type Organization, saveDefaultRole, saveOrganization } from "../../api/organization.ts";
import { boot, may } from "../../boot.ts";
import { Section } from "../../ui/section.tsx";
import { SettingForm } from "./setting-form.tsx";

interface Props {
  readonly organization: Organization;
}

const ownerOnly = may("organization:write") ? null : "Only the Owner changes this.";

/** The title. */
export function Title({ organization: { title } }: Props) {
  const [typed, setTyped] = useState(title);
  return (
    <Section title="Organization">
      <SettingForm
        isChanged={typed.trim() !== title && typed.trim() !== ""}
        whyNot={ownerOnly}
        onSave={() => saveOrganization({ title: typed })}
        done="The organization has a new title."
        undo={async () => {
          await saveOrganization({ title });
          setTyped(title);
        }}
      >
        <TextInput
          label="Title"
          description="Stands on the sign-in page and in invitations."
          maxLength={256}
          readOnly={ownerOnly !== null}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </SettingForm>
    </Section>
  );
}

const defaults = orgRoles.filter(
  (role) => role !== "OW" && role !== "DI" && roleRank(role) <= roleRank(boot.user.role),
);

/** The role of those to whom nothing else gives one. */
export function DefaultRole({ organization: { default_role: saved } }: Props) {
  const [chosen, setChosen] = useState(saved);
  const offered = defaults.includes(saved) ? defaults : [saved, ...defaults];
  return (
    <Section title="New members">
      <SettingForm
        isChanged={chosen !== saved}
        whyNot={may("default_role:write") ? null : "Your role does not change this."}
        onSave={() => saveDefaultRole(chosen)}
        done={`New members are ${roleName(chosen)} from now on.`}
        undo={async () => {
          await saveDefaultRole(saved);
          setChosen(saved);
        }}
      >
        <Select
          label="Default role"
          description="For those who join and whose groups are mapped to no role. Members keep what they have."
          allowDeselect={false}
          data={offered.map((role) => ({ value: role, label: roleName(role) }))}
          value={chosen}
          onChange={(role) => role !== null && setChosen(role)}
        />
      </SettingForm>
    </Section>
  );
}

/** Form of the seat limit. */
export function SeatLimit({ organization }: Props) {
  const { seat_limit: saved = null, seats_used: used = 0 } = organization;
  const [typed, setTyped] = useState<number | null>(saved);
  const people = used === 1 ? "1 seat is" : `${used.toLocaleString()} seats are`;
  return (
    <Section
      title="Seats"
      lead={`${people} used. Everybody counts who is neither Not Activated nor Deactivated.`}
    >
      <SettingForm
        isChanged={typed !== saved}
        whyNot={ownerOnly}
        onSave={() => saveOrganization({ seat_limit: typed })}
        done={
          typed === null
            ? "There is no limit of seats now."
            : `There are ${typed} seats from now on.`
        }
        undo={async () => {
          await saveOrganization({ seat_limit: saved });
          setTyped(saved);
        }}
      >
        <NumberInput
          label="Limit of seats"
          description="Empty for no limit. Where all are taken, a new person waits as Not Activated."
          min={1}
          max={1_000_000_000}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator
          readOnly={ownerOnly !== null}
          hideControls={ownerOnly !== null}
          placeholder="No limit"
          value={typed ?? ""}
          onChange={(value) => setTyped(typeof value === "number" ? value : null)}
        />
      </SettingForm>
      {typed !== null && typed < used && (
        <span role="status">
          More seats are used than that. Whoever is in stays in; nobody new gets a seat until enough
          are free.
        </span>
      )}
    </Section>
  );
}
