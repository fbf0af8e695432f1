/**
 * Announces a change of page to those who do not see it: the document gets the page's title, and its
 * heading gets the focus, which screen readers then read. The first page of a visit is left alone.
 */
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { boot } from "../boot.ts";

/** The address whose heading had the focus last; the first one has the browser's own. */
let announced: string | null = null;

/** Sets the title; the heading takes the returned ref and `tabIndex={-1}`. */
export function usePageTitle(title: string) {
  // The page that stands, which is not yet the one that is on its way.
  const path = useRouterState({ select: ({ matches }) => matches.at(-1)?.pathname ?? "" });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${boot.organization.title} · Labelgate`;
  }, [title]);
  useEffect(() => {
    if (announced !== null && announced !== path) heading.current?.focus({ preventScroll: true });
    announced = path;
  }, [path]);
  return heading;
}
