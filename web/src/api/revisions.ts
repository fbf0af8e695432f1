/** Former settings of SAML and SCIM: who saved what, and having them back (PRODUCT 8.6). */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { revisionsAnswer } from "../../../src/http/openapi/sign-on-answers.ts";
import { get, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

type RevisionPage = z.output<typeof revisionsAnswer>;

/** One save. */
export type Revision = RevisionPage["results"][number];

/** One field that a save changed. Long texts and lists come cut. */
export type FieldChange = Revision["changes"][number];

/** Number of saves on a page. */
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
