/**
 * Preview of the effects of settings before they are saved (PRODUCT 8.1). Nothing is saved by asking.
 */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { previewAnswer } from "../../../src/http/openapi/sign-on-answers.ts";
import { post } from "./client.ts";
import type { MappingLists, SamlPatch } from "./saml-settings.ts";

/** One page of the answer, those who lose the most first. */
export type Preview = z.output<typeof previewAnswer>;

/** Effects on one person. */
export type PreviewedPerson = Preview["results"][number];

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
