/** The warnings of the record: each in its colour, gravest first, with the way to what fixes it. */
import { Button, Stack, VisuallyHidden } from "@mantine/core";
import { samlRowByField } from "../../../../src/access/settings-table.ts";
import type { SettingsWarning } from "../../api/saml-settings.ts";
import { ButtonLink } from "../../ui/links.tsx";
import { Notice } from "../../ui/notice.tsx";
import type { Tone } from "../../ui/tag.tsx";

const weakenings = [...samlRowByField.values()].flatMap(({ weakens }) => weakens ?? []);

/** Those that let attackers in, or people out. Whatever else comes is worth a look only. */
const grave: ReadonlySet<string> = new Set([
  ...weakenings.map(({ code }) => code),
  ...["ssl_validation_off", "nobody_can_sign_in"],
  ...["metadata_unusable", "certificate_unusable", "certificate_expired", "no_groups_attribute"],
]);

const mild: ReadonlySet<string> = new Set([
  "no_groups_mapped",
  "preset_proposed",
  "names_detected",
]);

/** Short titles of the kinds of warning. */
const titles: Readonly<Record<string, string>> = {
  owner_sign_in_suspended: "The Owner cannot sign in by single sign-on",
  ssl_validation_off: "Metadata is fetched without checking who answers",
  ...Object.fromEntries(weakenings.map(({ code, title }) => [code, title])),
  nobody_can_sign_in: "Nobody can sign in",
  metadata_unread: "The metadata URL could not be read",
  metadata_unusable: "The metadata cannot be used",
  metadata_xml_superseded: "A metadata text stands beside the URL",
  metadata_ends: "The metadata is about to end",
  certificate_unusable: "A signing certificate cannot be used",
  certificate_expired: "A signing certificate has expired",
  certificate_expiring: "A signing certificate is about to expire",
  names_detected: "Attribute names are detected",
  preset_proposed: "Other attribute names fit better",
  group_object_id: "A group looks like an object id",
  group_outer_space: "A group has a space at its end",
  group_near_miss: "Two groups differ only by case or space",
  no_groups_mapped: "No group is mapped",
  groups_unknown: "Some people come without their groups",
  no_groups_attribute: "No attribute names the groups",
  workspace_near_miss: "A workspace has nearly this title",
  roles_differ_from_scim: "SAML and SCIM give different roles",
};

/** The colour of a warning. */
export function toneOf({ code }: SettingsWarning): Tone {
  if (grave.has(code)) return "bad";
  return mild.has(code) ? "accent" : "warn";
}

const order: readonly Tone[] = ["bad", "warn", "accent"];

interface WarningListProps {
  readonly warnings: readonly SettingsWarning[];
  /** Goes to the field that fixes it. */
  readonly onMend?: (field: string) => void;
}

/** Every warning; nothing where there is none. */
export function WarningList({ warnings, onMend }: WarningListProps) {
  if (warnings.length === 0) return null;
  const sorted = warnings.toSorted(
    (left, right) => order.indexOf(toneOf(left)) - order.indexOf(toneOf(right)),
  );
  return (
    <Stack gap="sm" component="ul" className="lg-plain-list">
      {sorted.map((warning) => (
        <li key={`${warning.code} ${warning.message}`}>
          <Notice
            tone={toneOf(warning)}
            {...(titles[warning.code] !== undefined && { title: `${titles[warning.code]}.` })}
            action={onMend && <Mend warning={warning} onMend={onMend} />}
          >
            {warning.message}
          </Notice>
        </li>
      ))}
    </Stack>
  );
}

/** Passwords are the organization's affair, and have their switch among its settings. */
function Mend({
  warning: { code, field },
  onMend,
}: {
  readonly warning: SettingsWarning;
  readonly onMend: (field: string) => void;
}) {
  if (field === "disable_password_login") {
    return (
      <ButtonLink to="/organization/settings" variant="default">
        Go to the settings
      </ButtonLink>
    );
  }
  return (
    <Button variant="default" onClick={() => onMend(field)}>
      Mend this
      <VisuallyHidden>: {titles[code] ?? field}</VisuallyHidden>
    </Button>
  );
}
