/**
 * The steps of the set-up: their order, which of them are done, and where somebody left off. What a
 * step saves is on the server; only the place is kept here, in this browser.
 */
import type { SamlSettings } from "../../api/saml-settings.ts";
import { boot } from "../../boot.ts";

/** The steps in order; `key` stands in the address. */
export const steps = [
  { key: "domain", title: "Domains" },
  { key: "provider", title: "Provider" },
  { key: "addresses", title: "Addresses" },
  { key: "metadata", title: "Metadata" },
  { key: "attributes", title: "Attributes" },
  { key: "groups", title: "Groups" },
  { key: "test", title: "Test" },
] as const;

/** The name of a step in the address. */
export type StepKey = (typeof steps)[number]["key"];

/** The step that a text names, or null. */
export function stepOf(text: string | null | undefined): StepKey | null {
  return steps.find(({ key }) => key === text)?.key ?? null;
}

/** The steps beside one. */
export function neighbours(key: StepKey): {
  readonly number: number;
  readonly before: StepKey | null;
  readonly after: StepKey | null;
} {
  const index = steps.findIndex((step) => step.key === key);
  const before = index > 0 ? steps[index - 1] : undefined;
  return { number: index + 1, before: before?.key ?? null, after: steps[index + 1]?.key ?? null };
}

/** Checks that the identity provider is known, so that people can sign in. */
export function isConfigured({ metadata }: SamlSettings): boolean {
  return metadata?.entity_id != null;
}

/** Checks that the settings which a step asks for are there. */
export function isStepDone(settings: SamlSettings, key: StepKey, furthest: StepKey): boolean {
  const isPast = indexOf(key) < indexOf(furthest);
  switch (key) {
    case "domain":
      return settings.domain !== "";
    case "provider":
      return settings.idp_provider !== null;
    case "metadata":
      return isConfigured(settings);
    case "groups":
      return isPast || hasMappings(settings);
    default:
      return isPast;
  }
}

/** Checks that any group is mapped. */
export function hasMappings(settings: SamlSettings): boolean {
  const {
    roles_groups: roles,
    workspaces_groups: workspaces,
    projects_groups: projects,
  } = settings;
  return roles.length + workspaces.length + projects.length > 0;
}

/**
 * Step at which the set-up goes on: the one where it was left, else the first with something missing.
 */
export function nextStep(settings: SamlSettings): StepKey {
  if (settings.domain === "") return "domain";
  if (settings.idp_provider === null) return "provider";
  return isConfigured(settings) ? "attributes" : "addresses";
}

const memoryKey = `labelgate.sso-set-up.${boot.organization.id}`;

/** The step at which the set-up was left in this browser; null where none is under way. */
export function rememberedStep(): StepKey | null {
  return stepOf(read());
}

/** Keeps the step of a set-up that is under way; null once it has ended. */
export function rememberStep(key: StepKey | null): void {
  try {
    if (key === null) window.localStorage.removeItem(memoryKey);
    else window.localStorage.setItem(memoryKey, key);
  } catch {
    // A browser that keeps nothing starts from what is saved on the server.
  }
}

function read(): string | null {
  try {
    return window.localStorage.getItem(memoryKey);
  } catch {
    return null;
  }
}

function indexOf(key: StepKey): number {
  return steps.findIndex((step) => step.key === key);
}
