/** Former settings of SAML and SCIM: who saved what, and having them back (PRODUCT 8.6). */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** One field that a save changed. Long texts and lists come cut. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly is_cut: boolean;
  /** Of a list, what came and what went. */
  readonly added?: readonly unknown[];
  readonly removed?: readonly unknown[];
}

/** One save. */
export interface Revision {
  readonly id: number;
  readonly kind: "saml" | "scim";
  readonly at: string;
  /** Null where no person did it, or one who is gone. */
  readonly actor: { readonly id: number; readonly email: string; readonly name: string } | null;
  readonly changes: readonly FieldChange[];
  /** The settings are as this save left them. */
  readonly is_current: boolean;
}

interface RevisionPage {
  /** The address of the next page, or null on the last. */
  readonly next: string | null;
  readonly results: readonly Revision[];
}

/** How many saves a page shows. */
const pageSize = 10;

/** One page of the saves, latest first; `before` is the id that the page comes after. */
export function revisionsQuery(kind: Revision["kind"], before: string) {
  return queryOptions({
    queryKey: ["revisions", kind, before],
    queryFn: async ({ signal }) => {
      const query = { kind, before, page_size: pageSize };
      return await get<RevisionPage>("/api/saml/settings/revisions", { query, signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** Saves the settings as they were after the revision, or before it. @throws ApiError as saving would */
export async function restoreRevision(id: number, state: "after" | "before"): Promise<void> {
  await post(`/api/saml/settings/revisions/${id}/restore`, {}, { query: { state } });
  // Whatever page comes next shows what holds now: mappings, switches, warnings, explanations.
  await queryClient.invalidateQueries();
}
