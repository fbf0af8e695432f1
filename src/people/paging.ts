/**
 * Pages of a list, as the original's API words them: `page`, `page_size` and the links to the pages
 * before and after.
 *
 * A page beyond the last is empty and no error: the original's SDK asks for pages until one is empty.
 */
import { z } from "zod";
import type { Deps } from "../deps.ts";

const maxPageSize = 1000;
const defaultPageSize = 100;

const positive = (most: number, sentence: string) =>
  z
    .union([z.number(), z.string().regex(/^\d{1,10}$/, sentence)], { error: sentence })
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, { error: sentence })
    .optional();

/** The parameters of every paged list; spread them into the list's own query schema. */
export const pageFields = {
  page: positive(1_000_000, "Send the number of a page, from 1."),
  page_size: positive(maxPageSize, `Send a number from 1 to ${maxPageSize}.`),
};

export interface Page {
  readonly number: number;
  readonly size: number;
  /** Number of entries before the page. */
  readonly offset: number;
}

/** The page that the parameters name: the first of 100 entries unless told. */
export function pageOf(query: {
  readonly page?: number | undefined;
  readonly page_size?: number | undefined;
}): Page {
  const { page: number = 1, page_size: size = defaultPageSize } = query;
  return { number, size, offset: (number - 1) * size };
}

/** The original's envelope of a page. */
export interface PageAnswer<Entry> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Entry[];
}

/** A page with its links, which keep every other parameter of the address asked for. */
export function answerPage<Entry>(
  deps: Deps,
  url: string,
  { page, count, results }: { page: Page; count: number; results: readonly Entry[] },
): PageAnswer<Entry> {
  const isLast = page.offset + page.size >= count;
  return {
    count,
    next: isLast ? null : linkTo(deps, url, page.number + 1),
    previous: page.number === 1 ? null : linkTo(deps, url, page.number - 1),
    results,
  };
}

function linkTo({ config }: Deps, url: string, number: number): string {
  const link = new URL(url, config.baseUrl);
  link.searchParams.set("page", String(number));
  return `${config.baseUrl}${link.pathname}${link.search}`;
}
