/**
 * Facts that the server sends with the document: the person signed in, the actions of their role, the
 * site's address. Read once from meta elements; http/web-app.ts writes them.
 */
import type { Action } from "../../src/access/authorize.ts";
import type { OrgRole } from "../../src/access/roles.ts";

/** The facts of this visit. They hold until the page is loaded anew. */
export interface Boot {
  readonly user: {
    readonly id: number;
    readonly email: string;
    /** May be empty. */
    readonly name: string;
    readonly role: OrgRole;
  };
  readonly organization: { readonly id: number; readonly title: string };
  /** BASE_URL, without a slash at its end. */
  readonly base_url: string;
  /** The origin at which Label Studio is shown; null where none is connected. */
  readonly studio_url: string | null;
  readonly may: readonly Action[];
  /** The server's switches (PRODUCT 5); an organization may override the first in its settings. */
  readonly flags: {
    readonly manual_role_management: boolean;
    readonly manual_workspace_management: boolean;
    readonly manual_project_member_management: boolean;
  };
}

function metaContent(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** The facts of this visit. */
export const boot = JSON.parse(metaContent("labelgate-boot")) as Boot;

/** The form token, which every unsafe request carries. */
export const csrfToken = metaContent("csrf-token");

/** The nonce that style elements made by the app carry; browsers hide the attribute, not the property. */
export const styleNonce =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

const allowed: ReadonlySet<Action> = new Set(boot.may);

/**
 * Checks whether the role of the person signed in allows an action of the permission table. The API
 * decides anyhow.
 */
export function may(action: Action): boolean {
  return allowed.has(action);
}
