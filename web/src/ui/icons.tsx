/** The app's icons: small line drawings, decoration only, so that screen readers pass them by. */
import type { ReactNode, SVGProps } from "react";

type IconProps = SVGProps<SVGSVGElement>;

function Icon({ children, ...props }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="18"
      height="18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...props}
    >
      {children}
    </svg>
  );
}

/** Single sign-on. */
export function KeyholeIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M6.5 2.5h7l3 4v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9z" />
      <circle cx="10" cy="9" r="1.7" />
      <path d="M10 10.7v3" />
    </Icon>
  );
}

/** Label Studio. */
export function LabelIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M3 3h6.5l7.5 7.5-6.5 6.5L3 9.5z" />
      <circle cx="6.8" cy="6.8" r="1" />
    </Icon>
  );
}

/** Provisioning. */
export function SyncIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M3.5 8.5a6.7 6.7 0 0 1 12.3-1.7M16.5 3v4h-4M16.5 11.5a6.7 6.7 0 0 1-12.3 1.7M3.5 17v-4h4" />
    </Icon>
  );
}

/** A log. */
export function LogIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M7.5 5h9M7.5 10h9M7.5 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01" />
    </Icon>
  );
}

/** Inspecting a response. */
export function InspectIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="9" cy="9" r="5.5" />
      <path d="m13 13 4 4" />
    </Icon>
  );
}

/** Members. */
export function PeopleIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="7.5" cy="7" r="3" />
      <path d="M2 16.5c.4-3 2.7-4.5 5.5-4.5s5.1 1.5 5.5 4.5M13 4.3a3 3 0 0 1 0 5.4M15 12.5c1.8.6 2.8 2 3 4" />
    </Icon>
  );
}

/** Workspaces. */
export function WorkspaceIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3" y="3" width="6" height="6" rx="1.2" />
      <rect x="11" y="3" width="6" height="6" rx="1.2" />
      <rect x="3" y="11" width="6" height="6" rx="1.2" />
      <rect x="11" y="11" width="6" height="6" rx="1.2" />
    </Icon>
  );
}

/** Projects. */
export function ProjectIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M2.5 6a1.5 1.5 0 0 1 1.5-1.5h4l2 2h6A1.5 1.5 0 0 1 17.5 8v6.5A1.5 1.5 0 0 1 16 16H4a1.5 1.5 0 0 1-1.5-1.5z" />
    </Icon>
  );
}

/** The activity log. */
export function ActivityIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M2.5 10.5h3.5l2.5-6 3.5 11 2.5-5h3" />
    </Icon>
  );
}

/** Settings. */
export function GearIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
      <circle cx="12" cy="6" r="2" />
      <circle cx="8" cy="14" r="2" />
    </Icon>
  );
}

/** Copy. */
export function CopyIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="7" y="7" width="10" height="10" rx="2" />
      <path d="M13 4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13" />
    </Icon>
  );
}

/** Done, passed. */
export function CheckIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m4 10.5 4 4 8-9" />
    </Icon>
  );
}

/** Failed, or take away. */
export function CrossIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m5 5 10 10M15 5 5 15" />
    </Icon>
  );
}

/** Worth a look. */
export function WarnIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M10 3 2.5 16.5h15zM10 8.5v3.5M10 14.2h.01" />
    </Icon>
  );
}

/** Worth knowing. */
export function InfoIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="10" cy="10" r="7.2" />
      <path d="M10 9.2v4.3M10 6.5h.01" />
    </Icon>
  );
}

/** Not reached, nothing. */
export function DashIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M5.5 10h9" />
    </Icon>
  );
}

/** Add. */
export function PlusIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M10 4v12M4 10h12" />
    </Icon>
  );
}

/** Delete. */
export function TrashIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M3.5 5.5h13M8 5V3.5h4V5M5 5.5l.8 11h8.4l.8-11M8.3 8.5v5M11.7 8.5v5" />
    </Icon>
  );
}

/** Opens downwards. */
export function ChevronIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m5.5 8 4.5 4.5L14.5 8" />
    </Icon>
  );
}

/** The mark of the server-rendered pages: a hang-tag with a keyhole. */
export function Mark(props: IconProps) {
  return (
    <svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true" focusable="false" {...props}>
      <path
        fill="var(--lg-accent)"
        d="M8.2 2h11.6a2 2 0 0 1 1.6.8l4.2 5.6a2 2 0 0 1 .4 1.2V24a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9.6a2 2 0 0 1 .4-1.2l4.2-5.6A2 2 0 0 1 8.2 2z"
      />
      <path
        fill="var(--lg-card)"
        d="M14 8.5a3.6 3.6 0 0 1 1.9 6.66L17 21h-6l1.1-5.84A3.6 3.6 0 0 1 14 8.5z"
      />
    </svg>
  );
}
