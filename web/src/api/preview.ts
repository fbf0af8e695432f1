/** Who would gain or lose what, were settings saved (PRODUCT 8.1). Nothing is saved by asking. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Change, Reason } from "../../../src/access/changes.ts";
import { post } from "./client.ts";
import type { MappingLists, SamlPatch, SettingsWarning } from "./saml-settings.ts";

/** How many people it concerns, of those whose groups are known. */
export interface PreviewSummary {
  readonly members: number;
  readonly changed: number;
  readonly gaining: number;
  readonly losing: number;
  readonly losing_access: number;
  readonly losing_administrator: number;
}

/** What would become of one person. */
export interface PreviewedPerson {
  readonly user_id: number;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly groups: readonly string[];
  /** Role names; null where the role stays. */
  readonly role: { readonly from: string; readonly to: string } | null;
  readonly loses_access: boolean;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** One page of the answer, those who lose the most first. */
export interface Preview {
  readonly summary: PreviewSummary;
  readonly needs_confirmation: boolean;
  /** What is to be typed before saving. */
  readonly confirmation: string | null;
  readonly results: readonly PreviewedPerson[];
  readonly count: number;
  /** Members whose groups were never told; they are left out. */
  readonly groups_unknown: number;
  readonly warnings: readonly SettingsWarning[];
}

/** Settings that are not saved, of either kind. */
export type Previewed =
  | { readonly kind: "saml"; readonly patch: SamlPatch }
  | { readonly kind: "scim"; readonly patch: Partial<MappingLists> };

/** People on one page. */
export const previewPageSize = 25;

/** One page of the preview. It is computed anew whenever it is opened. */
export function previewQuery({ kind, patch }: Previewed, page: number) {
  return queryOptions({
    queryKey: ["preview", kind, patch, page],
    queryFn: async ({ signal }) =>
      await post<Preview>(`/api/${kind}/settings/preview`, patch, {
        query: { page, page_size: previewPageSize },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
}
