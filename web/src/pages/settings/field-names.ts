/** Labels of the fields of the SAML and SCIM settings. */
import { samlRowByField } from "../../../../src/access/settings-table.ts";

/** The field in words; its own name where it has none. */
export function fieldName(field: string): string {
  return samlRowByField.get(field)?.title ?? field;
}

/** A value as text, the way that the pages show it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "Not set";
  if (value === true) return "On";
  if (value === false) return "Off";
  if (Array.isArray(value)) return value.map(String).join(" ← ");
  if (typeof value === "object") {
    const { project_id: id, group, role } = value as Readonly<Record<string, unknown>>;
    return `#${String(id)} as ${String(role)} ← ${String(group)}`;
  }
  return value === "" ? "Empty" : String(value);
}
