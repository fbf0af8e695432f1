/**
 * Stylesheets for Label Studio's pages by role (GATEWAY 10.6; `label-studio-roles.md` D): they hide
 * what the role may not use and links to other hosts. Nothing is protected by them: the policy is.
 *
 * The way back to Labelgate is the version at the end of the menu: of all entries it alone asks the
 * server for a page, `/version` in a new tab, which Labelgate answers by leading to `/user/access`.
 * "Home", "Organization" and "Account & Settings" are hidden, because Label Studio draws pages of
 * its own for them in place, whatever the server answers there.
 */
import type { StudioRole, StudioSwitches } from "./viewer.ts";

const everybody: readonly string[] = [
  // Pages that Label Studio draws in place of Labelgate's.
  ...['[class*="main-menu__item"][href="/"]', '[class*="main-menu__item"][href="/organization"]'],
  ...['a[href^="/user/account"]', '[class*="newsletter-menu-item"]', '[class*="userpic-badge"]'],
  // Links to other hosts.
  ...['a[href^="https://labelstud.io"]', 'a[href^="https://docs.humansignal.com"]'],
  ...['a[href^="https://api.labelstud.io"]', 'a[href^="https://slack.labelstud.io"]'],
  ...['a[href*="github.com/HumanSignal"]', 'a[href^="https://support.humansignal.com"]'],
  ...['a[href^="https://humansignal.com"]', '[data-testid="resources-card"]'],
  ...['[data-testid="regions-panel-learn-more"]', '[data-testid="dm-docs-data-import-link"]'],
];

const settings: readonly string[] = [
  ...['a[href$="/settings"]', 'a[href*="/settings/"]'],
  ...['button[aria-label="Create new project"]', 'button[aria-label="Tasks Actions"]'],
];

const imports: readonly string[] = [
  ...['[data-testid="dm-import-button"]', 'button[aria-label="import button"]'],
  ...['a[href$="/import"]'],
];

const exports: readonly string[] = [
  ...['[data-testid="dm-export-button"]', 'button[aria-label="export button"]'],
  ...['a[href$="/export"]'],
];

const connections: readonly string[] = [
  ...['[data-testid="dm-connect-source-storage-button"]'],
  ...['[data-testid="dm-storage-provider-icons"]'],
  ...['[data-testid="add-source-storage-button-empty-state"]'],
  ...['button[aria-label="Add machine learning model"]'],
  ...['a[href$="/settings/storage"]', 'a[href$="/settings/ml"]', 'a[href$="/settings/webhooks"]'],
];

const othersWork: readonly string[] = ['[data-testid="compare-all-toggle"]'];

/** The version's link, in the words and the shape of a menu entry. */
const wayBack = [
  '[class*="current-version"][href="/version"] { display: block !important; padding: 8px 16px !important; font-size: 0 !important; opacity: 1 !important }',
  '[class*="current-version"][href="/version"]::after { content: "Your access and account"; font-size: 16px }',
];

/** The text of the stylesheet for a role; the same for equal arguments, so that it may be cached. */
export function stylesheet(role: StudioRole, switches: StudioSwitches): string {
  const hidden = [...everybody, ...hiddenFrom(role, switches)];
  return `${[`${hidden.join(",\n")} { display: none !important }`, ...wayBack].join("\n")}\n`;
}

function hiddenFrom(role: StudioRole, switches: StudioSwitches): readonly string[] {
  if (role === "AD") return [];
  if (role === "MA") return switches.managersMayConnect ? [] : connections;
  const mayExport = role === "RE" && switches.reviewersMayExport;
  return [
    ...[...settings, ...imports, ...connections],
    ...(mayExport ? [] : exports),
    ...(role === "AN" && !switches.annotatorsSeeOthers ? othersWork : []),
  ];
}
