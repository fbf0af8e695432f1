/** What the fields of the SAML and SCIM settings are called on the pages. */

const names: Readonly<Record<string, string>> = {
  domain: "Domains",
  metadata_url: "Metadata URL",
  metadata_xml: "Metadata document",
  idp_provider: "Identity provider",
  mapping_email: "E-mail attribute",
  mapping_first_name: "First name attribute",
  mapping_last_name: "Last name attribute",
  mapping_groups: "Groups attribute",
  nameid_format: "NameID format",
  roles_groups: "Role mappings",
  workspaces_groups: "Workspace mappings",
  projects_groups: "Project mappings",
  user_type_groups: "Seat type mappings",
  manual_role_management: "Manual role management",
  allow_unsolicited: "Sign-on that begins at the identity provider",
  want_assertions_signed: "Signed assertions required",
  want_response_signed: "Signed responses required",
  allow_sha1: "SHA-1 allowed",
  allow_cbc: "CBC encryption allowed",
  disable_password_login: "Password sign-in off",
};

/** The field in words; its own name where it has none. */
export function fieldName(field: string): string {
  return names[field] ?? field;
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
