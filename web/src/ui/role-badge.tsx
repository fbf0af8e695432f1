/** A role of the organization, by its display name. */
import { type OrgRole, roleName } from "../../../src/access/roles.ts";
import { Tag, type Tone } from "./tag.tsx";

const tones: Readonly<Record<OrgRole, Tone>> = {
  OW: "accent",
  AD: "accent",
  MA: "accent",
  RE: "plain",
  AN: "plain",
  NO: "warn",
  DI: "bad",
};

/** The role's name in its colour. */
export function RoleBadge({ role }: { readonly role: OrgRole }) {
  return <Tag tone={tones[role]}>{roleName(role)}</Tag>;
}
