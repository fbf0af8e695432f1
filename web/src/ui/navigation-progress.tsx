/** A thin line while the next page is on its way, shown only where that takes a moment. */
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";

/** Shorter waits are not worth a flicker. */
const patienceMs = 150;

/** Stands once, in the shell. */
export function NavigationProgress() {
  const isPending = useRouterState({ select: ({ status }) => status === "pending" });
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    if (!isPending) {
      setIsShown(false);
      return;
    }
    const timer = setTimeout(() => setIsShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [isPending]);
  return isShown ? (
    <div className="lg-progress" role="progressbar" aria-label="Loading the page" />
  ) : null;
}
