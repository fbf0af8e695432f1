/**
 * Stylesheets for Label Studio's pages by role (GATEWAY 10.6; `label-studio-roles.md` D): they hide
 * what the role may not use and links to other hosts. Nothing is protected by them: the policy is.
 *
 * The way back to Labelgate is the menu's "Organization" entry, a full page load. Annotators and
 * Reviewers read "Your access" there, for Labelgate leads them from `/organization` to
 * `/user/access`. "Account & Settings" is hidden, because Label Studio opens its own page for it in
 * place, about names and tokens that are Labelgate's.
 */
import { isWorker } from "./edit-tools.ts";
import type { StudioRole, StudioSwitches } from "./viewer.ts";

const everybody: readonly string[] = [
  // Label Studio opens its own account page by script, whatever Labelgate answers at that address.
  ...['a[href^="/user/account"]', '[class*="newsletter-menu-item"]', '[class*="userpic-badge"]'],
  // Home leads to the project list, which has an entry of its own.
  ...['[class*="main-menu__item"][href="/"]', 'a[href="/version"]'],
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

/** The entry keeps its link; its text gives way to what the link means for this role. */
const accessEntry = [
  '[class*="main-menu__item"][href="/organization"] { font-size: 0 !important }',
  '[class*="main-menu__item"][href="/organization"]::after { content: "Your access"; font-size: 1rem }',
];

/** The text of the stylesheet for a role; the same for equal arguments, so that it may be cached. */
export function stylesheet(role: StudioRole, switches: StudioSwitches): string {
  const hidden = [...everybody, ...hiddenFrom(role, switches)];
  const rules = [`${hidden.join(",\n")} { display: none !important }`];
  return `${[...rules, ...(isWorker(role) ? accessEntry : [])].join("\n")}\n`;
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
