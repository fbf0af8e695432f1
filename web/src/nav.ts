/** The menu: what stands in it, in which order, and for whom. */
import type { FC, SVGProps } from "react";
import type { Action } from "../../src/access/authorize.ts";
import { may } from "./boot.ts";
import {
  ActivityIcon,
  GearIcon,
  InspectIcon,
  KeyholeIcon,
  LabelIcon,
  LogIcon,
  PeopleIcon,
  ProjectIcon,
  SyncIcon,
  WorkspaceIcon,
} from "./ui/icons.tsx";

interface NavEntry {
  readonly label: string;
  readonly to:
    | "/organization/security/sso"
    | "/organization/security/scim"
    | "/organization/security/sign-ins"
    | "/organization/security/inspect"
    | "/organization/members"
    | "/organization/workspaces"
    | "/organization/projects"
    | "/organization/activity"
    | "/organization/label-studio"
    | "/organization/settings";
  readonly action: Action;
  readonly icon: FC<SVGProps<SVGSVGElement>>;
}

interface NavGroup {
  readonly title: string;
  readonly entries: readonly NavEntry[];
}

const groups: readonly NavGroup[] = [
  {
    title: "Security",
    entries: [
      {
        label: "SSO & SAML",
        to: "/organization/security/sso",
        action: "saml_settings:read",
        icon: KeyholeIcon,
      },
      {
        label: "SCIM",
        to: "/organization/security/scim",
        action: "scim_settings:read",
        icon: SyncIcon,
      },
      {
        label: "Sign-in log",
        to: "/organization/security/sign-ins",
        action: "sign_in_log:read",
        icon: LogIcon,
      },
      {
        label: "Inspect",
        to: "/organization/security/inspect",
        action: "saml_settings:read",
        icon: InspectIcon,
      },
    ],
  },
  {
    title: "People and places",
    entries: [
      {
        label: "Members",
        to: "/organization/members",
        action: "members:read",
        icon: PeopleIcon,
      },
      {
        label: "Workspaces",
        to: "/organization/workspaces",
        action: "workspace_members:read",
        icon: WorkspaceIcon,
      },
      {
        label: "Projects",
        to: "/organization/projects",
        action: "project_members:read",
        icon: ProjectIcon,
      },
    ],
  },
  {
    title: "Organization",
    entries: [
      {
        label: "Activity log",
        to: "/organization/activity",
        action: "activity_log:read",
        icon: ActivityIcon,
      },
      {
        label: "Label Studio",
        to: "/organization/label-studio",
        action: "upstream:read",
        icon: LabelIcon,
      },
      {
        label: "Settings",
        to: "/organization/settings",
        action: "organization:read",
        icon: GearIcon,
      },
    ],
  },
];

/** The menu of whoever is here; groups without an entry are left out. */
export const navGroups: readonly NavGroup[] = groups
  .map(({ title, entries }) => ({ title, entries: entries.filter(({ action }) => may(action)) }))
  .filter(({ entries }) => entries.length > 0);

/**
 * Path that the app opens with: the first entry of the menu. The server lets in nobody who has none.
 */
export function firstPath(): NavEntry["to"] {
  return navGroups[0]?.entries[0]?.to ?? "/organization/projects";
}
